"""Power spectra of noise and of sines, in closed form."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics.spectra import BANDS, BINS_A_BAND, Spectra
from calciumgan_tf.evaluation.diagnostics.statistic import Context

RATE, FRAMES = 20.0, 97  # an odd number, so that no frequency is Nyquist's, which a one-sided spectrum counts once


def decibels(windows):
    """Mean frequency and level of each bin, (bin,) and (bin, neuron)."""
    spectra = Spectra(Context(RATE, windows))
    return spectra.curve(spectra.sums(windows, None).mean(axis=0))


def test_white_noise_is_flat():
    """Its one-sided density is 2 s^2 / frame rate; without the mean, the lowest frequency has 5/6 of that.

    The Hann taper is the filter (-1/4, 1/2, -1/4) of the transform, of which the mean is one of three terms there:
    (1/4 + 1/16) / (1/4 + 2/16) = 5/6.
    """
    sd = np.array([0.5, 2.0])
    windows = np.random.default_rng(0).normal(0, sd, (2000, FRAMES, 2)).astype(np.float32)
    _, level = decibels(windows)
    expected = np.tile(10 * np.log10(2 * sd**2 / RATE), (len(level), 1))
    expected[0] += 10 * np.log10(5 / 6)
    error = 10 / np.log(10) / np.sqrt(2000)  # of a single frequency, whose power has a relative SD of 1
    np.testing.assert_array_less(abs(level - expected), 3 * error)


@pytest.mark.parametrize("cycles", [1, 20, 41])
def test_a_sine_has_its_power_in_its_own_bin(cycles):
    """The taper spreads it to the frequencies next to its own and to no other, but for rounding."""
    frames = np.arange(FRAMES)[None, :, None]
    frequency, level = decibels((3 * np.sin(2 * np.pi * cycles * frames / FRAMES)).astype(np.float32))
    nearest = [abs(np.log(frequency * FRAMES / RATE / one)).argmin() for one in range(max(1, cycles - 1), cycles + 2)]
    assert level[:, 0].argmax() == nearest[-2]
    assert (np.delete(level[:, 0], nearest) < level.max() - 80).all()


def test_the_power_of_all_frequencies_is_the_variance():
    """Parseval: of a sine of amplitude 3 it is 9 / 2, which the taper's density keeps on average."""
    frames = np.arange(FRAMES)[None, :, None]
    windows = (3 * np.sin(2 * np.pi * 20 * frames / FRAMES)).astype(np.float32)
    spectra = Spectra(Context(RATE, windows))
    frequency, level = spectra.curve(spectra.sums(windows, None).mean(axis=0))
    every = np.fft.rfftfreq(FRAMES, 1 / RATE)[1:]
    nearest = abs(np.log(frequency[:, None] / every)).argmin(axis=0)
    sizes = np.bincount(nearest, minlength=len(frequency))
    assert (10 ** (level[:, 0] / 10) * sizes).sum() * RATE / FRAMES == pytest.approx(4.5, rel=0.01)


def test_doubled_traces_have_6_decibels_more_and_an_offset_changes_nothing():
    windows = np.random.default_rng(0).normal(size=(5, FRAMES, 3)).astype(np.float32)
    _, level = decibels(windows)
    np.testing.assert_allclose(decibels(2 * windows)[1], level + 20 * np.log10(2), atol=1e-4)
    np.testing.assert_allclose(decibels(windows + 4)[1], level, atol=1e-3)


@pytest.mark.parametrize("frames", [8, 64, 97, 1000])
def test_rows_share_the_bins_from_slow_to_fast(frames):
    windows = np.random.default_rng(0).normal(size=(4, frames, 2)).astype(np.float32)
    spectra = Spectra(Context(RATE, windows))
    sums = spectra.sums(windows, None)
    values = spectra.values(sums)
    frequency, level = spectra.curve(sums[0])
    joined = np.concatenate([values[f"spectrum_{band}"][0] for band in BANDS])
    np.testing.assert_array_equal(joined, level.ravel())
    assert (np.diff(frequency) > 0).all()
    assert len(level) <= len(BANDS) * BINS_A_BAND
    assert all(0 < values[row.name].shape[1] <= 2 * BINS_A_BAND for row in spectra.rows)


def test_a_silent_neuron_has_a_finite_level():
    np.testing.assert_allclose(decibels(np.ones((3, FRAMES, 1), np.float32))[1], -120)
