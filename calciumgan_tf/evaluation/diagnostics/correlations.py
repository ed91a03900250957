"""Correlations between neurons, and how many dimensions the population's activity has."""

import numpy as np

from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row, binned, ratio

SECONDS = (0.5, 2.0)
LEAST_VARIANCE = 1e-12  # below it a neuron counts as constant, and its correlations as 0


def _row(of, seconds):
    return Row(
        f"{of}_correlations_{seconds:g}s", "",
        f"Are pairs of neurons as correlated, by their {of}s in bins of {seconds:g} s?",
        f"Pearson correlation of the {of}s of two neurons, averaged in bins of {seconds:g} s (half a window at most), "
        "over the bins of all windows together; 0 where a neuron is constant. Root mean square over pairs, of 200 "
        "neurons at most.",
        "Kapoor et al. 2024, NeurIPS (LDNS), there of spikes", "neurons shuffled",
        primary=of == "trace" and seconds == SECONDS[0], events=of == "event",
    )  # fmt: skip


class TraceCorrelations:
    """Correlations of traces on two time scales, and the participation ratio."""

    rows = (
        *(_row("trace", seconds) for seconds in SECONDS),
        Row(
            "dimensions", "log ratio", "Does the population's activity have as many dimensions?",
            "Logarithm of the participation ratio: squared sum over sum of squares of the eigenvalues of the neurons' "
            "correlation matrix, of traces in bins of 0.5 s.",
            "Gao et al. 2017, bioRxiv 214262", "neurons shuffled",
        ),
    )  # fmt: skip

    def __init__(self, context: Context):
        """Chooses bins and neurons."""
        self._pairs = _Pairs(context)
        training = context.training[..., self._pairs.neurons]
        self._origin = training.mean(axis=(0, 1), dtype=np.float64)  # against rounding

    def sums(self, traces, events):
        """Means and mean products over the bins of a window, (window, 2 x (neuron + neuron^2))."""
        return self._pairs.sums(traces[..., self._pairs.neurons] - self._origin)

    def values(self, means):
        """Correlations of all pairs, and the logarithm of the participation ratio."""
        matrices = self._pairs.matrices(means)
        found = self._pairs.values(self.rows, matrices)
        squares = (matrices[0] ** 2).sum(axis=(1, 2))
        return found | {"dimensions": np.log(matrices[0].shape[1] ** 2 / squares)[:, None]}


class EventCorrelations:
    """Correlations of inferred events on two time scales."""

    rows = tuple(_row("event", seconds) for seconds in SECONDS)

    def __init__(self, context: Context):
        """Chooses bins and neurons."""
        self._pairs = _Pairs(context)

    def sums(self, traces, events):
        """Means and mean products over the bins of a window, (window, 2 x (neuron + neuron^2))."""
        return self._pairs.sums(events[..., self._pairs.neurons])

    def values(self, means):
        """Correlations of all pairs."""
        return self._pairs.values(self.rows, self._pairs.matrices(means))


class _Pairs:
    """Pairs of neurons in bins of SECONDS."""

    def __init__(self, context):
        self.neurons = context.chosen_neurons()
        self._bins = [context.bin_frames(seconds) for seconds in SECONDS]

    def sums(self, values):
        """Means and mean products over the bins of (window, frame, neuron)."""
        parts = []
        for size in self._bins:
            x = binned(values, size)
            parts += [x.mean(axis=1), (np.swapaxes(x, 1, 2) @ x / x.shape[1]).reshape(len(x), -1)]
        return np.concatenate(parts, axis=1)

    def matrices(self, means):
        """The correlation matrices of each bin, (resample, neuron, neuron)."""
        n = len(self.neurons)
        parts = np.split(means, len(self._bins), axis=1)
        return [_correlations(part[:, :n], part[:, n:].reshape(-1, n, n)) for part in parts]

    def values(self, rows, matrices):
        """{row: (resample, pair)}."""
        upper = np.triu_indices(len(self.neurons), 1)
        return {row.name: matrix[:, upper[0], upper[1]] for row, matrix in zip(rows, matrices)}


def _correlations(mean, square):
    """Correlation matrices (resample, neuron, neuron) with ones on the diagonal."""
    covariance = square - mean[:, :, None] * mean[:, None, :]
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    sd = np.sqrt(np.where(variance > LEAST_VARIANCE, variance, 0))
    matrix = ratio(covariance, sd[:, :, None] * sd[:, None, :])
    diagonal = np.arange(mean.shape[1])
    matrix[:, diagonal, diagonal] = 1
    return matrix
