"""What an experiment will cost, from a few measured steps with few windows."""

import dataclasses
import time

import tensorflow as tf

from calciumgan_tf.dataset.batches import training_batches
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.memory import peak_memory
from calciumgan_tf.training import trainer

WINDOWS, STEPS = (4, 12), 2  # windows a replica of the two batches that are measured, steps of each


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one training. Attributes: generator and critic parameters; seconds a step; peak resident memory, MiB."""

    generator: int
    critic: int
    seconds: float
    mib: float


def measure(recording, config, strategy) -> Cost:
    """Times a few steps with two small batches on this machine, and extrapolates in a straight line.

    Larger batches often use a processor better, so the time is an upper estimate.

    Args:
      recording: Recording.
      config: Config of the training.
      strategy: tf.distribute.Strategy; each of its replicas gets `WINDOWS` windows.
    """
    seconds, mib, parameters = [], [], {}
    replicas = strategy.num_replicas_in_sync
    batches = [windows * replicas for windows in WINDOWS]
    data = TrainingData.prepare(recording, config)
    for batch_size in batches:
        training = trainer.Trainer(config.changed(batch_size=batch_size), data, strategy)
        optimization = training.config.optimization
        stream = iter(
            strategy.distribute_datasets_from_function(
                lambda context, shape=optimization: training_batches(data, shape, 0, context)
            )
        )
        _run(training.gan, stream, [0])  # traced and warm
        start = time.perf_counter()
        _run(training.gan, stream, range(1, STEPS + 1))
        seconds.append((time.perf_counter() - start) / STEPS)
        mib.append(peak_memory() / 2**20)
        parameters = training.parameters
    more = (config.optimization.batch_size - batches[1]) / (batches[1] - batches[0])
    seconds, mib = (last + more * (last - first) for first, last in (seconds, mib))
    return Cost(parameters["generator"], parameters["critic"], seconds, mib)


def _run(gan, stream, steps):
    for step in steps:
        losses = gan.train_step(stream, tf.constant(step, tf.int64))
    next(iter(losses.values())).numpy()  # waits for the device


def duration(seconds) -> str:
    """In words: minutes, hours or days."""
    for unit, size in (("days", 86400), ("hours", 3600)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds / 60:,.1f} minutes"


def describe(experiment, model, cost: Cost, seeds) -> str:
    """The trainings of a model with their configuration and what they will cost, for people."""
    config, data = experiment.configs[model], experiment.recording
    optimization, steps = config.optimization, config.schedule.last_step
    seconds = cost.seconds * steps
    lines = [
        f"{experiment.name}: {experiment.about}; model {model}, {seeds} seeds",
        f"  recording: {data.neurons} neurons, {data.frames} frames, {data.frame_rate:g} Hz",
        f"  parameters: generator {cost.generator:,}, critic {cost.critic:,}",
        f"  steps: {steps:,} of {optimization.critic_updates} critic updates with {optimization.batch_size} windows",
        f"  memory: about {cost.mib / 1024:.1f} GiB",
        f"  time on this machine: about {duration(seconds)} a seed, {duration(seconds * seeds)} in all",
        "  " + " ".join(f"--{name}={value}" for name, value in config.flags().items() if value is not None),
    ]
    return "\n".join(lines)
