"""Block bootstrap over windows: 95 % intervals of what was generated, and of how far it is beyond the floor.

Windows of one recording overlap in time, so that blocks of neighbouring ones are drawn; generated windows are drawn one
by one. A resample is a set of weights, how often each window occurs, and never copies a window. Source: Künsch 1989,
Annals of Statistics 17(3), the moving-block bootstrap.
"""

import numpy as np

RESAMPLES = 100
WINDOWS_A_BLOCK = 2  # a block is as long in time as so many windows, so that neighbouring blocks share little
DRAWN = ("heldout", "training", "generated")  # the sets that an interval takes part in


def block_windows(split, part, windows) -> int:
    """How many of `windows` windows, evenly spaced over the 'training' or the 'heldout' part, make a block."""
    length = WINDOWS_A_BLOCK * split.window_frames
    return int(np.ceil(length * windows / max(split.frames(part), length)))


def weights(windows, block, generator, resamples=RESAMPLES):
    """How often each window occurs in a resample of as many windows, float64 (resample, window).

    Args:
      windows: how many there are.
      block: neighbouring windows that are drawn together, 1 for independent ones.
      generator: numpy.random.Generator.
      resamples: how many.
    """
    starts = generator.integers(0, windows - block + 1, (resamples, -(-windows // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :windows]
    return np.stack([np.bincount(one, minlength=windows) for one in drawn]).astype(np.float64)


def draw(split, windows, seed) -> dict:
    """Weights of the sets of DRAWN, `windows` windows each."""
    generator = np.random.default_rng([seed, 1])
    blocks = {name: 1 if name == "generated" else block_windows(split, name, windows) for name in DRAWN}
    return {name: weights(windows, block, generator) for name, block in blocks.items()}


def intervals(generated, floor, draws) -> dict:
    """95 % intervals of each metric.

    Args:
      generated, floor: functions of (weights of the reference, weights of the candidate), None for all 1, that give
        {metric: value}; the held-out part is the reference of both.
      draws: of `draw`.

    Returns:
      {metric: (interval of generated, interval of generated less floor)}, (low, high) each, None where undefined.
    """
    values, floors = [generated(None, None)], [floor(None, None)]
    for heldout, training, made in zip(*(draws[name] for name in DRAWN)):
        values.append(generated(heldout, made))
        floors.append(floor(heldout, training))
    found = {}
    for name in values[0]:
        value, less = (np.array([one[name] for one in side], np.float64) for side in (values, floors))
        own = _interval(value)
        found[name] = (own and tuple(max(end, 0.0) for end in own), _interval(value - less))
    return found


def _interval(values):
    """From a value and, after it, its resampled ones; centred, since repeated windows alone move sets apart.

    None where the value is undefined, or most of the resampled ones, as with few windows.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    if not np.isfinite(values[0]) or 2 * drawn.size < len(values):
        return None
    return tuple(np.quantile(values[0] + drawn - drawn.mean(), [0.025, 0.975]).tolist())
