import dataclasses

import numpy as np
import pytest

from calciumgan_tf.dataset.windows import PopulationWindows
from calciumgan_tf.evaluation import baselines, spike_metrics
from calciumgan_tf.evaluation.pair import Pair
from calciumgan_tf.evaluation.summary import summarise
from calciumgan_tf.evaluation.window_set import WindowSet
from calciumgan_tf.spikes import deconvolution

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 64, 5, 60
PAIRED = {"correlation_kl", "covariance_kl", "van_rossum_kl"}  # window by window


def random_spikes(windows=WINDOWS, seed=0):
    """uint8 (window, frame, neuron); neurons 0 and 1 share half their spikes."""
    generator = np.random.default_rng(seed)
    spikes = generator.random((windows, FRAMES, NEURONS)) < [0.1, 0.05, 0.2, 0.03, 0.1]
    spikes[:, :, 1] |= spikes[:, :, 0] & (generator.random((windows, FRAMES)) < 0.5)
    return spikes.astype(np.uint8)


@pytest.fixture(scope="module")
def spikes():
    return random_spikes()


def compared(reference, candidate, first=None, second=None):
    """{metric: value} of two sets of spikes, for one resample or many."""
    pair = Pair(*(WindowSet(summarise(side, RATE)) for side in (reference, candidate)))
    values = pair.values(spike_metrics.METRICS, first, second)
    return values if first is not None else {name: value[0] for name, value in values.items()}


def test_every_metric_of_equal_sets_is_zero(spikes):
    np.testing.assert_allclose(list(compared(spikes, spikes).values()), 0, atol=1e-12)


def test_every_metric_of_different_sets_is_positive(spikes):
    assert min(compared(spikes, random_spikes(seed=1) & random_spikes(seed=2)).values()) > 0


def test_order_of_windows_matters_only_to_what_is_paired(spikes):
    candidate, order = random_spikes(seed=1), np.random.default_rng(0).permutation(WINDOWS)
    before, after = compared(spikes, candidate), compared(spikes, candidate[order])
    both = compared(spikes[order], candidate[order])
    np.testing.assert_allclose(list(both.values()), list(before.values()), atol=1e-12)
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
        reference, other = (WindowSet(summarise(side, RATE)) for side in sides)
        metrics = [metric for metric in spike_metrics.METRICS if metric.name not in PAIRED]
        for name, value in Pair(reference, other).values(metrics).items():
            assert weighted[name][number] == pytest.approx(value[0], abs=1e-9)


def test_what_is_paired_window_by_window_is_weighted_by_the_reference(spikes):
    candidate, weights = random_spikes(seed=1), np.random.default_rng(0).integers(0, 4, (1, WINDOWS))
    weighted = compared(spikes, candidate, weights)
    divergences = spike_metrics.divergences(*(summarise(side, RATE) for side in (spikes, candidate)))
    for name in PAIRED:
        assert weighted[name][0] == pytest.approx(np.repeat(divergences[name], weights[0]).mean())


def test_shuffled_uses_every_train_once(spikes):
    found = baselines.shuffled(spikes, 0)
    for neuron in range(NEURONS):
        trains = [sorted(map(bytes, side[:, :, neuron])) for side in (found, spikes)]
        assert trains[0] == trains[1]
    np.testing.assert_allclose(summarise(found, RATE).pooled_rates(), summarise(spikes, RATE).pooled_rates())


def test_shuffling_kills_correlation():
    spikes = random_spikes(1000)
    spikes[:, :, 2] = spikes[:, :, 0]
    before, after = (summarise(s, RATE).pooled_correlations() for s in (spikes, baselines.shuffled(spikes, 0)))
    assert before[1] == pytest.approx(1)
    assert np.abs(after).max() < 4 / np.sqrt(5 * 1000)


def test_shuffling_depends_on_its_seed(spikes):
    np.testing.assert_array_equal(baselines.shuffled(spikes, 0), baselines.shuffled(spikes, 0))
    assert (baselines.shuffled(spikes, 0) != baselines.shuffled(spikes, 1)).any()


def test_frame_moments_equal_numpys(spikes):
    means, covariance = baselines.frame_moments(spikes)
    frames = spikes.reshape(-1, NEURONS)
    np.testing.assert_allclose(means, frames.mean(axis=0))
    np.testing.assert_allclose(covariance, np.cov(frames.T, ddof=0), atol=1e-9)


@pytest.fixture(scope="module")
def gaussian(spikes):
    """Of spikes whose neuron 4 is silent."""
    spikes = spikes * np.array([1, 1, 1, 1, 0], np.uint8)
    sizes = np.array([1, 2, 1, 1, np.nan])
    settings = deconvolution.Settings(0.95, np.full(5, 0.5), np.arange(5.0), np.full(5, 0.1))
    inferred = deconvolution.Inferred(spikes, sizes)
    population = baselines.fitted_population(inferred, settings, spikes.shape[0] * spikes.shape[1], RATE, 0.812, seed=0)
    return PopulationWindows(population, WINDOWS, FRAMES), settings, spikes


def test_slices_of_dichotomized_gaussian_windows_agree(gaussian):
    windows = gaussian[0]
    everything = windows[:]
    assert everything.shape == windows.shape == (WINDOWS, FRAMES, NEURONS)
    for part in (slice(0, 1), slice(3, 20), slice(50, None), slice(-2, None)):
        np.testing.assert_array_equal(windows[part], everything[part])


def test_dichotomized_gaussian_windows_have_the_rates_and_correlations_of_the_spikes(gaussian):
    """A first frame can't have an event, so 1/64 of the spikes are missed."""
    windows, settings, spikes = gaussian
    settings = dataclasses.replace(settings, g=np.exp(-1 / (0.812 * RATE)))
    found = deconvolution.infer_spikes(windows, settings, processes=1).spikes
    p = spikes.mean(axis=(0, 1))
    error = np.sqrt(p * (1 - p) / (WINDOWS * FRAMES))
    np.testing.assert_array_less(np.abs(found.mean(axis=(0, 1)) - p * 63 / 64), 4 * error + 1e-9)
    found, asked = (np.corrcoef(side[:, :, :2].reshape(-1, 2).T)[0, 1] for side in (found, spikes))
    assert found == pytest.approx(asked, abs=0.1)


def test_silent_neuron_of_a_dichotomized_gaussian_is_its_baseline(gaussian):
    silent = gaussian[0][:][:, :, 4]
    assert silent.mean() == pytest.approx(4, abs=0.05)
