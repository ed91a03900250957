"""The figures of the trust metrics."""

import numpy as np

from calciumgan_tf.evaluation import dynamics_metrics
from calciumgan_tf.evaluation.diagnostics import evenly
from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure

SIDES = {"heldout": ("held-out recording", RECORDED, "-"), "training": ("training part", OTHER, "--")}
SIDES |= {"generated": ("generated", GENERATED, "-")}
PAIRS = 5


def dynamics(sets):
    """Autocorrelations, power spectrum and mean transient: medians over neurons.

    Args:
      sets: {set: trust.assess.Described}.
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
            values = statistic(pooled[name])
            known = np.isfinite(values).all(axis=0)
            if known.any():
                axis.plot(at, np.median(values[:, known], axis=1), line, color=colour, label=label, linewidth=1.2)
        axis.set_xlabel(x, fontsize=8)
        axis.set_ylabel(y, fontsize=8)
        axis.tick_params(labelsize=7)
    axes[1, 0].set_xscale("log")
    axes[0, 0].legend(frameon=False, fontsize=7)
    return drawing


def closest_pairs(nearest, generated, count, traces, frame_rate):
    """The generated windows nearest to the training part, each with the training window next to it.

    Args:
      nearest: Memorisation.
      generated: (window, frame, neuron), dF/F.
      count: how many of these were evaluated.
      traces: (frame, neuron), dF/F, the recording.
      frame_rate: Hz.
    """
    chosen = np.argsort(nearest.generated, kind="stable")[:PAIRS]
    frames, looked_at = generated.shape[1], evenly(count, len(nearest.generated))
    drawing, axes = figure(1.1 * len(chosen) + 0.6, len(chosen), 1, sharex=True)
    seconds = np.arange(frames) / frame_rate
    for axis, window in zip(axes[:, 0], chosen):
        made = np.asarray(generated[int(looked_at[window])])
        recorded = traces[nearest.starts[window] : nearest.starts[window] + frames]
        neuron = np.argmax(made.std(axis=0))
        axis.plot(seconds, recorded[:, neuron], color=RECORDED, linewidth=0.8, label="training window next to it")
        axis.plot(seconds, made[:, neuron], color=GENERATED, linewidth=0.8, label="generated")
        axis.set_title(f"neuron {neuron}; correlation over all neurons {1 - nearest.generated[window]:.2f}", fontsize=7)
        axis.set_ylabel("dF/F", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0, 0].legend(frameon=False, fontsize=7, ncols=2)
    axes[-1, 0].set_xlabel("time (s)", fontsize=8)
    return drawing


def importance(maps, spikes, frame_rate):
    """What the critic's score depends on in a recorded and a generated window, with the inferred spikes.

    Args:
      maps: {'recorded', 'generated': (frame, neuron)}, of trust.importance.
      spikes: {the same: (frame, neuron)}.
      frame_rate: Hz.
    """
    drawing, axes = figure(3.4, 1, len(maps), sharey=True)
    largest = max(np.quantile(one, 0.999) for one in maps.values())
    for axis, (side, one) in zip(axes[0], maps.items()):
        frames, neurons = one.shape
        image = axis.imshow(
            one.T,
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


def all_figures(trust, generated, data) -> dict:
    """Figures of a Trust: {file name without suffix: (figure, caption)}."""
    return {
        "dynamics": (dynamics(trust.sets), "Medians over neurons, all windows of a set together."),
        "closest_pairs": (
            closest_pairs(
                trust.memorisation, generated, trust.sets["generated"].dynamics.windows, data.traces, data.frame_rate
            ),
            "The generated windows that are nearest to the training part, and what they are near to; drawn is the "
            "neuron that varies most.",
        ),
    }
