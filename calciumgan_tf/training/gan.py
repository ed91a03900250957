"""Generator, critic, their optimizers, and one compiled update of both, on one device or many."""

import dataclasses
import json
import os

import keras
import tensorflow as tf

from calciumgan_tf import randomness
from calciumgan_tf.config import Config
from calciumgan_tf.errors import InputError
from calciumgan_tf.models.layers import draw_shifts
from calciumgan_tf.training import builders, losses

ADAM = {"wavegan": (0.5, 0.9), "calciumgan": (0.9, 0.999), "dcgan": (0.5, 0.999)}  # beta_1, beta_2
CRITIC_METRICS = ("critic_loss", "score_difference", "gradient_penalty")
METRICS = (*CRITIC_METRICS, "generator_loss")
REAL, GENERATED, BETWEEN = range(3)  # the critic's passes of an update, each with shifts of its own


def make_strategy(virtual_devices: int = 1) -> tf.distribute.Strategy:
    """How training is spread: over the workers of TF_CONFIG, all local GPUs, or the CPU, split in `virtual_devices`.

    Has to be called before TensorFlow touches its devices if `virtual_devices` is more than 1.
    """
    if "cluster" in json.loads(os.environ.get("TF_CONFIG", "{}")):
        return tf.distribute.MultiWorkerMirroredStrategy()
    if virtual_devices > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * virtual_devices)
    elif tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    return tf.distribute.MirroredStrategy([f"/cpu:{i}" for i in range(virtual_devices)])


class GAN:
    """The two models and how they are updated.

    Attributes:
      generator, critic: Keras models; the generator makes scaled windows.
      generator_optimizer, critic_optimizer: Keras'; the generator's also keeps the averaged weights.
    """

    def __init__(
        self, config: Config, neurons: int, strategy: tf.distribute.Strategy, physiology=None, spike_loss=None
    ):
        """Builds both models for windows of `neurons`, with weights that follow from the seed.

        Args:
          config: Config.
          neurons: how many.
          strategy: see `make_strategy`.
          physiology: NeuronStatistics, where the calcium readout starts.
          spike_loss: StatisticsLoss, or None.

        Raises:
          InputError: a batch that the replicas can't share equally, or not in halves for the spike loss; batch
            normalisation on several replicas.
        """
        self.config, self.neurons, self.strategy, self.physiology = config, neurons, strategy, physiology
        self.spike_loss = spike_loss
        replicas = strategy.num_replicas_in_sync
        if config.batch_size % replicas:
            raise InputError(
                f"--batch_size={config.batch_size} can't be shared by {replicas} replicas",
                f"take {(config.batch_size // replicas + 1) * replicas}",
            )
        if config.generator_norm == "batch" and replicas > 1:
            raise InputError(
                f"--generator_norm=batch would normalise the windows of each of {replicas} replicas apart",
                "take --generator_norm=layer",
            )
        self.share = config.batch_size // replicas  # windows of a replica
        if spike_loss is not None and self.share % 2:
            raise InputError(
                f"--batch_size={config.batch_size} gives each of {replicas} replicas {self.share} windows",
                f"take {(self.share + 1) * replicas}, or --spike_loss=0: it compares halves",
            )
        keras.utils.set_random_seed(config.seed)
        with strategy.scope():
            self.generator = builders.generator(config, neurons, physiology=physiology)
            self.critic = builders.critic(config, neurons)
            average = {"use_ema": True, "ema_momentum": config.ema}
            self.generator_optimizer = _optimizer(config, config.learning_rate, 1, **average)
            self.critic_optimizer = _optimizer(config, config.critic_learning_rate, config.critic_updates)
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.critic_optimizer.build(self.critic.trainable_variables)
        if config.xla:
            # Random numbers are drawn outside, since XLA draws others.
            self._generate = tf.function(self._generate, jit_compile=True)
            self._critic_pass = tf.function(self._critic_pass, jit_compile=True)
            self._generator_pass = tf.function(self._generator_pass, jit_compile=True)

    @tf.function
    def update(self, batches, step):
        """One generator update after `critic_updates` critic updates.

        Args:
          batches: iterator of (distributed) batches of real windows.
          step: int64 scalar, counted from 0.

        Returns:
          float32 (len(METRICS),): the critic's averaged over its updates.
        """
        count = self.config.critic_updates
        total = tf.zeros([len(CRITIC_METRICS)])
        # The generator rests while the critic is updated: one pass makes the windows of all these updates.
        generated = self.strategy.run(self.generate_for_critic, (step,))
        for index in tf.range(count, dtype=tf.int64):
            real = next(batches)
            total += self._sum(self.strategy.run(self._update_critic, (real, generated, step, index)))
            for weights in self.critic.trainable_variables if self.config.clip else ():
                weights.assign(tf.clip_by_value(weights.value, -self.config.clip, self.config.clip))
        loss = self._sum(self.strategy.run(self._update_generator, (step,)))
        return tf.concat([total / count, loss], 0)

    def _sum(self, values):
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None)

    def _update_critic(self, real, generated, step, index):
        gradients, metrics = self.critic_gradients(real, generated[index], step * self.config.critic_updates + index)
        self._apply(self.critic_optimizer, gradients)
        return metrics

    def _update_generator(self, step):
        gradients, metrics = self.generator_gradients(step)
        self._apply(self.generator_optimizer, gradients)
        return metrics

    def _apply(self, optimizer, gradients):
        if self.config.precision == "mixed_float16" and self.strategy.num_replicas_in_sync > 1:
            # The loss scale's optimizer leaves out an update whose gradients are not finite. All replicas have to agree
            # on that, or some would wait for the others for ever.
            finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients])
            failed = tf.distribute.get_replica_context().all_reduce("SUM", tf.where(finite, 0.0, 1.0))
            gradients = [tf.where(failed > 0, float("nan"), gradient) for gradient in gradients]
        optimizer.apply(gradients)

    def generate_for_critic(self, step):
        """This replica's generated windows for all critic updates of a step, scaled: (update, share, frame, neuron)."""
        count = self.config.critic_updates
        noise = [self._noise(randomness.CRITIC_NOISE, step * count + index) for index in range(count)]
        windows = self._generate([tf.concat(parts, 0) for parts in zip(*noise)])
        return tf.reshape(windows, [count, self.share, *windows.shape[1:]])

    def _generate(self, noise):
        return self.generator(noise, training=True)

    def critic_gradients(self, real, generated, update):
        """This replica's part of the gradients of the critic's loss; the sum over replicas is that of the global batch.

        Args:
          real, generated: float32 (share, frame, neuron), scaled.
          update: int64 scalar, critic updates so far.

        Returns:
          gradients of `critic.trainable_variables`, times the loss scale if there is one, and float32
          (len(CRITIC_METRICS),).
        """
        mix = tf.random.stateless_uniform([self.config.batch_size], self._seed(randomness.INTERPOLATION, update))
        shifts = [self._shifts(randomness.CRITIC_SHIFTS, update, which) for which in (REAL, GENERATED, BETWEEN)]
        return self._critic_pass(real, generated, self._mine(mix), *shifts)

    def _critic_pass(self, real, generated, mix, real_shifts, generated_shifts, between_shifts):
        config = self.config
        with tf.GradientTape() as tape:
            # One pass over real and generated windows together costs less than two.
            both, shifts = tf.concat([real, generated], 0), tf.concat([real_shifts, generated_shifts], 0)
            scores = tf.split(self.critic([both, shifts], training=True), 2)
            loss = losses.critic_loss(config.loss, *scores)
            penalty = tf.zeros([self.share])
            if config.gradient_penalty:
                penalty = losses.gradient_penalty(
                    lambda windows: self.critic([windows, between_shifts], training=True), real, generated, mix
                )
                loss += config.gradient_penalty * penalty
            loss = self._mean(loss)
            scaled = self.critic_optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self.critic.trainable_variables)
        return gradients, tf.stack([loss, self._mean(scores[0] - scores[1]), self._mean(penalty)])

    def generator_gradients(self, step):
        """This replica's part of the gradients of the generator's loss, likewise.

        Args:
          step: int64 scalar, generator updates so far.

        Returns:
          gradients of `generator.trainable_variables`, and float32 (1,), the loss.
        """
        noise = self._noise(randomness.GENERATOR_NOISE, step)
        return self._generator_pass(noise, self._shifts(randomness.GENERATOR_SHIFTS, step, GENERATED))

    def _generator_pass(self, noise, shifts):
        with tf.GradientTape() as tape:
            windows = self.generator(noise, training=True)
            loss = self._mean(losses.generator_loss(self.config.loss, self.critic([windows, shifts], training=True)))
            if self.spike_loss is not None:  # of this replica's windows; the sum over replicas is their mean
                loss += self.config.spike_loss * self.spike_loss(windows) * self.share / self.config.batch_size
            scaled = self.generator_optimizer.scale_loss(loss)
        return tape.gradient(scaled, self.generator.trainable_variables), loss[None]

    @tf.function
    def gradients(self, real, step):
        """Of the generator and, for recorded windows `real` (share, frame, neuron), of the critic; nothing is updated.

        Returns:
          a pair of lists for each replica.
        """

        def both(windows, step):
            generated = self.generate_for_critic(step)[0]
            of_critic, _ = self.critic_gradients(windows, generated, step * self.config.critic_updates)
            return self.generator_gradients(step)[0], of_critic

        return self.strategy.run(both, (real, step))

    def _mean(self, values):
        # Divided by the global batch, since gradients and metrics are summed over replicas.
        return tf.reduce_sum(values) / self.config.batch_size

    def _mine(self, values):
        """This replica's rows of what was drawn for the global batch: the draw does not depend on the replicas."""
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return values[replica * self.share : (replica + 1) * self.share]

    def _seed(self, purpose, *counters):
        return randomness.seed(self.config.seed, purpose, *counters)

    def _noise(self, purpose, counter):
        noise = builders.draw_noise(self.generator, self.config.batch_size, self._seed(purpose, counter))
        return [self._mine(part) for part in noise]

    def _shifts(self, purpose, counter, which):
        config = self.config
        seed = self._seed(purpose, counter, which)
        return self._mine(
            draw_shifts(
                config.batch_size, builders.largest_shifts(config, self.neurons), seed, config.shuffle_per_example
            )
        )

    def averaged_generator(self, scaling, step) -> keras.Model:
        """The generator with averaged weights, giving dF/F: what is saved and sampled.

        Its name says the `step`, see `generator_step`. Training goes on from the weights as they are.
        """
        exact = [variable.numpy() for variable in self.generator.trainable_variables]
        self.generator_optimizer.finalize_variable_values(self.generator.trainable_variables)
        config = dataclasses.replace(self.config, precision="float32", dropout=0.0)  # which samples do not need
        exported = builders.generator(config, self.neurons, scaling, self.physiology, name=f"generator_step_{step}")
        exported.set_weights(self.generator.get_weights())
        for variable, value in zip(self.generator.trainable_variables, exact):
            variable.assign(value)
        return exported


def _optimizer(config, rate, updates_a_step, **average):
    """The optimizer of a model that is updated so often a step."""
    if config.half_rate_step:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, config.half_rate_step * updates_a_step, 1.0)
    if config.optimizer == "rmsprop":
        optimizer = keras.optimizers.RMSprop(rate, **average)
    else:
        beta_1, beta_2 = ADAM[config.adam]
        optimizer = keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2, **average)
    if config.precision == "mixed_float16":  # small gradients would be 0 in float16
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def generator_step(model: keras.Model) -> int:
    """The step that a saved generator is from."""
    return int(model.name.rsplit("_", 1)[-1])
