"""Dtype policies: layers compute in the policy's type, scores and losses in 32 bits at least, what is saved in 32."""

import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.randomness import draw_noise
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.gan import GAN

WINDOWS = np.random.default_rng(0).uniform(0, 1, (16, 64, 3)).astype(np.float32)


@pytest.fixture
def build(tiny_of, neuron_statistics):
    """`build(replicas, precision, model)`: a GAN and its builder."""

    def make(replicas, precision, model="wavegan"):
        config = Config.of(**tiny_of(model), precision=precision, critic_updates=2)
        builder = Builder(config, 3, neuron_statistics)
        return GAN(config.optimization, builder, make_strategy(replicas)), builder

    return make


def stream(gan, windows=WINDOWS):
    parts = tf.data.Dataset.from_tensor_slices(windows).batch(gan.share).repeat()
    return iter(gan.strategy.distribute_datasets_from_function(lambda _: parts))


@pytest.mark.parametrize("precision, tolerance", [("mixed_float16", 0.06), ("mixed_bfloat16", 0.15), ("float64", 1e-4)])
def test_precision_gives_the_same_gradients_within_its_own(build, precision, tolerance):
    """Relative to the length of all gradients of the critic together."""
    (single, _), (gan, _) = build(1, "float32"), build(1, precision)
    gan.generator.set_weights(single.generator.get_weights())
    gan.critic.set_weights(single.critic.get_weights())
    exact, rough = (part.gradients(tf.constant(WINDOWS), tf.constant(2, tf.int64))[1] for part in (single, gan))
    exact, rough = (np.concatenate([part.numpy().ravel() for part in side]) for side in (exact, rough))
    difference = rough / float(gan.critic_optimizer.scale_loss(1.0)) - exact
    assert np.linalg.norm(difference) < tolerance * np.linalg.norm(exact)
    convolution = next(layer for layer in gan.critic.layers if layer.name == "downsample1")
    assert convolution.compute_dtype == precision.removeprefix("mixed_")
    exact = "float64" if precision == "float64" else "float32"
    assert gan.critic.outputs[0].dtype == gan.generator.outputs[0].dtype == exact


@pytest.mark.parametrize(
    "replicas, precision, model",
    [
        pytest.param(1, "mixed_bfloat16", "wavegan", marks=pytest.mark.slow),
        (2, "float64", "physiological"),
        (2, "mixed_float16", "wavegan"),
        pytest.param(2, "mixed_float16", "physiological", marks=pytest.mark.slow),
    ],
)
def test_it_trains_and_exports_float32(build, replicas, precision, model):
    gan, builder = build(replicas, precision, model)
    assert precision != "float64" or {variable.dtype for variable in gan.generator.variables} == {"float64"}
    batches, before = stream(gan), gan.generator.get_weights()
    for step in range(2):
        named = gan.train_step(batches, tf.constant(step, tf.int64))
    assert np.isfinite([float(value) for value in named.values()]).all()
    assert any((a != b).any() for a, b in zip(gan.generator.get_weights(), before))
    exported = builder.exported_generator(Scaling(np.zeros(3, np.float32), np.ones(3, np.float32)))
    exported.set_weights(gan.averaged_weights())
    assert {layer.compute_dtype for layer in exported.layers} == {"float32"}
    assert exported(draw_noise(exported, 1, [0, 0])).dtype == tf.float32


def test_replicas_agree_to_leave_out_an_update_that_overflows_on_one_of_them(build):
    """The windows of the second replica are beyond float16."""
    gan, _ = build(2, "mixed_float16")
    windows = np.where(np.arange(16)[:, None, None] < 8, WINDOWS, 1e9).astype(np.float32)
    before, scale = gan.critic.get_weights(), float(gan.critic_optimizer.scale_loss(1.0))
    gan.train_step(stream(gan, windows), tf.constant(0, tf.int64))
    for mine, unchanged in zip(gan.critic.get_weights(), before):
        np.testing.assert_array_equal(mine, unchanged)
    assert float(gan.critic_optimizer.scale_loss(1.0)) < scale
