"""Draws synthetic traces from a trained model and streams them to a file.

    python generate.py --checkpoint                                    # from the run started last
    python generate.py --checkpoint=checkpoints/mouse --num_samples=10000
    python generate.py --checkpoint=checkpoints/mouse --seed=7 --output=mouse_7.h5
    python generate.py --checkpoint=checkpoints/mouse --best           # from its best checkpoint, kept by --keep_best
    python generate.py --checkpoint=checkpoints/mouse --spikes --output=mouse.nwb
    python generate.py --checkpoint=checkpoints/mouse --output=mouse_suite2p/
    python generate.py --checkpoint=checkpoints/mouse --num_samples=1000000 --shard=2/8    # on each of eight machines
    python generate.py --checkpoint=checkpoints/mouse --num_samples=1000000 --merge        # then on one of them

The samples file (.h5) holds /traces, float32 (window, frame, neuron) in dF/F; the other formats hold the same windows
one after the other. Window i depends on the seed and i alone.
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
CHECKPOINT = flags.DEFINE_string(
    "checkpoint", NEWEST, "run folder, or folder of a cross-fit; without a value, what was started last"
)
BEST = flags.DEFINE_boolean("best", False, "draw from the best checkpoint, which train.py --keep_best has kept")
NUM_SAMPLES = flags.DEFINE_integer("num_samples", 1000, "windows to draw")
SEED = flags.DEFINE_integer("seed", 0, "of the windows")
SPIKES = flags.DEFINE_boolean(
    "spikes", False, "write inferred spikes as well, and of --model=physiological the events that it made traces from"
)
OUTPUT = flags.DEFINE_string(
    "output",
    None,
    "what to write: .h5, .npy, .mat, .csv or .nwb, or with a / at its end a folder like suite2p's; default: a fresh "
    "samples*.h5 in the run folder",
)
SHARD = flags.DEFINE_string(
    "shard", None, "I/N: make the I-th of N shares of the windows and keep them in the run folder, for --merge"
)
MERGE = flags.DEFINE_boolean("merge", False, "write the windows that all shards have made")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace an existing --output")


def main():
    if NUM_SAMPLES.value < 1:
        raise InputError(f"--num_samples={NUM_SAMPLES.value}", "ask for at least one window")
    if not 0 <= SEED.value <= LARGEST_SEED:
        raise InputError(f"--seed={SEED.value} is out of range", f"take a whole number from 0 to {LARGEST_SEED}")
    part = shard()
    runs = cross_fit.open_runs(CHECKPOINT.value)
    if BEST.value:
        runs = [run.with_best() for run in runs]
    if len(runs) > 1 and OUTPUT.value:
        raise InputError(f"--output={OUTPUT.value} is one file for {len(runs)} folds", "leave it out, or name a fold")
    for run in runs:
        run.trained_generator()
    config = runs[0].config()
    target = formats.format_of(OUTPUT.value or runs[0].samples_file)
    paths = [
        files.output_path("output", OUTPUT.value, run.samples_file, OVERWRITE.value, target.is_ours) for run in runs
    ]

    with quiet.first_import():
        from calciumgan_tf.sampling import sampler

    for run, path in zip(runs, paths):
        sampler.sample(run, path, NUM_SAMPLES.value, SEED.value, SPIKES.value, target, part, MERGE.value)
        if part is not None:
            log.info(
                "shard %s of %d windows is made; once all are: --merge instead of --shard",
                SHARD.value,
                NUM_SAMPLES.value,
            )
            continue
        made = NUM_SAMPLES.value, config.model, run.folder, run.generator_information()["step"], SEED.value, path
        log.info("%d windows of the model %s of %s, step %d, seed %d, in %s", *made)
    if part is not None:
        return
    table = "patterns" if config.data.dataset == sources.SURROGATE else "spike_metrics"
    where = runs[0].folder if len(runs) == 1 else runs[0].folder.parent
    judged = "" if not OUTPUT.value else f" --generated={OUTPUT.value}"
    if judged and not OUTPUT.value.endswith((".h5", ".hdf5")):
        command = f"python generate.py --checkpoint={where} --num_samples={NUM_SAMPLES.value} --seed={SEED.value}"
        log.info("to judge these windows, draw a samples file (.h5) of them: %s", command)
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
