"""Windows that contain copies of the training part: positive controls of the test for copies."""

import numpy as np


def controls(training, fresh, seed=0) -> dict:
    """Windows that contain copies, which the test has to find.

    Args:
      training: (window, frame, neuron), dF/F, windows of the training part.
      fresh: (window, frame, neuron), dF/F, windows without copies; as many windows are returned of each control.
      seed: of all random choices.

    Returns:
      {name: windows, float32}: 'all copies'; 'one in twenty copied'; 'copies with noise' of half of each neuron's SD;
      'one neuron copied', a different one in each window; 'half copied', the first or the second; 'shifted copies', by
      up to a quarter of a window, which is filled with frames of a fresh window.
    """
    generator = np.random.default_rng(seed)
    training, fresh = np.asarray(training, np.float32), np.asarray(fresh, np.float32)
    count, frames, neurons = fresh.shape
    copies = training[generator.choice(len(training), count, replace=count > len(training))]
    few = fresh.copy()
    chosen = generator.choice(count, max(1, round(count / 20)), replace=False)
    few[chosen] = copies[chosen]
    noise = generator.normal(size=copies.shape) * (0.5 * training.std(axis=(0, 1)))
    neuron, half, shifted = fresh.copy(), fresh.copy(), fresh.copy()
    for window, copy in enumerate(copies):
        one = generator.integers(neurons)
        neuron[window, :, one] = copy[:, one]
        side = slice(0, frames // 2) if generator.integers(2) else slice(frames // 2, frames)
        half[window, side] = copy[side]
        shift = generator.integers(1, frames // 4 + 1)
        shifted[window, : frames - shift] = copy[shift:]
    return {
        "all copies": copies,
        "one in twenty copied": few,
        "copies with noise": (copies + noise).astype(np.float32),
        "one neuron copied": neuron,
        "half copied": half,
        "shifted copies": shifted,
    }
