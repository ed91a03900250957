"""What an animal sees and does in the tuned synthetic recording: drifting directions and running.

Eight directions are shown for 2 s each, with 2 s of nothing before each, in an order that is random within every block
of eight. The running speed is max(0, x) with x Gaussian, so that the animal stands still for half of the time; x is
white noise after two equal first-order filters, and its SD is known in closed form.
"""

import math

import numpy as np
from scipy import signal, special

NAMES = ("stimulus", "speed")
DIRECTIONS = 8  # levels 1 to 8, in steps of 45 degrees; level 0 is nothing
SHOWN, BLANK = 2.0, 2.0  # s
SPEED_SD = 12.0  # of the Gaussian behind the speed, cm/s
SPEED_TAU = 1.5  # of each of its filters, s
_BURN_IN = 12  # times SPEED_TAU, after which the speed has forgotten that it began at 0


def block_frames(frame_rate) -> int:
    """Frames of a block, in which every direction is shown once; the frame rate is in Hz."""
    return DIRECTIONS * (round(SHOWN * frame_rate) + round(BLANK * frame_rate))


def conditions(frames, frame_rate, generator, start=0):
    """Stimulus and speed of consecutive frames.

    Args:
      frames: number of frames.
      frame_rate: Hz.
      generator: numpy.random.Generator.
      start: frames of the first block that passed before the first frame, less than `block_frames`.

    Returns:
      float32 (frame, 2), in the order of `NAMES`: 0 for nothing or the number of a direction from 1 on; cm/s.
    """
    return np.stack([_stimulus(frames, frame_rate, generator, start), _speed(frames, frame_rate, generator)], axis=1)


def _stimulus(frames, frame_rate, generator, start):
    blocks = -(-(start + frames) // block_frames(frame_rate))
    order = generator.permuted(np.tile(np.arange(1, DIRECTIONS + 1), (blocks, 1)), axis=1).ravel()
    blank, shown = round(BLANK * frame_rate), round(SHOWN * frame_rate)
    levels = np.repeat(np.stack([np.zeros_like(order), order], axis=1).ravel(), np.tile([blank, shown], len(order)))
    return levels[start : start + frames].astype(np.float32)


def _speed(frames, frame_rate, generator):
    before = math.ceil(_BURN_IN * SPEED_TAU * frame_rate)
    decay = math.exp(-1 / (SPEED_TAU * frame_rate))
    variance = (1 + decay**2) / (1 - decay**2) ** 3  # of white noise of variance 1 after both filters
    filtered = signal.lfilter([1.0], [1.0, -2 * decay, decay**2], generator.standard_normal(before + frames))
    return (SPEED_SD * np.maximum(filtered[before:] / math.sqrt(variance), 0)).astype(np.float32)


def mean_decayed(scale) -> float:
    """Mean of exp(-speed / scale) over the distribution of the speed, exact; the scale is in cm/s."""
    ratio = SPEED_SD / scale
    return 0.5 + math.exp(ratio**2 / 2) * float(special.ndtr(-ratio))
