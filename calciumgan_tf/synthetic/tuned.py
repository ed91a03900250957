"""The tuned synthetic population of `--dataset=synthetic_tuned`: its rates follow a direction and the running speed.

The rate of neuron n is base_n * tuning_n(stimulus) * gain_n(speed), with a von Mises tuning to the direction and a gain
that saturates:

    tuning_n(0) = 1                  tuning_n(level) = 1 + depth_n exp(width_n (cos(direction - preferred_n) - 1))
    gain_n(speed) = 1 + slope_n (1 - exp(-speed / 10 cm/s))

Spikes are those of a dichotomised Gaussian whose thresholds follow the rates: x = [z > -Phi^-1(rate / frame rate)] with
z ~ N(0, L). The probability of a spike is therefore exact, and neurons share the latent correlations L as noise.
"""

import dataclasses
import math

import numpy as np
from scipy import special

from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.synthetic import dichotomized_gaussian, populations, protocol
from calciumgan_tf.synthetic.calcium import fluorescence
from calciumgan_tf.synthetic.populations import AMPLITUDE, FRAME_RATE, NEURONS, NOISE, S_MIN, TAU_DECAY

FRAMES = round(20 * 60 * FRAME_RATE)  # of the recording
MEAN_RATE = 0.5  # Hz, over neurons and time
BASE_SPREAD = 0.3  # SD of the logarithm of the base rates
DEPTHS, WIDTHS, SLOPES = (2.0, 10.0), (1.0, 4.0), (-0.3, 1.0)  # limits of uniform distributions
SPEED_SCALE = 10.0  # cm/s, at which the gain has come to 63 % of its way
_TRUTH, _RECORDING, _FRESH = range(20, 23)  # purposes of random numbers


@dataclasses.dataclass(frozen=True)
class TunedPopulation:
    """A population whose tuning is known.

    Attributes:
      spiking: dichotomised Gaussian of the average rates; its latent correlations are those of the noise.
      base: base rates, Hz, (neuron,).
      tuning_curves: rate at each level over the base rate, (neuron, level), levels from 0 for nothing to 8.
      slopes: how much a high speed adds to the rate, as a share of it, (neuron,).
      seed: seed of all its data.
    """

    spiking: dichotomized_gaussian.DichotomizedGaussian
    base: np.ndarray
    tuning_curves: np.ndarray
    slopes: np.ndarray
    seed: int = 0

    def rates(self, conditions):
        """Exact rates under given conditions: the probability of a spike in a frame times the frame rate.

        Args:
          conditions: (frame, 2), stimulus from 0 to 8 and speed in cm/s.

        Returns:
          float64 (frame, neuron), Hz.
        """
        levels, speed = conditions[:, 0].astype(int), conditions[:, 1].astype(np.float64)
        gain = 1 + self.slopes * (1 - np.exp(-speed / SPEED_SCALE))[:, None]
        return self.base * self.tuning_curves.T[levels] * gain

    def tuning(self):
        """Exact rates at each level, averaged over the distribution of the speed: float64 (neuron, 9), Hz."""
        gain = 1 + self.slopes * (1 - protocol.mean_decayed(SPEED_SCALE))
        return (self.base * gain)[:, None] * self.tuning_curves

    def recording(self, frames=FRAMES) -> Recording:
        """A continuous recording with its true spikes and its conditions; it begins with a block of directions."""
        spikes, traces, conditions = self._draw(_RECORDING, 0, frames)
        return Recording(
            traces=traces,
            frame_rate=FRAME_RATE,
            tau_decay=TAU_DECAY,
            tau_rise=0.0,
            source="synthetic_tuned",
            spikes=spikes,
            spikes_kind="ground_truth",
            s_min=S_MIN,
            description=f"dichotomised Gaussian spikes with tuned rates, AR(1) calcium, seed {self.seed}",
            conditions=conditions,
            condition_names=protocol.NAMES,
        )

    def windows(self, count, frames, first=0):
        """Windows with the same ground truth as the recording, but independent of it; each begins anywhere in a block.

        Window `i` depends on the seed, `frames` and `i` alone.

        Args:
          count: number of windows.
          frames: frames per window.
          first: number of the first window.

        Returns:
          spikes uint8 and traces float32, both (window, frame, neuron), and conditions float32 (window, frame, 2).
        """
        drawn = [self._draw(_FRESH, number, frames) for number in range(first, first + count)]
        spikes, traces, conditions = zip(*drawn)
        return np.stack(spikes), np.stack(traces), np.stack(conditions)

    def _draw(self, purpose, number, frames):
        generator = np.random.default_rng([self.seed, purpose, number])
        before = protocol.block_frames(FRAME_RATE)  # a whole block, by whose end the initial calcium has decayed
        start = int(generator.integers(before)) if purpose == _FRESH else 0
        conditions = protocol.conditions(before + frames, FRAME_RATE, generator, start)
        factor = np.linalg.cholesky(self.spiking.latent)
        latent = generator.standard_normal((before + frames, len(self.base))) @ factor.T
        spikes = (latent > -special.ndtri(self.rates(conditions) / FRAME_RATE)).astype(np.uint8)
        decay = math.exp(-1 / (TAU_DECAY * FRAME_RATE))
        traces = fluorescence(spikes, decay, AMPLITUDE, NOISE, generator)
        return spikes[before:], traces[before:], conditions[before:]


def population(neurons=NEURONS, seed=0) -> TunedPopulation:
    """A population whose preferred directions are spread evenly; all else about its neurons is drawn by `seed`.

    Args:
      neurons: at least 2.
      seed: whole number.
    """
    generator = np.random.default_rng([seed, _TRUTH])
    preferred = generator.permutation(2 * np.pi * np.arange(neurons) / neurons)
    depths, widths, slopes = (generator.uniform(*limits, neurons) for limits in (DEPTHS, WIDTHS, SLOPES))
    directions = 2 * np.pi * np.arange(protocol.DIRECTIONS) / protocol.DIRECTIONS
    bump = np.exp(widths[:, None] * (np.cos(directions - preferred[:, None]) - 1))
    curves = np.concatenate([np.ones((neurons, 1)), 1 + depths[:, None] * bump], axis=1)
    moments = populations.random_moments(neurons, seed, MEAN_RATE)
    spiking = dichotomized_gaussian.fit(*moments)
    unscaled = TunedPopulation(spiking, generator.lognormal(0, BASE_SPREAD, neurons), curves, slopes, seed)
    shown = protocol.SHOWN / (protocol.SHOWN + protocol.BLANK)
    tuning = unscaled.tuning()
    mean = (1 - shown) * tuning[:, 0].mean() + shown * tuning[:, 1:].mean()
    return dataclasses.replace(unscaled, base=unscaled.base * MEAN_RATE / mean)
