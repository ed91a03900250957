import dataclasses

import numpy as np
import pytest
import scipy.fft
import scipy.signal

from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.physiological import neuron_statistics
from calciumgan_tf.physiological.waves import frequencies
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations

BLOCKS = ((0, 6000), (6500, 12000))
UNSCALED = Scaling(np.zeros(4, np.float32), np.ones(4, np.float32))


def measure(recording, scaling=UNSCALED, blocks=BLOCKS):
    frames = np.concatenate([recording.traces[start:stop] for start, stop in blocks])
    settings = deconvolution.fit_settings(frames, recording.g, recording.s_min)
    return neuron_statistics.measure(recording, blocks, settings, scaling, 128)


def test_known_truth_is_found():
    recording = populations.population(neurons=4).recording(12000)
    found = measure(recording)
    true_rate = np.concatenate([recording.spikes[a:b] for a, b in BLOCKS]).mean(axis=0)
    np.testing.assert_allclose(found.event_probability, true_rate, rtol=0.2)
    np.testing.assert_allclose(found.event_size, populations.AMPLITUDE, rtol=0.2)
    np.testing.assert_allclose(found.noise, populations.NOISE, rtol=0.1)
    np.testing.assert_allclose(found.baseline, 0, atol=0.1 * populations.AMPLITUDE)
    assert (found.decay == recording.g).all() and found.slow_noise.shape == (frequencies(128), 4)
    assert (found.slow_noise > 0).all()


def test_slow_noise_is_what_events_leave():
    """AR(1) noise beside events: its power is found, and that of white noise is the rest."""
    recording = populations.population(neurons=4).recording(12000)
    drawn = np.random.default_rng(0).normal(size=recording.traces.shape)
    slow = 0.1 * scipy.signal.lfilter([np.sqrt(1 - 0.98**2)], [1, -0.98], drawn, axis=0)
    noisy = dataclasses.replace(recording, traces=(recording.traces + slow).astype(np.float32))
    plain, found = measure(recording), measure(noisy)
    assert found.slow_noise[:8].mean() > 1.3 * plain.slow_noise[:8].mean()
    np.testing.assert_allclose(found.noise, plain.noise, rtol=0.1)


def test_rhythms_are_not_mistaken_for_other_noise():
    """A heart beat of 8 Hz in one neuron; without rhythms, its power was spread over the spectrum of fast noise."""
    recording = populations.population(neurons=4).recording(12000)
    beat = 0.15 * np.sin(2 * np.pi * 8 / recording.frame_rate * np.arange(12000))
    traces = recording.traces.copy()
    traces[:, 2] += beat.astype(np.float32)
    plain, found = measure(recording), measure(dataclasses.replace(recording, traces=traces))
    assert plain.rhythms is None
    np.testing.assert_allclose((found.rhythms**2).sum(axis=0) / 128, [0, 0, beat.var(), 0], rtol=0.25)
    np.testing.assert_allclose(found.noise, plain.noise, rtol=0.1)


def test_small_events_that_hide_in_slow_noise_are_found():
    """Events of a third of the smallest that counts, two a second, look like slow noise before it is halved twice."""
    random = np.random.default_rng(0)
    events = (random.random((12000, 4)) < 0.08) * 0.3
    calcium = scipy.signal.lfilter([1.0], [1, -0.95], events, axis=0)
    traces = (calcium + random.normal(0, 0.1, (12000, 4))).astype(np.float32)
    found = measure(Recording(traces, 24.0, source="test", tau_decay=0.812, s_min=0.9))
    assert (found.event_probability > 0.04).all() and (found.event_size < 0.6).all()
    np.testing.assert_allclose(found.noise, 0.1, rtol=0.2)


def test_fast_noise_has_the_colour_of_the_residual():
    """White noise through a filter of three taps: the found filter has its response."""
    random = np.random.default_rng(0)
    traces = scipy.signal.lfilter([0.1, 0.05, 0.02], [1.0], random.normal(size=(12000, 4)), axis=0).astype(np.float32)
    found = measure(Recording(traces, 24.0, source="test", tau_decay=0.812, s_min=20.0))
    response = np.abs(scipy.fft.rfft(found.noise_filter * found.noise, 256, axis=0))[::16]
    expected = np.abs(scipy.fft.rfft([0.1, 0.05, 0.02], 256))[::16, None]
    np.testing.assert_allclose(response[4:], np.tile(expected, 4)[4:], rtol=0.12)
    np.testing.assert_allclose((found.noise_filter**2).sum(axis=0), 1)


def test_it_is_in_scaled_units():
    recording = populations.population(neurons=4).recording(12000)
    scaling = Scaling(np.array([1, 2, 3, 4], np.float32), np.array([2, 2, 4, 4], np.float32))
    plain, scaled = measure(recording), measure(recording, scaling)
    np.testing.assert_allclose(scaled.event_size, plain.event_size / scaling.scale)
    np.testing.assert_allclose(scaled.largest_calcium, plain.largest_calcium / scaling.scale)
    np.testing.assert_allclose(scaled.noise, plain.noise / scaling.scale)
    np.testing.assert_allclose(scaled.baseline, (plain.baseline - scaling.shift) / scaling.scale, atol=1e-6)
    np.testing.assert_allclose(scaled.slow_noise, plain.slow_noise / scaling.scale, rtol=1e-3)
    np.testing.assert_allclose(scaled.event_spread, plain.event_spread)


def test_the_largest_calcium_is_that_of_the_truth():
    """With noise of a tenth of an event. The largest sums of events are too small by up to an eighth."""
    population = dataclasses.replace(populations.population(neurons=4), noise=0.1)
    recording = population.recording(12000)
    made = scipy.signal.lfilter([1.0], [1.0, -recording.g], recording.spikes.astype(float), axis=0)
    truth = populations.AMPLITUDE * made.max(axis=0)
    np.testing.assert_allclose(measure(recording).largest_calcium, truth, rtol=0.15)


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_neuron_without_events_has_half_of_one(level):
    traces = np.random.default_rng(0).normal(level, 0.1, (12000, 4)).astype(np.float32)
    recording = Recording(traces, 24.0, source="test", tau_decay=0.812, s_min=20.0)
    found = measure(recording)
    np.testing.assert_allclose(found.event_probability, 0.5 / 11500)
    np.testing.assert_allclose(found.event_size, 20)
    np.testing.assert_allclose(found.largest_calcium, 40)


def test_heldout_frames_are_not_looked_at():
    recording = populations.population(neurons=4).recording(12000)
    before = measure(recording)
    recording.traces[6000:6500] = 99
    after = measure(recording)
    for field in ("baseline", "noise", "noise_filter", "slow_noise", "event_probability", "event_size", "event_spread"):
        np.testing.assert_array_equal(getattr(before, field), getattr(after, field))


def test_shared_noise_is_found():
    """Half of the neurons share slow noise; with the loadings, its covariances come out, a little small."""
    random = np.random.default_rng(0)
    shared = scipy.signal.lfilter([np.sqrt(1 - 0.98**2)], [1, -0.98], random.normal(size=12000))
    loadings = np.array([0.3, 0.3, 0.3, 0.0])
    traces = (random.normal(0, 0.1, (12000, 4)) + loadings * shared[:, None]).astype(np.float32)
    found = measure(Recording(traces, 24.0, source="test", tau_decay=0.812, s_min=20.0)).neuropil_loadings
    made = found.T @ found
    np.testing.assert_allclose(made[:3, :3][~np.eye(3, dtype=bool)], 0.09, rtol=0.4)
    assert np.abs(made[3]).max() < 0.01
