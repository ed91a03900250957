import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf import randomness
from calciumgan_tf.config import Config
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.errors import InputError
from calciumgan_tf.physiological.neuron_statistics import NeuronStatistics
from calciumgan_tf.training.builders import draw_noise
from calciumgan_tf.training.gan import GAN, METRICS, generator_step, make_strategy

NEURONS = 3
REAL = np.random.default_rng(0).uniform(0, 1, (16, 64, NEURONS)).astype(np.float32)

PHYSIOLOGY = NeuronStatistics(24.0, 0.9, np.zeros(3), np.full(3, 0.5), np.full(3, 0.05), np.full(3, 1.0))


def build(tiny, replicas=1, readout="convolution", **changes):
    """The paper's readout where it does not matter: its graph is smaller."""
    config = Config(**{**tiny, "virtual_devices": replicas, "readout": readout, **changes})
    return GAN(config, NEURONS, make_strategy(replicas), PHYSIOLOGY)


def batches(gan):
    share = 16 // gan.strategy.num_replicas_in_sync
    parts = tf.data.Dataset.from_tensor_slices(REAL).batch(share).repeat()
    return iter(gan.strategy.distribute_datasets_from_function(lambda _: parts))


def summed_gradients(gan):
    """Gradients of critic and generator, summed over replicas."""

    @tf.function
    def both(real):
        step = tf.constant(2, tf.int64)
        generated = gan.generate_for_critic(step)
        return gan.critic_gradients(real, generated[1], 5 * step + 1), gan.generator_gradients(step)

    parts = gan.strategy.run(both, (next(batches(gan)),))
    return [gan.strategy.reduce(tf.distribute.ReduceOp.SUM, part, None).numpy() for part in tf.nest.flatten(parts)]


@pytest.mark.parametrize("per_example, readout", [(False, "convolution"), (True, "calcium")])
def test_two_replicas_give_the_gradients_of_one(tiny, per_example, readout):
    """Twice eight windows are sixteen, also with phase shuffle, since the draws do not depend on replicas."""
    for largest in (2,) if readout == "calcium" else (0, 2):
        changes = {"phase_shuffle": largest, "shuffle_per_example": per_example, "readout": readout}
        one, two = (summed_gradients(build(tiny, replicas, **changes)) for replicas in (1, 2))
        assert max(np.abs(part).max() for part in one) > 1e-3
        for mine, theirs in zip(one, two):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_batch_normalisation_of_several_replicas_is_refused(tiny):
    with pytest.raises(InputError, match="--generator_norm=batch would normalise the windows of each of 2 replicas"):
        build(tiny, 2, generator_norm="batch")


def test_two_replicas_stay_equal_while_they_train(tiny):
    gan = build(tiny, 2)
    stream = batches(gan)
    for step in range(3):
        metrics = gan.update(stream, tf.constant(step, tf.int64))
    assert metrics.shape == (len(METRICS),) and np.isfinite(metrics).all()
    for variable in [*gan.generator.variables, *gan.generator_optimizer.variables]:
        first, second = (copy.numpy() for copy in gan.strategy.experimental_local_results(variable.value))
        np.testing.assert_array_equal(first, second)


def test_critic_gradients_are_those_of_the_loss_written_out(tiny):
    """Three separate passes, without phase shuffle, against the one pass over real and generated windows."""
    gan = build(tiny, phase_shuffle=0, gradient_penalty=7.0, critic_updates=5)
    update = tf.constant(5, tf.int64)
    generated = gan.strategy.run(gan.generate_for_critic, (tf.constant(1, tf.int64),))[0]
    gradients, metrics = gan.strategy.run(gan.critic_gradients, (tf.constant(REAL), generated, update))
    again = gan.generator(gan.strategy.run(gan._noise, (randomness.CRITIC_NOISE, update)))
    np.testing.assert_allclose(generated, again, atol=1e-6)
    mix = tf.random.stateless_uniform([16], gan._seed(randomness.INTERPOLATION, update))[:, None, None]
    shifts = tf.zeros([16, 4], tf.int32)
    real = tf.constant(REAL)
    with tf.GradientTape() as tape:
        between = (1 - mix) * real + mix * generated
        with tf.GradientTape() as inner:
            inner.watch(between)
            score = tf.reduce_sum(gan.critic([between, shifts]))
        norm = tf.norm(tf.reshape(inner.gradient(score, between), [16, -1]), axis=1)
        wasserstein = tf.reduce_mean(gan.critic([real, shifts])) - tf.reduce_mean(gan.critic([generated, shifts]))
        loss = -wasserstein + 7 * tf.reduce_mean((norm - 1) ** 2)
    for mine, theirs in zip(gradients, tape.gradient(loss, gan.critic.trainable_variables)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(metrics, [loss, wasserstein, tf.reduce_mean((norm - 1) ** 2)], rtol=1e-5)


def test_one_update_is_that_many_optimizer_steps(tiny):
    gan = build(tiny, critic_updates=4)
    gan.update(batches(gan), tf.constant(0, tf.int64))
    assert gan.critic_optimizer.iterations.numpy() == 4 and gan.generator_optimizer.iterations.numpy() == 1


@pytest.mark.parametrize("name, moments", [("wavegan", (0.5, 0.9)), ("calciumgan", (0.9, 0.999))])
def test_moments_of_adam(tiny, name, moments):
    gan = build(tiny, adam=name)
    for optimizer in (gan.critic_optimizer, gan.generator_optimizer):
        assert (optimizer.beta_1, optimizer.beta_2) == moments


def test_exported_generator_has_the_averaged_weights(tiny):
    """a <- m a + (1 - m) w, starting at the weights after the first step; training goes on untouched."""
    gan = build(tiny, ema=0.8, readout="calcium")
    stream, average = batches(gan), None
    for step in range(4):
        gan.update(stream, tf.constant(step, tf.int64))
        weights = gan.generator.get_weights()
        average = weights if average is None else [0.8 * a + 0.2 * w for a, w in zip(average, weights)]
    scaling = Scaling(np.zeros(NEURONS, np.float32), np.ones(NEURONS, np.float32))
    exported = gan.averaged_generator(scaling, 4)
    for mine, expected in zip(exported.get_weights(), average):
        np.testing.assert_allclose(mine, expected, atol=1e-6)
    for mine, before in zip(gan.generator.get_weights(), weights):
        np.testing.assert_array_equal(mine, before)
    assert generator_step(exported) == 4


@pytest.mark.parametrize("readout", ["calcium", "convolution"])
def test_exported_generator_has_built_in_layers_only(tiny, readout):
    gan = build(tiny, readout=readout)
    exported = gan.averaged_generator(Scaling(np.zeros(3, np.float32), np.ones(3, np.float32)), 0)
    assert all(isinstance(layer, getattr(keras.layers, type(layer).__name__)) for layer in exported.layers)


def test_same_seed_same_weights(tiny):
    first, same, other = (build(tiny, seed=seed).generator.get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("replicas", [1, 2])
def test_spike_loss_is_weighted_and_averaged_over_replicas(tiny, replicas):
    """A stand-in that is the mean of the windows: its gradient adds to that of the critic's scores."""
    plain = summed_gradients(build(tiny, replicas))
    with_loss = build(tiny, replicas, spike_loss=3.0)
    with_loss.spike_loss = tf.reduce_mean
    noise = with_loss.strategy.run(lambda: with_loss._noise(randomness.GENERATOR_NOISE, tf.constant(2, tf.int64)))
    parts = zip(*([part] if replicas == 1 else part.values for part in noise))
    with tf.GradientTape() as tape:
        expected = 3 * sum(tf.reduce_mean(with_loss.generator(list(part))) for part in parts) / replicas
    extra = tape.gradient(expected, with_loss.generator.trainable_variables)
    count = len(with_loss.critic.trainable_variables) + 1  # the critic's metrics stand between
    for mine, before, more in zip(summed_gradients(with_loss)[count:], plain[count:], extra):
        np.testing.assert_allclose(mine, before + more, atol=1e-5)


def test_spike_loss_needs_two_halves(tiny):
    config = Config(**{**tiny, "batch_size": 6})
    with pytest.raises(
        InputError, match="--batch_size=6 gives each of 2 replicas 3 windows: take 8, or --spike_loss=0"
    ):
        GAN(config, NEURONS, make_strategy(2), PHYSIOLOGY, tf.reduce_mean)


def test_batch_that_replicas_cannot_share(tiny):
    with pytest.raises(InputError, match="--batch_size=15 can't be shared by 2 replicas: take 16"):
        build(tiny, 2, batch_size=15)


@pytest.mark.parametrize("replicas", [1, 2])
def test_xla_gives_the_same_gradients(tiny, replicas):
    plain, compiled = (summed_gradients(build(tiny, replicas, xla=xla)) for xla in (False, True))
    for mine, theirs in zip(compiled, plain):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("precision, tolerance", [("mixed_float16", 0.06), ("mixed_bfloat16", 0.15), ("float64", 1e-4)])
def test_precision_gives_the_same_gradients_within_its_own(tiny, precision, tolerance):
    """Relative to the length of all gradients together."""
    single, gan = build(tiny), build(tiny, precision=precision)
    gan.generator.set_weights(single.generator.get_weights())
    gan.critic.set_weights(single.critic.get_weights())
    exact = summed_gradients(single)
    scale = float(gan.critic_optimizer.scale_loss(1.0))
    rough, count = summed_gradients(gan), len(gan.critic.trainable_variables)
    critic = [np.concatenate([part.ravel() for part in side[:count]]) for side in (rough, exact)]
    assert np.linalg.norm(critic[0] / scale - critic[1]) < tolerance * np.linalg.norm(critic[1])
    np.testing.assert_allclose(rough[count], exact[count], rtol=tolerance, atol=tolerance)  # losses carry no scale
    wanted = "float64" if precision == "float64" else "float32"
    assert gan.critic.trainable_variables[0].dtype == wanted


def test_bfloat16_with_xla_trains_and_exports_float32(tiny):
    check_that_it_trains_and_exports_float32(build(tiny, precision="mixed_bfloat16", xla=True))


def check_that_it_trains_and_exports_float32(gan):
    """Also for test_mixed_precision.py."""
    stream, before = batches(gan), gan.generator.get_weights()
    for step in range(2):
        metrics = gan.update(stream, tf.constant(step, tf.int64))
    assert np.isfinite(metrics).all()
    assert any((a != b).any() for a, b in zip(gan.generator.get_weights(), before))
    exported = gan.averaged_generator(Scaling(np.zeros(3, np.float32), np.ones(3, np.float32)), 2)
    assert {layer.compute_dtype for layer in exported.layers} == {"float32"}
    assert exported(draw_noise(exported, 1, [0, 0])).dtype == tf.float32
