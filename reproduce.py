"""Runs the paper's experiments from nothing and writes its tables and figures.

    python reproduce.py --scale=laptop
    python reproduce.py --scale=laptop --recording=data/mouse.h5
    python reproduce.py --scale=laptop --recording=data/zebrafish.h5 --window_frames=128 --phase_shuffle=7
    python reproduce.py --scale=paper --recording=data/mine.h5
    python reproduce.py --scale=paper --dry_run           # every experiment and what it will cost on this machine

Experiments: dichotomised-Gaussian data with a known truth (fitted to the recording's spikes, or the ready-made
synthetic data), the recording, and the same without phase shuffle. The same command goes on where it was stopped.
Any flag of train.py holds for all trainings; --scale=paper takes the original's (configs/paper.flags).
"""

import logging
import pathlib
import re

from absl import flags

from calciumgan_tf import cli
from calciumgan_tf.config import Config
from calciumgan_tf.errors import InputError

cli.define_flags(Config)
log = logging.getLogger("calciumgan_tf")
SCALE = flags.DEFINE_enum("scale", "laptop", ["laptop", "paper"], "minutes on a laptop, or the original's own size")
RECORDING = flags.DEFINE_string("recording", None, "of any known format; default: the synthetic data stand for it")
OUTPUT = flags.DEFINE_string(
    "output", None, "folder; an existing one is gone on with; default: checkpoints/reproduction-, scale and recording"
)
SEEDS = flags.DEFINE_integer("seeds", 3, "trainings of each experiment, with the seeds 0, 1, ...", lower_bound=1)
NUM_WINDOWS = flags.DEFINE_integer("num_windows", 1000, "generated and compared", lower_bound=5)
DRY_RUN = flags.DEFINE_boolean("dry_run", False, "print experiments, parameters, steps, memory and time, and end")


def main():
    given = cli.given_flags(Config)
    for name, instead in (("dataset", "--recording"), ("seed", "--seeds"), ("max_minutes", "--steps")):
        if name in given:
            raise InputError(f"--{name} does not go with reproduce.py", f"use {instead}")
    with cli.quiet_import():
        from calciumgan_tf.reproduction import plan, reproduce
    experiments = plan.experiments(plan.scale_flags(SCALE.value, given), RECORDING.value)
    if DRY_RUN.value:
        return reproduce.dry_run(experiments, SEEDS.value)
    name = re.sub(r"[^\w.-]+", "_", pathlib.Path(RECORDING.value or "synthetic").stem)
    root = OUTPUT.value or f"checkpoints/reproduction-{SCALE.value}-{name}"
    try:
        written = reproduce.reproduce(root, experiments, SEEDS.value, NUM_WINDOWS.value)
    except KeyboardInterrupt:
        log.info("stopped; the same command goes on")
        return 130
    log.info("\ntables: %s", written)
    return 0


if __name__ == "__main__":
    cli.run(main)
