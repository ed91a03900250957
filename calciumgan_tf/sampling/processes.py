"""Random processes without an end, of which any stretch can be drawn alone.

A frame of a process is a function of its keys and the number of the frame, from 0 on, whatever else is drawn. `stretch`
returns float32 (frame, ...); the same bounds give the same bits, other bounds the same numbers to rounding.
"""

import math

import numpy as np
import scipy.fft
import scipy.signal
import tensorflow as tf

BLOCK_VALUES = 1 << 16  # numbers drawn with a key
LONGEST = 8  # windows after which the slowest noise is forgotten


class White:
    """Independent standard normal numbers."""

    def __init__(self, key, shape):
        """Prepares nothing.

        Args:
          key: function of a whole number that gives a key for TensorFlow's stateless functions, an integer tensor (2,).
          shape: of a frame.
        """
        self._key, self._shape = key, tuple(shape)
        self._rows = max(1, BLOCK_VALUES // math.prod(self._shape))

    def stretch(self, start, stop):
        """Frames `start` to `stop` - 1."""
        first = start // self._rows
        blocks = [
            tf.random.stateless_normal([self._rows, *self._shape], self._key(number)).numpy()
            for number in range(first, -(-stop // self._rows))
        ]
        return np.concatenate(blocks)[start - first * self._rows :][: stop - start]


class Filtered:
    """White noise through a filter a channel, hence a stationary Gaussian process."""

    def __init__(self, white, taps):
        """Args: white: White of frames (channel,). taps: float64 (tap, channel)."""
        self._white, self._taps = white, taps.astype(np.float32)

    def stretch(self, start, stop):
        """Frames `start` to `stop` - 1."""
        white = self._white.stretch(start, stop + len(self._taps) - 1)
        return scipy.signal.oaconvolve(white, self._taps, mode="valid", axes=0).astype(np.float32)


class Projected:
    """A sequence of noise vectors through a generator's projection, which makes several rows of each.

    Row i is the sum over places p of what the projection makes of vector i + L - 1 - p at place p, times a weight. The
    squares of the weights add up to 1: where projected noise is normal, a row has the mean of the distributions that it
    has at the places of a window, in every row the same.
    """

    def __init__(self, vectors, kernel, middle):
        """Prepares nothing.

        Args:
          vectors: function (start, stop) to noise vectors (stop - start, number).
          kernel: of the projection, (place, number, ...).
          middle: its bias, (place, ...).
        """
        weights = half_sine(len(kernel)).reshape(-1, *[1] * (kernel.ndim - 1))
        self._vectors, self._kernel = vectors, kernel * weights
        self._middle = (middle * weights[..., 0] ** 2).sum(axis=0)

    def stretch(self, start, stop):
        """Rows `start` to `stop` - 1."""
        vectors, rows, places = self._vectors(start, stop + len(self._kernel) - 1), stop - start, len(self._kernel)
        parts = (np.tensordot(vectors[places - 1 - place :][:rows], self._kernel[place], 1) for place in range(places))
        return (sum(parts) + self._middle).astype(np.float32)


def half_sine(count):
    """Weights that rise and fall as half a sine, float32 (count,); their squares add up to 1."""
    weights = np.sin(np.pi * (np.arange(count) + 0.5) / count)
    return (weights / np.sqrt((weights**2).sum())).astype(np.float32)


def filter_of_waves(amplitudes, numbers, frames):
    """The filter that makes a session's noise of white noise, as `slow_noise.wave_noise` makes a window's of waves.

    Variance and, to a few per cent, autocovariance are those of the waves up to a lag of a window. Beyond it nothing is
    known. The lowest band, which holds all that is slower than a window, keeps the covariance that it has there and
    loses it in the course of `LONGEST` windows; the others fall to 0 at two windows, where waves would repeat.

    Args:
      amplitudes: A, float64 (frequency, channel).
      numbers: of the frequencies, (frequency,).
      frames: T, of a window.

    Returns:
      float64 (tap, channel), an even number of taps.
    """
    lowest = 0 in numbers
    windows = LONGEST if lowest else 2
    phase = np.pi * np.asarray(numbers) / frames
    lags = np.arange(windows * frames + 1)
    covariance = np.cos((np.minimum(lags, frames) if lowest else lags)[:, None] * phase) @ (amplitudes**2 / frames)
    beyond = np.clip((lags - frames) / ((windows - 1) * frames), 0, 1)
    covariance *= 0.5 + 0.5 * np.cos(np.pi * beyond)[:, None]
    power = scipy.fft.dct(covariance, type=1, axis=0)  # of a symmetric series; negative where there is no such process
    response = scipy.fft.idct(np.sqrt(np.maximum(power, 0)), type=1, axis=0)
    taps = np.concatenate([response[:0:-1], response[:-1]])
    return taps * np.sqrt(covariance[0] / (taps**2).sum(axis=0).clip(1e-300))
