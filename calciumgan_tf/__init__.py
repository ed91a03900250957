"""CalciumGAN in TensorFlow: synthetic two-photon calcium recordings, and how far to trust them.

Importing the package imports nothing heavy. TensorFlow is loaded by `models`, `physiological`, `training`, `sampling`
and `synthetic`. What these use is decided here, since TensorFlow reads it only once: see `onednn`.
"""

from calciumgan_tf import onednn

onednn.choose()

__version__ = "0.3.0"
