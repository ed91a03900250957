"""Figures of the diagnostics: dynamics, closest pairs, importance maps."""

import numpy as np

from calciumgan_tf.evaluation import dynamics_metrics
from calciumgan_tf.evaluation.window_set import evenly
from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure

SIDES = {"heldout": ("held-out recording", RECORDED, "-"), "training": ("training part", OTHER, "--")}
SIDES |= {"generated": ("generated", GENERATED, "-")}
PAIRS = 5


def dynamics(sets):
    """Autocorrelations, power spectrum and mean transient: medians over neurons.

    Args:
      sets: {set: WindowSet}.
    """
    pooled = {name: sets[name].dynamics.pooled() for name in SIDES}
    grid = pooled["heldout"].grid
    drawing, axes = figure(4.6, 2, 2)
    around = (np.arange(grid.before + grid.after) - grid.before) / grid.frame_rate
    panels = [
        ("lag (s)", "autocorrelation of traces", grid.lags / grid.frame_rate, dynamics_metrics.autocorrelation),
        ("lag (s)", "autocorrelation of spikes", grid.lags / grid.frame_rate, dynamics_metrics.spike_autocorrelation),
        ("frequency (Hz)", "power (dB re 1 dF/F² / Hz)", grid.frequencies, dynamics_metrics.spectrum),
        ("time from an event (s)", "mean transient (dF/F)", around, dynamics_metrics.transient),
    ]
    for axis, (x, y, at, statistic) in zip(axes.ravel(), panels):
        for name, (label, colour, line) in SIDES.items():
            values = statistic(pooled[name])[:, 0]  # of the only resample
            known = np.isfinite(values).all(axis=0)
            if known.any():
                axis.plot(at, np.median(values[:, known], axis=1), line, color=colour, label=label, linewidth=1.2)
        axis.set_xlabel(x, fontsize=8)
        axis.set_ylabel(y, fontsize=8)
        axis.tick_params(labelsize=7)
    axes[1, 0].set_xscale("log")
    axes[0, 0].legend(frameon=False, fontsize=7)
    return drawing


def closest_pairs(memorisation, generated, count, traces, frame_rate):
    """The generated windows nearest to the training part, each with its nearest training window.

    Args:
      memorisation: Memorisation.
      generated: Windows, dF/F.
      count: how many of them were evaluated.
      traces: (frame, neuron), dF/F, the recording.
      frame_rate: Hz.
    """
    chosen = np.argsort(memorisation.generated, kind="stable")[:PAIRS]
    frames, searched = generated.shape[1], evenly(count, len(memorisation.generated))
    drawing, axes = figure(1.1 * len(chosen) + 0.6, len(chosen), 1, sharex=True)
    seconds = np.arange(frames) / frame_rate
    for axis, window in zip(axes[:, 0], chosen):
        drawn = generated[int(searched[window]) : int(searched[window]) + 1][0]
        start, correlation = memorisation.starts[window], 1 - memorisation.generated[window]
        neuron = np.argmax(drawn.std(axis=0))
        recorded = traces[start : start + frames, neuron]
        axis.plot(seconds, recorded, color=RECORDED, linewidth=0.8, label="nearest training window")
        axis.plot(seconds, drawn[:, neuron], color=GENERATED, linewidth=0.8, label="generated")
        axis.set_title(f"neuron {neuron}; correlation over all neurons {correlation:.2f}", fontsize=7)
        axis.set_ylabel("dF/F", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0, 0].legend(frameon=False, fontsize=7, ncols=2)
    axes[-1, 0].set_xlabel("time (s)", fontsize=8)
    return drawing


def importance(maps, spikes, frame_rate):
    """Importance maps of the critic for a recorded and a generated window, with the inferred spikes.

    Args:
      maps: {'recorded', 'generated': (frame, neuron)}, of studies.importance.
      spikes: {the same: (frame, neuron)}.
      frame_rate: Hz.
    """
    drawing, axes = figure(3.4, 1, len(maps), sharey=True)
    largest = max(np.quantile(values, 0.999) for values in maps.values())
    for axis, (side, values) in zip(axes[0], maps.items()):
        frames, neurons = values.shape
        image = axis.imshow(
            values.T,
            cmap="cividis",
            vmin=0,
            vmax=largest,
            aspect="auto",
            origin="lower",
            extent=(0, frames / frame_rate, -0.5, neurons - 0.5),
            interpolation="nearest",
        )
        frame, neuron = np.nonzero(spikes[side])
        axis.plot(frame / frame_rate, neuron, "|", color="white", markersize=4)
        axis.set_title(f"{side} window; white: inferred spikes", fontsize=8)
        axis.set_xlabel("time (s)", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0, 0].set_ylabel("neuron", fontsize=8)
    axes[0, 0].yaxis.get_major_locator().set_params(integer=True)
    bar = drawing.colorbar(image, ax=axes[0].tolist(), shrink=0.8)
    bar.set_label("|change of the score per SD|", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    return drawing


def all_figures(evaluation, generated, recording) -> dict:
    """The figures of an evaluation with diagnostics, {file name without suffix: (figure, caption)}.

    Args:
      evaluation: reference.Evaluation.
      generated: Windows that were evaluated, dF/F.
      recording: Recording.
    """
    count = evaluation.settings["windows"]
    pairs = closest_pairs(evaluation.memorisation, generated, count, recording.traces, recording.frame_rate)
    return {
        "dynamics": (dynamics(evaluation.sets), "Medians over neurons, of all windows of a set together."),
        "closest_pairs": (
            pairs,
            "The generated windows that are nearest to the training part, each with its nearest training window. The "
            "neuron that varies most is drawn.",
        ),
    }
