"""Every model with every loss: trained, stopped, resumed bit for bit, sampled and evaluated."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import MODELS, Config
from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.hyperparameters import LOSSES
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling import sampler, samples
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.trainer import Trainer

SHORT = {"batch_size": 4, "steps": 20, "checkpoint_every": 10, "log_every": 10}


def trainer(recording, config):
    return Trainer(config, TrainingData.prepare(recording, config), make_strategy())


def weights(training):
    gan = training.gan
    variables = [*gan.generator.variables, *gan.critic.variables]
    return [one.numpy() for one in [*variables, *gan.generator_optimizer.variables, *gan.critic_optimizer.variables]]


@pytest.fixture(scope="module")
def reference():
    """The recorded side of all comparisons, computed once."""
    traces = (np.random.default_rng(0).normal(0, 0.3, (2000, 3)) + [0, 1, 2]).astype(np.float32)
    return Reference.fit(Recording(traces, 24.0, source="test"), split_frames(2000, 64), 10)


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("model", MODELS)
def test_trains_resumes_generates_and_is_evaluated(recording, reference, tiny_of, tmp_path, model, loss):
    config = Config.of(**tiny_of(model) | SHORT | {"loss": loss})
    whole, run, resumed = trainer(recording, config), Run(tmp_path / "whole"), Run(tmp_path / "resumed")
    start = [variable.numpy() for variable in whole.gan.generator.trainable_variables]
    whole.train(run, resume=False)
    assert any((before != now).any() for before, now in zip(start, whole.gan.generator.trainable_variables))
    if loss == "wgan":
        largest = max(np.abs(variable).max() for variable in whole.gan.critic.trainable_variables)
        assert largest <= config.optimization.clip
    shutil.copytree(run.folder, resumed.folder)  # as it was when half of it was done
    for file in resumed.checkpoint_folder.glob("ckpt-20*"):
        file.unlink()
    state = resumed.checkpoint_folder / "checkpoint"
    state.write_text('model_checkpoint_path: "ckpt-10"\nall_model_checkpoint_paths: "ckpt-10"\n')
    again = trainer(recording, config)
    again.train(resumed, resume=True)
    assert again.step == 20
    for mine, theirs in zip(weights(again), weights(whole)):
        np.testing.assert_array_equal(mine, theirs)
    sampler.sample(run, run.samples_file, sampler.Request(10))
    evaluation = reference.compare(samples.load(run.samples_file).traces)
    assert np.isfinite(evaluation.rows["firing_rate_rmse"]["generated"])
    layers = keras.saving.load_model(run.generator_file).layers
    assert all(type(layer).__module__.startswith("keras.") for layer in layers)


def test_histograms_and_a_profile(recording, tiny, tmp_path):
    config = Config.of(**tiny | SHORT | {"loss": "lsgan", "histograms": True, "profile": True})
    run = Run(tmp_path / "run")
    trainer(recording, config).train(run, resume=False)
    (events,) = run.tensorboard_folder.glob("events*")
    tags = {value.tag for record in tf.compat.v1.train.summary_iterator(str(events)) for value in record.summary.value}
    gradients = {tag for tag in tags if tag.endswith("/gradient")}
    assert {tag.split("/")[0] for tag in gradients} == {"generator", "critic"}
    assert {tag.removesuffix("/gradient") for tag in gradients} <= tags
    assert list(run.tensorboard_folder.glob("plugins/profile/*/*.xplane.pb"))
