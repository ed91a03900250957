"""HDF5 files in which every byte is covered by a checksum, so that damage is recognized when they are read."""

import h5py
import numpy as np

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
        with h5py.File(path, "r") as file:
            return read_attributes(file)["format"]
    except Exception:  # no HDF5 file, or a damaged one, which fails in many ways
        return None


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
