"""No number depends on how many replicas share a batch: gradients of the default losses on 1, 2 and 4."""

import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.dataset import scaling, split
from calciumgan_tf.dataset.batches import training_batches
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.physiological.statistics_loss import StatisticsLoss
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations, tuned
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.gan import GAN
from calciumgan_tf.training.trainer import Trainer

BATCH, FRAMES, BLOCKS = 8, 64, ((0, 4000),)


@pytest.fixture(scope="module")
def truth():
    """Recorded windows of three neurons, scaled, and their statistics loss."""
    recording = populations.population(neurons=3).recording(4000)
    scale = scaling.fit(recording, BLOCKS, "zscore", 0)
    settings = deconvolution.fit_settings(recording.traces, recording.g, recording.s_min)
    windows = scale.scaled(recording.traces[: BATCH * FRAMES].reshape(BATCH, FRAMES, 3)).astype(np.float32)
    return windows, StatisticsLoss(recording, split.Split("end", FRAMES, BLOCKS, ()), settings, scale)


@pytest.fixture
def build(tiny_of, neuron_statistics, truth):
    def make(replicas, model, **options):
        config = Config.of(**tiny_of(model) | {"batch_size": BATCH, "critic_updates": 2} | options)
        builder, strategy = Builder(config, 3, neuron_statistics), make_strategy(replicas)
        if model == "physiological":
            return GAN(config.optimization, builder, strategy, truth[1], config.physiological.statistics_loss)
        return GAN(config.optimization, builder, strategy)

    return make


def stream(gan, windows):
    parts = tf.data.Dataset.from_tensor_slices(windows).batch(gan.share).repeat()
    return iter(gan.strategy.distribute_datasets_from_function(lambda _: parts))


def summed_gradients(gan, windows):
    """Gradients of generator and critic, summed over replicas."""
    of_both = gan.gradients(next(stream(gan, windows)), tf.constant(2, tf.int64))
    return [gan.strategy.reduce("SUM", part, None).numpy() for part in tf.nest.flatten(of_both)]


def assert_gradients_do_not_depend_on_replicas(build, windows, numbers, model, **options):
    single = summed_gradients(build(1, model, **options), windows)
    assert max(np.abs(part).max() for part in single) > 1e-2
    for replicas in numbers:
        for mine, theirs in zip(summed_gradients(build(replicas, model, **options), windows), single):
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5 * max(1, np.abs(theirs).max()))


@pytest.mark.parametrize("model", ["calciumgan", "physiological"])
def test_two_replicas_give_the_gradients_of_a_single_replica(build, truth, model):
    assert_gradients_do_not_depend_on_replicas(build, truth[0], [2], model)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["calciumgan", "calciumgan2d", "wavegan", "mlp", "physiological"])
def test_two_and_four_replicas_give_the_gradients_of_a_single_replica(build, truth, model):
    assert_gradients_do_not_depend_on_replicas(build, truth[0], [2, 4], model)


@pytest.mark.parametrize(
    "options", [{"shuffle_per_example": True}, pytest.param({"loss": "lsgan"}, marks=pytest.mark.slow)], ids=str
)
def test_options_do_not_depend_on_replicas(build, truth, options):
    assert_gradients_do_not_depend_on_replicas(build, truth[0], [2], "wavegan", **options)


@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_losses_are_those_of_a_single_replica_and_replicas_stay_equal(build, truth, replicas):
    losses = []
    for number in (1, replicas):
        gan = build(number, "wavegan")
        batches = stream(gan, truth[0])
        named = [gan.train_step(batches, tf.constant(step, tf.int64)) for step in range(3)]
        losses.append([float(value) for step in named for value in step.values()])
    assert losses[1] == pytest.approx(losses[0], rel=1e-4, abs=1e-5)
    for variable in [*gan.generator.variables, *gan.generator_optimizer.variables]:
        first, *others = (copy.numpy() for copy in gan.strategy.experimental_local_results(variable.value))
        assert len(others) == replicas - 1
        for copy in others:
            np.testing.assert_array_equal(copy, first)


@pytest.mark.parametrize("model", ["calciumgan", "physiological"])
def test_conditions_do_not_depend_on_replicas(tiny_of, model):
    """Each replica gives its models the conditions of its own windows."""
    recording = tuned.population(neurons=3).recording(4000)
    config = Config.of(**tiny_of(model) | {"batch_size": BATCH, "critic_updates": 2, "condition": "stimulus,speed"})
    data = TrainingData.prepare(recording, config)
    found = []
    for replicas in (1, 2):
        gan = Trainer(config, data, make_strategy(replicas)).gan
        step = tf.constant(1, tf.int64)
        windows = next(iter(training_batches(data, config.optimization, first_step=1))).numpy()
        of_both = gan.gradients(next(stream(gan, windows)), step)
        found.append([gan.strategy.reduce("SUM", part, None).numpy() for part in tf.nest.flatten(of_both)])
    assert max(np.abs(part).max() for part in found[0]) > 1e-2
    for single, shared in zip(*found):
        np.testing.assert_allclose(shared, single, rtol=1e-4, atol=1e-5 * max(1, np.abs(single).max()))
