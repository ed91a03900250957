"""Moments of single-neuron traces as a loss: the distribution, over windows, of features of a trace.

A window of a neuron is described by features f:

- its mean, maximum, minimum, and the shares of its frames above levels that are quantiles of the neuron's trace;
- the logarithm of its variance, its skewness and its kurtosis;
- of averages over 1, 2, 4, ... frames, the differences of successive ones: the logarithm of their mean square, their
  skewness (rise against decay), their largest and smallest one, and the shares beyond quantiles at both ends.

Each feature is standardised by the neuron's windows in the training part and limited softly. The loss compares the mean
over windows of each feature, and of each product of two features, with the training part's; products hold how much
windows differ, and what goes together. As in `statistics_loss`, each squared difference is the product of the
differences of two halves of the batch, so that sampling noise does not count. Defined here; matching of moments that a
classifier would use: Li, Swersky and Zemel 2015, ICML (generative moment matching networks).
"""

import copy

import numpy as np
import tensorflow as tf

from calciumgan_tf.physiological.halves import of_neurons

LEVELS = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)  # quantiles of a trace
TAILS = (0.02, 0.98)  # quantiles of differences
LEAST = 8  # averages in a window, below which they are not taken over more frames
LIMIT = 4.0  # SD to which features are limited
WIDTH = 0.25  # of the soft threshold, in SD
TINY = 1e-4  # added to variances, in those of the trace
PRODUCTS = 5.0  # weight of the products beside the means
WINDOWS, CHUNK = 600, 32  # of the training part that are measured; at a time


class TraceMoments:
    """Squared differences between the moments of generated windows and those of the training part.

    Attributes:
      mean, sd: float32 (neuron, feature), by which features are standardised.
      targets: float32 (neuron, feature) and (neuron, feature, feature), the mean limited feature, and the mean product.
    """

    def __init__(self, windows):
        """Measures windows of the training part.

        Args:
          windows: scaled, float32 (window, frame, neuron).
        """
        flat = windows.reshape(-1, windows.shape[2])
        self._levels = np.quantile(flat, LEVELS, axis=0).astype(np.float32)
        self._width = WIDTH * _robust_sd(flat)
        self._tails = []
        averages = windows
        while averages.shape[1] >= LEAST:
            steps = np.diff(averages, axis=1).reshape(-1, windows.shape[2])
            self._tails.append((np.quantile(steps, TAILS, axis=0).astype(np.float32), WIDTH * _robust_sd(steps)))
            cut = averages[:, : averages.shape[1] // 2 * 2]
            averages = cut.reshape(len(cut), -1, 2, cut.shape[2]).mean(axis=2)
        parts = [windows[i : i + CHUNK] for i in range(0, len(windows), CHUNK)]
        found = np.concatenate([self._features(tf.constant(part)).numpy() for part in parts])
        sd = found.std(axis=0)
        self.mean, self.sd = found.mean(axis=0), np.maximum(sd, 0.3 * np.median(sd, axis=0) + 1e-3)
        limited = np.concatenate([self._limited(tf.constant(part)).numpy() for part in parts])
        centre = limited.mean(axis=0)
        products = np.einsum("wnf,wng->nfg", limited - centre, limited - centre, optimize=True) / len(limited)
        self.targets = centre, products

    def of(self, neurons, dtype=tf.float32):
        """The same moments of some neurons, for windows of a type; see `of_neurons`."""
        part = copy.copy(self)
        part._levels, part._width = of_neurons(self._levels, neurons, dtype, 1), of_neurons(self._width, neurons, dtype)
        part._tails = [
            (of_neurons(tails, neurons, dtype, 1), of_neurons(width, neurons, dtype)) for tails, width in self._tails
        ]
        part.mean, part.sd = of_neurons(self.mean, neurons, dtype), of_neurons(self.sd, neurons, dtype)
        part.targets = tuple(of_neurons(target, neurons, dtype) for target in self.targets)
        return part

    def __call__(self, windows, weights, total=tf.identity):
        """The loss, a scalar; arguments as `StatisticsLoss`."""
        centre, products = self.targets
        around = self._limited(windows) - centre
        mean = total(tf.einsum("eh,enf->hnf", weights, around))
        by_neuron = tf.transpose(around, [1, 2, 0])  # (neuron, feature, example)
        product = total(
            tf.stack([tf.matmul(by_neuron * weights[:, half], by_neuron, transpose_b=True) for half in range(2)])
        )
        difference = product - products
        return tf.reduce_mean(mean[0] * mean[1]) + PRODUCTS * tf.reduce_mean(difference[0] * difference[1])

    def _limited(self, windows):
        """Standardised and limited features, (example, neuron, feature)."""
        return LIMIT * tf.tanh((self._features(windows) - self.mean) / (LIMIT * self.sd))

    def _features(self, x):
        """Features of (example, frame, neuron), (example, neuron, feature)."""
        mean = tf.reduce_mean(x, 1)
        found = [mean, tf.reduce_max(x, 1), tf.reduce_min(x, 1)]
        found += [
            tf.reduce_mean(tf.sigmoid((x - level) / self._width), 1)
            for level in tf.unstack(tf.cast(self._levels, x.dtype))
        ]
        around = x - mean[:, None]
        square = around * around
        variance = tf.reduce_mean(square, 1) + TINY
        found += [tf.math.log(variance), tf.reduce_mean(square * around, 1) / variance**1.5]
        found.append(tf.math.log(tf.reduce_mean(square * square, 1) / variance**2 + TINY))
        for number, (tails, width) in enumerate(self._tails):
            if number:
                x = tf.nn.avg_pool1d(x, 2, 2, "VALID")
            step = x[:, 1:] - x[:, :-1]
            square = step * step
            variance = tf.reduce_mean(square, 1) + TINY
            found += [tf.math.log(variance), tf.reduce_mean(square * step, 1) / variance**1.5]
            found += [tf.reduce_max(step, 1), tf.reduce_min(step, 1)]
            found += [
                tf.reduce_mean(tf.sigmoid((step - tail) / width), 1) for tail in tf.unstack(tf.cast(tails, x.dtype))
            ]
        return tf.stack(found, 2)


def _robust_sd(values):
    """Interquartile range in that of a normal distribution, (neuron,), float32."""
    low, high = np.quantile(values, [0.25, 0.75], axis=0)
    return np.maximum((high - low) / 1.349, 1e-3).astype(np.float32)
