"""WGAN-GP, an example at a time; whoever trains sums over a replica and divides by the global batch.

Arjovsky, Chintala and Bottou 2017, ICML; gradient penalty: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville 2017,
NeurIPS, equation 3.
"""

import tensorflow as tf

TINY = 1e-12  # under the root, so that the norm has a gradient at 0


def critic_loss(real_score, generated_score):
    """Critic's part of the Wasserstein loss: (example,), (example,) -> (example,)."""
    return generated_score - real_score


def generator_loss(generated_score):
    """Generator's part: (example,) -> (example,)."""
    return -generated_score


def safe_norm(values):
    """Euclidean norm over all axes but the first, with gradient 0 instead of NaN at 0: (example, ...) -> (example,)."""
    axes = list(range(1, len(values.shape)))
    return tf.sqrt(tf.reduce_sum(tf.square(values), axes) + TINY)


def gradient_penalty(score, real, generated, mix):
    """(norm - 1)^2 of the critic's gradient at a point between a real and a generated window.

    Args:
      score: function of windows (example, frame, neuron) to scores (example,).
      real, generated: (example, frame, neuron).
      mix: (example,), uniform in 0..1, the share of the generated window.

    Returns:
      (example,); the norm is over frames and neurons.
    """
    between = real + mix[:, None, None] * (generated - real)
    with tf.GradientTape() as tape:
        tape.watch(between)
        total = tf.reduce_sum(score(between))
    return tf.square(safe_norm(tape.gradient(total, between)) - 1)
