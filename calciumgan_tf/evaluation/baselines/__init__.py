"""Baselines: windows that can be made without any network, each in a file that says what it keeps and destroys.

    for name, baseline in BASELINES.items():
        windows = baseline.windows(TrainingPart(recording, split, settings, count=1000, seed=0))

Shuffled, phase-randomised and rerendered windows are made from windows of the training part, so each has a twin among
the windows that the diagnosis compares it with. The test for copies finds them, as it should. A classifier that was
trained on a window mistakes its twin for it, so its area under the ROC curve may be far below .5, above all for
`population_classifier` with few windows; that is not evidence for the baseline.

To add a baseline, add a file and an entry of BASELINES.
"""

import dataclasses
import typing

from calciumgan_tf.dataset.windows import PopulationWindows, Windows
from calciumgan_tf.evaluation.baselines import (
    block_bootstrap,
    dichotomized_gaussian,
    phase_randomised,
    rerendered,
    shuffled,
    vector_autoregression,
)
from calciumgan_tf.evaluation.baselines.training_part import TrainingPart
from calciumgan_tf.spikes import deconvolution


@dataclasses.dataclass(frozen=True)
class Baseline:
    """A way to make windows without a network.

    Attributes:
      title: in a few words.
      meaning: a sentence without a full stop.
      windows: from TrainingPart to dF/F windows, float32 (window, frame, neuron), an array or sliced like one.
    """

    title: str
    meaning: str
    windows: typing.Callable[[TrainingPart], Windows]


def _vector_autoregression(part: TrainingPart) -> Windows:
    model = vector_autoregression.fit(part.recording.traces, part.stretches())
    return model.windows(part.count, part.split.window_frames, part.seed)


def _block_bootstrap(part: TrainingPart) -> Windows:
    recording = part.recording
    mean_frames = block_bootstrap.STRETCH_SECONDS * recording.frame_rate
    return block_bootstrap.block_bootstrap(
        recording.traces, part.stretches(), part.count, part.split.window_frames, mean_frames, part.seed
    )


def _dichotomized_gaussian(part: TrainingPart) -> Windows:
    recording, split = part.recording, part.split
    inferred = deconvolution.infer_spikes(part.windows(), part.settings)
    population = dichotomized_gaussian.fitted_population(
        inferred,
        part.settings,
        split.frames("training"),
        recording.frame_rate,
        part.seed,
    )
    return PopulationWindows(population, part.count, split.window_frames)


BASELINES = {
    "shuffled": Baseline(
        "neurons shuffled",
        "training windows in which each neuron comes from a different window, so that neurons share nothing",
        lambda part: shuffled.shuffled(part.windows()[:], part.seed),
    ),
    "phase_randomised": Baseline(
        "phases randomised together",
        "training windows with random phases that all neurons share, so that amplitudes, spectra and correlations are "
        "kept and the shape of transients is not",
        lambda part: phase_randomised.phase_randomised(part.windows(), part.seed),
    ),
    "phase_randomised_apart": Baseline(
        "phases randomised apart",
        "training windows with random phases of each neuron, so that amplitudes and spectra are kept and correlations "
        "within a window are not",
        lambda part: phase_randomised.phase_randomised(part.windows(), part.seed, together=False),
    ),
    "vector_autoregression": Baseline(
        "vector autoregression",
        "windows of a linear model of all neurons that was fitted to the training part and is driven by its residuals",
        _vector_autoregression,
    ),
    "block_bootstrap": Baseline(
        "block bootstrap",
        "stretches of the training part, two seconds long on average, joined in random order, which is what copying "
        "can reach",
        _block_bootstrap,
    ),
    "rerendered": Baseline(
        "events rendered again",
        "the inferred events of training windows, seen through the kernel of the deconvolution with white noise",
        lambda part: rerendered.rerendered(part.windows(), part.settings, part.seed),
    ),
    "dichotomized_gaussian": Baseline(
        "dichotomised Gaussian",
        "a population without memory that has the rates and covariances of the training part's spikes in a frame",
        _dichotomized_gaussian,
    ),
}
