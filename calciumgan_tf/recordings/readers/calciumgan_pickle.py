"""The original CalciumGAN's pickle: a dictionary with `signals`, (neuron, frame).

In its own recordings the first two rows of `signals` are not neurons: `--drop_rows=2` leaves them out.
"""

import numpy as np

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import pickles
from calciumgan_tf.recordings.contents import UNKNOWN, Contents

DESCRIPTION = "CalciumGAN's pickle (.pkl) with signals, (neuron, frame)"
REMEDY = "save the signals as a plain array with numpy.save"


def matches(path) -> bool:
    """Whether the name of the file ends with `.pkl` or `.pickle`."""
    return path.is_file() and path.suffix in (".pkl", ".pickle")


def read(path, options):
    """Reads the signals, by an unpickler that executes nothing.

    Raises:
      InputError: damaged, without signals, or a pickle that names more than arrays and plain values.
    """
    stored = pickles.load(path, REMEDY)
    signals = stored.get("signals") if isinstance(stored, dict) else None
    if not isinstance(signals, np.ndarray) or signals.ndim != 2 or signals.dtype.kind not in "fiu":
        raise InputError(f"{path} holds no matrix named signals", REMEDY)
    if not 0 <= options.drop_rows < len(signals):
        raise InputError(f"--drop_rows={options.drop_rows}, but {path} has {len(signals)} rows", "choose fewer")
    note = f"CalciumGAN's pickle, without its first {options.drop_rows} rows" if options.drop_rows else "pickle"
    ids = tuple(range(options.drop_rows, len(signals)))
    return Contents(signals[options.drop_rows :].T, UNKNOWN, (path,), (note,), neuron_ids=ids)
