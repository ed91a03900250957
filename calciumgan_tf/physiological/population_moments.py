"""Event statistics of generated traces as a loss: differentiable stand-ins for rates and covariances of spikes.

The training part and the generated windows are seen through the same views:

- innovations x(t) - g x(t - 1): what is new in a frame. Observation noise is in them, but no neurons share it, so
  their covariance is that of events of exactly the same frame;
- events: the jump of the trace averaged over some frames, through a sigmoid around the smallest event;
- events averaged over bins of ever more frames, from the bins of the evaluated correlations to a whole window: how
  much rates vary, alone and together, on each time scale.

The loss compares their means and covariances. It splits the batch in two halves, and each squared
difference is the product of the differences of the halves, so that sampling noise, which the halves do not share, does
not count. The moments of a half are sums over the windows of all replicas, so that the loss does not depend on how many
there are. A covariance is about the half's own mean, and therefore too small by 1 / n on the scale of a window, with n
windows in a half. About the mean of the training part it would be unbiased, but then rates that are all too high look
like correlations (docs/fidelity_study.md). Defined here.
"""

import copy
import dataclasses

import numpy as np
import tensorflow as tf

from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.errors import InputError
from calciumgan_tf.physiological.halves import of_neurons, product_of_halves

JUMP_SECONDS = 0.2  # trace averaged before and after a jump, against noise
BIN_SECONDS, BIN_FACTOR = 0.5, 4  # the shortest bin, and from one to the next
THRESHOLD, STEEPNESS = 1.2, 8.0  # of the sigmoid, in units of the smallest event
PAIRS = 16.0  # weight of covariances beside means, whose differences are larger
LEAST_SHARE = 0.05  # of an innovation's variance that is taken to be events at least
LEAST_SCALE = 0.02  # SD of events that are rarer still, so that few of them do not count more than all others


@dataclasses.dataclass(frozen=True)
class Moments:
    """Moments of one view.

    Attributes:
      mean: float32 (neuron,).
      covariance: float32 (neuron, neuron).
      scale: float32 (neuron,), the SD that events make.
    """

    mean: np.ndarray
    covariance: np.ndarray
    scale: np.ndarray

    def of(self, neurons, dtype):
        """Those of some neurons."""
        covariance = of_neurons(tf.gather(self.covariance, neurons), neurons, dtype, axis=1)
        return Moments(of_neurons(self.mean, neurons, dtype), covariance, of_neurons(self.scale, neurons, dtype))


class PopulationMoments:
    """Squared differences between the moments of generated windows and those of the training part.

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
        self._scaling, self._decay = scaling, settings.decay.astype(np.float32)
        self._s_min = settings.s_min.astype(np.float32)
        self._jump = max(1, round(JUMP_SECONDS * recording.frame_rate))
        if window_frames < 4 * self._jump:
            raise InputError(
                f"--window_frames={window_frames} is too short for the statistics loss at {recording.frame_rate:g} Hz",
                f"take at least {4 * self._jump}, or --statistics_loss=0",
            )
        longest, size = window_frames - 2 * self._jump + 1, round(BIN_SECONDS * recording.frame_rate)
        self._bins, self._trace_bin = [1], max(size, 1)
        while size <= longest:
            self._bins += [size] if size > 1 else []
            size = max(size, 1) * BIN_FACTOR
        self.targets = self._measure(recording, blocks, settings, window_frames)

    def _measure(self, recording, blocks, settings, window_frames):
        views, neurons = 2 + len(self._bins), recording.neurons
        counts, sums = np.zeros(views), np.zeros((views, neurons))
        products = np.zeros((views, neurons, neurons))
        for start, stop in blocks:
            for first in range(start, stop - window_frames + 1, 2 * window_frames):
                traces = tf.constant(recording.traces[first : min(first + 2 * window_frames, stop)])[None]
                for number, view in enumerate(self._views(traces, overlapping=True)):
                    counts[number] += view.shape[1]
                    sums[number] += tf.reduce_sum(view[0], 0).numpy()
                    products[number] += tf.matmul(view[0], view[0], transpose_a=True).numpy()
        noise = settings.noise**2 * (1 + settings.decay**2)  # variance in an innovation
        return [
            _target(total / count, product / count, noise if number == 0 else None)
            for number, (count, total, product) in enumerate(zip(counts, sums, products))
        ]

    def _views(self, traces, overlapping=False):
        """Yields the views of dF/F (example, frame, neuron), each (example, frame or bin, neuron).

        First innovations, then events in bins of each size, then traces in bins of half a second.
        """
        k = self._jump
        yield traces[:, 1:] - self._decay * traces[:, :-1]
        stretch = tf.nn.avg_pool1d(traces, k, 1, "VALID")
        jump = (stretch[:, k:] - self._decay**k * stretch[:, :-k]) * k / sum(self._decay**i for i in range(k))
        events = tf.sigmoid(STEEPNESS * (jump / self._s_min - THRESHOLD))
        for size in self._bins:
            yield _binned(events, size, overlapping)
        yield _binned((traces - self._scaling.shift) / self._scaling.scale, self._trace_bin, overlapping)

    def of(self, neurons, dtype=tf.float32):
        """The same moments of some neurons, for windows of a type; see `of_neurons`."""
        part, held = copy.copy(self), (self._scaling.shift, self._scaling.scale, self._decay, self._s_min)
        shift, scale, part._decay, part._s_min = (of_neurons(values, neurons, dtype) for values in held)
        part._scaling = Scaling(shift, scale)
        part.targets = [target.of(neurons, dtype) for target in self.targets]
        return part

    def __call__(self, windows, weights, total=tf.identity):
        """The loss, a scalar.

        Args:
          windows: scaled windows (example, frame, neuron), those of this replica.
          weights: (example, half), the weight of each window in the mean over a half of the batch, see `half_weights`.
          total: adds up a tensor over all replicas, with a gradient.
        """
        loss = 0.0
        views = self._views(windows * self._scaling.scale + self._scaling.shift)
        for number, (target, view) in enumerate(zip(self.targets, views)):
            d = (view - target.mean) / target.scale
            frames = d.shape[1]
            mean = total(tf.einsum("eh,ebn->hn", weights, d) / frames)
            # Covariances of a neuron with the population, and of single pairs where those are not too noisy.
            compared = _with_population if number > 0 else _of_population
            others, mean_of_others = compared(d), compared(mean)
            product = total(tf.stack([_mean_product(d, others, weights[:, half]) for half in range(2)]))
            covariance = product - mean[:, :, None] * mean_of_others[:, None, :]
            wanted = target.covariance / target.scale[:, None] / target.scale
            difference = covariance - compared(tf.cast(wanted, d.dtype))
            loss += PAIRS * product_of_halves(difference[..., 0])
            if number > 0:
                loss += PAIRS * product_of_halves(difference[..., 1:])
            if number == 1:
                loss += product_of_halves(mean)
        return loss


def _target(mean, square, noise):
    """Moments from E[x] and E[x x^T]; `noise` is the variance that is not made by events, None where there is none."""
    covariance = square - np.outer(mean, mean)
    variance, floor = np.diag(covariance), LEAST_SCALE**2
    if noise is not None:
        variance, floor = variance - noise, LEAST_SHARE * variance
    moments = (mean, covariance, np.sqrt(np.maximum(variance, floor)))
    return Moments(*(moment.astype(np.float32) for moment in moments))


def _of_population(values):
    """The mean over all neurons: (..., neuron) to (..., 1)."""
    return tf.reduce_mean(values, -1, keepdims=True)


def _with_population(values):
    """The mean over all neurons, followed by the values: (..., neuron) to (..., 1 + neuron)."""
    return tf.concat([_of_population(values), values], -1)


def _mean_product(d, others, weights):
    """Mean of d others^T over frames, and over examples with these weights: (neuron, other)."""
    weighted = d * weights[:, None, None] / d.shape[1]
    weighted, flat = (tf.reshape(x, [-1, x.shape[-1]]) for x in (weighted, others))
    return tf.matmul(weighted, flat, transpose_a=True)


def _binned(values, size, overlapping):
    """Means over bins: (example, frame, neuron) to (example, bin, neuron)."""
    if size == 1:
        return values
    if overlapping:
        total = tf.pad(tf.cumsum(values, 1), [[0, 0], [1, 0], [0, 0]])
        return (total[:, size:] - total[:, :-size]) / size
    bins = values.shape[1] // size
    return tf.reduce_mean(tf.reshape(values[:, : bins * size], [-1, bins, size, values.shape[2]]), 2)
