"""Per-neuron noise, baseline, event rate and event size, estimated with OASIS."""

import dataclasses

import numpy as np

from calciumgan_tf.spikes import deconvolution


@dataclasses.dataclass(frozen=True)
class NeuronStatistics:
    """Of each neuron, in the model's scaled units.

    Attributes:
      frame_rate: Hz.
      decay: of calcium, a frame.
      baseline: (neuron,), trace of a silent neuron.
      noise: (neuron,), SD of the observation noise.
      event_probability: (neuron,), of an event in a frame, between 0 and 1.
      event_size: (neuron,), mean jump of an event.
    """

    frame_rate: float
    decay: float
    baseline: np.ndarray
    noise: np.ndarray
    event_probability: np.ndarray
    event_size: np.ndarray


def measure(recording, blocks, settings, scaling) -> NeuronStatistics:
    """Infers events of the training part by OASIS.

    A neuron without any is taken to have half an event, of the smallest size that counts.

    Args:
      recording: Recording.
      blocks: (first, after last) frames of the training part.
      settings: spikes.deconvolution.Settings of the training part.
      scaling: Scaling.
    """
    number, total, frames = 0, 0.0, 0
    for start, stop in blocks:
        events = deconvolution.events(recording.traces[start:stop], settings)
        number, total = number + (events > 0).sum(axis=0), total + events.sum(axis=0, dtype=np.float64)
        frames += len(events)
    size = np.where(number > 0, total / np.maximum(number, 1), settings.s_min)
    return NeuronStatistics(
        frame_rate=recording.frame_rate,
        decay=settings.g,
        baseline=scaling.scaled(settings.baseline),
        noise=settings.noise / scaling.scale,
        event_probability=np.clip(number, 0.5, frames - 0.5) / frames,
        event_size=size / scaling.scale,
    )
