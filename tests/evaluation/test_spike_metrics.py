import numpy as np
import pytest
from random_spikes import FRAMES, NEURONS, RATE, WINDOWS, random_spikes

from calciumgan_tf.evaluation import spike_metrics
from calciumgan_tf.evaluation.pair import Pair
from calciumgan_tf.evaluation.summary import summarise

PAIRED = {"correlation_kl", "covariance_kl", "van_rossum_kl"}  # of windows that are paired at random


@pytest.fixture(scope="module")
def spikes():
    return random_spikes()


def compared(reference, candidate, first=None, second=None):
    """{metric: value} of two sets of spikes, for one resample or many."""
    pair = Pair(*(summarise(side, RATE) for side in (reference, candidate)))
    values = pair.values(spike_metrics.METRICS, first, second)
    return values if first is not None else {name: value[0] for name, value in values.items()}


def test_every_metric_of_equal_sets_is_zero_unless_windows_are_paired_at_random(spikes):
    found = compared(spikes, spikes)
    np.testing.assert_allclose([found[name] for name in found if name not in PAIRED], 0, atol=1e-12)
    alike = compared(*[np.repeat(spikes[:1], WINDOWS, axis=0)] * 2)  # every pair is of equal windows
    np.testing.assert_allclose(list(alike.values()), 0, atol=1e-12)


def test_pairing_does_not_follow_the_order_of_time():
    """Two halves that drift alike are no more alike, window by window, than in another order."""
    generator = np.random.default_rng(0)
    rates = np.linspace(0.02, 0.4, WINDOWS)[:, None, None]
    one, other = ((generator.random((WINDOWS, FRAMES, NEURONS)) < rates).astype(np.uint8) for _ in range(2))
    in_order, reversed_order = (compared(one, side)["covariance_kl"] for side in (other, other[::-1]))
    assert in_order == pytest.approx(reversed_order, rel=0.2)


def test_every_metric_of_different_sets_is_positive(spikes):
    assert min(compared(spikes, random_spikes(seed=1) & random_spikes(seed=2)).values()) > 0


def test_order_of_windows_matters_only_to_what_is_paired(spikes):
    candidate, order = random_spikes(seed=1), np.random.default_rng(0).permutation(WINDOWS)
    before, after = compared(spikes, candidate), compared(spikes, candidate[order])
    changed = {name for name in before if before[name] != pytest.approx(after[name], abs=1e-12)}
    assert changed == PAIRED


def test_pooled_statistics_are_those_of_all_windows_together(spikes):
    summary = summarise(spikes, RATE)
    binned = spikes[:, :60].reshape(WINDOWS * 5, 12, NEURONS).sum(axis=1)
    rows, columns = np.triu_indices(NEURONS, 1)
    np.testing.assert_allclose(summary.pooled_rates(), spikes.mean(axis=(0, 1)) * RATE)
    np.testing.assert_allclose(summary.pooled_correlations(), np.corrcoef(binned.T)[rows, columns], atol=1e-12)
    np.testing.assert_array_equal(summary.pooled_population(), np.bincount(spikes.sum(axis=2).ravel(), minlength=6))
    intervals = [
        np.concatenate([np.diff(np.flatnonzero(window)) for window in spikes[:, :, neuron]]) / RATE
        for neuron in range(NEURONS)
    ]
    expected = [[one.mean() for one in intervals], [one.std() for one in intervals]]
    np.testing.assert_allclose(summary.pooled_intervals(), expected, atol=1e-9)


@pytest.mark.parametrize("statistic", ["rates", "correlations", "population", "intervals"])
def test_weights_are_repetitions_of_windows(spikes, statistic):
    weights = np.random.default_rng(0).multinomial(WINDOWS, np.full(WINDOWS, 1 / WINDOWS))
    weighted = getattr(summarise(spikes, RATE), f"pooled_{statistic}")(weights.astype(float))
    repeated = getattr(summarise(np.repeat(spikes, weights, axis=0), RATE), f"pooled_{statistic}")()
    np.testing.assert_allclose(weighted, repeated, atol=1e-9)


def test_many_sets_of_weights_at_once_are_what_each_gives_alone(spikes):
    weights = np.random.default_rng(0).multinomial(WINDOWS, np.full(WINDOWS, 1 / WINDOWS), 4).astype(float)
    summary = summarise(spikes, RATE)
    for statistic in ("rates", "covariance", "correlations", "population", "intervals"):
        pooled = getattr(summary, f"pooled_{statistic}")
        together, alone = np.asarray(pooled(weights)), np.asarray([pooled(one) for one in weights])
        if statistic == "intervals":
            alone = alone.swapaxes(0, 1)
        np.testing.assert_allclose(together, alone, rtol=1e-12, err_msg=statistic)


def test_weighted_metrics_are_those_of_repeated_windows(spikes):
    candidate, generator = random_spikes(seed=1), np.random.default_rng(0)
    first, second = generator.integers(1, 4, (2, 3, WINDOWS))  # nothing left out: the histograms keep their range
    weighted = compared(spikes, candidate, first, second)
    for number in range(3):
        sides = (np.repeat(side, counts[number], axis=0) for side, counts in ((spikes, first), (candidate, second)))
        reference, other = (summarise(side, RATE) for side in sides)
        metrics = [metric for metric in spike_metrics.METRICS if metric.name not in PAIRED]
        for name, value in Pair(reference, other).values(metrics).items():
            assert weighted[name][number] == pytest.approx(value[0], abs=1e-9)


def test_what_is_paired_window_by_window_is_weighted_by_the_reference(spikes):
    candidate, weights = random_spikes(seed=1), np.random.default_rng(0).integers(0, 4, (1, WINDOWS))
    weighted = compared(spikes, candidate, weights)
    divergences = Pair(*(summarise(side, RATE) for side in (spikes, candidate))).divergences()
    for name in PAIRED:
        assert weighted[name][0] == pytest.approx(np.repeat(divergences[name], weights[0]).mean())


def test_pairs_of_a_large_population_are_those_of_evenly_chosen_neurons(monkeypatch, spikes):
    whole = summarise(spikes, RATE)
    monkeypatch.setattr("calciumgan_tf.evaluation.summary.PAIRED_NEURONS", 3)
    thinned, chosen = summarise(spikes, RATE), [0, 2, 4]
    np.testing.assert_array_equal(thinned.rates, whole.rates)
    np.testing.assert_array_equal(thinned.population, whole.population)
    kept = np.isin(np.triu_indices(NEURONS), chosen).all(axis=0)
    np.testing.assert_array_equal(thinned.covariance_pairs, whole.covariance_pairs[:, kept])
    assert thinned.van_rossum.shape == thinned.correlation_pairs().shape == (WINDOWS, 3)
    np.testing.assert_allclose(thinned.pooled_covariance(), whole.pooled_covariance()[np.ix_(chosen, chosen)])
