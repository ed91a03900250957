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
from calciumgan_tf.recordings.baseline import running_baseline
from calciumgan_tf.recordings.recording import Recording


@dataclasses.dataclass(frozen=True)
class Options:
    """Properties that a file may lack, and how raw fluorescence becomes dF/F.

    Attributes:
      frame_rate: Hz; None takes it from the file.
      indicator: name of the indicator; '' takes it from the file.
      tau_rise, tau_decay: of the indicator, s; None takes them from the file, or leaves them to be estimated.
      neuropil: fraction r of the surrounding neuropil that is subtracted, F - r * Fneu.
      baseline_smoothing: SD of the Gaussian filter that precedes the running baseline, s.
      baseline_window: length of the running minimum and maximum, s.
      subtract_baseline: whether the running baseline is taken off traces that are dF/F already.
      drop: ids of the neurons to leave out.
    """

    frame_rate: float | None = None
    indicator: str = ""
    tau_rise: float | None = None
    tau_decay: float | None = None
    neuropil: float = 0.7
    baseline_smoothing: float = 10.0
    baseline_window: float = 60.0
    subtract_baseline: bool = False
    drop: tuple = ()

    def kernel(self) -> dict:
        """What is given of the indicator, as attributes of a Recording."""
        return {"indicator": self.indicator, "tau_rise": self.tau_rise, "tau_decay": self.tau_decay}


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


def less_baseline(traces, frame_rate, options: Options):
    """Takes the running baseline off dF/F where `options` say so, since OASIS would explain a drift by events.

    Args:
      traces: (frame, neuron), dF/F.
      frame_rate: Hz.
      options: Options.

    Returns:
      traces, and what was done, for the description; '' for nothing.
    """
    if not options.subtract_baseline or not frame_rate:
        return traces, ""
    times = options.baseline_smoothing, options.baseline_window
    how = f"; less its running baseline, {times[0]:g} s and {times[1]:g} s"
    return traces - running_baseline(traces, frame_rate, *times), how


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
