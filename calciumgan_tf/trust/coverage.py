"""Whether generated windows are as many-sided as recorded ones: coverage, density, silence, repetition, diversity."""

import numpy as np
from scipy.spatial import distance
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS = 5
SAME = 1e-3  # windows nearer than this share of the reference's median distance are one and the same
UNITS = {
    "uncovered": "share of windows",
    "density_difference": "",
    "silent_difference": "share of windows",
    "repeated_difference": "share of windows",
    "diversity_difference": "",
}


def compare(reference, candidate, reference_spikes, candidate_spikes, length=1) -> dict:
    """How far a set is from covering another; 0, or by chance near it, for equal sets. Lower is better.

    NaN where the reference has too few blocks of windows to tell.

    uncovered: share of reference windows that have no candidate as near as their fifth neighbour in the reference, 1 /
    32 by chance where windows are independent; of each block of windows only the nearest is a neighbour, and none of a
    window's own. density_difference: |1 - density|, density the number of such balls around reference windows that a
    candidate lies in, over the number expected. Both: after Naeem et al. 2020, ICML. silent_difference: of the shares
    of windows without any spike. repeated_difference: of the shares of windows that have another one which is all but
    equal. diversity_difference: |log| of the ratio of the mean distances between windows of a set.

    Args:
      reference, candidate: (window, feature), standardised alike.
      reference_spikes, candidate_spikes: spikes of each window, (window,).
      length: windows of a block of the reference, which share frames.

    Returns:
      {metric: value}.
    """
    apart = [distance.pdist(one) for one in (reference, candidate)]
    far, own = _far(len(reference), length), distance.squareform(apart[0])
    uncovered = density = float("nan")
    if far.any(axis=1).all():
        radius = _radius(np.where(far, own, np.inf), length)[:, None]
        inside = distance.cdist(reference, candidate) <= radius
        uncovered, density = 1 - inside.any(axis=1).mean(), inside.mean() / (own <= radius)[far].mean()
    near = SAME * np.median(apart[0])
    silent = [float(np.mean(spikes == 0)) for spikes in (reference_spikes, candidate_spikes)]
    repeated = [_share_repeated(one, near) for one in (reference, candidate)]
    return {
        "uncovered": float(uncovered),
        "density_difference": abs(1 - float(density)),
        "silent_difference": abs(silent[1] - silent[0]),
        "repeated_difference": abs(repeated[1] - repeated[0]),
        "diversity_difference": abs(float(np.log(apart[1].mean() / apart[0].mean()))),
    }


def _far(count, length):
    """Pairs of windows of different blocks that do not border on each other, bool (window, window)."""
    block = np.arange(count) // length
    return np.abs(block[:, None] - block) > (length > 1)


def _radius(apart, length):
    """Distance of each window to the fifth nearest block, (window,); `apart` is infinite for what does not count."""
    nearest = np.minimum.reduceat(apart, np.arange(0, len(apart), length), axis=1)
    nearest.sort(axis=1)
    blocks = np.isfinite(nearest).sum(axis=1)
    return nearest[np.arange(len(apart)), np.minimum(NEIGHBOURS, blocks) - 1]


def _share_repeated(points, near):
    nearest = NearestNeighbors(n_neighbors=2).fit(points).kneighbors(points)[0][:, 1]
    return float(np.mean(nearest <= near))
