"""A trained generator to any number of windows, streamed to disk.

Windows are made in chunks of a fixed size, each from its own seed, and a last chunk is made whole and cut: so window
`i` is a function of the seed and `i` alone, bit for bit, however many are asked for.
"""

import keras
import tensorflow as tf

from calciumgan_tf import files
from calciumgan_tf.progress import Progress
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
from calciumgan_tf.sampling import samples
from calciumgan_tf.training.run import Run

CHUNK = 64  # windows


def windows(model, count, seed):
    """Yields windows of a generator, chunk by chunk.

    Args:
      model: Keras model, normal noise (example, ...) to windows (example, frame, neuron), dF/F.
      count: how many in all.
      seed: whole number from 0 to 2^31 - 1.

    Yields:
      float32 (CHUNK or fewer at the end, frame, neuron).
    """
    random = Randomness(seed)
    noise = [tf.TensorSpec((CHUNK, *one.shape[1:])) for one in model.inputs]
    make = tf.function(lambda noise: model(noise, training=False)).get_concrete_function(noise)
    for chunk, start in enumerate(range(0, count, CHUNK)):
        key = random.key(Purpose.SAMPLES, chunk)
        yield make(draw_noise(model, CHUNK, key)).numpy()[: count - start]


def load_generator(run: Run):
    """The saved generator of a run, a Keras model.

    Raises:
      InputError: a run without a checkpoint, or a generator that can't be read.
    """
    path = run.trained_generator()
    with files.reading(path, f"resume {run.folder} to save it again"):
        return keras.saving.load_model(path)


def sample(run: Run, path, count: int, seed: int) -> None:
    """Writes `count` windows of a run's generator to a samples file.

    Args:
      run: Run.
      path: samples file to write.
      count: how many windows.
      seed: whole number.

    Raises:
      InputError: a run without a checkpoint, or a generator that can't be read.
    """
    recording, information = run.settings()["recording"], run.generator_information()
    model = load_generator(run)
    _, frames, neurons = model.output_shape
    attributes = {
        "model": information["model"],
        "frame_rate": recording["frame_rate"],
        "tau_decay": recording["tau_decay"],
        "recording_sha256": recording["sha256"],
        "seed": seed,
        "run": run.folder.name,
        "step": information["step"],
    }
    with Progress("generate", count, unit="window", quiet_seconds=5) as progress:
        parts = _with_progress(windows(model, count, seed), progress)
        samples.write(path, parts, count, frames, neurons, attributes)


def _with_progress(parts, progress):
    for part in parts:
        yield part
        progress.advance(len(part))
        progress.report()
