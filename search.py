"""Searches hyper-parameters: many short trainings, compared on a validation part that is cut from the training part.

    python search.py --space=configs/search.json --trials=20 --steps=400
    python search.py --space=configs/search.json --trials=40 --steps=400        # resumes: 20 more
    python search.py --space=space.json --dataset=data/mouse.h5 --metric=firing_rate_rmse

The space is a JSON object: flags of train.py, each with a list of values or {"low": 1e-4, "high": 1e-2, "log": true}.
All other flags of train.py hold for every trial. A trial that is worse than the median of the others half-way is
stopped; one that fails is recorded with its reason. The held-out part is never looked at.
Watch with: tensorboard --logdir=checkpoints/search
"""

import logging
import pathlib

from absl import flags

from calciumgan_tf import cli, flagfile, optional, quiet

flagfile.define()
log = logging.getLogger("calciumgan_tf")
SPACE = flags.DEFINE_string("space", "configs/search.json", "what is searched")
STUDY = flags.DEFINE_string("study", "checkpoints/search", "folder; an existing study is resumed")
TRIALS = flags.DEFINE_integer("trials", 20, "trials in all, those of an existing study included", lower_bound=1)
METRIC = flags.DEFINE_string("metric", "correlation_rmse", "of evaluate.py, to be minimised")
EVALUATIONS = flags.DEFINE_integer(
    "evaluations", 2, "evaluations of a trial, at equal distances of steps", lower_bound=1
)
WINDOWS = flags.DEFINE_integer("num_windows", 400, "windows generated and compared", lower_bound=2)


def main():
    given = flagfile.given()
    optional.load("optuna", "search")
    with quiet.first_import():
        from calciumgan_tf.studies import hyperparameter_search
        from calciumgan_tf.training import distribution

        strategy = distribution.make_strategy(given.get("virtual_devices", 1))
    space = hyperparameter_search.read_space(SPACE.value, given)
    settings = METRIC.value, EVALUATIONS.value, WINDOWS.value
    study = hyperparameter_search.Study(pathlib.Path(STUDY.value), space, given, *settings, strategy)
    best = study.run(TRIALS.value)
    log.info("%s", study.table())
    if best is None:
        log.info("no trial was finished")
        return 1
    log.info("best: %s of %.4g, trial %d in %s", METRIC.value, best.value, best.number, study.folder(best.number))
    log.info(
        "train it: python train.py %s", " ".join(f"--{name}={value}" for name, value in (given | best.params).items())
    )
    return 0


if __name__ == "__main__":
    cli.run(main)
