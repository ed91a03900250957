"""A naive WGAN-GP of the paper's layers, against which the project's own step is measured.

Keras' strided and transposed convolutions, phase shuffle by padding and cutting, three separate passes of the critic,
the generator inside the tape, and all critic updates unrolled into one graph. Everything random is drawn as the
project draws it, so that losses and gradients can be compared.
"""

import keras
import measure  # noqa: F401  makes the package importable
import tensorflow as tf

from calciumgan_tf.models.calciumgan import LAYERS
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
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


def generator(config, precision, frames, neurons):
    """The paper's generator, of Keras' own layers: noise (example, noise_dim) to windows (example, frame, neuron)."""
    dtype = {"dtype": precision}
    noise = keras.Input((config.noise_dim,))
    first = frames // config.stride**LAYERS
    x = keras.layers.LeakyReLU(**dtype)(keras.layers.Dense(first * config.noise_dim, **dtype)(noise))
    x = keras.layers.Reshape((first, config.noise_dim), **dtype)(x)
    for filters in [*(config.units * n for n in range(LAYERS, 1, -1)), neurons]:
        x = keras.layers.Conv1DTranspose(filters, config.kernel_size, config.stride, "same", **dtype)(x)
        x = keras.layers.LeakyReLU(**dtype)(keras.layers.LayerNormalization(**dtype)(x))
    x = keras.layers.Dense(neurons, **dtype)(x)
    return keras.Model(noise, keras.layers.Activation("sigmoid", dtype="float32")(x))


def critic(config, precision, frames, neurons):
    """The critic, of Keras' own layers with the padded phase shuffle: windows and a shift for each layer to scores."""
    dtype = {"dtype": precision}
    windows = keras.Input((frames, neurons))
    shifts = [keras.Input((), dtype="int32") for _ in range(LAYERS - 1)]
    x = windows
    for layer in range(1, LAYERS + 1):
        shape = config.units * layer, config.kernel_size, config.stride, "same"
        x = keras.layers.LeakyReLU(**dtype)(keras.layers.Conv1D(*shape, **dtype)(x))
        if layer < LAYERS:
            x = PaddedPhaseShuffle(config.phase_shuffle, **dtype)(x, shifts[layer - 1])
    score = keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten(**dtype)(x))
    return keras.Model([windows, *shifts], score[:, 0])


class NaiveWganGp:
    """The same training as a GAN, starting from its weights; for one replica."""

    def __init__(self, config, gan):
        """Copies the weights of `gan`, a GAN of the calciumgan model, with `config` its Config."""
        self.config, self.random = config.optimization, Randomness(config.optimization.seed)
        self.draw_shifts = gan._critic_inputs.draw
        sizes = self.config.precision, *gan.generator.output_shape[1:]
        self.generator, self.critic = generator(config.generator, *sizes), critic(config.critic, *sizes)
        self.generator.set_weights(gan.generator.get_weights())
        self.critic.set_weights(gan.critic.get_weights())
        self.generator_optimizer, self.critic_optimizer = (
            type(optimizer).from_config(optimizer.get_config())
            for optimizer in (gan.generator_optimizer, gan.critic_optimizer)
        )
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

    @tf.function
    def train_step(self, batches, step):
        """`critic_updates` updates of the critic, then one of the generator; returns the last losses."""
        for index in range(self.config.critic_updates):
            gradients, critic_loss = self.critic_gradients(next(batches), step * self.config.critic_updates + index)
            self.critic_optimizer.apply(gradients)
        gradients, generator_loss = self.generator_gradients(step)
        self.generator_optimizer.apply(gradients)
        return {"critic_loss": critic_loss, "generator_loss": generator_loss}

    def critic_gradients(self, real, update):
        """Gradients of the critic's loss, and the loss, with the noise that the project draws at this update."""
        noise = self.noise(Purpose.CRITIC_NOISE, update)
        key = self.random.key(Purpose.INTERPOLATION, update)
        mix = tf.random.stateless_uniform([self.config.batch_size], key)[:, None, None]
        with tf.GradientTape() as tape:
            generated = self.generator(noise, training=True)
            real_score = self.score(real, Purpose.CRITIC_PASS, update, REAL)
            generated_score = self.score(generated, Purpose.CRITIC_PASS, update, GENERATED)
            between = mix * generated + (1 - mix) * real
            with tf.GradientTape() as inner:
                inner.watch(between)
                score = self.score(between, Purpose.CRITIC_PASS, update, BETWEEN)
            slope = inner.gradient(score, between)
            norm = tf.sqrt(tf.reduce_sum(tf.square(slope), [1, 2]))
            penalty = tf.reduce_mean(tf.square(norm - 1))
            loss = tf.reduce_mean(generated_score) - tf.reduce_mean(real_score)
            loss += self.config.gradient_penalty * penalty
        return tape.gradient(loss, self.critic.trainable_variables), loss

    def generator_gradients(self, step):
        """Likewise for the generator."""
        noise = self.noise(Purpose.GENERATOR_NOISE, step)
        with tf.GradientTape() as tape:
            windows = self.generator(noise, training=True)
            loss = -tf.reduce_mean(self.score(windows, Purpose.GENERATOR_PASS, step))
        return tape.gradient(loss, self.generator.trainable_variables), loss

    def noise(self, purpose, counter):
        """Noise (example, noise_dim)."""
        return draw_noise(self.generator, self.config.batch_size, self.random.key(purpose, counter))[0]

    def score(self, windows, purpose, *counters):
        """Scores (example,) with the shifts of a pass."""
        shifts = self.draw_shifts(self.config.batch_size, self.random.key(purpose, *counters))
        return self.critic([windows, *shifts], training=True)
