"""Calibration: the generator's readout is fitted to the statistics loss before training starts.

The generator starts from estimates that spike inference made, each with its own errors.
Before the first step, everything behind CalciumGAN's features (thresholds, noise levels, event sizes, baselines, and
what neurons share) is updated by Adam against the statistics loss alone, without a critic, at a rate that falls to 0.
Training then starts where single traces and correlations are nearly right. The loadings of shared noise stay as they
were measured: calibrated ones gave a population away more easily (docs/fidelity_study.md). Defined here.
"""

import keras

RATE = 0.02  # learning rate of the first update
BATCHES, LARGEST_BATCH = 4, 8_000_000  # times the batch of training, while it has at most so many values
BETA_2 = 0.99  # decay rate of Adam's second moment
SHARED = {"hidden", "latent", "loadings", "tuning"}  # layers whose weights are of several neurons


def variables(generator) -> list:
    """The trained variables of a generator's readout."""
    readout = {layer.name for layer in generator.layers if isinstance(layer, keras.layers.EinsumDense)} | SHARED
    return [variable for variable in generator.trainable_variables if variable.path.split("/")[0] in readout]


def batch_size(windows: int, values: int) -> int:
    """Windows of a batch, a multiple of the training's; products of moments are too noisy with fewer.

    Args:
      windows: of a batch of the training.
      values: of a window.
    """
    return windows * max(1, min(BATCHES, LARGEST_BATCH // (windows * values)))


def optimizer(updates: int):
    """The optimizer of so many updates."""
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, updates), beta_2=BETA_2)
