"""Processes without an end: any stretch is that of the whole, and statistics are those of windows."""

import numpy as np
import pytest

from calciumgan_tf.physiological.waves import autoregressive_power
from calciumgan_tf.randomness import Purpose, Randomness
from calciumgan_tf.sampling import processes
from calciumgan_tf.sampling.processes import Filtered, Projected, White, filter_of_waves, half_sine

random = Randomness(0)


def white(*shape, number=0):
    return White(lambda block: random.key(Purpose.SESSION, number, block), shape)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(processes, "BLOCK_VALUES", 30)


def projected():
    kernel = np.random.default_rng(0).normal(size=(6, 4, 2)).astype(np.float32)
    middle = np.arange(12, dtype=np.float32).reshape(6, 2)
    return Projected(white(4).stretch, kernel, middle)


ALL = {
    "white": lambda: white(3),
    "filtered": lambda: Filtered(white(2), np.random.default_rng(0).normal(size=(7, 2))),
    "levels": lambda: Filtered(white(2), np.repeat(half_sine(5)[:, None], 2, axis=1)),
    "projected": projected,
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(("start", "stop"), [(0, 5), (7, 8), (29, 31), (40, 95)])
def test_a_stretch_is_that_of_the_whole(name, start, stop):
    process = ALL[name]()
    np.testing.assert_allclose(process.stretch(start, stop), process.stretch(0, 100)[start:stop], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(process.stretch(start, stop), ALL[name]().stretch(start, stop))


def test_white_noise_is_independent_and_standard_normal():
    drawn = white(2).stretch(0, 4000)
    assert abs(drawn.mean()) < 0.05 and abs(drawn.std() - 1) < 0.05
    assert abs((drawn[1:] * drawn[:-1]).mean()) < 0.05 and len(np.unique(drawn)) == drawn.size


@pytest.mark.parametrize("seconds", [0.5, 5.0, 60.0])
@pytest.mark.parametrize(("first", "last"), [(0, 4), (4, 16), (16, 60)])
def test_filtered_noise_has_the_autocovariance_of_the_waves(seconds, first, last):
    frames = 256
    amplitudes = np.sqrt(autoregressive_power(seconds, 24.0, frames))[first:last, None]
    taps = filter_of_waves(amplitudes, range(first, last), frames)[:, 0]
    phase = np.pi * np.arange(first, last) / frames
    wanted = np.cos(np.arange(frames + 1)[:, None] * phase) @ (amplitudes[:, 0] ** 2 / frames)
    found = np.array([taps[: len(taps) - lag] @ taps[lag:] for lag in range(frames + 1)])
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-6)
    assert np.abs(found - wanted).max() < 0.06 * wanted[0]
    # Waves would repeat after two windows.
    if first:
        assert abs(taps[: -2 * frames + 1] @ taps[2 * frames - 1 :]) < 0.03 * wanted[0]


@pytest.mark.parametrize("places", [1, 2, 5, 6])
def test_projected_rows_have_the_mean_and_the_covariance_of_a_window_all_places_alike(places):
    kernel = np.random.default_rng(0).normal(size=(places, 3, 2))
    middle = np.arange(2 * places).reshape(places, 2) / places
    rows = Projected(white(3).stretch, kernel, middle).stretch(0, 20_000)
    shares = half_sine(places) ** 2
    np.testing.assert_allclose(shares.sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(rows.mean(axis=0), shares @ middle, atol=0.15)
    wanted = np.einsum("p,pij,pik->jk", shares, kernel, kernel)
    for part in (rows[::2], rows[1::2]):
        np.testing.assert_allclose(np.cov(part.T), wanted, atol=0.1 * np.abs(wanted).max())
