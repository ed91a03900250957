"""The training loop: updates, logs, previews, checkpoints, and an orderly end when it is interrupted."""

import contextlib
import dataclasses
import logging
import signal
import time

import numpy as np
import tensorflow as tf

from calciumgan_tf import randomness
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import batches
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.dataset.split import RecordedWindows, Split
from calciumgan_tf.errors import InputError, TrainingDiverged
from calciumgan_tf.physiological import neuron_statistics, statistics_loss
from calciumgan_tf.plotting import previews
from calciumgan_tf.progress import Progress
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.training import builders
from calciumgan_tf.training.gan import GAN, METRICS, make_strategy
from calciumgan_tf.training.run import Run

log = logging.getLogger(__name__)
PREVIEWS = 2  # windows of either side in a preview: recorded, and of fixed noise
PROFILED = (2, 6)  # steps after which a profile begins and ends
SHORT = 0.1  # error of a correlation from which on a recording is called short: that of strong correlations themselves


class Trainer:
    """A run in memory: models, data, checkpoints.

    Attributes:
      gan: GAN.
      split, scaling: of the recording.
      step: generator updates done.
    """

    def __init__(self, config: Config, data: Recording, split: Split, scaling: Scaling):
        """Builds the models; writes nothing.

        Raises:
          InputError: a batch that the replicas can't share.
        """
        self.config, self.data, self.split, self.scaling, self.step = config, data, split, scaling, 0
        tf.config.experimental.enable_op_determinism()
        strategy = make_strategy(config.virtual_devices)  # before TensorFlow touches its devices
        self.gan = GAN(config, data.neurons, strategy, *known_beforehand(config, data, split, scaling))

    @property
    def parameters(self) -> dict:
        """Trainable parameters of the two models."""
        models = {"generator": self.gan.generator, "critic": self.gan.critic}
        return {
            name: sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
            for name, model in models.items()
        }

    def describe(self) -> str:
        """Data, split, models and length of the training, in a few lines."""
        config, data = self.config, self.data
        size = f"({config.window_frames}, {data.neurons})"
        lines = [
            f"recording: {data.source}: {data.neurons} neurons, {data.frames} frames, {data.frame_rate:g} Hz, "
            f"{data.minutes:.1f} minutes",
            str(self.split),
            f"generator: ({config.noise_dim},) -> {size}, {self.parameters['generator']:,} parameters",
            f"critic: {size} -> score, {self.parameters['critic']:,} parameters",
            f"steps: {self._length()}, each of {config.critic_updates} critic updates and 1 generator update, "
            f"{config.batch_size} windows a batch, {self.gan.strategy.num_replicas_in_sync} replicas",
        ]
        blur = self.split.correlation_noise(data.frame_rate)
        if blur > SHORT:
            lines.append(
                f"note: the recording is short: of {data.minutes:.1f} minutes, correlations can be learned and judged "
                f"to {blur:.2f} at best; {data.minutes * (blur / SHORT) ** 2:.0f} minutes would give {SHORT:g}"
            )
        return "\n".join(lines)

    def _length(self):
        minutes = f"for {self.config.max_minutes:g} minutes" if self.config.max_minutes else ""
        steps = f"{self.config.last_step:,}" if self.config.last_step else ""
        return " or ".join(filter(None, (steps, minutes)))

    def train(self, run: Run, resume: bool) -> int | None:
        """Trains to `config.steps` or for `config.max_minutes`, whichever comes first, saving to `run`.

        Returns:
          the number of the signal that ended it early, or None.

        Raises:
          TrainingDiverged: a loss is not finite; the last checkpoint is from before.
          InputError: `resume` without a checkpoint of this configuration, or with nothing left to do.
        """
        saved = _Checkpoints(self, run)
        if resume:
            self.step = saved.restore()
            if self.config.last_step and self.step >= self.config.last_step:
                raise InputError(f"{run.folder} is at step {self.step} already", "ask for more with --steps")
            run.forget_after(self.step)
        else:
            run.start(self.config, self.data, self.split, self.parameters)
        distributed = self.gan.strategy.distribute_datasets_from_function(
            lambda context: batches.training_batches(
                self.data.traces, self.split, self.scaling, self.config, self.step, context
            )
        )
        deadline = time.monotonic() + 60 * self.config.max_minutes if self.config.max_minutes else None
        progress = Progress("train", self.config.last_step, self.step, deadline)
        with _signals() as received, progress, tf.summary.create_file_writer(str(run.tensorboard_folder)).as_default():
            self._loop(iter(distributed), run, saved, progress, lambda: received or _past(deadline))
        return received[0] if received and self.step != self.config.last_step else None

    def _loop(self, batches, run, saved, progress, ending):
        config, pending = self.config, []
        first = self.step
        while True:
            if config.profile and self.step == first + PROFILED[0]:
                tf.profiler.experimental.start(str(run.tensorboard_folder))
            pending.append(self.gan.update(batches, tf.constant(self.step, tf.int64)))
            self.step += 1
            progress.advance(1)
            end = self.step == config.last_step or ending()
            if config.profile and first + PROFILED[0] < self.step and (end or self.step == first + PROFILED[1]):
                pending[-1].numpy()  # waits for the device
                tf.profiler.experimental.stop()
                config = dataclasses.replace(config, profile=False)
            save = end or self.step % config.checkpoint_every == 0
            if save or self.step % config.log_every == 0:
                self._report(pending, run, progress)
                pending.clear()
            if save:
                saved.save()
            if end:
                break
        log.info("saved at step %d", self.step)

    def _report(self, pending, run, progress):
        # The only place where the loop waits for the device. A loss that is not finite stays so, hence none is missed.
        means = dict(zip(METRICS, np.mean([values.numpy() for values in pending], axis=0).tolist()))
        if not np.isfinite(list(means.values())).all():
            bad = ", ".join(name for name, value in means.items() if not np.isfinite(value))
            raise TrainingDiverged(
                f"{bad} is not finite at step {self.step}, the last good checkpoint is kept: "
                f"look at {run.metrics_file} and start a new run with a smaller --learning_rate"
            )
        rate = progress.report(critic=means["critic_loss"], generator=means["generator_loss"])
        run.log({"step": self.step, **means, "steps_per_second": rate})
        for name, value in means.items():
            tf.summary.scalar(name, value, self.step)
        tf.summary.scalar("steps_per_second", rate, self.step)


def known_beforehand(config, data, split, scaling):
    """(NeuronStatistics or None, StatisticsLoss or None) of the training part, as config asks."""
    if config.readout != "calcium" and not config.spike_loss:
        return None, None
    settings = deconvolution.fit_settings_on_blocks(data.traces, split.training, data.g, data.s_min)
    known = {"recording": data, "blocks": split.training, "settings": settings, "scaling": scaling}
    start = neuron_statistics.measure(**known) if config.readout == "calcium" else None
    loss = statistics_loss.StatisticsLoss(**known, window_frames=config.window_frames) if config.spike_loss else None
    return start, loss


class _Checkpoints:
    """Training state and what is made from it at each checkpoint."""

    def __init__(self, trainer, run):
        self._trainer, self._run = trainer, run
        gan = trainer.gan
        self._step = tf.Variable(trainer.step, dtype=tf.int64)
        state = tf.train.Checkpoint(
            step=self._step,
            generator=gan.generator,
            critic=gan.critic,
            generator_optimizer=gan.generator_optimizer,
            critic_optimizer=gan.critic_optimizer,
        )
        self._manager = tf.train.CheckpointManager(state, str(run.checkpoint_folder), trainer.config.keep)
        self._state = state
        seed = randomness.seed(trainer.config.seed, randomness.SAMPLES)
        self._noise = builders.draw_noise(gan.generator, PREVIEWS, seed)
        split = trainer.split
        self._recorded = RecordedWindows(trainer.data.traces, split, split.training, PREVIEWS)[:]

    def save(self):
        """Saves averaged generator, preview and state; the state last, so that where it is, the others are too."""
        trainer, run = self._trainer, self._run
        generator = trainer.gan.averaged_generator(trainer.scaling, trainer.step)
        run.save_generator(generator)
        image = previews.save(
            self._recorded,
            generator(self._noise).numpy(),
            trainer.data.frame_rate,
            run.preview_folder / f"step-{trainer.step:07d}.png",
        )
        tf.summary.image("preview", image[None], trainer.step)
        if trainer.config.histograms:
            self._histograms()
        self._step.assign(trainer.step)
        self._manager.save(checkpoint_number=trainer.step)

    def _histograms(self):
        """Weights of both models, and the gradients of this step's updates."""
        gan, step = self._trainer.gan, tf.constant(self._trainer.step, tf.int64)
        real = tf.constant(self._trainer.scaling.scaled(self._recorded[np.arange(gan.share) % PREVIEWS]))
        gradients = gan.strategy.experimental_local_results(gan.gradients(real, step))[0]
        for model, values in zip((gan.generator, gan.critic), gradients):
            for variable, gradient in zip(model.trainable_variables, values):
                tf.summary.histogram(f"{model.name}/{variable.path}", variable.value, step)
                tf.summary.histogram(f"{model.name}/{variable.path}/gradient", gradient, step)

    def restore(self) -> int:
        """Restores the newest state; returns its step, 0 if the run was stopped before its first checkpoint."""
        newest = self._manager.latest_checkpoint
        if newest is None:
            return 0
        try:
            self._state.restore(newest).assert_consumed()
        except (tf.errors.OpError, ValueError, IndexError, AssertionError) as error:
            raise InputError(f"{newest} can't be restored ({str(error).splitlines()[0]})", "start a new run") from error
        return int(self._step)


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
        log.info("%s: finishing the step, then saving", signal.Signals(number).name)

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _past(deadline):
    return deadline is not None and time.monotonic() > deadline
