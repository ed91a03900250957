"""Which frames and neurons of a window the critic's score depends on. After the importance maps of Spike-GAN.

Source of the idea: Molano-Mazon et al. 2018, ICLR, which shuffles each neuron's spikes; here, the score's gradient.
"""

import tensorflow as tf

from calciumgan_tf.dataset import scaling
from calciumgan_tf.errors import InputError
from calciumgan_tf.training import builders


def restored_critic(run, data):
    """The critic of a run's newest checkpoint, and the Scaling that it sees windows through.

    Raises:
      InputError: a run without a checkpoint.
    """
    run.trained_generator()
    config, split = run.config(), run.split()
    critic = builders.critic(config, data.neurons)
    newest = tf.train.latest_checkpoint(str(run.checkpoint_folder))
    if newest is None:
        raise InputError(f"{run.folder} has no checkpoint", "resume it")
    tf.train.Checkpoint(critic=critic).restore(newest).expect_partial()
    return critic, scaling.fit(data, split.training, config.scaling, config.scaling_quantile)


def maps(critic, scale, windows):
    """|d score / d x| of each frame and neuron, x in the scaled units that the critic sees, float32, no phase shuffle.

    Args:
      critic, scale: of `restored_critic`.
      windows: (window, frame, neuron), dF/F.

    Returns:
      (window, frame, neuron).
    """
    x = tf.constant(scale.scaled(windows))
    shifts = tf.zeros([len(windows), critic.inputs[1].shape[1]], tf.int32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = critic([x, shifts], training=False)
    return tf.abs(tape.gradient(score, x)).numpy()
