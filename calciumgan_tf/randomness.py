"""Stateless randomness.

Every random number is a function of (seed, purpose, counters), so that nothing has to be saved to resume.
"""

import tensorflow as tf

# Purposes; a number once given is never used for something else.
WINDOWS, CRITIC_NOISE, GENERATOR_NOISE, INTERPOLATION, CRITIC_SHIFTS, GENERATOR_SHIFTS, WEIGHTS, SAMPLES = range(8)


def seed(base, purpose, *counters):
    """A seed for TensorFlow's stateless functions.

    Args:
      base: the run's seed.
      purpose: one of the constants above.
      counters: whole numbers or scalar tensors, such as step and update.

    Returns:
      int32 or int64 tensor (2,).
    """
    value = tf.constant([base, purpose], tf.int32)
    for counter in counters:
        value = tf.random.experimental.stateless_fold_in(value, counter)
    return value
