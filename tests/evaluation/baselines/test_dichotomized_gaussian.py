import dataclasses

import numpy as np
import pytest
from random_spikes import FRAMES, NEURONS, RATE, WINDOWS, random_spikes

from calciumgan_tf.dataset.windows import PopulationWindows
from calciumgan_tf.evaluation.baselines.dichotomized_gaussian import fitted_population, frame_moments
from calciumgan_tf.spikes import deconvolution


@pytest.fixture(scope="module")
def spikes():
    return random_spikes()


def test_frame_moments_equal_numpys(spikes):
    means, covariance = frame_moments(spikes)
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
    population = fitted_population(inferred, settings, spikes.shape[0] * spikes.shape[1], RATE, seed=0)
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
    settings = dataclasses.replace(settings, decay=np.exp(-1 / (0.812 * RATE)))
    found = deconvolution.infer_spikes(windows, settings, processes=1).spikes
    p = spikes.mean(axis=(0, 1))
    error = np.sqrt(p * (1 - p) / (WINDOWS * FRAMES))
    np.testing.assert_array_less(np.abs(found.mean(axis=(0, 1)) - p * 63 / 64), 4 * error + 1e-9)
    found, asked = (np.corrcoef(side[:, :, :2].reshape(-1, 2).T)[0, 1] for side in (found, spikes))
    assert found == pytest.approx(asked, abs=0.1)


def test_silent_neuron_of_a_dichotomized_gaussian_is_its_baseline(gaussian):
    silent = gaussian[0][:][:, :, 4]
    assert silent.mean() == pytest.approx(4, abs=0.05)
