"""What a reader finds in a file, and what a user says about it."""

import dataclasses
import logging

import numpy as np

log = logging.getLogger(__name__)
DFF, RAW, DENOISED, UNKNOWN = "dff", "raw", "denoised", ""  # kinds of traces


@dataclasses.dataclass(frozen=True)
class Contents:
    """Traces as a file holds them, before they are selected and turned into dF/F.

    Attributes:
      traces: (frame, neuron), any numeric type; may be memory-mapped.
      kind: DFF, RAW, DENOISED, or UNKNOWN, where the values decide.
      files: those that were read, for the hash.
      notes: what the file is and what was done with it, for people.
      frame_rate: Hz; None where the file does not say it.
      neuron_ids: a name for each neuron; empty numbers them.
      neuropil: (frame, neuron), in the units of raw traces, or None.
      neuropil_fraction: what the file says of the fraction of neuropil to subtract; None for nothing.
      spikes: (frame, neuron), 0 or 1, or None.
      conditions: (frame, condition), or None.
      joins: first frames of parts that do not continue the one before.
      further: attributes of Recording that the file gives beyond these.
    """

    traces: np.ndarray
    kind: str
    files: tuple
    notes: tuple
    frame_rate: float | None = None
    neuron_ids: tuple = ()
    neuropil: np.ndarray | None = None
    neuropil_fraction: float | None = None
    spikes: np.ndarray | None = None
    conditions: np.ndarray | None = None
    joins: tuple = ()
    further: dict = dataclasses.field(default_factory=dict)

    def changed(self, note="", **changes) -> "Contents":
        """A copy with other values, and a note of what was done."""
        return dataclasses.replace(self, notes=(*self.notes, note) if note else self.notes, **changes)

    def keep(self, chosen, note="") -> "Contents":
        """The neurons of a mask."""
        if chosen.all():
            return self
        parts = {name: getattr(self, name) for name in ("traces", "neuropil", "spikes")}
        parts = {name: None if part is None else part[:, chosen] for name, part in parts.items()}
        return self.changed(note, neuron_ids=tuple(np.array(self.neuron_ids)[chosen]), **parts)

    def leave_out(self, bad, why) -> "Contents":
        """Without the neurons of a mask, which are named in a note and in the log."""
        if not bad.any():
            return self
        names = ", ".join(np.array(self.neuron_ids)[bad])
        log.info("left out: neuron %s, %s", names, why)
        return self.keep(~bad, f"without neuron {names} ({why})")


@dataclasses.dataclass(frozen=True)
class Options:
    """What a file may lack, what is taken of it, and how raw fluorescence becomes dF/F.

    Attributes:
      frame_rate: Hz; None takes it from the file.
      indicator: name of the indicator; '' takes it from the file.
      tau_rise, tau_decay: of the indicator, s; None takes them from the file, or leaves them to be estimated.
      transpose: whether the file has (neuron, frame).
      variable: of a .mat, .npz or HDF5 file with several arrays.
      series: of an NWB file with several.
      planes: numbers of suite2p planes; empty for the only one.
      drop_rows: rows at the beginning of the original CalciumGAN's pickle that are not neurons.
      fluorescence: DFF or RAW; None decides by the file and the values.
      frames: first frame and the frame after the last, in either place None for the recording's own.
      neurons: ids of the neurons to keep; empty for all.
      drop: ids of the neurons to leave out.
      drop_bad: whether neurons that can't be used are left out instead of being an error.
      min_event_rate: Hz; neurons with fewer inferred events are left out.
      resample: frame rate to resample to, Hz; None leaves it.
      neuropil: fraction r of the surrounding neuropil that is subtracted, F - r * Fneu; None takes the file's, else .7.
      baseline_smoothing: SD of the Gaussian filter that precedes the running baseline, s.
      baseline_window: length of the running minimum and maximum, s.
      subtract_baseline: whether the running baseline is taken off traces that are dF/F already.
      conditions: path of stimuli or behaviour, a row a frame; None for nothing.
    """

    frame_rate: float | None = None
    indicator: str = ""
    tau_rise: float | None = None
    tau_decay: float | None = None
    transpose: bool = False
    variable: str | None = None
    series: str | None = None
    planes: tuple = ()
    drop_rows: int = 0
    fluorescence: str | None = None
    frames: tuple = (None, None)
    neurons: tuple = ()
    drop: tuple = ()
    drop_bad: bool = False
    min_event_rate: float = 0.0
    resample: float | None = None
    neuropil: float | None = None
    baseline_smoothing: float = 10.0
    baseline_window: float = 60.0
    subtract_baseline: bool = False
    conditions: str | None = None

    def kernel(self) -> dict:
        """What is given of the indicator, as attributes of a Recording."""
        return {"indicator": self.indicator, "tau_rise": self.tau_rise, "tau_decay": self.tau_decay}
