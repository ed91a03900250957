"""Searches hyper-parameters: many short trainings, compared on a validation part that is cut from the training part.

    python search.py --space=configs/search.json --trials=20 --steps=400
    python search.py --space=configs/search.json --trials=40 --steps=400        # goes on: 20 more
    python search.py --space=space.json --dataset=data/mouse.h5 --metric=firing_rate_rmse

The space is a JSON object: flags of train.py, each with a list of values or {"low": 1e-4, "high": 1e-2, "log": true}.
All other flags of train.py hold for every trial. A trial that is worse than the median of the others half-way is given
up; one that fails is recorded with its reason. The held-out part is never looked at. Watch with: tensorboard --logdir=
and the folder of the study.
"""

import logging
import pathlib

from absl import flags

from calciumgan_tf import cli
from calciumgan_tf.config import Config

cli.define_flags(Config)
log = logging.getLogger("calciumgan_tf")
SPACE = flags.DEFINE_string("space", "configs/search.json", "what is searched")
STUDY = flags.DEFINE_string("study", "checkpoints/search", "folder; an existing one is gone on with")
TRIALS = flags.DEFINE_integer("trials", 20, "in all, those of an existing study counted", lower_bound=1)
METRIC = flags.DEFINE_string("metric", "correlation_rmse", "of evaluate.py, to make small")
EVALUATIONS = flags.DEFINE_integer("evaluations", 2, "a trial, at equal distances of steps", lower_bound=1)
WINDOWS = flags.DEFINE_integer("num_windows", 400, "of each side of a comparison", lower_bound=2)


def main():
    given = cli.given_flags(Config)
    from calciumgan_tf.studies import hyperparameter_search

    space = hyperparameter_search.read_space(SPACE.value, given)
    with cli.quiet_import():
        study = hyperparameter_search.Study(
            pathlib.Path(STUDY.value), space, given, METRIC.value, EVALUATIONS.value, WINDOWS.value
        )
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
