"""The synthetic population of `--dataset=synthetic`, and further data with the same ground truth."""

import dataclasses
import math

import numpy as np

from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import autoregressive
from calciumgan_tf.synthetic import dichotomized_gaussian
from calciumgan_tf.synthetic.calcium import fluorescence

NEURONS, FRAMES, FRAME_RATE = 16, 21556, 24.0
TAU_DECAY = 0.812  # s; exp(-1 / (.812 s * 24 Hz)) = .95, the AR(1) coefficient of the paper
MEAN_RATE, RATE_SPREAD = 0.4, 0.5  # Hz; SD of the logarithm of the rates
AMPLITUDE, NOISE, S_MIN = 1.0, 0.3, 0.55  # dF/F per spike; SD, dF/F; smallest event, dF/F
BURN_IN = 8  # decay times before the first frame, after which the initial calcium has decayed
_TRUTH, _RECORDING, _FRESH = range(3)  # purposes of random numbers


@dataclasses.dataclass(frozen=True)
class Population:
    """A population whose spike statistics are known.

    Attributes:
      spiking: the dichotomised Gaussian of the spikes in a frame.
      frame_rate: Hz.
      tau_decay: decay time of the indicator, s.
      amplitude: dF/F per spike, a number or (neuron,).
      noise: SD of the observation noise, dF/F, a number or (neuron,).
      baseline: dF/F of a silent neuron, a number or (neuron,).
      seed: seed of all its data.
      s_min: smallest event, dF/F, as given in its recordings; None lets the deconvolution estimate it.
      tau_rise: rise time of the indicator, s; 0 for a first-order kernel.
    """

    spiking: dichotomized_gaussian.DichotomizedGaussian
    frame_rate: float = FRAME_RATE
    tau_decay: float = TAU_DECAY
    amplitude: float | np.ndarray = AMPLITUDE
    noise: float | np.ndarray = NOISE
    baseline: float | np.ndarray = 0.0
    seed: int = 0
    s_min: float | None = S_MIN
    tau_rise: float = 0.0

    def recording(self, frames=FRAMES) -> Recording:
        """A continuous recording with its true spikes."""
        spikes, traces = self._draw(_RECORDING, 0, 1, frames)
        return Recording(
            traces=traces[0],
            frame_rate=self.frame_rate,
            tau_decay=self.tau_decay,
            tau_rise=self.tau_rise,
            source="synthetic",
            spikes=spikes[0],
            spikes_kind="ground_truth",
            s_min=self.s_min,
            description=f"dichotomised Gaussian spikes, AR(1) calcium, seed {self.seed}",
        )

    def windows(self, count, frames, first=0):
        """Windows with the same ground truth as the recording, but independent of it.

        Window `i` depends on the seed, `frames` and `i` alone.

        Args:
          count: number of windows.
          frames: frames per window.
          first: number of the first window.

        Returns:
          spikes uint8 and traces float32, both (window, frame, neuron).
        """
        return self._draw(_FRESH, first, count, frames)

    def _draw(self, purpose, first, count, frames):
        before = math.ceil(BURN_IN * self.tau_decay * self.frame_rate)
        length = before + frames
        key = np.random.SeedSequence([self.seed, purpose]).generate_state(2) >> 1
        spikes = self.spiking.sample(count * length, key, first * length).reshape(count, length, -1)
        g = math.exp(-1 / (self.tau_decay * self.frame_rate))
        rise = float(autoregressive.roots(self.tau_rise, self.tau_decay, self.frame_rate)[1])
        generators = [np.random.default_rng([self.seed, purpose, i]) for i in range(first, first + count)]
        traces = np.stack(
            [
                fluorescence(train, g, self.amplitude, self.noise, generator, self.baseline, rise)
                for train, generator in zip(spikes, generators)
            ]
        )
        return spikes[:, before:], traces[:, before:]


def random_moments(neurons, seed, mean_rate=MEAN_RATE, frame_rate=FRAME_RATE):
    """Means and covariance of a random population: log-normal rates, correlations of rank two.

    All neurons share a source of correlation, and every second neuron shares another. Correlations are positive, since
    sparse binary spikes can hardly be negatively correlated, and have a root mean square near .1.

    Args:
      neurons: number of neurons.
      seed: integer.
      mean_rate: exact mean of the rates, Hz.
      frame_rate: Hz.

    Returns:
      float64 (neuron,), probability of a spike per frame, and float64 (neuron, neuron), covariance of the spikes in a
      frame.
    """
    generator = np.random.default_rng(np.random.SeedSequence([seed, _TRUTH]))
    rates = generator.lognormal(0, RATE_SPREAD, neurons)
    means = np.minimum(rates * mean_rate / rates.mean() / frame_rate, 0.5)
    shared = generator.uniform(0.1, 0.35, neurons)
    assembly = generator.uniform(0.1, 0.35, neurons) * (np.arange(neurons) % 2)
    correlation = np.outer(shared, shared) + np.outer(assembly, assembly)
    np.fill_diagonal(correlation, 1)
    sd = np.sqrt(means * (1 - means))
    return means, correlation * np.outer(sd, sd)


def population(means=None, covariance=None, neurons=NEURONS, seed=0, **properties) -> Population:
    """A population with these means and covariance of the spikes in a frame, or with random moments drawn by `seed`."""
    if means is None:
        means, covariance = random_moments(neurons, seed, frame_rate=properties.get("frame_rate", FRAME_RATE))
    return Population(dichotomized_gaussian.fit(means, covariance), seed=seed, **properties)
