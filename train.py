"""Trains a model on a recording: CalciumGAN, or with --model another one.

    python train.py --dataset=synthetic
    python train.py --dataset=data/mouse.h5 --model=physiological --max_minutes=10
    python train.py --dataset=suite2p/plane0 --frame_rate=30.4 --run=checkpoints/mouse
    python train.py --resume                              # the run started last, from its newest checkpoint
    python train.py --resume --run=checkpoints/mouse --steps=20000
    python train.py --dataset=data/mouse.h5 --cross_fit=5 # five runs, each of which holds out another fifth
    python train.py --flagfile=configs/paper.flags --dataset=data/mouse.h5 --dry_run

A step is one generator update and the critic's updates. Stop with Ctrl-C: the step is finished and saved.
Watch with: tensorboard --logdir=checkpoints
"""

import functools
import logging

from absl import flags

from calciumgan_tf import cli, flagfile, quiet
from calciumgan_tf.errors import InputError

flagfile.define()
log = logging.getLogger("calciumgan_tf")
RUN = flags.DEFINE_string(
    "run", None, "run folder; default: a new one in checkpoints/, or with --resume the one started last"
)
RESUME = flags.DEFINE_boolean("resume", False, "resume a run; only the length of the training and logging may change")
CROSS_FIT = flags.DEFINE_integer(
    "cross_fit",
    None,
    "train so many runs into one folder, each of which holds out another part of the recording",
    lower_bound=2,
    upper_bound=10,
)
DRY_RUN = flags.DEFINE_boolean("dry_run", False, "print configuration, shapes, parameters and steps, and end")


def main():
    if RESUME.value and CROSS_FIT.value:
        raise InputError("--cross_fit has no effect with --resume, since the folder keeps its folds", "leave it out")
    given = flagfile.given()
    with quiet.first_import():  # TensorFlow
        import keras

        from calciumgan_tf.config import Config
        from calciumgan_tf.plotting import previews
        from calciumgan_tf.training import cross_fit, distribution
        from calciumgan_tf.training import run as runs
        from calciumgan_tf.training.trainer import Trainer

        run, config, wrong = None, None, None
        try:
            if RESUME.value:
                run = cross_fit.opened(RUN.value, "run")
                config = run.config().resumed_with(given)
            else:
                runs.check_free(RUN.value)
                config = Config.of(**given)
        except InputError as error:
            wrong = error
        # Before anything else touches TensorFlow.
        strategy = distribution.make_strategy(config.schedule.virtual_devices if config else 1, workers=True)
    distribution.silence(strategy)
    with distribution.together(strategy):
        if wrong:
            raise wrong
        if distribution.is_multi_worker(strategy):
            check_workers(run)

    def trainer_of(data):
        keras.backend.clear_session()
        return Trainer(config, data, strategy, functools.partial(previews.save, model=config.model))

    if CROSS_FIT.value or isinstance(run, cross_fit.CrossFit):
        return train_folds(run, config, given, trainer_of)
    return train_run(run, config, strategy, trainer_of)


def check_workers(run):
    """Refuses what several workers can't share."""
    from calciumgan_tf.training.run import Run

    if not RUN.value:
        raise InputError("--run is missing", "several workers need the same name of a folder that all of them see")
    if CROSS_FIT.value or not isinstance(run, Run | None):
        raise InputError("--cross_fit has no effect on several workers", "train a fold on each machine")


def train_run(run, config, strategy, trainer_of):
    """Trains a run: a new one, or with --resume `run`."""
    from calciumgan_tf.dataset import sources
    from calciumgan_tf.dataset.training_data import TrainingData
    from calciumgan_tf.training import distribution
    from calciumgan_tf.training.run import Run

    with distribution.together(strategy):
        data = run.training_data() if run else TrainingData.prepare(sources.load(config.data), config)
        trainer = trainer_of(data)
    describe(config, trainer)
    if DRY_RUN.value:
        return 0
    with distribution.together(strategy):
        create = Run.create if distribution.is_chief(strategy) else lambda path, _: Run(path)
        run = run or create(RUN.value, config)
    log.info("run: %s", run.folder)
    return ended(run, trainer.train(run, RESUME.value))


def train_folds(whole, config, given, trainer_of):
    """Trains the folds of a cross-fit: a new one, or with --resume those of `whole` that are not finished."""
    from calciumgan_tf.dataset import sources
    from calciumgan_tf.training import cross_fit

    if whole:
        whole.check_budget(given)
        data = whole.training_data(config)
    else:
        recording = sources.load(config.data)
        data = cross_fit.folds_of(recording, config, CROSS_FIT.value)
    describe(config, trainer_of(next(iter(data.values()))))
    if DRY_RUN.value:
        return 0
    whole = whole or cross_fit.CrossFit.create(RUN.value, config, recording, CROSS_FIT.value)
    log.info("folds: %s", whole.folder)
    return ended(whole, whole.train(data, trainer_of))


def describe(config, trainer):
    """Prints model, recording and length of the training; with --dry_run, all options as well."""
    from calciumgan_tf.training import description

    for name, value in config.flags().items() if DRY_RUN.value else ():
        log.info("--%s=%s", name, value)
    log.info("%s", description.describe(trainer))


def ended(run, stopped_by):
    """Prints what to type next, and returns the status."""
    if stopped_by:
        log.info("stopped; resume with: python train.py --resume --run=%s", run.folder)
        return 128 + stopped_by
    log.info("trained; next: python generate.py --checkpoint=%s", run.folder)
    return 0


if __name__ == "__main__":
    cli.run(main)
