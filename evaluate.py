"""Compares generated traces with the held-out part of a recording, by their spikes.

    python evaluate.py --spike_metrics                                      # the run started last, its newest samples
    python evaluate.py --spike_metrics --checkpoint=checkpoints/mouse
    python evaluate.py --spike_metrics --recorded=data/mouse.h5 --generated=samples_of_any_model.h5
    python evaluate.py --spike_metrics --recorded=a.npy --generated=b.npy --frame_rate=30
    python evaluate.py --spike_metrics --trust                              # and whatever else a reviewer would ask
    python evaluate.py --patterns                                           # a run with --dataset=surrogate

Prints one table; every statistic stands beside its floor and its baselines. Writes metrics.json, table.txt, figures
and report.html. --trust adds dynamics, distances between distributions, coverage, usefulness, and whether windows were
copied; for a run, also what the critic looks at.
"""

import logging
import pathlib

from absl import flags

from calciumgan_tf import cli, files
from calciumgan_tf.dataset import sources
from calciumgan_tf.errors import InputError
from calciumgan_tf.training.run import NEWEST, Run

log = logging.getLogger("calciumgan_tf")
SPIKE_METRICS = flags.DEFINE_boolean(
    "spike_metrics", False, "firing rates, correlations, van Rossum distances, intervals"
)
TRUST = flags.DEFINE_boolean(
    "trust", False, "with the spike metrics: dynamics, two-sample tests, memorisation, coverage, usefulness"
)
PATTERNS = flags.DEFINE_boolean(
    "patterns", False, "probability of every spike pattern, of a run with --dataset=surrogate"
)
CHECKPOINT = flags.DEFINE_string("checkpoint", NEWEST, "run folder; without a value, the run started last")
RECORDED = flags.DEFINE_string(
    "recorded", None, "a recording of any known format, instead of a run's own; needs --generated"
)
GENERATED = flags.DEFINE_string(
    "generated", None, "samples (.h5, or .npy of (window, frame, neuron)), instead of the run's newest"
)
FRAME_RATE = flags.DEFINE_float("frame_rate", None, "Hz, where a file does not say it")
S_MIN = flags.DEFINE_float(
    "s_min", None, "smallest event, dF/F; default: the recording's own, else three times each neuron's noise"
)
SPLIT = flags.DEFINE_enum("split", "auto", ["auto", "blocks", "end"], "held-out part of --recorded")
NUM_WINDOWS = flags.DEFINE_integer("num_windows", None, "windows of each set; default: as many as were generated")
WINDOW_STRIDE = flags.DEFINE_integer(
    "window_stride", 1, "recorded windows start at multiples of so many frames (the original's: 2)", lower_bound=1
)
SEED = flags.DEFINE_integer("seed", 0, "of the baselines and of the bootstrap", lower_bound=0)
OUTPUT = flags.DEFINE_string("output", None, "folder to write; default: a fresh evaluation* beside the samples")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace an existing --output")


def main():
    if not (SPIKE_METRICS.value or TRUST.value or PATTERNS.value):
        raise InputError("nothing to evaluate", "add --spike_metrics")
    if S_MIN.value is not None and S_MIN.value <= 0:
        raise InputError(f"--s_min={S_MIN.value} is not positive", "give the smallest event in dF/F")
    if NUM_WINDOWS.value is not None and NUM_WINDOWS.value < 2:
        raise InputError(f"--num_windows={NUM_WINDOWS.value} is too few", "take at least two, better a thousand")
    run, data, split, generated = inputs()
    folder = files.output_path(
        "output", OUTPUT.value, pathlib.Path(generated.source).parent / "evaluation", OVERWRITE.value
    )

    if PATTERNS.value:
        count_patterns(data, split, generated, folder)
    if SPIKE_METRICS.value or TRUST.value:
        compare_spikes(run, data, split, generated, folder)


def compare_spikes(run, data, split, generated, folder):
    """Prints the tables and writes the report."""
    with cli.quiet_import():
        from calciumgan_tf.evaluation import comparison, diagnostics, spike_table
        from calciumgan_tf.evaluation import diagnostics_table as trust_table
        from calciumgan_tf.plotting import report

    collected = diagnostics.Collector(data, split) if TRUST.value else None
    evaluation = comparison.evaluate(
        data, split, generated.traces, NUM_WINDOWS.value, S_MIN.value, SEED.value, WINDOW_STRIDE.value, collected
    )
    trust, pictures = None, {}
    if TRUST.value:
        trust = diagnostics.assess(data, split, generated.traces, evaluation, collected, SEED.value)
        pictures = trust_pictures(run, data, generated, trust, evaluation)
    report.write(evaluation, folder, f"{generated.source} against {data.source}", trust, pictures)
    log.info("%s", spike_table.text(evaluation.rows))
    if trust:
        log.info("\n%s", trust_table.text(trust))
    log.info("\nreport: %s", folder / "report.html")


def trust_pictures(run, data, generated, trust, evaluation):
    """Figures of the trust metrics, with the critic's importance map where there is a run."""
    from calciumgan_tf.plotting import diagnostics_figures

    pictures = diagnostics_figures.all_figures(trust, generated.traces, data)
    if run is not None:
        from calciumgan_tf.studies import importance

        critic, scale = importance.restored_critic(run, data)
        sides = {side: evaluation.examples[side] for side in ("recorded", "generated")}
        maps = {side: importance.maps(critic, scale, one.traces[-1:])[0] for side, one in sides.items()}
        spikes = {side: one.spikes[-1] for side, one in sides.items()}
        pictures["importance"] = (
            diagnostics_figures.importance(maps, spikes, data.frame_rate),
            "How much the critic's score depends on each frame and neuron of a recorded and a generated window.",
        )
    return pictures


def count_patterns(data, split, generated, folder):
    """Prints the divergences and writes them with a figure."""
    if data.source != sources.SURROGATE:
        raise InputError(
            f"--patterns needs a known truth, not {data.source}", "train with: --flagfile=configs/surrogate.flags"
        )
    with cli.quiet_import():
        from calciumgan_tf.evaluation import patterns
        from calciumgan_tf.plotting import pattern_figures, style
    from calciumgan_tf.dataset.split import RecordedWindows

    training = RecordedWindows(data.traces, split, split.training, len(split.starts(split.training)))
    found = patterns.compare(generated.traces[: NUM_WINDOWS.value], data, training[:])
    folder.mkdir(parents=True, exist_ok=True)
    files.write_json(folder / "patterns.json", {"windows": found.windows, "divergence_nats": found.divergence})
    style.save(pattern_figures.scatter(found), folder / "patterns.png")
    for name, value in found.divergence.items():
        log.info("%-14s %.5f nats  %6.2f x floor", name, value, value / found.divergence["floor"])
    log.info("Jensen-Shannon divergence from the truth, %d windows; figure: %s", found.windows, folder / "patterns.png")


def inputs():
    """The run or None, the recording, its split, and the samples that the flags name."""
    from calciumgan_tf.dataset import split
    from calciumgan_tf.recordings import readers
    from calciumgan_tf.sampling import samples

    run = None

    if RECORDED.value and not GENERATED.value:
        raise InputError("--recorded without --generated", "name the samples to compare it with")
    if RECORDED.value:
        generated = samples.load(GENERATED.value, FRAME_RATE.value)
        data = readers.read(RECORDED.value, readers.Options(frame_rate=FRAME_RATE.value))
        parts = split.split_frames(data.frames, generated.traces.shape[1], SPLIT.value, data.trial_frames)
    else:
        run = Run.open(CHECKPOINT.value)
        generated = samples.load(GENERATED.value or run.newest_samples(), FRAME_RATE.value)
        data, parts = run.recording(), run.split()
    if abs(data.frame_rate - generated.frame_rate) > 1e-3 * data.frame_rate:
        raise InputError(
            f"the recording has {data.frame_rate:g} Hz, the samples {generated.frame_rate:g} Hz",
            "compare equal frame rates",
        )
    if generated.recording_sha256 not in ("", data.sha256()):
        log.info("note: %s was made from another recording than %s", generated.source, data.source)
    if run is not None and generated.step is not None and generated.step < run.saved_step():
        log.info("note: %s is of step %d, the run is at %d", generated.source, generated.step, run.saved_step())
    if NUM_WINDOWS.value and NUM_WINDOWS.value > len(generated.traces):
        log.info("note: %s has only %d windows", generated.source, len(generated.traces))
    log.info("%d windows of %s against %s", len(generated.traces), generated.source, data.source)
    return run, data, parts, generated


if __name__ == "__main__":
    cli.run(main, {"checkpoint": NEWEST})
