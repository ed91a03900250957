"""Per-neuron kernel, baseline, noise, event rate and event sizes, estimated with OASIS: where training starts."""

import dataclasses
import itertools
import math

import numpy as np
import scipy.fft
from scipy import special

from calciumgan_tf.dataset import conditions
from calciumgan_tf.physiological import event_statistics, fast_noise, rhythms, transients, tuning
from calciumgan_tf.physiological.waves import frequencies, halved, waves
from calciumgan_tf.spikes import autoregressive, deconvolution

LEAST_SPREAD, LARGEST_SPREAD = 0.1, 0.7  # SD of the logarithm of an event's size
PRIOR_EVENTS = 20  # a neuron with so many events is shrunk half way to its population
EVENT_CHANNELS, NEUROPIL_CHANNELS = 8, 4  # that neurons share
LARGEST_SHARE = 0.8  # of a neuron's slow noise that is shared
BANDS_PER_OCTAVE = 2  # of a spectrum, within which it is averaged
TAPS = 33  # of the filter of fast noise, at most a quarter of a window
LITTLE_SLOW = 0.05  # variance of slow noise, in that of fast noise, which hides no events
HALVINGS = 2  # of the smallest event
LEAST_EVENTS = 2  # mean events that fit below the saturation, at least
SETTLING_DECAYS = 3  # decay times, after which calcium of before a block is forgotten


@dataclasses.dataclass(frozen=True)
class NeuronStatistics:
    """Of each neuron, in the model's scaled units.

    Attributes:
      frame_rate: Hz.
      decay, rise: (neuron,), roots of spike inference, see `spikes.autoregressive`.
      kernels: (kernel, neuron), weights of the kernels that make a transient, see `transients`.
      baseline: (neuron,), mean of the trace less calcium.
      noise: (neuron,), SD of the fast observation noise of a neuron without calcium.
      noise_filter: (tap, neuron), filter of unit energy that makes it from white noise.
      noise_growth, noise_skewness: (neuron,), g and a of fast noise, see `fast_noise`.
      slow_noise: (frequency, neuron), A of slow noise, see `slow_noise`.
      event_probability: (neuron,), of an event in a frame, between 0 and 1.
      event_size: (neuron,), mean height of an event.
      event_spread: (neuron,), SD of the logarithm of the height.
      largest_calcium: (neuron,), above the baseline; at least that of two mean events.
      event_slow: (time constant, neuron), variance of slow latents of the gate, see `event_statistics`.
      channels: (time constant, channel), shares of the time constants in what latents share.
      event_loadings: (channel, neuron), loadings of latents.
      neuropil_loadings: (channel, neuron), of shared noise, scaled units; it is a part of `slow_noise`.
      tuning: (span, channel, neuron), logits that conditions add, see `tuning`; None without conditions.
      untuned: (neuron,), logits by which a neuron is more active than on average where all channels are 0.
      rhythms: (frequency, neuron), A of rhythms, see `rhythms`; None where no neuron has any.
    """

    frame_rate: float
    decay: np.ndarray
    rise: np.ndarray
    kernels: np.ndarray
    baseline: np.ndarray
    noise: np.ndarray
    noise_filter: np.ndarray
    noise_growth: np.ndarray
    noise_skewness: np.ndarray
    slow_noise: np.ndarray
    event_probability: np.ndarray
    event_size: np.ndarray
    event_spread: np.ndarray
    largest_calcium: np.ndarray
    event_slow: np.ndarray
    channels: np.ndarray
    event_loadings: np.ndarray
    neuropil_loadings: np.ndarray
    tuning: np.ndarray | None = None
    untuned: np.ndarray | None = None
    rhythms: np.ndarray | None = None


def measure(recording, blocks, settings, scaling, window_frames, coded=None) -> NeuronStatistics:
    """Infers events of the training part by OASIS.

    A neuron without any is taken to have half an event, of the smallest size that counts. What the events leave of the
    trace is noise, fast and slow. What conditions explain of the events is not counted as shared or slow.

    Args:
      recording: Recording.
      blocks: (first, after last) frames of the training part.
      settings: spikes.deconvolution.Settings of the training part.
      scaling: Scaling.
      window_frames: frames of the windows that will be generated.
      coded: conditions, (frame, channel) of the whole recording; None without any.
    """
    traces = [recording.traces[start:stop] for start, stop in blocks]
    unsettled = [_unsettled(settings, len(block), window_frames) for block in traces]
    for _ in range(HALVINGS):
        settings = _with_smaller_events(traces, unsettled, settings, window_frames)
    kernel = settings.decay, settings.rise
    events = [deconvolution.events(block, settings) for block in traces]
    weights, height = transients.fit(list(zip(traces, events, unsettled)), *kernel)
    events = [block * height for block in events]
    inferred = np.concatenate(events)
    number = (inferred > 0).sum(axis=0)
    size = np.where(number > 0, inferred.sum(axis=0, dtype=np.float64) / np.maximum(number, 1), settings.s_min)
    calcium = [transients.calcium(block, *kernel, weights) for block in events]
    residual = _residual(traces, calcium, unsettled, window_frames)
    residual = residual / scaling.scale - scaling.shift / scaling.scale
    level, noise_filter, slow, periodic = _spectrum(residual)
    settled_traces, settled_events, settled_calcium = (
        np.concatenate([block[first:] for block, first in zip(each, unsettled)]) for each in (traces, events, calcium)
    )
    growth, skewness = fast_noise.measure(settled_traces, settled_events, settled_calcium, noise_filter)
    occurred, tuned = [block > 0 for block in events], {}
    rate = np.clip(number, 0.5, len(inferred) - 0.5) / len(inferred)
    if coded is not None:
        occurred, tuned = _tuned(occurred, blocks, coded, recording, rate)
    windows = np.concatenate([_windows(block, window_frames) for block in occurred])
    own, channels, loadings = event_statistics.slow_and_shared(occurred, windows, recording.frame_rate, EVENT_CHANNELS)
    return NeuronStatistics(
        frame_rate=recording.frame_rate,
        decay=settings.decay,
        rise=settings.rise,
        kernels=weights,
        baseline=residual.mean(axis=(0, 1)),
        noise=level / np.sqrt(1 + growth * settled_calcium.mean(axis=0)),
        noise_filter=noise_filter,
        noise_growth=growth * scaling.scale,
        noise_skewness=skewness,
        slow_noise=slow,
        event_probability=rate,
        event_size=size / scaling.scale,
        event_spread=_spread(inferred, number),
        largest_calcium=np.maximum(settled_calcium.max(axis=0), LEAST_EVENTS * size) / scaling.scale,
        event_slow=own,
        channels=channels,
        event_loadings=loadings,
        neuropil_loadings=_neuropil(residual, slow, recording.frame_rate),
        rhythms=periodic if periodic.any() else None,
        **tuned,
    )


def _tuned(occurred, blocks, coded, recording, rate):
    """Events without what conditions explain of them, a list of float64 (frame, neuron), and the tuning."""
    edges = conditions.pieces(recording)
    lagged = np.concatenate([tuning.lagged(coded[start:stop], recording.frame_rate) for start, stop in edges])
    given = np.concatenate([lagged[start:stop] for start, stop in blocks])
    weights, intercepts, probability = tuning.fit(np.concatenate(occurred), given)
    explained = np.split(probability, np.cumsum([len(block) for block in occurred])[:-1])
    left = [block - part + rate for block, part in zip(occurred, explained)]
    return left, {"tuning": weights, "untuned": intercepts - special.logit(rate)}


def _unsettled(settings, length, frames):
    """Frames at the beginning of a block in which there is calcium of before; a window of the block is always left."""
    return max(0, min(math.ceil(SETTLING_DECAYS / -np.log(settings.decay.max())), length - frames))


def _residual(traces, calcium, unsettled, frames):
    """What calcium leaves of the settled traces of blocks, windows (window, frame, neuron)."""
    parts = zip(traces, calcium, unsettled)
    return np.concatenate([_windows((block - made)[first:], frames) for block, made, first in parts])


def _with_smaller_events(traces, unsettled, settings, frames):
    """Halves the smallest event of each neuron whose events leave slow noise, since small events hide in it.

    Slow noise that is Gaussian and independent of the events gave traces away: on three recordings, smaller events with
    less of it were closer to the recording (docs/fidelity_study.md). Where a neuron has none, smaller events are noise.
    """
    found = (deconvolution.events(block, settings).T.astype(np.float64) for block in traces)
    calcium = [autoregressive.calcium(block, settings.decay, settings.rise).T for block in found]
    noise, _, slow, _ = _spectrum(_residual(traces, calcium, unsettled, frames))
    hidden = (slow**2).sum(axis=0) / frames > LITTLE_SLOW * noise**2
    return dataclasses.replace(settings, s_min=np.where(hidden, settings.s_min / 2, settings.s_min))


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
    """Noise of a residual (window, frame, neuron), as fast noise, slow noise and rhythms.

    The power is that of cosines with the frequencies of `slow_noise`; neighbouring ones are averaged. Fast noise has
    the power above the highest frequency of slow noise, and below it the power that there is just above; slow noise has
    what exceeds this. Rhythms have what stands out from the frequencies around it.

    Returns:
      SD (neuron,) and filter (tap, neuron) of fast noise, A of slow noise and of rhythms, (frequency, neuron) each.
    """
    frames = residual.shape[1]
    centred = residual - residual.mean(axis=(0, 1))
    power = (scipy.fft.dct(centred, norm="ortho", axis=1) ** 2).mean(axis=0)  # (frequency, neuron)
    periodic = rhythms.excess(power, len(residual))
    power -= periodic
    count = frequencies(frames)
    smooth = power.copy()
    edges = 2 ** np.arange(0, np.log2(count + 1) + 1, 1 / BANDS_PER_OCTAVE)
    slow_edges = np.unique(np.minimum(np.round(edges).astype(int) - 1, count))
    fast_edges = np.linspace(count, frames, max(2, min(frames // 4, TAPS) // 4)).round().astype(int)
    for first, last in (*itertools.pairwise(slow_edges), *itertools.pairwise(fast_edges)):
        smooth[first:last] = power[first:last].mean(axis=0)
    least = smooth[count]
    slow = np.sqrt(halved(np.maximum(smooth[:count] - least, 1e-4 * least)))
    smooth[:count] = least
    taps = _filter(smooth)
    noise = np.sqrt((taps**2).sum(axis=0))
    return noise, taps / noise, slow, np.sqrt(periodic)


def _filter(power):
    """Symmetric filter (tap, neuron) that gives white noise about a power (frequency, neuron), 0 to half a cycle."""
    reach = min(len(power) // 4, TAPS) // 2
    response = scipy.fft.irfft(np.sqrt(np.concatenate([power, power[-1:]])), axis=0)[: reach + 1]
    response *= np.hanning(2 * reach + 3)[reach + 1 : -1, None]
    return np.concatenate([response[:0:-1], response])


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
    made = waves(residual.shape[1], np.arange(len(slow)))[:, :size].mean(axis=1)
    found /= np.sqrt(((np.tile(spectrum[:, 0], 2) * made) ** 2).sum())
    variance = (slow**2).sum(axis=0) / residual.shape[1]
    return found * np.sqrt(np.minimum(1, LARGEST_SHARE * variance / np.maximum((found**2).sum(axis=0), 1e-12)))


def unit_spectrum(slow, frames):
    """The mean A of slow noise (frequency, neuron) over neurons, with variance 1: (frequency, 1)."""
    spectrum = slow.mean(axis=1, keepdims=True)
    return spectrum / np.sqrt((spectrum**2).sum() / frames)
