"""Spikes from dF/F by OASIS: an autoregressive trace with non-negative jumps of at least `s_min`.

Friedrich, Zhou and Paninski 2017, PLOS Computational Biology 13(3), e1005423; see `autoregressive`.

The parameters of a neuron (its kernel, its baseline and the smallest event that counts) are fixed once, on the training
part of the recording, and then used for recorded and generated traces alike, so that a difference between spikes is a
difference between traces.
"""

import collections
import concurrent.futures
import dataclasses
import itertools
import multiprocessing
import os

import numpy as np

from calciumgan_tf.spikes import autoregressive, kernels
from calciumgan_tf.spikes.noise import baseline_level, noise_level, residual, unexplained_level

CHUNK_VALUES = 4_000_000  # trace values handed to a process at a time: 16 MB
CHUNK_NEURONS = 250  # neurons copied at a time while the settings are fitted
SEVERAL_PROCESSES = 100_000_000  # trace values from which it pays to start them, a matter of seconds
SEVERAL_TO_FIT = 20_000_000  # the same for the settings, which take longer
UNEXPLAINED, ERRORS = 2.4, 4.0  # smallest event, in SD of what is unexplained, and of the error of an event's size


@dataclasses.dataclass(frozen=True)
class Settings:
    """Parameters of OASIS for each neuron; a number stands for all neurons.

    Attributes:
      decay: float64 (neuron,), root of the kernel's decay, exp(-1 / (tau_decay * frame rate)).
      s_min: float64 (neuron,), smallest event, dF/F at its peak.
      baseline: float64 (neuron,), dF/F of a silent neuron.
      noise: float64 (neuron,), SD of the observation noise, dF/F.
      rise: float64 (neuron,), root of the kernel's rise, see `autoregressive.roots`; 0 for a kernel without.
    """

    decay: np.ndarray
    s_min: np.ndarray
    baseline: np.ndarray
    noise: np.ndarray
    rise: np.ndarray | float = 0.0

    def __post_init__(self):
        for name in ("decay", "rise"):
            value = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, np.broadcast_to(value, np.shape(self.s_min)).copy())

    @property
    def g(self) -> float:
        """Decay a frame of the population: the median over neurons."""
        return float(np.median(self.decay))

    def tau_decay(self, frame_rate) -> float:
        """Decay time of the population, s."""
        return float(-1 / (frame_rate * np.log(self.g)))

    def tau_rise(self, frame_rate) -> float:
        """Rise time of the population, s; 0 where it is not resolved."""
        root = float(np.median(self.rise))
        return float(-1 / (frame_rate * np.log(root / self.g))) if root > 0 else 0.0


def fit_settings(traces, decay, s_min=None, rise=0.0) -> Settings:
    """Fixes the deconvolution on recorded traces.

    With `s_min` given, as in the paper (.55), it is used for all neurons and the baseline is 0. Otherwise the baseline
    is 1.28 noise SDs above the lowest decile: exact for a silent neuron, and little moved by an active one. The
    smallest event is then 2.4 times the SD of what a first deconvolution leaves unexplained, which holds slow
    fluctuations beside the noise. Where transients are short it is four times the error of an event's size, so that
    noise alone makes hardly any event. Both factors were chosen once for all indicators (docs/spikes.md).

    Args:
      traces: (frame, neuron), dF/F; the training part of a recording.
      decay, rise: roots of the kernel, numbers or (neuron,), see `autoregressive.roots`.
      s_min: dF/F or None.
    """
    if s_min is not None:
        noise = noise_level(traces)
        return Settings(decay, np.full_like(noise, s_min), np.zeros_like(noise), noise, rise)
    noise = noise_level(traces, decay, rise)
    decay, rise = (np.broadcast_to(np.asarray(root, float), noise.shape) for root in (decay, rise))
    baseline = baseline_level(traces, noise)
    unexplained = unexplained_level(residual(traces, decay, rise, noise, baseline), noise)
    _, energy = autoregressive.peak_and_energy(decay, rise)
    smallest = np.maximum(UNEXPLAINED * unexplained, ERRORS * noise / np.sqrt(energy))
    return Settings(decay, smallest, baseline, noise, rise)


def fit_settings_on_blocks(traces, blocks, decay, s_min=None, rise=0.0) -> Settings:
    """Does as `fit_settings` on the frames of some blocks (first, after last), copying few neurons at a time."""
    decay, rise = (np.broadcast_to(np.asarray(root, float), traces.shape[1:]) for root in (decay, rise))
    chosen = _neurons_at_a_time(traces)
    arguments = (
        (np.concatenate([traces[start:stop, some] for start, stop in blocks]), decay[some], s_min, rise[some])
        for some in chosen
    )
    parts = list(_in_order(fit_settings, arguments, _processes(traces.size, SEVERAL_TO_FIT, len(chosen))))
    names = [field.name for field in dataclasses.fields(Settings)]
    return Settings(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def fit_recording(recording, blocks=None, s_min=None) -> Settings:
    """Fixes the deconvolution of a recording on some blocks: its kernel, or estimated ones where it states none.

    Args:
      recording: Recording.
      blocks: (first, after last) frames of the training part; None for the whole recording.
      s_min: smallest event, dF/F; None for the recording's own, or an estimate.
    """
    blocks = blocks or ((0, recording.frames),)
    s_min = recording.s_min if s_min is None else s_min
    times = recording.kernel()
    if times is None:
        chosen = _neurons_at_a_time(recording.traces)
        arguments = ((recording.traces[:, some], blocks, recording.frame_rate) for some in chosen)
        processes = _processes(recording.traces.size, SEVERAL_TO_FIT, len(chosen))
        own = kernels.joined(_in_order(kernels.own_kernels, arguments, processes))
        estimated = kernels.shrunk(own, recording.frame_rate)
        times = estimated.tau_rise, estimated.tau_decay
    decay, rise = autoregressive.roots(times[0], times[1], recording.frame_rate)
    return fit_settings_on_blocks(recording.traces, blocks, decay, s_min, rise)


def refit(recording, blocks, settings: Settings, factor, s_min=None) -> Settings:
    """Fixes the deconvolution of a recording again, for other decay times.

    Noise, baselines and smallest events are estimated anew, as for the kernel of `settings`.

    Args:
      recording: Recording.
      blocks: (first, after last) frames of the training part.
      settings: whose kernel is changed.
      factor: of the decay times; the rise times stay.
      s_min: smallest event, dF/F; None for the recording's own, or an estimate.
    """
    decay = settings.decay ** (1 / factor)
    s_min = recording.s_min if s_min is None else s_min
    return fit_settings_on_blocks(recording.traces, blocks, decay, s_min, settings.rise / settings.decay * decay)


def events(traces, settings: Settings):
    """Events of every frame and neuron; the first frame of a window can't have one.

    Args:
      traces: (..., frame, neuron), dF/F.

    Returns:
      float32 of the same shape, dF/F at the peak; 0 where there is none, else at least the neuron's `s_min` (to
      rounding).
    """
    traces = np.asarray(traces)
    centred = np.moveaxis(traces - settings.baseline, -2, -1).astype(np.float64, order="C")  # (..., neuron, frame)
    rows = centred.reshape(-1, centred.shape[-1])
    repeats = len(rows) // len(settings.s_min)
    found = autoregressive.jumps(rows, *(np.tile(a, repeats) for a in (settings.decay, settings.rise, settings.s_min)))
    return np.moveaxis(found.reshape(centred.shape), -1, -2).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Inferred:
    """Result of `infer_spikes`.

    Attributes:
      spikes: uint8 (window, frame, neuron).
      event_size: float64 (neuron,), mean size of an event, dF/F; NaN without any.
    """

    spikes: np.ndarray
    event_size: np.ndarray


def _infer(traces, settings):
    found = events(traces, settings)
    return (found > 0).astype(np.uint8), found.sum(axis=(0, 1), dtype=np.float64)


def infer_spikes(windows, settings: Settings, processes: int | None = None) -> Inferred:
    """Deconvolves many windows, on all cores where they are very many, holding only a few of them as traces at a time.

    Args:
      windows: anything with `shape` (window, frame, neuron) and slices that give dF/F: an array, an HDF5 data set.
      processes: how many; None for a process on each core if there is work for several seconds, else only this one.
    """
    count, frames, neurons = windows.shape
    chunk = max(1, CHUNK_VALUES // (frames * neurons))
    parts = [slice(start, min(start + chunk, count)) for start in range(0, count, chunk)]
    spikes = np.empty((count, frames, neurons), np.uint8)
    total = np.zeros(neurons)
    if processes is None:
        processes = _processes(count * frames * neurons, SEVERAL_PROCESSES, len(parts))
    processes = min(processes, max(1, len(parts)))
    results = _in_order(_infer, ((windows[part], settings) for part in parts), processes)
    for (some, sizes), part in zip(results, parts):
        spikes[part] = some
        total += sizes
    number = spikes.sum(axis=(0, 1), dtype=np.int64)
    return Inferred(spikes, np.divide(total, number, out=np.full(neurons, np.nan), where=number > 0))


def _neurons_at_a_time(traces):
    """Slices of neurons for which settings are fitted together."""
    return [slice(i, i + CHUNK_NEURONS) for i in range(0, traces.shape[1], CHUNK_NEURONS)]


def _processes(values, several, parts):
    """How many processes it pays to start for so many trace values in so many parts."""
    return min(os.cpu_count() or 1, parts) if values >= several else 1


def _in_order(function, arguments, processes):
    """Yields function(*a) for each a of `arguments`, in their order; a few of them are ahead where there are processes.

    Fresh processes, not forks: TensorFlow's threads do not survive a fork.
    """
    if processes == 1:
        yield from itertools.starmap(function, arguments)
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting = collections.deque()
        for one in arguments:
            waiting.append(pool.submit(function, *one))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
