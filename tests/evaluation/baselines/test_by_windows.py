"""Baselines that change each window by itself: what they keep and what they destroy."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.baselines import by_windows
from calciumgan_tf.evaluation.baselines.phase_randomised import phase_randomised
from calciumgan_tf.evaluation.baselines.rerendered import rerendered
from calciumgan_tf.spikes import deconvolution

WINDOWS, FRAMES, NEURONS, DECAY = 12, 256, 3, 0.95
SETTINGS = deconvolution.Settings(DECAY, np.full(NEURONS, 0.5), np.zeros(NEURONS), np.full(NEURONS, 0.05))


@pytest.fixture(scope="module")
def windows():
    """Transients of size 1 that decay by .95 a frame and begin with calcium from before; neurons 0 and 1 share them."""
    generator = np.random.default_rng(0)
    events = (generator.random((WINDOWS, FRAMES + 100, NEURONS)) < 0.02) * 1.0
    events[..., 1] = events[..., 0]
    for frame in range(1, events.shape[1]):
        events[:, frame] += DECAY * events[:, frame - 1]
    return (events[:, 100:] + generator.normal(0, 0.05, (WINDOWS, FRAMES, NEURONS))).astype(np.float32)


def correlation(windows):
    return np.mean([np.corrcoef(window[:, 0], window[:, 1])[0, 1] for window in windows])


def skewness_of_steps(windows):
    steps = np.diff(windows, axis=1)
    return (steps**3).mean() / (steps**2).mean() ** 1.5


@pytest.mark.parametrize("together", [True, False])
def test_random_phases_keep_values_and_spectra_and_destroy_transients(windows, together):
    found = phase_randomised(windows, 0, together)
    np.testing.assert_array_equal(np.sort(found, axis=1), np.sort(windows, axis=1))
    power, before = (np.abs(np.fft.rfft(one, axis=1))[:, 1:20].mean(axis=0) for one in (found, windows))
    np.testing.assert_allclose(power, before, rtol=0.1)
    assert skewness_of_steps(windows) > 2 and abs(skewness_of_steps(found)) < 0.5
    assert correlation(windows) > 0.9
    assert correlation(found) > 0.8 if together else abs(correlation(found)) < 0.3


def test_rerendered_windows_keep_events_and_have_new_noise(windows):
    found = rerendered(windows, SETTINGS, 0)
    difference = found - windows
    assert difference.std() == pytest.approx(np.sqrt(2) * 0.05, rel=0.1)  # of two independent noises
    assert correlation(found) > 0.9 and skewness_of_steps(found) > 2


@pytest.mark.parametrize("make", [lambda w: phase_randomised(w, 1), lambda w: rerendered(w, SETTINGS, 1)], ids="pr")
def test_a_window_at_a_time_gives_windows_of_the_same_kind(windows, make, monkeypatch):
    monkeypatch.setattr(by_windows, "CHUNK_VALUES", 1)
    found = make(windows)
    assert found.shape == windows.shape and found.dtype == np.float32
    assert correlation(found) > 0.8


def test_windows_are_changed_a_few_at_a_time(monkeypatch):
    windows = np.arange(30.0).reshape(5, 3, 2)
    monkeypatch.setattr(by_windows, "CHUNK_VALUES", 12)
    seen = []

    def double(some):
        seen.append(len(some))
        return 2 * some

    np.testing.assert_array_equal(by_windows.changed(windows, double), 2 * windows)
    assert seen == [2, 2, 1]
