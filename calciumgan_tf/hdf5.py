"""HDF5 files in which every byte is covered by a checksum, so that damage is recognized when they are read."""

import h5py
import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError

# File formats from HDF5 1.10 on have checksums for HDF5's own structures. Data have them with `fletcher32=True`.
VERSIONS = ("v110", "v110")


def write_attributes(node, **values) -> None:
    """Writes attributes of a group or a dataset: numbers, strings and tuples of strings; None is left out.

    Strings have a fixed length. HDF5 stores those of variable length in a heap without a checksum, and one wrong byte
    in it can make the library read in an endless loop.
    """
    for name, value in values.items():
        if isinstance(value, (str, tuple)):
            text = np.array(_encoded(value))
            node.attrs.create(name, text, dtype=h5py.string_dtype("utf-8", max(1, text.itemsize)))
        elif value is not None:
            node.attrs[name] = value


def read_attributes(node) -> dict:
    """All attributes of a group or a dataset as Python values, with arrays as tuples."""
    return {name: _plain(value) for name, value in node.attrs.items()}


def format_of(path) -> str | None:
    """The root attribute `format` of an HDF5 file; None for anything else."""
    try:
        files.check_regular(path)
        with h5py.File(path, "r") as file:
            return read_attributes(file)["format"]
    except Exception:  # no HDF5 file, or a damaged one, which fails in many ways
        return None


def names(path, group="/") -> set:
    """Names of what a group of an HDF5 file holds; empty for anything else."""
    try:
        files.check_regular(path)
        with h5py.File(path, "r") as file:
            return set(file[group])
    except Exception:  # no HDF5 file, or a damaged one, which fails in many ways
        return set()


def check_file(path) -> None:
    """Raises InputError for an HDF5 file that is not self-contained, see `check_contained`."""
    with files.reading(path, "it may be truncated or damaged"), h5py.File(path, "r") as file:
        check_contained(file, path)


def check_contained(file, path) -> None:
    """Refuses a file that reads from other files, or that declares more than it can hold.

    Args:
      file: h5py.File.
      path: of it, for messages.

    Raises:
      InputError: an external link, a virtual or external dataset, or a dataset that is too large.
    """

    def look(group):
        """Looks at what a group holds, and at the groups within."""
        for name in group:
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise InputError(f"{path}: {name} is a link to another file", "copy the data into one file")
            if isinstance(link, h5py.SoftLink):
                continue
            node = group[name]
            if isinstance(node, h5py.Group):
                if node.id not in seen:
                    seen.append(node.id)
                    look(node)
            elif isinstance(node, h5py.Dataset):
                if node.is_virtual or node.external:
                    raise InputError(f"{path}: {name} is kept in other files", "copy the data into one file")
                files.check_declared(path, node.nbytes if node.shape is not None else 0)

    seen = [file.id]
    look(file)


def _encoded(value):
    if isinstance(value, tuple):
        return [_encoded(text) for text in value]
    return value.encode("utf-8", "surrogateescape")  # as Python stores file names that are not UTF-8


def _plain(value):
    if isinstance(value, np.ndarray):
        return tuple(map(_plain, value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value.item() if isinstance(value, np.generic) else value
