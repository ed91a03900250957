"""WGAN-GP written down as it is usually read, to measure the project's own update against.

Keras' strided and transposed convolutions, phase shuffle by padding and cutting, three separate passes of the critic,
the generator inside the tape, and all critic updates unrolled into one graph. Everything random is drawn as the
project draws it, so that losses and gradients can be compared.
"""

import keras
import measure  # noqa: F401  finds the package
import tensorflow as tf

from calciumgan_tf import randomness
from calciumgan_tf.config import LAYERS
from calciumgan_tf.models.layers import draw_shifts
from calciumgan_tf.training import builders
from calciumgan_tf.training.gan import BETWEEN, GENERATED, REAL


class PaddedPhaseShuffle(keras.layers.Layer):
    """One shift for the batch: reflect padding of m frames at both ends, then a cut at m - shift."""

    def __init__(self, largest, **options):
        super().__init__(**options)
        self.largest = largest

    def call(self, inputs, shifts):
        frames = inputs.shape[1]
        padded = tf.pad(inputs, [[0, 0], [self.largest, self.largest], [0, 0]], "REFLECT")
        start = self.largest - shifts[0]
        return tf.ensure_shape(padded[:, start : start + frames], inputs.shape)


def generator(config, neurons):
    """As calciumgan_tf.models.build.generator, of Keras' own layers."""
    dtype = {"dtype": config.precision}
    noise = keras.Input((config.noise_dim,))
    frames = config.window_frames // config.stride**LAYERS
    x = keras.layers.LeakyReLU(**dtype)(keras.layers.Dense(frames * config.noise_dim, **dtype)(noise))
    x = keras.layers.Reshape((frames, config.noise_dim), **dtype)(x)
    for filters in [*(config.units * n for n in range(LAYERS, 1, -1)), neurons]:
        x = keras.layers.Conv1DTranspose(filters, config.kernel_size, config.stride, "same", **dtype)(x)
        x = keras.layers.LeakyReLU(**dtype)(keras.layers.LayerNormalization(**dtype)(x))
    x = keras.layers.Dense(neurons, **dtype)(x)
    return keras.Model(noise, keras.layers.Activation("sigmoid", dtype="float32")(x))


def critic(config, neurons):
    """As calciumgan_tf.models.build.critic, of Keras' own layers and with the padded phase shuffle."""
    dtype = {"dtype": config.precision}
    windows = keras.Input((config.window_frames, neurons))
    shifts = keras.Input((LAYERS - 1,), dtype="int32")
    x = windows
    for layer in range(1, LAYERS + 1):
        x = keras.layers.Conv1D(config.critic_units * layer, config.critic_kernel_size, config.stride, "same", **dtype)(
            x
        )
        x = keras.layers.LeakyReLU(**dtype)(x)
        if layer < LAYERS:
            x = PaddedPhaseShuffle(config.phase_shuffle, **dtype)(x, shifts[:, layer - 1])
    score = keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten(**dtype)(x))
    return keras.Model([windows, shifts], score)


class Literal:
    """The same training as a GAN, starting from its weights; for one replica."""

    def __init__(self, gan):
        self.config = gan.config
        self.generator, self.critic = generator(gan.config, gan.neurons), critic(gan.config, gan.neurons)
        self.generator.set_weights(gan.generator.get_weights())
        self.critic.set_weights(gan.critic.get_weights())
        self.generator_optimizer, self.critic_optimizer = (
            type(optimizer).from_config(optimizer.get_config())
            for optimizer in (gan.generator_optimizer, gan.critic_optimizer)
        )
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

    @tf.function
    def update(self, batches, step):
        """One generator update after `critic_updates` critic updates."""
        for index in range(self.config.critic_updates):
            gradients, loss = self.critic_gradients(next(batches), step * self.config.critic_updates + index)
            self.critic_optimizer.apply(gradients)
        gradients, _ = self.generator_gradients(step)
        self.generator_optimizer.apply(gradients)
        return loss

    def critic_gradients(self, real, update):
        """Gradients and the loss, with what the project draws at this update."""
        noise = self.noise(randomness.CRITIC_NOISE, update)
        mix = tf.random.stateless_uniform([self.config.batch_size, 1, 1], self.seed(randomness.INTERPOLATION, update))
        with tf.GradientTape() as tape:
            generated = self.generator(noise, training=True)
            real_score = self.critic([real, self.shifts(randomness.CRITIC_SHIFTS, update, REAL)], training=True)
            generated_score = self.critic(
                [generated, self.shifts(randomness.CRITIC_SHIFTS, update, GENERATED)], training=True
            )
            between = mix * generated + (1 - mix) * real
            with tf.GradientTape() as inner:
                inner.watch(between)
                score = self.critic([between, self.shifts(randomness.CRITIC_SHIFTS, update, BETWEEN)], training=True)
            slope = inner.gradient(score, between)
            norm = tf.sqrt(tf.reduce_sum(tf.square(slope), [1, 2]))
            penalty = tf.reduce_mean(tf.square(norm - 1))
            wasserstein = tf.reduce_mean(generated_score) - tf.reduce_mean(real_score)
            loss = wasserstein + self.config.gradient_penalty * penalty
        return tape.gradient(loss, self.critic.trainable_variables), loss

    def generator_gradients(self, step):
        """Likewise for the generator."""
        noise = self.noise(randomness.GENERATOR_NOISE, step)
        shifts = self.shifts(randomness.GENERATOR_SHIFTS, step, GENERATED)
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(self.critic([self.generator(noise, training=True), shifts], training=True))
        return tape.gradient(loss, self.generator.trainable_variables), loss

    def seed(self, *purpose_and_counters):
        """As the project draws."""
        return randomness.seed(self.config.seed, *purpose_and_counters)

    def noise(self, purpose, counter):
        """Noise (example, noise_dim)."""
        return builders.draw_noise(self.generator, self.config.batch_size, self.seed(purpose, counter))[0]

    def shifts(self, purpose, counter, which):
        """Shifts (example, layer) of a pass, all rows equal."""
        seed = self.seed(purpose, counter, which)
        return draw_shifts(self.config.batch_size, [self.config.phase_shuffle] * (LAYERS - 1), seed, per_example=False)
