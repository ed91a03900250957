"""Readers: one file a format, each turning a path into a Recording.

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

import numpy as np

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import DEFAULT_TAU_DECAY, Recording


@dataclasses.dataclass(frozen=True)
class Options:
    """What a file may not say itself, and how raw fluorescence becomes dF/F.

    Attributes:
      frame_rate: Hz; None takes the file's own.
      tau_decay: decay time of the indicator, s; None takes the file's own, or .812 s.
      neuropil: share r of the surrounding neuropil that is subtracted, F - r * Fneu.
      baseline_smoothing: SD of the Gaussian that smooths before the running baseline, s.
      baseline_window: length of the running minimum and maximum, s.
      drop: ids of neurons to leave out.
    """

    frame_rate: float | None = None
    tau_decay: float | None = None
    neuropil: float = 0.7
    baseline_smoothing: float = 10.0
    baseline_window: float = 60.0
    drop: tuple = ()

    def resolved_tau_decay(self) -> float:
        """The decay time to use where the file has none."""
        return DEFAULT_TAU_DECAY if self.tau_decay is None else self.tau_decay


def formats() -> list:
    """All reader modules, by name."""
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
      neuron_ids: one a neuron.

    Returns:
      traces and neuron_ids of the neurons that stay.

    Raises:
      InputError: an id to drop that the recording does not have.
    """
    neuron_ids = [str(name) for name in neuron_ids]
    unknown = sorted(set(map(str, options.drop)) - set(neuron_ids))
    if unknown:
        raise InputError(f"--drop names {', '.join(unknown)}", f"neurons of {path} are {', '.join(neuron_ids)}")
    stay = [i for i, name in enumerate(neuron_ids) if name not in set(map(str, options.drop))]
    return traces[:, stay], tuple(neuron_ids[i] for i in stay)


def sha256(*paths) -> str:
    """Hash of the bytes of all `paths`, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def load_npy(path):
    """An array of a `.npy` file, mapped and not read; files with pickled objects are refused.

    Raises:
      InputError: truncated, or not a plain array.
    """
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path} is not a plain NumPy array ({error})", "save it again with numpy.save") from error
