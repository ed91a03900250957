"""Formats of generated traces: a file each, for the tools that a laboratory has.

A format is a module of this folder with

    DESCRIPTION: str                                what it writes, for messages
    def matches(path) -> bool                       whether the name of an output asks for this format
    def is_ours(path) -> bool                       whether an existing output was written by this format
    def write(path, parts, generated) -> None       streams windows to it, whole or not at all

`parts` yields dicts of arrays (window, frame, neuron) with the keys of `Generated.arrays`. To add a format, add such a
file and name it in `FORMATS`.
"""

import dataclasses
import importlib

from calciumgan_tf.errors import InputError

FORMATS = ("hdf5", "npy", "matlab", "text", "nwb", "suite2p")
TRACES, SPIKES, EVENTS = "traces", "spikes", "events"  # dF/F; inferred, 0 or 1; the generator's own, dF/F


@dataclasses.dataclass(frozen=True)
class Generated:
    """What is known of windows beside their values.

    Attributes:
      count, frames, neurons: shape of the whole.
      arrays: names of the arrays that each part has, of TRACES, SPIKES and EVENTS.
      frame_rate: Hz.
      attributes: model, frame_rate, tau_decay, recording_sha256, seed, run, step, as a samples file holds them.
      neuron_ids: a name for each neuron.
      source: path of the recording that the model was trained on, '' for none.
    """

    count: int
    frames: int
    neurons: int
    arrays: tuple
    frame_rate: float
    attributes: dict
    neuron_ids: tuple
    source: str = ""

    @property
    def about(self) -> str:
        """Where the windows come from, in a sentence."""
        known = self.attributes
        return (
            f"synthetic: {self.count} windows of {self.frames} frames, one after the other, drawn from the model "
            f"{known['model']} of calciumgan_tf, run {known['run']}, step {known['step']}, seed {known['seed']}, "
            f"trained on the recording with the hash {known['recording_sha256']}"
        )


def format_of(path):
    """The module that writes an output of this name.

    Raises:
      InputError: a name that no format has.
    """
    modules = [importlib.import_module(f"{__name__}.{name}") for name in FORMATS]
    for module in modules:
        if module.matches(str(path)):
            return module
    known = ", ".join(module.DESCRIPTION for module in modules)
    raise InputError(f"--output={path} is of no known format", f"known are: {known}")


def rows(part):
    """Windows (window, frame, neuron) one after the other, (frame, neuron)."""
    return part.reshape(-1, part.shape[2])
