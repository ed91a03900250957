"""The evaluation: the recorded side is computed once, and any number of sets of generated windows are compared with it.

reference = Reference.fit(recording, split, num_windows=1000)
evaluation = reference.compare(windows)
"""

import dataclasses

import numpy as np

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import FirstWindows, RecordedWindows, Windows
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import bootstrap, registry
from calciumgan_tf.evaluation.measuring import Measuring
from calciumgan_tf.evaluation.memorisation import CopyTest, Memorisation
from calciumgan_tf.evaluation.pair import Pair
from calciumgan_tf.evaluation.registry import BASELINES, COLUMNS
from calciumgan_tf.evaluation.summary import BIN_SECONDS, VAN_ROSSUM_TAU
from calciumgan_tf.evaluation.window_set import WindowSet, evenly
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution, statistics

NEAREST = 200  # windows of either side whose nearest training window is searched
AGAINST_HELDOUT = ("floor", *BASELINES)  # columns that are resampled when a reference is fitted


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """The result of a comparison.

    Attributes:
      settings: everything that the numbers depend on, as plain values.
      rows: {metric: row}, the metrics being those of `registry`. A row holds 'unit', 'group', a value for each of
        registry.COLUMNS (None where undefined), 'over' (what it is a mean over), 'note' (what was left out), 'ci95'
        (95 % interval of `generated`), 'beyond' (of generated less floor), 'beyond_baseline' ({baseline: of generated
        less baseline}), and 'p' ({'floor', 'generated'}: p value or None; None where the metric has no test).
      sets: {set: WindowSet}; the sets are those that registry.COLUMNS compares. Dynamics are kept of held-out,
        training and generated windows.
      examples: {'recorded', 'generated': Examples}.
      memorisation: Memorisation; None without diagnostics.
    """

    settings: dict
    rows: dict
    sets: dict
    examples: dict
    memorisation: Memorisation | None = None

    @property
    def summaries(self) -> dict:
        """{set: Summary}."""
        return {name: windows.summary for name, windows in self.sets.items()}

    @property
    def model(self) -> str:
        """Name of the model that made the windows, in words."""
        return self.settings["model"] or "unknown model"


class Reference:
    """The recorded side of an evaluation: held-out part, training part and baselines, deconvolved and measured."""

    def __init__(self, recording, split, num_windows, settings, measuring, seed, diagnostics):
        """Use `fit`."""
        self.recording, self.split, self.num_windows, self.settings = recording, split, num_windows, settings
        self._measuring, self._seed, self._diagnostics = measuring, seed, diagnostics
        self._metrics = registry.chosen(diagnostics)
        self._draws = bootstrap.draw(split, num_windows, ("heldout", "training", "generated", *BASELINES), seed)
        self._values: dict[str, dict] = {}
        self._resampled: dict[str, dict] = {}
        self._p: dict[str, float | None] = {}
        self._compare_recorded()
        if diagnostics:
            heldout = RecordedWindows(recording.traces, split, split.heldout, len(split.starts(split.heldout)))
            apart = heldout.independent()
            chosen = heldout[apart[evenly(len(apart), NEAREST)]]
            self._copy_test = CopyTest(recording.traces, split.training, chosen)

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
          s_min: smallest event of the deconvolution, dF/F; None for the recording's own, or three times the noise.
          window_stride: recorded windows start at multiples of so many frames.
          diagnostics: whether to compute all metrics, instead of the spike statistics alone.

        Raises:
          InputError: fewer than two windows, or fewer recorded ones than `num_windows` at that stride.
        """
        if num_windows < 2:
            raise InputError("one window is too few to compare", "take at least two, better a thousand")
        s_min = recording.s_min if s_min is None else s_min
        oasis = deconvolution.fit_settings_on_blocks(recording.traces, split.training, recording.g, s_min)
        measuring = Measuring(recording, split, oasis, diagnostics)
        measuring.recorded(num_windows, window_stride, seed)
        settings = _settings(recording, split, oasis, s_min) | {
            "windows": num_windows,
            "window_stride": window_stride,
            "resamples": bootstrap.RESAMPLES,
            "seed": seed,
            "diagnostics": diagnostics,
        }
        return cls(recording, split, num_windows, settings, measuring, seed, diagnostics)

    def _compare_recorded(self):
        """The columns without generated windows, and resamples of those that generated windows are compared with."""
        sets = self._measuring.sets
        for name, column in COLUMNS.items():
            if column.reference not in sets or column.candidate not in sets:
                continue
            pair = Pair(sets[column.reference], sets[column.candidate], self._seed)
            self._values[name] = _single(pair.values(self._metrics))
            if name in AGAINST_HELDOUT:
                self._resampled[name] = self._resample(pair, column.candidate)
            if name == "floor" and self._diagnostics:
                self._p = pair.p_values()
        for name in sets.keys() - {"heldout", "training"}:  # never compared again; the dynamics take much memory
            sets[name] = WindowSet(sets[name].summary)

    def _resample(self, pair, candidate):
        return bootstrap.values(pair, self._metrics, self._draws["heldout"], self._draws[candidate])

    def compare(self, windows: Windows, *, model: str = "", source: str = "") -> Evaluation:
        """Compares generated windows with the held-out part of the recording, beside floors and baselines.

        Args:
          windows: (window, frame, neuron), dF/F, sliced along windows; the first `num_windows` are used.
          model: name of the model that made them; '' where it is not known.
          source: where they come from.

        Raises:
          InputError: windows that do not fit the recording, that are too few, or that are not finite.
        """
        self._check(windows)
        windows = FirstWindows(windows, self.num_windows)
        measured, example = self._measuring.generated(windows)
        sets = self._measuring.sets | {"generated": measured}
        pair, training = (Pair(sets[name], measured, self._seed) for name in ("heldout", "training"))
        columns = self._values | {
            "generated": _single(pair.values(self._metrics)),
            "generated_vs_training": _single(training.values(self._metrics)),
        }
        resampled = self._resample(pair, "generated")
        p = pair.p_values() if self._diagnostics else {}
        rows = {metric.name: self._row(metric, pair, columns, resampled, p) for metric in self._metrics}
        copying = None
        if self._diagnostics:
            copying = self._copy_test(np.concatenate([windows[i : i + 1] for i in evenly(self.num_windows, NEAREST)]))
        drawn = {"recorded": self._measuring.example, "generated": example}
        return Evaluation({"model": model, "samples": source} | self.settings, rows, sets, drawn, copying)

    def _check(self, windows):
        frames, neurons = self.split.window_frames, self.recording.neurons
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
        if windows.shape[0] < self.num_windows:
            raise InputError(
                f"there are {windows.shape[0]} generated windows, {self.num_windows} are compared", "generate more"
            )

    def _row(self, metric, pair, columns, resampled, p):
        """A row of Evaluation."""
        name = metric.name
        row = {column: columns[column][name] if column in columns else None for column in COLUMNS}
        drawn = {"generated": resampled[name], **{column: self._resampled[column][name] for column in AGAINST_HELDOUT}}

        def less(column):
            value, other = row["generated"], row[column]
            difference = None if value is None or other is None else value - other
            return bootstrap.interval(difference, drawn["generated"] - drawn[column])

        lowest = -np.inf if metric.tested else 0.0
        return {
            "unit": metric.unit,
            "group": metric.group,
            **row,
            "over": metric.over(pair),
            "note": metric.note(pair),
            "ci95": bootstrap.interval(row["generated"], drawn["generated"], lowest),
            "beyond": less("floor"),
            "beyond_baseline": {column: less(column) for column in BASELINES},
            "p": {"floor": self._p.get(name), "generated": p.get(name)} if metric.tested else None,
        }


def _single(values) -> dict:
    """{metric: number, None where undefined} of values of a single resample."""
    return {name: float(value[0]) if np.isfinite(value[0]) else None for name, value in values.items()}


def _settings(recording, split, oasis, s_min) -> dict:
    """What the recorded side depends on, as plain values."""
    bin_frames = statistics.bin_frames(recording.frame_rate, BIN_SECONDS, split.window_frames // 2)
    return {
        "recording": recording.source,
        "frame_rate": recording.frame_rate,
        "tau_decay": recording.tau_decay,
        "g": recording.g,
        "s_min": oasis.s_min.tolist() if s_min is None else float(s_min),
        "s_min_rule": "three times the noise of each neuron" if s_min is None else "given, baseline 0",
        "baseline": oasis.baseline.tolist(),
        "noise": oasis.noise.tolist(),
        "bin_seconds": bin_frames / recording.frame_rate,
        "van_rossum_tau": VAN_ROSSUM_TAU,
        "window_frames": split.window_frames,
        "split": split.to_json(),
    }
