"""The figures of an evaluation."""

import numpy as np

from calciumgan_tf.evaluation import metrics
from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure

TRACES = 4  # neurons drawn
COLOURS = {"recorded": RECORDED, "generated": GENERATED}


def traces(examples, frame_rate):
    """A recorded window above a generated one, the most active neurons, with a tick at each inferred spike."""
    active = np.argsort(-examples["recorded"].spikes.sum(axis=(0, 1)), kind="stable")[:TRACES]
    drawing, axes = figure(1.5 * len(active) + 1, 2 * len(active), 1, sharex=True)
    rows = [(side, neuron) for side in examples for neuron in active]
    for axis, (side, neuron) in zip(axes[:, 0], rows):
        drawn = {name: example.traces[-1, :, neuron] for name, example in examples.items()}
        trace, spikes = drawn[side], examples[side].spikes[-1, :, neuron]
        seconds = np.arange(len(trace)) / frame_rate
        low, high = min(map(np.min, drawn.values())), max(map(np.max, drawn.values()))
        axis.plot(seconds, trace, color=COLOURS[side], linewidth=0.8)
        axis.plot(
            seconds[spikes > 0], np.full(spikes.sum(), low - 0.15 * (high - low)), "|", color="black", markersize=5
        )
        axis.set_ylim(low - 0.25 * (high - low), high)
        axis.set_ylabel(f"neuron {neuron}", fontsize=7)
        axis.tick_params(labelsize=7)
    axes[0, 0].set_title("recorded; dF/F, ticks below a trace are inferred spikes", fontsize=9, color=RECORDED)
    axes[len(active), 0].set_title("generated, same neurons and scales", fontsize=9, color=GENERATED)
    axes[-1, 0].set_xlabel("time (s)", fontsize=8)
    return drawing


def rasters(examples, frame_rate):
    """Spikes of all neurons in a few windows, recorded and generated."""
    count = len(examples["recorded"].spikes)
    drawing, axes = figure(3.6, 2, count, sharex=True, sharey=True)
    for row, (side, example) in enumerate(examples.items()):
        for column in range(count):
            frame, neuron = np.nonzero(example.spikes[column])
            axes[row, column].plot(frame / frame_rate, neuron, "|", color=COLOURS[side], markersize=3)
            axes[row, column].set_title(f"{side}, window {column + 1}", fontsize=8)
            axes[row, column].tick_params(labelsize=7)
            if row == 1:
                axes[row, column].set_xlabel("time (s)", fontsize=8)
        axes[row, 0].set_ylabel("neuron", fontsize=8)
    return drawing


def scatters(heldout, generated):
    """Firing rate of each neuron and correlation of each pair, held-out against generated."""
    drawing, axes = figure(3.5, 1, 2)
    undefined = np.isnan(heldout.pooled_correlations()) | np.isnan(generated.pooled_correlations())
    panels = [
        ("firing rate (Hz), one dot a neuron", heldout.pooled_rates(), generated.pooled_rates(), 6),
        ("correlation, one dot a pair", *(s.pooled_correlations()[~undefined] for s in (heldout, generated)), 3),
    ]
    for axis, (title, x, y, size) in zip(axes[0], panels):
        axis.plot(x, y, ".", color=GENERATED, markersize=size, alpha=0.7)
        ends = [min(x.min(initial=0), y.min(initial=0)), max(x.max(initial=0.1), y.max(initial=0.1))]
        axis.plot(ends, ends, color="grey", linewidth=0.8, label="equal")
        axis.set(xlabel="held-out recording", ylabel="generated", aspect="equal")
        axis.set_title(title, fontsize=9)
        axis.legend(frameon=False, fontsize=7)
    return drawing


def divergences(heldout, generated):
    """How the paper's divergences are distributed over neurons or windows."""
    drawing, axes = figure(2.4, 1, 4)
    values = {"firing_rate_kl": metrics.row_kl(heldout.rates.T, generated.rates.T)}
    values |= {name: metrics.windowed_kl(name, heldout, generated) for name in metrics.WINDOWED}
    for axis, (name, divergence) in zip(axes[0], values.items()):
        divergence = divergence[np.isfinite(divergence)]
        axis.hist(divergence, bins=20, color=OTHER)
        if divergence.size:
            axis.axvline(divergence.mean(), color="black", linewidth=1, linestyle="--", label="mean")
            axis.legend(frameon=False, fontsize=7)
        axis.set_title(name, fontsize=8)
        axis.set_xlabel("KL (nats)", fontsize=8)
        axis.set_ylabel("neurons" if name == "firing_rate_kl" else "windows", fontsize=8)
        axis.tick_params(labelsize=7)
    return drawing


def all_figures(evaluation) -> dict:
    """Every figure of an Evaluation: {file name without suffix: (figure, caption)}."""
    frame_rate = evaluation.settings["frame_rate"]
    examples = {side: evaluation.examples[side] for side in COLOURS}
    return {
        "traces": (
            traces(examples, frame_rate),
            "A recorded and a generated window, each at the 95 % quantile of activity.",
        ),
        "rasters": (
            rasters(examples, frame_rate),
            "Inferred spikes of all neurons; windows at the 50, 75 and 95 % quantiles of activity.",
        ),
        "scatters": (
            scatters(evaluation.heldout, evaluation.generated),
            "Each neuron's rate and each pair's correlation; a perfect model would lie on the line but for sampling.",
        ),
        "divergences": (
            divergences(evaluation.heldout, evaluation.generated),
            "The paper's divergences, recorded against generated. Read them beside their floor in the table.",
        ),
    }
