"""The original's statistics and errors, against Elephant, SciPy and plain sums."""

import elephant.spike_train_correlation
import elephant.spike_train_dissimilarity
import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
import scipy.special
from elephant.conversion import BinnedSpikeTrain

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import ground_truth
from calciumgan_tf.evaluation.pair import PAIRINGS, Pair
from calciumgan_tf.evaluation.summary import summarise
from calciumgan_tf.synthetic import populations

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 252, 4, 8


@pytest.fixture(scope="module")
def sides():
    """Two sets of uint8 (window, frame, neuron) with every neuron active in every window."""
    generator = np.random.default_rng(0)
    sides = [(generator.random((WINDOWS, FRAMES, NEURONS)) < p).astype(np.uint8) for p in (0.05, 0.06)]
    for side in sides:
        side[:, :2] = 1
    return sides


def trains(window):
    stop = len(window) / RATE * pq.s
    return [neo.SpikeTrain((np.flatnonzero(train) + 0.5) / RATE * pq.s, t_stop=stop) for train in window.T]


def binned(window):
    return BinnedSpikeTrain(trains(window), bin_size=500 * pq.ms, t_start=0 * pq.s, t_stop=len(window) / RATE * pq.s)


def plain_errors(true, found):
    """As the original's definitions say, one value after the other."""
    true, found = np.ravel(true).tolist(), np.ravel(found).tolist()
    mean = sum(true) / len(true)
    differences = [abs(a - b) for a, b in zip(true, found)]
    percentages = [100 * d / abs(a if abs(a) > 1e-12 else mean) for a, d in zip(true, differences)]
    count = len(true)
    return {
        "mae": sum(differences) / count,
        "rmse": (sum(d * d for d in differences) / count) ** 0.5,
        "mape": sum(percentages) / count,
    }


def plain_kl(recorded, generated):
    """30 equal bins over the pooled range, empty ones as 1e-10; SciPy's relative entropy of NumPy's histograms."""
    edges = np.histogram_bin_edges(np.concatenate([recorded, generated]), 30)
    p, q = (np.histogram(side, edges)[0] / len(side) for side in (recorded, generated))
    p, q = np.maximum(p, 1e-10), np.maximum(q, 1e-10)
    return scipy.special.rel_entr(p, q).sum()


def test_errors_by_hand():
    found = ground_truth.errors([0.0, 1.0, 2.0], [1.0, 1.0, 1.0])
    assert found["mae"] == pytest.approx(2 / 3)
    assert found["rmse"] == pytest.approx((2 / 3) ** 0.5)
    assert found["mape"] == pytest.approx(100 * (1 / 1 + 0 + 1 / 2) / 3)  # the 0 counts as the mean, 1


def test_errors_of_equal_and_of_silent_values():
    assert ground_truth.errors([1.0, 2.0], [1.0, 2.0]) == {"mae": 0, "rmse": 0, "mape": 0}
    silent = ground_truth.errors([0.0, 0.0], [1.0, 1.0])
    assert silent["mae"] == 1 and np.isnan(silent["mape"])


def test_firing_rate_errors_equal_those_of_elephants_rates(sides):
    of_five, pooled = [], []
    for side in sides:
        rates = [[elephant.statistics.mean_firing_rate(t).rescale("Hz").item() for t in trains(w)] for w in side]
        of_five.append(rates[:5])
        pooled.append(np.mean(rates, axis=0))
    found, expected = found_and_expected(sides, "firing_rate", of_five, pooled)
    assert len(expected) == 6 and found == pytest.approx(expected, rel=1e-6)


def test_covariance_errors_equal_those_of_elephants_covariances(sides):
    triangle = np.triu_indices(NEURONS)
    of_five, pooled = [], []
    for side in sides:
        windows = [elephant.spike_train_correlation.covariance(binned(window))[triangle] for window in side]
        of_five.append(windows[:5])
        bins = np.concatenate([binned(window).to_array() for window in side], axis=1)
        pooled.append(np.cov(bins, ddof=0)[triangle])
    found, expected = found_and_expected(sides, "covariance", of_five, pooled)
    assert len(expected) == 6 and found == pytest.approx(expected, rel=1e-6)


def found_and_expected(sides, statistic, of_five, pooled):
    """The errors of the table, and those of Elephant's values, {row: value} each."""
    truth, generated = (summarise(side, RATE) for side in sides)
    table = ground_truth.rows(truth, {"generated": generated})
    expected = {
        f"{statistic}_{error}{suffix}": value
        for suffix, values in (("_of_5", of_five), ("", pooled))
        for error, value in plain_errors(*values).items()
    }
    return {row: table[row]["generated"] for row in expected}, expected


def test_divergences_equal_those_of_elephants_statistics(sides):
    truth, generated = (summarise(side, RATE) for side in sides)
    found = Pair(truth, generated).divergences()
    triangle = np.triu_indices(NEURONS, 1)
    rates, correlations, distances = ([], []), ([], []), ([], [])
    for number, side in enumerate(sides):
        for window in side:
            rates[number].append([elephant.statistics.mean_firing_rate(t).rescale("Hz").item() for t in trains(window)])
            correlations[number].append(elephant.spike_train_correlation.correlation_coefficient(binned(window)))
            distances[number].append(elephant.spike_train_dissimilarity.van_rossum_distance(trains(window), 1 * pq.s))
    np.testing.assert_allclose(
        found["firing_rate_kl"], [plain_kl(*pair) for pair in zip(*(np.transpose(one) for one in rates))], rtol=1e-5
    )
    for name, (first, second) in {"correlation_kl": correlations, "van_rossum_kl": distances}.items():
        drawn = np.random.default_rng([0, 4])
        orders = [drawn.permutation(len(second)) for _ in range(PAIRINGS)]
        expected = [
            np.mean([plain_kl(window[triangle], second[order[i]][triangle]) for order in orders])
            for i, window in enumerate(first)
        ]
        np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-9)


def test_the_truth_is_at_its_floor_and_shuffled_neurons_are_not():
    """Windows of the truth itself, given as generated, are as near as the floor; shuffling spoils covariances alone."""
    means, covariance = populations.random_moments(4, 0, mean_rate=3.0)
    covariance = covariance + 0.3 * (np.outer(*[np.sqrt(np.diag(covariance))] * 2) - np.diag(np.diag(covariance)))
    truth = populations.population(means, covariance)
    data = truth.recording(6000)
    parts = split_frames(data.frames, 128)
    generated = truth.windows(200, 128, first=1000)[1]
    table, summaries = ground_truth.compare(truth, data, parts, generated, 200)
    assert set(summaries) == {"truth", *ground_truth.COLUMNS}
    for row in ("firing_rate_rmse", "covariance_rmse"):
        assert table[row]["generated"] < 2.5 * table[row]["floor"]
    assert table["covariance_mae"]["shuffled"] > 3 * table["covariance_mae"]["floor"]
    assert table["firing_rate_mae"]["shuffled"] == pytest.approx(table["firing_rate_mae"]["floor"])
    assert table["covariance_mae"]["dichotomized_gaussian"] < 0.5 * table["covariance_mae"]["shuffled"]
