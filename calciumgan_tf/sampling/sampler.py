"""A trained generator to any number of windows, streamed to disk.

Windows are made in chunks of a fixed size, each from its own seed, and a last chunk is made whole and cut: so window
`i` is a function of the seed and `i` alone, bit for bit, however many are asked for.
"""

import hashlib
import json

import keras
import numpy as np
import tensorflow as tf

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.progress import Progress
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
from calciumgan_tf.sampling import formats, parts
from calciumgan_tf.sampling.formats import hdf5
from calciumgan_tf.training.run import Run

CHUNK = 64  # windows
EVENTS = "events"  # layer of the physiological model


def chunks(model, seed):
    """A function of a number that makes this chunk of a generator's windows.

    Args:
      model: Keras model, normal noise (example, ...) to windows (example, frame, neuron), dF/F.
      seed: whole number from 0 to 2^31 - 1.

    Returns:
      function of a whole number to float32 (CHUNK, frame, neuron); of a model with several outputs, a list of them.
    """
    random = Randomness(seed)
    noise = [tf.TensorSpec((CHUNK, *one.shape[1:])) for one in model.inputs]
    make = tf.function(lambda noise: model(noise, training=False)).get_concrete_function(noise)

    def chunk(number):
        made = make(draw_noise(model, CHUNK, random.key(Purpose.SAMPLES, number)))
        return tf.nest.map_structure(lambda array: array.numpy(), made)

    return chunk


def windows(model, count, seed):
    """Yields `count` windows of a generator, chunk by chunk; the other arguments and the arrays as of `chunks`."""
    chunk = chunks(model, seed)
    for start in range(0, count, CHUNK):
        yield tf.nest.map_structure(lambda array, left=count - start: array[:left], chunk(start // CHUNK))


def with_events(model):
    """A generator that gives its events beside its traces, or None for a model without any.

    Returns:
      a Keras model with the outputs traces and events, both (example, frame, neuron) in dF/F; an event has the height
      of its transient.
    """
    if EVENTS not in [layer.name for layer in model.layers]:
        return None
    events, frames = model.get_layer(EVENTS).output, model.output_shape[1]
    inside = keras.layers.Cropping1D((events.shape[1] - frames, 0), name="inside")(events)  # less the warm-up
    scaled = keras.layers.Rescaling(model.get_layer("dff").scale, name="events_dff")(inside)
    return keras.Model(model.inputs, [model.output, scaled])


def load_generator(run: Run):
    """The saved generator of a run, a Keras model.

    Raises:
      InputError: a run without a checkpoint, or a generator that can't be read.
    """
    path = run.checked_generator()
    with files.reading(path, f"resume {run.folder} to save it again"):
        return keras.saving.load_model(path)


def sample(run: Run, path, count: int, seed: int, spikes: bool = False, target=hdf5, shard=None, merge=False) -> None:
    """Writes `count` windows of a run's generator to a file.

    Where there are many, they are first kept in parts, from which an interrupted call of the same arguments goes on.

    Args:
      run: Run.
      path: to write.
      count: how many windows.
      seed: whole number.
      spikes: whether spikes are inferred, and the generator's own events written, if it has any.
      target: module of the format, of sampling/formats.
      shard: (number from 0 on, of how many): only the parts of this shard are made, and nothing is written to `path`.
      merge: whether all parts have to be there already.

    Raises:
      InputError: a run without a checkpoint, a generator that can't be read, or parts that are missing.
    """
    recording, information = run.settings()["recording"], run.generator_information()
    model = load_generator(run)
    _, frames, neurons = model.output_shape
    own = with_events(model) if spikes else None
    arrays = (formats.TRACES, *([formats.SPIKES] if spikes else []), *([formats.EVENTS] if own else []))
    attributes = {
        "model": information["model"],
        "frame_rate": recording["frame_rate"],
        "tau_decay": recording["tau_decay"],
        "recording_sha256": recording["sha256"],
        "seed": seed,
        "run": run.folder.name,
        "step": information["step"],
    }
    ids = tuple(recording.get("neuron_ids") or map(str, range(neurons)))
    about = formats.Generated(
        count, frames, neurons, arrays, recording["frame_rate"], attributes, ids, recording["source"]
    )
    chunk, infer = chunks(own or model, seed), _inference(run) if spikes else None

    def make(numbers):
        """The arrays of some windows, by name."""
        made = [_named(chunk(start // CHUNK), infer) for start in numbers[::CHUNK]]
        return {name: np.concatenate([one[name] for one in made])[: len(numbers)] for name in arrays}

    kept = kept_parts(run, count, seed, spikes)
    with Progress("generate", count, unit="window", quiet_seconds=5) as progress:
        if shard is not None:
            number, shards = shard
            for _ in _made(kept, range(number, len(kept), shards), make, progress, keep=True):
                pass
            return
        if merge and (missing := kept.missing()):
            raise InputError(f"{len(missing)} of {len(kept)} parts are missing", "run the shards that make them")
        keep = len(kept) > 1  # a single part is made again as fast
        target.write(path, _made(kept, range(len(kept)), make, progress, keep), about)
    kept.remove()


def _inference(run):
    """A function that infers spikes of windows, with the settings of the run's training part."""
    from calciumgan_tf.spikes import deconvolution

    data = run.training_data()
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    return lambda traces: deconvolution.infer_spikes(traces, settings).spikes


def kept_parts(run, count, seed, spikes):
    """The Parts of these windows, in a folder of the run that is named by all they depend on."""
    size = parts.size_of(run.config().data.window_frames, run.settings()["recording"]["neurons"], CHUNK)
    settings = [files.sha256(run.generator_file), count, seed, spikes, size]
    name = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]
    return parts.Parts(run.samples_file.parent / f".parts-{name}", count, size)


def _named(made, infer):
    """The arrays of a chunk, by name."""
    traces, events = made if isinstance(made, (list, tuple)) else (made, None)
    named = {formats.TRACES: traces}
    if infer:
        named[formats.SPIKES] = infer(traces)
    if events is not None:
        named[formats.EVENTS] = events
    return named


def _made(kept, numbers, make, progress, keep):
    """Yields the arrays of some parts; those that have no file are made, and kept if `keep`."""
    for number in numbers:
        arrays = kept.load(number)
        if arrays is None:
            arrays = make(kept.windows(number))
            if keep:
                kept.save(number, arrays)
        yield arrays
        progress.advance(len(kept.windows(number)))
        progress.report()
