"""Spikes from dF/F by OASIS: a first-order autoregressive trace with non-negative jumps of at least `s_min`.

Friedrich, Zhou and Paninski 2017, PLOS Computational Biology 13(3), e1005423; the algorithm itself is the package
oasis-deconv.

The parameters of a neuron (its baseline and the smallest jump that counts) are fixed once, on the recording, and then
used for recorded and generated traces alike, so that a difference between spikes is a difference between traces.
"""

import collections
import concurrent.futures
import dataclasses
import multiprocessing
import os

import numpy as np
from oasis.functions import GetSn, estimate_time_constant
from oasis.oasis_methods import oasisAR1

CHUNK_VALUES = 4_000_000  # trace values handed to a process at a time: 16 MB
LAG_SECONDS = 2.0  # of the autocovariance
CHUNK_NEURONS = 100  # neurons copied at a time while the settings are fitted
SEVERAL_PROCESSES = 100_000_000  # trace values from which it pays to start them, a matter of seconds
NORMAL_DECILE = 1.2816  # a normal variable is below mean - 1.2816 SD one time in ten


@dataclasses.dataclass(frozen=True)
class Settings:
    """Parameters of OASIS for each neuron.

    Attributes:
      g: decay a frame, exp(-1 / (tau_decay * frame rate)).
      s_min: float64 (neuron,), smallest event, dF/F.
      baseline: float64 (neuron,), dF/F of a silent neuron.
      noise: float64 (neuron,), SD of the observation noise, dF/F.
    """

    g: float
    s_min: np.ndarray
    baseline: np.ndarray
    noise: np.ndarray


def noise_level(traces):
    """SD of the white observation noise, from the upper half of the power spectrum (OASIS' own estimate).

    Args:
      traces: (frame, neuron), dF/F.

    Returns:
      float64 (neuron,), dF/F.
    """
    return np.array([GetSn(np.asarray(trace, np.float64)) for trace in np.asarray(traces).T])


def decay_of_activity(traces, frame_rate) -> float:
    """Decay time of the traces' autocovariance, s, median over neurons (OASIS' own estimate, of two seconds of lags).

    It is that of the indicator where spikes are independent of each other, and longer where activity itself is slow.

    Args:
      traces: (frame, neuron), dF/F.
      frame_rate: Hz.
    """
    lags = max(5, round(LAG_SECONDS * frame_rate))
    g = [estimate_time_constant(np.asarray(trace, np.float64), p=1, lags=lags)[0] for trace in np.asarray(traces).T]
    return float(-1 / (frame_rate * np.log(np.clip(np.median(g), 1e-9, 1 - 1e-9))))


def fit_settings(traces, g, s_min=None) -> Settings:
    """Fixes the deconvolution on recorded traces.

    With `s_min` given, as in the paper (.55), it is used for all neurons and the baseline is 0. Otherwise `s_min` is
    three times the noise, and the baseline is 1.28 noise SDs above the lowest decile: exact for a silent neuron, and
    little moved by an active one.

    Args:
      traces: (frame, neuron), dF/F; the training part of a recording.
      g: decay a frame.
      s_min: dF/F or None.
    """
    noise = noise_level(traces)
    if s_min is not None:
        return Settings(g, np.full_like(noise, s_min), np.zeros_like(noise), noise)
    lowest = np.array([np.quantile(trace, 0.1) for trace in traces.T])  # one at a time, since it makes a copy
    baseline = lowest + NORMAL_DECILE * noise
    return Settings(g, 3 * noise, baseline, noise)


def fit_settings_on_blocks(traces, blocks, g, s_min=None) -> Settings:
    """Does as `fit_settings` on the frames of some blocks (first, after last), copying few neurons at a time."""
    parts = [
        fit_settings(np.concatenate([traces[start:stop, i : i + CHUNK_NEURONS] for start, stop in blocks]), g, s_min)
        for i in range(0, traces.shape[1], CHUNK_NEURONS)
    ]
    fields = ("s_min", "baseline", "noise")
    return Settings(g, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields})


def events(traces, settings: Settings):
    """Events of every frame and neuron; the first frame of a window can't have one.

    Args:
      traces: (..., frame, neuron), dF/F.

    Returns:
      float32 of the same shape, dF/F; 0 where there is none, else at least the neuron's `s_min` (to rounding).
    """
    traces = np.asarray(traces)
    centred = np.moveaxis(traces - settings.baseline, -2, -1).astype(np.float64, order="C")  # (..., neuron, frame)
    for index in np.ndindex(centred.shape[:-1]):
        centred[index] = oasisAR1(centred[index], settings.g, 0.0, settings.s_min[index[-1]])[1]
    centred[centred < settings.s_min[:, None] / 2] = 0  # what is not an event is 0 but for rounding
    return np.moveaxis(centred, -1, -2).astype(np.float32)


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
        processes = (os.cpu_count() or 1) if count * frames * neurons >= SEVERAL_PROCESSES else 1
    processes = min(processes, len(parts))

    def collect(part, result):
        spikes[part] = result[0]
        total[:] += result[1]

    if processes == 1:
        for part in parts:
            collect(part, _infer(windows[part], settings))
    else:
        _in_parallel(windows, parts, settings, processes, collect)
    number = spikes.sum(axis=(0, 1), dtype=np.int64)
    return Inferred(spikes, np.divide(total, number, out=np.full(neurons, np.nan), where=number > 0))


def _in_parallel(windows, parts, settings, processes, collect):
    # Fresh processes, not forks: TensorFlow's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting = collections.deque()
        for part in parts:
            waiting.append((part, pool.submit(_infer, windows[part], settings)))
            if len(waiting) > 2 * processes:
                done, future = waiting.popleft()
                collect(done, future.result())
        for done, future in waiting:
            collect(done, future.result())
