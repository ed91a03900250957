"""Trains CalciumGAN on a recording.

    python train.py --dataset=synthetic
    python train.py --dataset=data/mouse.h5 --max_minutes=10
    python train.py --dataset=suite2p/plane0 --frame_rate=30.4 --run=checkpoints/mouse
    python train.py --resume                              # the run started last, from its newest checkpoint
    python train.py --resume --run=checkpoints/mouse --steps=20000
    python train.py --flagfile=configs/paper.flags --dataset=data/mouse.h5 --dry_run

A step is one generator update after the critic's updates. Stop with Ctrl-C: the step is finished and saved.
Watch with: tensorboard --logdir=checkpoints
"""

import logging

from absl import flags

from calciumgan_tf import cli
from calciumgan_tf.config import Config
from calciumgan_tf.training.run import Run

cli.define_flags(Config)
log = logging.getLogger("calciumgan_tf")
RUN = flags.DEFINE_string(
    "run", None, "run folder; default: a fresh one in checkpoints/, or with --resume the one started last"
)
RESUME = flags.DEFINE_boolean("resume", False, "go on with a run; only how long and how often may be changed")
DRY_RUN = flags.DEFINE_boolean("dry_run", False, "print configuration, shapes, parameters and steps, and end")


def main():
    given = cli.given_flags(Config)
    if RESUME.value:
        run = Run.open(RUN.value, "run")
        config = run.config().resumed_with(given)
    else:
        config = Config(**given)
        run = Run.new(RUN.value, config.dataset)

    from calciumgan_tf.dataset import scaling, sources, split

    with cli.quiet_import():  # TensorFlow, which takes seconds: only when the input is known to be good
        data = run.recording() if RESUME.value else sources.load(config)
        parts = split.split_frames(data.frames, config.window_frames, config.split, data.trial_frames)
        scale = scaling.fit(data, parts.training, config.scaling, config.scaling_quantile)
        from calciumgan_tf.training import trainer

    training = trainer.Trainer(config, data, parts, scale)
    for name, value in config.to_json().items() if DRY_RUN.value else ():
        log.info("--%s=%s", name, value)
    log.info("%s", training.describe())
    if DRY_RUN.value:
        return 0
    log.info("run: %s", run.folder)
    stopped_by = training.train(run, RESUME.value)
    if stopped_by:
        log.info("stopped; go on with: python train.py --resume --run=%s", run.folder)
        return 128 + stopped_by
    log.info("trained; next: python generate.py --checkpoint=%s", run.folder)
    return 0


if __name__ == "__main__":
    cli.run(main)
