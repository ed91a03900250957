"""Draws synthetic traces from a trained model, windows or one continuous session, and streams them to a file.

    python generate.py --checkpoint                                    # from the run started last
    python generate.py --checkpoint=checkpoints/mouse --num_samples=10000
    python generate.py --checkpoint=checkpoints/mouse --seed=7 --output=mouse_7.h5
    python generate.py --checkpoint=checkpoints/mouse --best           # from its best checkpoint, kept by --keep_best
    python generate.py --checkpoint=checkpoints/mouse --minutes=30 --output=mouse.nwb        # a session without seams
    python generate.py --checkpoint=checkpoints/mouse --frames=5000 --start_frame=54000       # which goes on
    python generate.py --checkpoint=checkpoints/mouse --spikes --output=mouse.nwb
    python generate.py --checkpoint=checkpoints/tuned --minutes=10 --conditions=protocol.csv   # follows these stimuli
    python generate.py --checkpoint=checkpoints/mouse --output=mouse_suite2p/
    python generate.py --checkpoint=checkpoints/mouse --num_samples=1000000 --shard=2/8    # on each of eight machines
    python generate.py --checkpoint=checkpoints/mouse --num_samples=1000000 --merge        # then on one of them

The samples file (.h5) holds /traces in dF/F, float32 (window, frame, neuron), or (frame, neuron) of a session; in some
of the other formats windows follow each other. Window or frame i depends on the seed and i alone.
An interrupted command goes on where it stopped if it is given again. Of a cross-fit, every fold gets a file.
"""

import logging

from absl import flags

from calciumgan_tf import cli, files, quiet
from calciumgan_tf.dataset import sources
from calciumgan_tf.errors import InputError
from calciumgan_tf.options import LARGEST_SEED
from calciumgan_tf.sampling import formats
from calciumgan_tf.training import cross_fit
from calciumgan_tf.training.run import NEWEST

log = logging.getLogger("calciumgan_tf")
LARGEST_FRAME = 2_000_000_000  # blocks of noise are numbered by 32 bits
CHECKPOINT = flags.DEFINE_string(
    "checkpoint", NEWEST, "run folder, or folder of a cross-fit; without a value, what was started last"
)
BEST = flags.DEFINE_boolean("best", False, "draw from the best checkpoint, which train.py --keep_best has kept")
NUM_SAMPLES = flags.DEFINE_integer("num_samples", 1000, "windows to draw")
MINUTES = flags.DEFINE_float("minutes", None, "draw a session so long instead of windows")
FRAMES = flags.DEFINE_integer("frames", None, "draw a session of so many frames instead of windows")
START_FRAME = flags.DEFINE_integer("start_frame", 0, "first frame of the session, to go on with one that was drawn")
SEED = flags.DEFINE_integer("seed", 0, "of the windows or the session")
SPIKES = flags.DEFINE_boolean(
    "spikes", False, "write inferred spikes as well, and of --model=physiological the events that it made traces from"
)
CONDITIONS = flags.DEFINE_string(
    "conditions",
    "recorded",
    "what a model follows that was trained with --condition: the recording's own conditions, or a file (.csv, .txt or "
    ".npy) with a row a frame and a column a condition; it starts again at its end",
)
OUTPUT = flags.DEFINE_string(
    "output",
    None,
    "what to write: .h5, .npy, .mat, .csv or .nwb, or with a / at its end a folder like suite2p's; default: a fresh "
    "samples*.h5 in the run folder",
)
SHARD = flags.DEFINE_string(
    "shard", None, "I/N: make the I-th of N shares of what is drawn and keep it in the run folder, for --merge"
)
MERGE = flags.DEFINE_boolean("merge", False, "write what all shards have made")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace an existing --output")


def main():
    check_flags()
    part = shard()
    runs = cross_fit.open_runs(CHECKPOINT.value)
    if BEST.value:
        runs = [run.with_best() for run in runs]
    if len(runs) > 1 and OUTPUT.value:
        raise InputError(f"--output={OUTPUT.value} is one file for {len(runs)} folds", "leave it out, or name a fold")
    for run in runs:
        run.trained_generator()
    counts = [frames(run) if is_session() else NUM_SAMPLES.value for run in runs]
    config = runs[0].config()
    target = formats.format_of(OUTPUT.value or runs[0].samples_file)
    paths = [
        files.output_path("output", OUTPUT.value, run.samples_file, OVERWRITE.value, target.is_ours) for run in runs
    ]

    with quiet.first_import():
        from calciumgan_tf.sampling import sampler

    for run, path, count in zip(runs, paths, counts):
        asked = count, SEED.value, SPIKES.value, is_session(), START_FRAME.value, CONDITIONS.value
        request = sampler.Request(*asked)
        sampler.sample(run, path, request, target, part, MERGE.value)
        what = f"{count} windows" if not is_session() else f"a session of {count} frames from {START_FRAME.value} on"
        if part is not None:
            log.info("shard %s of %s is made; once all are: --merge instead of --shard", SHARD.value, what)
            continue
        made = what, config.model, run.folder, run.generator_information()["step"], SEED.value, path
        log.info("%s of the model %s of %s, step %d, seed %d, in %s", *made)
    if part is None:
        say_next(runs, config)


def is_session():
    """Whether a session is asked for."""
    return MINUTES.value is not None or FRAMES.value is not None


def frames(run):
    """Frames of the session."""
    count = FRAMES.value
    if count is None:
        count = max(1, round(60 * MINUTES.value * run.settings()["recording"]["frame_rate"]))
    if START_FRAME.value + count > LARGEST_FRAME:
        raise InputError(f"the session would end at frame {START_FRAME.value + count}", f"{LARGEST_FRAME} is the last")
    return count


def check_flags():
    """Refuses values that make no sense, and flags that would have no effect."""
    if NUM_SAMPLES.value < 1:
        raise InputError(f"--num_samples={NUM_SAMPLES.value}", "ask for at least one window")
    if not 0 <= SEED.value <= LARGEST_SEED:
        raise InputError(f"--seed={SEED.value} is out of range", f"take a whole number from 0 to {LARGEST_SEED}")
    if MINUTES.value is not None and FRAMES.value is not None:
        raise InputError("--minutes and --frames", "give one of them")
    if FRAMES.value is not None and FRAMES.value < 1:
        raise InputError(f"--frames={FRAMES.value}", "ask for at least one frame")
    if MINUTES.value is not None and not 0 < MINUTES.value < float("inf"):
        raise InputError(f"--minutes={MINUTES.value:g}", "ask for a session of more than 0 minutes")
    if START_FRAME.value < 0:
        raise InputError(f"--start_frame={START_FRAME.value}", "take a frame from 0 on")
    if START_FRAME.value and not is_session():
        raise InputError("--start_frame has no effect on windows", "add --minutes or --frames")
    if is_session() and flags.FLAGS["num_samples"].present:
        raise InputError("--num_samples has no effect on a session", "leave it out")


def say_next(runs, config):
    """Names the command that judges what was drawn."""
    table = "patterns" if config.data.dataset == sources.SURROGATE else "session" if is_session() else "spike_metrics"
    where = runs[0].folder if len(runs) == 1 else runs[0].folder.parent
    judged = "" if not OUTPUT.value else f" --generated={OUTPUT.value}"
    if judged and not OUTPUT.value.endswith((".h5", ".hdf5")):
        asked = " ".join(
            f"--{name}={flags.FLAGS[name].value}"
            for name in ("num_samples", "minutes", "frames", "start_frame", "seed")
            if flags.FLAGS[name].present
        )
        log.info("to judge this model, draw a samples file (.h5): python generate.py --checkpoint=%s %s", where, asked)
        return
    table = table if len(runs) == 1 else "diagnostics"
    log.info("next: python evaluate.py --%s --checkpoint=%s%s", table, where, judged)


def shard():
    """(number from 0 on, of how many) of --shard, None without it."""
    if SHARD.value is None:
        return None
    number, _, shards = SHARD.value.partition("/")
    if not (number.isdigit() and shards.isdigit() and 1 <= int(number) <= int(shards)):
        raise InputError(f"--shard={SHARD.value} is no share", "write --shard=1/4 to --shard=4/4")
    if MERGE.value or OUTPUT.value:
        raise InputError(f"--shard={SHARD.value} writes no file", "leave --merge and --output to the last command")
    return int(number) - 1, int(shards)


if __name__ == "__main__":
    cli.run(main, {"checkpoint": NEWEST})
