"""Figures of conditions: tuning curves and trial-averaged responses, recorded and generated."""

import numpy as np

from calciumgan_tf.evaluation.conditions import tuning
from calciumgan_tf.evaluation.conditions.observations import Sample, level_means
from calciumgan_tf.plotting.style import GENERATED, RECORDED, figure

NEURONS, COLUMNS = 12, 4  # of tuning curves
RESPONDING, LEVELS = 4, 5  # neurons and levels of trial-averaged responses
SIDES = {"recorded": RECORDED, "generated": GENERATED}


def all_figures(found, recording) -> dict:
    """{file: figure} of all conditions.

    Args:
      found: judged.Judged.
      recording: Recording.
    """
    drawings = {}
    for one in found.conditions:
        if not one.rows:
            continue
        name = "".join(letter if letter.isalnum() else "_" for letter in one.name)
        drawings[f"tuning_{name}.png"] = curves(one, recording.neuron_ids)
        if one.timing:
            drawings[f"responses_{name}.png"] = responses(one, recording.neuron_ids, recording.frame_rate)
    return drawings


def most_tuned(observations, number) -> np.ndarray:
    """The neurons whose tuning curve varies most beyond its standard error, int (neuron,), the most tuned first."""
    mean, error = mean_and_error(observations.rates, observations)
    excess = np.nanvar(mean, axis=0) - np.nanmean(error**2, axis=0)
    return np.argsort(-np.nan_to_num(excess, nan=-np.inf), kind="stable")[:number]


def mean_and_error(values, observations):
    """Mean of each level and its standard error, two arrays float64 (level, ...); no error with one observation.

    Args:
      values: (observation, ...).
      observations: Observations.
    """
    weights, number = np.ones(len(observations.levels)), observations.numbers()
    mean = level_means(values, observations, weights)
    variance = level_means((values - mean[observations.levels]) ** 2, observations, weights)
    divisor = np.where(number > 1, number - 1, np.nan).reshape(-1, *[1] * (variance.ndim - 1))
    return mean, np.sqrt(variance / divisor)


def curves(one, neuron_ids):
    """Tuning curves, mean and standard error, of the neurons that are tuned most.

    Args:
      one: OfCondition.
      neuron_ids: names of all neurons.
    """
    chosen = most_tuned(one.recorded, NEURONS)
    rows = -(-len(chosen) // COLUMNS)
    drawing, axes = figure(0.6 + 1.5 * rows, rows, COLUMNS, sharex=True)
    place = np.arange(len(one.levels))
    for axis, neuron in zip(axes.ravel(), chosen):
        for (label, colour), side in zip(SIDES.items(), (one.recorded, one.generated)):
            mean, error = (values[:, neuron] for values in mean_and_error(side.rates, side))
            axis.errorbar(place, mean, error, color=colour, linewidth=0.9, marker=".", markersize=4, label=label)
        axis.set_title(f"neuron {neuron_ids[neuron]}", fontsize=7)
        axis.set_ylim(bottom=0)
        axis.set_xticks(place, one.levels, rotation=90 if one.timing is None else 0)
        axis.tick_params(labelsize=6)
    for axis in axes.ravel()[len(chosen) :]:
        axis.axis("off")
    axes[0, 0].legend(fontsize=6, frameon=False)
    drawing.supxlabel(one.name, fontsize=8)
    drawing.supylabel("rate of inferred spikes (Hz), mean and SE", fontsize=8)
    return drawing


def responses(one, neuron_ids, frame_rate):
    """Trial-averaged traces, mean and standard error, of a few neurons at a few levels.

    Args:
      one: OfCondition of a stimulus.
      neuron_ids: names of all neurons.
      frame_rate: Hz.
    """
    neurons = most_tuned(one.recorded, RESPONDING)
    best = np.argmax(tuning.curves(Sample(one.recorded, np.ones(len(one.recorded.levels))))[:, neurons], axis=0)
    levels = list(dict.fromkeys([*best.tolist(), *range(len(one.levels))]))[:LEVELS]
    drawing, axes = figure(0.6 + 1.3 * len(neurons), len(neurons), len(levels), sharex=True, sharey="row")
    sides = [mean_and_error(side.traces, side) for side in (one.recorded, one.generated)]
    seconds = (np.arange(one.recorded.traces.shape[1]) - one.timing.before) / frame_rate
    for row, neuron in zip(axes, neurons):
        for axis, level in zip(row, sorted(levels)):
            for (label, colour), (mean, error) in zip(SIDES.items(), sides):
                centre, width = mean[level, :, neuron], error[level, :, neuron]
                axis.plot(seconds, centre, color=colour, linewidth=0.9, label=label)
                axis.fill_between(seconds, centre - width, centre + width, color=colour, alpha=0.2, linewidth=0)
            axis.axvline(0, color="grey", linestyle=":", linewidth=0.8)
            axis.tick_params(labelsize=6)
        row[0].set_ylabel(f"neuron {neuron_ids[neuron]}", fontsize=7)
    for axis, level in zip(axes[0], sorted(levels)):
        axis.set_title(f"{one.name} {one.levels[level]}", fontsize=7)
    axes[0, 0].legend(fontsize=6, frameon=False)
    drawing.supxlabel("time from onset (s)", fontsize=8)
    drawing.supylabel("dF/F, mean and SE", fontsize=8)
    return drawing
