"""Trains a model on a recording: CalciumGAN, or with --model another one.

    python train.py --dataset=synthetic
    python train.py --dataset=data/mouse.h5 --model=physiological --max_minutes=10
    python train.py --dataset=suite2p/plane0 --frame_rate=30.4 --run=checkpoints/mouse
    python train.py --resume                              # the run started last, from its newest checkpoint
    python train.py --resume --run=checkpoints/mouse --steps=20000
    python train.py --flagfile=configs/paper.flags --dataset=data/mouse.h5 --dry_run

A step is one generator update after the critic's updates. Stop with Ctrl-C: the step is finished and saved.
Watch with: tensorboard --logdir=checkpoints
"""

import functools
import logging

from absl import flags

from calciumgan_tf import cli, flagfile

flagfile.define()
log = logging.getLogger("calciumgan_tf")
RUN = flags.DEFINE_string(
    "run", None, "run folder; default: a new one in checkpoints/, or with --resume the one started last"
)
RESUME = flags.DEFINE_boolean("resume", False, "resume a run; only the length of the training and logging may change")
DRY_RUN = flags.DEFINE_boolean("dry_run", False, "print configuration, shapes, parameters and steps, and end")


def main():
    given = flagfile.given()
    with cli.quiet_import():  # TensorFlow
        from calciumgan_tf.config import Config
        from calciumgan_tf.dataset import sources
        from calciumgan_tf.dataset.training_data import TrainingData
        from calciumgan_tf.plotting import previews
        from calciumgan_tf.training import run as runs
        from calciumgan_tf.training.distribution import make_strategy
        from calciumgan_tf.training.trainer import Trainer

        if RESUME.value:
            run = runs.Run.open(RUN.value, "run")
            config = run.config().resumed_with(given)
        else:
            runs.check_free(RUN.value)
            config = Config.of(**given)
        strategy = make_strategy(config.schedule.virtual_devices)  # before anything else touches TensorFlow
    data = run.training_data() if RESUME.value else TrainingData.prepare(sources.load(config.data), config)
    trainer = Trainer(config, data, strategy, functools.partial(previews.save, model=config.model))
    for name, value in config.flags().items() if DRY_RUN.value else ():
        log.info("--%s=%s", name, value)
    log.info("%s", trainer.describe())
    if DRY_RUN.value:
        return 0
    run = run if RESUME.value else runs.Run.create(RUN.value, config)
    log.info("run: %s", run.folder)
    stopped_by = trainer.train(run, RESUME.value)
    if stopped_by:
        log.info("stopped; resume with: python train.py --resume --run=%s", run.folder)
        return 128 + stopped_by
    log.info("trained; next: python generate.py --checkpoint=%s", run.folder)
    return 0


if __name__ == "__main__":
    cli.run(main)
