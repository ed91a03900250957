"""NumPy arrays: `.npy`, and `.npz` with one or several."""

import zipfile

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.contents import UNKNOWN, Contents
from calciumgan_tf.recordings.readers import suite2p

DESCRIPTION = "NumPy array (.npy, .npz), (frame, neuron)"
REMEDY = "save plain numeric arrays with numpy.save or numpy.savez"
CASCADE = "dF_traces"  # arrays of this name are (neuron, frame), by the convention of CASCADE


def matches(path) -> bool:
    """Whether the name of the file ends with `.npy` or `.npz`."""
    return path.is_file() and path.suffix in (".npy", ".npz")


def read(path, options):
    """Reads an array as stored; the file holds no frame rate.

    Raises:
      InputError: damaged, pickled, not numeric, several arrays, or one of those that make up a suite2p folder.
    """
    if path.suffix == ".npy":
        array = readers.load_npy(path)
        if path.name in suite2p.ARRAYS and (path.parent / "iscell.npy").exists():
            raise InputError(f"{path} is part of a suite2p folder", f"read the folder: {path.parent}")
        return Contents(array, UNKNOWN, (path,), ("NumPy array",))
    with files.reading(path, REMEDY), zipfile.ZipFile(path) as archive:
        files.check_declared(path, sum(info.file_size for info in archive.infolist()))
        shapes = {}
        for info in archive.infolist():
            with archive.open(info) as member:
                header = _header(member)
            if header and len(header[0]) == 2 and header[1].kind in "fiub":
                shapes[info.filename.removesuffix(".npy")] = header[0]
    name = readers.chosen_variable(shapes, options, path)
    with files.reading(path, REMEDY), np.load(path, allow_pickle=False) as arrays:
        array = arrays[name]
    return Contents(array.T if name == CASCADE else array, UNKNOWN, (path,), (f"NumPy array {name}",))


def _header(member):
    """Shape and type of an array in an archive; None for anything else."""
    try:
        version = np.lib.format.read_magic(member)
    except ValueError:
        return None
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if read is None:
        return None
    shape, _, dtype = read(member)
    return shape, dtype
