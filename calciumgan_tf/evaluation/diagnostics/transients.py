"""The mean transient of each neuron, found without a deconvolution."""

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row, ratio

JUMP_SECONDS = 0.2  # trace averaged before and after a frame, against noise
THRESHOLD = 4.0  # robust SDs of the jump
BEFORE_SECONDS, AFTER_SECONDS = 0.5, 2.0
MAD_TO_SD = 1.4826  # of a normal distribution
FEWEST = 5  # transients in the training part, below which a neuron is left out


class Transients:
    """Mean trace around upward jumps."""

    rows = (
        Row(
            "transient", "share of its peak", "Do transients rise and fall in the same way?",
            "Mean trace from 0.5 s before to 2 s after an upward jump, over its level before the jump, divided by the "
            "peak of the same mean in the training part. A jump is a local maximum of the difference between the means "
            "of 0.2 s after and before a frame, where that is above four of its own robust standard deviations in the "
            "training part. Root mean square over neurons and frames; neurons with fewer than five jumps in the "
            "training part are left out. No deconvolution is involved.",
            "defined in this project", "time reversed",
        ),
    )  # fmt: skip

    def __init__(self, context: Context):
        """Takes thresholds and peaks from the training part."""
        rate, frames = context.frame_rate, context.frames
        self._frame_rate = rate
        self._half = int(np.clip(round(JUMP_SECONDS * rate), 1, max(1, frames // 8)))
        self._before = int(np.clip(round(BEFORE_SECONDS * rate), self._half, max(self._half, frames // 6)))
        self._after = int(np.clip(round(AFTER_SECONDS * rate), self._half, max(self._half, frames // 3)))
        self._threshold = np.empty(context.neurons)
        for neuron in range(context.neurons):
            jump = self._jumps(context.training[:, :, neuron : neuron + 1])[:, self._half : frames - self._half + 1]
            self._threshold[neuron] = THRESHOLD * MAD_TO_SD * np.median(np.abs(jump - np.median(jump)))
        self._peak, self._kept = np.ones(context.neurons), np.ones(context.neurons, bool)
        means = self.sums(context.training, None).mean(axis=0)
        shape, number = self._shapes(means[None])
        self._kept = number[0] * len(context.training) >= FEWEST
        self._peak = np.where(self._kept, np.maximum(shape[0].max(axis=0), 1e-12), 1.0)

    def _jumps(self, traces):
        """Mean of the frames from t on less that of the frames before t, (window, frame, neuron)."""
        k = self._half
        mean = uniform_filter1d(traces.astype(np.float64), k, axis=1, origin=-(k // 2), mode="nearest")
        jump = np.zeros_like(mean)
        jump[:, k : mean.shape[1] - k + 1] = mean[:, k : mean.shape[1] - k + 1] - mean[:, : mean.shape[1] - 2 * k + 1]
        return jump

    def sums(self, traces, events):
        """Number of jumps and sums of the traces around them, (window, (1 + before + after) x neuron)."""
        jump = self._jumps(traces)
        first, last = self._before, traces.shape[1] - self._after
        highest = jump == maximum_filter1d(jump, 2 * self._half + 1, axis=1)
        found = highest & (jump > self._threshold)
        window, frame, neuron = np.nonzero(found[:, first : last + 1])
        frame += first
        total = np.zeros((len(traces), 1 + self._before + self._after, traces.shape[2]))
        np.add.at(total[:, 0], (window, neuron), 1)
        for place in range(self._before + self._after):
            np.add.at(total[:, 1 + place], (window, neuron), traces[window, frame - self._before + place, neuron])
        return total.reshape(len(traces), -1)

    def _shapes(self, means):
        """Mean transients (resample, frame, neuron), dF/F, and the number of jumps a window (resample, neuron)."""
        parts = means.reshape(len(means), 1 + self._before + self._after, -1)
        shape = ratio(parts[:, 1:], parts[:, :1])
        level = shape[:, self._before - self._half : self._before].mean(axis=1, keepdims=True)
        return shape - level, parts[:, 0]

    def values(self, means):
        """Mean transients over their peaks in the training part; 0 for a set without any jump."""
        shape, _ = self._shapes(means)
        kept = (shape / self._peak)[:, :, self._kept]
        return {"transient": kept.reshape(len(means), -1)}

    def curve(self, means) -> tuple:
        """For figures: time from the jump, s, and the mean transient of each neuron, dF/F (frame, neuron)."""
        shape, _ = self._shapes(means[None])
        return (np.arange(shape.shape[1]) - self._before) / self._frame_rate, shape[0][:, self._kept]
