"""Faults planted on purpose into windows of a known truth, to see which metrics detect them."""

import dataclasses
import math

import numpy as np
from scipy import signal, stats

from calciumgan_tf.evaluation import baselines, verdict
from calciumgan_tf.evaluation.registry import COPYING, METRICS
from calciumgan_tf.recordings.recording import DEFAULT_TAU_DECAY, Recording

RISE, SHARED, BURST = 0.1, 0.5, 0.3  # s: rise of a transient, memory of the shared states, of a neuron's own bursts
WEIGHTS = (0.25, 0.2, 0.55)  # variance of a neuron's latent: shared states, bursts, white
STATES, NOISE = 2, 0.05  # shared states; SD of the observation noise, dF/F
RATES, SIZES = (0.02, 0.3), (1.0, 2.0)  # Hz; dF/F a spike: a neuron's own lie between them
APART = 10.0  # s between two fresh windows


@dataclasses.dataclass(frozen=True)
class Truth:
    """A population that has every property which a fault can destroy.

    A neuron spikes where a latent variable is above its threshold: the sum of states that all neurons share, with a
    memory of .5 s, of bursts of its own, and of white noise. Transients rise in a tenth of a second and decay in .812
    s. Neurons are sparse and the observation noise is low, so that white noise of the recording's own SD has more
    events than the recording. With three times as much noise it happens to have as many, and rates cannot detect it.

    Attributes:
      neurons, frames: of the recording.
      seed: what all its data are drawn from.
      frame_rate: Hz.
    """

    neurons: int = 16
    frames: int = 86_400
    seed: int = 0
    frame_rate: float = 24.0

    def recording(self) -> Recording:
        """The recording."""
        return Recording(
            self._traces(self.frames, 0), self.frame_rate, tau_decay=DEFAULT_TAU_DECAY, source="planted faults"
        )

    def windows(self, count, frames):
        """Windows of the same truth that share nothing with the recording or each other, (window, frame, neuron)."""
        apart = round(APART * self.frame_rate)
        traces = self._traces(count * (frames + apart), 1)
        return traces.reshape(count, frames + apart, -1)[:, apart:]

    def _traces(self, frames, purpose):
        """dF/F, float32 (frame, neuron)."""
        truth, drawn = np.random.default_rng([self.seed, 0]), np.random.default_rng([self.seed, 1 + purpose])
        rates = truth.uniform(*RATES, self.neurons)
        loadings = truth.normal(0.5, 0.5, (STATES, self.neurons))
        loadings /= np.linalg.norm(loadings, axis=0)
        latents = (
            self._slow(drawn, (frames, STATES), SHARED) @ loadings,
            self._slow(drawn, (frames, self.neurons), BURST),
            drawn.normal(size=(frames, self.neurons)),
        )
        latent = sum(math.sqrt(weight) * one for weight, one in zip(WEIGHTS, latents))
        traces = (latent > stats.norm.isf(rates / self.frame_rate)) * truth.uniform(*SIZES, self.neurons)
        for seconds, gain in ((DEFAULT_TAU_DECAY, 1.0), (RISE / 2, None)):
            decay = math.exp(-1 / (seconds * self.frame_rate))
            traces = signal.lfilter([gain or 1 - decay], [1.0, -decay], traces, axis=0)
        return (traces + drawn.normal(0, NOISE, traces.shape)).astype(np.float32)

    def _slow(self, drawn, shape, seconds):
        """Normal noise of variance 1 with a memory."""
        decay = math.exp(-1 / (seconds * self.frame_rate))
        return signal.lfilter([math.sqrt(1 - decay**2)], [1.0, -decay], drawn.normal(size=shape), axis=0)


def plant(name, fresh, training, heldout, seed=0):
    """Windows with a fault, which are evaluated as if they had been generated.

    Args:
      name: of FAULTS.
      fresh: windows without any fault, which share no frame with any other set.
      training, heldout: windows of the recording.
      seed: of all random choices.

    Returns:
      (window, frame, neuron), dF/F.
    """
    generator = np.random.default_rng(seed)
    if name == "none":
        return fresh
    if name == "copies of training windows":
        return training + generator.normal(0, 1e-3, training.shape).astype(np.float32)
    if name == "held-out windows":
        return heldout
    if name == "neurons shuffled":
        return baselines.shuffled(fresh, seed)
    if name == "time reversed":
        return fresh[:, ::-1].copy()
    if name == "white noise":
        mean, sd = training.mean(axis=(0, 1)), training.std(axis=(0, 1))
        return generator.normal(mean, sd, fresh.shape).astype(np.float32)
    if name == "half repeated":
        half = fresh[: len(fresh) // 2]
        return np.concatenate([half, half])[generator.permutation(2 * len(half))]
    raise ValueError(name)


FAULTS = (
    "none",
    "copies of training windows",
    "held-out windows",
    "neurons shuffled",
    "time reversed",
    "white noise",
    "half repeated",
)


def detects(name, evaluation) -> bool:
    """Whether a metric says that the generated windows differ from the recording by more than its own drift.

    Args:
      name: of a metric, or 'memorisation'.
      evaluation: reference.Evaluation with diagnostics.
    """
    if name == COPYING.name:
        return evaluation.memorisation.p_value < verdict.COPIED
    return verdict.detects(evaluation.rows[name], METRICS[name].joint)
