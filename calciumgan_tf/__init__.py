"""CalciumGAN in TensorFlow: synthetic two-photon calcium recordings, and how far to trust them.

The public interface is that of `calciumgan_tf.api`. Importing the package imports nothing heavy: what is in it is
loaded when it is first used. What TensorFlow uses of the processor is decided here, since it reads that only once: see
`onednn`.
"""

import importlib

from calciumgan_tf import onednn

onednn.choose()

__version__ = "0.3.0"
__all__ = ["InputError", "Recording", "Result", "TrainedRun", "TrainingDiverged"]
__all__ += ["evaluate", "open_run", "read", "synthetic_recording", "train"]
_OF_API = frozenset(__all__)


def __getattr__(name):
    if name in _OF_API:
        return getattr(importlib.import_module("calciumgan_tf.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_OF_API})
