import numpy as np
import pytest
import scipy.fft
import scipy.signal

from calciumgan_tf.physiological import rhythms

FRAMES, RATE = 128, 24.0


def power(traces):
    """Mean power of windows that overlap by half, (frequency, neuron), and how many there are."""
    windows = np.lib.stride_tricks.sliding_window_view(traces, FRAMES, axis=0)[:: FRAMES // 2]
    return (scipy.fft.dct(windows, norm="ortho", axis=-1) ** 2).mean(axis=0).T, len(windows)


def rhythm(hertz, frames):
    return np.sin(2 * np.pi * hertz / RATE * np.arange(frames))[:, None]


@pytest.mark.parametrize("hertz", [2.0, 5.3, 11.0])
def test_rhythm_of_one_neuron_is_found_there_with_its_power(hertz):
    traces = np.random.default_rng(0).normal(size=(6000, 3))
    traces[:, 1:2] += 1.5 * rhythm(hertz, 6000)
    found = rhythms.excess(*power(traces))
    numbers = np.flatnonzero(found[:, 1])
    assert abs(numbers - 2 * hertz / RATE * FRAMES).max() <= 6
    np.testing.assert_allclose(found[:, 1].sum() / FRAMES, 1.5**2 / 2, rtol=0.15)
    assert not found[:, [0, 2]].any()


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.95, 0.999])
@pytest.mark.parametrize("frames", [200, 704, 6000])
def test_smooth_spectra_have_none(decay, frames):
    white = np.random.default_rng(1).normal(size=(frames, 100))
    assert not rhythms.excess(*power(scipy.signal.lfilter([1.0], [1, -decay], white, axis=0))).any()


def test_a_weak_rhythm_is_left_to_the_noise():
    traces = np.random.default_rng(2).normal(size=(6000, 1)) + 0.1 * rhythm(5.0, 6000)
    assert not rhythms.excess(*power(traces)).any()
