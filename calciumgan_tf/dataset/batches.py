"""Random training windows, cut as they are needed: the recording is held once, and no window is ever stored.

Where a batch's windows begin is a function of (seed, update) alone, so whoever knows the update knows them.
"""

import tensorflow as tf

from calciumgan_tf.dataset import conditions
from calciumgan_tf.randomness import Purpose, Randomness


def training_batches(data, config, first_step=0, context=None):
    """Random scaled windows of the training part, a batch for each critic update, without end.

    With `critic_batches` 'shared' or 'single', all critic updates of a step see the same batch. The windows are a
    function of (seed, update) alone, so that a resumed run sees what an uninterrupted one would have seen, and the
    replicas together see what a single one would.

    Args:
      data: TrainingData.
      config: OptimizationConfig; its seed, batch_size, critic_updates and critic_batches.
      first_step: generator update to start at.
      context: tf.distribute.InputContext of a worker, or None for a single replica.

    Returns:
      tf.data.Dataset of float32 (share, frame, neuron), share = batch_size / replicas; consecutive elements go to
      consecutive replicas.
    """
    context = context or tf.distribute.InputContext()
    local = context.num_replicas_in_sync // context.num_input_pipelines
    share = config.batch_size // context.num_replicas_in_sync
    traces, starts = tf.constant(data.recording.traces), tf.constant(data.split.starts(data.split.training))
    frames = tf.range(data.split.window_frames)

    def batch(element):
        """The share of one replica, counted by `element` over updates and local replicas."""
        update = element // local
        replica = context.input_pipeline_id * local + tf.cast(element % local, tf.int32)
        mine = _starts_of(update, starts, config)[replica * share : (replica + 1) * share]
        return data.scaling.scaled(tf.gather(traces, mine[:, None] + frames))  # (share, frame, neuron)

    first = first_step * config.critic_updates * local
    return tf.data.Dataset.counter(first).map(batch, num_parallel_calls=1).prefetch(2)


class TrainingConditions:
    """The time course of conditions in training windows, as the models are given it."""

    def __init__(self, data, config, before):
        """Prepares nothing but constants.

        Args:
          data: TrainingData with a coding.
          config: OptimizationConfig.
          before: frames before a window that belong to it; before the recording, a trial or a joined
            part, all channels are 0.
        """
        self._config, self._coded = config, tf.constant(data.coded)
        self._first = tf.constant(conditions.first_frames(conditions.pieces(data.recording)))
        self._starts = tf.constant(data.split.starts(data.split.training))
        self._frames = tf.range(-before, data.split.window_frames)

    def of_update(self, update):
        """Those of the windows that `training_batches` gives at a critic update.

        Returns:
          float32 (window, before + frame, channel) of the global batch.
        """
        return self.at(_starts_of(update, self._starts, self._config))

    def drawn(self, windows, key):
        """Those of so many random windows; `key` is (2,), a fresh one each time, and the result as of `of_update`."""
        drawn = tf.random.stateless_uniform([windows], key, maxval=len(self._starts), dtype=tf.int32)
        return self.at(tf.gather(self._starts, drawn))

    def at(self, starts):
        """Those of windows that begin at some frames, int32 (window,); the result as of `of_update`."""
        number = starts[:, None] + self._frames
        coded = tf.gather(self._coded, tf.maximum(number, 0))
        return tf.where((number >= tf.gather(self._first, starts)[:, None])[..., None], coded, tf.zeros_like(coded))


def _starts_of(update, starts, config):
    """First frames of the global batch of a critic update, int32 (window,), out of all that are possible."""
    shared = config.critic_batches in ("shared", "single")
    number = update // max(1, config.critic_updates) if shared else update
    key = Randomness(config.seed).key(Purpose.WINDOWS, number)
    drawn = tf.random.stateless_uniform([config.batch_size], key, maxval=len(starts), dtype=tf.int32)
    return tf.gather(starts, drawn)
