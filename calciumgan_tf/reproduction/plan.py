"""What the paper did, as a list of experiments."""

import dataclasses
import logging

from calciumgan_tf import flagfile
from calciumgan_tf.config import OF_SOME_MODELS, Config
from calciumgan_tf.dataset import sources, split
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.baselines.dichotomized_gaussian import fitted_population
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations as synthetic
from calciumgan_tf.synthetic.populations import Population
from calciumgan_tf.training.builders import MODULES

log = logging.getLogger(__name__)
LAPTOP, PAPER = "laptop", "paper"
LAPTOP_STEPS = {"physiological": 400}
OTHER_LAPTOP_STEPS = 1000
# Of the paper's settings, those that hold for other models than its own: sizes.
SIZES = ("window_frames", "synthetic_neurons", "units", "noise_dim", "critic_units", "phase_shuffle", "batch_size")
TRUTH, RECORDING, UNSHUFFLED, LONG = "known_truth", "recording", "no_phase_shuffle", "long_windows"
LONG_FRAMES = 2048  # a window of the paper


@dataclasses.dataclass(frozen=True)
class Experiment:
    """Trainings on the same data, of each model with each seed.

    Attributes:
      name: of its folders.
      about: a description for people.
      configs: {model: Config of every seed}; the seed itself is replaced.
      recording: Recording.
      truth: the Population that `recording` was drawn from, where generated windows are compared with it; else None.
      statistics: whether generated windows are compared with the held-out part of `recording`.
    """

    name: str
    about: str
    configs: dict
    recording: Recording
    truth: Population | None
    statistics: bool

    @property
    def config(self) -> Config:
        """That of the first model; what is said of the data is the same in all."""
        return next(iter(self.configs.values()))


def flags_of(model, scale, given) -> dict:
    """{option: value} of the trainings of a model at a scale; `given`, those of the command line, take precedence."""
    having = {name: value for name, value in given.items() if _has(model, name)}
    if scale == LAPTOP:
        return {"steps": LAPTOP_STEPS.get(model, OTHER_LAPTOP_STEPS)} | having | {"model": model}
    paper = flagfile.read(flagfile.PAPER)
    if model != paper["model"]:
        paper = {name: paper[name] for name in SIZES if _has(model, name)}
    return paper | having | {"model": model}


def check_flags(models, given) -> None:
    """Raises InputError where none of these models has one of the options {option: value} of the command line."""
    for name, value in given.items():
        if value and not any(_has(model, name) for model in models):
            raise InputError(f"--{name}={value}, but none of --models={','.join(models)} has it", "leave it out")


def _has(model, name):
    return name not in OF_SOME_MODELS or name in MODULES[model].DEFAULTS


def population_like(data: Recording) -> Population:
    """A dichotomised Gaussian with the means and covariances of a recording's inferred spikes, and its calcium."""
    settings = deconvolution.fit_recording(data)
    inferred = deconvolution.infer_spikes(data.traces[None], settings)
    fitted = fitted_population(inferred, settings, data.frames, data.frame_rate, seed=0)
    return dataclasses.replace(fitted, s_min=data.s_min)


def experiments(models, scale, given, recording=None) -> list:
    """The experiments of these models.

    Without a recording, the ready-made synthetic data stand for it, so that one training serves for the truth and for
    the statistics of a recording. Phase shuffle is left out of the published models only: `physiological` can't make
    the artefacts that it is there to hide. Windows of the paper's length have a smaller batch, so that a step costs
    about the same; a recording that is too short for them is trained without this experiment.

    Args:
      models: names of models.
      scale: LAPTOP or PAPER.
      given: {option: value} of the command line, for all models that have the option.
      recording: path of a recording of any known format, or None.

    Raises:
      InputError: a recording that can't be read, options out of their limits, or that no model has.
    """
    check_flags(models, given)
    flags = {model: flags_of(model, scale, given) for model in models}
    where = {} if recording is None else {"dataset": recording}
    configs = {model: Config.of(**flags[model] | where) for model in models}
    first = next(iter(configs.values()))
    if recording is None:
        population = synthetic.population(neurons=first.data.synthetic_neurons)
        data = population.recording()
        about = "dichotomised-Gaussian data with a known ground truth"
        found, about = [Experiment(TRUTH, about, configs, data, population, True)], "the same data"
    else:
        data = sources.load(first.data)
        population = population_like(data)
        drawn = dataclasses.replace(population.recording(data.frames), source=f"dichotomised Gaussian of {data.source}")
        # The frames of a dichotomised Gaussian are independent, as those of the synthetic data are.
        alike = {
            model: Config.of(**MODULES[model].BY_DATASET.get(sources.SYNTHETIC, {}) | flags[model] | where)
            for model in models
        }
        about = "data of a dichotomised Gaussian fitted to the recording's spikes"
        found, about = [Experiment(TRUTH, about, alike, drawn, population, False)], "the recording"
        found.append(Experiment(RECORDING, about, configs, data, None, True))
    unshuffled = {
        model: config.changed(phase_shuffle=0, phase_shuffle_neurons=0)
        for model, config in configs.items()
        if config.critic.phase_shuffle and model != "physiological"
    }
    if unshuffled:
        found.append(Experiment(UNSHUFFLED, f"{about}, critic without phase shuffle", unshuffled, data, None, True))
    if longer := _long(configs, data):
        found.append(Experiment(LONG, f"{about}, windows of {LONG_FRAMES} frames", longer, data, None, True))
    return found


def _long(configs, data):
    """{model: Config with windows of LONG_FRAMES}; empty if they are that long, or the recording is too short."""
    first = next(iter(configs.values())).data
    if first.window_frames >= LONG_FRAMES:
        return {}
    try:
        split.split_frames(data.frames, LONG_FRAMES, first.split, data.trial_frames, joins=data.joins)
    except InputError as error:
        log.info("no experiment with windows of %d frames: %s", LONG_FRAMES, error)
        return {}
    size = {
        model: max(2, config.optimization.batch_size * first.window_frames // LONG_FRAMES)
        for model, config in configs.items()
    }
    return {
        model: config.changed(window_frames=LONG_FRAMES, batch_size=size[model]) for model, config in configs.items()
    }
