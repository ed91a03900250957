"""Surrogates with randomised phases, by the iterative amplitude-adjusted Fourier transform (IAAFT).

Random numbers are added to the phases of each window's Fourier transform. Two steps then alternate: the values of a
neuron are replaced by its recorded values in the same order of rank, which restores the amplitude distribution, and
the magnitudes of its Fourier transform by the recorded ones, which restores the spectrum (Schreiber and Schmitz 1996,
Physical Review Letters 77, 635). With `together`, the same random numbers are added for all neurons, which keeps the
differences of their phases and hence their cross-spectra (Prichard and Theiler 1994, Physical Review Letters 73, 951),
and in each iteration a neuron's phases are its recorded ones plus the common numbers that fit the current phases best
(Schreiber and Schmitz 2000, Physica D 142, 346).

Kept: the values of each neuron in each window, exactly; its spectrum in each window, approximately; with `together` the
cross-spectra and correlations, approximately. Destroyed: whatever else depends on the order of frames, above all the
shape of transients, which rise faster than they decay, and their timing. Without `together` two neurons share nothing
within a window, but the correlation of their means over windows remains.

The Fourier transform regards a window as periodic, so a step between its end and its beginning counts as fast activity.
"""

import numpy as np
from scipy import fft

from calciumgan_tf.evaluation.baselines import by_windows

ITERATIONS = 50


def phase_randomised(windows, seed, together=True, iterations=ITERATIONS):
    """A surrogate of each window.

    Args:
      windows: dF/F, (window, frame, neuron), an array or a dataset.windows.Windows.
      seed: whole number.
      together: whether all neurons of a window share their random phases.
      iterations: how often spectrum and amplitude distribution are restored, the latter last.

    Returns:
      float32 (window, frame, neuron).
    """
    generator = np.random.default_rng(seed)

    def change(some):  # 50 bytes for each value
        traces = np.ascontiguousarray(np.moveaxis(some, 1, 2))  # (window, neuron, frame)
        return np.moveaxis(_surrogates(traces, generator, together, iterations), 2, 1)

    return by_windows.changed(windows, change)


def _surrogates(traces, generator, together, iterations):
    """Surrogates of traces (window, neuron, frame)."""
    mean = traces.mean(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32)
    recorded = fft.rfft(traces - mean)  # (window, neuron, frequency)
    ordered = np.sort(traces, axis=-1)
    shape = (len(traces), 1 if together else traces.shape[1], recorded.shape[-1])
    rotation = np.exp(2j * np.pi * generator.random(shape, np.float32)).astype(np.complex64)
    for _ in range(iterations):
        surrogate = fft.irfft(recorded * rotation, n=traces.shape[-1])
        np.put_along_axis(surrogate, np.argsort(surrogate, axis=-1), ordered, axis=-1)
        rotation = _unit(fft.rfft(surrogate - mean) * recorded.conj())
        if together:
            rotation = _unit(rotation.sum(axis=1, keepdims=True))
    return surrogate


def _unit(numbers):
    """Complex numbers over their magnitude; 0 stays 0, so that a constant neuron has no say in a common phase."""
    magnitude = np.abs(numbers)
    return np.divide(numbers, magnitude, out=np.zeros_like(numbers), where=magnitude > 0)
