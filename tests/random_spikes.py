"""Spikes of a few correlated neurons, for tests of spike statistics."""

import numpy as np

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 64, 5, 60


def random_spikes(windows=WINDOWS, seed=0):
    """uint8 (window, frame, neuron); neurons 0 and 1 share half their spikes."""
    generator = np.random.default_rng(seed)
    spikes = generator.random((windows, FRAMES, NEURONS)) < [0.1, 0.05, 0.2, 0.03, 0.1]
    spikes[:, :, 1] |= spikes[:, :, 0] & (generator.random((windows, FRAMES)) < 0.5)
    return spikes.astype(np.uint8)
