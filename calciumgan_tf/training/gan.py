"""Generator, critic, their optimizers, and one training step of both, on one device or many."""

import functools
import logging
import math
import typing

import keras
import tensorflow as tf

from calciumgan_tf.errors import InputError
from calciumgan_tf.hyperparameters import OptimizationConfig
from calciumgan_tf.physiological import calibration
from calciumgan_tf.physiological.halves import half_weights
from calciumgan_tf.randomness import Purpose, Randomness
from calciumgan_tf.training import losses
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.optimizers import apply_gradients, make_optimizer

log = logging.getLogger(__name__)
CALIBRATION_LOG = 50  # updates between log lines
REAL, GENERATED, BETWEEN = range(3)  # the critic's passes of an update, each with random inputs of its own


class GAN:
    """The two models and how they are trained.

    All numbers follow from (seed, step), and none depends on the number of replicas: what is random is drawn for the
    global batch, of which a replica takes its share; every loss is a sum over examples divided by the global batch.

    Attributes:
      generator, critic: Keras models; the generator makes scaled windows. Without critic updates, there is no critic.
      generator_optimizer, critic_optimizer: Keras optimizers; the generator's also keeps the averaged weights.
      share: windows of a replica.
    """

    def __init__(
        self,
        config: OptimizationConfig,
        builder: Builder,
        strategy: tf.distribute.Strategy,
        statistics_loss=None,
        statistics_weight: float = 0.0,
        conditions=None,
    ):
        """Builds both models, with weights that follow from the seed.

        Args:
          config: OptimizationConfig.
          builder: builds the two models.
          strategy: see training/distribution.py.
          statistics_loss: StatisticsLoss of the physiological model, or None.
          statistics_weight: its weight in the generator's loss.
          conditions: TrainingConditions, which both models are given; None for models without.

        Raises:
          InputError: a batch that the replicas can't share equally, or of one window for the statistics loss; batch
            normalisation on several replicas.
        """
        self.config, self.strategy = config, strategy
        self.statistics_loss, self.statistics_weight = statistics_loss, statistics_weight
        self._conditions, self._before = conditions, builder.frames_before
        replicas = strategy.num_replicas_in_sync
        _check_batch(config, builder.config.generator, replicas, statistics_loss)
        self.share = config.batch_size // replicas
        self._random = Randomness(config.seed)
        keras.utils.set_random_seed(config.seed)
        with strategy.scope():
            generator, critic = builder.generator(), builder.critic() if config.critic_updates else None
            self.generator, self._generator_inputs = generator.keras, generator.random
            average = {"use_ema": True, "ema_momentum": config.ema}
            self.generator_optimizer = make_optimizer(config, config.learning_rate, **average)
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.critic: typing.Any = None
            self.critic_optimizer: typing.Any = None
            if critic:
                self.critic, self._critic_inputs = critic.keras, critic.random
                self.critic_optimizer = make_optimizer(config, config.critic_learning_rate, config.critic_updates)
                self.critic_optimizer.build(self.critic.trainable_variables)

    @tf.function
    def train_step(self, batches, step) -> dict:
        """`critic_updates` updates of the critic, then one of the generator.

        The generator is fixed during the critic updates, so one forward pass makes all their windows. With
        `critic_batches` 'single', the generator's update comes first, and its windows serve for those of the critic.

        Args:
          batches: iterator of (distributed) batches of recorded windows, scaled; None without critic updates.
          step: int64 scalar, generator updates so far.

        Returns:
          {loss: scalar}, those of the critic averaged over its updates.
        """
        updates, single = self.config.critic_updates, self.config.critic_batches == "single"
        if single or not updates:
            generated, named = self.strategy.run(self.generator_step, (step,))
            of_generator = self._sum(named)
        if not updates:
            return of_generator
        if not single:
            generated = self.strategy.run(self.windows_for_critic, (step,))
        names = "critic_loss", "score_difference", "gradient_penalty"
        totals = {name: tf.zeros([], self.critic.output.dtype) for name in names}
        for number in tf.range(updates, dtype=tf.int64):
            real, update = next(batches), step * updates + number
            named = self._sum(self.strategy.run(self.critic_step, (real, generated, number, update)))
            self._clip_critic()
            totals = {name: total + named[name] for name, total in totals.items()}
        if not single:
            of_generator = self._sum(self.strategy.run(self.generator_step, (step,))[1])
        return {name: total / updates for name, total in totals.items()} | of_generator

    def calibrate(self, updates: int, ending) -> bool:
        """Fits the generator's readout to the statistics loss, before the first step.

        The batches are functions of (seed, update), and the optimizer is not that of the training.

        Args:
          updates: how many.
          ending: function that tells, after each update, whether to give up.

        Returns:
          whether all updates were made.
        """
        with self.strategy.scope():
            fitted = calibration.variables(self.generator)
            optimizer = calibration.optimizer(updates)
            optimizer.build(fitted)

        batch_size = calibration.batch_size(self.config.batch_size, math.prod(self.generator.output_shape[1:]))

        @tf.function
        def update(number):
            """One update; returns the loss before it."""

            def on_replica(number):
                """This replica's part of the update; returns its part of the loss."""
                noise = self._draw(self._generator_inputs, Purpose.CALIBRATION, number, batch_size=batch_size)
                given = []
                if self._conditions:
                    key = self._random.key(Purpose.CALIBRATION_CONDITIONS, number)
                    given = [self._mine(self._conditions.drawn(batch_size, key))]
                chosen = self._random.key(Purpose.CALIBRATION_STATISTICS, number)
                with tf.GradientTape() as tape:
                    windows = self.generator([*given, *noise], training=True)
                    found = self._of_all_replicas(windows, given, chosen)
                apply_gradients(optimizer, tape.gradient(found, fitted))
                return found

            return self.strategy.reduce("SUM", self.strategy.run(on_replica, (number,)), axis=None)

        for number in range(updates):
            value = update(tf.constant(number, tf.int64))
            if number % CALIBRATION_LOG == 0 or number == updates - 1:
                log.info("calibration %d/%d  loss %.4g", number + 1, updates, float(value))
            if ending() and number < updates - 1:
                return False
        return True

    def critic_step(self, real, generated, number, update) -> dict:
        """One update of the critic on this replica's windows; returns its part of the losses."""
        batches = generated.shape[0]
        gradients, named = self.critic_gradients(real, generated[number % batches], update)
        apply_gradients(self.critic_optimizer, gradients)
        return named

    def generator_step(self, step):
        """One update of the generator; returns its windows, (1, share, frame, neuron), and this replica's losses."""
        gradients, named, windows = self.generator_gradients(step)
        apply_gradients(self.generator_optimizer, gradients)
        return windows[None], named

    def critic_gradients(self, real, generated, update):
        """This replica's part of the gradients of the critic's loss; their sum over replicas is the whole gradient.

        Args:
          real, generated: (share, frame, neuron), scaled.
          update: int64 scalar, critic updates so far.

        Returns:
          gradients of `critic.trainable_variables`, times the loss scale if there is one, and {loss: scalar}.
        """
        real, given = tf.cast(real, generated.dtype), self._given_critic(update)
        of_real, of_generated = (
            self._draw(self._critic_inputs, Purpose.CRITIC_PASS, update, which) for which in (REAL, GENERATED)
        )
        with tf.GradientTape() as tape:
            # One pass over real and generated windows together costs less than two.
            both = [tf.concat(pair, 0) for pair in zip([real, *given, *of_real], [generated, *given, *of_generated])]
            real_score, generated_score = tf.split(self.critic(both, training=True), 2)
            penalty = self.gradient_penalty(real, generated, update)
            loss = self._mean(losses.critic_loss(self.config.loss, real_score, generated_score))
            loss += self.config.gradient_penalty * penalty
            scaled = self.critic_optimizer.scale_loss(loss)
        difference = self._mean(real_score - generated_score)
        named = {"critic_loss": loss, "score_difference": difference, "gradient_penalty": penalty}
        return tape.gradient(scaled, self.critic.trainable_variables), named

    def gradient_penalty(self, real, generated, update):
        """This replica's part of the gradient penalty, without its weight; 0 if that is 0."""
        if not self.config.gradient_penalty:
            return tf.zeros([], generated.dtype)
        key = self._random.key(Purpose.INTERPOLATION, update)
        mix = tf.cast(self._mine(tf.random.stateless_uniform([self.config.batch_size], key)), generated.dtype)
        further = *self._given_critic(update), *self._draw(self._critic_inputs, Purpose.CRITIC_PASS, update, BETWEEN)

        def score(windows):
            return self.critic([windows, *further], training=True)

        return self._mean(losses.gradient_penalty(score, real, generated, mix))

    def generator_gradients(self, step):
        """This replica's part of the gradients of the generator's loss, like `critic_gradients`.

        Args:
          step: int64 scalar, generator updates so far.

        Returns:
          gradients of `generator.trainable_variables`, {loss: scalar}, and the windows (share, frame, neuron).
        """
        first = step * (self.config.critic_updates or 1)  # conditions are those of the step's first recorded windows
        given = self._given(first)
        noise = self._draw(self._generator_inputs, Purpose.GENERATOR_NOISE, step)
        with tf.GradientTape() as tape:
            windows = self.generator([*given, *noise], training=True)
            loss, named = 0.0, {}
            if self.critic is not None:
                drawn = self._draw(self._critic_inputs, Purpose.GENERATOR_PASS, step)
                score = self.critic([windows, *self._given_critic(first), *drawn], training=True)
                loss = named["generator_loss"] = self._mean(losses.generator_loss(self.config.loss, score))
            if self.statistics_loss is not None:
                key = self._random.key(Purpose.STATISTICS, step)
                named["statistics_loss"] = self._of_all_replicas(windows, given, key)
                loss += self.statistics_weight * named["statistics_loss"]
            scaled = self.generator_optimizer.scale_loss(loss)
        return tape.gradient(scaled, self.generator.trainable_variables), named, windows

    def windows_for_critic(self, step):
        """This replica's generated windows for all critic updates of a step, scaled: (update, share, frame, neuron)."""
        updates = self.config.critic_updates
        inputs = [
            [*self._given(update), *self._draw(self._generator_inputs, Purpose.CRITIC_NOISE, update)]
            for update in (step * updates + number for number in range(updates))
        ]
        windows = self.generator([tf.concat(parts, 0) for parts in zip(*inputs)], training=True)
        return tf.reshape(windows, [updates, self.share, *windows.shape[1:]])

    @tf.function
    def gradients(self, real, step):
        """Gradients of both models, without an update; there has to be a critic.

        Args:
          real: float32 (share, frame, neuron), scaled.
          step: int64 scalar.

        Returns:
          for each replica, lists of the generator's and the critic's gradients.
        """

        def both(windows, step):
            generated = self.windows_for_critic(step)[0]
            of_critic, _ = self.critic_gradients(windows, generated, step * self.config.critic_updates)
            return self.generator_gradients(step)[0], of_critic

        return self.strategy.run(both, (real, step))

    def averaged_weights(self) -> list:
        """All weights of the generator, those that are trained replaced by their averages; the model is not changed.

        Before the first step there is no average, and the weights are returned as they are.
        """
        if not self.generator_optimizer.iterations.numpy():
            return self.generator.get_weights()
        trained = [variable.numpy() for variable in self.generator.trainable_variables]
        self.generator_optimizer.finalize_variable_values(self.generator.trainable_variables)
        averaged = self.generator.get_weights()
        for variable, value in zip(self.generator.trainable_variables, trained):
            variable.assign(value)
        return averaged

    def _of_all_replicas(self, windows, given, key):
        """This replica's part of the statistics loss, which looks at the windows of all replicas together.

        Every replica computes the same loss, so each contributes its share of it.
        """
        context = tf.distribute.get_replica_context()
        replicas = self.strategy.num_replicas_in_sync
        weights = self._mine(half_weights(windows.shape[0] * replicas, windows.dtype))
        total = functools.partial(context.all_reduce, "SUM")
        return self.statistics_loss(windows, weights, total, *given, key=key) / replicas

    def _given(self, update):
        """The conditions that the generator is given at a critic update, those of the recorded windows; or nothing."""
        return [self._mine(self._conditions.of_update(update))] if self._conditions else []

    def _given_critic(self, update):
        """Those that the critic is given, without the frames before a window."""
        return [values[:, self._before :] for values in self._given(update)]

    def _clip_critic(self):
        if self.config.clip:
            for weights in self.critic.trainable_variables:
                weights.assign(tf.clip_by_value(weights.value, -self.config.clip, self.config.clip))

    def _sum(self, named):
        return {name: self.strategy.reduce("SUM", part, axis=None) for name, part in named.items()}

    def _mean(self, values):
        # Divided by the global batch, since gradients and losses are summed over replicas.
        return tf.reduce_sum(values) / self.config.batch_size

    def _mine(self, values):
        """This replica's rows of what was made for a global batch."""
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        share = values.shape[0] // self.strategy.num_replicas_in_sync
        return values[replica * share : (replica + 1) * share]

    def _draw(self, inputs, purpose, *counters, batch_size=None):
        """This replica's random inputs of a model, for the global batch or for one of another size."""
        drawn = inputs.draw(batch_size or self.config.batch_size, self._random.key(purpose, *counters))
        return [self._mine(values) for values in drawn]


def _check_batch(config, generator, replicas, statistics_loss):
    """Raises InputError where replicas can't share a batch, or a loss can't be computed from it."""
    if config.batch_size % replicas:
        raise InputError(
            f"--batch_size={config.batch_size} can't be shared by {replicas} replicas",
            f"take {(config.batch_size // replicas + 1) * replicas}",
        )
    if generator.norm == "batch" and replicas > 1:
        raise InputError(
            f"--generator_norm=batch would normalise the windows of each of {replicas} replicas apart",
            "take --generator_norm=layer",
        )
    if statistics_loss is not None and config.batch_size < 2:
        raise InputError(
            f"--batch_size={config.batch_size} has no two halves for the statistics loss to compare",
            "take at least 2, or --statistics_loss=0",
        )
