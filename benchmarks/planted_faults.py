"""Faults planted on purpose into windows of a known truth, to see which metrics detect them."""

import dataclasses
import math

import numpy as np
from scipy import signal, stats

from calciumgan_tf.evaluation.baselines.shuffled import shuffled
from calciumgan_tf.recordings.recording import Recording

MINUTES = 15
TAU_DECAY = 0.812  # s
RISE, SHARED, BURST, DRIFT = 0.1, 0.5, 0.3, 120.0  # s: rise; memories of shared states, own bursts and slow drift
WEIGHTS = (0.4, 0.15, 0.05, 0.4)  # variance of a neuron's latent: shared states, bursts, drift, white
STATES, NOISE = 2, 0.05  # shared states; SD of the observation noise, dF/F
RATES, SIZES = (0.05, 0.3), (1.0, 2.0)  # Hz; dF/F a spike: a neuron's own lie between them
BASELINE = 0.02  # SD of the drift of the baseline, dF/F
BURN_IN = 10.0  # s before the first frame


@dataclasses.dataclass(frozen=True)
class Truth:
    """A population that has every property which a fault can destroy.

    A neuron spikes where a latent variable is above its threshold: the sum of states that all neurons share, with a
    memory of .5 s, of bursts of its own, of a drift with a memory of two minutes, and of white noise. Transients rise
    in a tenth of a second and decay in .812 s; the baseline drifts as well. Neurons are sparse and the observation
    noise is low, so that white noise of the recording's own SD has more events than the recording.

    Attributes:
      neurons, frames: of the recording.
      seed: what all its data are drawn from.
      frame_rate: Hz.
      rate, noise, decay, shared: factors of the rates, the observation noise, the decay time and the loadings of the
        shared states, by which a population differs a little from the one with factors of 1.
    """

    neurons: int = 16
    frames: int = MINUTES * 60 * 24
    seed: int = 0
    frame_rate: float = 24.0
    rate: float = 1.0
    noise: float = 1.0
    decay: float = 1.0
    shared: float = 1.0

    def recording(self) -> Recording:
        """The recording."""
        traces = self._traces(1, self.frames, 0)[0]
        return Recording(traces, self.frame_rate, tau_decay=TAU_DECAY, source="planted faults")

    def windows(self, count, frames, number=0):
        """Windows of the same truth that share nothing with the recording or each other, (window, frame, neuron).

        Sets of different `number` share nothing either.
        """
        return self._traces(count, frames, 1 + number)

    def _traces(self, count, frames, purpose):
        """Stretches that start independently of each other, dF/F, float32 (stretch, frame, neuron)."""
        truth, drawn = np.random.default_rng([self.seed, 0]), np.random.default_rng([self.seed, 1 + purpose])
        rates = self.rate * truth.uniform(*RATES, self.neurons)
        loadings = truth.normal(0.5, 0.5, (STATES, self.neurons))
        loadings /= np.linalg.norm(loadings, axis=0)
        before = round(BURN_IN * self.frame_rate)
        shape = (count, before + frames, self.neurons)
        latents = (
            self._slow(drawn, (*shape[:2], STATES), SHARED) @ loadings,
            self._slow(drawn, shape, BURST),
            self._slow(drawn, shape, DRIFT),
            drawn.normal(size=shape),
        )
        shared = WEIGHTS[0] * self.shared**2
        weights = (shared, *WEIGHTS[1:-1], WEIGHTS[-1] + WEIGHTS[0] - shared)  # the variance stays 1
        latent = sum(math.sqrt(weight) * one for weight, one in zip(weights, latents))
        traces = (latent > stats.norm.isf(rates / self.frame_rate)) * truth.uniform(*SIZES, self.neurons)
        for seconds, gain in ((self.decay * TAU_DECAY, 1.0), (RISE / 2, None)):
            decay = math.exp(-1 / (seconds * self.frame_rate))
            traces = signal.lfilter([gain or 1 - decay], [1.0, -decay], traces, axis=1)
        traces += BASELINE * self._slow(drawn, shape, DRIFT) + drawn.normal(0, self.noise * NOISE, shape)
        return traces[:, before:].astype(np.float32)

    def _slow(self, drawn, shape, seconds):
        """Normal noise of variance 1 with a memory, (stretch, frame, channel), from the first frame on."""
        decay = math.exp(-1 / (seconds * self.frame_rate))
        white = drawn.normal(size=shape)
        white[:, 0] /= math.sqrt(1 - decay**2)
        return signal.lfilter([math.sqrt(1 - decay**2)], [1.0, -decay], white, axis=1)


def plant(name, fresh, training, seed=0):
    """Windows with a fault, which are evaluated as if they had been generated.

    Args:
      name: of FAULTS.
      fresh: windows without any fault, which share no frame with any other set.
      training: windows of the recording's training part, as many.
      seed: of all random choices.

    Returns:
      (window, frame, neuron), dF/F.
    """
    generator = np.random.default_rng(seed)
    if name == "none":
        return fresh
    if name == "copies of training windows":
        return training + generator.normal(0, 1e-3, training.shape).astype(np.float32)
    if name == "neurons shuffled":
        return shuffled(fresh, seed)
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
    "neurons shuffled",
    "time reversed",
    "white noise",
    "half repeated",
)
MISFITS = {
    "rates x 1.1": {"rate": 1.1},
    "rates x 1.25": {"rate": 1.25},
    "noise x 1.1": {"noise": 1.1},
    "decay x 1.1": {"decay": 1.1},
    "decay x 1.25": {"decay": 1.25},
    "shared states x 0.7": {"shared": 0.7},
}
