"""Stateless randomness: every number is a function of (seed, purpose, counters), so nothing is saved to resume.

A model declares its random inputs where it uses them (`RandomInputs`); whoever runs the model draws them for the
global batch, so that no draw depends on how many replicas share it.
"""

import dataclasses
import enum
import math

import keras
import tensorflow as tf

CONDITIONS = "conditions"  # name of the one input of models that is not random, beside a critic's windows


class Purpose(enum.IntEnum):
    """What a number is drawn for. A number once given is never used for something else."""

    WINDOWS = 0
    CRITIC_NOISE = 1
    GENERATOR_NOISE = 2
    INTERPOLATION = 3
    CRITIC_PASS = 4
    GENERATOR_PASS = 5
    SAMPLES = 7
    CALIBRATION = 8
    SESSION = 9
    CALIBRATION_CONDITIONS = 10
    STATISTICS = 11
    CALIBRATION_STATISTICS = 12


class Randomness:
    """Keys for TensorFlow's stateless functions, all derived from one seed."""

    def __init__(self, seed: int):
        """Args: seed: whole number from 0 to 2^31 - 1."""
        self._seed = seed

    def key(self, purpose: Purpose, *counters):
        """A key, an integer tensor (2,).

        Args:
          purpose: what is drawn.
          counters: whole numbers or scalar tensors, such as step and update.
        """
        key = tf.constant([self._seed, int(purpose)], tf.int32)
        for counter in counters:
            key = tf.random.experimental.stateless_fold_in(key, counter)
        return key


@dataclasses.dataclass(frozen=True)
class RandomInput:
    """How one random input of a model is drawn.

    Attributes:
      kind: 'normal' (mean 0, SD 1), 'uniform' (0 to 1) or 'shift' (whole numbers from -largest to largest).
      shape: of an example.
      largest: of a shift, m.
      length: of the axis that is shifted.
      per_example: whether every example has a shift of its own, instead of one for all.
    """

    kind: str
    shape: tuple
    largest: int = 0
    length: int = 0
    per_example: bool = False


class RandomInputs:
    """The random inputs of a model, in the order in which the model declared them.

    Attributes:
      inputs: Keras tensors.
      drawn: the RandomInput of each.
    """

    def __init__(self):
        self.inputs, self.drawn = [], []

    def _declare(self, name, dtype, drawn):
        self.inputs.append(keras.Input(drawn.shape, dtype=dtype, name=name))
        self.drawn.append(drawn)
        return self.inputs[-1]

    def normal(self, name, *shape):
        """Standard normal numbers: a Keras tensor (example, *shape)."""
        return self._declare(name, "float32", RandomInput("normal", shape))

    def uniform(self, name, *shape):
        """Numbers from 0 to 1: a Keras tensor (example, *shape)."""
        return self._declare(name, "float32", RandomInput("uniform", shape))

    def series(self, name, shape, of_window):
        """What a window is made of and a session, which has no windows, has to have of its own.

        Args:
          name: of it.
          shape: (frame, ...), of a session.
          of_window: function that makes that of a window.

        Returns:
          a Keras tensor (example, *shape) of a session; what `of_window` gives of a window.
        """
        return of_window()

    def vector(self, kind, length):
        """The generator's noise vector, 'normal' (0, 1) or 'uniform' (-1, 1): a Keras tensor (example, length).

        A uniform number is made from a normal one, so that a saved generator takes normal noise in either case.
        """
        noise = self.normal("noise", length)
        return keras.ops.erf(noise / math.sqrt(2)) if kind == "uniform" else noise

    def shift(self, name, largest, length, per_example):
        """The shift of an axis of this length, from -largest to largest: a Keras tensor, int32 (example,)."""
        return self._declare(name, "int32", RandomInput("shift", (), largest, length, per_example))

    def draw(self, examples, key) -> list:
        """Draws every input.

        Args:
          examples: how many, of the global batch.
          key: (2,), a fresh one each time.

        Returns:
          list of tensors (example, ...), in the order of the model's inputs.
        """
        return [_draw(drawn, examples, part) for drawn, part in zip(self.drawn, _keys(key, len(self.drawn)))]


def _keys(key, count):
    return [tf.random.experimental.stateless_fold_in(key, number) for number in range(count)]


def _draw(drawn, examples, key):
    if drawn.kind == "shift":
        rows = examples if drawn.per_example else 1
        number = tf.random.stateless_uniform([rows], key, None, None, tf.int32)  # any whole number
        return tf.broadcast_to(number % (2 * drawn.largest + 1) - drawn.largest, [examples])
    sample = tf.random.stateless_normal if drawn.kind == "normal" else tf.random.stateless_uniform
    return sample([examples, *drawn.shape], key)


def draw_noise(generator, examples, key) -> list:
    """Standard normal noise for each random input of a generator, as a saved one needs it.

    Args:
      generator: Keras model whose inputs are all standard normal, but for conditions, which come first.
      examples: how many windows.
      key: (2,), a fresh one each time.

    Returns:
      list of float32 (example, ...).
    """
    random = [tensor for tensor in generator.inputs if tensor.name != CONDITIONS]
    keys = _keys(key, len(random))
    return [tf.random.stateless_normal([examples, *x.shape[1:]], part) for x, part in zip(random, keys)]
