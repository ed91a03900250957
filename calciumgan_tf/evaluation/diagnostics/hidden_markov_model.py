"""A hidden Markov model with Gaussian states, fitted by the EM algorithm from several beginnings (hmmlearn).

Source: Rabiner 1989, Proceedings of the IEEE 77(2).
"""

import contextlib
import logging

import numpy as np
from hmmlearn.hmm import GaussianHMM

RESTARTS, SHORT_ITERATIONS, ITERATIONS = 5, 10, 50
TOLERANCE = 0.1  # gain in log likelihood below which a fit ends, nats
STAY = 0.8  # share of transitions that are not random, before the fit
SMALLEST_VARIANCE = 1e-3  # of a component, before the fit; the mean variance is 1

# Priors that keep a state from shrinking to a single bin and a row of transitions from being empty, both of which are
# maxima of the likelihood without any meaning: one squared deviation of the components' mean variance is added to each
# state, and a tenth of a transition to each pair of states.
VARIANCE_PRIOR, TRANSITION_PRIOR = 1.0, 1.1


def fitted(points, lengths, count, seed):
    """The most likely of several models, GaussianHMM.

    All are fitted for a few iterations, and the best of them further (short runs of Biernacki et al. 2003,
    Computational Statistics & Data Analysis 41).

    Args:
      points: (bin, component), windows one after another.
      lengths: bins of each window.
      count: number of states.
      seed: whole number.
    """
    with _quiet():
        try:
            return _best(points, lengths, count, seed, "scaling")
        except ValueError:  # outliers with a likelihood of 0 in double precision
            return _best(points, lengths, count, seed, "log")  # the same, and three times as slow


def _best(points, lengths, count, seed, implementation):
    generators = [np.random.default_rng([seed, restart]) for restart in range(RESTARTS)]
    models = [_begun(points, count, generator, implementation).fit(points, lengths) for generator in generators]
    best = max(models, key=lambda model: model.score(points, lengths))
    best.n_iter = ITERATIONS
    return best.fit(points, lengths)


def _begun(points, count, generator, implementation):
    """A model whose states are centred on bins that are far from each other, chosen as k-means++ does."""
    centres = points[generator.integers(len(points), size=1)]
    while len(centres) < count:
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
        chance = nearest / nearest.sum() if nearest.sum() > 0 else None
        centres = np.concatenate([centres, points[generator.choice(len(points), size=1, p=chance)]])
    model = GaussianHMM(
        count,
        covars_prior=VARIANCE_PRIOR,
        startprob_prior=TRANSITION_PRIOR,
        transmat_prior=TRANSITION_PRIOR,
        n_iter=SHORT_ITERATIONS,
        tol=TOLERANCE,
        init_params="",
        implementation=implementation,
    )
    model.startprob_ = np.full(count, 1 / count)
    model.transmat_ = STAY * np.eye(count) + (1 - STAY) / count
    model.means_ = centres
    model.covars_ = np.tile(points.var(axis=0) + SMALLEST_VARIANCE, (count, 1))
    return model


@contextlib.contextmanager
def _quiet():
    """Without hmmlearn's messages of few bins, or of a likelihood that falls from one iteration to the next.

    The states are a yardstick that is the same for all sets: it need not be the best model, only a fixed one. With
    priors, the likelihood alone may fall a little although the fit as a whole gains.
    """
    logger = logging.getLogger("hmmlearn")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
