"""What the paper did, as a list of experiments."""

import dataclasses
import pathlib

from calciumgan_tf import cli
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import sources
from calciumgan_tf.evaluation import baselines
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations as synthetic
from calciumgan_tf.synthetic.populations import Population

PAPER_FLAGS = pathlib.Path(__file__).parents[2] / "configs" / "paper.flags"
SCALES = {"laptop": {"steps": 1000}, "paper": None}  # None: as configs/paper.flags has it
WITHOUT_MEMORY = {"slow_noise": False}  # of a dichotomised Gaussian's frames
TRUTH, RECORDING, UNSHUFFLED = "known_truth", "recording", "no_phase_shuffle"


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One training, once for each seed.

    Attributes:
      name: of its folders.
      about: what is trained on what, for people.
      config: Config, but for the seed.
      data: Recording.
      truth: the Population that `data` came from, where generated windows are compared with it; else None.
      statistics: whether generated windows are compared with the held-out part of `data`.
    """

    name: str
    about: str
    config: Config
    data: Recording
    truth: Population | None
    statistics: bool


def scale_flags(scale, given) -> dict:
    """Options of all trainings of a scale; `given` are those of the command line, which win."""
    flags = SCALES[scale] if SCALES[scale] is not None else cli.read_flagfile(PAPER_FLAGS, Config)
    return flags | given


def population_like(data: Recording) -> Population:
    """A dichotomised Gaussian with the means and covariances of a recording's inferred spikes, and its calcium."""
    settings = deconvolution.fit_settings(data.traces, data.g, data.s_min)
    inferred = deconvolution.infer_spikes(data.traces[None], settings)
    fitted = baselines.fitted_population(inferred, settings, data.frames, data.frame_rate, data.tau_decay, seed=0)
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
        config = Config(**flags)
        population = synthetic.population(neurons=config.synthetic_neurons)
        data = population.recording()
        first = [Experiment(TRUTH, "dichotomised-Gaussian data with a known truth", config, data, population, True)]
        about = "the same data"
    else:
        config = Config(**flags | {"dataset": recording})
        data = sources.load(config)
        population = population_like(data)
        drawn = dataclasses.replace(population.recording(data.frames), source=f"dichotomised Gaussian of {data.source}")
        alike = Config(**WITHOUT_MEMORY | flags | {"dataset": recording})
        about = "data of a dichotomised Gaussian fitted to the recording's spikes"
        first = [
            Experiment(TRUTH, about, alike, drawn, population, False),
            Experiment(RECORDING, "the recording", config, data, None, True),
        ]
        about = "the recording"
    unshuffled = dataclasses.replace(config, phase_shuffle=0)
    return [*first, Experiment(UNSHUFFLED, f"{about}, critic without phase shuffle", unshuffled, data, None, True)]
