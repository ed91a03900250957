"""Runs the paper's experiments from nothing and writes its tables and figures.

    python reproduce.py --scale=laptop
    python reproduce.py --scale=laptop --recording=data/mouse.h5
    python reproduce.py --scale=laptop --recording=data/mouse.h5 --model=physiological
    python reproduce.py --scale=laptop --recording=data/zebrafish.h5 --window_frames=128 --phase_shuffle=7
    python reproduce.py --scale=paper --recording=data/mine.h5
    python reproduce.py --scale=paper --dry_run           # every experiment and what it will cost on this machine

Experiments: dichotomised-Gaussian data with a known ground truth (fitted to the recording's spikes, or the ready-made
synthetic data), the recording, and the same without phase shuffle. A reproduction that was stopped resumes with the
same command. Any flag of train.py holds for all trainings; --scale=paper has the original's (configs/paper.flags).
"""

import logging
import pathlib
import re

from absl import flags

from calciumgan_tf import cli, flagfile
from calciumgan_tf.errors import InputError

flagfile.define()
log = logging.getLogger("calciumgan_tf")
SCALE = flags.DEFINE_enum("scale", "laptop", ["laptop", "paper"], "minutes on a laptop, or the original's own size")
RECORDING = flags.DEFINE_string("recording", None, "of any known format; default: the synthetic data stand for it")
OUTPUT = flags.DEFINE_string(
    "output",
    None,
    "folder; an existing reproduction is resumed; default: checkpoints/reproduction-SCALE-RECORDING-MODEL",
)
SEEDS = flags.DEFINE_integer("seeds", 3, "trainings of each experiment, with the seeds 0, 1, ...", lower_bound=1)
NUM_WINDOWS = flags.DEFINE_integer("num_windows", 1000, "generated and compared", lower_bound=5)
DRY_RUN = flags.DEFINE_boolean("dry_run", False, "print experiments, parameters, steps, memory and time, and end")


def main():
    given = flagfile.given()
    for name, instead in (("dataset", "--recording"), ("seed", "--seeds"), ("max_minutes", "--steps")):
        if name in given:
            raise InputError(f"--{name} is not a flag of reproduce.py", f"use {instead}")
    with cli.quiet_import():  # TensorFlow
        from calciumgan_tf.reproduction import plan, reproduce
        from calciumgan_tf.training.distribution import make_strategy

        strategy = make_strategy(given.get("virtual_devices", 1))
    experiments = plan.experiments(plan.scale_flags(SCALE.value, given), RECORDING.value)
    if DRY_RUN.value:
        return reproduce.dry_run(experiments, SEEDS.value, strategy)
    recording = re.sub(r"[^\w.-]+", "_", pathlib.Path(RECORDING.value or "synthetic").stem)
    model = experiments[0].config.model
    root = OUTPUT.value or f"checkpoints/reproduction-{SCALE.value}-{recording}-{model}"
    try:
        written = reproduce.reproduce(root, experiments, SEEDS.value, NUM_WINDOWS.value, strategy)
    except KeyboardInterrupt:
        log.info("stopped; the same command resumes it")
        return 130
    log.info("\ntables: %s", written)
    return 0


if __name__ == "__main__":
    cli.run(main)
