"""Samples: generated windows in a file, of this project's models or of any other."""

import dataclasses
import pathlib

import h5py
import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers

FORMAT = "calciumgan_tf/samples"
VERSION = 1


@dataclasses.dataclass(frozen=True)
class Samples:
    """Generated windows.

    Attributes:
      traces: array-like (window, frame, neuron), dF/F, read as it is sliced.
      frame_rate: Hz.
      source: where from.
      recording_sha256: of the recording that their model was trained on, '' where that is not known.
      step: of the model, None where that is not known.
    """

    traces: object
    frame_rate: float
    source: str
    recording_sha256: str = ""
    step: int | None = None


def write(path, windows, count, frames, neurons, attributes) -> None:
    """Streams windows to a samples file (`.h5`), whole or not at all.

    Args:
      path: where to.
      windows: iterable of float32 (some, frame, neuron), dF/F, `count` in all.
      count, frames, neurons: shape of what will be written.
      attributes: frame_rate, tau_decay, seed, run, step.
    """
    with files.replacing(path) as partial, h5py.File(partial, "w") as file:
        traces = file.create_dataset("traces", (count, frames, neurons), "float32")
        file.attrs.update(format=FORMAT, version=VERSION, **attributes)
        written = 0
        for part in windows:
            traces[written : written + len(part)] = part
            written += len(part)


def load(path, frame_rate=None) -> Samples:
    """Opens a samples file, or a `.npy` (window, frame, neuron) whose frame rate has to be given.

    Raises:
      InputError: missing, truncated, of another format, or without a frame rate.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist", "draw windows with generate.py")
    if path.suffix == ".npy":
        if not frame_rate:
            raise InputError(f"{path}: no frame rate", "give it in Hz with --frame_rate")
        return Samples(readers.load_npy(path), frame_rate, str(path))
    try:
        file = h5py.File(path, "r")
        if file.attrs.get("format") != FORMAT or "traces" not in file:
            raise InputError(f"{path} is not a samples file", "make one with generate.py")
        traces, own_rate = file["traces"], float(file.attrs["frame_rate"])
        np.asarray(traces[-1:])  # a truncated file shows here at the latest
        step = file.attrs.get("step")
        sha256 = str(file.attrs.get("recording_sha256", ""))
        return Samples(traces, own_rate, str(path), sha256, None if step is None else int(step))
    except (OSError, KeyError) as error:
        raise InputError(f"{path} can't be read ({error})", "it may be truncated; generate it again") from error
