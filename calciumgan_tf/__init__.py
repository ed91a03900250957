"""CalciumGAN in TensorFlow: synthetic two-photon calcium recordings, and how far to trust them.

Importing the package imports nothing heavy. TensorFlow is loaded by `models`, `physiological`, `training`, `sampling`
and `synthetic`.
"""

__version__ = "0.3.0"
