"""Random training windows, cut as they are needed: the recording is held once, and no window is ever stored."""

import tensorflow as tf

from calciumgan_tf.randomness import Purpose, Randomness


def training_batches(data, config, first_step=0, context=None):
    """Random scaled windows of the training part, a batch for each critic update, without end.

    With `critic_batches` 'shared', all critic updates of a step see the same batch. The windows of an update are a
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
    traces, random = tf.constant(data.recording.traces), Randomness(config.seed)
    starts = tf.constant(data.split.starts(data.split.training))
    frames = tf.range(data.split.window_frames)

    def batch(element):
        """The share of one replica, counted by `element` over updates and local replicas."""
        update = element // local
        replica = context.input_pipeline_id * local + tf.cast(element % local, tf.int32)
        number = update if config.critic_batches == "fresh" else update // config.critic_updates
        key = random.key(Purpose.WINDOWS, number)
        drawn = tf.random.stateless_uniform([config.batch_size], key, maxval=len(starts), dtype=tf.int32)
        mine = tf.gather(starts, drawn[replica * share : (replica + 1) * share])
        return data.scaling.scaled(tf.gather(traces, mine[:, None] + frames))  # (share, frame, neuron)

    first = first_step * config.critic_updates * local
    return tf.data.Dataset.counter(first).map(batch, num_parallel_calls=1).prefetch(2)
