"""A trained generator to any number of windows, streamed to disk.

Windows are made in chunks of a fixed size, each from its own seed, and a last chunk is made whole and cut: so window
`i` is a function of the seed and `i` alone, bit for bit, however many are asked for.
"""

import keras
import tensorflow as tf

from calciumgan_tf import files
from calciumgan_tf.progress import Progress
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
from calciumgan_tf.sampling import formats
from calciumgan_tf.sampling.formats import hdf5
from calciumgan_tf.training.run import Run

CHUNK = 64  # windows
EVENTS = "events"  # layer of the physiological model


def windows(model, count, seed):
    """Yields windows of a generator, chunk by chunk.

    Args:
      model: Keras model, normal noise (example, ...) to windows (example, frame, neuron), dF/F.
      count: how many in all.
      seed: whole number from 0 to 2^31 - 1.

    Yields:
      float32 (CHUNK or fewer at the end, frame, neuron); of a model with several outputs, a list of them.
    """
    random = Randomness(seed)
    noise = [tf.TensorSpec((CHUNK, *one.shape[1:])) for one in model.inputs]
    make = tf.function(lambda noise: model(noise, training=False)).get_concrete_function(noise)
    for chunk, start in enumerate(range(0, count, CHUNK)):
        made = make(draw_noise(model, CHUNK, random.key(Purpose.SAMPLES, chunk)))
        yield tf.nest.map_structure(lambda array, left=count - start: array.numpy()[:left], made)


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
    path = run.trained_generator()
    with files.reading(path, f"resume {run.folder} to save it again"):
        return keras.saving.load_model(path)


def sample(run: Run, path, count: int, seed: int, spikes: bool = False, target=hdf5) -> None:
    """Writes `count` windows of a run's generator to a file.

    Args:
      run: Run.
      path: to write.
      count: how many windows.
      seed: whole number.
      spikes: whether spikes are inferred, and the generator's own events written, if it has any.
      target: module of the format, of sampling/formats.

    Raises:
      InputError: a run without a checkpoint, or a generator that can't be read.
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
    infer = _inference(run) if spikes else None
    with Progress("generate", count, unit="window", quiet_seconds=5) as progress:
        target.write(path, _parts(windows(own or model, count, seed), infer, progress), about)


def _inference(run):
    """A function that infers spikes of windows, with the settings of the run's training part."""
    from calciumgan_tf.spikes import deconvolution

    data = run.training_data()
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    return lambda traces: deconvolution.infer_spikes(traces, settings).spikes


def _parts(made, infer, progress):
    """The arrays of each chunk, by name."""
    for one in made:
        traces, events = one if isinstance(one, (list, tuple)) else (one, None)
        part = {formats.TRACES: traces}
        if infer:
            part[formats.SPIKES] = infer(traces)
        if events is not None:
            part[formats.EVENTS] = events
        yield part
        progress.advance(len(traces))
        progress.report()
