"""The recording that `--dataset` names: a synthetic recording, or a file or folder."""

from calciumgan_tf.hyperparameters import DataConfig
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.contents import Options
from calciumgan_tf.recordings.recording import Recording

SYNTHETIC, SYNTHETIC_TUNED, SURROGATE = "synthetic", "synthetic_tuned", "surrogate"


def load(config: DataConfig) -> Recording:
    """Makes or reads the recording of a configuration.

    Raises:
      InputError: a recording that does not exist or can't be read.
    """
    if config.dataset == SYNTHETIC:
        from calciumgan_tf.synthetic import populations

        return populations.population(neurons=config.synthetic_neurons).recording()
    if config.dataset == SYNTHETIC_TUNED:
        from calciumgan_tf.synthetic import tuned

        return tuned.population(config.synthetic_neurons).recording()
    if config.dataset == SURROGATE:
        from calciumgan_tf.synthetic import surrogate

        return surrogate.recording()
    options = Options(
        frame_rate=config.frame_rate,
        indicator=config.indicator or "",
        tau_rise=config.tau_rise,
        tau_decay=config.tau_decay,
    )
    return readers.read(config.dataset, options)
