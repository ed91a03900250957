"""Probability of every spike pattern of small windows, against a known truth."""

import dataclasses

import numpy as np
from scipy.spatial import distance

from calciumgan_tf.errors import InputError
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import surrogate

REFERENCE = 10  # times as many trials of the truth as were generated stand for its probabilities
_SEED_OF_REFERENCE, _SEED_OF_FLOOR = 1, 2


@dataclasses.dataclass(frozen=True)
class Patterns:
    """Result of `compare`.

    Attributes:
      windows: number of generated windows.
      divergence: {name: Jensen-Shannon divergence from the truth, nats}; see `compare`.
      truth, generated: probability of each pattern, float64 (2 ** (frame x neuron),).
    """

    windows: int
    divergence: dict
    truth: np.ndarray
    generated: np.ndarray


def numbers(spikes):
    """Each window's pattern as a whole number: its spikes as binary digits, neuron by neuron within frame by frame.

    Args:
      spikes: 0 or 1, (window, frame, neuron).

    Returns:
      int64 (window,).
    """
    digits = spikes.reshape(len(spikes), -1).astype(np.int64)
    return digits @ (1 << np.arange(digits.shape[1])[::-1])


def probabilities(spikes):
    """Share of windows with each pattern, float64 (2 ** (frame x neuron),)."""
    return np.bincount(numbers(spikes), minlength=2 ** spikes[0].size) / len(spikes)


def divergence(first, second) -> float:
    """Jensen-Shannon divergence of two distributions over patterns, nats, from 0 to ln 2. Lin 1991, IEEE Trans. IT."""
    return float(distance.jensenshannon(first, second) ** 2)


def compare(traces, data, training) -> Patterns:
    """Compares generated windows with the truth of the surrogate experiment, all deconvolved alike.

    Divergences from the truth are given for five distributions: `generated` windows; `floor`, an equally large sample
    of the truth; `training`, the training trials, which is what a generator that repeats them would get; `independent`,
    neurons and frames that are independent of each other; `deconvolution`, the true spikes, compared with those that
    are inferred from the truth's traces.

    Args:
      traces: generated, (window, frame, neuron), dF/F.
      data: Recording, the surrogate one.
      training: training trials, array-like (window, frame, neuron).

    Raises:
      InputError: windows of another size than the trials.
    """
    count = len(traces)
    if traces.shape[1:] != training.shape[1:]:
        raise InputError(
            f"generated windows are {traces.shape[1:]}, the trials {training.shape[1:]} (frame, neuron)",
            "compare windows with the run that made them",
        )
    settings = deconvolution.Settings(data.g, *(np.full(data.neurons, value) for value in (data.s_min, 0.0, np.nan)))

    def inferred(windows):
        windows = np.pad(windows, ((0, 0), (1, 0), (0, 0)))  # the silent frame before a trial: no event in the first
        return deconvolution.infer_spikes(windows, settings).spikes[:, 1:]

    reference = inferred(surrogate.trials(REFERENCE * count, _SEED_OF_REFERENCE)[1])
    truth, generated = probabilities(reference), probabilities(inferred(np.asarray(traces)))
    active = reference.mean(axis=0).ravel()
    digits = (np.arange(len(truth))[:, None] >> np.arange(active.size)[::-1]) & 1
    candidates = {
        "generated": generated,
        "floor": probabilities(inferred(surrogate.trials(count, _SEED_OF_FLOOR)[1])),
        "training": probabilities(inferred(training)),
        "independent": np.prod(np.where(digits, active, 1 - active), axis=1),
        "deconvolution": surrogate.pattern_probabilities(),
    }
    return Patterns(count, {name: divergence(truth, shares) for name, shares in candidates.items()}, truth, generated)
