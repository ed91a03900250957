"""From a configuration to a generator and a critic: the only place that maps --model to its builder.

Scaling, representation, the output's activation and the critic's score, which all models share, are added here.
"""

import contextlib
import dataclasses

import keras
import tensorflow as tf

from calciumgan_tf.errors import InputError
from calciumgan_tf.models import calciumgan, calciumgan2d, fourier, mlp, wavegan
from calciumgan_tf.physiological import generator as physiological
from calciumgan_tf.randomness import CONDITIONS, RandomInputs

MODULES = {
    "calciumgan": calciumgan,
    "calciumgan2d": calciumgan2d,
    "wavegan": wavegan,
    "mlp": mlp,
    "physiological": physiological,
}


@dataclasses.dataclass(frozen=True)
class Model:
    """A Keras model and its random inputs, which follow its other inputs: windows of a critic, then conditions."""

    keras: keras.Model
    random: RandomInputs

    def without_effect(self, examples) -> list:
        """Values of a critic's inputs beside the windows: shifts of 0, and conditions of 0."""
        return [tf.zeros([examples, *one.shape[1:]], one.dtype) for one in self.keras.inputs[1:]]


@contextlib.contextmanager
def _dtype_policy(name):
    """Layers made within have this dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _exact(precision):
    """Policy of what is never computed in 16 bits: what is not a model's own layer."""
    return "float64" if precision == "float64" else "float32"


class Builder:
    """Builds the two models of a configuration for one population."""

    def __init__(self, config, neurons: int, statistics=None, channels: int = 0):
        """Checks what both models need.

        Args:
          config: Config.
          neurons: how many.
          statistics: NeuronStatistics, from which the physiological model starts; None for the others.
          channels: of the conditions; 0 for none.

        Raises:
          InputError: a window length that the layers can't make.
        """
        self.config, self.neurons, self.statistics, self.channels = config, neurons, statistics, channels
        data, module = config.data, MODULES[config.model]
        if not data.convolved_frames:
            raise InputError("--window_frames=1 has no Fourier coefficients", "take at least 2")
        divisor = module.frame_divisor(config.generator, data.convolved_frames)
        divisor *= data.window_frames // data.convolved_frames
        if data.window_frames % divisor:
            lower = max(divisor, data.window_frames // divisor * divisor)
            raise InputError(
                f"--window_frames={data.window_frames} is not divisible by {divisor}",
                f"take {lower} or {lower + divisor}",
            )

    @classmethod
    def of(cls, config, data) -> "Builder":
        """The builder for a configuration and its TrainingData; the errors as of the constructor."""
        channels = 0 if data.coding is None else data.coding.channels
        return cls(config, data.recording.neurons, data.neuron_statistics, channels)

    @property
    def frames_before(self) -> int:
        """Frames before a window whose conditions the generator is given as well."""
        if self.config.model != "physiological":
            return 0
        generator, frames = self.config.generator, self.config.data.window_frames
        return physiological.frames_before(generator, frames, self.statistics)

    def generator(self) -> Model:
        """Conditions and random inputs to scaled windows (example, frame, neuron).

        They are float32, or with --precision=float64 so.
        """
        random, precision = RandomInputs(), self.config.optimization.precision
        with _dtype_policy(_exact(precision)):
            inputs, windows = self._windows(random, self.config.generator, precision, self.frames_before)
        return Model(keras.Model(inputs, windows, name="generator"), random)

    def exported_generator(self, scaling) -> keras.Model:
        """The generator as it is saved: conditions and normal noise to windows in dF/F, float32.

        It has built-in Keras layers only.

        Its weights are those of `generator()`, in the same order.
        """
        random = RandomInputs()
        config = dataclasses.replace(self.config.generator, dropout=0.0)  # samples are drawn without it
        inputs, windows = self._windows(random, config, "float32", self.frames_before, built_in=True)
        windows = keras.layers.Rescaling(scaling.scale, scaling.shift, name="dff")(windows)
        return keras.Model(inputs, windows, name="generator")

    def session_generator(self, scaling, random: RandomInputs, before: int) -> keras.Model:
        """The generator of a stretch of a session, which is as long as this builder's windows, in dF/F.

        Args:
          scaling: Scaling.
          random: its random inputs, which are those of a session.
          before: frames that are generated before the stretch and cut off, of the physiological model.
        """
        config = dataclasses.replace(self.config.generator, dropout=0.0)
        inputs, traces = self._windows(random, config, "float32", before)
        traces = keras.layers.Rescaling(scaling.scale, scaling.shift, name="dff")(traces)
        return keras.Model(inputs, traces, name="session")

    def critic(self) -> Model:
        """Scaled windows (example, frame, neuron), conditions and random inputs to scores (example,).

        The scores are of the generator's type.

        Raises:
          InputError: a phase shuffle that reaches beyond the frames that a layer has.
        """
        data, random, precision = self.config.data, RandomInputs(), self.config.optimization.precision
        with _dtype_policy(_exact(precision)):
            windows = keras.Input((data.window_frames, self.neurons), name="windows")
            conditions = self._conditions(data.window_frames)
            x = fourier.coefficients(windows) if data.representation == "fourier" else windows
            with _dtype_policy(precision):
                x = MODULES[self.config.model].critic(x, random, self.config.critic, **conditions)
            x = keras.layers.Flatten(name="flatten")(x)
            score = keras.layers.Dense(1, name="score")(x)
        self._check_shuffle(random)
        inputs = [windows, *conditions.values(), *random.inputs]
        return Model(keras.Model(inputs, score[:, 0], name="critic"), random)

    def _conditions(self, frames):
        """The models' input of conditions, as a keyword argument; {} where they are given none."""
        return {"conditions": keras.Input((frames, self.channels), name=CONDITIONS)} if self.channels else {}

    def _windows(self, random, config, precision, before, built_in=False):
        """Inputs and scaled windows; what is not a model's own layer has the policy that holds here."""
        data, module = self.config.data, MODULES[self.config.model]
        conditions = self._conditions(before + data.window_frames)
        if self.config.model == "physiological":
            sizes = data.window_frames, self.neurons
            with _dtype_policy(precision):
                x = module.generator(random, config, *sizes, self.statistics, before, built_in=built_in, **conditions)
            limit = "linear"
        else:
            spectral = data.representation == "fourier"
            channels = self.neurons * (1 + spectral)
            with _dtype_policy(precision):
                x = module.generator(random, config, data.convolved_frames, channels, **conditions)
            x = fourier.traces(x) if spectral else x
            # A sigmoid, as in the paper, where traces are scaled to 0..1; z-scores have no such limits.
            limit = "linear" if data.scaling == "zscore" else "sigmoid"
        x = keras.layers.Activation(limit, name="scaled")(x)
        if config.post_filter:
            shape = {"kernel_size": config.post_filter, "padding": "same", "use_bias": False}
            x = keras.layers.DepthwiseConv1D(**shape, name="post_filter")(x)
        return [*conditions.values(), *random.inputs], x

    def _check_shuffle(self, random):
        too_short = [drawn.length for drawn in random.drawn if drawn.kind == "shift" and drawn.largest >= drawn.length]
        if too_short:
            raise InputError(
                f"--phase_shuffle={self.config.critic.phase_shuffle} reaches beyond the {min(too_short)} frames that "
                f"--window_frames={self.config.data.window_frames} leaves before the critic's last layer",
                f"take at most {min(too_short) - 1}",
            )
