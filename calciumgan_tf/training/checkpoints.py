"""What is saved at a checkpoint, and how a training is restored from it."""

import logging
import typing

import keras
import numpy as np
import tensorflow as tf

from calciumgan_tf import files
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.errors import InputError
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
from calciumgan_tf.sampling import sampler
from calciumgan_tf.sampling.conditions import Followed
from calciumgan_tf.training import distribution

log = logging.getLogger(__name__)
PREVIEWS = 2  # recorded windows in a preview, and as many generated from fixed noise


class Checkpoints:
    """The averaged generator, a preview, and the state that a training resumes from."""

    def __init__(self, gan, builder, data, config, run, preview=None):
        """Prepares both the state and the preview's windows; writes nothing.

        Args:
          gan: GAN.
          builder: Builder of the generator that is exported.
          data: TrainingData.
          config: Config.
          run: Run, where everything is saved.
          preview: function (recorded, generated, frame_rate, path) that draws windows (window, frame, neuron) and
            returns a picture, uint8 (row, column, RGBA); None for no previews.
        """
        self._gan, self._data, self._run, self._preview = gan, data, run, preview
        self._config, self._exported = config, builder.exported_generator(data.scaling)
        self._chunk: typing.Callable | None = None
        self._step = tf.Variable(0, dtype=tf.int64)
        trained = {"generator": gan.generator, "generator_optimizer": gan.generator_optimizer}
        if gan.critic is not None:
            trained |= {"critic": gan.critic, "critic_optimizer": gan.critic_optimizer}
        self._state = tf.train.Checkpoint(step=self._step, **trained)
        self._manager = tf.train.CheckpointManager(self._state, str(run.checkpoint_folder), config.schedule.keep)
        self._followed = Followed.within(data, data.split.validation or data.split.training)
        key = Randomness(config.optimization.seed).key(Purpose.SAMPLES)
        self._inputs = draw_noise(self._exported, PREVIEWS, key)
        if self._followed is not None:
            _, given = self._followed.windows(0, PREVIEWS, config.data.window_frames, builder.frames_before)
            self._inputs.insert(0, tf.constant(given))
        self._recorded = RecordedWindows(data.recording.traces, data.split, data.split.training, PREVIEWS)[:]

    def save(self, step: int) -> None:
        """Saves all of it, the state last: where the state of a step is, the rest of that step is too."""
        generator = self.averaged_generator()
        if self._config.schedule.histograms and self._gan.critic is not None:
            self._histograms(step)
        if not distribution.is_chief(self._gan.strategy):
            return
        self._run.save_generator(generator, {"model": self._config.model, "step": step})
        if self._preview is not None and self._config.schedule.previews_at(step):
            generated = generator(self._inputs).numpy()
            path = self._run.preview_folder / f"step-{step:07d}.png"
            picture = self._preview(self._recorded, generated, self._data.recording.frame_rate, path)
            tf.summary.image("preview", picture[None], step)
        self._step.assign(step)
        self._manager.save(checkpoint_number=step)

    def averaged_generator(self) -> keras.Model:
        """The generator as it is exported now, with averaged weights; the same model at every call."""
        self._exported.set_weights(self._gan.averaged_weights())
        return self._exported

    def windows(self, count: int) -> np.ndarray:
        """Windows of the generator as `averaged_generator` left it, the same noise at every call.

        Returns:
          float32 (window, frame, neuron), dF/F.
        """
        if self._chunk is None:
            self._chunk = sampler.chunks(self._exported, self._config.optimization.seed, self._followed)
        return np.concatenate([self._chunk(number) for number in range(-(-count // sampler.CHUNK))])[:count]

    def keep_best(self, step: int, distance: float) -> None:
        """Saves the generator as `averaged_generator` left it, unless an earlier one came closer.

        Args:
          step: of the generator.
          distance: from the validation part.
        """
        best = self.best()
        if best is None or distance <= best["distance"]:
            information = {"model": self._config.model, "step": step, "distance": distance}
            self._run.save_generator(self._exported, information, best=True)

    def best(self) -> dict | None:
        """{'step', 'distance'} of the best generator so far; None where there is none."""
        if not self._run.best_generator_file.exists():
            return None
        return self._run.with_best().generator_information()

    def steps(self) -> list:
        """Steps whose state is kept, in ascending order."""
        return self._run.saved_steps()

    def restore(self, step: int | None = None) -> int | None:
        """Restores a state; returns its step, None where the run ended before its first checkpoint.

        TensorFlow compares every tensor with a checksum in the file.

        Args:
          step: one of `steps`; None for the newest that is not damaged.

        Raises:
          InputError: a checkpoint that is damaged, if there is none before it, or of other models.
        """
        kept = self.steps() if step is None else [step]
        while kept:
            newest = kept.pop()
            path = str(self._run.checkpoint_folder / f"ckpt-{newest}")
            try:
                with files.reading(path, "start a new run"):
                    self._state.restore(path).assert_consumed()
            except InputError as error:
                if not kept:
                    raise
                log.info("note: %s; step %d is used instead", error, kept[-1])
            else:
                return newest
        return None

    def _histograms(self, step):
        """Weights of both models, and the gradients of this step's updates."""
        gan = self._gan
        real = tf.constant(self._data.scaling.scaled(self._recorded[np.arange(gan.share) % PREVIEWS]))
        gradients = gan.strategy.experimental_local_results(gan.gradients(real, tf.constant(step, tf.int64)))[0]
        for model, values in zip((gan.generator, gan.critic), gradients):
            for variable, gradient in zip(model.trainable_variables, values):
                tf.summary.histogram(f"{model.name}/{variable.path}", variable.value, step)
                tf.summary.histogram(f"{model.name}/{variable.path}/gradient", gradient, step)
