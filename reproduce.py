"""Runs the paper's experiments from nothing and writes its tables and figures.

    python reproduce.py --scale=laptop
    python reproduce.py --scale=laptop --models=calciumgan
    python reproduce.py --scale=laptop --recording=data/mouse.h5
    python reproduce.py --scale=laptop --recording=data/zebrafish.h5 --window_frames=64 --phase_shuffle=3
    python reproduce.py --scale=paper --recording=data/mine.h5
    python reproduce.py --scale=paper --dry_run           # every experiment and what it will cost on this machine

Experiments: dichotomised-Gaussian data with a known ground truth (fitted to the recording's spikes, or the ready-made
synthetic data), the recording, the same without phase shuffle, and the same with windows of 2,048 frames. Each is run
with every model of --models. A reproduction that was stopped resumes with the same command. Any flag of train.py holds
for all models that have it; --scale=paper has the original's (configs/paper.flags), of which models other than
calciumgan take the sizes.
"""

import logging
import pathlib
import re

from absl import flags

from calciumgan_tf import cli, flagfile, quiet
from calciumgan_tf.config import MODELS as KNOWN
from calciumgan_tf.errors import InputError

flagfile.define()
log = logging.getLogger("calciumgan_tf")
SCALE = flags.DEFINE_enum("scale", "laptop", ["laptop", "paper"], "minutes on a laptop, or the original's own size")
MODELS = flags.DEFINE_list("models", ["calciumgan", "physiological"], "trained, each a column of the tables")
RECORDING = flags.DEFINE_string("recording", None, "of any known format; default: the synthetic data stand for it")
OUTPUT = flags.DEFINE_string(
    "output",
    None,
    "folder; an existing reproduction is resumed; default: checkpoints/reproduction-SCALE-RECORDING-MODELS",
)
SEEDS = flags.DEFINE_integer("seeds", 3, "trainings of each experiment, with the seeds 0, 1, ...", lower_bound=1)
NUM_WINDOWS = flags.DEFINE_integer("num_windows", 1000, "generated and compared", lower_bound=5)
DRY_RUN = flags.DEFINE_boolean("dry_run", False, "print experiments, parameters, steps, memory and time, and end")


def main():
    given = flagfile.given()
    instead_of = {"dataset": "--recording", "seed": "--seeds", "max_minutes": "--steps", "model": "--models"}
    for name, instead in instead_of.items():
        if name in given:
            raise InputError(f"--{name} is not a flag of reproduce.py", f"use {instead}")
    models = list(dict.fromkeys(MODELS.value))
    if not models or set(models) - set(KNOWN):
        raise InputError(f"--models={','.join(models)} has to name models", f"choose among {', '.join(KNOWN)}")
    with quiet.first_import():  # TensorFlow
        from calciumgan_tf.reproduction import plan, reproduce
        from calciumgan_tf.training.distribution import make_strategy

        strategy = make_strategy(given.get("virtual_devices", 1))
    experiments = plan.experiments(models, SCALE.value, given, RECORDING.value)
    if DRY_RUN.value:
        return reproduce.dry_run(experiments, SEEDS.value, strategy)
    recording = re.sub(r"[^\w.-]+", "_", pathlib.Path(RECORDING.value or "synthetic").stem)
    root = OUTPUT.value or f"checkpoints/reproduction-{SCALE.value}-{recording}-{'-'.join(models)}"
    try:
        written = reproduce.reproduce(root, experiments, SEEDS.value, NUM_WINDOWS.value, strategy)
    except KeyboardInterrupt:
        log.info("stopped; the same command resumes it")
        return 130
    log.info("\ntables: %s", written)
    return 0


if __name__ == "__main__":
    cli.run(main)
