import dataclasses

import numpy as np
import pytest
from oasis.oasis_methods import oasisAR1

from calciumgan_tf.spikes import autoregressive, deconvolution, kernels
from calciumgan_tf.synthetic import populations
from calciumgan_tf.synthetic.calcium import fluorescence

G = 0.95
NOISE = np.array([0.0, 0.1, 0.3])


def settings(neurons=3, s_min=0.55, baseline=0.0):
    return deconvolution.Settings(G, np.full(neurons, s_min), np.full(neurons, baseline), np.zeros(neurons))


def random_spikes(*shape, probability=0.02, seed=0):
    spikes = (np.random.default_rng(seed).random(shape) < probability).astype(np.uint8)
    spikes[..., 0, :] = 0
    return spikes


@pytest.fixture(scope="module")
def windows():
    """float32 (10, 128, 3), noisy."""
    return fluorescence(random_spikes(10, 128, 3), G, 1, NOISE, np.random.default_rng(1), baseline=0.2)


@pytest.mark.parametrize("amplitude", [0.6, 1.0, 5.0])
@pytest.mark.parametrize("probability", [0.02, 0.5])
def test_events_of_a_noiseless_trace_are_the_spikes(amplitude, probability):
    spikes = random_spikes(4, 500, 3, probability=probability)
    traces = fluorescence(spikes, G, amplitude, 0, np.random.default_rng(1))
    np.testing.assert_allclose(deconvolution.events(traces, settings()), amplitude * spikes, atol=1e-5)


def test_baseline_is_taken_off():
    spikes = random_spikes(2, 500, 3)
    traces = fluorescence(spikes, G, 1, 0, np.random.default_rng(1), baseline=7)
    np.testing.assert_allclose(deconvolution.events(traces, settings(baseline=7)), spikes, atol=1e-4)


def test_jump_below_s_min_is_no_event():
    spikes = np.zeros((500, 1), np.uint8)
    spikes[200] = 1
    for amplitude, expected in ((0.5, 0), (0.6, 1)):
        traces = fluorescence(spikes, G, amplitude, 0, np.random.default_rng(1))
        assert np.count_nonzero(deconvolution.events(traces, settings(1))) == expected


def test_events_are_zero_or_at_least_s_min(windows):
    found = deconvolution.events(windows, settings())
    assert found.dtype == np.float32
    assert found[found != 0].min() > 0.55 * (1 - 1e-6)


def test_events_are_oasis_own(windows):
    _, jumps = oasisAR1(windows[3, :, 2].astype(np.float64) - 0.2, G, 0.0, 0.55)
    found = deconvolution.events(windows, settings(baseline=0.2))[3, :, 2]
    np.testing.assert_allclose(found, np.maximum(jumps, 0), atol=1e-6)


def test_windows_are_deconvolved_one_by_one(windows):
    together = deconvolution.events(windows, settings())
    np.testing.assert_array_equal(together, [deconvolution.events(window, settings()) for window in windows])


def test_first_frame_is_never_an_event():
    traces = np.random.default_rng(0).normal(0, 3, (200, 16, 3))
    traces[:, 0] += 10
    assert not deconvolution.events(traces, settings(s_min=0.1))[:, 0].any()


@pytest.mark.parametrize("tau_decay", [0.3, 0.812])
def test_noise_level_is_near_the_truth(tau_decay):
    g = np.exp(-1 / (tau_decay * 24))
    spikes = random_spikes(20000, 3, probability=0.005)
    traces = fluorescence(spikes, g, 0.5, [0.1, 0.3, 1], np.random.default_rng(1), baseline=[0, 5, -3])
    np.testing.assert_allclose(deconvolution.noise_level(traces), [0.1, 0.3, 1], rtol=0.1)


def test_baseline_of_a_silent_neuron_is_near_the_truth():
    """The decile of 20000 frames has a standard error of .012 SD."""
    baseline, noise = np.array([0, 2, -1.5]), np.array([0.1, 0.3, 1])
    traces = (baseline + noise * np.random.default_rng(0).standard_normal((20000, 3))).astype(np.float32)
    found = deconvolution.fit_settings(traces, G)
    np.testing.assert_array_less(np.abs(found.baseline - baseline) / noise, 0.1)


def test_active_neuron_moves_the_baseline_by_less_than_its_noise():
    traces = fluorescence(random_spikes(20000, 3), G, 1, 0.3, np.random.default_rng(1), baseline=[0, 2, -1.5])
    assert (np.abs(deconvolution.fit_settings(traces, G).baseline - [0, 2, -1.5]) < 0.3).all()


@pytest.mark.parametrize("decay, smallest", [(0.95, 2.4), (0.3, 4 * np.sqrt(1 - 0.3**2))])
def test_smallest_event_of_white_noise(decay, smallest):
    """2.4 times the noise, or four times the error of an event's size where transients are shorter."""
    traces = np.random.default_rng(0).normal(0, [0.1, 1.0], (20000, 2))
    np.testing.assert_allclose(
        deconvolution.fit_settings(traces, decay).s_min, smallest * np.array([0.1, 1]), rtol=0.03
    )


def test_noise_alone_makes_hardly_an_event():
    for decay in (0.3, 0.8, 0.97):
        traces = np.random.default_rng(1).normal(0, 1, (50_000, 2))
        found = deconvolution.events(traces, deconvolution.fit_settings(traces, decay))
        assert np.count_nonzero(found) < 0.0005 * found.size


def test_slow_fluctuations_raise_the_smallest_event():
    generator = np.random.default_rng(0)
    white = generator.normal(0, 0.1, (20000, 1))
    slow = np.repeat(generator.normal(0, 0.3, (200, 1)), 100, axis=0)
    plain, wandering = (deconvolution.fit_settings(traces, 0.8).s_min for traces in (white, white + slow))
    assert wandering > 1.3 * plain


def test_a_recording_that_states_its_kernel_is_not_estimated(monkeypatch):
    monkeypatch.setattr(kernels, "estimate", None)
    recording = populations.population(neurons=3, s_min=None).recording(4000)
    found = deconvolution.fit_recording(recording, ((0, 3000),))
    np.testing.assert_array_equal(found.decay, recording.g)
    assert found.g == recording.g and found.tau_decay(24.0) == pytest.approx(0.812) and found.tau_rise(24.0) == 0


def test_settings_do_not_depend_on_how_many_neurons_are_fitted_together(monkeypatch):
    recording = populations.population(neurons=3, seed=1, s_min=None).recording(3000)
    recording = dataclasses.replace(recording, tau_decay=None, tau_rise=None)
    together = deconvolution.fit_recording(recording, ((0, 1400), (1600, 3000)))
    monkeypatch.setattr(deconvolution, "CHUNK_NEURONS", 2)
    monkeypatch.setattr(deconvolution, "SEVERAL_TO_FIT", 0)  # in two processes
    apart = deconvolution.fit_recording(recording, ((0, 1400), (1600, 3000)))
    for field in dataclasses.fields(together):
        np.testing.assert_allclose(getattr(apart, field.name), getattr(together, field.name), rtol=1e-12)


def test_heldout_frames_do_not_reach_the_estimate():
    recording = dataclasses.replace(populations.population(neurons=3).recording(8000), tau_rise=None, tau_decay=None)
    before = deconvolution.fit_recording(recording, ((0, 3000), (4000, 8000)))
    recording.traces[3000:4000] = 99
    after = deconvolution.fit_recording(recording, ((0, 3000), (4000, 8000)))
    for field in dataclasses.fields(before):
        np.testing.assert_array_equal(getattr(before, field.name), getattr(after, field.name))


def test_without_a_rise_in_the_kernel_an_event_is_taken_for_several():
    decay, rise = autoregressive.roots(0.06, 0.7, 30.0)
    spikes = np.zeros((3000, 1), np.uint8)
    spikes[50::100] = 1
    traces = fluorescence(spikes, float(decay), 1, 0.1, np.random.default_rng(0), rise=float(rise))
    with_rise, without = (
        np.count_nonzero(deconvolution.events(traces, deconvolution.fit_settings(traces, decay, rise=r)))
        for r in (rise, 0.0)
    )
    assert 30 <= with_rise <= 36 and without > 50


def test_given_s_min_means_baseline_zero(windows):
    found = deconvolution.fit_settings(windows.reshape(-1, 3), G, 0.55)
    assert found.s_min.tolist() == [0.55] * 3 and found.baseline.tolist() == [0] * 3


def test_spikes_and_event_sizes_follow_from_events(windows):
    found = deconvolution.events(windows, settings())
    inferred = deconvolution.infer_spikes(windows, settings(), processes=1)
    np.testing.assert_array_equal(inferred.spikes, found > 0)
    np.testing.assert_allclose(inferred.event_size, [found[..., i][found[..., i] > 0].mean() for i in range(3)])


def test_silent_neuron_has_no_event_size():
    inferred = deconvolution.infer_spikes(np.zeros((2, 32, 3), np.float32), settings(), processes=1)
    assert not inferred.spikes.any() and np.isnan(inferred.event_size).all()


@pytest.mark.parametrize("processes", [1, 2])
def test_chunks_and_processes_change_nothing(windows, monkeypatch, processes):
    whole = deconvolution.infer_spikes(windows, settings(), processes=1)
    monkeypatch.setattr(deconvolution, "CHUNK_VALUES", 128 * 3)  # one window: ten chunks, more than may wait
    parts = deconvolution.infer_spikes(windows, settings(), processes)
    np.testing.assert_array_equal(parts.spikes, whole.spikes)
    np.testing.assert_allclose(parts.event_size, whole.event_size)


@pytest.mark.parametrize("s_min, bias", [(populations.S_MIN, 0.05), (None, 0.2)])
def test_synthetic_rates_and_event_sizes_are_recovered(s_min, bias):
    """An estimated baseline is a little high, so that events are a little small; the rates stay right."""
    recording = populations.population(neurons=6, noise=0.15).recording(12000)
    settings = deconvolution.fit_settings(recording.traces, recording.g, s_min)
    found = deconvolution.infer_spikes(recording.traces[None], settings, processes=1)
    np.testing.assert_allclose(found.spikes[0].mean(axis=0), recording.spikes.mean(axis=0), rtol=0.05)
    np.testing.assert_allclose(found.event_size, populations.AMPLITUDE, rtol=bias)


def test_settings_on_blocks_are_those_of_their_frames_together(monkeypatch):
    traces, blocks = np.random.default_rng(0).normal(1, 0.2, (3000, 5)), ((0, 1000), (1300, 2500))
    monkeypatch.setattr(deconvolution, "CHUNK_NEURONS", 2)
    for s_min in (None, 0.5):
        together = deconvolution.fit_settings(np.concatenate([traces[:1000], traces[1300:2500]]), 0.9, s_min)
        found = deconvolution.fit_settings_on_blocks(traces, blocks, 0.9, s_min)
        for field in ("s_min", "baseline", "noise"):
            np.testing.assert_array_equal(getattr(found, field), getattr(together, field))


@pytest.mark.parametrize("s_min", [None, 0.5])
def test_another_decay_is_fitted_as_if_it_had_been_given(s_min):
    """Twice the decay of .4 s is .8 s; the rise stays."""
    recording = populations.population(neurons=3, noise=0.15).recording(3000)
    recording = dataclasses.replace(recording, tau_decay=0.4, tau_rise=0.1, s_min=None)
    blocks = ((0, 1000), (1200, 3000))
    settings = deconvolution.fit_recording(recording, blocks, s_min)
    same = deconvolution.refit(recording, blocks, settings, 1, s_min)
    twice = deconvolution.refit(recording, blocks, settings, 2, s_min)
    expected = deconvolution.fit_recording(dataclasses.replace(recording, tau_decay=0.8), blocks, s_min)
    for field in dataclasses.fields(deconvolution.Settings):
        np.testing.assert_allclose(getattr(same, field.name), getattr(settings, field.name), rtol=1e-6)
        np.testing.assert_allclose(getattr(twice, field.name), getattr(expected, field.name), rtol=1e-6)
    assert twice.tau_decay(24) == pytest.approx(0.8) and twice.tau_rise(24) == pytest.approx(0.1)
