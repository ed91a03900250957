"""A recording: dF/F traces of a population, their frame rate and where they come from."""

import dataclasses
import hashlib
import pathlib

import h5py
import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError

FORMAT = "calciumgan_tf/recording"
VERSION = 2

DEFAULT_TAU_DECAY = 0.812  # s; exp(-1 / (.812 s * 24 Hz)) = .95, the AR(1) coefficient of the paper


@dataclasses.dataclass(frozen=True)
class Recording:
    """Traces of one population, and all that is needed to interpret them.

    Attributes:
      traces: float32 (frame, neuron), dF/F.
      frame_rate: Hz.
      tau_decay: decay time of the indicator, s.
      source: file, folder or data set the traces were read from.
      source_sha256: hash of the source's bytes ('' where there are none).
      neuron_ids: one name a neuron, as the source numbers them.
      spikes: optional uint8 (frame, neuron), 0 or 1.
      spikes_kind: 'inferred' or 'ground_truth' where there are spikes.
      s_min: smallest event, dF/F, where it is known (then the baseline is known to be 0);
        None lets the deconvolution estimate both from the noise.
      description: anything a reader of the file should know.
      trial_frames: frames of a trial, where the recording is a row of trials that do not continue each other.

    Raises:
      InputError: for traces that can't be a recording; the message names the neuron.
    """

    traces: np.ndarray
    frame_rate: float
    source: str
    tau_decay: float = DEFAULT_TAU_DECAY
    source_sha256: str = ""
    neuron_ids: tuple = ()
    spikes: np.ndarray | None = None
    spikes_kind: str = ""
    s_min: float | None = None
    description: str = ""
    trial_frames: int | None = None

    def __post_init__(self):
        traces = np.asarray(self.traces)
        if traces.ndim != 2 or traces.dtype.kind not in "fiu":
            raise InputError(
                f"{self.source}: traces are {traces.dtype} of shape {traces.shape}",
                "a recording is a numeric array (frame, neuron)",
            )
        object.__setattr__(self, "traces", np.ascontiguousarray(traces, np.float32))
        object.__setattr__(self, "neuron_ids", tuple(map(str, self.neuron_ids)) or tuple(map(str, range(self.neurons))))
        self._check()

    def _check(self):
        frames, neurons = self.traces.shape
        if not self.frame_rate or not np.isfinite(self.frame_rate) or self.frame_rate <= 0:
            raise InputError(f"{self.source}: no frame rate", "give it in Hz with --frame_rate")
        if not np.isfinite(self.tau_decay) or self.tau_decay <= 0:
            raise InputError(
                f"{self.source}: tau_decay is {self.tau_decay} s", "give the indicator's decay time with --tau_decay"
            )
        if neurons == 0 or frames == 0:
            raise InputError(f"{self.source}: empty, shape (frame, neuron) = {frames, neurons}", "check the file")
        if neurons > frames:
            raise InputError(
                f"{self.source}: {neurons} neurons but only {frames} frames",
                "the array is probably transposed; it has to be (frame, neuron)",
            )
        if len(self.neuron_ids) != neurons:
            raise InputError(
                f"{self.source}: {len(self.neuron_ids)} neuron ids for {neurons} neurons", "give one id a neuron"
            )
        if self.spikes is not None and self.spikes.shape != self.traces.shape:
            raise InputError(
                f"{self.source}: spikes {self.spikes.shape} do not match traces {self.traces.shape}",
                "both have to be (frame, neuron)",
            )
        check_finite(self.traces, self.neuron_ids, self.source)
        constant = np.flatnonzero(self.traces.min(axis=0) == self.traces.max(axis=0))
        if constant.size:
            names = ",".join(self.neuron_ids[i] for i in constant)
            raise InputError(
                f"{self.source}: constant trace of neuron {names}", f"leave it out with prepare.py --drop={names}"
            )

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

    @property
    def g(self) -> float:
        """AR(1) coefficient of the indicator's decay, exp(-1 / (tau_decay * frame rate))."""
        return float(np.exp(-1 / (self.tau_decay * self.frame_rate)))

    def sha256(self) -> str:
        """Hash of traces, frame rate and tau_decay: the same data give the same hash whatever file they came in."""
        digest = hashlib.sha256(self.traces)
        digest.update(np.array([self.frame_rate, self.tau_decay, *self.traces.shape], np.float64).tobytes())
        return digest.hexdigest()

    def save(self, path) -> None:
        """Writes the prepared recording (`.h5`), whole or not at all."""
        with files.replacing(path) as partial, h5py.File(partial, "w") as file:
            file.create_dataset("traces", data=self.traces)
            if self.spikes is not None:
                file.create_dataset("spikes", data=np.asarray(self.spikes, np.uint8), compression="gzip")
                file["spikes"].attrs["kind"] = self.spikes_kind
            file.attrs.update(
                format=FORMAT,
                version=VERSION,
                frame_rate=self.frame_rate,
                tau_decay=self.tau_decay,
                source=self.source,
                source_sha256=self.source_sha256,
                neuron_ids=list(self.neuron_ids),
                description=self.description,
            )
            for name in ("s_min", "trial_frames"):
                if getattr(self, name) is not None:
                    file.attrs[name] = getattr(self, name)


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
            "interpolate them or leave the neuron out with prepare.py --drop",
        )


def load(path) -> Recording:
    """Reads a prepared recording.

    Raises:
      InputError: not an HDF5 file, a truncated one, or one of another format.
    """
    path = pathlib.Path(path)
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT or "traces" not in file:
                raise InputError(f"{path} is not a prepared recording", "make one with prepare.py")
            version = file.attrs["version"]
            if version > VERSION:
                raise InputError(f"{path} is of version {version}", "update calciumgan_tf")
            spikes = file["spikes"] if "spikes" in file else None
            return Recording(
                traces=file["traces"][()],
                frame_rate=float(file.attrs["frame_rate"]),
                tau_decay=float(file.attrs["tau" if version == 1 else "tau_decay"]),
                source=str(file.attrs["source"]),
                source_sha256=str(file.attrs["source_sha256"]),
                neuron_ids=tuple(file.attrs["neuron_ids"]),
                spikes=None if spikes is None else spikes[()],
                spikes_kind="" if spikes is None else str(spikes.attrs["kind"]),
                s_min=float(file.attrs["s_min"]) if "s_min" in file.attrs else None,
                description=str(file.attrs["description"]),
                trial_frames=int(file.attrs["trial_frames"]) if "trial_frames" in file.attrs else None,
            )
    except (OSError, KeyError) as error:
        raise InputError(f"{path} can't be read ({error})", "it may be truncated; prepare it again") from error
