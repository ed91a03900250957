"""The figures of a reproduction that an evaluation does not have."""

import numpy as np

from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure

SIDES = {"truth": RECORDED, "floor": OTHER, "generated": GENERATED}
LABELS = {"truth": "truth", "floor": "truth, other windows", "generated": "generated"}
ZOOMED = 10  # s


def known_truth(summaries):
    """Firing rates and covariances, sorted by the truth: fresh windows of it, others of it, and generated ones.

    Args:
      summaries: {'truth', 'floor', 'generated': Summary}.
    """
    drawing, axes = figure(3.4, 1, 2)
    rows, columns = np.triu_indices(summaries["truth"].rates.shape[1])
    panels = [
        ("neuron, sorted", "firing rate (Hz)", lambda one: one.pooled_rates()),
        (
            "pair of neurons, or neuron with itself, sorted",
            "covariance (counts² in .5 s)",
            lambda one: one.pooled_covariance()[rows, columns],
        ),
    ]
    for axis, (x, y, view) in zip(axes[0], panels):
        order = np.argsort(view(summaries["truth"]), kind="stable")
        size = 5 if len(order) < 200 else 2
        for side in ("floor", "generated", "truth"):
            values = view(summaries[side])[order]
            style = {"linewidth": 1.5} if side == "truth" else {"linestyle": "", "marker": ".", "markersize": size}
            axis.plot(values, color=SIDES[side], label=LABELS[side], **style)
        axis.set_xlabel(x, fontsize=8)
        axis.set_ylabel(y, fontsize=8)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.tick_params(labelsize=7)
    axes[0, 1].set_yscale("symlog", linthresh=1e-3)
    axes[0, 0].legend(frameon=False, fontsize=7)
    return drawing


def phase_shuffle(recorded, trainings, frame_rate):
    """The critic's losses and a generated window, with phase shuffle and without, below a recorded window.

    Args:
      recorded: (frame, neuron), dF/F.
      trainings: {label: (log lines of the training, generated window (frame, neuron))}, two of them.
      frame_rate: Hz.
    """
    drawing, axes = figure(5.2, 3, 2)
    colours = dict(zip(trainings, (GENERATED, OTHER)))
    for axis, (name, label) in zip(axes[0], (("critic_loss", "critic loss"), ("gradient_penalty", "gradient penalty"))):
        for which, (logged, _) in trainings.items():
            axis.plot([e["step"] for e in logged], [e[name] for e in logged], color=colours[which], label=which)
        values = [entry[name] for logged, _ in trainings.values() for entry in logged]
        low, high = np.quantile(values, [0.02, 0.98])  # the first steps are far off
        axis.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))
        axis.set_xlabel("step", fontsize=8)
        axis.set_ylabel(label, fontsize=8)
    axes[0, 0].legend(frameon=False, fontsize=7)
    neurons = np.argsort(-recorded.std(axis=0), kind="stable")[:2]
    shown = {"recorded": (recorded, RECORDED)}
    shown |= {which: (window, colours[which]) for which, (_, window) in trainings.items()}
    grid = axes[1, 0].get_gridspec()
    for axis in axes[1:].ravel():
        axis.remove()
    below = drawing.add_subfigure(grid[1:, :]).subplots(3, 2, sharex=True, sharey="col")
    frames = min(len(recorded), max(int(ZOOMED * frame_rate), 60))
    for row, (which, (window, colour)) in zip(below, shown.items()):
        for axis, neuron in zip(row, neurons):
            start = int(np.clip(np.argmax(window[:, neuron]) - frames // 3, 0, len(window) - frames))
            trace = window[start : start + frames, neuron]
            axis.plot(np.arange(frames) / frame_rate, trace, color=colour, linewidth=0.8)
            axis.set_title(f"{which}, neuron {neuron}", fontsize=7, color=colour)
            axis.spines[["top", "right"]].set_visible(False)
        row[0].set_ylabel("dF/F", fontsize=8)
    for axis in below[-1]:
        axis.set_xlabel("time (s)", fontsize=8)
    for axis in (*axes[0], *below.ravel()):
        axis.tick_params(labelsize=7)
    return drawing
