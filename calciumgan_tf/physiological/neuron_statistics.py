"""Per-neuron kernel, baseline, noise, event rate and event sizes, estimated with OASIS: where training starts."""

import dataclasses
import itertools

import numpy as np
import scipy.fft

from calciumgan_tf.physiological import event_statistics
from calciumgan_tf.physiological.slow_noise import frequencies, halved, waves
from calciumgan_tf.spikes import autoregressive, deconvolution

LEAST_SPREAD, LARGEST_SPREAD = 0.1, 0.7  # SD of the logarithm of an event's size
PRIOR_EVENTS = 20  # a neuron with so many events is shrunk half way to its population
EVENT_CHANNELS, NEUROPIL_CHANNELS = 8, 4  # that neurons share
LARGEST_SHARE = 0.8  # of a neuron's slow noise that is shared
BANDS_PER_OCTAVE = 2  # of a spectrum, within which it is averaged


@dataclasses.dataclass(frozen=True)
class NeuronStatistics:
    """Of each neuron, in the model's scaled units.

    Attributes:
      frame_rate: Hz.
      decay, rise: (neuron,), roots of the kernel, see `spikes.autoregressive`.
      baseline: (neuron,), mean of the trace less calcium.
      noise: (neuron,), SD of the white observation noise.
      slow_noise: (frequency, neuron), A of slow noise, see `slow_noise`.
      event_probability: (neuron,), of an event in a frame, between 0 and 1.
      event_size: (neuron,), mean height of an event.
      event_spread: (neuron,), SD of the logarithm of the height.
      event_slow: (time constant, neuron), variance of slow latents of the gate, see `event_statistics`.
      channels: (time constant, channel), shares of the time constants in what latents share.
      event_loadings: (channel, neuron), loadings of latents.
      neuropil_loadings: (channel, neuron), of shared noise, scaled units; it is a part of `slow_noise`.
    """

    frame_rate: float
    decay: np.ndarray
    rise: np.ndarray
    baseline: np.ndarray
    noise: np.ndarray
    slow_noise: np.ndarray
    event_probability: np.ndarray
    event_size: np.ndarray
    event_spread: np.ndarray
    event_slow: np.ndarray
    channels: np.ndarray
    event_loadings: np.ndarray
    neuropil_loadings: np.ndarray


def measure(recording, blocks, settings, scaling, window_frames) -> NeuronStatistics:
    """Infers events of the training part by OASIS.

    A neuron without any is taken to have half an event, of the smallest size that counts. What the events leave of the
    trace is noise, white and slow.

    Args:
      recording: Recording.
      blocks: (first, after last) frames of the training part.
      settings: spikes.deconvolution.Settings of the training part.
      scaling: Scaling.
      window_frames: frames of the windows that will be generated.
    """
    events, left = [], []
    for start, stop in blocks:
        traces = recording.traces[start:stop]
        inferred = deconvolution.events(traces, settings)
        calcium = autoregressive.calcium(inferred.T.astype(np.float64), settings.decay, settings.rise).T
        left.append(_windows((traces - calcium) / scaling.scale - scaling.shift / scaling.scale, window_frames))
        events.append(inferred)
    inferred = np.concatenate(events)
    number = (inferred > 0).sum(axis=0)
    size = np.where(number > 0, inferred.sum(axis=0, dtype=np.float64) / np.maximum(number, 1), settings.s_min)
    residual = np.concatenate(left)
    noise, slow = _spectrum(residual - residual.mean(axis=(0, 1)))
    occurred = [block > 0 for block in events]
    windows = np.concatenate([_windows(block, window_frames) for block in occurred])
    own, channels, loadings = event_statistics.slow_and_shared(occurred, windows, recording.frame_rate, EVENT_CHANNELS)
    return NeuronStatistics(
        frame_rate=recording.frame_rate,
        decay=settings.decay,
        rise=settings.rise,
        baseline=residual.mean(axis=(0, 1)),
        noise=noise,
        slow_noise=slow,
        event_probability=np.clip(number, 0.5, len(inferred) - 0.5) / len(inferred),
        event_size=size / scaling.scale,
        event_spread=_spread(inferred, number),
        event_slow=own,
        channels=channels,
        event_loadings=loadings,
        neuropil_loadings=_neuropil(residual, slow, recording.frame_rate),
    )


def _windows(traces, frames):
    """Windows that overlap by half, (window, frame, neuron)."""
    starts = range(0, len(traces) - frames + 1, max(1, frames // 2))
    return np.stack([traces[start : start + frames] for start in starts])


def _spread(events, number):
    """SD of the logarithm of the events' sizes, shrunk to the median of the population, (neuron,)."""
    logarithm = np.log(np.where(events > 0, events, 1))
    mean = logarithm.sum(axis=0) / np.maximum(number, 1)
    square = np.where(events > 0, (logarithm - mean) ** 2, 0).sum(axis=0) / np.maximum(number - 1, 1)
    own, weight = np.sqrt(square), number / (number + PRIOR_EVENTS)
    population = np.median(own[number > 1]) if (number > 1).any() else LEAST_SPREAD
    return np.clip(weight * own + (1 - weight) * population, LEAST_SPREAD, LARGEST_SPREAD)


def _spectrum(residual):
    """SD of white noise, (neuron,), and root of the power of slow noise beyond it, (frequency, neuron).

    The power is that of cosines with the frequencies of `slow_noise`; neighbouring ones are averaged. White noise is
    what there is on average above the highest frequency of slow noise.
    """
    frames = residual.shape[1]
    power = (scipy.fft.dct(residual, norm="ortho", axis=1) ** 2).mean(axis=0)  # (frequency, neuron)
    count = frequencies(frames)
    white = power[count:].mean(axis=0)
    edges = np.unique(np.round(2 ** np.arange(0, np.log2(count + 1) + 1, 1 / BANDS_PER_OCTAVE)).astype(int)) - 1
    edges = np.unique(np.minimum(edges, count))
    smooth = power[:count].copy()
    for first, last in itertools.pairwise(edges):
        smooth[first:last] = power[first:last].mean(axis=0)
    return np.sqrt(white), np.sqrt(halved(np.maximum(smooth - white, 1e-4 * white)))


def _neuropil(residual, slow, frame_rate):
    """Loadings (channel, neuron) of noise with the mean spectrum, from the residual's correlations in half seconds.

    The residual (window, frame, neuron) overlaps by half.
    """
    size = min(max(1, round(event_statistics.BIN_SECONDS * frame_rate)), residual.shape[1])
    count = residual.shape[1] // size
    bins = residual[:, : count * size].reshape(len(residual), count, size, -1).mean(axis=2)
    bins = bins.reshape(-1, residual.shape[2])
    covariance = np.atleast_2d(np.cov(bins.T))
    sd = np.sqrt(np.diag(covariance)) + 1e-12
    found = event_statistics.factors(covariance / sd[:, None] / sd, NEUROPIL_CHANNELS) * sd
    found = np.concatenate([found, np.zeros((NEUROPIL_CHANNELS - len(found), len(sd)))])
    spectrum = unit_spectrum(slow, residual.shape[1])
    made = waves(residual.shape[1], 0, len(slow))[:, :size].mean(axis=1)
    found /= np.sqrt(((np.tile(spectrum[:, 0], 2) * made) ** 2).sum())
    variance = (slow**2).sum(axis=0) / residual.shape[1]
    return found * np.sqrt(np.minimum(1, LARGEST_SHARE * variance / np.maximum((found**2).sum(axis=0), 1e-12)))


def unit_spectrum(slow, frames):
    """The mean A of slow noise (frequency, neuron) over neurons, with variance 1: (frequency, 1)."""
    spectrum = slow.mean(axis=1, keepdims=True)
    return spectrum / np.sqrt((spectrum**2).sum() / frames)
