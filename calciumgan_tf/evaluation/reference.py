"""The evaluation: the recorded side is computed once, and any number of sets of generated windows are compared with it.

reference = Reference.fit(recording, split, num_windows=1000)
evaluation = reference.compare(windows)
"""

import dataclasses

import numpy as np

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import FirstWindows, RecordedWindows, Windows
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import bootstrap, measuring
from calciumgan_tf.evaluation.diagnostics.diagnosis import RESAMPLES, Diagnosis
from calciumgan_tf.evaluation.diagnostics.pooling import Result
from calciumgan_tf.evaluation.examples import examples
from calciumgan_tf.evaluation.pair import Pair
from calciumgan_tf.evaluation.registry import BASELINE_COLUMNS, COLUMNS, METRICS
from calciumgan_tf.evaluation.summary import BIN_SECONDS, VAN_ROSSUM_TAU, summarise
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution, statistics

AGAINST_HELDOUT = ("floor", *BASELINE_COLUMNS)  # columns that are resampled when a reference is fitted


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """The result of a comparison.

    Attributes:
      settings: everything that the numbers depend on, as plain values.
      rows: {metric: row} of the spike metrics. A row holds 'unit', a value for each of registry.COLUMNS (None where
        undefined), 'over' (what it is a mean over), 'note' (what was left out), 'ci95' (95 % interval of `generated`),
        'beyond' (of generated less floor), and 'beyond_baseline' ({baseline: of generated less baseline}). Empty where
        several runs are pooled, as are summaries, divergences and examples.
      summaries: {'heldout', 'training', 'generated': Summary}.
      divergences: {column: {metric: float64 (neuron,) or (window,)}}, see Pair.divergences.
      examples: {'recorded', 'generated': Examples}.
      diagnosis: diagnostics.pooling.Result; None without diagnostics.
    """

    settings: dict
    rows: dict
    summaries: dict
    divergences: dict
    examples: dict
    diagnosis: Result | None = None

    @property
    def model(self) -> str:
        """Name of the model that made the windows, in words."""
        return self.settings["model"] or "unknown model"


class Reference:
    """The recorded side of an evaluation: held-out part, training part and baselines, deconvolved and measured."""

    def __init__(self, recording, split, num_windows, settings, oasis, s_min, measured, seed, diagnostics):
        """Use `fit`."""
        self.recording, self.split, self.num_windows, self.settings = recording, split, num_windows, settings
        self._oasis, self._seed = oasis, seed
        self._draws = bootstrap.draw(split, num_windows, ("heldout", "training", "generated", *BASELINE_COLUMNS), seed)
        self._values: dict[str, dict] = {}
        self._resampled: dict[str, dict] = {}
        self._divergences: dict[str, dict] = {}
        self._compare_recorded(measured)
        self._diagnosis = Diagnosis(recording, split, oasis, seed, s_min) if diagnostics else None

    @classmethod
    def fit(
        cls,
        recording: Recording,
        split: Split,
        num_windows: int,
        *,
        seed: int = 0,
        s_min: float | None = None,
        window_stride: int = 1,
        diagnostics: bool = False,
    ) -> "Reference":
        """Deconvolves and measures the recorded windows and the baselines.

        Args:
          recording: Recording.
          split: Split of it, with the length of the generated windows.
          num_windows: windows of each set.
          seed: of the baselines, the bootstrap and the tests.
          s_min: smallest event of the deconvolution, dF/F; None for the recording's own, or an estimate.
          window_stride: recorded windows start at multiples of so many frames.
          diagnostics: whether to diagnose the traces as well, instead of comparing spikes alone.

        Raises:
          InputError: fewer than two windows, or fewer recorded ones than `num_windows` at that stride.
        """
        if num_windows < 2:
            raise InputError("one window is too few to compare", "take at least two, better a thousand")
        s_min = recording.s_min if s_min is None else s_min
        oasis = deconvolution.fit_recording(recording, split.training, s_min)
        measured = measuring.recorded_side(recording, split, oasis, num_windows, window_stride, seed)
        settings = _settings(recording, split, oasis, s_min) | {
            "windows": num_windows,
            "window_stride": window_stride,
            "resamples": {"spike metrics": bootstrap.RESAMPLES, "diagnostics": RESAMPLES},
            "seed": seed,
            "diagnostics": diagnostics,
        }
        return cls(recording, split, num_windows, settings, oasis, s_min, measured, seed, diagnostics)

    def _compare_recorded(self, measured):
        """The columns without generated windows, and resamples of those that generated windows are compared with.

        A set is large, so it is only kept as long as there is a column that needs it.

        Args:
          measured: as measuring.recorded_side yields.
        """
        sets = self._summaries = {}
        for measured_name, summary, drawn in measured:
            sets[measured_name] = summary
            if drawn is not None:
                self._example = drawn
            for name, column in COLUMNS.items():
                if name in self._values or not {column.reference, column.candidate} <= sets.keys():
                    continue
                pair = Pair(sets[column.reference], sets[column.candidate], self._seed)
                self._values[name], self._divergences[name] = _single(pair.values(METRICS.values())), pair.divergences()
                if name in AGAINST_HELDOUT:
                    self._resampled[name] = self._resample(pair, column.candidate)
            left = [column for name, column in COLUMNS.items() if name not in self._values]
            needed = {side for column in left for side in (column.reference, column.candidate)}
            for done in sets.keys() - needed:
                del sets[done]

    def _resample(self, pair, candidate):
        return bootstrap.values(pair, METRICS.values(), self._draws["heldout"], self._draws[candidate])

    def compare(self, windows: Windows, *, model: str = "", source: str = "", step: int | None = None) -> Evaluation:
        """Compares generated windows with the held-out part of the recording, beside training part and baselines.

        Args:
          windows: (window, frame, neuron), dF/F, sliced along windows; the first `num_windows` are used.
          model: name of the model that made them; '' where it is not known.
          source: where they come from.
          step: training step of the model; None where it is not known.

        Raises:
          InputError: windows that do not fit the recording, that are too few, or that are not finite.
        """
        check_windows(windows, self.recording, self.split, self.num_windows)
        windows = FirstWindows(windows, self.num_windows)
        spikes = deconvolution.infer_spikes(windows, self._oasis).spikes
        summaries = self._summaries | {"generated": summarise(spikes, self.recording.frame_rate)}
        pair, training = (Pair(summaries[name], summaries["generated"], self._seed) for name in ("heldout", "training"))
        columns = self._values | {
            "generated": _single(pair.values(METRICS.values())),
            "generated_vs_training": _single(training.values(METRICS.values())),
        }
        divergences = {"generated": pair.divergences(), "generated_vs_training": training.divergences()}
        resampled = self._resample(pair, "generated")
        rows = {metric.name: self._row(metric, pair, columns, resampled) for metric in METRICS.values()}
        diagnosed = self._diagnosis.compare(windows, spikes) if self._diagnosis else None
        drawn = {"recorded": self._example, "generated": examples(windows, spikes)}
        settings = {"model": model, "samples": source, "training_steps": step} | self.settings
        return Evaluation(settings, rows, summaries, self._divergences | divergences, drawn, diagnosed)

    def recorded_windows(self, part: str) -> RecordedWindows:
        """As many windows of a part, 'training' or 'heldout', as are compared."""
        return RecordedWindows(self.recording.traces, self.split, getattr(self.split, part), self.num_windows)

    def _row(self, metric, pair, columns, resampled):
        """A row of Evaluation."""
        name = metric.name
        row = {column: columns[column][name] if column in columns else None for column in COLUMNS}
        drawn = {"generated": resampled[name], **{column: self._resampled[column][name] for column in AGAINST_HELDOUT}}

        def less(column):
            value, other = row["generated"], row[column]
            difference = None if value is None or other is None else value - other
            return bootstrap.interval(difference, drawn["generated"] - drawn[column])

        return {
            "unit": metric.unit,
            **row,
            "over": metric.over(pair),
            "note": metric.note(pair),
            "ci95": bootstrap.interval(row["generated"], drawn["generated"], lowest=0.0),
            "beyond": less("floor"),
            "beyond_baseline": {column: less(column) for column in BASELINE_COLUMNS},
        }


def check_windows(windows: Windows, recording: Recording, split: Split, num_windows: int) -> None:
    """Refuses generated windows that can't be compared with a recording.

    Raises:
      InputError: windows of another shape than the recording's, or fewer than `num_windows`.
    """
    frames, neurons = split.window_frames, recording.neurons
    if len(windows.shape) != 3:
        raise InputError(
            f"generated traces have shape {tuple(windows.shape)}", "they have to be (window, frame, neuron)"
        )
    if windows.shape[2] != neurons:
        raise InputError(
            f"generated windows have {windows.shape[2]} neurons, the recording has {neurons}",
            "compare windows with the recording that their model was trained on",
        )
    if windows.shape[1] != frames:
        raise InputError(
            f"generated windows have {windows.shape[1]} frames, the run's have {frames}",
            "compare windows with the run that made them",
        )
    if windows.shape[0] < num_windows:
        raise InputError(f"there are {windows.shape[0]} generated windows, {num_windows} are compared", "generate more")


def _single(values) -> dict:
    """{metric: number, None where undefined} of values of a single resample."""
    return {name: float(value[0]) if np.isfinite(value[0]) else None for name, value in values.items()}


def _settings(recording, split, oasis, s_min) -> dict:
    """What the recorded side depends on, as plain values."""
    bin_frames = statistics.bin_frames(recording.frame_rate, BIN_SECONDS, split.window_frames // 2)
    return {
        "recording": recording.source,
        "neuron_ids": list(recording.neuron_ids),
        "frame_rate": recording.frame_rate,
        "tau_decay": recording.decay_time(oasis),
        "g": oasis.g,
        "s_min": oasis.s_min.tolist() if s_min is None else float(s_min),
        "s_min_rule": "2.4 times the unexplained SD of each neuron" if s_min is None else "given, baseline 0",
        "baseline": oasis.baseline.tolist(),
        "noise": oasis.noise.tolist(),
        "bin_seconds": bin_frames / recording.frame_rate,
        "van_rossum_tau": VAN_ROSSUM_TAU,
        "window_frames": split.window_frames,
        "split": split.to_json(),
    }
