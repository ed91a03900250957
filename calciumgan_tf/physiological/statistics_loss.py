"""Spike statistics of generated traces as a loss: differentiable stand-ins for rates and covariances of spikes.

Both sides, the training part and the generated windows, are seen through the same views:

- innovations: what is new in a frame, x_t - g x_(t-1). Observation noise is in them, but no neurons share it, so that
  their covariance is that of events of exactly the same frame;
- events: the jump of the trace averaged over some frames, through a sigmoid around the smallest event;
- events averaged over bins of ever more frames, from those of the evaluated correlations to a whole window: how much
  rates go up and down, alone and together, on each time scale.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from calciumgan_tf.errors import InputError

JUMP_SECONDS = 0.2  # trace averaged before and after a jump, against noise
BIN_SECONDS, BIN_FACTOR = 0.5, 4  # the shortest bin, and from one to the next
THRESHOLD, SHARPNESS = 1.2, 8.0  # of the sigmoid, in units of the smallest event
PAIRS = 16.0  # weight of covariances beside means, whose differences are larger
LEAST_SHARE = 0.05  # of an innovation's variance that is taken to be events at least
LEAST_SCALE = 0.02  # SD of events that are rarer still, so that few of them do not count more than all others


@dataclasses.dataclass(frozen=True)
class Moments:
    """Of one view. Attributes: mean (neuron,), covariance (neuron, neuron), scale (neuron,): SD that events make."""

    mean: tf.Tensor
    covariance: tf.Tensor
    scale: tf.Tensor


class StatisticsLoss:
    """Squared differences between the moments of generated windows and of the training part.

    Attributes:
      targets: Moments of each view in the training part.
    """

    def __init__(self, recording, blocks, settings, scaling, window_frames):
        """Measures the training part, two windows at a time so that little memory is needed.

        Args:
          recording: Recording.
          blocks: (first, after last) frames of the training part.
          settings: spikes.deconvolution.Settings of the training part.
          scaling: Scaling; what the loss will be given is scaled.
          window_frames: frames of the windows it will be given.

        Raises:
          InputError: windows too short to see events in.
        """
        self._scaling, self._decay = scaling, settings.g
        self._s_min = settings.s_min.astype(np.float32)
        self._jump = max(1, round(JUMP_SECONDS * recording.frame_rate))
        if window_frames < 4 * self._jump:
            raise InputError(
                f"--window_frames={window_frames} is too short for the spike loss at {recording.frame_rate:g} Hz",
                f"take at least {4 * self._jump}, or --spike_loss=0",
            )
        longest, size = window_frames - 2 * self._jump + 1, round(BIN_SECONDS * recording.frame_rate)
        self._bins = [1]
        while size <= longest:
            self._bins += [size] if size > 1 else []
            size = max(size, 1) * BIN_FACTOR
        views, neurons = 1 + len(self._bins), recording.neurons
        counts, values = np.zeros(views), np.zeros((views, neurons))
        products = np.zeros((views, neurons, neurons))
        for start, stop in blocks:
            for first in range(start, stop - window_frames + 1, 2 * window_frames):
                traces = tf.constant(recording.traces[first : min(first + 2 * window_frames, stop)])[None]
                for number, view in enumerate(self._views(traces, overlapping=True)):
                    counts[number] += view.shape[1]
                    values[number] += tf.reduce_sum(view[0], 0).numpy()
                    products[number] += tf.matmul(view[0], view[0], transpose_a=True).numpy()
        noise = settings.noise**2 * (1 + settings.g**2)  # variance in an innovation
        self.targets = []
        for number, count in enumerate(counts):
            mean, covariance = values[number] / count, products[number]
            covariance /= count
            covariance -= np.outer(mean, mean)
            variance, floor = np.diag(covariance), LEAST_SCALE**2
            if number == 0:
                variance, floor = variance - noise, LEAST_SHARE * variance
            moments = (mean, covariance, np.sqrt(np.maximum(variance, floor)))
            self.targets.append(Moments(*(tf.cast(one, tf.float32) for one in moments)))

    def _views(self, traces, overlapping=False):
        """dF/F (example, frame, neuron) to views (example, frame or bin, neuron).

        First innovations, then events in bins of each size.
        """
        k = self._jump
        yield traces[:, 1:] - self._decay * traces[:, :-1]
        stretch = tf.nn.avg_pool1d(traces, k, 1, "VALID")
        jump = (stretch[:, k:] - self._decay**k * stretch[:, :-k]) * k / sum(self._decay**i for i in range(k))
        events = tf.sigmoid(SHARPNESS * (jump / self._s_min - THRESHOLD))
        for size in self._bins:
            yield _binned(events, size, overlapping)

    def __call__(self, windows):
        """Loss of scaled windows (example, frame, neuron), two examples or more: a scalar.

        Each squared difference is the product of the differences of the two halves of the examples. Sampling noise,
        which the halves do not share, does not count: the loss is 0 on average where the moments agree.
        """
        loss = 0.0
        views = self._views(windows * self._scaling.scale + self._scaling.shift)
        for number, (target, view) in enumerate(zip(self.targets, views)):
            halves = [_moments(tf.reshape(half, [-1, half.shape[-1]])) for half in tf.split(view, 2)]
            pair = [(c - target.covariance) / target.scale[:, None] / target.scale for _, c in halves]
            # Covariances of a neuron with the population, and of single pairs where those are not too noisy.
            loss += PAIRS * _product(tf.reduce_mean(difference, 1) for difference in pair)
            if number > 0:
                loss += PAIRS * _product(pair)
            if number == 1:
                loss += _product((mean - target.mean) / target.scale for mean, _ in halves)
        return loss


def _product(differences):
    """Mean of the products of the two halves' differences."""
    first, second = differences
    return tf.reduce_mean(first * second)


def _binned(values, size, overlapping):
    """Means over bins: (example, frame, neuron) to (example, bin, neuron)."""
    if size == 1:
        return values
    if overlapping:
        total = tf.pad(tf.cumsum(values, 1), [[0, 0], [1, 0], [0, 0]])
        return (total[:, size:] - total[:, :-size]) / size
    bins = values.shape[1] // size
    return tf.reduce_mean(tf.reshape(values[:, : bins * size], [-1, bins, size, values.shape[2]]), 2)


def _moments(values):
    """(sample, neuron) to mean (neuron,) and covariance (neuron, neuron)."""
    mean = tf.reduce_mean(values, 0)
    values -= mean
    return mean, tf.matmul(values, values, transpose_a=True) / tf.cast(tf.shape(values)[0], values.dtype)
