"""A trained generator to one continuous session of any length.

A window's generator is a chain of layers of which only few know where a window begins: the projection of the noise
vector, the waves of slow noise and rhythms, and levels that hold for a whole window. A session has processes without an
end in their place (`processes`), and everything else as it was trained:

- projection: a sequence of noise vectors, each of which adds to as many rows as a window has. All convolutions then run
  over the session as one series.
- slow noise, rhythms: white noise through a filter of the same spectrum.
- levels of a window: noise that changes as slowly as windows do.
- white noise of a frame, events and the indicator's kernel just go on.

A session is made in stretches, each with enough frames on both sides that its own do not depend on where it ends.
"""

import dataclasses
import math

import numpy as np
import scipy.special
import tensorflow as tf

from calciumgan_tf.errors import InputError
from calciumgan_tf.models.blocks import PROJECTED
from calciumgan_tf.models.calciumgan import LAYERS
from calciumgan_tf.physiological import slow_noise, tuning, waves
from calciumgan_tf.randomness import Purpose, RandomInput, RandomInputs, Randomness
from calciumgan_tf.sampling import formats
from calciumgan_tf.sampling.processes import Filtered, Projected, White, filter_of_waves, half_sine
from calciumgan_tf.sampling.sampler import inference, load_generator, named, with_events
from calciumgan_tf.training.builders import MODULES, Builder

STRETCH = 4096  # frames that are made at once, of few neurons
STRETCH_VALUES = 1 << 20  # trace values of a stretch at most, of many
FORGOTTEN = 20  # decay times after which an event has left nothing that float32 could hold
KERNEL = "kernel"  # layer that is made for a length, and not trained


class SessionInputs(RandomInputs):
    """Random inputs of a session: what a window makes of a few numbers is a series of its own."""

    def series(self, name, shape, of_window):
        """A Keras tensor (example, *shape)."""
        return self._declare(name, "float32", RandomInput("series", shape))


class Session:
    """A session as `sampler.sample` takes it; a chunk is a stretch.

    Attributes:
      size: frames of a stretch.
      shape: of a frame.
      arrays: names of what a stretch has.
      attributes: further ones of the file.
    """

    unit = "frame"

    def __init__(self, run, request, followed=None):
        """Builds the generator of a stretch and gives it the weights of the trained one.

        Args:
          run: Run.
          request: sampler.Request.
          followed: conditions.Followed; None for a model without conditions.

        Raises:
          InputError: a model that makes windows only.
        """
        config, data, trained = run.config(), run.training_data(), load_generator(run)
        neurons = data.recording.neurons
        self._rows, self._margin = frames_of_a_row(config), _margin(config)
        self.size = max(1, min(STRETCH, STRETCH_VALUES // neurons) // self._rows) * self._rows
        model, inputs = _generator(config, data, self.size + 2 * self._margin)
        self._followed, self._before = followed, 0
        if followed is not None:
            self._before = model.inputs[0].shape[1] - model.output_shape[1]
        _copy_weights(trained, model)
        own = with_events(model) if request.spikes else None
        self._make = tf.function(lambda inputs: (own or model)(inputs, training=False))
        self._infer = inference(run) if request.spikes else None
        self._frames = {tensor.name: drawn.shape[0] for tensor, drawn in zip(inputs.inputs, inputs.drawn)}
        self._processes = _processes(inputs, {layer.name: layer for layer in trained.layers}, config, request.seed)
        self.shape = (neurons,)
        self.arrays = formats.arrays_of(request.spikes, own is not None, followed is not None)
        self.attributes = {"start_frame": request.first, "border_frames": self.size, "row_frames": self._rows}

    def chunk(self, number):
        """The arrays of a stretch, {name: (frame, neuron)}."""
        inputs, first, length = [], number * self.size - self._margin, self.size + 2 * self._margin
        if self._followed is not None:
            conditions, given = self._followed.stretch(first, length, self._before)
            inputs.append(given)
        for name, process in self._processes.items():
            frames = self._frames[name]
            start = number * self.size // (self._rows if name == PROJECTED else 1)
            inputs.append(process.stretch(start, start + frames)[None])
        made = named(tf.nest.map_structure(lambda array: array.numpy(), self._make(inputs)), self._infer)
        if self._followed is not None:
            made[formats.CONDITIONS] = conditions
        return {name: made[name][0, self._margin : self._margin + self.size] for name in self.arrays}


def frames_of_a_row(config):
    """Frames that a row of the projected noise becomes.

    Raises:
      InputError: a model that makes windows only.
    """
    divisor, frames = MODULES[config.model].frame_divisor, config.data.window_frames
    rows = divisor(config.generator, frames)
    if config.data.representation == "fourier" or divisor(config.generator, rows * STRETCH) != rows:
        raise InputError(
            f"--model={config.model} makes windows of {frames} frames only, and no sessions",
            "leave --minutes, --frames and --start_frame out, or train --model=calciumgan or physiological",
        )
    return rows


def _margin(config):
    """Frames on each side of a stretch that convolutions need to know, a multiple of those of a row."""
    generator, rows = config.generator, frames_of_a_row(config)
    reach = 0.0
    if generator.kernel_size:
        reach = sum((generator.kernel_size / 2 + 1) / generator.stride**layer for layer in range(1, LAYERS + 1))
    if config.data.condition:  # which every layer sees, at its resolution, made by convolutions of its own
        reach += sum((generator.stride + 1) / generator.stride**layer for layer in range(LAYERS))
    return math.ceil(reach + generator.post_filter / rows) * rows


def _generator(config, data, frames):
    """The generator of so many frames, and its inputs."""
    statistics, before = data.neuron_statistics, 0
    if statistics is not None:
        rows = frames_of_a_row(config)
        known = tuning.spans(statistics.frame_rate)[-1][-1] if config.data.condition else 0
        before = math.ceil((known - FORGOTTEN / math.log(np.max(statistics.decay))) / rows) * rows
        amplitude = math.sqrt(frames / config.data.window_frames)  # the same noise in a longer window
        statistics = dataclasses.replace(statistics, slow_noise=statistics.slow_noise * amplitude)
    longer = dataclasses.replace(config, data=dataclasses.replace(config.data, window_frames=frames))
    inputs = SessionInputs()
    builder = Builder.of(longer, dataclasses.replace(data, neuron_statistics=statistics))
    return builder.session_generator(data.scaling, inputs, before), inputs


def _copy_weights(trained, model):
    """Gives every layer, trained or fixed, the weights that it has in the windows' generator."""
    layers = {layer.name: layer for layer in trained.layers}
    for layer in model.layers:
        if layer.weights and layer.name != KERNEL:
            layer.set_weights(layers[layer.name].get_weights())


def _processes(inputs, layers, config, seed):
    """{name of an input: its process}, with the windows' layers by their names."""
    random, found = Randomness(seed), {}
    for number, (tensor, drawn) in enumerate(zip(inputs.inputs, inputs.drawn)):

        def white(*shape, number=number):
            return White(lambda block: random.key(Purpose.SESSION, number, block), shape)

        name, shape = tensor.name, drawn.shape[1:]
        if drawn.kind == "normal":
            found[name] = white(*shape)
        elif name == PROJECTED:
            found[name] = _projected(white, layers["project"], drawn.shape, config)
        elif f"{name}{slow_noise.SD}" in layers:
            found[name] = _wave_noise(white, name, layers)
        else:  # a level of a window
            taps = half_sine(config.data.window_frames)[:, None]
            found[name] = Filtered(white(*shape), np.repeat(taps, shape[0], axis=1))
    return found


def _projected(white, layer, shape, config):
    """Rows of the projection; `shape` is that of a session's, (row, ...)."""
    kernel, middle = layer.get_weights()
    numbers = white(len(kernel))

    def vectors(start, stop):
        drawn = numbers.stretch(start, stop)
        return scipy.special.erf(drawn / math.sqrt(2)) if config.generator.noise == "uniform" else drawn

    kernel = np.moveaxis(kernel.reshape(len(kernel), -1, *shape[1:]), 0, 1)
    return Projected(vectors, kernel, middle.reshape(-1, *shape[1:]))


def _wave_noise(white, name, layers):
    """Noise that is a sum of waves in a window."""
    (sds,), (made,) = (layers[f"{name}{part}"].get_weights() for part in (slow_noise.SD, slow_noise.WAVES))
    amplitudes = sds[: len(sds) // 2]
    taps = filter_of_waves(amplitudes.astype(np.float64), waves.numbers(made), made.shape[1])
    return Filtered(white(amplitudes.shape[1]), taps)
