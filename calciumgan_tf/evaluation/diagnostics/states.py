"""States of the population by a hidden Markov model: how often each occurs, what follows it, and how long it lasts.

The model is fitted to the training part alone. Traces are averaged in half-second bins, standardised neuron by neuron,
clipped at five standard deviations, and projected on their first principal components; each state is a Gaussian with a
diagonal covariance. Any set of windows is then decoded with the same model, so that states mean the same in all sets.
Sources: Rabiner 1989, Proceedings of the IEEE 77(2); states of neural populations after Abeles et al. 1995, PNAS
92(19).
"""

import numpy as np

from calciumgan_tf.dataset.windows import evenly
from calciumgan_tf.evaluation.diagnostics import hidden_markov_model
from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row
from calciumgan_tf.evaluation.summary import BIN_SECONDS
from calciumgan_tf.spikes import statistics

STATES, COMPONENTS, NEURONS = 4, 8, 200  # of a model; principal components and neurons at most
FEWEST_BINS = 8  # of a window; bins are shorter than half a second where a window has fewer
FITTED = 200  # training windows to which the model is fitted, at most
LARGEST = 5.0  # SDs, to which bins are clipped, so that an artefact does not become a state of its own
CHUNK_VALUES = 4_000_000  # trace values worked on at a time


def _row(what, unit, definition):
    return Row(
        f"state_{what}", unit, f"Do the population's states have the same {what.replace('_', ' ')}?",
        f"{definition} Four states of a Gaussian hidden Markov model of the first eight principal components of the "
        "traces in half-second bins, which was fitted to the training part. Root mean square.",
        "Rabiner 1989, Proceedings of the IEEE 77(2)", "neurons shuffled",
    )  # fmt: skip


class PopulationStates:
    """Rows of occupancy, transitions and durations."""

    rows = (
        _row("occupancy", "share of time", "Share of the bins in each state."),
        _row("transitions", "probability", "Probability of the next bin's state, given this bin's."),
        _row("durations", "log ratio", "Logarithm of the mean time that a state lasts."),
    )
    _of = ("occupancy", "transitions", "dwell")

    def __init__(self, context: Context):
        """Fits the states to the training part."""
        self._states = States(context.training, context.frame_rate)
        count = self._states.count
        self._sizes = {"occupancy": count, "transitions": count**2, "run_bins": count, "runs": count}

    def sums(self, traces, events):
        """Counts of bins, transitions and runs, (window, count)."""
        sums = self._states.sums(traces)
        return np.concatenate([sums[name] for name in self._sizes], axis=1)

    def values(self, means):
        """Shares, probabilities and logarithms of durations."""
        parts = np.split(means, np.cumsum(list(self._sizes.values()))[:-1], axis=1)
        found = self._states.statistics(dict(zip(self._sizes, parts)))
        return {row.name: found[name] for row, name in zip(self.rows, self._of)}


class States:
    """States of a population, and what of a set of windows is summed about them.

    Attributes:
      count: number of states; they are ordered by the activity of the population, from quiet to active.
      bin_seconds: s, of a bin.
      means: float64 (state, neuron), mean trace of the neurons that are used in each state, in SDs of the training
        part; 0 for a state without bins.
    """

    def __init__(self, training_windows, frame_rate, seed=0, count=STATES):
        """Fits the model several times, from different beginnings, and keeps the most likely one.

        Args:
          training_windows: (window, frame, neuron), dF/F; up to FITTED of them are used, evenly chosen.
          frame_rate: Hz.
          seed: of the beginnings; equal seeds give equal states.
          count: number of states.

        Raises:
          ValueError: fewer bins than states, or traces that are not finite.
        """
        windows, frames, neurons = training_windows.shape
        self.count = count
        self._neurons = evenly(neurons, NEURONS)
        self._bin_frames = statistics.bin_frames(frame_rate, BIN_SECONDS, max(1, frames // FEWEST_BINS))
        self.bin_seconds = self._bin_frames / frame_rate
        chosen = evenly(windows, FITTED)
        binned = np.concatenate([self._binned(training_windows[one : one + 1]) for one in chosen])
        if not np.isfinite(binned).all():
            raise ValueError("the training windows have NaN or Inf")
        points = binned.reshape(-1, binned.shape[2])
        if len(points) < count:
            raise ValueError(f"{len(points)} bins are too few for {count} states")
        self._mean, sd = points.mean(axis=0), points.std(axis=0)
        self._scale = np.divide(1, sd, out=np.zeros_like(sd), where=sd > 0)  # a constant neuron does not count
        standardised = self._standardised(points)
        self._axes = _components(standardised)
        lengths = [binned.shape[1]] * len(binned)
        self._model = hidden_markov_model.fitted(standardised @ self._axes, lengths, count, seed)
        decoded = self._model.predict(standardised @ self._axes, lengths)
        total = np.eye(count)[decoded].T @ standardised
        means = total / np.maximum(np.bincount(decoded, minlength=count), 1)[:, None]
        self._order = np.argsort(np.argsort(means.mean(axis=1), kind="stable"))  # the model's state -> ours
        self.means = means[np.argsort(self._order)]

    def decode(self, windows):
        """The most likely states of each window, by the Viterbi algorithm.

        Args:
          windows: (window, frame, neuron), dF/F, sliced a few at a time.

        Returns:
          int64 (window, bin).
        """
        count, frames, neurons = windows.shape
        chunk = max(1, CHUNK_VALUES // (frames * neurons))
        decoded = []
        for first in range(0, count, chunk):
            binned = self._binned(windows[first : first + chunk])
            points = self._standardised(binned) @ self._axes
            lengths = [points.shape[1]] * len(points)
            states = self._model.predict(points.reshape(-1, points.shape[2]), lengths)
            decoded.append(self._order[states].reshape(len(points), -1))
        return np.concatenate(decoded)

    def sums(self, windows) -> dict:
        """Sums over the bins of each window, which can be added over windows.

        Args:
          windows: (window, frame, neuron), dF/F.

        Returns:
          {'occupancy': bins in each state, (window, state); 'transitions': steps from a bin to the next by the states
          of both, (window, state * state), the earlier first; 'run_bins': total length of the runs of each state, bins,
          (window, state); 'runs': how many of them end inside the window, (window, state)}, all float64.
        """
        decoded = self.decode(windows)
        here = np.eye(self.count)[decoded]  # (window, bin, state)
        steps = np.swapaxes(here[:, :-1], 1, 2) @ here[:, 1:]  # (window, state, state)
        occupancy = here.sum(axis=1)
        runs = steps.sum(axis=2) - np.diagonal(steps, axis1=1, axis2=2)
        return {
            "occupancy": occupancy,
            "transitions": steps.reshape(len(steps), -1),
            "run_bins": occupancy,
            "runs": runs,
        }

    def statistics(self, pooled) -> dict:
        """Statistics of the states of a set of windows.

        A run that the end of a window cuts off counts with its length but not with its end, which is the maximum
        likelihood estimate of a mean from durations that are cut off. No statistic is undefined: one transition,
        shared by all states, is added to every row, and half a bin and half a run to every state. So a state that
        never occurs is followed by all states alike and lasts a bin.

        Args:
          pooled: as `sums` returns, added over windows, each (..., k).

        Returns:
          {'occupancy': share of the bins, (..., state), 0..1; 'transitions': probability of the next bin's state given
          this bin's, (..., state * state), rows sum to 1; 'dwell': natural logarithm of the mean length of a run in
          seconds, (..., state)}, float64.
        """
        occupancy, runs = pooled["occupancy"], pooled["runs"]
        steps = pooled["transitions"].reshape(*pooled["transitions"].shape[:-1], self.count, self.count)
        rows = (steps + 1 / self.count) / (steps.sum(axis=-1, keepdims=True) + 1)
        dwell = (pooled["run_bins"] + 0.5) / (runs + 0.5) * self.bin_seconds
        total = occupancy.sum(axis=-1, keepdims=True)
        return {
            "occupancy": np.divide(occupancy, total, out=np.zeros(occupancy.shape), where=total > 0),
            "transitions": rows.reshape(pooled["transitions"].shape),
            "dwell": np.log(dwell),
        }

    def _standardised(self, points):
        return np.clip((points - self._mean) * self._scale, -LARGEST, LARGEST)

    def _binned(self, windows):
        """Mean trace of each bin of the neurons that are used, float64 (window, bin, neuron)."""
        windows = np.asarray(windows)[:, :, self._neurons]
        bins = windows.shape[1] // self._bin_frames
        cut = windows[:, : bins * self._bin_frames].reshape(len(windows), bins, self._bin_frames, -1)
        return cut.mean(axis=2, dtype=np.float64)


def _components(points):
    """The first principal axes, (neuron, component), divided by the root mean variance along them.

    Args:
      points: (bin, neuron), of mean 0.
    """
    variance, axes = np.linalg.eigh(points.T @ points / len(points))
    variance, axes = variance[::-1][:COMPONENTS], axes[:, ::-1][:, :COMPONENTS]
    mean = variance.mean()
    return axes / np.sqrt(mean) if mean > 0 else axes
