"""Ordinary features of a single neuron's trace in a window: level, shape, steps, time scales and transients.

All but the level, the SDs, the steps and the power are unchanged if the trace is shifted or scaled by a positive
factor. A feature that a trace does not define is 0: the skewness of a constant, or the autocorrelation at a lag that is
longer than the window.
"""

import numpy as np
import scipy.fft

from calciumgan_tf import threads
from calciumgan_tf.evaluation.judges import moments

LAGS = (1, 2, 4, 8, 16, 32)  # frames, of the autocorrelation
REVERSAL_LAGS = (1, 4, 16)  # frames, of the asymmetry under time reversal
OCTAVES = 6  # frequency bands below the Nyquist frequency
AROUND = (0.25, 1.0)  # s on either side of the maximum over which the rise is compared with the decay
QUANTILES = (0.05, 0.25, 0.75, 0.95)
NORMAL_RANGE = 1.349  # interquartile range of a normal distribution, SD
LEAST_POWER = 1e-12  # (dF/F)^2 / Hz, added before the logarithm
CHUNK_VALUES = 2_000_000  # values of the windows that are worked on at a time

NAMES: tuple[str, ...] = (
    "mean", "median", "minimum", "maximum", *(f"quantile_{share}" for share in QUANTILES),
    "sd", "skewness", "kurtosis",
    "step_sd", "step_skewness", "step_kurtosis", "largest_step_up", "largest_step_down",
    *(f"autocorrelation_{lag}" for lag in LAGS),
    *(f"reversal_{lag}" for lag in REVERSAL_LAGS),
    *(f"log_power_octave_{octave}" for octave in range(1, OCTAVES + 1)),
    "crossings", "share_above",
    *(f"decay_asymmetry_{seconds}" for seconds in AROUND),
)  # fmt: skip


def features(windows, frame_rate):
    """Features of each neuron in each window.

    Args:
      windows: (window, frame, neuron), dF/F, of at least two frames.
      frame_rate: Hz.

    Returns:
      float32 (window, neuron, feature), in the order of NAMES:
      mean to quantiles: of the trace, dF/F.
      sd, skewness, kurtosis: of the trace; the kurtosis of a normal distribution is 0.
      step_sd to largest_step_down: of the differences of successive frames; the last is the least difference.
      autocorrelation: sum of the products at that lag over the sum of squares, of the trace less its mean.
      reversal: skewness of the differences at that lag, 0 on average if the trace is reversible in time.
      log_power_octave_k: natural logarithm of the mean periodogram, (dF/F)^2 / Hz, between 2^-k and 2^(1-k) of the
        Nyquist frequency.
      crossings: upward crossings of the median plus twice the robust SD (interquartile range / 1.349), Hz.
      share_above: share of the frames above this threshold.
      decay_asymmetry: (after - before) / (after + before), of the area above the median just after and before the
        maximum.

    Raises:
      ValueError: fewer than two frames.
    """
    count, frames, neurons = np.shape(windows)
    if frames < 2:
        raise ValueError(f"features need windows of two frames or more, not {frames}: {np.shape(windows)}")
    found = np.empty((count, neurons, len(NAMES)), np.float32)
    chunk = max(1, CHUNK_VALUES // (frames * neurons))

    def of_part(start):
        traces = np.asarray(windows[start : start + chunk], np.float32).swapaxes(1, 2)
        return start, _features(np.ascontiguousarray(traces), frame_rate)

    for start, features_of_part in threads.in_order(of_part, range(0, count, chunk)):
        found[start : start + chunk] = features_of_part
    return found


def _features(traces, frame_rate):
    """Features of traces (window, neuron, frame), (window, neuron, feature)."""
    ordered = np.sort(traces, axis=-1).astype(np.float64)
    middle = _quantile(ordered, 0.5)
    around = moments.centred(traces)
    steps = np.diff(traces, axis=-1).astype(np.float64)
    columns = [
        traces.mean(axis=-1, dtype=np.float64), middle, ordered[..., 0], ordered[..., -1],
        *(_quantile(ordered, share) for share in QUANTILES),
        *moments.shape(around),
        *moments.shape(moments.centred(steps)), steps.max(axis=-1), steps.min(axis=-1),
        *(_autocorrelation(around, lag) for lag in LAGS),
        *(_reversal(traces, lag) for lag in REVERSAL_LAGS),
        *_log_power(around, frame_rate),
        *_above(traces, ordered, middle, frame_rate),
        *(_decay_asymmetry(traces, middle, max(1, round(seconds * frame_rate))) for seconds in AROUND),
    ]  # fmt: skip
    return np.stack(columns, axis=-1)


def _quantile(ordered, share):
    """Quantile of sorted values by linear interpolation."""
    place = share * (ordered.shape[-1] - 1)
    low = int(place)
    high = min(low + 1, ordered.shape[-1] - 1)
    return ordered[..., low] + (place - low) * (ordered[..., high] - ordered[..., low])


def _autocorrelation(around, lag):
    if lag >= around.shape[-1]:
        return np.zeros(around.shape[:-1])
    products = np.einsum("...t,...t->...", around[..., lag:], around[..., :-lag])
    return moments.ratio(products, np.einsum("...t,...t->...", around, around))


def _reversal(traces, lag):
    if lag >= traces.shape[-1]:
        return np.zeros(traces.shape[:-1])
    difference = (traces[..., lag:] - traces[..., :-lag]).astype(np.float64)
    square = difference**2
    return moments.ratio(moments.mean_product(square, difference), square.mean(axis=-1) ** 1.5)


def _log_power(around, frame_rate):
    """Mean of the periodogram in each octave, from the highest one down; 0 in an octave that holds no frequency."""
    frames = around.shape[-1]
    density = np.abs(scipy.fft.rfft(around, axis=-1)) ** 2 * (2 / (frame_rate * frames))
    place = np.arange(density.shape[-1]) * 2 / frames  # frequency over the Nyquist frequency
    for octave in range(OCTAVES):
        band = np.flatnonzero((place > 2.0 ** -(octave + 1)) & (place <= 2.0**-octave))
        if len(band):
            yield np.log(density[..., band[0] : band[-1] + 1].mean(axis=-1) + LEAST_POWER)
        else:
            yield np.zeros(around.shape[:-1])


def _above(traces, ordered, middle, frame_rate):
    """Upward crossings of the threshold, Hz, and share of the frames above it."""
    robust = (_quantile(ordered, 0.75) - _quantile(ordered, 0.25)) / NORMAL_RANGE
    above = traces > (middle + 2 * robust)[..., None]
    upward = (above[..., 1:] & ~above[..., :-1]).sum(axis=-1)
    return upward * (frame_rate / traces.shape[-1]), above.mean(axis=-1)


def _decay_asymmetry(traces, middle, reach):
    """Area above the median in the frames after the maximum against the frames before it, -1..1."""
    frames = traces.shape[-1]
    peak = traces.argmax(axis=-1)[..., None]
    area = np.cumsum(np.maximum(traces - middle[..., None], 0), axis=-1)
    area = np.concatenate([np.zeros((*area.shape[:-1], 1)), area], axis=-1)  # [..., t]: of the frames before t

    def between(first, last):
        ends = [np.take_along_axis(area, np.clip(place, 0, frames), axis=-1)[..., 0] for place in (first, last)]
        return ends[1] - ends[0]

    before, after = between(peak - reach, peak), between(peak + 1, peak + 1 + reach)
    return moments.ratio(after - before, after + before)
