"""What an experiment will cost, from a few measured steps with few windows."""

import dataclasses
import resource
import time

import tensorflow as tf

from calciumgan_tf.dataset import batches, scaling, split
from calciumgan_tf.training import trainer

BATCHES, STEPS = (4, 12), 2  # windows of the two batches that are measured, steps of each
MIB = 1 / 1024  # of the KiB in which Linux gives the resident memory


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one training. Attributes: generator and critic parameters; seconds a step; peak resident memory, MiB."""

    generator: int
    critic: int
    seconds: float
    mib: float


def measure(experiment) -> Cost:
    """Times a few steps with two small batches on this machine, and goes on from them in a straight line.

    An extrapolation: larger batches often use a processor better, so that the time is rather an upper limit.
    """
    seconds, mib, parameters = [], [], {}
    for batch in BATCHES:
        config, data = dataclasses.replace(experiment.config, batch_size=batch), experiment.data
        parts = split.split_frames(data.frames, config.window_frames, config.split, data.trial_frames)
        scale = scaling.fit(data, parts.training, config.scaling, config.scaling_quantile)
        training = trainer.Trainer(config, data, parts, scale)
        stream = iter(batches.training_batches(data.traces, parts, scale, config))
        training.gan.update(stream, tf.constant(0, tf.int64)).numpy()  # traced and warm
        start = time.perf_counter()
        for step in range(1, STEPS + 1):
            training.gan.update(stream, tf.constant(step, tf.int64)).numpy()
        seconds.append((time.perf_counter() - start) / STEPS)
        mib.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MIB)
        parameters = training.parameters
    more = (experiment.config.batch_size - BATCHES[1]) / (BATCHES[1] - BATCHES[0])
    seconds, mib = (last + more * (last - first) for first, last in (seconds, mib))
    return Cost(parameters["generator"], parameters["critic"], seconds, mib)


def duration(seconds) -> str:
    """In words: minutes, hours or days."""
    for unit, size in (("days", 86400), ("hours", 3600)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds / 60:,.1f} minutes"


def describe(experiment, cost: Cost, seeds) -> str:
    """An experiment with its configuration and what it will cost, for people."""
    config, data = experiment.config, experiment.data
    seconds = cost.seconds * config.last_step
    lines = [
        f"{experiment.name}: {experiment.about}; {seeds} seeds",
        f"  recording: {data.neurons} neurons, {data.frames} frames, {data.frame_rate:g} Hz",
        f"  parameters: generator {cost.generator:,}, critic {cost.critic:,}",
        f"  steps: {config.last_step:,} of {config.critic_updates} critic updates with {config.batch_size} windows",
        f"  memory: about {cost.mib / 1024:.1f} GiB",
        f"  time on this machine: about {duration(seconds)} a seed, {duration(seconds * seeds)} in all",
        "  " + " ".join(f"--{name}={value}" for name, value in config.to_json().items() if value is not None),
    ]
    return "\n".join(lines)
