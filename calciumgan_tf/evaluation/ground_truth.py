"""Generated windows against fresh windows of their ground truth, by the errors that the code of the authors prints.

The public CalciumGAN compares five generated windows with five windows of a dichotomised Gaussian, window by window.
Five windows are a small sample, so the same errors are given for all windows together as well.
"""

import numpy as np

from calciumgan_tf.dataset.windows import PopulationWindows, RecordedWindows
from calciumgan_tf.evaluation.baselines import dichotomized_gaussian, shuffled
from calciumgan_tf.evaluation.summary import summarise
from calciumgan_tf.progress import Progress
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic.populations import Population

PAIRED = 5  # windows, as in the original
SEED_OF_BASELINE = 10_000  # added to the seed, so that a baseline and the truth are drawn independently
COLUMNS = ("floor", "generated", "dichotomized_gaussian", "shuffled")
UNITS = {"firing_rate": "Hz", "covariance": "counts^2"}
ROUNDING = 1e-12  # a true value as small as this is 0


def errors(true, found) -> dict:
    """Mean absolute error, root mean squared error, and mean absolute percentage error.

    A true value of 0 counts in the last as if it were the mean of the true values, as in the original. The original
    gives the mean squared error of covariances, whose root this is.

    Args:
      true, found: arrays of the same shape.

    Returns:
      {'mae', 'rmse', 'mape'}, the last in percent.
    """
    true = np.asarray(true, np.float64)
    difference = np.abs(np.asarray(found, np.float64) - true)
    reference = np.abs(np.where(np.abs(true) < ROUNDING, true.mean(), true))
    defined = reference > ROUNDING
    return {
        "mae": float(difference.mean()),
        "rmse": float(np.sqrt(np.mean(difference**2))),
        "mape": float(100 * np.mean(difference[defined] / reference[defined])) if defined.any() else float("nan"),
    }


def rows(truth, candidates) -> dict:
    """The table of errors.

    Firing rates are of a neuron; covariances of spike counts in bins of .5 s are of a pair, each neuron with itself
    included. `_of_5`: of single windows, paired by their number.

    Args:
      truth: Summary.
      candidates: {column: Summary}.

    Returns:
      {row: {'unit', column: value}}.
    """
    table = {}
    triangle = np.triu_indices(truth.paired_neurons)
    views = {
        "firing_rate": (lambda one: one.rates[:PAIRED], lambda one: one.pooled_rates()),
        "covariance": (lambda one: one.covariance_pairs[:PAIRED], lambda one: one.pooled_covariance()[triangle]),
    }
    for statistic, (of_five, of_all) in views.items():
        for suffix, view in (("_of_5", of_five), ("", of_all)):
            found = {column: errors(view(truth), view(one)) for column, one in candidates.items()}
            for error in ("mae", "rmse", "mape"):
                unit = "%" if error == "mape" else UNITS[statistic]
                values = {column: value[error] for column, value in found.items()}
                table[f"{statistic}_{error}{suffix}"] = {"unit": unit, **values}
    return table


def compare(truth: Population, data, split, generated, count, seed=0):
    """Compares windows generated after training on a recording of a known population with fresh windows of it.

    All sets are deconvolved alike. `floor` is a second set of fresh windows; `dichotomized_gaussian` are windows of a
    dichotomised Gaussian that was fitted to the training part's inferred spikes; `shuffled` is the floor with neurons
    from different windows.

    Args:
      truth: Population that `data` came from.
      data: Recording of it.
      split: Split of it, with the generated windows' length.
      generated: array-like (window, frame, neuron), dF/F.
      count: windows of each set.
      seed: of the baselines.

    Returns:
      the table of `rows`, and {set: Summary} with `truth` and those of COLUMNS.
    """
    settings = deconvolution.fit_recording(data, split.training)
    frames = split.window_frames
    with Progress("known truth", 5, unit="set", quiet_seconds=5) as progress:

        def infer(windows):
            found = deconvolution.infer_spikes(windows, settings)
            progress.advance(1)
            progress.report()
            return found

        training = infer(RecordedWindows(data.traces, split, split.training, count))
        fitted = dichotomized_gaussian.fitted_population(
            training,
            settings,
            split.frames("training"),
            data.frame_rate,
            seed + SEED_OF_BASELINE,
        )
        fresh, other = (infer(PopulationWindows(truth, count, frames, first)) for first in (0, count))
        spikes = {
            "truth": fresh.spikes,
            "floor": other.spikes,
            "generated": infer(generated[:count]).spikes,
            "dichotomized_gaussian": infer(PopulationWindows(fitted, count, frames)).spikes,
            "shuffled": shuffled.shuffled(other.spikes, seed),
        }
    summaries = {name: summarise(one, data.frame_rate) for name, one in spikes.items()}
    return rows(summaries["truth"], {column: summaries[column] for column in COLUMNS}), summaries
