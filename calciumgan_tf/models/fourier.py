"""A window as the coefficients of its Fourier series, real and imaginary parts as channels, and back.

An orthogonal map: distances between windows, and so the gradient penalty, are the same on both sides. The imaginary
part of the mean is always 0; its place holds the coefficient of the highest frequency, which is real.
"""

import keras
import numpy as np

from calciumgan_tf.models.blocks import over_frames


def matrix(frames):
    """float64 (frame, coefficient): real parts of `frames` / 2 coefficients, then imaginary parts; orthogonal."""
    half = frames // 2
    spectrum = np.fft.rfft(np.eye(frames), axis=1, norm="ortho")  # (frame, half + 1)
    real, imaginary = np.sqrt(2) * spectrum.real[:, :half], np.sqrt(2) * spectrum.imag[:, :half]
    real[:, 0] /= np.sqrt(2)
    imaginary[:, 0] = spectrum.real[:, half]
    return np.concatenate([real, imaginary], 1)


def coefficients(x, dtype):
    """Keras tensor (example, frame, neuron) to (example, frequency, 2 x neuron)."""
    frames, neurons = x.shape[1:]
    x = over_frames("fourier", dtype, matrix(frames))(x)
    x = keras.layers.Reshape((2, frames // 2, neurons), dtype=dtype)(x)
    x = keras.layers.Permute((2, 1, 3), dtype=dtype)(x)
    return keras.layers.Reshape((frames // 2, 2 * neurons), dtype=dtype)(x)


def traces(x, dtype):
    """The way back."""
    half, channels = x.shape[1:]
    x = keras.layers.Reshape((half, 2, channels // 2), dtype=dtype)(x)
    x = keras.layers.Permute((2, 1, 3), dtype=dtype)(x)
    x = keras.layers.Reshape((2 * half, channels // 2), dtype=dtype)(x)
    return over_frames("inverse_fourier", dtype, matrix(2 * half).T)(x)
