"""Classifiers tell faulty windows and no others, by a null of stretches of the recording."""

import numpy as np
import pytest
from scipy import signal, stats

from calciumgan_tf.evaluation.diagnostics import classifiers
from calciumgan_tf.evaluation.diagnostics.classifiers import POPULATION, ROWS, Classifiers, Separation, Side
from calciumgan_tf.evaluation.diagnostics.distance import LEVEL
from calciumgan_tf.evaluation.diagnostics.statistic import Context

pytestmark = [pytest.mark.filterwarnings("error"), pytest.mark.usefixtures("quick_classifiers")]

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 64, 4, 48
NAMES = [row.name for row in ROWS]


def windows(seed, count=WINDOWS, neurons=NEURONS):
    """Windows that are independent of each other, of neurons that share half of their variance."""
    generator = np.random.default_rng([seed, 11])
    white = generator.normal(size=(count, 150 + FRAMES, neurons)) + generator.normal(size=(count, 150 + FRAMES, 1))
    return signal.lfilter([0.4], [1.0, -0.9], white, axis=1)[:, 150:].astype(np.float32)


def side(seed, count=WINDOWS, neurons=NEURONS, of_unit=2):
    return Side(windows(seed, count, neurons), np.arange(count) // of_unit)


def fitted(recorded, seed=0):
    return Classifiers(Context(RATE, recorded.windows), recorded, seed)


@pytest.fixture(scope="module")
def tried(quick_classifiers):
    """Classifiers of a recording, with the eight stretches that are usual."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifiers, "STRETCHES", 8)
        return fitted(side(0, 160))


def valid(found):
    """{row: Distance} of {row: Separation}."""
    assert list(found) == NAMES
    found = {name: one.distance for name, one in found.items()}
    for one in found.values():
        assert 0 <= one.low <= one.high <= 0.5 and -0.5 <= one.value <= 0.5 and 0 <= one.p <= 1
    return found


def test_fresh_windows_are_told_no_more_often_than_chance():
    """In at most as many of six recordings as a binomial distribution allows, and with an area of .5 on average."""
    found = [valid(fitted(side(seed, 24), seed).compare(side(100 + seed, 24))) for seed in range(6)]
    for name in NAMES:
        assert sum(one[name].p < LEVEL for one in found) <= stats.binom.ppf(0.99, 6, LEVEL)
        values = np.array([one[name].value for one in found])
        assert abs(values.mean()) < 3 * values.std(ddof=1) / np.sqrt(6)


def test_stretches_of_one_truth_are_alike(tried):
    for one in valid(tried.training).values():
        assert abs(one.value) < 0.1
        assert one.p == pytest.approx(0.5) and one.low == 0 and one.high > 0


FAULTS = {
    "louder": (lambda x: 2 * x, {"neuron_classifier", "neuron_kernels", "population_classifier"}),
    "rough": (lambda x: x + np.random.default_rng(0).normal(size=x.shape), {"neuron_classifier", "neuron_kernels"}),
    "anticorrelated": (lambda x: x * np.array([1, -1, 1, -1]), {"population_classifier"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_clear_faults_are_told(tried, name):
    fault, rows = FAULTS[name]
    found = valid(tried.compare(Side(fault(windows(1)).astype(np.float32), np.arange(WINDOWS))))
    for row in NAMES:
        if row in rows:
            assert found[row].p < LEVEL / 5 and found[row].value > 0.25 and found[row].low > 0
        elif name == "anticorrelated":
            assert found[row].p > LEVEL


def test_the_null_of_a_row_is_its_own_fault(tried):
    """Windows of every second unit that are changed, against the others as they are."""
    asked = []

    def faulty(name, windows):
        asked.append(name)
        return windows if name == "gaussian" else -5 * windows

    found = valid(tried.nulls(faulty))
    assert asked == [row.null for row in ROWS]
    assert found[POPULATION].value > 0.4 and found[POPULATION].p < LEVEL
    assert all(found[name].p > LEVEL for name in NAMES if name != POPULATION)


def test_an_area_of_chance_plus_the_usual_spread_by_hand():
    """One more value x beside n others of a normal distribution: (x - mean) / (SD sqrt(1 + 1 / n)) is t distributed."""
    recorded = side(3, 32)
    tried = fitted(recorded)
    for row in NAMES:
        usual = tried._stretches[row]
        assert len(usual) == 4
        found = tried.compare(side(4))[row].distance
        t = (found.value + 0.5 - usual.mean()) / (usual.std(ddof=1) * np.sqrt(1 + 1 / 4))
        assert found.p == pytest.approx(stats.t.sf(t, 3))


def test_equal_seeds_give_equal_distances():
    recorded, candidate = side(5, 24), side(6, 24)
    first, again = (valid(fitted(recorded, 3).compare(candidate)) for _ in range(2))
    assert first == again


def test_a_single_neuron_is_no_population():
    tried = fitted(side(7, 24, neurons=1))
    for found in (tried.training, tried.compare(side(8, 24, neurons=1)), tried.nulls(lambda _, changed: -changed)):
        one = valid(found)[POPULATION]
        assert (one.value, one.low, one.high, one.p) == (0, 0, 0.5, 1)
        assert found["neuron_classifier"].distance.p < 1


def test_components_of_many_neurons_do_not_give_the_recording_away(monkeypatch):
    """Principal components of few windows fit these windows better than others of the same distribution."""
    monkeypatch.setattr(classifiers, "ROWS", [row for row in ROWS if row.name == POPULATION])
    recorded = side(17, 32, neurons=60)
    assert fitted(recorded).compare(side(18, 32, neurons=60))[POPULATION].distance.value < 0.25


@pytest.mark.parametrize("count", [2, 3, 5])
def test_few_candidates(tried, count):
    found = valid(tried.compare(side(9, count, of_unit=1)))
    assert all(one.p > 0.001 for one in found.values())


@pytest.mark.parametrize(("count", "said"), [(2, False), (5, False), (6, True)])
def test_stretches_of_two_windows_or_more(count, said):
    """At least three stretches, else nothing is said."""
    tried = fitted(side(10, count, of_unit=1))
    found = valid(tried.compare(side(11, 12, of_unit=1)))
    for one in found.values():
        assert ((one.value, one.low, one.high, one.p) == (0, 0, 0.5, 1)) != said
    valid(tried.training)


def test_windows_of_a_single_unit_are_taken_apart(tried):
    found = valid(tried.compare(Side(windows(12, 8), np.zeros(8, int))))
    assert set(found) == {row.name for row in ROWS}


@pytest.mark.parametrize("level", [0.0, 0.7])
def test_constant_neurons(tried, level):
    candidate = windows(13)
    candidate[..., 1] = level
    found = valid(tried.compare(Side(candidate, np.arange(WINDOWS))))
    assert found["neuron_classifier"].value > 0.1  # one neuron of four
    recorded = side(14, 24)
    recorded.windows[..., 1] = level
    silent = fitted(recorded)
    valid(silent.training)
    valid(silent.compare(side(15, 24)))


def test_sets_are_thinned_evenly_and_their_units_numbered_again():
    whole = side(16, 20)
    thin = whole.thinned(5)
    chosen = [0, 5, 10, 14, 19]
    np.testing.assert_array_equal(thin.windows[:], whole.windows[chosen])
    np.testing.assert_array_equal(thin.unit, [0, 1, 2, 3, 4])
    assert thin.windows[:].dtype == np.float32
    np.testing.assert_array_equal(whole.thinned(100).windows[:], whole.windows)
    some = whole.of(whole.unit % 2 == 1)
    np.testing.assert_array_equal(some.windows[:], whole.windows[(np.arange(20) // 2) % 2 == 1])


def test_areas_of_several_runs_are_pooled():
    """The mean; what chance makes is not smaller than in a run alone, and runs that differ have a longer interval."""
    stretches = np.array([0.48, 0.5, 0.53, 0.5, 0.55, 0.49, 0.52, 0.51])
    alone = Separation(0.56, stretches).distance
    same = Separation.pooled([Separation(0.56, stretches)] * 3)
    assert (same.value, same.p) == pytest.approx((alone.value, alone.p))
    assert same.high == pytest.approx(alone.high)
    other = Separation.pooled([Separation(area, stretches) for area in (0.5, 0.56, 0.62)])
    assert (other.value, other.p) == pytest.approx((alone.value, alone.p)) and other.high > alone.high
    chance = stretches.var(ddof=1) * (1 + 1 / 8)
    assert other.p == pytest.approx(stats.t.sf((0.56 - stretches.mean()) / np.sqrt(chance), 7))
    assert Separation.pooled([Separation(0.7, np.empty(0))] * 2).p == 1
