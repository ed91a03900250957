"""Statistics loss: moments of the population and of single traces, compared with the training part's."""

import numpy as np
import tensorflow as tf

from calciumgan_tf.physiological.population_moments import PopulationMoments
from calciumgan_tf.physiological.trace_moments import WINDOWS, TraceMoments

TRACES = 20.0  # weight of the moments of single traces beside those of the population


class StatisticsLoss:
    """The sum of both.

    Attributes:
      population: PopulationMoments.
      traces: TraceMoments.
    """

    def __init__(self, recording, split, settings, scaling):
        """Measures the training part.

        Args:
          recording: Recording.
          split: Split.
          settings: spikes.deconvolution.Settings of the training part.
          scaling: Scaling; what the loss will be given is scaled.

        Raises:
          InputError: windows too short to see events in.
        """
        frames = split.window_frames
        self.population = PopulationMoments(recording, split.training, settings, scaling, frames)
        starts = split.starts(split.training)
        chosen = starts[np.unique(np.linspace(0, len(starts) - 1, WINDOWS).round().astype(int))]
        windows = recording.traces[chosen[:, None] + np.arange(frames)]
        self.traces = TraceMoments(scaling.scaled(windows).astype(np.float32))

    def __call__(self, windows, weights, total=tf.identity):
        """The loss, a scalar.

        Args:
          windows: scaled windows (example, frame, neuron), those of this replica.
          weights: (example, half), the weight of each window in the mean over a half of the batch, see `half_weights`.
          total: adds up a tensor over all replicas, with a gradient.
        """
        return self.population(windows, weights, total) + TRACES * self.traces(windows, weights, total)
