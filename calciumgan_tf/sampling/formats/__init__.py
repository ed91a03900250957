"""Formats of generated traces: a file each, for the tools that a laboratory has.

Formats without a place for conditions leave them out. A format is a module of this folder with

    DESCRIPTION: str                                what it writes, for messages
    def matches(path) -> bool                       whether the name of an output asks for this format
    def is_ours(path) -> bool                       whether an existing output was written by this format
    def write(path, parts, generated) -> None       streams traces to it, whole or not at all

`parts` yields dicts of arrays with the keys of `Generated.arrays`: windows (window, frame, neuron), or stretches of a
session (frame, neuron). To add a format, add such a file and name it in `FORMATS`.
"""

import dataclasses
import importlib
import math

from calciumgan_tf.errors import InputError

FORMATS = ("hdf5", "npy", "matlab", "text", "nwb", "suite2p")
TRACES, SPIKES, EVENTS = "traces", "spikes", "events"  # dF/F; inferred, 0 or 1; the generator's own, dF/F
CONDITIONS = "conditions"  # what windows or a session follow: (window, frame, condition) or (frame, condition)


def arrays_of(spikes: bool, events: bool, conditions: bool = False) -> tuple:
    """Names of the arrays of what is written: inferred spikes, the generator's own events, and conditions, or not."""
    return (TRACES, *[SPIKES] * spikes, *[EVENTS] * events, *[CONDITIONS] * conditions)


@dataclasses.dataclass(frozen=True)
class Generated:
    """What is known of windows or of a session beside the values.

    Attributes:
      shape: of the whole, (window, frame, neuron) or (frame, neuron).
      arrays: names of the arrays that each part has, of TRACES, SPIKES, EVENTS and CONDITIONS.
      frame_rate: Hz.
      attributes: model, frame_rate, tau_decay, recording_sha256, seed, run, step, as a samples file holds them; of a
        session also start_frame, border_frames and row_frames, see `Samples.seams`.
      neuron_ids: a name for each neuron.
      source: path of the recording that the model was trained on, '' for none.
      condition_names: a name for each condition, if the model is given any.
    """

    shape: tuple
    arrays: tuple
    frame_rate: float
    attributes: dict
    neuron_ids: tuple
    source: str = ""
    condition_names: tuple = ()

    @property
    def of_neurons(self) -> tuple:
        """Names of the arrays whose last axis is the neurons."""
        return tuple(name for name in self.arrays if name != CONDITIONS)

    def shape_of(self, name) -> tuple:
        """Shape of the whole of an array."""
        return (*self.shape[:-1], len(self.condition_names)) if name == CONDITIONS else self.shape

    @property
    def session(self) -> bool:
        """Whether it is one session instead of windows."""
        return len(self.shape) == 2

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.shape[-1]

    @property
    def frames(self) -> int:
        """Number of frames, those of all windows together."""
        return math.prod(self.shape[:-1])

    @property
    def about(self) -> str:
        """Where the traces come from, in a sentence."""
        known = self.attributes
        if self.session:
            made = f"a continuous session of {self.frames} frames, from its frame {known['start_frame']} on,"
        else:
            made = f"{self.shape[0]} windows of {self.shape[1]} frames, one after the other,"
        return (
            f"synthetic: {made} drawn from the model "
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
    """All frames of windows or of a stretch one after the other, (frame, neuron)."""
    return part.reshape(-1, part.shape[-1])
