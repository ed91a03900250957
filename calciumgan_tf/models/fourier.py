"""A window as the coefficients of its Fourier series, real and imaginary parts as channels, and back.

The map is orthogonal: distances between windows, and so the gradient penalty, are the same on both sides. The
imaginary part of the mean is always 0; its place holds the coefficient of the highest frequency, which is real.
"""

import keras
import numpy as np


def matrix(frames):
    """float64 (frame, coefficient): real parts of `frames` / 2 coefficients, then imaginary parts; orthogonal."""
    half = frames // 2
    spectrum = np.fft.rfft(np.eye(frames), axis=1, norm="ortho")  # (frame, half + 1)
    real, imaginary = np.sqrt(2) * spectrum.real[:, :half], np.sqrt(2) * spectrum.imag[:, :half]
    real[:, 0] /= np.sqrt(2)
    imaginary[:, 0] = spectrum.real[:, half]
    return np.concatenate([real, imaginary], 1)


def coefficients(x):
    """Keras tensor (example, frame, neuron) to (example, frequency, 2 x neuron)."""
    frames, neurons = x.shape[1:]
    x = _over_frames(x, "fourier", matrix(frames))
    x = keras.layers.Reshape((2, frames // 2, neurons))(x)
    x = keras.layers.Permute((2, 1, 3))(x)
    return keras.layers.Reshape((frames // 2, 2 * neurons))(x)


def traces(x):
    """The way back."""
    half, channels = x.shape[1:]
    x = keras.layers.Reshape((half, 2, channels // 2))(x)
    x = keras.layers.Permute((2, 1, 3))(x)
    x = keras.layers.Reshape((2 * half, channels // 2))(x)
    return _over_frames(x, "inverse_fourier", matrix(2 * half).T)


def _over_frames(x, name, kernel):
    """Multiplies (example, frame, channel) by a constant matrix (frame, frame after)."""
    layer = keras.layers.Dense(kernel.shape[1], use_bias=False, trainable=False, name=name)
    layer.build((None, None, kernel.shape[0]))
    layer.set_weights([kernel])
    return keras.layers.Permute((2, 1))(layer(keras.layers.Permute((2, 1))(x)))
