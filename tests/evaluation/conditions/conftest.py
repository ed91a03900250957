"""Populations with known tuning: as observations, and as a recording of calcium."""

import numpy as np
import pytest
from scipy import signal

from calciumgan_tf.evaluation.conditions.observations import Observations
from calciumgan_tf.recordings.recording import Recording

RATE, TAU = 10.0, 0.5  # Hz, s
PERIOD, SHOWN = 50, 10  # frames from onset to onset, and of a presentation


@pytest.fixture
def observations():
    """`observations(tuning, repetitions, seed, shared)`: Poisson counts of 3 s, levels in a fixed order.

    Tuning is (level, neuron) in Hz; the counts of a presentation share a gain with an SD of `shared`.
    """

    def drawn(tuning, repetitions, seed=0, shared=0.0):
        generator, (count, neurons) = np.random.default_rng(seed), tuning.shape
        levels = np.tile(np.arange(count), repetitions)
        gain = generator.gamma(1 / shared**2, shared**2, (len(levels), 1)) if shared else 1.0
        rates = generator.poisson(3 * gain * tuning[levels]) / 3
        means = rates + generator.normal(0, 0.1, rates.shape)
        traces = means[:, None] * np.linspace(0, 1, 4)[:, None] + generator.normal(0, 0.1, (len(levels), 4, neurons))
        arrays = (one.astype(np.float32) for one in (rates, means, traces))
        return Observations(
            levels, count, 1.0 + levels, *arrays, np.arange(len(levels)), 10 * np.arange(len(levels)), 10
        )

    return drawn


@pytest.fixture
def tuning():
    """Hz, (4 levels, 6 neurons); each prefers a level, the last two none."""
    preferred = np.array([0, 1, 2, 3, -1, -1])
    return np.where(preferred == np.arange(4)[:, None], 3.0, 0.5)


@pytest.fixture
def calcium():
    """`calcium(tuning, repetitions, seed)`: a Recording at 10 Hz, in which levels 1, 2, ... are shown for a second.

    Neurons fire at their tuning from the onset for 3 s, else at .1 Hz; a spike is a transient of dF/F 1 that decays
    with .5 s.
    """

    def recorded(tuning, repetitions, seed=0):
        generator, count = np.random.default_rng(seed), len(tuning)
        shown = np.tile(np.arange(count), repetitions)
        frame = np.arange(len(shown) * PERIOD)
        presentation, since = np.divmod(frame - 15, PERIOD)
        level = shown[presentation % len(shown)]
        rates = np.where(((since < 3 * RATE) & (presentation >= 0))[:, None], tuning[level], 0.1)
        spikes = generator.random(rates.shape) < rates / RATE
        traces = signal.lfilter([1], [1, -np.exp(-1 / (TAU * RATE))], spikes.astype(float), axis=0)
        traces += generator.normal(0, 0.05, traces.shape)
        column = np.where((since < SHOWN) & (presentation >= 0), level + 1, 0)
        return Recording(traces, RATE, "planted", TAU, s_min=0.5, conditions=column, condition_names=("stimulus",))

    return recorded
