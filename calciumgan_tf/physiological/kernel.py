"""Kernel: each event becomes a transient of the neuron's own shape.

    c_n(t) = sum over j of K_n(j) a_n(t - j)

a are the events of `gate` and `sizes`. K is a mixture of kernels that was fitted to the training part (`transients`).
Its largest value is 1, so that the size of an event is the height of its transient. It is not trained.
"""

import math

import numpy as np

from calciumgan_tf.physiological import transients
from calciumgan_tf.physiological.layers import causal_convolution

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


def calcium(events, frames, statistics, built_in):
    """Events (example, frame, neuron) to the calcium of the last `frames` frames."""
    response = transients.responses(statistics.decay, statistics.rise, statistics.kernels, events.shape[1])
    return causal_convolution(events, "kernel", response, frames, built_in)
