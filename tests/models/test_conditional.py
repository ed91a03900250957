"""What conditions add to the published layers."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.models import conditional
from calciumgan_tf.models.layers import shift_reflected
from calciumgan_tf.randomness import CONDITIONS, draw_noise
from calciumgan_tf.training.builders import Builder

MODELS = ["calciumgan", "physiological"]
SCALING = Scaling(np.zeros(3, np.float32), np.ones(3, np.float32))


@pytest.fixture
def builder_of(tiny_of, neuron_statistics):
    tuned = {"tuning": np.full((4, 2, 3), 0.5), "untuned": np.zeros(3)}
    statistics = dataclasses.replace(neuron_statistics, **tuned)
    return lambda model, channels=2: Builder(Config.of(**tiny_of(model)), 3, statistics, channels)


@pytest.mark.parametrize("model", MODELS)
def test_both_models_depend_on_conditions_and_begin_with_their_input(builder_of, model):
    builder = builder_of(model)
    generator, critic = builder.generator(), builder.critic()
    before = {"calciumgan": 0, "physiological": 32}[model]
    assert builder.frames_before == before
    assert generator.keras.inputs[0].name == CONDITIONS and generator.keras.inputs[0].shape == (None, 64 + before, 2)
    assert critic.keras.inputs[1].name == CONDITIONS and critic.keras.inputs[1].shape == (None, 64, 2)
    for one in (generator, critic):
        fixed = [tf.ones([4, *x.shape[1:]]) for x in one.keras.inputs if x.name == "windows"]
        drawn = one.random.draw(4, [0, 0])
        shape = one.keras.inputs[len(fixed)].shape[1:]
        found = [one.keras([*fixed, given, *drawn]).numpy() for given in (tf.zeros([4, *shape]), tf.ones([4, *shape]))]
        assert np.abs(found[0] - found[1]).max() > 1e-5


@pytest.mark.parametrize("model", MODELS)
def test_without_conditions_there_are_no_further_layers(builder_of, model):
    builder = builder_of(model, channels=0)
    for one in (builder.generator().keras, builder.critic().keras):
        assert not [layer.name for layer in one.layers if "conditions" in layer.name or layer.name == "tuning"]


@pytest.mark.parametrize("model", MODELS)
def test_saved_generator_takes_conditions_and_noise_and_needs_nothing_of_ours(builder_of, model, tmp_path):
    builder = builder_of(model)
    trained, exported = builder.generator(), builder.exported_generator(SCALING)
    exported.set_weights(trained.keras.get_weights())
    exported.save(tmp_path / "generator.keras")
    restored = keras.saving.load_model(tmp_path / "generator.keras")
    assert all(type(layer).__module__.startswith("keras.") for layer in restored.layers)
    given = tf.random.stateless_normal([2, *restored.inputs[0].shape[1:]], [3, 4])
    noise = draw_noise(restored, 2, [0, 0])
    assert len(noise) == len(restored.inputs) - 1
    unused = [tf.zeros([2, *x.shape[1:]], x.dtype) for x in trained.random.inputs[len(noise) :]]
    np.testing.assert_allclose(restored([given, *noise]), trained.keras([given, *noise, *unused]), rtol=1e-4, atol=1e-5)


def test_resolutions_halve_from_layer_to_layer():
    found = conditional.resolutions(keras.Input((64, 3)), stride=2, layers=5)
    assert [tuple(one.shape[1:]) for one in found] == [(64, 3), (32, 16), (16, 16), (8, 16), (4, 16), (2, 16)]
    assert conditional.resolutions(None, 2, 5) == [None] * 6


def test_conditions_move_with_the_features_that_are_shuffled():
    x, shift = np.random.default_rng(0).normal(size=(2, 8, 3)).astype(np.float32), np.array([2, -1], np.int32)
    moved = conditional.shuffled(tf.constant(x), tf.constant(shift), 1)
    np.testing.assert_array_equal(moved, shift_reflected(tf.constant(x), tf.constant(shift)))
    np.testing.assert_array_equal(moved[0, 2:], x[0, :-2])


def test_a_projected_score_is_the_inner_product_with_the_conditions():
    """With the weights of the plain features at 0 and of the products at 1: the sum of x V c, as Miyato and Koyama."""
    x, c = (
        np.random.default_rng(number).normal(size=(5, 4, size)).astype(np.float32) for number, size in ((0, 3), (1, 2))
    )
    inputs = keras.Input((4, 3)), keras.Input((4, 2))
    model = keras.Model(inputs, conditional.projected(*inputs))
    v = model.get_layer("conditions_projection").get_weights()[0]
    features = model([x, c]).numpy()
    np.testing.assert_allclose(features[..., :3], x)
    np.testing.assert_allclose(features[..., 3:].sum((1, 2)), np.einsum("btc,ck,btk->b", c, v, x), rtol=1e-4)
