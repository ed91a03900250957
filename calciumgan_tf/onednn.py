"""oneDNN, whose kernels TensorFlow may use on a CPU; training is up to twice as fast with them.

TensorFlow decides when it is loaded, by an environment variable. Where that is not set, it leaves oneDNN off on some
processors.
"""

import os
import sys
import warnings

VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


def choose() -> None:
    """Switches oneDNN on unless the environment says otherwise; warns if TensorFlow was loaded without it."""
    if "tensorflow" not in sys.modules:
        os.environ.setdefault(VARIABLE, "1")
    elif VARIABLE not in os.environ and not enabled():
        warnings.warn(
            "TensorFlow was imported before calciumgan_tf and does without oneDNN, so that training is slower: import "
            f"calciumgan_tf first, or set {VARIABLE}=1",
            RuntimeWarning,
            stacklevel=3,
        )


def enabled() -> bool:
    """Whether TensorFlow uses oneDNN."""
    from tensorflow.python.util import _pywrap_util_port  # there is no public function

    return _pywrap_util_port.IsMklEnabled()
