"""The shape of each neuron's transients, a mixture of kernels that is fitted to its trace.

    K_n(j) = sum over m of W_mn k(j; d_n^(1 / f_m), r_mn)        k: see `spikes.autoregressive`, with a peak of 1

Spike inference describes a transient by one rise and one decay. Recorded ones fall faster at first and more slowly
later, or jump although their neuron's kernel has a rise. So the weights of that kernel and of others that are up to
eight times as fast, with the neuron's rise and without any, are fitted to what the inferred events explain of the
trace, by non-negative least squares. They are shrunk to those of the population, and those to the kernel of spike
inference. Defined here.
"""

import numpy as np
import scipy.optimize

from calciumgan_tf.spikes import autoregressive

FACTORS = (1.0, 0.5, 0.25, 0.125)  # of the decay time
OWN = 0  # the kernel of spike inference
PRIOR_EVENTS = 20  # a neuron with so many events is shrunk half way to its population
RIDGE = 1e-6  # in the mean power that a kernel explains


def kernels(decay, rise):
    """Roots d and r of the kernels that are mixed, (kernel, neuron) each, from those of spike inference (neuron,)."""
    decay, rise = np.asarray(decay, float), np.asarray(rise, float)
    faster = np.array([decay ** (1 / factor) for factor in FACTORS])
    rises = np.concatenate([[root * rise / decay, np.zeros_like(root)] for root in faster])
    return np.repeat(faster, 2, axis=0), rises


def responses(decay, rise, weights, frames):
    """Transients of an event of size 1, float64 (frame, neuron).

    Args:
      decay, rise: roots of spike inference, (neuron,).
      weights: (kernel, neuron).
      frames: how many.
    """
    decays, rises = kernels(decay, rise)
    peak, _ = autoregressive.peak_and_energy(decays, rises)
    return np.einsum("kn,knt->tn", weights / peak, autoregressive.response(decays, rises, frames))


def calcium(events, decay, rise, weights):
    """Calcium of events (frame, neuron), of the same shape; the other arguments as of `responses`."""
    made = np.empty(np.shape(events))
    for neuron, roots in enumerate(zip(*(each.T for each in kernels(decay, rise)))):
        made[:, neuron] = weights[:, neuron] @ _of_each_kernel(events[:, neuron], *roots)
    return made


def fit(parts, decay, rise):
    """Weights of the kernels, with which the largest value of a transient is 1, and the factor that this takes.

    Args:
      parts: a list of traces, events (frame, neuron) and the number of frames at the beginning that are left out, since
        what was before them is unknown.
      decay, rise: roots of spike inference, (neuron,).

    Returns:
      float64 (kernel, neuron), and (neuron,), by which the events have to be multiplied.
    """
    roots = kernels(decay, rise)
    neurons = roots[0].shape[1]
    number = sum((events > 0).sum(axis=0) for _, events, _ in parts)
    size = np.maximum(sum(events.sum(axis=0, dtype=np.float64) for _, events, _ in parts) / np.maximum(number, 1), 1e-9)
    products = np.empty((neurons, len(roots[0]), len(roots[0]) + 1))  # of kernels with kernels and with the trace
    for neuron in range(neurons):
        rows = [
            np.vstack([_of_each_kernel(events[:, neuron], *(root[:, neuron] for root in roots)), traces[:, neuron]])
            for traces, events, _ in parts
        ]
        used = np.concatenate([row[:, first:] for row, (_, _, first) in zip(rows, parts)], axis=1)
        used -= used.mean(axis=1, keepdims=True)
        products[neuron] = (used[:-1] @ used.T) / size[neuron] ** 2
    pooled = products.sum(axis=0) / max(number.sum(), 1)
    own = np.eye(len(pooled), len(pooled) + 1)
    own[OWN, -1] = 1
    weights = np.empty((len(pooled), neurons))
    for neuron, product in enumerate(products):
        shrunk = product + PRIOR_EVENTS * pooled
        shrunk += (RIDGE * np.trace(shrunk) / len(shrunk) + 1e-9) * own
        lower = np.linalg.cholesky(shrunk[:, :-1])
        weights[:, neuron] = scipy.optimize.nnls(lower.T, np.linalg.solve(lower, shrunk[:, -1]))[0]
    weights[OWN, ~weights.any(axis=0)] = 1
    longest = int(np.ceil(-2 / np.log(np.max(decay)))) + 2  # every kernel has its peak before
    height = responses(decay, rise, weights, longest).max(axis=0)
    return weights / height, height


def _of_each_kernel(events, decay, rise):
    """Calcium of one neuron's events (frame,) by each kernel, (kernel, frame)."""
    return autoregressive.calcium(np.tile(np.asarray(events, float), (len(decay), 1)), decay, rise)
