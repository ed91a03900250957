"""The held-out part in pieces, and how often each piece counts in a resample of a bootstrap over pieces."""

import numpy as np

PIECE = 20.0  # s; a piece is at least so long and at least a window, so that neighbouring pieces share little
RESAMPLES = 200


def edges(blocks, window_frames, frame_rate):
    """First frames of the pieces of some blocks, counted on from one block to the next, and the frame after the last.

    Args:
      blocks: (first, after last) frames.
      window_frames: frames of a window.
      frame_rate: Hz.

    Returns:
      int (piece + 1,).
    """
    length = max(window_frames, round(PIECE * frame_rate))
    found, before = [0], 0
    for start, stop in blocks:
        pieces = max(1, (stop - start) // length)
        found += np.linspace(before, before + stop - start, pieces + 1).astype(int)[1:].tolist()
        before += stop - start
    return np.array(found)


def groups(starts, borders):
    """In which piece a row begins: int (row,), from the first frame of each (row,) and the `edges` of pieces."""
    return np.searchsorted(borders, starts, side="right") - 1


def weights(pieces, seed=0, resamples=RESAMPLES):
    """How often each piece counts: float64 (1 + resample, piece), once in the first row, which is no resample."""
    drawn = np.random.default_rng(seed).multinomial(pieces, np.full(pieces, 1 / pieces), resamples)
    return np.concatenate([np.ones((1, pieces)), drawn])
