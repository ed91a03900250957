"""How much memory a training will take, estimated before its first step from the sizes of its models.

How often each value is held at the peak was fitted to measured peaks; benchmarks/footprint.py compares both. Of one
process on a CPU.
"""

import dataclasses
import math

import tensorflow as tf

from calciumgan_tf import memory
from calciumgan_tf.errors import InputError

CRITIC, GENERATOR, WINDOWS = 1.0, 0.7, 15.0  # outputs of the layers, for each window of a batch, and windows
PARAMETERS = 3.0  # gradients, what is made of them, and the generator that is saved
UNCERTAINTY = 1.6  # largest estimate of a training that fits, in units of what it takes
GRAPH = 140 * memory.MEBIBYTE  # of the compiled step,
PHYSIOLOGICAL_GRAPH = 350 * memory.MEBIBYTE  # and of that of the physiological model with its statistics loss


@dataclasses.dataclass(frozen=True)
class Footprint:
    """Bytes that a training will take beside what the process holds already.

    Attributes:
      fixed: whatever the batch is.
      window: for each window of the batch.
    """

    fixed: float
    window: float

    def of(self, batch_size: int) -> float:
        """Bytes with batches of so many windows."""
        return self.fixed + self.window * batch_size

    def check(self, batch_size: int, window_frames: int, replicas: int) -> None:
        """Refuses a training that surely needs more memory than there is, and says what fits.

        Nothing is refused where there are GPUs, whose memory is their own.

        Raises:
          InputError: as said.
        """
        free = memory.available()
        if tf.config.list_physical_devices("GPU") or self.of(batch_size) <= UNCERTAINTY * free:
            return
        least = max(2, replicas)
        fitting = max(0, int((free - self.fixed) / self.window)) // replicas * replicas
        remedy = f"--batch_size={fitting} fits"
        if fitting < least:
            shorter = int(window_frames * free / self.of(least))
            remedy = f"take --batch_size={least} and --window_frames of {shorter} at most, or fewer --units"
        raise InputError(
            f"--batch_size={batch_size} with --window_frames={window_frames} takes about "
            f"{memory.text(self.of(batch_size))} of memory, and {memory.text(free)} is free",
            remedy,
        )


def estimate(gan) -> Footprint:
    """The footprint of a training of a GAN, whose weights and moments exist already."""
    size = 8 if gan.generator.output.dtype == "float64" else 4
    models = [model for model in (gan.generator, gan.critic) if model is not None]
    parameters = sum(math.prod(variable.shape) for model in models for variable in model.trainable_variables)
    # A plain generator holds all windows for the critic's updates at once, and most of what it makes them of; the
    # physiological one has many layers, of which few are held together.
    physiological = gan.statistics_loss is not None
    batches = 0 if gan.config.critic_batches == "single" else gan.config.critic_updates
    passes = 2 if physiological else 1 + batches
    values = GENERATOR * passes * _outputs(gan.generator) + WINDOWS * math.prod(gan.generator.output_shape[1:])
    values += CRITIC * _outputs(gan.critic) if gan.critic is not None else 0
    fixed = PHYSIOLOGICAL_GRAPH if physiological else GRAPH
    fixed += PARAMETERS * size * parameters * gan.strategy.num_replicas_in_sync
    return Footprint(fixed, size * values)


def _outputs(model):
    """Values that all layers of a model put out for one window."""
    tensors = {id(tensor): tensor for operation in model.operations for tensor in tf.nest.flatten(operation.output)}
    return sum(math.prod(tensor.shape[1:]) for tensor in tensors.values())
