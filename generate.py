"""Draws synthetic traces from a trained model and streams them to an HDF5 file.

    python generate.py --checkpoint                                    # from the run started last
    python generate.py --checkpoint=checkpoints/mouse --num_samples=10000
    python generate.py --checkpoint=checkpoints/mouse --seed=7 --output=mouse_7.h5

The file holds /traces, float32 (window, frame, neuron) in dF/F. Window i depends on the seed and i alone.
"""

import logging

from absl import flags

from calciumgan_tf import cli, files
from calciumgan_tf.dataset import sources
from calciumgan_tf.errors import InputError
from calciumgan_tf.options import LARGEST_SEED
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.run import NEWEST, Run

log = logging.getLogger("calciumgan_tf")
CHECKPOINT = flags.DEFINE_string("checkpoint", NEWEST, "run folder; without a value, the run started last")
NUM_SAMPLES = flags.DEFINE_integer("num_samples", 1000, "windows to draw")
SEED = flags.DEFINE_integer("seed", 0, "of the windows")
OUTPUT = flags.DEFINE_string("output", None, "file to write; default: a fresh samples*.h5 in the run folder")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace an existing --output")


def main():
    if NUM_SAMPLES.value < 1:
        raise InputError(f"--num_samples={NUM_SAMPLES.value}", "ask for at least one window")
    if not 0 <= SEED.value <= LARGEST_SEED:
        raise InputError(f"--seed={SEED.value} is out of range", f"take a whole number from 0 to {LARGEST_SEED}")
    run = Run.open(CHECKPOINT.value)
    run.trained_generator()
    config = run.config()
    path = files.output_path("output", OUTPUT.value, run.samples_file, OVERWRITE.value, samples.is_samples)

    with cli.quiet_import():
        from calciumgan_tf.sampling import sampler

    sampler.sample(run, path, NUM_SAMPLES.value, SEED.value)
    log.info(
        "%d windows of the model %s in %s; next: python evaluate.py --%s --checkpoint=%s",
        NUM_SAMPLES.value,
        config.model,
        path,
        "patterns" if config.data.dataset == sources.SURROGATE else "spike_metrics",
        run.folder,
    )


if __name__ == "__main__":
    cli.run(main, {"checkpoint": NEWEST})
