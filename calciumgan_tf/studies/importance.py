"""Which frames and neurons of a window the critic's score depends on. After the importance maps of Spike-GAN.

Source of the idea: Molano-Mazon et al. 2018, ICLR, which shuffles each neuron's spikes; here, the score's gradient.
"""

import tensorflow as tf

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.training.builders import Builder


def restored_critic(run, data):
    """The critic of a run's newest checkpoint.

    Args:
      run: Run.
      data: its TrainingData.

    Returns:
      builders.Model.

    Raises:
      InputError: a run without a checkpoint, without a critic, or with one of another critic.
    """
    if not run.config().optimization.critic_updates:
        raise InputError(f"{run.folder} was trained without a critic", "take another run")
    run.trained_generator()
    newest = tf.train.latest_checkpoint(str(run.checkpoint_folder))
    if newest is None:
        raise InputError(f"{run.folder} has no checkpoint", "resume it")
    critic = Builder.of(run.config(), data).critic()
    with files.reading(f"the critic of {newest}", "train again"):
        status = tf.train.Checkpoint(critic=critic.keras).restore(newest)
        status.assert_existing_objects_matched()
    status.expect_partial()  # the generator and the optimizers are left
    return critic


def maps(critic, scaling, windows):
    """|d score / d x| of each frame and neuron, x in the scaled units that the critic sees, without phase shuffle.

    Args:
      critic: of `restored_critic`.
      scaling: Scaling of the run.
      windows: (window, frame, neuron), dF/F; conditions, if the critic is given any, are 0.

    Returns:
      float32 (window, frame, neuron).
    """
    x = tf.constant(scaling.scaled(windows))
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = critic.keras([x, *critic.without_effect(len(windows))], training=False)
    return tf.abs(tape.gradient(score, x)).numpy()
