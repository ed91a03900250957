"""How the amplitudes of each neuron are distributed, and how far their tails reach."""

import numpy as np

from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row

LEVELS = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
TAILS = (0.01, 0.99)
LEAST_EXCESS = 0.1  # SDs, so that a tail without any excess has a logarithm


class Amplitudes:
    """Shares of frames above quantiles of the training part, and mean excess beyond its outermost percents."""

    rows = (
        Row(
            "amplitudes", "", "Do traces spend as many frames at each level?",
            "Share p of frames above each of nine quantiles of the training part (0.1 % to 99.9 %), as arcsin(sqrt p), "
            "whose sampling error depends little on p. Root mean square over neurons and quantiles.",
            "the variance-stabilising transformation of a share, Anscombe 1948, Biometrika 35", "gaussian",
        ),
        Row(
            "tails", "log ratio", "Do the largest and the smallest values reach as far?",
            "Logarithm of 0.1 plus the mean excess over the 99 % quantile of the training part, which is summed over "
            "all frames, divided by the number of frames that exceed it there (1 %), and given in SDs of the neuron; "
            "and likewise below the 1 % quantile. Root mean square over neurons and both tails.",
            "mean excess over a threshold, Embrechts et al. 1997, Modelling Extremal Events, chapter 6", "gaussian",
        ),
    )  # fmt: skip

    def __init__(self, context: Context):
        """Takes the quantiles of the training part."""
        flat = context.training.reshape(-1, context.neurons)
        both = np.stack([np.quantile(column, LEVELS + TAILS) for column in flat.T], axis=1)  # a copy of one at a time
        self._levels, (self._low, self._high) = both[: len(LEVELS)], both[len(LEVELS) :]
        self._sd = np.maximum(flat.std(axis=0, dtype=np.float64), 1e-12)

    def sums(self, traces, events):
        """Shares of frames above each level, and mean excess above and below: (window, (levels + 2) x neuron)."""
        shares = [(traces > level).mean(axis=1) for level in self._levels]
        above = np.maximum(traces - self._high, 0).mean(axis=1, dtype=np.float64)
        below = np.maximum(self._low - traces, 0).mean(axis=1, dtype=np.float64)
        return np.concatenate([*shares, above / self._sd, below / self._sd], axis=1)

    def values(self, means):
        """Transformed shares, and logarithms of mean excesses."""
        parts = means.reshape(len(means), len(LEVELS) + 2, -1)
        shares = np.arcsin(np.sqrt(np.clip(parts[:, : len(LEVELS)], 0, 1)))
        return {
            "amplitudes": shares.reshape(len(means), -1),
            "tails": np.log(LEAST_EXCESS + parts[:, len(LEVELS) :] / TAILS[0]).reshape(len(means), -1),
        }
