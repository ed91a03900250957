"""A recording: dF/F traces of a population, their frame rate and where they come from."""

import dataclasses
import hashlib
import json

import h5py
import numpy as np

from calciumgan_tf import files, hdf5
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import indicators

FORMAT = "calciumgan_tf/recording"
VERSION = 4
LATER = {3: ("tau_rise", "indicator"), 4: ("conditions", "condition_names", "joins")}  # attributes since a version


@dataclasses.dataclass(frozen=True, repr=False)
class Recording:
    """Traces of a population and what is needed to interpret them.

    Attributes:
      traces: float32 (frame, neuron), dF/F.
      frame_rate: Hz.
      source: file, folder or data set from which the traces were read.
      tau_decay: decay time of the indicator, s; None where it is not known.
      tau_rise: rise time of the indicator, s, given with `tau_decay`; 0 for a first-order kernel, None where it is not
        known.
      indicator: name of the indicator, of `indicators.INDICATORS`; '' where it is not known.
      source_sha256: hash of the source's bytes; '' for data that come from no file.
      neuron_ids: a name for each neuron, as numbered in the source.
      spikes: optional uint8 (frame, neuron), 0 or 1.
      spikes_kind: 'inferred' or 'ground_truth'; '' without spikes.
      s_min: smallest event, dF/F, if it is known, which implies a baseline of 0; None lets the deconvolution estimate
        both from the noise.
      description: how the traces were made.
      trial_frames: frames per trial, if the recording is a sequence of separate trials of one length.
      conditions: optional float32 (frame, condition), stimuli or behaviour.
      condition_names: a name for each of them.
      joins: first frames of parts that do not continue the one before, in ascending order; no window crosses them.

    Raises:
      InputError: traces that can't be a recording; the message names the neuron.
    """

    traces: np.ndarray
    frame_rate: float
    source: str
    tau_decay: float | None = None
    tau_rise: float | None = None
    indicator: str = ""
    source_sha256: str = ""
    neuron_ids: tuple = ()
    spikes: np.ndarray | None = None
    spikes_kind: str = ""
    s_min: float | None = None
    description: str = ""
    trial_frames: int | None = None
    conditions: np.ndarray | None = None
    condition_names: tuple = ()
    joins: tuple = ()

    def __post_init__(self):
        traces = np.asarray(self.traces)
        if traces.ndim != 2 or traces.dtype.kind not in "fiu":
            raise InputError(
                f"{self.source}: traces are {traces.dtype} of shape {traces.shape}",
                "a recording is a numeric array (frame, neuron)",
            )
        with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, which _check reports
            object.__setattr__(self, "traces", np.ascontiguousarray(traces, np.float32))
        ids = self.neuron_ids or range(self.neurons)
        object.__setattr__(self, "neuron_ids", tuple(map(str, ids)))
        if self.conditions is not None:
            conditions = np.ascontiguousarray(self.conditions, np.float32)
            object.__setattr__(self, "conditions", conditions[:, None] if conditions.ndim == 1 else conditions)
            names = self.condition_names or (f"condition_{number}" for number in range(self.conditions.shape[-1]))
            object.__setattr__(self, "condition_names", tuple(map(str, names)))
        object.__setattr__(self, "joins", tuple(map(int, self.joins)))
        kinds = dict.fromkeys(("frame_rate", "tau_decay", "tau_rise", "s_min"), float) | {"trial_frames": int}
        for name, kind in kinds.items():
            value = getattr(self, name)
            object.__setattr__(self, name, value if value is None else kind(value))
        self._check()

    def __repr__(self):
        return (
            f"<Recording {self.source}: {self.neurons} neurons, {self.frames} frames, {self.frame_rate:g} Hz, "
            f"{self.minutes:.1f} minutes>"
        )

    def _check(self):
        frames, neurons = self.traces.shape
        if not self.frame_rate or not np.isfinite(self.frame_rate) or self.frame_rate <= 0:
            raise InputError(f"{self.source}: no frame rate", "give it in Hz with --frame_rate")
        self._check_kernel()
        if neurons == 0 or frames == 0:
            raise InputError(f"{self.source}: empty, shape (frame, neuron) = {frames, neurons}", "check the file")
        if neurons > frames:
            raise InputError(
                f"{self.source}: {neurons} neurons but only {frames} frames",
                "the array is probably (neuron, frame); prepare it with prepare.py --transpose",
            )
        if len(self.neuron_ids) != neurons:
            raise InputError(
                f"{self.source}: {len(self.neuron_ids)} neuron ids for {neurons} neurons", "give an id for each neuron"
            )
        if self.spikes is not None and self.spikes.shape != self.traces.shape:
            raise InputError(
                f"{self.source}: spikes {self.spikes.shape} do not match traces {self.traces.shape}",
                "both have to be (frame, neuron)",
            )
        self._check_conditions()
        check_finite(self.traces, self.neuron_ids, self.source)
        constant = np.flatnonzero(self.traces.min(axis=0) == self.traces.max(axis=0))
        if constant.size:
            names = ",".join(self.neuron_ids[i] for i in constant)
            raise InputError(
                f"{self.source}: constant trace of neuron {names}",
                f"leave it out with prepare.py --drop={names} or --drop_bad_neurons",
            )

    def _check_conditions(self):
        if self.conditions is not None:
            if self.conditions.ndim != 2 or len(self.conditions) != self.frames:
                raise InputError(
                    f"{self.source}: conditions {self.conditions.shape} for {self.frames} frames",
                    "they have to be (frame, condition)",
                )
            if len(self.condition_names) != self.conditions.shape[1]:
                raise InputError(
                    f"{self.source}: {len(self.condition_names)} names for {self.conditions.shape[1]} conditions",
                    "give a name for each",
                )
            if not np.isfinite(self.conditions).all():
                raise InputError(f"{self.source}: conditions with NaN or Inf", "interpolate them")
        inside = all(0 < one < self.frames for one in self.joins)
        if not inside or list(self.joins) != sorted(set(self.joins)):
            raise InputError(f"{self.source}: parts begin at frames {self.joins}", "they have to ascend, after frame 0")

    def _check_kernel(self):
        if self.tau_decay is not None and not 0 < self.tau_decay < np.inf:
            raise InputError(
                f"{self.source}: tau_decay is {self.tau_decay} s", "give the indicator's decay time with --tau_decay"
            )
        if self.tau_rise is not None and not 0 <= self.tau_rise < np.inf:
            raise InputError(
                f"{self.source}: tau_rise is {self.tau_rise} s", "give the indicator's rise time with --tau_rise"
            )
        if self.tau_rise is not None and self.tau_decay is None:
            raise InputError(f"{self.source}: tau_rise without tau_decay", "give --tau_decay as well")
        if self.indicator:
            indicators.named(self.indicator)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.traces.shape[0]

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.traces.shape[1]

    @property
    def minutes(self) -> float:
        """Length in minutes."""
        return self.frames / self.frame_rate / 60

    def kernel(self) -> tuple | None:
        """(rise, decay) of the indicator, s: as given, or of the named indicator; None where it has to be estimated."""
        if self.tau_decay is not None:
            return self.tau_rise or 0.0, self.tau_decay
        if self.indicator:
            indicator = indicators.named(self.indicator)
            return indicator.tau_rise, indicator.tau_decay
        return None

    def plot(self, neurons=None, seconds: float = 60.0, start: float = 0.0):
        """Draws traces of some neurons, see `plotting.traces.draw`; needs Matplotlib, which is loaded only here."""
        from calciumgan_tf.plotting import traces

        return traces.draw(self, neurons, seconds, start)

    def decay_time(self, settings) -> float:
        """Decay time of the indicator, s, where it is not known from the `deconvolution.Settings` of the recording."""
        known = self.kernel()
        return settings.tau_decay(self.frame_rate) if known is None else known[1]

    @property
    def g(self) -> float:
        """AR(1) coefficient of a known decay, exp(-1 / (tau_decay * frame rate)).

        Raises:
          InputError: the decay is not known.
        """
        known = self.kernel()
        if known is None:
            raise InputError(f"{self.source}: no tau_decay", "give --indicator, or --tau_decay in seconds")
        return float(np.exp(-1 / (known[1] * self.frame_rate)))

    def sha256(self) -> str:
        """Hash of traces, frame rate and kernel, which does not depend on the file that they came from."""
        digest = hashlib.sha256(self.traces.data)
        digest.update(np.array([self.frame_rate, self.tau_decay, *self.traces.shape], np.float64).tobytes())
        if self.tau_rise or self.indicator:
            digest.update(json.dumps([self.tau_rise, self.indicator]).encode())
        if self.conditions is not None:
            digest.update(json.dumps(self.condition_names).encode())
            digest.update(self.conditions.data)
        if self.joins:
            digest.update(json.dumps(self.joins).encode())
        return digest.hexdigest()

    def content_sha256(self, version=VERSION) -> str:
        """Hash of everything that a prepared recording of a version holds, by which a damaged file is recognized."""
        later = [name for since, names in LATER.items() if version < since for name in names]
        values = {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name not in later
        }
        traces, spikes, conditions = (values.pop(name, None) for name in ("traces", "spikes", "conditions"))
        digest = hashlib.sha256(json.dumps([traces.shape, values], sort_keys=True).encode())
        digest.update(traces.data)
        if spikes is not None:
            digest.update(np.ascontiguousarray(spikes, np.uint8).data)
        if conditions is not None:
            digest.update(conditions.data)
        return digest.hexdigest()

    def save(self, path) -> None:
        """Writes the prepared recording (`.h5`), whole or not at all."""
        with files.replacing(path) as partial, h5py.File(partial, "w", libver=hdf5.VERSIONS) as file:
            file.create_dataset("traces", data=self.traces, fletcher32=True)
            if self.spikes is not None:
                spikes = np.asarray(self.spikes, np.uint8)
                file.create_dataset("spikes", data=spikes, compression="gzip", fletcher32=True)
                hdf5.write_attributes(file["spikes"], kind=self.spikes_kind)
            if self.conditions is not None:
                file.create_dataset("conditions", data=self.conditions, fletcher32=True)
                hdf5.write_attributes(file["conditions"], names=self.condition_names)
            if self.joins:
                file.create_dataset("joins", data=np.array(self.joins, np.int64), fletcher32=True)
            hdf5.write_attributes(
                file,
                format=FORMAT,
                version=VERSION,
                content_sha256=self.content_sha256(),
                frame_rate=self.frame_rate,
                tau_decay=self.tau_decay,
                tau_rise=self.tau_rise,
                indicator=self.indicator,
                source=self.source,
                source_sha256=self.source_sha256,
                neuron_ids=self.neuron_ids,
                description=self.description,
                s_min=self.s_min,
                trial_frames=self.trial_frames,
            )


def check_finite(traces, neuron_ids, source) -> None:
    """Raises InputError that names the first neuron with NaN or Inf and counts its frames.

    Traces are (frame, neuron).
    """
    bad = np.count_nonzero(~np.isfinite(traces), axis=0)
    if bad.any():
        first, others = int(np.argmax(bad > 0)), np.count_nonzero(bad) - 1
        more = f" ({others} more neurons too)" if others else ""
        raise InputError(
            f"{source}: neuron {neuron_ids[first]} has {bad[first]} frames of NaN or Inf{more}",
            "interpolate them, or leave such neurons out with prepare.py --drop_bad_neurons",
        )


def is_prepared(path) -> bool:
    """Whether `path` is a prepared recording, by the format that the file names."""
    return hdf5.format_of(path) == FORMAT


def load(path) -> Recording:
    """Reads a prepared recording and compares it with the checksums in the file.

    Raises:
      InputError: not an HDF5 file, a truncated or damaged file, or one of another format.
    """
    remedy = "it may be truncated or damaged; prepare it again"
    with files.reading(path, remedy), h5py.File(path, "r") as file:
        attributes = hdf5.read_attributes(file)
        if attributes.get("format") != FORMAT or "traces" not in file:
            raise InputError(f"{path} is not a prepared recording", "make one with prepare.py")
        hdf5.check_contained(file, path)
        version = int(attributes["version"])
        if version > VERSION:
            raise InputError(f"{path} is of version {version}", "update calciumgan_tf")
        recording = _from_hdf5(file, attributes)
        # Version 1 was written without a checksum.
        if version > 1 and recording.content_sha256(version) != attributes.get("content_sha256"):
            raise InputError(f"{path} does not match its checksum", remedy)
        return recording


def _from_hdf5(file, attributes) -> Recording:
    spikes, conditions, version = file.get("spikes"), file.get("conditions"), attributes["version"]
    return Recording(
        traces=file["traces"][()],
        frame_rate=attributes["frame_rate"],
        tau_decay=attributes.get("tau" if version == 1 else "tau_decay"),
        tau_rise=attributes.get("tau_rise", 0.0 if version < 3 else None),  # earlier versions knew no rise
        indicator=attributes.get("indicator", ""),
        source=attributes["source"],
        source_sha256=attributes["source_sha256"],
        neuron_ids=attributes["neuron_ids"],
        spikes=None if spikes is None else spikes[()],
        spikes_kind="" if spikes is None else hdf5.read_attributes(spikes)["kind"],
        s_min=attributes.get("s_min"),
        description=attributes["description"],
        trial_frames=attributes.get("trial_frames"),
        conditions=None if conditions is None else conditions[()],
        condition_names=() if conditions is None else hdf5.read_attributes(conditions)["names"],
        joins=tuple(file["joins"][()].tolist()) if "joins" in file else (),
    )
