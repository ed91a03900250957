"""Seams: whether a classifier tells stretches around the places where a session is put together from others.

A session is made in parts that begin at multiples of `border_frames`, and its features are those of windows that are
blended, one after `blend_frames`. Stretches around such a place are compared with stretches half-way between two
places. A classifier can only see a seam that there is if it sees one that is put in on purpose, so the same is done
with the pieces between the places in another order.
"""

import dataclasses

import numpy as np
from scipy import stats

from calciumgan_tf.evaluation.judges import judge
from calciumgan_tf.evaluation.judges.areas import Areas

LONGEST = 64  # frames on either side of a place
MOST = 2000  # stretches of either kind
FEWEST = 10
MOST_NEURONS = 50
EXCHANGES = 20  # of labels at random, from which the area's spread by chance is taken
SMALL = 1e-9


@dataclasses.dataclass(frozen=True)
class Seam:
    """What a classifier tells of a kind of place.

    Attributes:
      name: of the kind.
      places: how many there are.
      area: under the ROC curve of stretches around a place against others, .5 where it can't tell.
      p: one-sided, of an area like those where the labels of each pair of stretches are exchanged at random (t test).
      planted: the area where the pieces between the places are in another order.
    """

    name: str
    places: int
    area: float
    p: float
    planted: float


def in_session(frames, first, spacing):
    """Places of a session at frames `first`, `first + spacing` and so on, int (place,)."""
    half = _half(spacing)
    return np.arange(first if first >= half else first + spacing, frames - spacing // 2 - half, spacing)


def in_windows(shape, spacing):
    """Places within windows of a shape (window, frame, neuron) that follow each other, none at an edge."""
    windows, frames, _ = shape
    inside = np.arange(spacing, frames - spacing // 2 - _half(spacing) + 1, spacing)
    return (np.arange(windows)[:, None] * frames + inside).ravel()


def seam(name, traces, places, spacing, seed=0) -> Seam | None:
    """Looks for seams.

    Args:
      name: of the kind of place.
      traces: (frame, neuron), sliceable.
      places: frames at which there may be seams, int (place,).
      spacing: frames between two places.
      seed: of folds, exchanges and the order of pieces.

    Returns:
      None where there are fewer than ten places.
    """
    half, neurons = _half(spacing), traces.shape[1]
    if len(places) < FEWEST or half < 2:
        return None
    places = places[np.linspace(0, len(places) - 1, min(MOST, len(places))).round().astype(int)]
    chosen = np.linspace(0, neurons - 1, min(MOST_NEURONS, neurons)).round().astype(int)

    def around(frame):
        return np.asarray(traces[frame - half : frame + half], np.float32)[:, chosen]

    at = np.stack([around(place) for place in places])
    between = np.stack([around(place + spacing // 2) for place in places])
    order = np.random.default_rng(seed).permutation(len(places))
    planted = np.concatenate([at[:, :half], at[order][:, half:]], axis=1)
    sides = [features(stretches) for stretches in (between, at, planted)]
    area, generator = _area(sides[0], sides[1], seed), np.random.default_rng(seed)
    chance = np.empty(EXCHANGES)
    for number in range(EXCHANGES):
        exchanged = generator.random((len(places), 1, 1)) < 0.5
        pair = np.where(exchanged, sides[1], sides[0]), np.where(exchanged, sides[0], sides[1])
        chance[number] = _area(*pair, seed)
    error = chance.std(ddof=1) * np.sqrt(1 + 1 / EXCHANGES)
    p = float(stats.t.sf((area - chance.mean()) / max(error, SMALL), EXCHANGES - 1))
    return Seam(name, len(places), area, p, _area(sides[0], sides[2], seed))


def _half(spacing):
    """Frames on either side of a place that are looked at."""
    return min(LONGEST, spacing // 4)


def _area(others, candidates, seed):
    """Area under the ROC curve of a classifier of features (stretch, neuron, feature)."""
    blocks = np.arange(len(others))
    scores = judge.scores(others, candidates, blocks, blocks, judge.gradient_boosting, seed, raw=True)
    return Areas(scores, blocks, blocks).area()


def features(stretches):
    """What a seam in the middle would change, at several distances from it.

    Args:
      stretches: (stretch, frame, neuron).

    Returns:
      float32 (stretch, neuron, feature).
    """
    half = stretches.shape[1] // 2
    before, after = stretches[:, :half][:, ::-1], stretches[:, half:]  # from the middle outwards
    found = [np.abs(after[:, 0] - before[:, 0]), after[:, 0] + before[:, 0] - after[:, 1] - before[:, 1]]
    distance = 1
    while distance <= half:
        means = [side[:, :distance].mean(axis=1) for side in (before, after)]
        found += [np.abs(means[1] - means[0]), means[1] - means[0], means[0] + means[1]]
        if distance > 1:
            spread = [np.log(side[:, :distance].std(axis=1) + SMALL) for side in (before, after)]
            found += [spread[0] + spread[1], spread[1] - spread[0]]
        distance *= 2
    centred = stretches - stretches.mean(axis=1, keepdims=True)
    middle = np.log((centred[:, half // 2 : half + half // 2] ** 2).mean(axis=1) + SMALL)
    found += [middle - np.log((centred**2).mean(axis=1) + SMALL)]
    found += [(np.diff(stretches, axis=1) ** 2)[:, half - 1] / ((np.diff(stretches, axis=1) ** 2).mean(axis=1) + SMALL)]
    return np.stack(found, axis=-1).astype(np.float32)
