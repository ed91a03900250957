"""Samples: generated windows or a session in a file, of this project's models or of any other."""

import dataclasses
import math
import pathlib
import typing

import h5py

from calciumgan_tf import files, hdf5
from calciumgan_tf.dataset.windows import ConsecutiveWindows, StoredWindows
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers

FORMAT = "calciumgan_tf/samples"
VERSION = 4  # 2 adds `model` and a checksum of the traces, 3 sessions, 4 conditions
TYPES = {"traces": "float32", "spikes": "uint8", "events": "float32", "conditions": "float32"}
HDF5_SUFFIXES = (".h5", ".hdf5")
CHUNK_VALUES = 1 << 18  # trace values that share a checksum: 1 MB
REMEDY = "it may be truncated or damaged; generate it again"


@dataclasses.dataclass(frozen=True)
class Samples:
    """Generated windows, or a session.

    Attributes:
      traces: dF/F, Windows or of a session (frame, neuron), read as they are sliced.
      frame_rate: Hz.
      source: path of the file.
      model: name of the model that made them; '' where the file does not say it.
      recording_sha256: of the recording that the model was trained on; '' where the file does not say it.
      step: training step of the model; None where the file does not say it.
      seams: {kind of place: (first, spacing) in frames} where a session was put together; {} where the file does not
        say it.
      conditions: that they follow, (window, frame, condition) or (frame, condition), read as they are sliced; None
        without any.
      condition_names: a name for each.
    """

    traces: typing.Any
    frame_rate: float
    source: str
    model: str = ""
    recording_sha256: str = ""
    step: int | None = None
    seams: dict = dataclasses.field(default_factory=dict)
    conditions: typing.Any = None
    condition_names: tuple = ()

    @property
    def session(self) -> bool:
        """Whether it is one session instead of windows."""
        return len(self.traces.shape) == 2

    def in_windows(self, frames: int) -> "Samples":
        """A session as windows of so many frames that follow each other; windows as they are."""
        if not self.session:
            return self
        if self.traces.shape[0] < frames:
            raise InputError(
                f"{self.source} has {self.traces.shape[0]} frames, less than a window of {frames}", "make it longer"
            )
        conditions = None if self.conditions is None else ConsecutiveWindows(self.conditions, frames)
        return dataclasses.replace(self, traces=ConsecutiveWindows(self.traces, frames), conditions=conditions)


def write(path, parts, shape, attributes, names=("traces",), condition_names=()) -> None:
    """Streams windows or a session to a samples file (`.h5`), whole or not at all.

    Args:
      path: file to write.
      parts: iterable of dicts of arrays, in all of the shape below; of conditions, the last axis is theirs.
      shape: (window, frame, neuron) or (frame, neuron).
      attributes: model, frame_rate, tau_decay, recording_sha256, seed, run, step, neuron_ids.
      names: keys of the dicts, of TYPES.
      condition_names: a name for each condition.
    """
    chunk = min(shape[0], max(1, CHUNK_VALUES // math.prod(shape[1:])))
    with files.replacing(path) as partial, h5py.File(partial, "w", libver=hdf5.VERSIONS) as file:
        arrays = {}
        for name in names:
            size = (*shape[1:-1], len(condition_names)) if name == "conditions" else tuple(shape[1:])
            layout = {"chunks": (chunk, *size), "fletcher32": True}
            arrays[name] = file.create_dataset(name, (shape[0], *size), TYPES[name], **layout)
        if "conditions" in arrays:
            hdf5.write_attributes(arrays["conditions"], names=condition_names)
        if "spikes" in arrays:
            hdf5.write_attributes(arrays["spikes"], kind="inferred")
        hdf5.write_attributes(file, **{"format": FORMAT, "version": VERSION, "model": ""} | attributes)
        written = 0
        for part in parts:
            stop = written + len(part["traces"])
            for name, array in arrays.items():
                array[written:stop] = part[name]
            written = stop
        if written != shape[0]:
            raise ValueError(f"{written} of {shape[0]} were given")


def is_samples(path) -> bool:
    """Whether `path` is a samples file, by the format that the file names."""
    return hdf5.format_of(path) == FORMAT


def load(path, frame_rate=None) -> Samples:
    """Opens a samples file of any version, or a `.npy` (window, frame, neuron) whose frame rate has to be given.

    Args:
      path: file.
      frame_rate: Hz, of a `.npy` file.

    Raises:
      InputError: missing, damaged, of another format or a later version, or without a frame rate.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist", "draw windows with generate.py")
    files.check_regular(path)
    if path.suffix == ".npy":
        if not frame_rate:
            raise InputError(f"{path}: no frame rate", "give it in Hz with --frame_rate")
        return Samples(readers.load_npy(path), frame_rate, str(path))
    if path.suffix not in HDF5_SUFFIXES and not h5py.is_hdf5(path):
        raise InputError(f"{path} is not a samples file", "make one with generate.py, named .h5, or give a .npy")
    with files.reading(path, REMEDY):
        return _opened(h5py.File(path, "r"), path)


def _opened(file, path) -> Samples:
    attributes = hdf5.read_attributes(file)
    if attributes.get("format") != FORMAT or "traces" not in file:
        raise InputError(f"{path} is not a samples file", "make one with generate.py")
    if attributes["version"] > VERSION:
        raise InputError(
            f"{path} is a samples file of version {attributes['version']}, and this version of calciumgan_tf reads "
            f"files up to version {VERSION}",
            "use a later version",
        )
    hdf5.check_contained(file, path)
    dataset = file["traces"]
    if len(dataset.shape) not in (2, 3) or dataset.dtype.kind != "f":
        raise InputError(
            f"{path} holds traces of shape {dataset.shape} and type {dataset.dtype}",
            "they have to be (window, frame, neuron), or (frame, neuron) of a session, in dF/F",
        )
    traces = StoredWindows(dataset, path)
    traces[-1:]  # a truncated file fails here at the latest
    conditions, condition_names = _conditions(file, path)
    return Samples(
        traces,
        attributes["frame_rate"],
        str(path),
        attributes.get("model", ""),
        attributes.get("recording_sha256", ""),
        attributes.get("step"),
        _seams(attributes),
        conditions,
        condition_names,
    )


def _conditions(file, path):
    """The conditions in a samples file and their names; None and () without any."""
    if "conditions" not in file:
        return None, ()
    names, shape = tuple(hdf5.read_attributes(file["conditions"])["names"]), file["conditions"].shape
    if shape != (*file["traces"].shape[:-1], len(names)):
        raise InputError(
            f"{path} holds conditions of shape {shape}, which do not match its traces", "generate it again"
        )
    return StoredWindows(file["conditions"], path), names


def _seams(attributes):
    """Where a session was put together: stretches that are made at once, and what the rows of the projection become."""
    if attributes.get("border_frames") is None:
        return {}
    start, border, row = (attributes[name] for name in ("start_frame", "border_frames", "row_frames"))
    return {"stretches": (-start % border, border), "rows": (-start % row, row)}
