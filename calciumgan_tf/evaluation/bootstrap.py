"""Block bootstrap over windows: 95 % intervals of a metric, and of how far it exceeds the floor or a baseline.

Recorded windows overlap in time, so blocks of neighbouring windows are drawn; generated windows are drawn one by one. A
resample is a set of weights, how often each window occurs, and never copies a window. Source: Künsch 1989, Annals of
Statistics 17(3), the moving-block bootstrap.
"""

import numpy as np

RESAMPLES = 1000
WINDOWS_PER_BLOCK = 2  # a block is as long in time as so many windows, so that neighbouring blocks share little
CHUNK_VALUES = 4_000_000  # values of a statistic that are computed at a time


def block_windows(split, part, windows) -> int:
    """How many of `windows` windows, evenly spaced over the 'training' or the 'heldout' part, make a block."""
    length = WINDOWS_PER_BLOCK * split.window_frames
    return int(np.ceil(length * windows / max(split.frames(part), length)))


def weights(windows, block, generator, resamples=RESAMPLES):
    """How often each window occurs in a resample of as many windows, float64 (resample, window).

    Args:
      windows: number of windows.
      block: neighbouring windows that are drawn together, 1 for independent windows.
      generator: numpy.random.Generator.
      resamples: number of resamples.
    """
    starts = generator.integers(0, windows - block + 1, (resamples, -(-windows // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :windows]
    return np.stack([np.bincount(resample, minlength=windows) for resample in drawn]).astype(np.float64)


def draw(split, windows, sets, seed, resamples=RESAMPLES) -> dict:
    """Weights of the windows of some sets.

    Args:
      split: Split of the recording.
      windows: number of windows of each set.
      sets: names; 'training' and 'heldout' are drawn in blocks, all others window by window.
      seed: whole number.
      resamples: number of resamples.

    Returns:
      {set: float64 (resample, window)}.
    """
    drawn = {}
    for number, name in enumerate(sets):
        block = block_windows(split, name, windows) if name in ("training", "heldout") else 1
        drawn[name] = weights(windows, block, np.random.default_rng([seed, 1, number]), resamples)
    return drawn


def values(pair, metrics, first, second) -> dict:
    """Values of metrics for many resamples, few resamples at a time.

    Args:
      pair: Pair.
      metrics: several Metric.
      first, second: weights of the windows of reference and candidate, (resample, window).

    Returns:
      {metric: float64 (resample,)}.
    """
    chunk = max(1, CHUNK_VALUES // max(pair.reference.paired_neurons**2, first.shape[1]))
    parts = [
        pair.values(metrics, first[start : start + chunk], second[start : start + chunk])
        for start in range(0, len(first), chunk)
    ]
    return {metric.name: np.concatenate([part[metric.name] for part in parts]) for metric in metrics}


def interval(value, resampled, lowest=-np.inf):
    """95 % interval of a value from its resampled ones.

    Centred on the value, since windows that occur several times in a resample move two sets apart.

    Args:
      value: number, NaN or None where undefined.
      resampled: (resample,), NaN where undefined.
      lowest: the least value possible.

    Returns:
      (low, high); None where the value or most of the resampled ones are undefined, as with few windows.
    """
    drawn = resampled[np.isfinite(resampled)]
    if value is None or not np.isfinite(value) or 2 * drawn.size < len(resampled):
        return None
    ends = np.quantile(value + drawn - drawn.mean(), [0.025, 0.975])
    return tuple(max(float(end), lowest) for end in ends)
