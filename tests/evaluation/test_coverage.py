"""Whether generated windows cover the recorded ones: known sets."""

import numpy as np
import pytest

from calciumgan_tf.evaluation import coverage, dynamics

GENERATOR = np.random.default_rng(0)


def points(scale=1.0, count=200, seed=1):
    return np.random.default_rng(seed).normal(0, scale, (count, 4))


def test_an_equal_distribution_covers():
    found = [coverage.Coverage(points(seed=s), points(seed=s + 100))() for s in range(20)]
    means = {name: np.mean([one[name] for one in found]) for name in found[0]}
    assert means["uncovered"] == pytest.approx(2.0**-coverage.NEIGHBOURS, abs=0.01)
    assert means["density_difference"] < 0.15 and means["diversity_difference"] < 0.08


def test_a_set_covers_itself():
    own = coverage.Coverage(points(), points())()
    assert own["uncovered"] == 0 and own["diversity_difference"] == 0


def test_a_collapsed_set_does_not_cover():
    found = coverage.Coverage(points(), points(0.1))()
    assert found["uncovered"] > 0.5
    assert found["density_difference"] > 0.2
    assert found["diversity_difference"] == pytest.approx(np.log(10), abs=0.15)


def test_windows_far_away_cover_nothing():
    found = coverage.Coverage(points(), points() + 100)()
    assert found["uncovered"] == 1 and found["density_difference"] == 1


def test_balls_written_out():
    """Six windows on a line, so that a ball reaches to the second neighbour."""
    reference = np.array([0.0, 1, 3, 6, 10, 15])[:, None]
    candidate = np.array([0.5, 0.5, 0.5, 2, 30, 31])[:, None]
    radii = [3, 2, 3, 4, 5, 9]  # to 3; 3; 0; 10; 5 away at 15; 6
    inside = np.abs(reference - candidate.T) <= np.array(radii)[:, None]
    found = coverage.Coverage(reference, candidate)()
    assert found["uncovered"] == pytest.approx(1 - inside.any(axis=1).mean())
    assert found["density_difference"] == pytest.approx(abs(1 - inside.sum() / 6 / 2))


def test_weights_are_repetitions():
    reference, candidate = points(count=30), points(count=30, seed=2)
    first, second = GENERATOR.integers(1, 4, (2, 30))
    weighted = coverage.Coverage(reference, candidate)(first, second)
    sds = [np.repeat(one, weights, axis=0).std(axis=0) for one, weights in ((reference, first), (candidate, second))]
    assert weighted["diversity_difference"] == pytest.approx(np.sqrt(np.mean(np.log(sds[1] / sds[0]) ** 2)))
    assert weighted["uncovered"] * first.sum() == pytest.approx(round(weighted["uncovered"] * first.sum()))


def test_a_candidate_that_is_not_drawn_covers_nothing():
    reference = points(count=30)
    second = np.zeros(30)
    second[0] = 1
    alone = coverage.Coverage(reference, reference)(None, second)
    assert alone["uncovered"] > 0.5


def test_undefined_with_too_few_windows():
    found = coverage.Coverage(points(count=2), points())()
    assert np.isnan(found["uncovered"]) and np.isnan(found["density_difference"])
    assert np.isfinite(found["diversity_difference"])


def test_features_that_never_vary_are_equal():
    reference, candidate = points(), points(seed=2)
    reference[:, 0], candidate[:, 0] = 5, 7
    assert coverage.Coverage(reference, candidate)()["diversity_difference"] < 0.1


def test_repeated_windows_are_found_and_others_are_not():
    half = points(count=100)
    assert coverage.repeated(np.concatenate([half, half])).all()
    assert not coverage.repeated(points()).any()
    one = np.concatenate([points(), points()[:20]])
    assert coverage.repeated(one).sum() == 40


def test_share_of_repeated_windows():
    reference, candidate = np.zeros(10, bool), np.arange(8) < 2
    assert coverage.repeated_difference(reference, candidate) == 0.25
    assert coverage.repeated_difference(reference, candidate, None, np.array([3, 0, 1, 0, 0, 0, 0, 0])) == 0.75


def test_share_of_silent_windows_of_each_neuron():
    grid = dynamics.Grid(24.0, 0.812, np.zeros(2), 64)
    spikes = np.zeros((4, 64, 2), np.uint8)
    spikes[0, 10, 0] = spikes[1, 20, 0] = spikes[1, 30, 1] = 1
    some, none = (dynamics.describe(np.zeros(spikes.shape, np.float32), one, grid) for one in (spikes, 0 * spikes))
    assert coverage.silent_rmse(some, none) == pytest.approx(np.sqrt((0.5**2 + 0.25**2) / 2))
    swapped = dynamics.describe(np.zeros(spikes.shape, np.float32), spikes[:, :, ::-1], grid)
    assert coverage.silent_rmse(some, swapped) == pytest.approx(0.25)  # as many in all, of other neurons
    assert coverage.silent_rmse(some, none, np.array([0, 1, 0, 0])) == 1
