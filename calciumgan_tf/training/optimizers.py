"""Optimizers of generator and critic."""

import keras
import tensorflow as tf


def make_optimizer(config, rate, updates_a_step=1, **average):
    """An optimizer.

    Args:
      config: OptimizationConfig.
      rate: learning rate at the start.
      updates_a_step: updates of this model for one of the generator.
      **average: Keras' options of averaged weights.

    Returns:
      a Keras optimizer; in mixed_float16, with a loss scale, without which small gradients would be 0 in float16.
    """
    if config.half_rate_step:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, config.half_rate_step * updates_a_step, 1.0)
    if config.optimizer == "rmsprop":
        optimizer = keras.optimizers.RMSprop(rate, **average)
    else:
        optimizer = keras.optimizers.Adam(rate, beta_1=config.beta_1, beta_2=config.beta_2, **average)
    return keras.optimizers.LossScaleOptimizer(optimizer) if config.precision == "mixed_float16" else optimizer


def apply_gradients(optimizer, gradients) -> None:
    """Updates the optimizer's variables by the sum of all replicas' gradients; called by every replica."""
    context = tf.distribute.get_replica_context()
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) and context.num_replicas_in_sync > 1:
        # It leaves out an update whose gradients are not finite. All replicas have to agree on that, or some would
        # wait for the others for ever.
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients])
        failed = context.all_reduce("SUM", tf.where(finite, 0.0, 1.0))
        gradients = [tf.where(failed > 0, float("nan"), gradient) for gradient in gradients]
    optimizer.apply(gradients)
