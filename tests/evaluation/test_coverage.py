"""Whether generated windows cover the recorded ones: known sets."""

import types

import numpy as np
import pytest

from calciumgan_tf.evaluation import coverage, dynamics
from calciumgan_tf.evaluation.pair import Pair, Resampled
from calciumgan_tf.evaluation.window_set import WindowSet

GENERATOR = np.random.default_rng(0)


def compared(reference, candidate, first=None, second=None):
    """{metric: value} of windows that count as often as `first` and `second` say, None for once."""
    sides = ((reference, first), (candidate, second))
    weights = [np.ones((1, len(side))) if given is None else np.asarray(given, float)[None] for side, given in sides]
    found = coverage.Coverage(reference, candidate)
    names = ("uncovered", "density_difference", "diversity_difference")
    return {name: getattr(found, name)(*weights)[0] for name in names}


def points(scale=1.0, count=200, seed=1):
    return np.random.default_rng(seed).normal(0, scale, (count, 4))


def test_an_equal_distribution_covers():
    found = [compared(points(seed=s), points(seed=s + 100)) for s in range(20)]
    means = {name: np.mean([one[name] for one in found]) for name in found[0]}
    assert means["uncovered"] == pytest.approx(2.0**-coverage.NEIGHBOURS, abs=0.01)
    assert means["density_difference"] < 0.15 and means["diversity_difference"] < 0.08


def test_a_set_covers_itself():
    own = compared(points(), points())
    assert own["uncovered"] == 0 and own["diversity_difference"] == 0


def test_a_collapsed_set_does_not_cover():
    found = compared(points(), points(0.1))
    assert found["uncovered"] > 0.5
    assert found["density_difference"] > 0.2
    assert found["diversity_difference"] == pytest.approx(np.log(10), abs=0.15)


def test_windows_far_away_cover_nothing():
    found = compared(points(), points() + 100)
    assert found["uncovered"] == 1 and found["density_difference"] == 1


def test_balls_written_out():
    """Six windows on a line, so that a ball reaches to the second neighbour."""
    reference = np.array([0.0, 1, 3, 6, 10, 15])[:, None]
    candidate = np.array([0.5, 0.5, 0.5, 2, 30, 31])[:, None]
    radii = [3, 2, 3, 4, 5, 9]  # to 3; 3; 0; 10; 5 away at 15; 6
    inside = np.abs(reference - candidate.T) <= np.array(radii)[:, None]
    found = compared(reference, candidate)
    assert found["uncovered"] == pytest.approx(1 - inside.any(axis=1).mean())
    assert found["density_difference"] == pytest.approx(abs(1 - inside.sum() / 6 / 2))


def test_weights_are_repetitions():
    reference, candidate = points(count=30), points(count=30, seed=2)
    first, second = GENERATOR.integers(1, 4, (2, 30))
    weighted = compared(reference, candidate, first, second)
    sds = [np.repeat(one, weights, axis=0).std(axis=0) for one, weights in ((reference, first), (candidate, second))]
    assert weighted["diversity_difference"] == pytest.approx(np.sqrt(np.mean(np.log(sds[1] / sds[0]) ** 2)))
    assert weighted["uncovered"] * first.sum() == pytest.approx(round(weighted["uncovered"] * first.sum()))


def test_a_candidate_that_is_not_drawn_covers_nothing():
    reference = points(count=30)
    second = np.zeros(30)
    second[0] = 1
    alone = compared(reference, reference, None, second)
    assert alone["uncovered"] > 0.5


def test_undefined_with_too_few_windows():
    found = compared(points(count=2), points())
    assert np.isnan(found["uncovered"]) and np.isnan(found["density_difference"])
    assert np.isfinite(found["diversity_difference"])


def test_features_that_never_vary_are_equal():
    reference, candidate = points(), points(seed=2)
    reference[:, 0], candidate[:, 0] = 5, 7
    assert compared(reference, candidate)["diversity_difference"] < 0.1


def test_repeated_windows_are_found_and_others_are_not():
    half = points(count=100)
    assert coverage.repeated(np.concatenate([half, half])).all()
    assert not coverage.repeated(points()).any()
    one = np.concatenate([points(), points()[:20]])
    assert coverage.repeated(one).sum() == 40


def resampled(reference, candidate, first=None, second=None):
    """A Resampled of two sets of which only the dynamics are known."""
    sides = [
        WindowSet(types.SimpleNamespace(windows=side.windows), side, np.arange(side.windows))
        for side in (reference, candidate)
    ]
    return Resampled(Pair(*sides), first, second)


def described(spikes):
    grid = dynamics.Grid(24.0, 0.812, np.zeros(2), 64)
    return dynamics.describe(np.zeros(spikes.shape, np.float32), spikes, grid)


def test_share_of_repeated_windows():
    traces = GENERATOR.normal(size=(10, 64, 2)).astype(np.float32)
    grid = dynamics.Grid(24.0, 0.812, np.zeros(2), 64)
    spikes = np.zeros(traces.shape, np.uint8)
    twice = traces[:8].copy()
    twice[1] = twice[0]
    sides = [dynamics.describe(side, spikes[: len(side)], grid) for side in (traces, twice)]
    assert coverage.repeated_difference(resampled(*sides))[0] == 0.25
    second = np.array([[3, 0, 1, 0, 0, 0, 0, 0]])
    assert coverage.repeated_difference(resampled(*sides, None, second))[0] == 0.75


def test_share_of_silent_windows_of_each_neuron():
    spikes = np.zeros((4, 64, 2), np.uint8)
    spikes[0, 10, 0] = spikes[1, 20, 0] = spikes[1, 30, 1] = 1
    some, none, swapped = described(spikes), described(0 * spikes), described(spikes[:, :, ::-1])
    assert coverage.silent_rmse(resampled(some, none))[0] == pytest.approx(np.sqrt((0.5**2 + 0.25**2) / 2))
    assert coverage.silent_rmse(resampled(some, swapped))[0] == pytest.approx(0.25)  # as many in all, of other neurons
    assert coverage.silent_rmse(resampled(some, none, np.array([[0, 1, 0, 0]])))[0] == 1
