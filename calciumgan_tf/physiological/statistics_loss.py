"""Statistics loss: moments of the population, of single traces and of the tuning, compared with the training part's."""

import numpy as np
import tensorflow as tf

from calciumgan_tf.physiological.population_moments import PopulationMoments
from calciumgan_tf.physiological.trace_moments import WINDOWS, TraceMoments
from calciumgan_tf.physiological.tuning_moments import TuningMoments

NEURONS = 128  # most that one evaluation of the loss looks at
TRACES = 20.0  # weight of the moments of single traces beside those of the population
TUNING = 100.0  # and of the covariances with conditions


class StatisticsLoss:
    """The sum of all.

    Attributes:
      population: PopulationMoments.
      traces: TraceMoments.
      tuning: TuningMoments; None without conditions.
    """

    def __init__(self, recording, split, settings, scaling, conditions=None):
        """Measures the training part.

        Args:
          recording: Recording.
          split: Split.
          settings: spikes.deconvolution.Settings of the training part.
          scaling: Scaling; what the loss will be given is scaled.
          conditions: batches.TrainingConditions; None without any.

        Raises:
          InputError: windows too short to see events in.
        """
        frames = split.window_frames
        self.population = PopulationMoments(recording, split.training, settings, scaling, frames)
        starts = split.starts(split.training)
        chosen = starts[np.unique(np.linspace(0, len(starts) - 1, WINDOWS).round().astype(int))]
        windows = recording.traces[chosen[:, None] + np.arange(frames)]
        windows = scaling.scaled(windows).astype(np.float32)
        self.traces, self.tuning = TraceMoments(windows), None
        self._neurons = recording.neurons
        if conditions is not None:
            self.tuning = TuningMoments(windows, conditions.at(tf.constant(chosen)), recording.frame_rate)

    def __call__(self, windows, weights, total=tf.identity, conditions=None, key=None):
        """The loss, a scalar.

        Of more than NEURONS neurons, the moments of as many are compared, drawn at random: those of all would cost
        more than everything else, and covariances grow with the square of the neurons.

        Args:
          windows: scaled windows (example, frame, neuron), those of this replica.
          weights: (example, half), the weight of each window in the mean over a half of the batch, see `half_weights`.
          total: adds up a tensor over all replicas, with a gradient.
          conditions: that the windows follow, (example, before + frame, channel); None without any.
          key: (2,), from which the neurons are drawn; needed where there are more than NEURONS.
        """
        population, traces, chosen = self.population, self.traces, windows
        if self._neurons > NEURONS:
            neurons = tf.random.experimental.stateless_shuffle(tf.range(self._neurons), key)[:NEURONS]
            population, traces = (part.of(neurons, windows.dtype) for part in (population, traces))
            chosen = tf.gather(windows, neurons, axis=2)
        loss = population(chosen, weights, total) + TRACES * traces(chosen, weights, total)
        if self.tuning is not None:
            loss += TUNING * self.tuning(windows, conditions, weights, total)
        return loss
