"""All that a training needs of a recording, prepared once and stored in the run folder.

Training, hyper-parameter search, reproduction, importance maps and benchmarks take it from here. Everything in it but
the recording itself is measured on the training part alone.
"""

import dataclasses

import numpy as np

from calciumgan_tf.config import Config
from calciumgan_tf.dataset import conditions, scaling, split
from calciumgan_tf.dataset.conditions import Coding
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.dataset.split import Fold, Split
from calciumgan_tf.physiological import neuron_statistics
from calciumgan_tf.physiological.neuron_statistics import NeuronStatistics
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.spikes.deconvolution import Settings

ARRAYS = {"scaling": (Scaling, np.float32), "oasis": (Settings, np.float64)}
ARRAYS |= {"neuron_statistics": (NeuronStatistics, np.float64)}


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """A recording, how it is split, and what was measured on its training part.

    Attributes:
      recording: Recording.
      split: Split.
      scaling: Scaling.
      oasis: deconvolution settings of the training part; None but for the physiological model.
      neuron_statistics: NeuronStatistics in scaled units; None but for the physiological model.
      coding: of the conditions that the models are given; None without any.
    """

    recording: Recording
    split: Split
    scaling: Scaling
    oasis: Settings | None = None
    neuron_statistics: NeuronStatistics | None = None
    coding: Coding | None = None

    @classmethod
    def prepare(
        cls,
        recording: Recording,
        config: Config,
        validation: bool = False,
        fold: Fold | None = None,
        share: float = 1.0,
    ) -> "TrainingData":
        """Splits a recording and measures its training part.

        Args:
          recording: Recording.
          config: Config.
          validation: whether to hold out a validation part of the training part instead of the held-out part itself.
          fold: of a cross-fit; None for the usual split.
          share: of the training part, from its beginning on, that is used.

        Raises:
          InputError: a recording too short for the windows, a neuron that is constant in the training part, or a
            condition that the recording does not have.
        """
        data = config.data
        names = conditions.asked(data.condition)
        conditions.check(recording, names)
        whole = split.split_frames(
            recording.frames,
            data.window_frames,
            data.split,
            recording.trial_frames,
            fold,
            recording.joins,
            conditions.borders(recording, names),
        )
        if share < 1:
            whole = whole.first(share)
        if validation or config.schedule.keep_best:
            whole = whole.with_validation()
        parts = whole.choosing() if validation else whole
        scale = scaling.fit(recording, parts.training, data.scaling, data.scaling_quantile)
        coding = Coding.fit(recording, names, parts.training) if names else None
        if config.model != "physiological":
            return cls(recording, parts, scale, coding=coding)
        settings = deconvolution.fit_recording(recording, parts.training)
        coded = None if coding is None else coding.coded(coding.recorded(recording))
        statistics = neuron_statistics.measure(recording, parts.training, settings, scale, data.window_frames, coded)
        return cls(recording, parts, scale, settings, statistics, coding)

    @property
    def coded(self) -> np.ndarray | None:
        """The conditions that the models are given, float32 (frame, channel); None without any."""
        return None if self.coding is None else self.coding.coded(self.coding.recorded(self.recording))

    def to_json(self) -> dict:
        """Everything but the recording, as plain values."""
        parts = {name: getattr(self, name) for name in ARRAYS}
        values = {name: part and _plain(part) for name, part in parts.items()}
        return {"split": self.split.to_json(), "coding": self.coding and self.coding.to_json()} | values

    @classmethod
    def from_json(cls, recording: Recording, values: dict) -> "TrainingData":
        """What `to_json` gave, with its recording."""
        parts = {
            name: kind(**{key: _restored(value, dtype) for key, value in values[name].items()})
            for name, (kind, dtype) in ARRAYS.items()
            if values[name]
        }
        if values.get("coding"):
            parts["coding"] = Coding.from_json(values["coding"])
        return cls(recording, Split.from_json(values["split"]), **parts)


def _plain(part):
    values = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}


def _restored(value, dtype):
    return np.array(value, dtype) if isinstance(value, list) else value
