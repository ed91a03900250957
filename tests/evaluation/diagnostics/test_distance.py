"""Distances between Gaussian vectors: without bias, and with p values and intervals that hold what they promise."""

import numpy as np
import pytest
from scipy import stats

from calciumgan_tf.evaluation.diagnostics import distance, sample
from calciumgan_tf.evaluation.diagnostics.distance import LEVEL, Comparison, comparisons, farther, signed_root
from calciumgan_tf.evaluation.diagnostics.sample import Draw, Units

UNITS, HELDOUT, GENERATED, RESAMPLES = 40, 10, 30, 200
REPETITIONS = 200


class Mean:
    """The mean vector, and twice it."""

    def values(self, means):
        return {"mean": means, "twice": 2 * means}


def compared(difference, dimensions, generator):
    """{row: Distance} of vectors of variance 1 and of others that are larger by `difference` in each dimension."""
    recorded = Units(generator.normal(size=(UNITS, dimensions)), np.ones(UNITS))
    generated = Units(difference + generator.normal(size=(GENERATED, dimensions)), np.ones(GENERATED))
    reference = Draw(np.arange(UNITS) < HELDOUT, RESAMPLES, generator), recorded
    candidate = Draw(np.ones(GENERATED, bool), RESAMPLES, generator), generated
    return {row: one.distance for row, one in comparisons(Mean(), reference, candidate).items()}


@pytest.fixture(scope="module", params=[(d, k) for k in (1, 50) for d in (0.0, 0.3, 1.0)], ids=str)
def simulated(request):
    """True difference, dimensions, and many Distances."""
    difference, dimensions = request.param
    generator = np.random.default_rng(0)
    return *request.param, [compared(difference, dimensions, generator)["mean"] for _ in range(REPETITIONS)]


def test_the_squared_distance_has_no_bias(simulated):
    difference, _, found = simulated
    squares = np.array([one.value * abs(one.value) for one in found])
    assert abs(squares.mean() - difference**2) < 3 * squares.std() / np.sqrt(REPETITIONS)


def test_the_interval_covers_the_true_distance(simulated):
    """In 95 % of the repetitions, of which 93 % is the limit that is exceeded in nine of ten simulations."""
    difference, _, found = simulated
    assert np.mean([one.low <= difference <= one.high for one in found]) >= 0.93
    assert all(0 <= one.low <= one.high for one in found)


def test_p_values_are_uniform_for_equal_distributions(simulated):
    difference, _, found = simulated
    p = np.array([one.p for one in found])
    if difference:
        assert (p < LEVEL).mean() > stats.binom.ppf(0.999, REPETITIONS, LEVEL) / REPETITIONS
    else:
        for level in (LEVEL, 0.2, 0.5):
            low, high = stats.binom.ppf([0.005, 0.995], REPETITIONS, level) / REPETITIONS
            assert low <= (p <= level).mean() <= high


def test_an_interval_that_begins_above_0_rejects_equality():
    """Its lower end inverts a test at 2.5 % on one side."""
    generator = np.random.default_rng(1)
    for difference in (0.0, 0.5):
        for _ in range(30):
            one = compared(difference, 5, generator)["mean"]
            assert (one.low > 0) == (one.p <= LEVEL / 2) or abs(one.p - LEVEL / 2) < 0.01


def test_equal_samples_are_nearer_than_chance():
    """The value is below 0, nothing is significant, and the interval begins at 0."""
    units = Units(np.random.default_rng(0).normal(size=(20, 30)), np.ones(20))
    draws = [Draw(np.ones(20, bool), RESAMPLES, np.random.default_rng(seed)) for seed in (1, 2)]
    found = comparisons(Mean(), (draws[0], units), (draws[1], units))["mean"].distance
    assert found.value == pytest.approx(-np.sqrt(2 / 20), rel=0.1)  # the variance of a difference of two means
    assert found.p == 1 and found.low == 0
    assert found.high == pytest.approx(np.sqrt(2 / 20), rel=0.5)


def test_samples_that_do_not_vary():
    units = [Units(np.full((20, 3), level), np.ones(20)) for level in (1.0, 1.5)]
    draws = [Draw(np.ones(20, bool), RESAMPLES, np.random.default_rng(seed)) for seed in (1, 2)]
    same = comparisons(Mean(), (draws[0], units[0]), (draws[1], units[0]))["mean"].distance
    assert (same.value, same.low, same.high, same.p) == (0, 0, 0, 1)
    other = comparisons(Mean(), (draws[0], units[0]), (draws[1], units[1]))["mean"].distance
    assert other.value == pytest.approx(0.5) and other.p == pytest.approx(1 / (1 + RESAMPLES))
    assert other.low == pytest.approx(0.5, rel=0.01) and other.high == pytest.approx(0.5, rel=0.01)


def test_distances_have_the_unit_of_their_statistic():
    for difference in (0.0, 2.0):
        found = compared(difference, 4, np.random.default_rng(3))
        for name in ("value", "low", "high"):
            assert getattr(found["twice"], name) == pytest.approx(2 * getattr(found["mean"], name))
        assert found["twice"].p == found["mean"].p


def test_draws_in_parts_give_the_same(monkeypatch):
    expected = compared(0.3, 4, np.random.default_rng(5))
    monkeypatch.setattr(sample, "CHUNK_VALUES", 28)  # seven draws of four values
    found = compared(0.3, 4, np.random.default_rng(5))
    for one in distance.dataclasses.fields(distance.Distance):
        assert getattr(found["mean"], one.name) == pytest.approx(getattr(expected["mean"], one.name))


SEEDS, FOLDS = 3, 5


def runs(kind, difference, between, dimensions, generator, drift=0.0, shifted=True):
    """Comparisons of runs whose differences are `difference` plus normal numbers of SD `between`, in each dimension.

    Seeds have one held-out part; folds have every fifth unit each. With `drift`, each unit's level is so much like that
    of the one before.
    """
    levels = generator.normal(size=(UNITS, dimensions))
    for unit in range(1, UNITS):
        levels[unit] = drift * levels[unit - 1] + np.sqrt(1 - drift**2) * levels[unit]
    recorded = Units(levels, np.ones(UNITS))
    found, seed = [], generator.integers(2**31)
    for run in range(SEEDS if kind == "seeds" else FOLDS):
        part = 0 if kind == "seeds" else run
        own = np.arange(UNITS) % FOLDS == part
        stream, shift = ([seed, 7], part / UNITS) if shifted and kind == "folds" else ([seed, 7, part], None)
        reference = Draw(own, RESAMPLES, np.random.default_rng(stream), shift)
        true = difference + between * generator.normal(size=dimensions)
        units = Units(true + generator.normal(size=(GENERATED, dimensions)), np.ones(GENERATED))
        candidate = Draw(np.ones(GENERATED, bool), RESAMPLES, np.random.default_rng([seed, 8, run]))
        found.append(comparisons(Mean(), (reference, recorded), (candidate, units))["mean"])
    return found


@pytest.fixture(scope="module", params=["seeds", "folds"])
def pooled(request):
    """`pooled(difference, between, dimensions)`: many Distances of runs together."""
    generator = np.random.default_rng(2)

    def made(*truth):
        return [Comparison.pooled(runs(request.param, *truth, generator)) for _ in range(REPETITIONS)]

    return made


@pytest.mark.parametrize("dimensions", [1, 20])
def test_perfect_runs_are_called_different_in_5_percent(pooled, dimensions):
    found = pooled(0, 0, dimensions)
    assert sum(one.p < LEVEL for one in found) <= stats.binom.ppf(0.999, REPETITIONS, LEVEL)
    squares = np.array([one.value * abs(one.value) for one in found])
    assert abs(squares.mean()) < 3 * squares.std() / np.sqrt(REPETITIONS)
    assert sum(one.low > 0 for one in found) <= stats.binom.ppf(0.999, REPETITIONS, LEVEL / 2)


def test_folds_of_a_recording_that_drifts_are_alike():
    """The held-out parts of folds are neighbours in time; draws that know it call perfect runs different less often."""

    def alarms(shifted, drift):
        generator = np.random.default_rng(3)
        found = [runs("folds", 0, 0, 20, generator, drift, shifted) for _ in range(REPETITIONS)]
        return np.mean([Comparison.pooled(one).p < LEVEL for one in found])

    assert alarms(True, 0.5) <= stats.binom.ppf(0.999, REPETITIONS, LEVEL) / REPETITIONS
    assert alarms(True, 0.7) < 0.6 * alarms(False, 0.7)


@pytest.mark.parametrize(("difference", "between"), [(0.3, 0), (1, 0), (0.3, 0.3), (0, 0.5), (0.5, 0.5)])
def test_the_interval_of_several_runs_holds_what_other_runs_would_have(pooled, difference, between):
    """The true distance is that of all runs that might be, of which three or five are seen."""
    found, true = pooled(difference, between, 20), np.sqrt(difference**2 + between**2)
    assert np.mean([one.low <= true <= one.high for one in found]) >= 0.93


def test_runs_that_differ_have_a_longer_interval():
    same, other = (
        [Comparison.pooled(runs("seeds", *truth, 20, np.random.default_rng(seed))) for seed in range(20)]
        for truth in ((0.7, 0), (0, 0.7))
    )
    assert np.mean([one.high - one.low for one in other]) > 1.2 * np.mean([one.high - one.low for one in same])


def test_a_run_alone_is_itself():
    (one,) = runs("seeds", 0.3, 0.3, 5, np.random.default_rng(0))[:1]
    assert Comparison.pooled([one]) == one.distance
    squares = [one.distance.value**2 for one in runs("folds", 3, 0, 5, np.random.default_rng(0))]
    pooled = Comparison.pooled(runs("folds", 3, 0, 5, np.random.default_rng(0)))
    assert pooled.value == pytest.approx(np.sqrt(np.mean(squares)))


def drifting(drift, difference, generator):
    """Comparisons of generated windows and of the training part with a held-out part that is `drift` away from both."""
    level = np.where(np.arange(UNITS) < HELDOUT, drift, 0.0)[:, None]
    recorded = Units(level + generator.normal(size=(UNITS, 20)), np.ones(UNITS))
    generated = Units(difference + generator.normal(size=(GENERATED, 20)), np.ones(GENERATED))
    heldout = np.arange(UNITS) < HELDOUT
    reference, rest = (Draw(chosen, RESAMPLES, generator) for chosen in (heldout, ~heldout))
    candidate = Draw(np.ones(GENERATED, bool), RESAMPLES, generator)
    sides = (candidate, generated), (rest, recorded)
    return [comparisons(Mean(), (reference, recorded), side)["mean"] for side in sides]


def test_drift_of_the_recording_is_no_difference_from_it():
    """A held-out part that is far from the training part is far from perfect windows as well."""
    generator = np.random.default_rng(4)
    chance, beyond = [], []
    for _ in range(100):
        generated, training = drifting(1.5, 0.0, generator)
        chance.append(generated.distance.p < LEVEL)
        beyond.append(farther([generated], [training]) < LEVEL)
    assert np.mean(chance) > 0.5 and np.mean(beyond) <= stats.binom.ppf(0.999, 100, LEVEL) / 100


@pytest.mark.parametrize("drift", [0.0, 1.5])
def test_what_is_farther_than_the_training_part_is_found_in_spite_of_drift(drift):
    generator = np.random.default_rng(5)
    assert np.mean([farther(*([one] for one in drifting(drift, -1.0, generator))) < LEVEL for _ in range(30)]) > 0.9


def test_signed_root():
    assert [signed_root(square) for square in (4, -9, 0)] == [2, -3, 0]
