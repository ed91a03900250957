"""Samples of a conditional model against the recording that it was trained on."""

import dataclasses

from calciumgan_tf.dataset.conditions import levels_of
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.conditions import comparison, of_condition, registry, series
from calciumgan_tf.spikes import deconvolution

LEGEND = {
    "floor": "between two parts of the recording, named above the table",
    "within": "between two halves of the larger of these parts",
    "generated": "between generated observations, as many as the recording has, and the same recorded ones; of "
    "decoder_of_generated and regression_of_generated, between the training part and generated observations",
    "vs training": "between generated observations and the training part",
    "shuffled": "the floor after the levels of recorded observations are exchanged at random; of noise_correlation, "
    "after those of each level are brought into another order for each neuron",
    "difference": "95 % interval of generated minus floor, from a bootstrap over presentations, or windows of a "
    "continuous condition",
    comparison.ALIKE: "the interval reaches 0 or below, and what shuffling does is larger than its half-width",
    comparison.DIFFERS: "the interval lies above 0, or beside it if more is better",
    comparison.UNKNOWN: "there are too few presentations, or what shuffling does would not be seen either",
}
DIRECTION = "More is better of decoders and regressions, less of all others."


@dataclasses.dataclass(frozen=True)
class Judged:
    """What was found.

    Attributes:
      conditions: list of OfCondition.
    """

    conditions: list

    def to_json(self) -> dict:
        """Plain values."""
        return {"conditions": [one.to_json() for one in self.conditions]}

    def text(self) -> str:
        """A table for each condition, and what its rows and columns mean."""
        lines = []
        for one in self.conditions:
            lines += [*one.text(), ""]
        shown = {row.statistic.name for one in self.conditions for row in one.rows}
        if not shown:
            return "\n".join(lines[:-1])
        lines += [f"{one.name}: {one.definition}" for one in registry.STATISTICS if one.name in shown]
        return "\n".join([*lines, "", *(f"{name}: {meaning}." for name, meaning in LEGEND.items()), DIRECTION])


def judge(generated, recording, split, seed: int = 0) -> Judged:
    """Compares responses to the conditions that the samples were drawn with.

    Args:
      generated: Samples, windows or a session.
      recording: Recording.
      split: Split of the recording.
      seed: of draws, exchanges and the bootstrap.

    Raises:
      InputError: samples or a recording without conditions, other conditions, or other neurons.
    """
    check(generated, recording, split.window_frames)
    settings = deconvolution.fit_recording(recording, split.training)
    found = []
    for name in generated.condition_names:
        sides = series.of_recording(recording, name), series.of_samples(generated, name)
        levels = levels_of(sides[0].column)
        arguments = *sides, split, settings, recording.frame_rate, seed
        found.append(
            of_condition.of_levels(name, levels, *arguments) if levels else of_condition.of_values(name, *arguments)
        )
    return Judged(found)


def check(generated, recording, window_frames) -> None:
    """Refuses samples or a recording without conditions, other conditions, neurons or windows; see `judge`."""
    if recording.conditions is None:
        raise InputError(f"{recording.source} has no conditions", "add some with prepare.py --conditions")
    if generated.conditions is None:
        raise InputError(
            f"{generated.source} was drawn from a model without conditions", "train one with train.py --condition"
        )
    unknown = [name for name in generated.condition_names if name not in recording.condition_names]
    if unknown:
        raise InputError(
            f"{generated.source} has the condition {unknown[0]}, the recording {', '.join(recording.condition_names)}",
            "name the run that made it with --checkpoint",
        )
    if generated.traces.shape[-1] != recording.neurons:
        raise InputError(
            f"{generated.source} has {generated.traces.shape[-1]} neurons, the recording {recording.neurons}",
            "name the run that made it with --checkpoint",
        )
    if generated.traces.shape[-2] < window_frames:
        raise InputError(
            f"{generated.source} has {generated.traces.shape[-2]} frames, less than a window of {window_frames}",
            "draw windows, or a longer session",
        )
