"""Readers: a file per format, each turning a path into the `Contents` of a recording.

A reader is a module of this folder with

    DESCRIPTION: str                        what it reads, for messages
    def matches(path) -> bool               whether `path` (which exists) is of this format
    def read(path, options) -> Contents     may raise InputError

To add a format, add such a file and name it in `FORMATS`; nothing else has to change.
"""

import importlib
import pathlib
import warnings

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import conditions, joining, preparation
from calciumgan_tf.recordings.contents import Options
from calciumgan_tf.recordings.recording import Recording

# The first that matches reads a path: those that look into a file before those that go by its name.
FORMATS = ("segmentation", "suite2p", "nwb", "prepared", "matlab", "arrays", "calciumgan_pickle", "text")


def formats() -> list:
    """All reader modules, in the order in which they are tried."""
    return [importlib.import_module(f"{__name__}.{name}") for name in FORMATS]


def read(path, options: Options = Options()) -> Recording:
    """Reads a recording of any known format.

    Args:
      path: file or folder, or a list of those of one population, which are joined.
      options: see `contents.Options`.

    Raises:
      InputError: the path is missing, of no known format, or its content is not a recording; files of different
        populations.
    """
    if isinstance(path, (list, tuple)):
        return joining.joined([read(one, options) for one in path])
    path = pathlib.Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist", "check the path")
    for reader in formats():
        if reader.matches(path):
            contents = conditions.added(reader.read(path, options), options.conditions)
            return preparation.recording_of(contents, options, path)
    known = "; ".join(reader.DESCRIPTION for reader in formats())
    raise InputError(f"{path} is not a recording of a known format", f"known are: {known}")


def load_npy(path) -> np.ndarray:
    """A numeric array from a `.npy` file, memory-mapped; files with pickled objects are refused.

    Raises:
      InputError: truncated, damaged, pickled, or not numeric.
    """
    path = pathlib.Path(path)
    with files.reading(path, "save a plain numeric array with numpy.save"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's remarks about headers
        array = np.lib.format.open_memmap(path, mode="r")  # refuses pickles
        if array.offset + array.nbytes != path.stat().st_size:
            raise ValueError(f"{path.stat().st_size} bytes do not match {array.dtype} of shape {array.shape}")
        if array.dtype.kind not in "fiub":
            raise ValueError(f"it holds {array.dtype}, not numbers")
    return array


def chosen_variable(shapes: dict, options: Options, path, flag="variable") -> str:
    """The name of the array that holds traces, of a file with several.

    Args:
      shapes: {name: shape} of the numeric matrices in it.
      options: Options.
      path: the source, for messages.
      flag: that chooses one, for messages.

    Raises:
      InputError: none, or several of similar size; the message lists them.
    """
    wanted = getattr(options, flag)
    listed = ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in shapes.items())
    if wanted is not None:
        if wanted not in shapes:
            raise InputError(f"{path} has no {flag} {wanted}", f"choose among {listed}" if listed else "check the file")
        return wanted
    if not shapes:
        raise InputError(f"{path} holds no numeric matrix", "a recording is (frame, neuron)")
    by_size = sorted(shapes, key=lambda name: -np.prod(shapes[name], dtype=float))
    largest = [np.prod(shapes[name], dtype=float) for name in by_size[:2]]
    if len(largest) == 2 and largest[0] < 10 * largest[1]:
        raise InputError(f"{path} holds several arrays", f"name one with --{flag}: {listed}")
    return by_size[0]
