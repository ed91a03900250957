"""Figures of the diagnosis: spectra and transients, closest pairs, importance maps."""

import numpy as np

from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure, name_neurons

SIDES = {"heldout": ("held-out recording", RECORDED, "-"), "training": ("training part", OTHER, "--")}
SIDES |= {"generated": ("generated", GENERATED, "-")}
AXES = {
    "spectrum": ("frequency (Hz)", "power (dB re 1 dF/F² / Hz)", "log"),
    "transient": ("time from an upward jump (s)", "mean transient (dF/F)", "linear"),
}
PAIRS = 5


def curves(drawn):
    """Power spectrum and mean transient: medians over neurons.

    Args:
      drawn: diagnosis.Result.curves.
    """
    drawing, axes = figure(2.8, 1, len(drawn))
    for axis, (name, sets) in zip(axes[0], drawn.items()):
        x, y, scale = AXES[name]
        for which, (label, colour, line) in SIDES.items():
            at, values = sets[which]
            if values.size:
                axis.plot(at, np.median(values, axis=1), line, color=colour, label=label, linewidth=1.2)
        axis.set_xlabel(x, fontsize=8)
        axis.set_ylabel(y, fontsize=8)
        axis.tick_params(labelsize=7)
        axis.set_xscale(scale)
    axes[0, 0].legend(frameon=False, fontsize=7)
    return drawing


def closest_pairs(copying, generated, recording):
    """The generated windows that lead most in the search for copies, each with its best match in the training part.

    Args:
      copying: Copying.
      generated: Windows, dF/F.
      recording: Recording.
    """
    matches = copying.whole.matches
    chosen = np.argsort(-matches.leads, kind="stable")[:PAIRS]
    frames = generated.shape[1]
    drawing, axes = figure(1.1 * len(chosen) + 0.6, len(chosen), 1, sharex=True)
    seconds = np.arange(frames) / recording.frame_rate
    for axis, window in zip(axes[:, 0], chosen):
        index = int(copying.searched[window])
        drawn = generated[index : index + 1][0]
        start, correlation = matches.starts[window], 1 - matches.distances[window]
        neuron = np.argmax(drawn.std(axis=0))
        recorded = recording.traces[start : start + frames, neuron]
        axis.plot(seconds, recorded, color=RECORDED, linewidth=0.8, label="best match in the training part")
        axis.plot(seconds, drawn[:, neuron], color=GENERATED, linewidth=0.8, label="generated")
        name = recording.neuron_ids[neuron]
        axis.set_title(f"neuron {name}; correlation over all neurons {correlation:.2f}", fontsize=7)
        axis.set_ylabel("dF/F", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0, 0].legend(frameon=False, fontsize=7, ncols=2)
    axes[-1, 0].set_xlabel("time (s)", fontsize=8)
    return drawing


def importance(maps, spikes, frame_rate, ids):
    """Importance maps of the critic for a recorded and a generated window, with the inferred spikes.

    Args:
      maps: {'recorded', 'generated': (frame, neuron)}, of studies.importance.
      spikes: {the same: (frame, neuron)}.
      frame_rate: Hz.
      ids: a name for each neuron.
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
    name_neurons(axes[0, 0], ids)
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
    diagnosis = evaluation.diagnosis
    pairs = closest_pairs(diagnosis.copying, generated, recording)
    return {
        "curves": (curves(diagnosis.curves), "Medians over neurons, of all windows of a set together."),
        "closest_pairs": (
            pairs,
            "The generated windows that are most like a copy, each with its best match in the training part. The "
            "neuron that varies most is drawn.",
        ),
    }
