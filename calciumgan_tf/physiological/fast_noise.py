"""Fast noise of each neuron, measured where it has no events.

The model of `noise`: r sqrt(1 + g c) (y + a y^2), with coloured noise y of variance 1 and the calcium c. Its variance
is a line over the calcium, as that of photons is (`spikes.noise.signal_dependent_noise`). The skewness is that of the
residual's second differences, in which steps and slow changes nearly cancel. There was no skewness in simulated
recordings, and about .1 and .15 in two real ones. Were it left to the training, it would stand in for what
events can't describe (docs/fidelity_study.md). Defined here.
"""

import numpy as np

from calciumgan_tf.spikes.noise import near_events, signal_dependent_noise

LARGEST = 5.0  # SD, to which second differences are limited
FEWEST = 100  # frames, below which a neuron has the skewness of its population
LEAST = 1e-12  # variance
DIFFERENCES = np.array([1.0, -2.0, 1.0])


def measure(traces, events, calcium, taps):
    """Growth and skewness of fast noise.

    Args:
      traces, events, calcium: (frame, neuron), in any unit.
      taps: (tap, neuron), filter of unit energy that gives white noise the spectrum of fast noise.

    Returns:
      float64 (neuron,) and (neuron,): g, in the inverse of the unit of the traces, and a.
    """
    constant, slope = signal_dependent_noise(traces.T, events.T, calcium.T)
    growth = np.maximum(slope / np.maximum(constant, LEAST), 0)
    skewness, known = np.zeros(len(growth)), np.zeros(len(growth), bool)
    for neuron, lags in enumerate(map(_correlation, taps.T)):
        second = np.convolve(traces[:, neuron] - calcium[:, neuron], DIFFERENCES, "valid")
        quiet = (second / np.sqrt(1 + growth[neuron] * calcium[1:-1, neuron]))[~near_events(events[:, neuron])[1:-1]]
        known[neuron] = len(quiet) >= FEWEST and quiet.std() > 0
        if known[neuron]:
            z = np.clip((quiet - quiet.mean()) / quiet.std(), -LARGEST, LARGEST)
            skewness[neuron] = (z**3).mean() / _skewness_of_square(lags)
    skewness[~known] = np.median(skewness[known]) if known.any() else 0
    return growth, skewness


def _correlation(taps):
    """Autocorrelation of filtered white noise at lags 0, 1 and 2."""
    found = np.correlate(taps, taps, "full")[len(taps) - 1 :]
    return np.append(found, [0.0, 0.0])[:3] / found[0]


def _skewness_of_square(correlation):
    """Skewness of the second differences of y + a y^2, in a where that is small; y is normal, of variance 1."""
    matrix = correlation[np.abs(np.subtract.outer(range(3), range(3)))]
    with_others = matrix @ DIFFERENCES
    return 6 * (DIFFERENCES * with_others**2).sum() / (DIFFERENCES @ with_others) ** 1.5
