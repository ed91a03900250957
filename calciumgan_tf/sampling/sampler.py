"""A trained generator to any number of windows, or to a session of any length, streamed to disk.

Both are made in chunks of a fixed size, each from its own seed; chunks at the ends are made whole and cut. So window or
frame `i` is a function of the seed and `i` alone, bit for bit, whatever is asked for.
"""

import dataclasses
import hashlib
import json
import math
import typing

import keras
import numpy as np
import tensorflow as tf

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.progress import Progress
from calciumgan_tf.randomness import Purpose, Randomness, draw_noise
from calciumgan_tf.sampling import formats, parts
from calciumgan_tf.sampling.conditions import RECORDED, Followed
from calciumgan_tf.sampling.formats import hdf5
from calciumgan_tf.training.run import Run

CHUNK = 64  # windows
EVENTS = "events"  # layer of the physiological model


def chunks(model, seed, followed=None):
    """A function of a number that makes this chunk of a generator's windows.

    Args:
      model: Keras model, conditions, if it is given any, and normal noise (example, ...) to windows (example, frame,
        neuron), dF/F.
      seed: whole number from 0 to 2^31 - 1.
      followed: conditions.Followed; None for a model without conditions.

    Returns:
      function of a whole number to float32 (CHUNK, frame, neuron); of a model with several outputs, a list of them.
    """
    random = Randomness(seed)
    inputs = [tf.TensorSpec((CHUNK, *one.shape[1:])) for one in model.inputs]
    make = tf.function(lambda inputs: model(inputs, training=False)).get_concrete_function(inputs)
    frames = model.outputs[0].shape[1]

    def given(number):
        if followed is None:
            return []
        before = model.inputs[0].shape[1] - frames
        return [tf.constant(followed.windows(number * CHUNK, CHUNK, frames, before)[1])]

    def chunk(number):
        made = make([*given(number), *draw_noise(model, CHUNK, random.key(Purpose.SAMPLES, number))])
        return tf.nest.map_structure(lambda array: array.numpy(), made)

    return chunk


def windows(model, count, seed, followed=None):
    """Yields `count` windows of a generator, chunk by chunk; the other arguments and the arrays as of `chunks`."""
    chunk = chunks(model, seed, followed)
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


@dataclasses.dataclass(frozen=True)
class Request:
    """What is asked of a generator.

    Attributes:
      count: windows, or frames of a session.
      seed: whole number from 0 to 2^31 - 1.
      spikes: whether spikes are inferred, and the generator's own events given, if it has any.
      session: whether it is a session.
      first: number of the first window or frame.
      conditions: which series of conditions is followed, see `conditions.Followed.of`.
    """

    count: int
    seed: int = 0
    spikes: bool = False
    session: bool = False
    first: int = 0
    conditions: str = RECORDED


class _Windows:
    """Windows as `sample` takes them.

    Attributes:
      size: of a chunk.
      shape: of a window.
      arrays: names of what a chunk has.
      attributes: further ones of the file.
    """

    unit, size, attributes = "window", CHUNK, {}

    def __init__(self, run, request, followed):
        model = load_generator(run)
        own = with_events(model) if request.spikes else None
        self.shape, self._followed = model.output_shape[1:], followed
        self.arrays = formats.arrays_of(request.spikes, own is not None, followed is not None)
        self._chunk = chunks(own or model, request.seed, followed)
        self._infer = inference(run) if request.spikes else None

    def chunk(self, number):
        """The arrays of a chunk, by name."""
        made, frames = named(self._chunk(number), self._infer), self.shape[0]
        if self._followed is not None:
            made[formats.CONDITIONS], _ = self._followed.windows(number * CHUNK, CHUNK, frames)
        return made


def sample(run: Run, path, request: Request, target=hdf5, shard=None, merge=False) -> None:
    """Writes windows or a session of a run's generator to a file.

    Where there are many, they are first kept in parts, from which an interrupted call of the same arguments goes on.

    Args:
      run: Run.
      path: to write.
      request: Request.
      target: module of the format, of sampling/formats.
      shard: (number from 0 on, of how many): only the parts of this shard are made, and nothing is written to `path`.
      merge: whether all parts have to be there already.

    Raises:
      InputError: a run without a checkpoint, a generator that can't be read or makes no sessions, or parts that are
        missing.
    """
    recording, information = run.settings()["recording"], run.generator_information()
    followed = conditions_of(run, request.conditions)
    if request.session:
        from calciumgan_tf.sampling import sessions

        source: typing.Any = sessions.Session(run, request, followed)
    else:
        source = _Windows(run, request, followed)
    attributes = {
        "model": information["model"],
        "frame_rate": recording["frame_rate"],
        "tau_decay": recording["tau_decay"],
        "recording_sha256": recording["sha256"],
        "seed": request.seed,
        "run": run.folder.name,
        "step": information["step"],
    }
    about = formats.Generated(
        (request.count, *source.shape),
        source.arrays,
        recording["frame_rate"],
        attributes | source.attributes,
        tuple(recording.get("neuron_ids") or map(str, range(source.shape[-1]))),
        recording["source"],
        followed.names if followed else (),
    )

    kept = kept_parts(run, request, parts.size_of(math.prod(source.shape), source.size), followed)
    with Progress("generate", request.count, unit=source.unit, quiet_seconds=5) as progress:
        if shard is not None:
            number, shards = shard
            for _ in _made(kept, range(number, len(kept), shards), source, progress, keep=True):
                pass
            return
        if merge and (missing := kept.missing()):
            raise InputError(f"{len(missing)} of {len(kept)} parts are missing", "run the shards that make them")
        keep = len(kept) > 1  # a single part is made again as fast
        target.write(path, _made(kept, range(len(kept)), source, progress, keep), about)
    kept.remove()


def drawn(source, numbers: range) -> dict:
    """The arrays of some windows, or of some frames of a session, by name.

    Args:
      source: what makes chunks of them, `sessions.Session` or the windows' likewise.
      numbers: of the windows or frames, without gaps.
    """
    first = numbers[0] // source.size
    made = [source.chunk(number) for number in range(first, numbers[-1] // source.size + 1)]
    cut = slice(numbers[0] - first * source.size, numbers[-1] + 1 - first * source.size)
    return {name: np.concatenate([one[name] for one in made])[cut] for name in source.arrays}


def named(made, infer) -> dict:
    """What a generator made, traces or [traces, events], by name; with the spikes that `infer` finds, if any."""
    made = made if isinstance(made, (list, tuple)) else [made]
    found = dict(zip((formats.TRACES, formats.EVENTS), made))
    return found | {formats.SPIKES: infer(made[0])} if infer else found


def inference(run):
    """A function that infers spikes of windows, with the settings of the run's training part."""
    from calciumgan_tf.spikes import deconvolution

    data = run.training_data()
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    return lambda traces: deconvolution.infer_spikes(traces, settings).spikes


def conditions_of(run, series=RECORDED):
    """The conditions.Followed of a run's model; None for a model without conditions.

    Args:
      run: Run.
      series: see `conditions.Followed.of`.

    Raises:
      InputError: as `conditions.Followed.of`.
    """
    if not run.config().data.condition and isinstance(series, str) and series == RECORDED:
        return None  # without reading the recording
    return Followed.of(run.training_data(), series)


def kept_parts(run, request, size, followed=None):
    """The Parts of what is asked for, in a folder of the run that is named by all they depend on."""
    settings = [files.sha256(run.generator_file), dataclasses.astuple(request), size]
    if followed is not None:
        settings.append(hashlib.sha256(followed.values.tobytes()).hexdigest())
    name = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]
    return parts.Parts(run.samples_file.parent / f".parts-{name}", request.first, request.count, size)


def _made(kept, numbers, source, progress, keep):
    """Yields the arrays of some parts; those that have no file are made, and kept if `keep`."""
    for number in numbers:
        arrays = kept.load(number)
        if arrays is None:
            arrays = drawn(source, kept.numbers(number))
            if keep:
                kept.save(number, arrays)
        yield arrays
        progress.advance(len(kept.numbers(number)))
        progress.report()
