"""Seams: none are seen in a continuous series, and those that there are."""

import numpy as np
import pytest
from scipy import signal

from calciumgan_tf.evaluation.sessions import seams

SPACING = 128


def series(frames=20_000, seed=0):
    """AR(1) noise, float32 (frame, 3)."""
    white = np.random.default_rng(seed).normal(size=(frames, 3))
    return signal.lfilter([1], [1, -0.95], white, axis=0).astype(np.float32)


def seam_in(traces, first=64):
    return seams.seam("pieces", traces, seams.in_session(len(traces), first, SPACING), SPACING)


def test_a_continuous_series_has_none():
    found = seam_in(series())
    assert found.places == len(range(64, 20_000 - 96, SPACING))
    assert found.p > 0.05 and abs(found.area - 0.5) < 0.06
    assert found.planted > 0.75


def jumps(traces):
    pieces = traces[: len(traces) // SPACING * SPACING].reshape(-1, SPACING, 3)
    return np.random.default_rng(1).permutation(pieces).reshape(-1, 3)


def quiet_ends(traces):
    place = (np.arange(len(traces)) + SPACING // 2) % SPACING - SPACING // 2
    return traces * np.where(np.abs(place) < 8, 0.7, 1.0)[:, None]


def blended(traces):
    """A cross-fade whose weights add up to 1, which makes the middle too quiet."""
    weight = (np.arange(len(traces)) % SPACING / SPACING)[:, None]
    return traces * weight + series(len(traces), 1) * (1 - weight)


@pytest.mark.parametrize("fault", [jumps, quiet_ends, blended])
def test_a_seam_is_seen(fault):
    found = seam_in(fault(series()).astype(np.float32), 0)
    assert found.area > 0.6 and found.p < 0.001


def test_places_have_room_for_stretches():
    places = seams.in_session(1000, 5, 100)
    assert places.tolist() == [105, 205, 305, 405, 505, 605, 705, 805, 905]
    assert seams.in_session(1000, 40, 100)[0] == 40
    assert seams.in_windows((2, 100, 3), 32).tolist() == [32, 64, 132, 164]


def test_of_few_places_nothing_is_said():
    assert seam_in(series(9 * SPACING)) is None
    assert seams.seam("rows", series(), np.arange(100, 2000, 4), 4) is None
