"""Compares generated traces with the held-out part of a recording.

    python evaluate.py --spike_metrics                                      # the run started last, its newest samples
    python evaluate.py --spike_metrics --checkpoint=checkpoints/mouse
    python evaluate.py --spike_metrics --recorded=data/mouse.h5 --generated=samples_of_any_model.h5
    python evaluate.py --spike_metrics --recorded=a.npy --generated=b.npy --frame_rate=30
    python evaluate.py --diagnostics                                        # spike metrics and all others
    python evaluate.py --diagnostics --checkpoint=checkpoints/a --checkpoint=checkpoints/b    # several runs, pooled
    python evaluate.py --patterns                                           # a run with --dataset=surrogate
    python evaluate.py --session                                            # of generate.py --minutes=60
    python evaluate.py --conditions                                         # a run with --condition=stimulus

Prints a table of spike metrics beside those of the recording's own training part and of baselines. Writes metrics.json,
table.txt, figures and report.html. --diagnostics adds a table of further rows, such as classifiers, spectra and
correlations, with a verdict for each, and a test for copies; for a run, also the frames and neurons that the critic's
score depends on. --session says of a session whether it has seams, and compares what lasts longer than a window.
--conditions compares tuning curves, responses, correlations and decoders of the conditions that a model was given.
"""

import logging
import pathlib

import numpy as np
from absl import flags

from calciumgan_tf import cli, files, quiet
from calciumgan_tf.dataset import sources
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import output
from calciumgan_tf.options import LARGEST_SEED
from calciumgan_tf.training import cross_fit
from calciumgan_tf.training.run import NEWEST

log = logging.getLogger("calciumgan_tf")
SPIKE_METRICS = flags.DEFINE_boolean(
    "spike_metrics", False, "firing rates, correlations, van Rossum distances, inter-spike intervals"
)
DIAGNOSTICS = flags.DEFINE_boolean(
    "diagnostics",
    False,
    "the spike metrics, and classifiers, spectra, correlations and others with verdicts",
)
PATTERNS = flags.DEFINE_boolean(
    "patterns", False, "probability of every spike pattern, of a run with --dataset=surrogate"
)
SESSION = flags.DEFINE_boolean("session", False, "seams of a session, and what lasts longer than a window")
CONDITIONS = flags.DEFINE_boolean(
    "conditions", False, "tuning, responses, correlations and decoders, of a run with --condition"
)
CHECKPOINT = flags.DEFINE_multi_string(
    "checkpoint",
    [NEWEST],
    "run folder; without a value, the run started last; --diagnostics pools several runs, and the folds of a cross-fit",
)
RECORDED = flags.DEFINE_string(
    "recorded", None, "a recording of any known format, instead of a run's own; needs --generated"
)
GENERATED = flags.DEFINE_string(
    "generated", None, "samples (.h5, or .npy of (window, frame, neuron)), instead of the run's newest"
)
FRAME_RATE = flags.DEFINE_float("frame_rate", None, "Hz, of files that do not hold it", lower_bound=0)
S_MIN = flags.DEFINE_float(
    "s_min",
    None,
    "smallest event, dF/F; default: the recording's own, else estimated for each neuron",
)
SPLIT = flags.DEFINE_enum("split", "auto", ["auto", "blocks", "end"], "held-out part of --recorded")
NUM_WINDOWS = flags.DEFINE_integer("num_windows", None, "windows of each set; default: as many as were generated")
WINDOW_STRIDE = flags.DEFINE_integer(
    "window_stride", 1, "recorded windows start at multiples of so many frames (the original's: 2)", lower_bound=1
)
SEED = flags.DEFINE_integer(
    "seed", 0, "of the baselines, the bootstrap and the tests", lower_bound=0, upper_bound=LARGEST_SEED
)
OUTPUT = flags.DEFINE_string("output", None, "folder to write; default: a fresh evaluation* beside the samples")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace an earlier evaluation in --output")


def main():
    check_flags()
    runs = [] if RECORDED.value else [run for path in CHECKPOINT.value for run in cross_fit.open_runs(path)]
    if len(runs) > 1:
        pool(runs)
        return
    if SESSION.value or CONDITIONS.value:
        judge(*runs)
        return
    run, data, recording, split, generated = inputs(*runs)
    folder = output_folder(pathlib.Path(generated.source).parent)
    title = f"{generated.model or 'unknown model'}: {generated.source} against {recording.source}"
    log.info("%s, %d windows", title, windows_in(generated))

    patterns = count_patterns(recording, split, generated) if PATTERNS.value else None
    evaluation = compare(recording, split, generated) if SPIKE_METRICS.value or DIAGNOSTICS.value else None
    with files.replacing_folder(folder) as partial:
        if patterns is not None:
            write_patterns(patterns, generated, recording, partial)
        if evaluation is not None:
            write_report(evaluation, run, data, recording, generated, partial, title)
    log.info("\nreport: %s", folder / (output.PATTERNS if evaluation is None else output.REPORT))


def check_flags():
    """Refuses values that make no sense, and flags that would have no effect."""
    spikes = SPIKE_METRICS.value or DIAGNOSTICS.value
    alone = "session" if SESSION.value else "conditions" if CONDITIONS.value else ""
    others = ("spike_metrics", "diagnostics", "patterns", "recorded", "conditions")
    other = next((name for name in others if flags.FLAGS[name].value and name != alone), None)
    if alone and other:
        raise InputError(f"--{alone} together with --{other}", "leave one of them out")
    if not (spikes or PATTERNS.value or alone):
        raise InputError("nothing to evaluate", "add --spike_metrics")
    if S_MIN.value is not None and S_MIN.value <= 0:
        raise InputError(f"--s_min={S_MIN.value} is not positive", "give the smallest event in dF/F")
    if NUM_WINDOWS.value is not None and NUM_WINDOWS.value < 2:
        raise InputError(f"--num_windows={NUM_WINDOWS.value} is too few", "take at least two, better a thousand")
    if RECORDED.value and not GENERATED.value:
        raise InputError("--recorded without --generated", "name the samples to compare it with")
    of_file = RECORDED.value or (GENERATED.value or "").endswith(".npy")
    table = f"on --{alone or 'patterns'}"
    ignored = {
        "checkpoint": (RECORDED.value, "with --recorded"),
        "split": (not RECORDED.value, "without --recorded, since a run keeps its own split"),
        "frame_rate": (not of_file, "here, since the run and its samples hold their frame rate"),
        "s_min": (not spikes, table),
        "num_windows": (alone, table),
        "window_stride": (not spikes, table),
        "seed": (PATTERNS.value and not spikes, "on --patterns"),
        "overwrite": (not OUTPUT.value, "without --output"),
    }
    for name, (without_effect, when) in ignored.items():
        if flags.FLAGS[name].present and without_effect:
            raise InputError(f"--{name} has no effect {when}", "leave it out")


def output_folder(beside):
    """Where the evaluation is written: --output, or a fresh folder in `beside`."""
    default = beside / "evaluation"
    return files.output_path("output", OUTPUT.value, default, OVERWRITE.value, output.is_replaceable)


def pool(runs):
    """Diagnoses several runs of one recording together.

    Raises:
      InputError: another table than the diagnosis, or runs that are not to be pooled.
    """
    from calciumgan_tf.sampling import samples

    if not DIAGNOSTICS.value or PATTERNS.value or SPIKE_METRICS.value:
        raise InputError(f"{len(runs)} runs are pooled by --diagnostics alone", "name a single run, or --diagnostics")
    for name in ("generated", "window_stride"):
        if flags.FLAGS[name].present:
            raise InputError(f"--{name} has no effect on several runs", "leave it out")
    with quiet.first_import():
        from calciumgan_tf.evaluation import pooled, tables
    from calciumgan_tf.plotting import report

    configs = [run.config() for run in runs]
    pooled.check_runs(
        [run.folder for run in runs],
        [config.model for config in configs],
        [run.settings()["recording"]["sha256"] for run in runs],
        [config.data.window_frames for config in configs],
    )
    frames = configs[0].data.window_frames
    generated = [samples.load(run.newest_samples()).in_windows(frames) for run in runs]
    folder = output_folder(runs[0].folder.parent)
    recording = runs[0].training_data().recording
    splits = [run.training_data().split for run in runs]  # one recording in memory at a time
    for run, of_run in zip(runs, generated):
        note_older_samples(run, of_run)
    count = min(*map(windows_in, generated), *([NUM_WINDOWS.value] if NUM_WINDOWS.value else []))
    members = list(zip(splits, generated))
    evaluation = pooled.compare(recording, members, count, seed=SEED.value, s_min=S_MIN.value)
    title = f"{configs[0].model}: {len(runs)} runs against {recording.source}"
    report.write(evaluation, folder, title)
    log.info("\n%s\n\nreport: %s", tables.text(evaluation), folder / output.REPORT)


def judge(run):
    """Judges a session, or the conditions of samples: prints what was found and writes it, with a figure."""
    from calciumgan_tf.plotting import style
    from calciumgan_tf.sampling import samples

    data = run.training_data()
    generated = samples.load(GENERATED.value or run.newest_samples(), FRAME_RATE.value)
    check_frame_rate(data.recording, generated)
    note_older_samples(run, generated)
    folder = output_folder(pathlib.Path(generated.source).parent)
    found, name, drawings = (of_session if SESSION.value else of_conditions)(run, data, generated)
    log.info("%s: %s against %s\n\n%s", generated.model, generated.source, data.recording.source, found.text())
    settings = {"model": generated.model, "samples": generated.source, "recording": data.recording.source}
    with files.replacing_folder(folder) as partial:
        files.write_json(partial / name, output.header() | {"settings": settings} | found.to_json())
        (partial / output.TABLE).write_text(found.text() + "\n", encoding="utf-8")
        for figure, drawing in drawings.items():
            style.name_model(drawing, generated.model)
            style.save(drawing, partial / figure)
    log.info("\nreport: %s", folder / next(iter(drawings), output.TABLE))


def of_session(run, data, generated):
    """What was found of a session, the file for it, and figures {file: figure}."""
    with quiet.first_import():
        from calciumgan_tf.evaluation.sessions import judged
        from calciumgan_tf.plotting import session_figures
        from calciumgan_tf.sampling import sampler

    conditions = sampler.RECORDED if generated.conditions is None else generated.conditions[:]
    followed = sampler.conditions_of(run, conditions)
    windows = np.concatenate(list(sampler.windows(sampler.load_generator(run), judged.WINDOWS, SEED.value, followed)))
    found, frames = judged.judge(generated, data.recording, windows, SEED.value), data.split.window_frames
    drawing = session_figures.session(found.recorded, generated.traces, frames, data.recording.frame_rate)
    return found, output.SESSION, {"session.png": drawing}


def of_conditions(_, data, generated):
    """The same of the conditions of samples."""
    with quiet.first_import():
        from calciumgan_tf.evaluation.conditions import judged
    from calciumgan_tf.plotting import condition_figures

    found = judged.judge(generated, data.recording, data.split, SEED.value)
    return found, output.CONDITIONS, condition_figures.all_figures(found, data.recording)


def inputs(run=None):
    """The run and its data (or None and None), the recording, its split, and the samples that the flags name."""
    from calciumgan_tf.dataset import split
    from calciumgan_tf.recordings import readers
    from calciumgan_tf.recordings.contents import Options
    from calciumgan_tf.sampling import samples

    data = None
    if RECORDED.value:
        generated = samples.load(GENERATED.value, FRAME_RATE.value)
        recording = readers.read(RECORDED.value, Options(frame_rate=FRAME_RATE.value))
        if len(generated.traces.shape) != 3:
            raise InputError(
                f"{generated.source} has shape {generated.traces.shape}",
                "samples are (window, frame, neuron); a session is judged with --checkpoint",
            )
        parts = split.split_frames(
            recording.frames, generated.traces.shape[1], SPLIT.value, recording.trial_frames, joins=recording.joins
        )
    else:
        data = run.training_data()
        generated = samples.load(GENERATED.value or run.newest_samples(), FRAME_RATE.value)
        generated = generated.in_windows(data.split.window_frames)
        recording, parts = data.recording, data.split
    check_frame_rate(recording, generated)
    if generated.recording_sha256 not in ("", recording.sha256()):
        log.info("note: %s was made from another recording than %s", generated.source, recording.source)
    if run is not None:
        note_older_samples(run, generated)
    if NUM_WINDOWS.value and NUM_WINDOWS.value > windows_in(generated):
        log.info("note: %s has only %d windows", generated.source, windows_in(generated))
    return run, data, recording, parts, generated


def check_frame_rate(recording, generated):
    """Refuses samples of another frame rate than the recording's."""
    if abs(recording.frame_rate - generated.frame_rate) > 1e-3 * recording.frame_rate:
        raise InputError(
            f"the recording has {recording.frame_rate:g} Hz, the samples {generated.frame_rate:g} Hz",
            "compare equal frame rates",
        )


def note_older_samples(run, generated):
    """Prints a note where the run was trained further after its samples were drawn."""
    if generated.step is not None and generated.step < run.saved_step():
        log.info("note: %s is of step %d, the run is at %d", generated.source, generated.step, run.saved_step())


def windows_in(generated):
    """Number of generated windows."""
    return generated.traces.shape[0]


def compare(recording, split, generated):
    """The reference.Evaluation of the generated windows."""
    with quiet.first_import():
        from calciumgan_tf.evaluation.reference import Reference

    reference = Reference.fit(
        recording,
        split,
        min(NUM_WINDOWS.value or windows_in(generated), windows_in(generated)),
        seed=SEED.value,
        s_min=S_MIN.value,
        window_stride=WINDOW_STRIDE.value,
        diagnostics=DIAGNOSTICS.value,
    )
    made = {"model": generated.model, "source": generated.source, "step": generated.step}
    return reference.compare(generated.traces, **made)


def write_report(evaluation, run, data, recording, generated, folder, title):
    """Writes an evaluation into `folder` and prints its tables."""
    from calciumgan_tf.evaluation import tables
    from calciumgan_tf.plotting import diagnostic_figures, report

    further = {}
    if DIAGNOSTICS.value:
        further = diagnostic_figures.all_figures(evaluation, generated.traces, recording)
        if run is not None and generated.model == run.config().model:
            further["importance"] = importance(run, data, evaluation)
    report.write_files(evaluation, folder, title, further)
    log.info("\n%s", tables.text(evaluation))


def importance(run, data, evaluation):
    """The figure of the critic's importance maps, and its caption."""
    from calciumgan_tf.plotting import diagnostic_figures
    from calciumgan_tf.studies import importance

    critic, sides = importance.restored_critic(run, data), evaluation.examples.items()
    maps = {side: importance.maps(critic, data.scaling, windows.traces[-1:])[0] for side, windows in sides}
    spikes = {side: windows.spikes[-1] for side, windows in sides}
    shown = " where nothing is shown and continuous conditions are at their mean" if data.coding else ""
    return (
        diagnostic_figures.importance(maps, spikes, data.recording.frame_rate, data.recording.neuron_ids),
        f"How much the score of the critic of {run.folder} depends on each frame and neuron of a recorded and a "
        f"generated window{shown}.",
    )


def count_patterns(recording, split, generated):
    """The patterns.Patterns of the generated windows.

    Raises:
      InputError: the recording is not that of the surrogate experiment.
    """
    if recording.source != sources.SURROGATE:
        raise InputError(
            f"--patterns needs a known truth, not {recording.source}", "train with: --flagfile=configs/surrogate.flags"
        )
    with quiet.first_import():
        from calciumgan_tf.evaluation import patterns
    from calciumgan_tf.dataset.windows import FirstWindows, RecordedWindows

    training = RecordedWindows(recording.traces, split, split.training, len(split.starts(split.training)))
    count = min(NUM_WINDOWS.value or windows_in(generated), windows_in(generated))
    return patterns.compare(FirstWindows(generated.traces, count)[:], recording, training[:])


def write_patterns(patterns, generated, recording, folder):
    """Writes the divergences of the spike patterns into `folder`, with a figure, and prints them."""
    from calciumgan_tf.plotting import pattern_figures, style

    settings = {"model": generated.model, "samples": generated.source, "recording": recording.source}
    values = output.header() | {"settings": settings | {"windows": patterns.windows}}
    files.write_json(folder / output.PATTERNS, values | {"divergence_nats": patterns.divergence})
    drawing = pattern_figures.scatter(patterns)
    style.name_model(drawing, generated.model)
    style.save(drawing, folder / "patterns.png")
    log.info("Jensen-Shannon divergence of the spike patterns from the truth:")
    for name, value in patterns.divergence.items():
        log.info("%-14s %.5f nats  %6.2f x floor", name, value, value / patterns.divergence["floor"])


if __name__ == "__main__":
    cli.run(main, {"checkpoint": NEWEST})
