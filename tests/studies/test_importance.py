import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError
from calciumgan_tf.studies import importance
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.trainer import Trainer


@pytest.fixture
def trained(recording, tiny, tmp_path):
    """A Trainer after one step, and its run."""
    config = Config.of(**tiny, steps=1)
    trainer, run = Trainer(config, TrainingData.prepare(recording, config), make_strategy()), Run(tmp_path / "run")
    run.folder.mkdir()
    trainer.train(run, resume=False)
    return trainer, run


def test_critic_of_a_run_is_restored(trained):
    trainer, run = trained
    critic = importance.restored_critic(run, run.training_data())
    for mine, expected in zip(critic.keras.get_weights(), trainer.gan.critic.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_checkpoint_without_a_critic_is_refused(trained):
    """Not restored in silence, which would draw the map of an untrained critic."""
    trainer, run = trained
    for file in run.checkpoint_folder.iterdir():
        file.unlink()
    state = tf.train.Checkpoint(generator=trainer.gan.generator)
    tf.train.CheckpointManager(state, str(run.checkpoint_folder), 1).save(checkpoint_number=1)
    with pytest.raises(InputError, match="the critic of .* can't be read"):
        importance.restored_critic(run, run.training_data())


def test_maps_are_the_slopes_of_the_score(trained):
    """Against a difference quotient of the score at a few frames of a window, in scaled units."""
    _, run = trained
    data = run.training_data()
    critic = importance.restored_critic(run, data)
    window = data.recording.traces[None, :64]
    found = importance.maps(critic, data.scaling, window)
    assert found.shape == (1, 64, 3) and found.max() > 0

    def score(x):
        return critic.keras([tf.constant(x), *critic.without_effect(len(x))]).numpy()

    x, step = data.scaling.scaled(window), 1e-2
    for frame, neuron in ((3, 0), (30, 1), (60, 2)):
        moved = np.repeat(x, 2, axis=0)
        moved[:, frame, neuron] += [-step, step]
        lower, upper = score(moved)
        np.testing.assert_allclose(found[0, frame, neuron], abs(upper - lower) / (2 * step), rtol=0.05, atol=1e-4)
