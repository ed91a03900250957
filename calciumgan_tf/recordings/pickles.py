"""Pickles that can only hold arrays and plain values: nothing in them is executed.

A pickle names functions that are called while it is read. Here, the names of NumPy's arrays stand for constructors of
our own, and every other name is refused. Written after the documentation of `pickle.Unpickler.find_class`.
"""

import codecs
import collections
import datetime
import io
import pathlib
import pickle

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError

ARRAY = "the type of an array"  # stands for numpy.ndarray, which could be called with any shape


def _reconstruct(kind, shape, _):
    """An empty array, whose content the pickle then sets."""
    if kind is not ARRAY or shape != (0,):
        raise pickle.UnpicklingError("an array that does not begin empty")
    return np.empty((0,), np.uint8)


def _frombuffer(buffer, dtype, shape, order):
    return np.frombuffer(buffer, dtype).reshape(shape, order=order)


def _scalar(dtype, content=b""):
    return np.frombuffer(content, dtype)[0] if len(content) == dtype.itemsize else None


def _encode(text, encoding="latin1"):
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"text in {encoding}")
    return codecs.encode(text, "latin1")


def _path(*parts):
    return str(pathlib.PurePosixPath(*parts))


ALLOWED = {
    "builtins.set": set,
    "__builtin__.set": set,
    "_codecs.encode": _encode,
    "collections.OrderedDict": collections.OrderedDict,
    "datetime.datetime": datetime.datetime,
    "numpy.dtype": np.dtype,
    "numpy.ndarray": ARRAY,
    **{f"numpy.{core}.multiarray._reconstruct": _reconstruct for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray.scalar": _scalar for core in ("core", "_core")},
    **{f"numpy.{core}.numeric._frombuffer": _frombuffer for core in ("core", "_core")},
    **{f"pathlib.{kind}": _path for kind in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")},
    **{f"pathlib._local.{kind}": _path for kind in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return ALLOWED[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is not loaded") from None

    def persistent_load(self, pid):
        raise pickle.UnpicklingError("it refers to something outside the file")


def loads(content: bytes):
    """What a pickle holds: numbers, text, containers and arrays.

    Raises:
      pickle.UnpicklingError: anything else; other exceptions where it is damaged.
    """
    return _Unpickler(io.BytesIO(content), encoding="latin1").load()


def load(path, remedy):
    """The content of a pickle file, or of a `.npy` file that holds a pickled dictionary.

    Raises:
      InputError: a damaged file, or one that names what is not allowed.
    """
    with files.reading(path, remedy):
        content = pathlib.Path(path).read_bytes()
        if content[:6] != np.lib.format.MAGIC_PREFIX:
            return loads(content)
        stream = io.BytesIO(content)
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise InputError(f"{path} is a .npy file of version {version}", remedy)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
        if not dtype.hasobject or shape != ():
            raise InputError(f"{path} holds {dtype} of shape {shape}, not a dictionary", remedy)
        value = loads(stream.read())
        return value.item() if isinstance(value, np.ndarray) else value
