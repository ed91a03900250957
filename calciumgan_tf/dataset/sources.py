"""What `--dataset` names: a ready-made synthetic recording, or a recording on disk."""

from calciumgan_tf.config import Config
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.recording import Recording

SYNTHETIC, SURROGATE = "synthetic", "surrogate"


def load(config: Config) -> Recording:
    """The recording of a configuration.

    Raises:
      InputError: no such recording, or one that can't be read.
    """
    if config.dataset == SYNTHETIC:
        from calciumgan_tf.synthetic import populations

        return populations.population(neurons=config.synthetic_neurons).recording()
    if config.dataset == SURROGATE:
        from calciumgan_tf.synthetic import surrogate

        return surrogate.recording()
    return readers.read(config.dataset, readers.Options(frame_rate=config.frame_rate, tau_decay=config.tau_decay))
