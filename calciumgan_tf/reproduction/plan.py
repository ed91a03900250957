"""What the paper did, as a list of experiments."""

import dataclasses

from calciumgan_tf import flagfile
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import sources
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.baselines.dichotomized_gaussian import fitted_population
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations as synthetic
from calciumgan_tf.synthetic.populations import Population
from calciumgan_tf.training.builders import MODULES

SCALES = {"laptop": {"steps": 1000}, "paper": None}  # None: as configs/paper.flags has it
TRUTH, RECORDING, UNSHUFFLED = "known_truth", "recording", "no_phase_shuffle"


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One training, once for each seed.

    Attributes:
      name: of its folders.
      about: a description for people.
      config: Config of every seed; the seed itself is replaced.
      recording: Recording.
      truth: the Population that `recording` was drawn from, where generated windows are compared with it; else None.
      statistics: whether generated windows are compared with the held-out part of `recording`.
    """

    name: str
    about: str
    config: Config
    recording: Recording
    truth: Population | None
    statistics: bool


def scale_flags(scale, given) -> dict:
    """{option: value} of all trainings of a scale; `given`, those of the command line, take precedence."""
    flags = SCALES[scale] if SCALES[scale] is not None else flagfile.read(flagfile.PAPER)
    return flags | given


def population_like(data: Recording) -> Population:
    """A dichotomised Gaussian with the means and covariances of a recording's inferred spikes, and its calcium."""
    settings = deconvolution.fit_recording(data)
    inferred = deconvolution.infer_spikes(data.traces[None], settings)
    fitted = fitted_population(inferred, settings, data.frames, data.frame_rate, seed=0)
    return dataclasses.replace(fitted, s_min=data.s_min)


def experiments(flags, recording=None) -> list:
    """The experiments at these options.

    Without a recording, the ready-made synthetic data stand for it, so that one training serves for the truth and for
    the statistics of a recording.

    Args:
      flags: {option: value}.
      recording: path of a recording of any known format, or None.

    Raises:
      InputError: a recording that can't be read, options out of their limits.
    """
    if recording is None:
        config = Config.of(**flags)
        population = synthetic.population(neurons=config.data.synthetic_neurons)
        data = population.recording()
        about = "dichotomised-Gaussian data with a known ground truth"
        first = [Experiment(TRUTH, about, config, data, population, True)]
        about = "the same data"
    else:
        config = Config.of(**flags | {"dataset": recording})
        data = sources.load(config.data)
        population = population_like(data)
        drawn = dataclasses.replace(population.recording(data.frames), source=f"dichotomised Gaussian of {data.source}")
        # The frames of a dichotomised Gaussian are independent, as those of the synthetic data are.
        independent = MODULES[config.model].BY_DATASET.get(sources.SYNTHETIC, {})
        alike = Config.of(**independent | flags | {"dataset": recording})
        about = "data of a dichotomised Gaussian fitted to the recording's spikes"
        first = [
            Experiment(TRUTH, about, alike, drawn, population, False),
            Experiment(RECORDING, "the recording", config, data, None, True),
        ]
        about = "the recording"
    if not config.critic.phase_shuffle:
        raise InputError(
            f"--model={config.model} has no phase shuffle to compare with", "give a --phase_shuffle, or another --model"
        )
    unshuffled = config.changed(phase_shuffle=0, phase_shuffle_neurons=0)
    return [*first, Experiment(UNSHUFFLED, f"{about}, critic without phase shuffle", unshuffled, data, None, True)]
