"""Elephant is the oracle; spikes lie in the middle of their frames, safely inside every bin."""

import elephant.spike_train_correlation
import elephant.spike_train_dissimilarity
import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
from elephant.conversion import BinnedSpikeTrain

from calciumgan_tf.spikes import statistics

RATE = 24.0
BIN = 12  # frames, 500 ms
FRAMES = 256  # 21 whole bins and 4 frames


def trains(spikes):
    """One window (frame, neuron) as Elephant's spike trains."""
    stop = len(spikes) / RATE * pq.s
    return [neo.SpikeTrain((np.flatnonzero(train) + 0.5) / RATE * pq.s, t_stop=stop) for train in spikes.T]


def binned(spikes):
    bins = len(spikes) // BIN
    return BinnedSpikeTrain(trains(spikes), bin_size=500 * pq.ms, t_start=0 * pq.s, t_stop=bins * 0.5 * pq.s)


@pytest.fixture(scope="module")
def windows():
    """uint8 (5, 256, 6), from nearly silent to bursting; neurons 0 and 1 share spikes."""
    generator = np.random.default_rng(0)
    spikes = generator.random((5, FRAMES, 6)) < [0.1, 0.1, 0.02, 0.05, 0.3, 0.8]
    spikes[:, :, 1] |= spikes[:, :, 0] & (generator.random((5, FRAMES)) < 0.5)
    return spikes.astype(np.uint8)


def one_train(*frames):
    train = np.zeros(FRAMES, np.uint8)
    train[list(frames)] = 1
    return train


def distance(*columns, tau=1.0):
    return statistics.van_rossum_distances(np.stack(columns, axis=1)[None], RATE, tau)[0]


def test_firing_rates_equal_elephants(windows):
    expected = [
        [elephant.statistics.mean_firing_rate(train).rescale("Hz").item() for train in trains(window)]
        for window in windows
    ]
    np.testing.assert_allclose(statistics.firing_rates(windows, RATE), expected, atol=1e-6)


def test_spike_counts_equal_elephants(windows):
    expected = [binned(window).to_array().T for window in windows]
    np.testing.assert_array_equal(statistics.spike_counts(windows, BIN), expected)


def test_covariances_equal_elephants(windows):
    found = statistics.covariances(statistics.spike_counts(windows, BIN))
    expected = [elephant.spike_train_correlation.covariance(binned(window)) for window in windows]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_correlations_equal_elephants(windows):
    found = statistics.correlations(statistics.covariances(statistics.spike_counts(windows, BIN)))
    expected = [elephant.spike_train_correlation.correlation_coefficient(binned(window)) for window in windows]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("tau", [0.05, 1.0, 10.0])
def test_van_rossum_distances_equal_elephants(windows, tau):
    expected = [
        elephant.spike_train_dissimilarity.van_rossum_distance(trains(window), tau * pq.s) for window in windows
    ]
    found = statistics.van_rossum_distances(windows, RATE, tau)
    np.testing.assert_allclose(found, statistics.pairs(np.array(expected)), atol=1e-6)


def test_interval_sums_equal_elephants(windows):
    intervals = [[elephant.statistics.isi(train).rescale("s").magnitude for train in trains(w)] for w in windows]
    expected = [[[len(one), one.sum(), (one**2).sum()] for one in window] for window in intervals]
    np.testing.assert_allclose(statistics.interval_sums(windows, RATE), np.moveaxis(expected, -1, 0), atol=1e-6)


@pytest.mark.parametrize("frame_rate, frames, expected", [(24, 256, 12), (24.6, 256, 12), (30, 256, 15), (1, 256, 1)])
def test_bin_frames_is_the_nearest_whole_number(frame_rate, frames, expected):
    assert statistics.bin_frames(frame_rate, 0.5, frames) == expected


def test_bin_is_never_longer_than_the_window():
    assert statistics.bin_frames(24, 0.5, 8) == 8


def test_frames_after_the_last_whole_bin_are_dropped(windows):
    changed = windows.copy()
    changed[:, -(FRAMES % BIN) :] ^= 1
    found = statistics.spike_counts(changed, BIN)
    assert found.shape == (5, FRAMES // BIN, 6)
    np.testing.assert_array_equal(found, statistics.spike_counts(windows, BIN))


def test_counts_beyond_255_do_not_overflow():
    spikes = np.ones((1, 600, 1), np.uint8)
    assert statistics.spike_counts(spikes, 300).ravel().tolist() == [300, 300]
    assert statistics.firing_rates(spikes, RATE).item() == RATE


def test_neuron_that_does_not_vary_has_no_correlation(windows):
    windows = windows.copy()
    windows[:, :, 2], windows[:, :, 5] = 0, 1
    found = statistics.correlations(statistics.covariances(statistics.spike_counts(windows, BIN)))
    undefined = np.zeros((6, 6), bool)
    undefined[[2, 5]] = undefined[:, [2, 5]] = True
    np.testing.assert_array_equal(np.isnan(found), np.broadcast_to(undefined, found.shape))


def test_equal_neurons_correlate_fully(windows):
    twins = np.concatenate([windows, windows], axis=2)
    found = statistics.correlations(statistics.covariances(statistics.spike_counts(twins, BIN)))
    np.testing.assert_allclose(np.diagonal(found[:, :6, 6:], axis1=1, axis2=2), 1, atol=1e-12)


def test_pairs_are_in_the_order_of_the_upper_triangle():
    assert statistics.pairs(np.arange(16).reshape(4, 4)).tolist() == [1, 2, 3, 6, 7, 11]


@pytest.mark.parametrize("frame", [0, 100, FRAMES - 1])
def test_one_spike_is_at_distance_one_from_silence(frame):
    np.testing.assert_allclose(distance(one_train(frame), one_train()), 1, atol=1e-12)


@pytest.mark.parametrize("tau", [0.1, 1.0])
@pytest.mark.parametrize("apart", [1, 24, 200])
def test_distance_of_two_spikes_apart(apart, tau):
    expected = np.sqrt(2 - 2 * np.exp(-apart / RATE / tau))
    np.testing.assert_allclose(distance(one_train(20), one_train(20 + apart), tau=tau), expected, atol=1e-12)


def test_distance_to_a_train_with_one_more_spike_is_one():
    np.testing.assert_allclose(distance(one_train(3, 50, 60), one_train(3, 50, 60, 200)), 1, atol=1e-12)


def test_equal_trains_are_at_distance_zero(windows):
    train = windows[0, :, 0]
    assert distance(train, train).item() == pytest.approx(0, abs=1e-6)


def test_distances_obey_the_triangle_inequality(windows):
    matrices = np.zeros((5, 6, 6))
    rows, columns = np.triu_indices(6, 1)
    matrices[:, rows, columns] = matrices[:, columns, rows] = statistics.van_rossum_distances(windows, RATE)
    detour = matrices[:, :, :, None] + matrices[:, None, :, :]  # i -> j -> k
    assert (matrices[:, :, None, :] <= detour + 1e-9).all()
    assert (statistics.pairs(matrices) > 0).all()


def test_distances_do_not_depend_on_the_chunk(windows, monkeypatch):
    together = statistics.van_rossum_distances(windows, RATE)
    monkeypatch.setattr(statistics, "CHUNK", 2)
    np.testing.assert_allclose(statistics.van_rossum_distances(windows, RATE), together, atol=1e-12)


def test_bool_spikes_are_as_good_as_uint8(windows):
    for function in (statistics.firing_rates, statistics.van_rossum_distances, statistics.interval_sums):
        np.testing.assert_array_equal(function(windows.astype(bool), RATE), function(windows, RATE))


def test_population_counts_add_up_to_frames_and_spikes(windows):
    counts = statistics.population_counts(windows)
    assert counts.shape == (5, 7)
    np.testing.assert_array_equal(counts.sum(axis=1), FRAMES)
    np.testing.assert_array_equal(counts @ np.arange(7), windows.sum(axis=(1, 2)))


def test_population_counts_of_a_small_example():
    spikes = np.array([[[0, 0], [1, 0], [1, 1], [0, 1]], [[0, 0], [0, 0], [0, 0], [1, 1]]], np.uint8)
    assert statistics.population_counts(spikes).tolist() == [[1, 2, 1], [3, 0, 1]]


def test_intervals_never_cross_a_window():
    """One spike a window, whatever the frame, has no interval; nor has one neuron's spike before another's."""
    spikes = np.zeros((20, FRAMES, 4), np.uint8)
    frames = np.random.default_rng(1).integers(0, FRAMES, (20, 4))
    np.put_along_axis(spikes, frames[:, None], 1, axis=1)
    assert not statistics.interval_sums(spikes, RATE).any()


def test_intervals_add_up_to_the_time_from_first_to_last_spike():
    number, total, squares = statistics.interval_sums(one_train(3, 10, 100)[None, :, None], RATE)[:, 0, 0]
    assert number == 2
    assert total == pytest.approx(97 / RATE)
    assert squares == pytest.approx((7**2 + 90**2) / RATE**2)


def test_cross_distances_are_those_of_the_trains_one_by_one(windows):
    recorded, generated = windows[:3, :, 0], windows[1:, :, 4]
    found = statistics.cross_van_rossum_distances(recorded, generated, RATE, 0.5)
    expected = [[distance(one, other, tau=0.5)[0] for other in generated] for one in recorded]
    assert found.shape == (3, 4)
    np.testing.assert_allclose(found, expected, atol=1e-9)
