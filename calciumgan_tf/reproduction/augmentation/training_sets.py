"""What is learned from: the recorded part alone, with generated windows, or with classical augmentation.

A classical copy is a changed recorded part of the same frames and levels:

    jitter             white noise with a tenth of each neuron's SD is added
    scaling            each neuron is multiplied by a log-normal factor with SD .1, another in each window
    phase_randomised   each window is replaced by a surrogate with its spectra, see baselines/phase_randomised.py
"""

import dataclasses

import numpy as np

from calciumgan_tf.evaluation.baselines.phase_randomised import phase_randomised
from calciumgan_tf.reproduction.augmentation.series import Series

AMOUNTS = (1, 3, 10)  # times the frames of the recorded part
JITTER, SCALING = 0.1, 0.1  # in SDs of the neuron; SD of the logarithm of the factor
RECORDED, GENERATED, ALONE, SHRUNK = "recorded", "generated", "generated_alone", "shrinkage"
TRUTH = "truth"  # fresh windows of a known truth, as a yardstick


def _jitter(traces, sd, generator):
    """Copies of a window with noise; arguments as of `_CHANGES`."""
    return traces + JITTER * sd * generator.standard_normal(traces.shape, np.float32)


def _scaling(traces, sd, generator):
    """Copies of a window with other amplitudes; arguments as of `_CHANGES`."""
    count, _, neurons = traces.shape
    return traces * generator.lognormal(0, SCALING, (count, 1, neurons)).astype(np.float32)


def _surrogates(traces, sd, generator):
    """Copies of a window with other phases; arguments as of `_CHANGES`."""
    return phase_randomised(traces, int(generator.integers(1 << 31)))


# Functions of the copies of a window (copy, frame, neuron), each neuron's SD (neuron,) and a numpy.random.Generator.
_CHANGES = {"jitter": _jitter, "scaling": _scaling, "phase_randomised": _surrogates}
CLASSICAL = tuple(_CHANGES)


@dataclasses.dataclass(frozen=True)
class TrainingSet:
    """What a decoder learns from.

    Attributes:
      name: such as 'recorded', 'jitter_3' or 'generated_10'.
      recorded: whether the recorded part is in it.
      copies: changed recorded parts, each as many Series as the recorded part.
      windows: Series of generated windows.
    """

    name: str
    recorded: bool = True
    copies: tuple = ()
    windows: tuple = ()


def sets_of(recorded, generated, window_frames, seed, fresh=()) -> list:
    """All training sets of a recorded part.

    Args:
      recorded: Series of the recorded part.
      generated: Series of generated windows, ten times the frames of the recorded part.
      window_frames: frames of a window.
      seed: of the classical copies.
      fresh: as many Series of windows of a known truth, if there is one.

    Returns:
      list of TrainingSet.
    """
    most, sets = AMOUNTS[-1], [TrainingSet(RECORDED)]
    for name, windows in {GENERATED: generated, TRUTH: fresh}.items():
        first = {amount: tuple(windows[: max(1, round(len(windows) * amount / most))]) for amount in AMOUNTS}
        sets += [TrainingSet(f"{name}_{amount}", windows=some) for amount, some in first.items() if some]
    for number, kind in enumerate(CLASSICAL):
        copies = copies_of(recorded, kind, most, window_frames, np.random.default_rng([seed, number]))
        sets += [TrainingSet(f"{kind}_{amount}", copies=tuple(copies[:amount])) for amount in AMOUNTS]
    return [*sets, TrainingSet(ALONE, recorded=False, windows=tuple(generated))]


def names() -> list:
    """Names of all training sets, in the order of `sets_of`."""
    added = [f"{kind}_{amount}" for kind in (GENERATED, TRUTH, *CLASSICAL) for amount in AMOUNTS]
    return [RECORDED, *added, ALONE]


def copies_of(recorded, kind, count, window_frames, generator) -> list:
    """`count` classical copies of the recorded part, each a list of Series.

    Args:
      recorded: Series of the recorded part.
      kind: of CLASSICAL.
      count: whole number.
      window_frames: frames; what is changed at once is at least so long, where a series is.
      generator: numpy.random.Generator.
    """
    sd = np.concatenate([one.traces for one in recorded]).std(axis=0)
    changed = []
    for one in recorded:
        windows = np.array_split(one.traces, max(1, len(one.traces) // window_frames))
        copies = [_CHANGES[kind](np.repeat(window[None], count, axis=0), sd, generator) for window in windows]
        changed.append([Series(traces, one.levels) for traces in np.concatenate(copies, axis=1)])
    return [list(copy) for copy in zip(*changed)]
