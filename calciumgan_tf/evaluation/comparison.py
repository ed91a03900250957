"""From recorded and generated windows to the table."""

import dataclasses
import logging

import numpy as np

from calciumgan_tf import progress
from calciumgan_tf.dataset.split import RecordedWindows, Split
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import baselines, bootstrap, metrics
from calciumgan_tf.evaluation.summary import BIN_SECONDS, VAN_ROSSUM_TAU, summarise
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution, statistics

log = logging.getLogger(__name__)
EXAMPLES = (0.5, 0.75, 0.95)  # windows drawn in the figures: these quantiles of the number of spikes
EVENLY = 50  # windows of either side whose spikes are compared with each other in a figure
COLUMNS = {  # column: (reference, candidate)
    "floor": ("heldout", "training"),
    "within": ("first_half", "second_half"),
    "generated": ("heldout", "generated"),
    "generated_vs_training": ("training", "generated"),
    "dichotomized_gaussian": ("heldout", "dichotomized_gaussian"),
    "shuffled": ("heldout", "shuffled"),
}


@dataclasses.dataclass(frozen=True)
class Examples:
    """A few windows of one side.

    Attributes:
      traces: float32 (window, frame, neuron), dF/F; windows at the quantiles EXAMPLES of activity.
      spikes: uint8, of the same shape.
      evenly: spikes of up to EVENLY windows, evenly spaced, uint8 (window, frame, neuron).
    """

    traces: np.ndarray
    spikes: np.ndarray
    evenly: np.ndarray


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
      settings: everything the numbers depend on, as plain values.
      rows: {metric: {column: value}}, None where undefined; see COLUMNS, and unit, n, note, ci95 (95 % interval of
        generated) and beyond (of generated less floor).
      summaries: {set: Summary}; the sets are those that COLUMNS compares.
      examples: {'recorded': Examples, 'generated': Examples}.
      draws: weights of the bootstrap, of bootstrap.draw.
    """

    settings: dict
    rows: dict
    summaries: dict
    examples: dict
    draws: dict


def evaluate(
    data: Recording, split: Split, generated, count=None, s_min=None, seed=0, stride=1, observe=None
) -> Evaluation:
    """Compares generated windows with the held-out part of a recording, beside floors and baselines.

    Args:
      data: Recording.
      split: Split of it, with the generated windows' length.
      generated: array-like (window, frame, neuron), dF/F, sliced along windows.
      count: windows of each set; None for all generated ones.
      s_min: smallest event of the deconvolution, dF/F; None for the recording's own, or three times the noise.
      seed: of the baselines and of the bootstrap.
      stride: recorded windows start at multiples of so many frames.
      observe: called with (name, windows, spikes) for each set that has been deconvolved, shuffled ones excepted.

    Raises:
      InputError: windows that do not fit the recording, or that are not finite.
    """
    count = min(count or generated.shape[0], generated.shape[0])
    _check(data, split, generated, count)
    s_min = data.s_min if s_min is None else s_min
    settings = deconvolution.fit_settings_on_blocks(data.traces, split.training, data.g, s_min)

    first, second = split.halves()
    recorded = {"heldout": split.heldout, "training": split.training, "first_half": first, "second_half": second}
    sources = {
        name: RecordedWindows(data.traces, split, blocks, count, stride) for name, blocks in recorded.items() if blocks
    }
    sources["generated"] = _First(generated, count)
    summaries, examples = {}, {}
    with progress.Progress("evaluate", len(sources) + 2, unit="set", quiet_seconds=5) as shown:

        def summarise_set(name, spikes, windows=None):
            summaries[name] = summarise(spikes, data.frame_rate)
            if observe is not None and windows is not None:
                observe(name, windows, spikes)
            shown.advance(1)
            shown.report()

        for name, windows in sources.items():
            inferred = deconvolution.infer_spikes(windows, settings)
            summarise_set(name, inferred.spikes, windows)
            if name in ("heldout", "generated"):
                examples["recorded" if name == "heldout" else name] = _examples(windows, inferred.spikes)
            if name == "training":
                summarise_set("shuffled", baselines.shuffled(inferred.spikes, seed))
                population = baselines.fitted_population(
                    inferred, settings, split.frames("training"), data.frame_rate, data.tau_decay, seed
                )
        gaussian = baselines.PopulationWindows(population, count, split.window_frames)
        summarise_set("dichotomized_gaussian", deconvolution.infer_spikes(gaussian, settings).spikes, gaussian)
    draws = bootstrap.draw(split, count, seed)
    return Evaluation(
        settings=_settings(data, split, settings, count, seed, s_min) | {"window_stride": stride},
        rows=_rows(summaries, draws),
        summaries=summaries,
        examples=examples,
        draws=draws,
    )


class _First:
    """The first `count` windows of an array, read when they are asked for."""

    def __init__(self, windows, count):
        self._windows, self.shape = windows, (count, *windows.shape[1:])

    def __getitem__(self, part):
        start, stop, _ = part.indices(self.shape[0])
        traces = np.asarray(self._windows[start:stop], np.float32)
        bad = np.argwhere(~np.isfinite(traces))
        if bad.size:
            window, _, neuron = bad[0]
            raise InputError(
                f"generated window {start + window} has NaN or Inf in neuron {neuron}", "generate the windows again"
            )
        return traces


def _check(data, split, generated, count):
    if len(generated.shape) != 3:
        raise InputError(
            f"generated traces have shape {tuple(generated.shape)}", "they have to be (window, frame, neuron)"
        )
    if generated.shape[2] != data.neurons:
        raise InputError(
            f"generated windows have {generated.shape[2]} neurons, the recording has {data.neurons}",
            "compare windows with the recording that their model was trained on",
        )
    if generated.shape[1] != split.window_frames:
        raise InputError(
            f"generated windows have {generated.shape[1]} frames, the run's have {split.window_frames}",
            "compare windows with the run that made them",
        )
    if count < 2:
        raise InputError("one window is too few to compare", "take at least two, better a thousand")


def _examples(windows, spikes):
    order = np.argsort(spikes.sum(axis=(1, 2), dtype=np.int64), kind="stable")
    chosen = [order[int(quantile * (len(order) - 1))] for quantile in EXAMPLES]
    evenly = np.linspace(0, len(spikes) - 1, min(EVENLY, len(spikes))).astype(int)
    return Examples(np.concatenate([windows[i : i + 1] for i in chosen]), spikes[chosen], spikes[evenly])


def _settings(data, split, settings, count, seed, s_min):
    frames_a_bin = statistics.bin_frames(data.frame_rate, BIN_SECONDS, split.window_frames // 2)
    return {
        "recording": data.source,
        "frame_rate": data.frame_rate,
        "tau_decay": data.tau_decay,
        "g": data.g,
        "s_min": settings.s_min.tolist() if s_min is None else float(s_min),
        "s_min_rule": "three times the noise of each neuron" if s_min is None else "given, baseline 0",
        "baseline": settings.baseline.tolist(),
        "noise": settings.noise.tolist(),
        "bin_seconds": frames_a_bin / data.frame_rate,
        "van_rossum_tau": VAN_ROSSUM_TAU,
        "windows": count,
        "window_frames": split.window_frames,
        "split": split.to_json(),
        "resamples": bootstrap.RESAMPLES,
        "seed": seed,
    }


def _rows(summaries, draws):
    compared = {column: metrics.Comparison(*pair) for column, pair in pairs(summaries).items()}
    values = {column: one() for column, one in compared.items()}
    intervals = bootstrap.intervals(compared["generated"], compared["floor"], draws)
    heldout, generated = summaries["heldout"], summaries["generated"]
    rows = {}
    for name, unit in metrics.UNITS.items():
        ci95, beyond = intervals[name]
        rows[name] = {
            "unit": unit,
            **row_of(name, values),
            "n": compared["generated"].averaged_over(name),
            "ci95": ci95,
            "beyond": beyond,
            "note": metrics.undefined(name, heldout, generated),
        }
    return rows


def pairs(sets) -> dict:
    """{column: (reference, candidate)} of the columns whose sets there are; `sets` is {set: anything}."""
    return {
        column: (sets[reference], sets[candidate])
        for column, (reference, candidate) in COLUMNS.items()
        if reference in sets and candidate in sets
    }


def row_of(name, values) -> dict:
    """One metric in all columns, None where it is undefined; `values` is {column: {metric: value}}."""
    row = {column: values[column][name] if column in values else None for column in COLUMNS}
    return {column: value if value is not None and np.isfinite(value) else None for column, value in row.items()}
