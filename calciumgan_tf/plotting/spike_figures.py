"""Figures of the spike statistics."""

import numpy as np

from calciumgan_tf.evaluation.summary import VAN_ROSSUM_TAU
from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure, name_neurons
from calciumgan_tf.spikes.distances import closest_pairs
from calciumgan_tf.spikes.statistics import cross_van_rossum_distances

TRACES, HISTOGRAMS, MAPS = 4, 6, 3  # neurons drawn
ZOOMED, FEWEST_FRAMES = 4, 40  # s and frames around a transient, whichever is longer
BINS = 15
COLOURS = {"recorded": RECORDED, "generated": GENERATED}


def traces(examples, frame_rate, ids):
    """A recorded window above a generated one with a tick at each inferred spike: the most active neurons of either.

    Args:
      examples: {'recorded', 'generated': Examples}.
      frame_rate: Hz.
      ids: a name for each neuron.
    """
    active = _most_active(examples)
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
        axis.set_ylabel(f"neuron {ids[neuron]}", fontsize=7)
        axis.tick_params(labelsize=7)
    axes[0, 0].set_title("recorded; dF/F, ticks below a trace are inferred spikes", fontsize=9, color=RECORDED)
    axes[len(active), 0].set_title("generated, same neurons and scales", fontsize=9, color=GENERATED)
    axes[-1, 0].set_xlabel("time (s)", fontsize=8)
    return drawing


def _most_active(examples):
    """Up to TRACES neurons, in turn the most active of the recorded and of the generated window that are drawn."""
    counts = [example.spikes[-1].sum(axis=0, dtype=np.int64) for example in examples.values()]
    orders = [np.argsort(-count, kind="stable") for count in counts]
    return list(dict.fromkeys(np.stack(orders, axis=1).ravel()))[:TRACES]


def transients(examples, frame_rate, ids):
    """The largest event of a few recorded and generated windows, with the frames around it and its inferred spikes."""
    count = len(examples["recorded"].traces)
    drawing, axes = figure(3.4, 2, count, sharex=True, sharey=True)
    half = max(int(ZOOMED * frame_rate / 2), FEWEST_FRAMES // 2)
    for row, (side, example) in zip(axes, examples.items()):
        for axis, traces, spikes in zip(row, example.traces, example.spikes):
            peak, neuron = np.unravel_index(np.argmax(traces), traces.shape)
            start = int(np.clip(peak - half // 2, 0, max(len(traces) - 2 * half, 0)))
            shown = slice(start, start + 2 * half)
            trace, active = traces[shown, neuron], np.flatnonzero(spikes[shown, neuron])
            axis.plot(np.arange(len(trace)) / frame_rate, trace, ".-", color=COLOURS[side], linewidth=0.8, markersize=2)
            axis.plot(active / frame_rate, trace[active], "v", color="black", markersize=4, label="inferred spike")
            axis.set_title(f"{side}, neuron {ids[neuron]}", fontsize=8, color=COLOURS[side])
            axis.tick_params(labelsize=7)
        row[0].set_ylabel("dF/F", fontsize=8)
    axes[0, 0].legend(frameon=False, fontsize=7)
    for axis in axes[-1]:
        axis.set_xlabel("time (s)", fontsize=8)
    return drawing


def rasters(examples, frame_rate, ids):
    """Spikes of all neurons in a recorded and a generated window, with the sums over neurons and over frames."""
    drawing, axes = figure(3.8, 2, 4, gridspec_kw={"width_ratios": [4, 1] * 2, "height_ratios": [1, 3]})
    for column, (side, example) in enumerate(examples.items()):
        spikes, colour = example.spikes[-1], COLOURS[side]
        frames, neurons = spikes.shape
        seconds = np.arange(frames) / frame_rate
        (above, corner), (raster, beside) = axes[:, 2 * column : 2 * column + 2]
        corner.axis("off")
        above.fill_between(seconds, spikes.sum(axis=1), step="mid", color=colour, linewidth=0)
        above.set_title(side, fontsize=9, color=colour)
        frame, neuron = np.nonzero(spikes)
        raster.plot(frame / frame_rate, neuron, "|", color=colour, markersize=max(1.5, 100 / neurons))
        raster.set_xlabel("time (s)", fontsize=8)
        beside.barh(np.arange(neurons), spikes.sum(axis=0) / seconds.size * frame_rate, color=colour, height=0.9)
        beside.set_xlabel("rate (Hz)", fontsize=8)
        for axis in (above, raster):
            axis.set_xlim(0, frames / frame_rate)
        for axis in (raster, beside):
            axis.set_ylim(-1, neurons)
        name_neurons(raster, ids)
        above.set_xticklabels([])
        beside.set_yticks([])
    axes[0, 0].set_ylabel("spikes\na frame", fontsize=8)
    axes[0, 0].sharey(axes[0, 2])
    axes[1, 1].sharex(axes[1, 3])
    for axis in axes.ravel():
        axis.tick_params(labelsize=7)
    return drawing


def rate_histograms(heldout, generated, ids):
    """How the firing rate of each of a few neurons, from the quietest to the most active, varies over windows."""
    order = np.argsort(heldout.pooled_rates(), kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(HISTOGRAMS, len(order))).round().astype(int)]
    columns = min(3, len(chosen))
    drawing, axes = figure(3.6, -(-len(chosen) // columns), columns)
    for axis in axes.ravel()[len(chosen) :]:
        axis.axis("off")
    for axis, neuron in zip(axes.ravel(), chosen):
        sides = {"recorded": heldout.rates[:, neuron], "generated": generated.rates[:, neuron]}
        edges = np.histogram_bin_edges(np.concatenate(list(sides.values())), BINS)
        for side, rates in sides.items():
            axis.hist(rates, edges, histtype="step", color=COLOURS[side], label=side, linewidth=1.2)
        axis.set_title(f"neuron {ids[neuron]}", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0, 0].legend(frameon=False, fontsize=7)
    for axis in axes[-1]:
        axis.set_xlabel("firing rate (Hz)", fontsize=8)
    for axis in axes[:, 0]:
        axis.set_ylabel("windows", fontsize=8)
    return drawing


def van_rossum_maps(examples, frame_rate, ids):
    """Van Rossum distance of each recorded to each generated window, a few neurons, paired from the closest pair on."""
    recorded, generated = (examples[side].evenly for side in COLOURS)
    activity = sum(spikes.sum(axis=(0, 1), dtype=np.int64) for spikes in (recorded, generated))
    chosen = np.argsort(-activity, kind="stable")[:MAPS]
    drawing, axes = figure(2.9, 1, len(chosen), sharey=True)
    maps = []
    for neuron in chosen:
        apart = cross_van_rossum_distances(recorded[:, :, neuron], generated[:, :, neuron], frame_rate, VAN_ROSSUM_TAU)
        maps.append(apart[np.ix_(*closest_pairs(apart))])
    largest = max(distances.max() for distances in maps)
    for axis, neuron, distances in zip(axes[0], chosen, maps):
        image = axis.imshow(distances, cmap="viridis", vmin=0, vmax=largest, origin="lower")
        axis.set_title(f"neuron {ids[neuron]}", fontsize=8)
        axis.set_xlabel("generated window", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0, 0].set_ylabel("recorded window", fontsize=8)
    bar = drawing.colorbar(image, ax=axes[0].tolist(), shrink=0.8)
    bar.set_label("van Rossum distance", fontsize=8)
    bar.ax.tick_params(labelsize=7)
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


def divergences(of_metrics):
    """How the paper's divergences, {metric: (neuron,) or (window,)}, are distributed over neurons or windows."""
    drawing, axes = figure(2.4, 1, 4)
    for axis, (name, divergence) in zip(axes[0], of_metrics.items()):
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
    """The figures of a reference.Evaluation: {file name without suffix: (figure, caption)}."""
    frame_rate, ids = (evaluation.settings[name] for name in ("frame_rate", "neuron_ids"))
    examples = {side: evaluation.examples[side] for side in COLOURS}
    heldout, generated = (evaluation.summaries[name] for name in ("heldout", "generated"))
    return {
        "traces": (
            traces(examples, frame_rate, ids),
            "A recorded and a generated window, each at the 95 % quantile of activity: its most active neurons.",
        ),
        "transients": (
            transients(examples, frame_rate, ids),
            "The highest transient of windows at the 50, 75 and 95 % quantiles of activity.",
        ),
        "rasters": (
            rasters(examples, frame_rate, ids),
            "Inferred spikes of all neurons in a recorded and a generated window at the 95 % quantile of activity.",
        ),
        "rate_histograms": (
            rate_histograms(heldout, generated, ids),
            "Firing rates over windows of some neurons, from the quietest recorded to the most active.",
        ),
        "scatters": (
            scatters(heldout, generated),
            "Each neuron's rate and each pair's correlation; a perfect model would lie on the line but for sampling.",
        ),
        "divergences": (
            divergences(evaluation.divergences["generated"]),
            "The paper's divergences, recorded against generated. Read them beside their floor in the table.",
        ),
        "van_rossum_maps": (
            van_rossum_maps(examples, frame_rate, ids),
            "Van Rossum distances between windows of the most active neurons; rows and columns are paired so that the "
            "sum along the diagonal is smallest, and sorted from the closest pair on.",
        ),
    }
