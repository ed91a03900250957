"""The indicator's kernel of each neuron, estimated from its traces alone.

A kernel (1 - exp(-t / rise)) exp(-t / decay) is the better, the fewer events it needs to explain a trace, and the less
it leaves unexplained. Of all kernels that one is taken whose description of the trace is shortest:

    frames / 2 log(squared residual) + events log(frames)

A decay that is too short has to explain a transient by a row of events, one that is too long misses the falling trace.
The autocovariance is not used: it is that of the kernel only where spikes are independent of each other.

A neuron with few events says little, so the logarithms of its rise and decay are shrunk to the mean of the population,
a mean in which neurons with many events count more. Description length: Rissanen 1978, Automatica 14, 465-471; the
weights and the rest are defined here, and measured in docs/spikes.md.
"""

import dataclasses

import numpy as np

from calciumgan_tf.spikes import autoregressive
from calciumgan_tf.spikes.noise import NORMAL_DECILE, noise_level

SEGMENT_SECONDS, SEGMENT_FRAMES = 30.0, 256  # length of a segment with a baseline of its own, whichever is longer
SEGMENTS = 12  # of a neuron that are looked at, at most
SHORTEST, LONGEST = 0.05, 8.0  # decay, s
STARTS = (0.12, 0.3, 0.75, 1.9, 4.5)  # decay, s, where the search begins
RISE_STEP = 1.5  # factor between neighbouring rises
DECAY_STEPS = (1.5, 1.5, 1.5, 1.22, 1.22, 1.1)  # factors by which the search moves, one round each
PRIOR_EVENTS = 50  # a neuron with so many events is shrunk half way


@dataclasses.dataclass(frozen=True)
class Kernels:
    """Rise and decay of each neuron.

    Attributes:
      tau_rise: float64 (neuron,), s; 0 where it is too fast to be resolved.
      tau_decay: float64 (neuron,), s.
      own_rise, own_decay: the same before they were shrunk to the population.
      events: (neuron,), on which they stand.
    """

    tau_rise: np.ndarray
    tau_decay: np.ndarray
    own_rise: np.ndarray
    own_decay: np.ndarray
    events: np.ndarray


def estimate(traces, blocks, frame_rate) -> Kernels:
    """Estimates the kernel of every neuron from some blocks of a recording, shrunk to the population.

    Args: as `own_kernels` and `shrunk`.
    """
    return shrunk(own_kernels(traces, blocks, frame_rate), frame_rate)


def own_kernels(traces, blocks, frame_rate) -> Kernels:
    """Estimates the kernel of every neuron from its own traces alone.

    Args:
      traces: (frame, neuron), dF/F.
      blocks: (first, after last) frames, those of the training part.
      frame_rate: Hz.
    """
    segments = _segments(traces, blocks, frame_rate)
    search = _Search(segments, frame_rate, _noise(segments))
    search.start()
    noise = _noise(segments, *autoregressive.roots(search.rise, search.decay, frame_rate))
    search = _Search(segments, frame_rate, noise)
    search.start()
    for factor in DECAY_STEPS:
        search.move(factor)
    return Kernels(search.rise, search.decay, search.rise, search.decay, search.events)


def joined(parts) -> Kernels:
    """The Kernels of several sets of neurons, one after another."""
    fields = [dataclasses.astuple(part) for part in parts]
    return Kernels(*(np.concatenate(each) for each in zip(*fields)))


def shrunk(own: Kernels, frame_rate) -> Kernels:
    """Shrinks the neurons' own kernels to their population.

    A neuron of n events keeps n / (n + PRIOR_EVENTS) of the logarithms of its own rise and decay; the rest is the
    weighted mean of the population, with the same weights.

    Args:
      own: Kernels, of which `own_rise`, `own_decay` and `events` are used.
      frame_rate: Hz.
    """
    weight = own.events / (own.events + PRIOR_EVENTS)
    counted = weight if weight.any() else np.ones_like(weight)  # without any event, no kernel has an effect

    def mean(values):
        return np.exp(weight * np.log(values) + (1 - weight) * np.average(np.log(values), weights=counted))

    resolved = autoregressive.RESOLVED_FRAMES / frame_rate
    rise, decay = mean(np.maximum(own.own_rise, resolved / RISE_STEP)), mean(own.own_decay)
    return dataclasses.replace(own, tau_rise=np.where(rise < resolved, 0.0, rise), tau_decay=decay)


def _segments(traces, blocks, frame_rate):
    """Float64 (neuron, segment, frame), evenly spread over the blocks."""
    frames = min(max(SEGMENT_FRAMES, round(SEGMENT_SECONDS * frame_rate)), max(stop - start for start, stop in blocks))
    starts = [first for start, stop in blocks for first in range(start, stop - frames + 1, frames)]
    chosen = np.unique(np.linspace(0, len(starts) - 1, SEGMENTS).round().astype(int))
    return np.stack([np.asarray(traces[starts[i] : starts[i] + frames], np.float64).T for i in chosen], axis=1)


def _noise(segments, decay=None, rise=0.0):
    return noise_level(segments.reshape(len(segments), -1).T, decay, rise)


class _Search:
    """A search of each neuron's shortest description; all neurons move side by side.

    Attributes:
      rise, decay: the best so far, (neuron,), s.
      events: of the best, (neuron,).
      unresolved: what stands for a rise of 0 among logarithms, s.
    """

    def __init__(self, segments, frame_rate, noise):
        self._rate = frame_rate
        self._noise = noise
        lowest = np.quantile(segments, 0.1, axis=2, keepdims=True)
        self._centred = segments - lowest - NORMAL_DECILE * noise[:, None, None]
        self._longest = min(LONGEST, segments.shape[2] / frame_rate / 4)
        neurons = len(segments)
        self._level, self.decay = np.zeros(neurons, int), np.full(neurons, SHORTEST)
        self._cost, self.events = np.full(neurons, np.inf), np.zeros(neurons, int)
        self.unresolved = autoregressive.RESOLVED_FRAMES / frame_rate / RISE_STEP

    @property
    def rise(self):
        return self._seconds(self._level)

    def _seconds(self, level):
        """Rise of a level: 0 at level 0, then from a third of a frame in steps of RISE_STEP."""
        return np.where(level > 0, self.unresolved * RISE_STEP ** np.maximum(level, 0.0), 0.0)

    def start(self):
        """Looks at a few kernels that are far from each other."""
        for decay in STARTS:
            for level in (0, 4):
                self._try(np.full_like(self._level, level), np.full_like(self.decay, decay))

    def move(self, factor):
        """Looks at the neighbours of the best."""
        level, decay = self._level.copy(), self.decay.copy()
        step = 2 if factor == DECAY_STEPS[0] else 1
        for up, by in ((0, factor), (0, 1 / factor), (step, 1.0), (-step, 1.0), (-step, factor), (step, 1 / factor)):
            self._try(np.maximum(level + up, 0), decay * by)

    def _try(self, level, decay):
        decay = np.clip(decay, max(SHORTEST, 0.5 / self._rate), self._longest)
        rise = self._seconds(level)
        neurons, segments, frames = self._centred.shape
        d, r = (np.repeat(root, segments) for root in autoregressive.roots(rise, decay, self._rate))
        rows = self._centred.reshape(neurons * segments, frames)
        events = autoregressive.jumps(rows, d, r, np.repeat(3 * self._noise, segments))
        residual = rows - autoregressive.calcium(events, d, r)
        error = (residual.reshape(neurons, -1) ** 2).mean(axis=1)
        number = np.count_nonzero(events.reshape(neurons, -1), axis=1)
        total = segments * frames
        cost = total / 2 * np.log(np.maximum(error, np.finfo(float).tiny)) + number * np.log(total)
        better = (cost < self._cost) & (rise <= 2 * decay)
        self._level, self.decay = np.where(better, level, self._level), np.where(better, decay, self.decay)
        self._cost, self.events = np.where(better, cost, self._cost), np.where(better, number, self.events)
