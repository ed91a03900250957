"""Readers: a file per format, each turning a path into a Recording.

A reader is a module of this folder with

    DESCRIPTION: str                        what it reads, for messages
    def matches(path) -> bool               whether `path` (which exists) is of this format
    def read(path, options) -> Recording    may raise InputError

To add a format, add such a file; nothing else has to change.
"""

import dataclasses
import hashlib
import importlib
import pathlib
import pkgutil
import warnings

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import DEFAULT_TAU_DECAY, Recording


@dataclasses.dataclass(frozen=True)
class Options:
    """Properties that a file may lack, and how raw fluorescence becomes dF/F.

    Attributes:
      frame_rate: Hz; None takes it from the file.
      tau_decay: decay time of the indicator, s; None takes it from the file, or .812 s if the file has none.
      neuropil: fraction r of the surrounding neuropil that is subtracted, F - r * Fneu.
      baseline_smoothing: SD of the Gaussian filter that precedes the running baseline, s.
      baseline_window: length of the running minimum and maximum, s.
      drop: ids of the neurons to leave out.
    """

    frame_rate: float | None = None
    tau_decay: float | None = None
    neuropil: float = 0.7
    baseline_smoothing: float = 10.0
    baseline_window: float = 60.0
    drop: tuple = ()

    def resolved_tau_decay(self) -> float:
        """The decay time to use if the file has none, s."""
        return DEFAULT_TAU_DECAY if self.tau_decay is None else self.tau_decay


def formats() -> list:
    """All reader modules, sorted by name."""
    return [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]


def read(path, options: Options = Options()) -> Recording:
    """Reads a recording of any known format.

    Args:
      path: file or folder.
      options: see Options.

    Returns:
      The Recording, without the neurons of `options.drop`.

    Raises:
      InputError: the path is missing, of no known format, or its content is not a recording.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist", "check the path")
    for reader in formats():
        if reader.matches(path):
            return reader.read(path, options)
    known = "; ".join(reader.DESCRIPTION for reader in formats())
    raise InputError(f"{path} is not a recording of a known format", f"known are: {known}")


def keep(traces, neuron_ids, options: Options, path):
    """Leaves out the neurons that `options.drop` names.

    Args:
      traces: (frame, neuron).
      neuron_ids: an id for each neuron.
      options: Options.
      path: the source, for messages.

    Returns:
      traces and neuron_ids of the remaining neurons.

    Raises:
      InputError: an id to leave out that the recording does not have.
    """
    neuron_ids = [str(name) for name in neuron_ids]
    unknown = sorted(set(map(str, options.drop)) - set(neuron_ids))
    if unknown:
        raise InputError(f"--drop names {', '.join(unknown)}", f"neurons of {path} are {', '.join(neuron_ids)}")
    kept = [i for i, name in enumerate(neuron_ids) if name not in set(map(str, options.drop))]
    return traces[:, kept], tuple(neuron_ids[i] for i in kept)


def sha256(*paths) -> str:
    """Hash of the bytes of all `paths`, in this order."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


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
