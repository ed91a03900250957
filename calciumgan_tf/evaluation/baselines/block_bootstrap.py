"""Windows composed of the training part's own stretches: the stationary bootstrap.

A window begins at a random training frame and goes on with the frames that follow it. At every further frame it jumps,
with a probability of one over the mean length of a stretch, to another random training frame, so that the lengths are
geometric (Politis and Romano 1994, Journal of the American Statistical Association 89, 1303). All neurons jump
together. A stretch that reaches the end of a block of the training part goes on at the first frame of that block, as in
the paper's circular series; every training frame is therefore equally likely. Blocks are never joined to each other.

Kept: the distribution of single frames, with all correlations of neurons in the same frame, exactly in expectation;
dynamics faster than a stretch. Destroyed: dynamics slower than a stretch, and continuity where two stretches meet, a
jump of all neurons at once. It copies recorded frames, so it bounds from above what copying can reach.
"""

import numpy as np

STRETCH_SECONDS = 2.0  # mean length of a stretch, several decay times of most indicators


def block_bootstrap(traces, blocks, count, frames, mean_frames, seed):
    """Windows of the stationary bootstrap.

    Args:
      traces: (frame, neuron), dF/F, the whole recording.
      blocks: (first, after last) frames of the continuous blocks to draw from.
      count, frames: windows, and frames of each.
      mean_frames: mean length of a stretch, at least 1.
      seed: whole number.

    Returns:
      float32 (window, frame, neuron).
    """
    return np.asarray(traces, np.float32)[drawn_frames(blocks, count, frames, mean_frames, seed)]


def drawn_frames(blocks, count, frames, mean_frames, seed):
    """Numbers of the frames that the windows consist of, int (window, frame)."""
    generator = np.random.default_rng(seed)
    first, stop = np.array(blocks).T
    jumps = generator.random((count, frames)) < 1 / max(mean_frames, 1)
    jumps[:, 0] = True
    number = np.arange(frames)
    jumped = np.maximum.accumulate(np.where(jumps, number, 0), axis=1)  # frame of a window at which its stretch begins
    candidates = np.concatenate([np.arange(*block) for block in blocks])
    begins = np.take_along_axis(generator.choice(candidates, (count, frames)), jumped, axis=1)
    block = np.searchsorted(first, begins, side="right") - 1
    return first[block] + (begins - first[block] + number - jumped) % (stop - first)[block]
