"""Runs the paper's experiments from nothing and writes its tables and figures.

    python reproduce.py --scale=laptop
    python reproduce.py --scale=laptop --models=calciumgan
    python reproduce.py --scale=laptop --recording=data/mouse.h5
    python reproduce.py --scale=laptop --recording=data/zebrafish.h5 --window_frames=64 --phase_shuffle=3
    python reproduce.py --scale=paper --recording=data/mine.h5
    python reproduce.py --scale=paper --dry_run           # every experiment and what it will cost on this machine
    python reproduce.py --experiment=augmentation         # do generated windows help who has little data?

Experiments: dichotomised-Gaussian data with a known ground truth (fitted to the recording's spikes, or the ready-made
synthetic data), the recording, the same without phase shuffle, and the same with windows of 2,048 frames. Each is run
with every model of --models. A reproduction that was stopped resumes with the same command. Any flag of train.py holds
for all models that have it; --scale=paper has the original's (configs/paper.flags), of which models other than
calciumgan take the sizes.

--experiment=augmentation trains the model physiological on the first 10, 25, 50 and 100 % of the training part, and
compares decoders and correlations that are learned from it with generated windows, without, and with classical
augmentation; without a --recording, of --dataset=synthetic_tuned.
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
EXPERIMENT = flags.DEFINE_enum(
    "experiment", "paper", ["paper", "augmentation"], "the paper's, or how useful generated windows are as data"
)
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
    if EXPERIMENT.value == "augmentation":
        return augmentation(given)
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
    root = output("reproduction", "synthetic", models)
    return written(lambda: reproduce.reproduce(root, experiments, SEEDS.value, NUM_WINDOWS.value, strategy))


def augmentation(given):
    """--experiment=augmentation; {flag: value} of the options that were given."""
    for name in ("models", "num_windows"):
        if flags.FLAGS[name].present:
            raise InputError(f"--{name} is not a flag of --experiment=augmentation", "leave it out")
    with quiet.first_import():  # TensorFlow
        from calciumgan_tf.reproduction import reproduce
        from calciumgan_tf.reproduction.augmentation import experiment
        from calciumgan_tf.training.distribution import make_strategy

        strategy = make_strategy(given.get("virtual_devices", 1))
    shares = experiment.experiments(SCALE.value, given, RECORDING.value)
    if DRY_RUN.value:
        return reproduce.dry_run(list(shares.values()), SEEDS.value, strategy)
    root = output("augmentation", "synthetic_tuned", [experiment.MODEL])
    return written(lambda: experiment.run(root, shares, SEEDS.value, strategy))


def output(kind, made, models):
    """The folder of --output, or one named after what is done; `made` stands for the recording without --recording."""
    recording = re.sub(r"[^\w.-]+", "_", pathlib.Path(RECORDING.value or made).stem)
    return OUTPUT.value or f"checkpoints/{kind}-{SCALE.value}-{recording}-{'-'.join(models)}"


def written(work):
    """Does the work, which returns the path of its tables, and says where they are; returns the status."""
    try:
        tables = work()
    except KeyboardInterrupt:
        log.info("stopped; the same command resumes it")
        return 130
    log.info("\ntables: %s", tables)
    return 0


if __name__ == "__main__":
    cli.run(main)
