"""Coherence between neurons: correlations frequency by frequency."""

import numpy as np
from scipy import signal

from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row, ratio

MOST_NEURONS = 100
BANDS = 3


class Coherence:
    """Magnitude-squared coherence of all pairs in three bands."""

    rows = (
        Row(
            "coherence", "", "Do pairs of neurons vary together in each band of frequencies?",
            "Magnitude-squared coherence of the traces of two neurons in the lower, middle and upper third of the "
            "frequencies on a logarithmic scale: squared magnitude of the cross-spectrum, averaged over a band and "
            "over windows with a Hann taper, divided by the product of the two power spectra. Root mean square over "
            "pairs and bands, of 100 neurons at most.",
            "Carter 1987, Proceedings of the IEEE 75(2)", "neurons shuffled",
        ),
    )  # fmt: skip

    def __init__(self, context: Context):
        """Divides the frequencies into bands."""
        self._neurons = context.chosen_neurons(MOST_NEURONS)
        frequencies = np.fft.rfftfreq(context.frames)[1:]
        place = np.log(frequencies / frequencies[0]) / np.log(frequencies[-1] / frequencies[0])
        band = np.minimum((place * BANDS).astype(int), BANDS - 1)
        self._bands = [np.flatnonzero(band == number) + 1 for number in range(BANDS) if (band == number).any()]
        self._taper = signal.windows.hann(context.frames, sym=False)[:, None]

    def sums(self, traces, events):
        """Real and imaginary parts of the cross-spectra of each band, (window, band x 2 x neuron^2)."""
        x = traces[..., self._neurons].astype(np.float64)
        spectrum = np.fft.rfft((x - x.mean(axis=1, keepdims=True)) * self._taper, axis=1)
        parts = []
        for band in self._bands:
            chosen = spectrum[:, band]
            product = np.swapaxes(chosen, 1, 2) @ chosen.conj() / len(band)
            parts += [product.real.reshape(len(x), -1), product.imag.reshape(len(x), -1)]
        return np.concatenate(parts, axis=1)

    def values(self, means):
        """Coherence of all pairs and bands."""
        n = len(self._neurons)
        upper = np.triu_indices(n, 1)
        parts = means.reshape(len(means), len(self._bands), 2, n, n)
        power = np.diagonal(parts[:, :, 0], axis1=2, axis2=3)
        squared = (parts**2).sum(axis=2)
        coherence = ratio(squared, power[..., :, None] * power[..., None, :])
        return {"coherence": coherence[..., upper[0], upper[1]].reshape(len(means), -1)}
