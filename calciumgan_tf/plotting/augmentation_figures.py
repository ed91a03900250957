"""The figure of the augmentation experiment: scores over the length of the recorded part."""

from calciumgan_tf.plotting.style import GENERATED, OTHER, RECORDED, figure

AXES = {
    "neurons": "neurons from the others, R2",
    "condition": "condition, balanced accuracy",
    "correlations": "correlations, RMS error",
}
LINES = {  # training set: (label, colour, style, marker)
    "recorded": ("recorded alone", RECORDED, "-", "o"),
    "generated_1": ("+ generated, as many", GENERATED, ":", "."),
    "generated_3": ("+ generated, 3 times", GENERATED, "--", "."),
    "generated_10": ("+ generated, 10 times", GENERATED, "-", "."),
    "generated_alone": ("generated alone", GENERATED, "", "x"),
    "truth_10": ("+ fresh windows of the truth, 10 times", "black", ":", "."),
    "jitter_10": ("+ jitter, 10 times", OTHER, ":", "."),
    "scaling_10": ("+ scaled, 10 times", OTHER, "--", "."),
    "phase_randomised_10": ("+ phase-randomised, 10 times", OTHER, "-", "."),
    "shrinkage": ("recorded, Ledoit-Wolf", RECORDED, "--", "."),
}


def scores(found):
    """A panel for each task; the interval is that of the recorded part alone and of ten times as many windows.

    Args:
      found: {task: {training set: {share: tables.Cell}}}.
    """
    drawing, axes = figure(3.6, 1, len(found))
    for axis, (task, of_task) in zip(axes[0], found.items()):
        for name, (label, colour, style, marker) in LINES.items():
            cells = list(of_task.get(name, {}).values())
            minutes, estimates = [cell.minutes for cell in cells], [cell.score for cell in cells]
            values = [one.value for one in estimates]
            if not cells:
                continue
            axis.plot(minutes, values, color=colour, linestyle=style, marker=marker, linewidth=1, label=label)
            if name in ("recorded", "generated_10") and all(one.low is not None for one in estimates):
                low, high = [one.low for one in estimates], [one.high for one in estimates]
                axis.fill_between(minutes, low, high, color=colour, alpha=0.15, linewidth=0)
        ticks = sorted({cell.minutes for cells in of_task.values() for cell in cells.values()})
        axis.set_xscale("log")
        axis.set_xticks(ticks, [f"{minutes:.3g}" for minutes in ticks])
        axis.set_xticks([], minor=True)
        axis.set_xlabel("recorded (minutes)", fontsize=8)
        axis.set_ylabel(AXES[task], fontsize=8)
        axis.tick_params(labelsize=7)
    handles, labels = axes[0, -1].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=7)
    return drawing
