"""The training loop: steps, logs, checkpoints, and an orderly end when it is interrupted."""

import contextlib
import dataclasses
import logging
import signal
import time

import numpy as np
import tensorflow as tf

from calciumgan_tf import locking
from calciumgan_tf.config import Config
from calciumgan_tf.dataset.batches import TrainingConditions, training_batches
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError, TrainingDiverged
from calciumgan_tf.evaluation.validation import ValidationDistance
from calciumgan_tf.physiological.statistics_loss import StatisticsLoss
from calciumgan_tf.progress import Progress
from calciumgan_tf.training import distribution, footprint
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.checkpoints import Checkpoints
from calciumgan_tf.training.gan import GAN
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.watch import WINDOWS, Watch

log = logging.getLogger(__name__)
PROFILED = (2, 6)  # steps after which a profile begins and ends
COMPARED = 192  # generated windows whose distance from the validation part is measured


class Trainer:
    """A training in memory: data, models, and the step they have reached.

    Attributes:
      gan: GAN.
      data: TrainingData.
      builder: Builder of its models.
      footprint: Footprint, the memory that it will take.
      schedule: ScheduleConfig; may be replaced between two calls of `train`.
      step: generator updates done.
    """

    def __init__(
        self, config: Config, data: TrainingData, strategy: tf.distribute.Strategy, preview=None, callback=None
    ):
        """Builds the models; writes nothing.

        Args:
          config: Config.
          data: TrainingData.
          strategy: of training/distribution.py, created before TensorFlow did anything else.
          preview: function that draws previews, see Checkpoints; None for no previews.
          callback: function of each logged entry, a dict with 'step' and the mean losses; None for none.

        Raises:
          InputError: windows that the layers can't make, a batch that the replicas can't share, or one for which there
            is too little memory.
        """
        self.config, self.data, self.schedule, self.step = config, data, config.schedule, 0
        tf.config.experimental.enable_op_determinism()
        self._preview, self._callback = preview, callback
        self.builder = Builder.of(config, data)
        conditions = None
        if data.coding is not None:
            conditions = TrainingConditions(data, config.optimization, self.builder.frames_before)
        weight, statistics_loss = config.physiological.statistics_loss, None
        if weight:
            statistics_loss = StatisticsLoss(data.recording, data.split, data.oasis, data.scaling, conditions)
        self.gan = GAN(config.optimization, self.builder, strategy, statistics_loss, weight, conditions)
        self.footprint = footprint.estimate(self.gan)
        self.footprint.check(config.optimization.batch_size, config.data.window_frames, strategy.num_replicas_in_sync)

    @property
    def parameters(self) -> dict:
        """Trainable parameters: {'generator': count, 'critic': count}, 0 without a critic."""
        models = {"generator": self.gan.generator, "critic": self.gan.critic}
        return {
            name: sum(int(np.prod(variable.shape)) for variable in model.trainable_variables) if model else 0
            for name, model in models.items()
        }

    def train(self, run: Run, resume: bool) -> int | None:
        """Trains to `schedule.steps` or for `schedule.max_minutes`, whichever comes first, saving to `run`.

        With no steps at all, the generator is saved as it is before training.

        Args:
          run: Run; an empty folder, or with `resume` one that was trained before.
          resume: whether to restore its newest checkpoint first.

        Returns:
          the number of the signal that ended it early, or None.

        Raises:
          TrainingDiverged: a loss is not finite; the last checkpoint is from before.
          WorkerLost: another worker is gone.
          InputError: `resume` with a checkpoint of other models, or with nothing left to do; another process trains in
            the folder.
        """
        if not distribution.is_chief(self.gan.strategy):
            return self._train(run, resume)
        with locking.locked(run.folder):
            run.remove_leftovers()
            return self._train(run, resume)

    def _train(self, run, resume):
        schedule, chief = self.schedule, distribution.is_chief(self.gan.strategy)
        checkpoints = Checkpoints(self.gan, self.builder, self.data, self.config, run, self._preview)
        restored = None
        if resume:
            restored = checkpoints.restore()
            self.step = restored or 0
            if restored is not None and schedule.last_step is not None and restored >= schedule.last_step:
                raise InputError(f"{run.folder} is at step {self.step} already", "give a larger --steps")
            if chief:
                run.drop_log_after(self.step)
                run.write_config(dataclasses.replace(self.config, schedule=schedule))
        elif chief:
            run.write_settings(self.config, self.data, self.parameters)
        # The chief's clock decides for all.
        deadline = time.monotonic() + 60 * schedule.max_minutes if schedule.max_minutes and chief else None
        strategy, events = self.gan.strategy, str(run.tensorboard_folder)
        writer = tf.summary.create_file_writer(events) if chief else tf.summary.create_noop_writer()
        with _signals() as received, distribution.losing_workers(strategy), writer.as_default():
            if restored is None and self._calibrated:
                if not self.calibrate(lambda: distribution.any_worker(strategy, received)):
                    log.info("the calibration was not finished, and begins again when the run is resumed")
                    return _stopped_by(received)
                checkpoints.save(0)  # so that a resumed run does not calibrate again
            watch = self._watch(run) if chief else None
            with Progress("train", schedule.last_step, self.step, deadline) as progress:
                self._loop(self._batches(), run, checkpoints, watch, progress, received, deadline)
            stopped = distribution.any_worker(strategy, received)
        return _stopped_by(received) if stopped and self.step != schedule.last_step else None

    @property
    def _calibrated(self):
        """Whether the model has a readout that is fitted before the first step."""
        return bool(self.config.physiological.calibration) and self.gan.statistics_loss is not None

    def calibrate(self, ending=lambda: False) -> bool:
        """Fits the generator's readout, see physiological/calibration.py.

        Args:
          ending: function that tells, after each update, whether to give up.

        Returns:
          whether it came to its end.
        """
        return self.gan.calibrate(self.config.physiological.calibration, ending)

    def _batches(self):
        """Iterator of batches of recorded windows; None without a critic to see them."""
        if self.gan.critic is None:
            return None
        return iter(
            self.gan.strategy.distribute_datasets_from_function(
                lambda context: training_batches(self.data, self.config.optimization, self.step, context)
            )
        )

    def _watch(self, run):
        """What looks at generated windows at each checkpoint, and knows what the run has logged so far."""
        distance = None
        if self.schedule.keep_best:
            distance = ValidationDistance(self.data.recording, self.data.split, COMPARED)
        watch = Watch(self.data, self.config.optimization.loss == "wgan-gp", distance)
        for entry in run.logged() if run.metrics_file.exists() else ():
            watch.warnings(entry)
        return watch

    def _loop(self, batches, run, checkpoints, watch, progress, received, deadline):
        strategy = self.gan.strategy
        schedule, pending, profile = self.schedule, [], _Profile(self.schedule, self.step, run.tensorboard_folder)
        end = self.step == schedule.last_step
        if end and not run.generator_file.exists():
            checkpoints.save(self.step)
        while not end:
            profile.before(self.step)
            # TensorFlow keeps every Python number that it has made a tensor of, but not NumPy's.
            pending.append(self.gan.train_step(batches, tf.constant(np.int64(self.step))))
            self.step += 1
            progress.advance(1)
            end = self.step == schedule.last_step or distribution.any_worker(strategy, received or _past(deadline))
            profile.after(self.step, end)
            save = end or self.step % schedule.checkpoint_every == 0
            if save or schedule.logs_at(self.step):
                losses = self._mean_losses(pending, run)
                pending.clear()
                seen = self._look(checkpoints, watch, losses.get("score_difference"), end) if save else {}
                self._report(losses | seen, run, progress)
            if save:
                checkpoints.save(self.step)
        log.info("saved at step %d", self.step)
        best = checkpoints.best()
        if best and best["step"] < self.step:
            log.info(
                "note: step %d came closest to the validation part, %.3g times as far from it as the training part: "
                "generate.py --best draws from it",
                best["step"],
                best["distance"],
            )

    def _look(self, checkpoints, watch, score_difference, end):
        """What is seen in windows of the averaged generator; warns, and keeps the generator if it is the best."""
        checkpoints.averaged_generator()  # on all workers, which average together
        if watch is None:
            return {}
        seen = watch.measure(checkpoints.windows(COMPARED if self.schedule.keep_best else WINDOWS), score_difference)
        for warning in watch.warnings(seen, end):
            log.info("note: at step %d, %s", self.step, warning)
        if self.schedule.keep_best:
            checkpoints.keep_best(self.step, seen["validation_distance"])
        return seen

    def _mean_losses(self, pending, run):
        """The mean losses of some steps.

        Only here does the loop wait for the device. A loss that is not finite stays so, hence none is missed.
        """
        means = {name: float(np.mean([losses[name].numpy() for losses in pending])) for name in pending[0]}
        bad = [name for name, value in means.items() if not np.isfinite(value)]
        if bad:
            raise TrainingDiverged(
                f"{', '.join(bad)} not finite at step {self.step}, the last good checkpoint is kept: "
                f"look at {run.metrics_file} and start a new run with a smaller --learning_rate"
            )
        return means

    def _report(self, means, run, progress):
        """Logs mean losses, and what was seen in generated windows."""
        shown = {
            name: means[f"{name}_loss"] for name in ("critic", "generator", "statistics") if f"{name}_loss" in means
        }
        rate = progress.report(**shown)
        entry = {"step": self.step, **means, "steps_per_second": rate}
        if distribution.is_chief(self.gan.strategy):
            run.log(entry)
        if self._callback:
            self._callback(entry)
        for name, value in entry.items():
            if name != "step":
                tf.summary.scalar(name, np.float32(value), np.int64(self.step))


class _Profile:
    """TensorFlow's profile of steps 3 to 6, where the schedule has one."""

    def __init__(self, schedule, first, folder):
        self._begin, self._end = (first + steps for steps in PROFILED)
        self._wanted, self._running, self._folder = schedule.profile, False, str(folder)

    def before(self, step):
        """Starts the profile if `step` is the first to be profiled."""
        if self._wanted and step == self._begin:
            tf.profiler.experimental.start(self._folder)
            self._running = True

    def after(self, step, end):
        """Stops it after its last step, or at the end of the training."""
        if self._running and (end or step == self._end):
            tf.profiler.experimental.stop()
            self._running = False


@contextlib.contextmanager
def _signals():
    """Yields a list to which SIGINT and SIGTERM are added instead of ending the process at once.

    The second one ends it.
    """
    received = []

    def remember(number, _):
        if received:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        received.append(number)
        log.info("%s: finishing the step", signal.Signals(number).name)

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stopped_by(received):
    """The signal that ended a training, on this worker or, where it got none, on another."""
    return received[0] if received else signal.SIGTERM


def _past(deadline):
    return deadline is not None and time.monotonic() > deadline
