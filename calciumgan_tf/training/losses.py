"""Adversarial losses, a value for each example; the caller sums over its replica and divides by the global batch.

- wgan-gp: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville 2017, NeurIPS: the Wasserstein distance, and a penalty on
  the critic's gradient (equation 3).
- wgan: Arjovsky, Chintala and Bottou 2017, ICML: the same with the critic's weights clipped (algorithm 1).
- lsgan: Mao, Li, Xie, Lau, Wang and Smolley 2017, ICCV: least squares to 1 and 0 (equation 9).
- gan: Goodfellow et al. 2014, NeurIPS: cross-entropy of the logits, in the form that does not saturate (section 3).
"""

import tensorflow as tf

TINY = 1e-12  # under the root, so that the norm has a gradient at 0

# Optimizers and rates of the public WaveGAN, which takes those of each loss's own paper or code.
_ADAM = {"optimizer": "adam", "beta_1": 0.5, "beta_2": 0.9, "ema": 0.99}
_RMSPROP = _ADAM | {"optimizer": "rmsprop"}
DEFAULTS = {
    "wgan-gp": _ADAM
    | {"critic_updates": 5, "learning_rate": 1e-4, "critic_learning_rate": 1e-4, "gradient_penalty": 10.0, "clip": 0.0},
    "wgan": _RMSPROP | {"critic_updates": 5, "learning_rate": 5e-5, "critic_learning_rate": 5e-5, "clip": 0.01},
    "lsgan": _RMSPROP | {"critic_updates": 1, "learning_rate": 1e-4, "critic_learning_rate": 1e-4},
    "gan": _ADAM | {"critic_updates": 1, "learning_rate": 2e-4, "critic_learning_rate": 2e-4, "beta_2": 0.999},
}


def critic_loss(kind, real_score, generated_score):
    """The critic's loss.

    Args:
      kind: a key of DEFAULTS.
      real_score, generated_score: (example,).

    Returns:
      (example,).
    """
    if kind == "lsgan":
        return (tf.square(real_score - 1) + tf.square(generated_score)) / 2
    if kind == "gan":
        return tf.nn.softplus(-real_score) + tf.nn.softplus(generated_score)
    return generated_score - real_score


def generator_loss(kind, generated_score):
    """The generator's loss: (example,) to (example,)."""
    if kind == "lsgan":
        return tf.square(generated_score - 1) / 2
    if kind == "gan":
        return tf.nn.softplus(-generated_score)
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
