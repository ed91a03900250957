"""A NumPy array of the traces, (window, frame, neuron) or (frame, neuron); further arrays are files beside it."""

import contextlib
import os
import pathlib

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.sampling.formats import SPIKES, TRACES

DESCRIPTION = "a NumPy array (.npy)"

is_ours = os.path.isfile


def matches(path) -> bool:
    """Whether the name ends with `.npy`."""
    return pathlib.Path(path).suffix == ".npy"


def write(path, parts, generated) -> None:
    """Streams traces to NAME.npy, and spikes and events to NAME_spikes.npy and NAME_events.npy."""
    path = pathlib.Path(path)
    names = {name: path if name == TRACES else path.with_name(f"{path.stem}_{name}.npy") for name in generated.arrays}
    with contextlib.ExitStack() as stack:
        arrays = {}
        for name, target in names.items():
            partial = stack.enter_context(files.replacing(target))
            kind = np.uint8 if name == SPIKES else np.float32
            arrays[name] = np.lib.format.open_memmap(partial, "w+", kind, generated.shape_of(name))
        written = 0
        for part in parts:
            count = len(part[TRACES])
            for name, array in arrays.items():
                array[written : written + count] = part[name]
            written += count
        for array in arrays.values():
            array.flush()
