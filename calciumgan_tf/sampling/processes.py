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


class Blended:
    """Windows of a generator that overlap by half, each from numbers of its own.

    Window k has weights that rise and fall as half a sine. The squares of the weights at a frame add up to 1, so that a
    frame has the variance that it has in a window.
    """

    def __init__(self, numbers, frames, window, middle=None):
        """Prepares nothing.

        Args:
          numbers: White, a frame a window.
          frames: of a window.
          window: function of a window's numbers that gives (frame, ...) without the mean over all numbers, or with 1
            for the frame where all are the same.
          middle: that mean, (frame, ...); None where it is 0.
        """
        self._numbers, self._window, self._middle = numbers, window, middle
        self.hop = max(1, frames // 2)
        self._places = np.minimum((frames - 2 * self.hop) // 2 + np.arange(2 * self.hop), frames - 1).clip(0)
        self._weights = np.sin(np.pi * (np.arange(2 * self.hop) + 0.5) / (2 * self.hop)).astype(np.float32)

    def stretch(self, start, stop):
        """Frames `start` to `stop` - 1."""
        first, last = start // self.hop, -(-stop // self.hop) + 1  # window k begins at frame (k - 1) hop
        total: np.ndarray | None = None
        for place, numbers in enumerate(self._numbers.stretch(first, last)):
            values = self._window(numbers)
            values = values[self._places] if len(values) > 1 else np.repeat(values, 2 * self.hop, axis=0)
            weights = self._weights.reshape(-1, *[1] * (values.ndim - 1))
            values = values * weights
            if self._middle is not None:
                values += self._middle[self._places] * weights**2
            if total is None:
                total = np.zeros(((last - first + 1) * self.hop, *values.shape[1:]), np.float32)
            total[place * self.hop : (place + 2) * self.hop] += values
        assert total is not None
        return total[start - (first - 1) * self.hop :][: stop - start]


def filter_of_waves(amplitudes, first, frames):
    """The filter that makes of white noise a session's slow noise, as `slow_noise` makes a window's of waves.

    Variance and, to a few per cent, autocovariance are those of the waves up to a lag of a window. Beyond it nothing is
    known. The lowest band, which holds all that is slower than a window, keeps the covariance that it has there and
    loses it in the course of `LONGEST` windows; the others fall to 0 at two windows, where waves would repeat.

    Args:
      amplitudes: A, float64 (frequency, channel), of the frequencies from `first` on.
      first: number of the first frequency.
      frames: T, of a window.

    Returns:
      float64 (tap, channel), an even number of taps.
    """
    windows = 2 if first else LONGEST
    phase = np.pi * np.arange(first, first + len(amplitudes)) / frames
    lags = np.arange(windows * frames + 1)
    covariance = np.cos((lags if first else np.minimum(lags, frames))[:, None] * phase) @ (amplitudes**2 / frames)
    beyond = np.clip((lags - frames) / ((windows - 1) * frames), 0, 1)
    covariance *= 0.5 + 0.5 * np.cos(np.pi * beyond)[:, None]
    power = scipy.fft.dct(covariance, type=1, axis=0)  # of a symmetric series; negative where there is no such process
    response = scipy.fft.idct(np.sqrt(np.maximum(power, 0)), type=1, axis=0)
    taps = np.concatenate([response[:0:-1], response[:-1]])
    return taps * np.sqrt(covariance[0] / (taps**2).sum(axis=0).clip(1e-300))
