"""Power spectra of each neuron, in three bands."""

import numpy as np
from scipy import signal

from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row

BANDS = ("slow", "middle", "fast")
BINS_A_BAND = 4
LEAST_POWER = 1e-12  # (dF/F)^2 / Hz


def _row(band, part):
    return Row(
        f"spectrum_{band}", "dB", f"Do traces have as much power in the {part} third of the frequencies?",
        "Log-spectral distance: power of windows with a Hann taper, averaged over windows and over up to four bins of "
        f"the {part} third of the frequencies on a logarithmic scale, in decibel. Root mean square over neurons and "
        "bins.",
        "Gray and Markel 1976, IEEE Transactions on Acoustics, Speech, and Signal Processing 24(5)",
        "frames in random order", primary=band == "slow",
    )  # fmt: skip


class Spectra:
    """Mean power in bins of frequency."""

    rows = tuple(_row(band, part) for band, part in zip(BANDS, ("lowest", "middle", "highest")))

    def __init__(self, context: Context):
        """Divides the frequencies of a window into bins."""
        self._frame_rate = context.frame_rate
        frequencies = np.fft.rfftfreq(context.frames, 1 / context.frame_rate)[1:]
        place = np.log(frequencies / frequencies[0]) / np.log(frequencies[-1] / frequencies[0])
        bins = np.minimum((place * len(BANDS) * BINS_A_BAND).astype(int), len(BANDS) * BINS_A_BAND - 1)
        known, self._bin = np.unique(bins, return_inverse=True)  # a bin between two low frequencies is empty
        self._band = known // BINS_A_BAND
        self._size = np.bincount(self._bin)
        self._frequencies = np.bincount(self._bin, frequencies) / self._size

    def sums(self, traces, events):
        """Mean power in each bin, (dF/F)^2 / Hz, (window, bin x neuron)."""
        _, power = signal.periodogram(traces, self._frame_rate, "hann", axis=1)
        total = np.zeros((len(self._size), len(traces), traces.shape[2]))
        np.add.at(total, self._bin, np.moveaxis(power[:, 1:], 1, 0))
        return np.moveaxis(total / self._size[:, None, None], 0, 1).reshape(len(traces), -1)

    def values(self, means):
        """Power in decibel, for each band."""
        level = self._level(means)
        return {
            f"spectrum_{name}": level[:, self._band == band].reshape(len(means), -1) for band, name in enumerate(BANDS)
        }

    def _level(self, means):
        """Power in decibel, (resample, bin, neuron)."""
        return 10 * np.log10(np.maximum(means, LEAST_POWER)).reshape(len(means), len(self._size), -1)

    def curve(self, means) -> tuple:
        """For figures: mean frequency of each bin, Hz, and the power of each neuron, dB (bin, neuron)."""
        return self._frequencies, self._level(means[None])[0]
