import numpy as np
import tensorflow as tf

from calciumgan_tf.dataset.batches import training_batches
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.hyperparameters import OptimizationConfig
from calciumgan_tf.recordings.recording import Recording

FRAMES, WINDOW = 2000, 64
TRACES = np.stack([np.arange(FRAMES), -np.arange(FRAMES)], 1).astype(np.float32)  # the values are the frames' numbers
SPLIT = split_frames(FRAMES, WINDOW)
SAME = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))


def batches(count, config=None, first_step=0, context=None, scaling=SAME):
    config = config or OptimizationConfig(batch_size=8, critic_updates=3)
    data = TrainingData(Recording(TRACES, 24.0, source="test"), SPLIT, scaling)
    dataset = training_batches(data, config, first_step, context)
    return np.stack([batch.numpy() for batch in dataset.take(count)])


def test_windows_are_pieces_of_the_training_part():
    drawn = batches(20)
    assert drawn.shape == (20, 8, WINDOW, 2)
    starts = drawn[:, :, 0, 0].ravel()
    assert set(starts) <= set(SPLIT.starts(SPLIT.training).astype(float))
    np.testing.assert_array_equal(drawn[..., 0], drawn[:, :, :1, 0] + np.arange(WINDOW))
    np.testing.assert_array_equal(drawn[..., 1], -drawn[..., 0])


def test_every_offset_is_drawn():
    config = OptimizationConfig(batch_size=512, critic_updates=5)
    starts = SPLIT.starts(SPLIT.training)
    seen, counts = np.unique(batches(60, config)[:, :, 0, 0], return_counts=True)
    np.testing.assert_array_equal(seen, starts)
    assert counts.max() < 3 * counts.mean()


def test_batches_differ_and_repeat_with_the_seed():
    assert len(np.unique(batches(10)[:, 0, 0, 0])) > 5
    np.testing.assert_array_equal(batches(4), batches(4))
    other = OptimizationConfig(batch_size=8, critic_updates=3, seed=1)
    assert (batches(4) != batches(4, other)).any()


def test_resumed_stream_continues_where_it_was():
    np.testing.assert_array_equal(batches(9)[6:], batches(3, first_step=2))


def test_replicas_share_the_batch_of_one():
    """Two replicas of one worker, and two workers of one replica each, see the halves of what a single replica sees."""
    whole = batches(3)
    one_worker = batches(6, context=tf.distribute.InputContext(1, 0, 2))
    np.testing.assert_array_equal(one_worker.reshape(3, 8, WINDOW, 2), whole)
    workers = [batches(3, context=tf.distribute.InputContext(2, i, 2)) for i in range(2)]
    np.testing.assert_array_equal(np.concatenate(workers, axis=1), whole)


def test_scaled():
    scaling = Scaling(np.array([10, 20], np.float32), np.array([2, 4], np.float32))
    np.testing.assert_array_equal(batches(2, scaling=scaling), (batches(2) - [10, 20]) / [2, 4])


def test_shared_batches_are_the_same_for_all_critic_updates_of_a_step():
    drawn = batches(6, OptimizationConfig(batch_size=8, critic_updates=3, critic_batches="shared"))
    for update in (1, 2):
        np.testing.assert_array_equal(drawn[update], drawn[0])
    assert (drawn[3] != drawn[0]).any()
    np.testing.assert_array_equal(drawn[5], drawn[3])
