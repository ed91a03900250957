"""The waves that slow noise is a sum of, and their power; see `slow_noise`. It needs no TensorFlow."""

import numpy as np

FEW, MOST = 60, 256  # frequencies: half of those of short windows, a fifth of those of longer ones, at most MOST


def frequencies(frames) -> int:
    """How many frequencies there are."""
    return min(max(frames // 5, min(frames // 2, FEW)), MOST)


def waves(frames, numbers):
    """Cosines and then sines of the frequencies with these numbers, float64 (wave, frame)."""
    phase = np.pi * np.asarray(numbers)[:, None] * np.arange(frames) / frames
    return np.concatenate([np.cos(phase), np.sin(phase)]) / np.sqrt(frames)


def numbers(made):
    """The numbers of the frequencies of waves."""
    cosines, sines = np.split(made, 2)
    return np.rint(np.arctan2(sines[:, 1], cosines[:, 1]) * made.shape[1] / np.pi).astype(int)


def autoregressive_power(seconds, frame_rate, frames):
    """A^2 of AR(1) noise of variance 1 and a time constant, float64 (frequency,)."""
    decay = np.exp(-1 / max(seconds * frame_rate, 0.1))
    phase = np.pi * np.arange(frequencies(frames)) / frames
    return halved((1 - decay**2) / (1 + decay**2 - 2 * decay * np.cos(phase)))


def halved(power):
    """A^2 of a power spectrum (frequency, ...): frequency 0 stands for half as wide a band as the others."""
    power[0] /= 2
    return power
