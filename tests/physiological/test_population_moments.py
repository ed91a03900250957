import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.dataset import scaling
from calciumgan_tf.errors import InputError
from calciumgan_tf.physiological import halves, population_moments
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations

WINDOW, BLOCKS = 128, ((0, 9000), (9200, 18000))


@pytest.fixture(scope="module")
def truth():
    return populations.population(neurons=6)


@pytest.fixture(scope="module")
def measured(truth):
    """The loss of a recording, its scaling, and fresh windows of the same truth, scaled."""
    recording = truth.recording(18000)
    scale = scaling.fit(recording, BLOCKS, "zscore", 0)
    settings = deconvolution.fit_settings(recording.traces, recording.g, recording.s_min)
    loss = population_moments.PopulationMoments(recording, BLOCKS, settings, scale, WINDOW)
    return loss, scale, scale.scaled(truth.windows(512, WINDOW)[1]).astype(np.float32)


def value(loss, windows):
    """The loss of a batch on a single replica."""
    return float(loss(windows, halves.half_weights(len(windows))))


def test_targets_are_moments_written_out(truth, measured):
    loss = measured[0]
    traces = truth.recording(18000).traces.astype(np.float64)
    g, k = truth.recording(10).g, 5  # frames in .2 s
    innovations, events = [], []
    pieces = [(a, min(a + 2 * WINDOW, stop)) for start, stop in BLOCKS for a in range(start, stop, 2 * WINDOW)]
    for start, stop in (piece for piece in pieces if piece[1] - piece[0] >= WINDOW):
        block = traces[start:stop]
        innovations.append(block[1:] - g * block[:-1])
        frames = range(k, len(block) - k + 1)
        jump = np.stack([block[t : t + k].sum(0) - g**k * block[t - k : t].sum(0) for t in frames])
        jump /= sum(g**i for i in range(k))
        events.append(1 / (1 + np.exp(-8 * (jump / populations.S_MIN - 1.2))))
    for target, parts in zip(loss.targets, (innovations, events)):
        together = np.concatenate(parts)
        np.testing.assert_allclose(target.mean, together.mean(axis=0), rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(target.covariance, np.cov(together.T, bias=True), rtol=1e-3, atol=1e-5)


def test_time_scales_reach_from_a_frame_to_a_window(measured):
    assert measured[0]._bins == [1, 12, 48]
    assert len(measured[0].targets) == 5


def test_truth_is_better_than_any_planted_fault(measured):
    loss, _, windows = measured
    shuffled = windows.copy()
    for neuron in range(6):
        shuffled[:, :, neuron] = windows[np.random.default_rng(neuron).permutation(512), :, neuron]
    synchronous = np.repeat(windows[:, :, :1], 6, 2)
    faults = {"shuffled": shuffled, "synchronous": synchronous, "larger": windows * 1.5, "smaller": windows * 0.5}
    right = value(loss, windows)
    for name, wrong in faults.items():
        assert value(loss, wrong) > right + 0.05, name


def test_sampling_noise_does_not_count(measured):
    """Batches of 16 are as good as all on average, although their moments scatter."""
    loss, _, windows = measured
    small = [value(loss, windows[i : i + 16]) for i in range(0, 512, 16)]
    error = np.std(small) / np.sqrt(len(small))
    assert abs(np.mean(small) - value(loss, windows)) < 4 * error


def test_windows_of_the_training_part_cost_nothing(truth, measured):
    loss, scale, _ = measured
    starts = np.concatenate([np.arange(start, stop - WINDOW, 17) for start, stop in BLOCKS])
    starts = np.random.default_rng(0).permutation(starts)
    traces = truth.recording(18000).traces
    assert abs(value(loss, scale.scaled(np.stack([traces[start : start + WINDOW] for start in starts])))) < 0.1


def test_loss_written_out(measured):
    """From NumPy's means and covariances of the windows of even and of odd index, view by view."""
    loss, scale, windows = measured
    windows, expected = windows[:8], 0.0
    views = loss._views(windows * scale.scale + scale.shift)
    for number, (target, view) in enumerate(zip(loss.targets, views)):
        halves = [np.asarray(view)[half::2].reshape(-1, 6).astype(np.float64) for half in range(2)]
        mean, covariance, scale_of_view = map(np.asarray, (target.mean, target.covariance, target.scale))
        outer = np.outer(scale_of_view, scale_of_view)
        first, second = ((np.cov(half.T, bias=True) - covariance) / outer for half in halves)
        expected += population_moments.PAIRS * np.mean(first.mean(axis=1) * second.mean(axis=1))
        if number > 0:
            expected += population_moments.PAIRS * np.mean(first * second)
        if number == 1:
            first, second = ((half.mean(axis=0) - mean) / scale_of_view for half in halves)
            expected += np.mean(first * second)
    assert value(loss, windows) == pytest.approx(expected, rel=1e-3)


def test_some_neurons_are_as_if_the_recording_had_no_others(truth, measured):
    loss, _, windows = measured
    recording, some = truth.recording(18000), [4, 0, 3]
    few = dataclasses.replace(recording, traces=recording.traces[:, some], spikes=None, neuron_ids=tuple("403"))
    settings = deconvolution.fit_settings(few.traces, few.g, few.s_min)
    alone = population_moments.PopulationMoments(few, BLOCKS, settings, scaling.fit(few, BLOCKS, "zscore", 0), WINDOW)
    windows = windows[:8, :, some]
    assert value(loss.of(tf.constant(some)), windows) == pytest.approx(value(alone, windows), rel=1e-4)


def test_weights_of_halves():
    np.testing.assert_allclose(halves.half_weights(5), np.c_[[1, 0, 1, 0, 1], [0, 1, 0, 1, 0]] / [3, 2])


def test_parts_of_a_batch_add_up_to_the_whole(measured):
    """What replicas do: each has some windows, and sums are taken over all of them."""
    loss, _, windows = measured
    weights, parts, sums = halves.half_weights(8), (slice(0, 3), slice(3, 8)), []
    for part in parts:
        loss(windows[part], weights[part], lambda x: sums.append(x.numpy()) or x)
    number = len(sums) // 2
    totals = iter(mine + theirs for mine, theirs in zip(sums[:number], sums[number:]))
    whole = loss(windows[parts[0]], weights[parts[0]], lambda _: next(totals))
    assert float(whole) == pytest.approx(value(loss, windows[:8]), rel=1e-4)


def test_gradient_points_to_the_truth(measured):
    loss, _, windows = measured
    factor = tf.Variable(0.8)
    with tf.GradientTape() as tape:
        total = loss(factor * windows, halves.half_weights(len(windows)))
    assert tape.gradient(total, factor) < 0


def test_slow_frame_rates_have_a_frame_as_their_shortest_bin(truth):
    recording = dataclasses.replace(truth.recording(18000), frame_rate=1.5)
    scale = scaling.fit(recording, BLOCKS, "zscore", 0)
    settings = deconvolution.fit_settings(recording.traces, recording.g, recording.s_min)
    loss = population_moments.PopulationMoments(recording, BLOCKS, settings, scale, 64)
    assert loss._bins == [1, 4, 16] and np.isfinite(value(loss, measured_windows(truth, scale)))


def measured_windows(truth, scale):
    return scale.scaled(truth.windows(8, 64)[1]).astype(np.float32)


def test_the_unit_of_the_traces_does_not_matter(truth, measured):
    """Traces a thousand times smaller: the same loss."""
    loss, _, windows = measured
    recording = truth.recording(18000)
    small = dataclasses.replace(recording, traces=recording.traces / 1000, s_min=recording.s_min / 1000)
    settings = deconvolution.fit_settings(small.traces, small.g, small.s_min)
    again = population_moments.PopulationMoments(
        small, BLOCKS, settings, scaling.fit(small, BLOCKS, "zscore", 0), WINDOW
    )
    assert value(again, windows) == pytest.approx(value(loss, windows), rel=0.02, abs=1e-3)


def test_windows_too_short_for_their_frame_rate(truth):
    recording = dataclasses.replace(truth.recording(18000), frame_rate=100.0)
    scale = scaling.fit(recording, BLOCKS, "zscore", 0)
    settings = deconvolution.fit_settings(recording.traces, recording.g, recording.s_min)
    with pytest.raises(
        InputError, match="--window_frames=64 is too short for the statistics loss at 100 Hz: take at least 80"
    ):
        population_moments.PopulationMoments(recording, BLOCKS, settings, scale, 64)
