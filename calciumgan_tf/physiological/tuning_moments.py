"""How traces go with conditions, as a loss: covariances with what was shown a short or a longer time before.

For each neuron, span of lags and channel, the covariance of the trace with the mean of the channel over the span
(`tuning.lagged`), both as z-scores of the training part. Moments of traces alone do not say what a neuron responds to:
without these, the calibration raised the noise of the latents and flattened every tuning curve
(docs/how-to/conditions.md). As elsewhere, each squared difference is the product of the differences of two halves of
the batch. Defined here.
"""

import numpy as np
import tensorflow as tf

from calciumgan_tf.physiological.halves import product_of_halves
from calciumgan_tf.physiological.tuning import spans

LEAST_SD = 1e-6


class TuningMoments:
    """Differences between the covariances of generated traces with their conditions and those of the training part.

    Attributes:
      target: float32 (span * channel, neuron).
    """

    def __init__(self, windows, conditions, frame_rate):
        """Measures windows of the training part.

        Args:
          windows: scaled traces, float32 (window, frame, neuron).
          conditions: theirs, (window, before + frame, channel).
          frame_rate: Hz.
        """
        self._spans = spans(frame_rate)
        lagged = self._lagged(tf.constant(conditions, tf.float32), windows.shape[1]).numpy()
        self._mean, self._sd = lagged.mean(axis=(0, 1)), np.maximum(lagged.std(axis=(0, 1)), LEAST_SD)
        self._level, self._spread = windows.mean(axis=(0, 1)), windows.std(axis=(0, 1))
        z, x = (lagged - self._mean) / self._sd, (windows - self._level) / self._spread
        self.target = np.einsum("wtf,wtn->fn", z, x, optimize=True).astype(np.float32) / (z.shape[0] * z.shape[1])

    def __call__(self, windows, conditions, weights, total=tf.identity):
        """The mean squared difference, a scalar; see `StatisticsLoss`."""
        z = (self._lagged(tf.cast(conditions, windows.dtype), windows.shape[1]) - self._mean) / self._sd
        x = (windows - self._level) / self._spread
        found = tf.einsum("wh,wtf,wtn->hfn", weights, z, x, optimize="greedy") / windows.shape[1]
        return product_of_halves(total(found) - self.target)

    def _lagged(self, conditions, frames):
        """Means over each span of lags at the last frames: (window, frame, span * channel)."""
        summed = tf.pad(tf.cumsum(conditions, 1), [[0, 0], [1, 0], [0, 0]])
        frame = np.arange(conditions.shape[1] - frames + 1, conditions.shape[1] + 1)
        means = [
            (
                tf.gather(summed, np.maximum(frame - first, 0), axis=1)
                - tf.gather(summed, np.maximum(frame - last, 0), axis=1)
            )
            / (last - first)
            for first, last in self._spans
        ]
        return tf.concat(means, -1)
