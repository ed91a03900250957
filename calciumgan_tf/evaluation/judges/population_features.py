"""Features of a whole window across neurons: shared activity, correlations between neurons and their dimension."""

import numpy as np

from calciumgan_tf import threads
from calciumgan_tf.evaluation.judges import moments

BIN_SECONDS = 0.5
FEWEST_BINS = 8  # bins of a window, which are shorter than BIN_SECONDS where a window holds fewer
NEURONS = 200  # neurons that are used, evenly chosen
COMPONENTS = 16
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST_VARIANCE = 1e-12  # SD^2, added before the logarithm
CHUNK_VALUES = 4_000_000  # values of the windows, or of their correlations, that are worked on at a time


class PopulationFeatures:
    """Features of windows, relative to the means, SDs and principal components of a set of windows, the reference.

    The reference fits its own windows better than others of the same distribution. Two sets of windows to be judged
    must therefore both be part of the reference, or neither. With the recorded ones alone as the reference, a few dozen
    windows of a hundred neurons are told from further windows of the same distribution almost without error.
    """

    def __init__(self, windows, frame_rate):
        """Takes each neuron's mean and SD over half-second bins, the components and the correlations.

        Args:
          windows: (window, frame, neuron), dF/F, the reference: recorded windows that are not judged, or the judged
            windows of both sets in one array.
          frame_rate: Hz.

        Raises:
          ValueError: fewer than two neurons.
        """
        frames, neurons = np.shape(windows)[1:]
        if neurons < 2:
            raise ValueError(f"features of a population need two neurons or more, not {neurons}")
        self._bin = max(1, min(round(BIN_SECONDS * frame_rate), frames // FEWEST_BINS))
        self._chosen = np.linspace(0, neurons - 1, min(neurons, NEURONS)).round().astype(int)
        binned = np.concatenate([self._binned(part) for part in self._parts(windows)])  # (window, neuron, bin)
        self._mean, sd = binned.mean(axis=(0, 2)), binned.std(axis=(0, 2))
        self._sd = np.where(sd > 0, sd, 1)
        flat = ((binned - self._mean[:, None]) / self._sd[:, None]).swapaxes(1, 2).reshape(-1, len(self._chosen))
        covariance = flat.T @ flat / len(flat)
        self._components = np.linalg.eigh(covariance)[1][:, ::-1][:, :COMPONENTS]  # (neuron, component)
        self._pairs = np.triu_indices(len(self._chosen), 1)
        self._correlations = covariance[self._pairs]

    @property
    def names(self) -> tuple:
        """Names of the features."""
        kinds = ("log_variance", "mean", "autocorrelation")
        return (
            *(f"{kind}_component_{number + 1}" for kind in kinds for number in range(self._components.shape[1])),
            "correlation_mean", "correlation_sd", *(f"correlation_quantile_{share}" for share in QUANTILES),
            "correlation_agreement", "participation_ratio", "first_variance_share",
            "population_mean", "population_sd", "population_skewness", "population_kurtosis", "population_maximum",
            "population_autocorrelation",
        )  # fmt: skip

    def features(self, windows):
        """Features of each window, from half-second bins that are standardised by each neuron's mean and SD.

        Args:
          windows: (window, frame, neuron), dF/F, with as many frames and neurons as the reference.

        Returns:
          float32 (window, feature), in the order of `names`:
          log_variance, mean, autocorrelation: of the projection on each principal component of the reference; the
            last at a lag of one bin.
          correlation: of the pairs of neurons within the window; `agreement` is the mean product of the window's
            correlations with those of the reference.
          participation_ratio: squared sum of the eigenvalues of the window's covariance over the sum of their squares
            (Recanatesi et al. 2022, Patterns 3, 100555).
          first_variance_share: largest eigenvalue of that covariance over their sum.
          population: of the mean over neurons.
        """
        return np.concatenate(list(threads.in_order(self._features, self._parts(windows)))).astype(np.float32)

    def _parts(self, windows):
        """A few windows at a time, with the neurons that are used: float32 (window, frame, neuron)."""
        count, frames, neurons = np.shape(windows)
        chunk = max(1, CHUNK_VALUES // max(frames * neurons, len(self._chosen) ** 2))
        for start in range(0, count, chunk):
            yield np.asarray(windows[start : start + chunk], np.float32)[:, :, self._chosen]

    def _binned(self, traces):
        """Means over half-second bins, float64 (window, neuron, bin)."""
        bins = traces.shape[1] // self._bin
        cut = traces[:, : bins * self._bin].reshape(len(traces), bins, self._bin, -1)
        return cut.mean(axis=2, dtype=np.float64).swapaxes(1, 2)

    def _features(self, traces):
        binned = (self._binned(traces) - self._mean[:, None]) / self._sd[:, None]
        around = moments.centred(binned)
        return np.concatenate(
            [*self._projected(binned), *self._correlated(around), *_dimension(around), *_together(binned.mean(axis=1))],
            axis=1,
        )

    def _projected(self, binned):
        projected = np.einsum("wnb,nc->wcb", binned, self._components, optimize=True)
        around = moments.centred(projected)
        variance = moments.mean_product(around, around)
        return np.log(variance + LEAST_VARIANCE), projected.mean(axis=-1), _autocorrelation(around)

    def _correlated(self, around):
        """Statistics of the correlations of all pairs of neurons, 0 for a neuron that is constant in the window."""
        norm = np.linalg.norm(around, axis=-1, keepdims=True)
        unit = moments.ratio(around, norm)
        pairs = (unit @ unit.swapaxes(1, 2))[:, self._pairs[0], self._pairs[1]]
        agreement = (pairs * self._correlations).mean(axis=1)
        quantiles = np.quantile(pairs, QUANTILES, axis=1).T
        return pairs.mean(axis=1)[:, None], pairs.std(axis=1)[:, None], quantiles, agreement[:, None]


def _dimension(around):
    """Participation ratio and share of the first component, (window, 1) each; 0 for a constant window."""
    products = around.swapaxes(1, 2) @ around  # (window, bin, bin), with the eigenvalues of the covariance
    trace = np.einsum("wbb->w", products)
    squares = (products**2).sum(axis=(1, 2))
    largest = np.linalg.eigvalsh(products)[:, -1]
    return moments.ratio(trace**2, squares)[:, None], moments.ratio(largest, trace)[:, None]


def _together(population):
    """Statistics of the mean over neurons, (window, bin)."""
    around = moments.centred(population)
    sd, skewness, kurtosis = moments.shape(around)
    columns = (population.mean(axis=-1), sd, skewness, kurtosis, population.max(axis=-1))
    return np.stack(columns, axis=1), _autocorrelation(around)[:, None]


def _autocorrelation(around):
    return moments.ratio((around[..., 1:] * around[..., :-1]).sum(axis=-1), (around**2).sum(axis=-1))
