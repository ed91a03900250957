"""Kernel: each event becomes a transient of the neuron's own rise and decay.

    c_n(t) = sum over j of k_n(j) a_n(t - j)        k_n(j) = (d^(j+1) - r^(j+1)) / peak

a are the events of `gate` and `sizes`. d and r are the roots of the neuron's decay and rise, which spike inference
found in the training part (`spikes.kernels`), or the indicator's. The largest value of the kernel is 1, so that the
size of an event is the height of its transient. The kernel is not trained.

Source: Friedrich, Zhou and Paninski 2017, PLOS Computational Biology 13(3), e1005423, the model AR(2).
"""

import math

import numpy as np

from calciumgan_tf.physiological.layers import causal_convolution
from calciumgan_tf.spikes import autoregressive

WARM_UP_DECAYS = 3  # decay times before the window, after which calcium has forgotten that it started from 0


def warm_up(decay, unit, frames) -> int:
    """Frames that are generated before the window and cut off.

    Three decay times of the slowest neuron, but not more than a window, both rounded up to a multiple of `unit`.

    Args:
      decay: (neuron,), root of the decay.
      unit: frames.
      frames: of a window.
    """
    wanted = WARM_UP_DECAYS / -math.log(np.max(decay))
    return math.ceil(min(wanted, frames) / unit) * unit


def responses(decay, rise, frames):
    """The kernel of each neuron, float64 (frame, neuron), its largest value 1."""
    peak, _ = autoregressive.peak_and_energy(decay, rise)
    return autoregressive.response(decay, rise, frames).T / peak


def calcium(events, frames, statistics, built_in):
    """Events (example, frame, neuron) to the calcium of the last `frames` frames."""
    response = responses(statistics.decay, statistics.rise, events.shape[1])
    return causal_convolution(events, "kernel", response, frames, built_in)
