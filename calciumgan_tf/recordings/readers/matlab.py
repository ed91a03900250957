"""MATLAB files: version 5 by SciPy, version 7.3 (which is HDF5) by h5py."""

import h5py
import numpy as np
from scipy import io

from calciumgan_tf import files, hdf5
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.contents import UNKNOWN, Contents
from calciumgan_tf.recordings.readers.arrays import CASCADE

DESCRIPTION = "MATLAB file (.mat)"
REMEDY = "save the traces again, as a numeric matrix"
NUMERIC = {"double": 8, "single": 4} | {f"{sign}int{bits}": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)}


def matches(path) -> bool:
    """Whether the name of the file ends with `.mat`."""
    return path.is_file() and path.suffix == ".mat"


def read(path, options):
    """Reads a matrix as MATLAB shows it; `--transpose` turns (neuron, frame) round.

    Raises:
      InputError: damaged, no numeric matrix, or several.
    """
    with files.reading(path, REMEDY):
        newer = h5py.is_hdf5(path)
        shapes = _hdf5_shapes(path) if newer else _shapes(path)
    name = readers.chosen_variable(shapes, options, path)
    with files.reading(path, REMEDY):
        array = _hdf5_matrix(path, name) if newer else io.loadmat(path, variable_names=[name])[name]
    array = array.T if name == CASCADE else array
    return Contents(array, UNKNOWN, (path,), (f"MATLAB variable {name}",))


def _is_traces(shape):
    return len(shape) == 2 and min(shape) > 1


def _shapes(path):
    found = {name: (shape, kind) for name, shape, kind in io.whosmat(path)}
    matrices = {name: shape for name, (shape, kind) in found.items() if kind in NUMERIC and _is_traces(shape)}
    for name, shape in matrices.items():
        files.check_declared(path, NUMERIC[found[name][1]] * np.prod(shape, dtype=float))
    return matrices


def _hdf5_shapes(path):
    with h5py.File(path, "r") as file:
        hdf5.check_contained(file, path)
        found = {name: node for name, node in file.items() if isinstance(node, h5py.Dataset)}
        return {  # MATLAB's dimensions are in the reverse order
            name: node.shape[::-1]
            for name, node in found.items()
            if node.dtype.kind in "fiu" and _is_traces(node.shape)
        }


def _hdf5_matrix(path, name):
    with h5py.File(path, "r") as file:
        return file[name][()].T
