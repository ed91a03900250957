"""Trains a generator on each share of the training part with each seed, and scores what is learned with its windows.

Whatever a generator is trained on is its share alone; the held-out part is the same for all. What is done already is
not done again.
"""

import json
import logging
import pathlib

import numpy as np

from calciumgan_tf import files, locking
from calciumgan_tf.config import Config
from calciumgan_tf.dataset import conditions, sources
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.plotting import augmentation_figures, style
from calciumgan_tf.reproduction import experiment, plan, reproduce
from calciumgan_tf.reproduction.augmentation import series, tables, training_sets
from calciumgan_tf.reproduction.augmentation.tasks import Tasks
from calciumgan_tf.sampling import sampler, samples
from calciumgan_tf.sampling.conditions import RECORDED
from calciumgan_tf.synthetic import protocol, tuned
from calciumgan_tf.training.run import Run

log = logging.getLogger(__name__)
MODEL = "physiological"
SHARES = (0.1, 0.25, 0.5, 1.0)  # of the training part
DIGITS = 6  # of the scores in a result


def experiments(scale, given, recording=None) -> dict:
    """The experiment of each share.

    Args:
      scale: plan.LAPTOP or plan.PAPER.
      given: {option: value} of the command line.
      recording: path of a recording of any known format; None for the tuned synthetic data.

    Returns:
      {share: plan.Experiment}.

    Raises:
      InputError: a recording that can't be read or is too short, options out of their limits, or that the model has
        not.
    """
    flags = plan.flags_of(MODEL, scale, given) | {"dataset": recording or sources.SYNTHETIC_TUNED}
    plan.check_flags([MODEL], given)
    data = sources.load(Config.of(**flags).data)
    flags = {"condition": ",".join(_changing(data, Config.of(**flags)))} | flags
    config = Config.of(**flags)
    TrainingData.prepare(data, config, share=SHARES[0])  # fails before hours of training, if it fails
    return {share: _experiment(f"{100 * share:g}", config, data) for share in SHARES}


def _changing(data, config):
    """Names of the conditions that change in the smallest share."""
    blocks = TrainingData.prepare(data, config, share=SHARES[0]).split.training
    for name in data.condition_names:
        values = np.concatenate([conditions.column(data, name)[start:stop] for start, stop in blocks])
        if values.min() < values.max():
            yield name


def _experiment(percent, config, data):
    about = f"the first {percent} % of the training part"
    return plan.Experiment(f"first_{percent}", about, {MODEL: config}, data, truth=None, statistics=False)


def run(root, shares, seeds, strategy) -> pathlib.Path:
    """Scores every share with every seed that has no result yet; writes tables.md, scores.json and scores.png.

    Args:
      root: folder; an experiment that was stopped there goes on.
      shares: {share: plan.Experiment}.
      seeds: how many.
      strategy: tf.distribute.Strategy of all trainings.

    Returns:
      path of tables.md.

    Raises:
      InputError: a folder of other settings, or one that another process works in.
      KeyboardInterrupt: a training was interrupted; it is saved.
    """
    root = pathlib.Path(root)
    with locking.locked(root):
        files.remove_leftovers(root)
        reproduce.remember(root, list(shares.values()))
        results = {
            share: [result(root, one, share, seed, strategy) for seed in range(seeds)] for share, one in shares.items()
        }
        found = tables.estimates(results)
        files.write_json(root / "scores.json", tables.plain(found))
        drawing = augmentation_figures.scores(found)
        style.name_model(drawing, MODEL)
        style.save(drawing, root / "scores.png")
        with files.replacing(root / "tables.md") as partial:
            partial.write_text(tables.markdown(found, next(iter(shares.values())), seeds), encoding="utf-8")
    return root / "tables.md"


def result(root, one, share, seed, strategy) -> dict:
    """The scores of a share with a seed, which are computed only if they are not in the run folder already.

    Returns:
      {'minutes' of the share, 'pieces' of the held-out part, 'scores': {task: {training set: [of the held-out part,
      of each resample ...]}}}.

    Raises:
      KeyboardInterrupt: training was interrupted; it is saved.
    """
    own = experiment.run_of(root, one, MODEL, seed)
    file = own.folder / "result.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    log.info("\n%s, seed %d", one.about, seed)
    config = one.configs[MODEL].changed(seed=seed)
    data = TrainingData.prepare(one.recording, config, share=share)
    tasks = Tasks(one.recording, data.split)
    frames, length = series.frames(tasks.recorded), config.data.window_frames
    count = max(1, round(training_sets.AMOUNTS[-1] * frames / length))
    if not own.samples_file.exists():
        experiment.train(own, config, data, strategy)
        request = sampler.Request(count, seed, conditions=conditions_for(own, data, count, seed))
        sampler.sample(own, own.samples_file, request)
    drawn = samples.load(own.samples_file)
    known = drawn.conditions if drawn.conditions is None else drawn.conditions[:]
    windows = series.windows_of(drawn.traces[:], known, drawn.condition_names, tasks.condition)
    sets = training_sets.sets_of(tasks.recorded, windows, length, seed, _fresh(config.data, count, seed))
    scores = tasks.scores(sets)
    found = {
        "minutes": frames / one.recording.frame_rate / 60,
        "pieces": tasks.pieces,
        "scores": {
            task: {name: [float(f"{value:.{DIGITS}g}") for value in values] for name, values in of_task.items()}
            for task, of_task in scores.items()
        },
    }
    files.write_json(file, found)
    return found


def conditions_for(own: Run, data, count, seed) -> str:
    """What `count` windows follow: each a random stretch of the part that the generator was trained on.

    So no condition of the held-out part is used. What a window was given before its first frame is the end of another
    stretch.

    Args:
      own: Run, in whose folder the series is written.
      data: TrainingData.
      count: how many windows.
      seed: whole number.

    Returns:
      path of a file, or 'recorded' for a model without conditions.
    """
    if data.coding is None:
        return RECORDED
    frames = data.split.window_frames
    starts = np.random.default_rng(seed).choice(data.split.starts(data.split.training), count)
    rows = (starts[:, None] + np.arange(frames)).ravel()
    path = own.folder / "conditions.npy"
    with files.replacing(path) as partial:
        np.save(partial, data.coding.recorded(data.recording)[rows])
    return str(path)


def _fresh(config, count, seed):
    """Series of fresh windows of the truth, others for each seed; none of a recording whose truth is not known."""
    if config.dataset != sources.SYNTHETIC_TUNED:
        return []
    truth = tuned.population(config.synthetic_neurons)
    _, traces, conditions = truth.windows(count, config.window_frames, first=seed * count)
    return series.windows_of(traces, conditions, protocol.NAMES, protocol.NAMES[0])
