"""Rows of classifiers that try to tell generated windows from those of the training part.

A recording drifts, so that a classifier tells one of its stretches from the others to some extent. How far says the
null: each of eight stretches of the training part against the seven others. The p value is that of a t test of whether
the area of the generated windows is one more value like those of the eight stretches.
"""

import dataclasses
import typing

import numpy as np
from scipy import stats

from calciumgan_tf import threads
from calciumgan_tf.dataset.windows import ChosenWindows, JoinedWindows, Windows, evenly
from calciumgan_tf.evaluation.diagnostics.distance import LEVEL, Distance
from calciumgan_tf.evaluation.diagnostics.sample import chunks
from calciumgan_tf.evaluation.diagnostics.statistic import MOST_NEURONS, Context, Row
from calciumgan_tf.evaluation.judges import judge, neuron_features
from calciumgan_tf.evaluation.judges.areas import Areas
from calciumgan_tf.evaluation.judges.population_features import PopulationFeatures
from calciumgan_tf.evaluation.judges.random_kernels import RandomKernels

WINDOWS = 1000  # of the candidate that are classified, at most
KERNEL_POINTS = 50_000  # traces that are seen through random kernels, at most
FEWEST_STRETCHES = 3
STRETCHES = 8  # of the training part, each of which is told from the others
POPULATION = "population_classifier"
SAMPLE = 1000  # traces from which the thresholds of random kernels are taken
AREA = (
    "The value is the area under the ROC curve less 0.5: 0 where the classifier cannot tell the sets apart, 0.5 where "
    "it always can. It compares generated windows with those of the training part; the column of the training part is "
    "the mean over eight stretches of it, each compared with the others; p and interval are those of what exceeds this "
    "mean, by how the stretches differ. Five-fold cross-validation, in which neighbouring windows stay together."
)
ROWS = (
    Row(
        "neuron_classifier", "AUC - 0.5", "Can a classifier tell a single neuron's window?",
        "Gradient boosted trees on ordinary features of a window of one neuron, each relative to that neuron's windows "
        f"in the training part; mean over neurons. {AREA}",
        "idea: Lopez-Paz and Oquab 2017, ICLR", "gaussian", primary=True,
    ),
    Row(
        "neuron_kernels", "AUC - 0.5", "Can it, by features that no model was trained on?",
        f"Ridge regression on random convolution kernels of a window of one neuron; mean over neurons. {AREA}",
        "after MiniRocket: Dempster, Schmidt and Webb 2021, KDD", "gaussian",
    ),
    Row(
        "population_classifier", "AUC - 0.5", "Can a classifier tell a window of the whole population?",
        f"Gradient boosted trees on features of what neurons share in a window. {AREA}",
        "idea: Lopez-Paz and Oquab 2017, ICLR", "neurons shuffled", primary=True,
    ),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Side:
    """One of two sets that are told apart.

    Attributes:
      windows: Windows, dF/F.
      unit: int (window,), number of the unit that is drawn as a whole.
    """

    windows: Windows
    unit: np.ndarray

    def of(self, chosen) -> "Side":
        """The windows of a mask, bool (window,)."""
        return self._some(np.flatnonzero(chosen))

    def thinned(self, most: int) -> "Side":
        """As many windows as are classified, evenly chosen."""
        return self._some(evenly(self.windows.shape[0], most))

    def _some(self, chosen):
        return Side(ChosenWindows(self.windows, chosen), np.unique(self.unit[chosen], return_inverse=True)[1])


@dataclasses.dataclass(frozen=True)
class Separation:
    """How well a set is told from the training part, and how well stretches of the training part are from each other.

    Attributes:
      area: under the ROC curve; None for that of the stretches themselves, their mean.
      stretches: areas of the stretches, (stretch,); empty where there is nothing to compare.
    """

    area: float | None
    stretches: np.ndarray

    @property
    def distance(self) -> Distance:
        """The area less 0.5, and what of it exceeds the mean over stretches."""
        return self.pooled([self])

    @staticmethod
    def pooled(runs: "typing.Sequence[Separation]") -> Distance:
        """The mean over runs of their areas less 0.5, and what of it exceeds the mean over stretches.

        The runs' training parts are one, or overlap, so what chance makes of an area is not smaller in the mean over
        runs than in one of them. What runs differ by is added to the interval; the degrees of freedom are those of
        Welch 1947, Biometrika 34.
        """
        if not all(len(one.stretches) for one in runs):  # a single neuron is no population, few windows no stretches
            return Distance(0.0, 0.0, 0.5, 1.0)
        usual = np.array([one.stretches.mean() for one in runs])
        areas = np.array([mean if one.area is None else one.area for one, mean in zip(runs, usual)])
        numbers = [len(one.stretches) for one in runs]
        variances = [max(one.stretches.std(ddof=1), 1e-6) ** 2 * (1 + 1 / len(one.stretches)) for one in runs]
        chance, freedom, excess = np.mean(variances), min(numbers) - 1, float((areas - usual).mean())
        between = np.var(areas - usual, ddof=1) / len(runs) if len(runs) > 1 else 0.0
        error = np.sqrt(chance + between)
        welch = error**4 / (chance**2 / freedom + between**2 / max(len(runs) - 1, 1))
        half = stats.t.ppf(1 - LEVEL / 2, welch) * error
        low, high = (float(np.clip(excess + end, 0, 0.5)) for end in (-half, half))
        return Distance(float(areas.mean() - 0.5), low, high, float(stats.t.sf(excess / np.sqrt(chance), freedom)))


class Classifiers:
    """The classifiers of a recording."""

    def __init__(self, context: Context, recorded: Side, seed: int):
        """Classifies stretches of the training part.

        Args:
          context: Context.
          recorded: the windows of the training part, in the order of time.
          seed: of kernels and folds.
        """
        self._context, self._recorded, self._seed = context, recorded, seed
        self._neurons = context.chosen_neurons(MOST_NEURONS)
        training = context.training[..., self._neurons]
        self._mean, self._sd = training.mean(axis=(0, 1)), np.maximum(training.std(axis=(0, 1)), 1e-12)
        window, neuron = np.divmod(evenly(training.shape[0] * training.shape[2], SAMPLE), training.shape[2])
        sample = (training[window, :, neuron] - self._mean[neuron, None]) / self._sd[neuron, None]
        self._kernels = RandomKernels(sample.astype(np.float32), seed)
        windows = len(recorded.unit)
        number = min(STRETCHES, windows // 2)
        stretch = np.arange(windows) * number // windows
        parts = [(recorded.of(stretch != one), recorded.of(stretch == one)) for one in range(number)]
        names = [row.name for row in ROWS if context.neurons > 1 or row.name != POPULATION]
        self._stretches = {
            name: np.array([self._area(name, *part) for part in parts]) for name in names if number >= FEWEST_STRETCHES
        }

    @property
    def training(self) -> dict[str, Separation]:
        """{row: Separation} of the stretches of the training part from each other."""
        return {row.name: self._separation(row.name) for row in ROWS}

    def nulls(self, faulty) -> dict[str, Separation]:
        """{row: Separation} of windows with the fault that a row has to detect from others of the training part.

        Args:
          faulty: function of the name of a fault and of windows that returns these with the fault.
        """
        odd = self._recorded.unit % 2 == 1  # no window is told from what it was made into
        others, changed = self._recorded.of(~odd), self._recorded.of(odd)
        return {
            row.name: self._separation(row.name, Side(faulty(row.null, changed.windows[:]), changed.unit), others)
            for row in ROWS
        }

    def compare(self, candidate: Side) -> dict[str, Separation]:
        """{row: Separation} of a candidate from the training part."""
        return {row.name: self._separation(row.name, candidate) for row in ROWS}

    def _separation(self, name, candidate=None, recorded=None) -> Separation:
        stretches = self._stretches.get(name, np.empty(0))
        known = candidate is None or not len(stretches)
        return Separation(None if known else self._area(name, recorded or self._recorded, candidate), stretches)

    def _area(self, name, recorded: Side, candidate: Side) -> float:
        """Area under the ROC curve of a row's classifier."""
        sides = recorded.thinned(WINDOWS), candidate.thinned(WINDOWS)
        blocks, others = (_blocks(side.unit) for side in sides)
        first, second = getattr(self, f"_{name}")(*(side.windows for side in sides))
        classifier = judge.ridge if name == "neuron_kernels" else judge.gradient_boosting
        raw = name == "neuron_classifier"
        scores = judge.scores(first, second, blocks, others, classifier, self._seed, raw=raw)
        return Areas(scores, blocks, others).area()

    def _traces(self, windows, chosen=slice(None)):
        """Standardised traces of chosen ones of the neurons that are classified, (window, neuron, frame)."""
        scaled = (windows - self._mean[chosen]) / self._sd[chosen]
        return np.ascontiguousarray(np.moveaxis(scaled.astype(np.float32), 1, 2))

    def _neuron_classifier(self, *sides):
        rate = self._context.frame_rate
        return [neuron_features.features(self._of_neurons(windows), rate) for windows in sides]

    def _neuron_kernels(self, *sides):
        some = evenly(len(self._neurons), max(1, KERNEL_POINTS // sum(windows.shape[0] for windows in sides)))
        return [self._through_kernels(self._of_neurons(windows, some), some) for windows in sides]

    def _through_kernels(self, windows, some):
        def features(part):
            return self._kernels.features(self._traces(windows[part], some))

        parts = chunks(windows.shape[0], windows.shape[1] * windows.shape[2])
        return np.concatenate(list(threads.in_order(features, parts)))

    def _of_neurons(self, windows, some=slice(None)):
        return ChosenWindows(windows, np.arange(windows.shape[0]), self._neurons[some])

    def _population_classifier(self, *sides):
        # Components of one of the two sets alone would give that set away.
        features = PopulationFeatures(JoinedWindows(sides), self._context.frame_rate)
        return [features.features(windows) for windows in sides]


def _blocks(unit):
    """Units that stay in one fold; where there is a single unit, its windows are taken apart."""
    return unit if len(np.unique(unit)) > 1 else np.arange(len(unit))
