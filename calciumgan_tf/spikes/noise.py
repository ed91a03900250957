"""Observation noise of dF/F traces: white noise, and how much it grows with the signal."""

import numpy as np
from scipy import signal

from calciumgan_tf.spikes import autoregressive

SEGMENT = 256  # frames of a segment of Welch's estimate of the spectrum
SMALLEST = 3.0  # event of a first deconvolution, in noise SDs
REPEATS = 2  # of the estimate on the residual
ITERATIONS = 20  # of the reweighted fit
LEAST_SHARE = 0.05  # of the mean variance, below which a fitted one does not fall
NORMAL_DECILE = 1.2816  # a normal variable is below mean - 1.2816 SD one time in ten
MEDIAN_DEVIATION = 0.6745  # median absolute value of a normal variable, in SD
QUIET_FRAMES = 2  # before and after an event, where the residual holds errors of the kernel


def noise_level(traces, decay=None, rise=0.0):
    """SD of the white observation noise, from the upper half of the power spectrum (as in the package oasis-deconv).

    That overstates it where the band holds signal, as it does when a decay is only a few frames long. With a kernel,
    the estimate is therefore repeated on what a deconvolution with the noise so far leaves of the traces.

    Args:
      traces: (frame, neuron), dF/F.
      decay, rise: roots of the kernel, numbers or (neuron,), see `autoregressive.roots`; None for no kernel.

    Returns:
      float64 (neuron,), dF/F.
    """
    rows = np.ascontiguousarray(np.asarray(traces).T, np.float64)
    noise = np.array([_white_level(row) for row in rows])
    if decay is None:
        return noise
    for _ in range(REPEATS):
        left = residual(traces, decay, rise, noise, baseline_level(traces, noise))
        noise = np.minimum(noise, [_white_level(row) for row in left])
    return noise


def _white_level(trace):
    """Root of the mean power above a quarter of the frame rate, as if all frequencies had it."""
    frequency, power = signal.welch(trace, nperseg=min(SEGMENT, len(trace)))  # in cycles a frame; one-sided
    return np.sqrt(power[(frequency > 0.25) & (frequency < 0.5)].mean() / 2)


def baseline_level(traces, noise):
    """DF/F of a silent neuron, 1.28 noise SDs above the lowest decile, float64 (neuron,).

    That is exact for a neuron that is always silent, and little moved by an active one.

    Args:
      traces: (frame, neuron), dF/F.
      noise: (neuron,), dF/F.
    """
    lowest = np.array([np.quantile(trace, 0.1) for trace in np.asarray(traces).T])  # one at a time: it makes a copy
    return lowest + NORMAL_DECILE * noise


def residual(traces, decay, rise, noise, baseline):
    """What a deconvolution leaves of traces whose smallest event is three times the noise, float64 (neuron, frame).

    Args:
      traces: (frame, neuron), dF/F.
      decay, rise: roots of the kernel, numbers or (neuron,).
      noise, baseline: (neuron,), dF/F.
    """
    centred = np.ascontiguousarray((np.asarray(traces) - baseline).T, np.float64)
    decay, rise = (np.broadcast_to(np.asarray(root, float), noise.shape) for root in (decay, rise))
    events = autoregressive.jumps(centred, decay, rise, SMALLEST * noise)
    return centred - autoregressive.calcium(events, decay, rise)


def unexplained_level(left, noise):
    """SD of a residual by its median absolute deviation, noise and slow changes together; not less than the noise.

    Args:
      left: what `residual` gave.
      noise: (neuron,), dF/F.
    """
    spread = np.median(np.abs(left - np.median(left, axis=1, keepdims=True)), axis=1) / MEDIAN_DEVIATION
    return np.maximum(spread, noise)


def signal_dependent_noise(traces, events, calcium):
    """Variance of the observation noise as a line over the calcium level, `constant + slope * calcium`.

    The variance of a frame is half the squared difference of neighbouring residuals, which cancels what is slow; frames
    around events are left out. The line is fitted with weights 1 / fit^2, those of a squared normal variable.

    Args:
      traces: (trace, frame), dF/F.
      events: of the same shape, 0 where there is none.
      calcium: of the same shape, dF/F, as inferred, without the baseline.

    Returns:
      float64 constant (trace,), dF/F^2, and slope (trace,), dF/F.
    """
    lines = []
    for trace, jump, level in zip(*(np.asarray(a, np.float64) for a in (traces, events, calcium))):
        near = near_events(jump)
        used = ~near[1:] & ~near[:-1]
        square = np.diff(trace - level)[used] ** 2 / 2
        x = (level[1:] + level[:-1])[used] / 2
        lines.append(_line(x, square))
    constant, slope = np.array(lines).reshape(-1, 2).T
    return constant, slope


def near_events(jumps):
    """Whether a frame is within QUIET_FRAMES of an event; `jumps` (frame,) are 0 where there is none."""
    return np.convolve(jumps > 0, np.ones(2 * QUIET_FRAMES + 1), "same") > 0


def _line(x, square):
    """Intercept and slope of a variance over x; the slope is 0 where x does not vary."""
    if len(x) < 3 or np.ptp(x) == 0 or not square.any():
        return (square.mean() if len(x) else 0.0), 0.0
    columns = np.stack([np.ones_like(x), x], axis=1)
    fitted = np.full_like(square, square.mean())
    for _ in range(ITERATIONS):
        coefficients = np.linalg.lstsq(columns / fitted[:, None], square / fitted, rcond=None)[0]
        fitted = np.maximum(columns @ coefficients, LEAST_SHARE * square.mean())
    return coefficients
