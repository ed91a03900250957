"""A MATLAB file of version 5: traces (window, frame, neuron), or (frame, neuron) of a session, and what is known."""

import os
import pathlib

import numpy as np
from scipy import io

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.sampling.formats import TRACES

DESCRIPTION = "a MATLAB file (.mat)"
LARGEST = 2**31 - 1  # bytes of a variable

is_ours = os.path.isfile


def matches(path) -> bool:
    """Whether the name ends with `.mat`."""
    return pathlib.Path(path).suffix == ".mat"


def write(path, parts, generated) -> None:
    """Writes all arrays, in memory since SciPy does not stream.

    Raises:
      InputError: more than a variable of this format can hold.
    """
    size = 4 * generated.frames * generated.neurons
    if size > LARGEST:
        raise InputError(f"{size / 1e9:.1f} GB are more than a MATLAB file of version 5 holds", "write .h5 or .nwb")
    collected: dict = {name: [] for name in generated.arrays}
    for part in parts:
        for name, arrays in collected.items():
            arrays.append(part[name])
    known = {name: value for name, value in generated.attributes.items() if value is not None}
    known |= {"neuron_ids": np.array(generated.neuron_ids, object), "about": generated.about}
    if generated.condition_names:
        known["condition_names"] = np.array(generated.condition_names, object)
    with files.replacing(path) as partial:
        arrays = {name: np.concatenate(values) for name, values in collected.items()}
        dimensions = f"{TRACES}: {'' if generated.session else 'window, '}frame, neuron"
        io.savemat(partial, arrays | known | {"dimensions": dimensions})
