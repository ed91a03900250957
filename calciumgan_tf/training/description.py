"""What a training prints before its first step: model, recording, split and length, and notes on what is too little."""

import numpy as np

from calciumgan_tf import memory
from calciumgan_tf.dataset.split import FEWEST_HELDOUT
from calciumgan_tf.hyperparameters import ScheduleConfig
from calciumgan_tf.training.builders import MODULES

FEW_EVENTS = 10  # of a neuron in the training part, below which a note is printed
NAMED = 8  # neurons that the note names
LARGE_SAMPLING_ERROR = 0.1  # expected sampling error of a correlation above which a note is printed


def describe(trainer) -> str:
    """Model, recording, split and length of a training, in a few lines; `trainer` is a Trainer."""
    config, recording, split = trainer.config, trainer.data.recording, trainer.data.split
    optimization = config.optimization
    size = f"({config.data.window_frames}, {recording.neurons})"
    lines = [
        f"model: {config.model}, {MODULES[config.model].TITLE}",
        f"recording: {recording.source}: {recording.neurons} neurons, {recording.frames} frames, "
        f"{recording.frame_rate:g} Hz, {recording.minutes:.1f} minutes",
        str(split),
        *([f"conditions: {trainer.data.coding}"] if trainer.data.coding else []),
        f"generator: ({config.generator.noise_dim},) -> {size}, {trainer.parameters['generator']:,} parameters",
        f"critic: {size} -> score, {trainer.parameters['critic']:,} parameters" if trainer.gan.critic else "no critic",
        f"steps: {_length(trainer.schedule)}, each of {optimization.critic_updates} critic updates and 1 generator "
        f"update, {optimization.batch_size} windows a batch, replicas: {trainer.gan.strategy.num_replicas_in_sync}",
        f"memory: about {memory.text(trainer.footprint.of(optimization.batch_size))}; {_free()}",
    ]
    error = split.correlation_noise(recording.frame_rate)
    if error > LARGE_SAMPLING_ERROR:
        wanted = recording.minutes * (error / LARGE_SAMPLING_ERROR) ** 2
        lines.append(
            f"note: the recording is short: in {recording.minutes:.1f} minutes, sampling alone changes a "
            f"correlation by about {error:.2f}; {wanted:.0f} minutes would make that {LARGE_SAMPLING_ERROR:g}"
        )
    if split.heldout_windows < FEWEST_HELDOUT:
        lines.append(
            f"note: with fewer than {FEWEST_HELDOUT} held-out windows, a diagnosis leaves every row undetermined: "
            "take a longer recording, a smaller --window_frames, or --cross_fit=5"
        )
    lines += _quiet_neurons(trainer.data)
    return "\n".join(lines)


def _quiet_neurons(data) -> list:
    """A note that names the neurons with too few events to learn their sizes and times from, if there are any."""
    statistics = data.neuron_statistics
    if statistics is None:
        return []
    events = statistics.event_probability * data.split.frames("training")
    quiet = [data.recording.neuron_ids[i] for i in np.flatnonzero(events < FEW_EVENTS)]
    if not quiet:
        return []
    names = ", ".join(quiet[:NAMED]) + (" ..." if len(quiet) > NAMED else "")
    return [
        f"note: {len(quiet)} of {len(events)} neurons have fewer than {FEW_EVENTS} events in the training part, "
        f"too few to learn from: {names}; prepare.py --drop leaves neurons out"
    ]


def _length(schedule: ScheduleConfig) -> str:
    minutes = f"for {schedule.max_minutes:g} minutes" if schedule.max_minutes else ""
    steps = f"{schedule.last_step:,}" if schedule.last_step is not None else ""
    return " or ".join(filter(None, (steps, minutes)))


def _free():
    free = memory.available()
    return f"{memory.text(free)} free" if np.isfinite(free) else "how much is free is not known"
