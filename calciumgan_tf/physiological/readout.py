"""The generator's last layers: from features of each frame to scaled traces of each neuron."""

import functools
import math

import keras
import numpy as np
import scipy.special

from calciumgan_tf.models.blocks import over_frames
from calciumgan_tf.models.layers import EachNeuron

WARM_UP_UNIT = 32  # frames; the strides of the convolutions divide it
FORGOTTEN = 3  # decay times before the first frame of a window, after which calcium has forgotten its start
HIDDEN = 32  # units that mix features and shared noise
# Where training starts:
WEIGHTS = 0.1  # SD of what features and shared noise contribute to a latent
SHARPNESS = 16.0  # slope of the step from no event to an event, in SDs of a neuron's own noise
PROBIT = 1.702  # a logistic function is nearly a normal distribution function so many times wider
SIZE_SPREAD = 0.1  # SD of an event's size, in mean sizes
SLOW_SECONDS = (0.3, 3.0, 30.0)  # time constants of slow noise: bursts, states, drift
SLOW_SPREAD = 0.1  # SD of what each contributes to the latent of an event
SHARED_SLOW = 0.03  # SD of what each channel of shared slow noise contributes to it
DRIFT = 0.1  # SD of what the slowest contributes to the baseline


def limited(x, config):
    """The paper's readout: a sigmoid to 0..1 where traces are scaled to that range; z-scores are left as they are."""
    activation = "linear" if config.scaling == "zscore" else "sigmoid"
    return keras.layers.Activation(activation, dtype="float32", name="scaled")(x)


def calcium(x, config, neurons, physiology, built_in=False):
    """Events that decay as calcium does, observed with noise.

    A latent of each neuron mixes features and shared noise. An event occurs where it, with noise of the neuron's own,
    is above 0; its size is noise of the neuron's own around a mean. At the start, neurons are independent and each has
    the rate, the event size, the baseline and the noise that its recording has.

    Args:
      x: Keras tensor (example, warm-up and frame, channel).
      config: Config.
      neurons: how many.
      physiology: NeuronStatistics, where training starts.
      built_in: whether to use Keras' own layers only, also where the project has faster ones.

    Returns:
      the further noise inputs, and scaled traces (example, frame, neuron).
    """
    dtype, frames, total, inputs = config.precision, config.window_frames, x.shape[1], []
    each_neuron = functools.partial(_each_neuron, keras.layers.EinsumDense if built_in else EachNeuron, dtype)

    def noise(name, length, channels):
        inputs.append(keras.Input((length, channels), name=name))
        return inputs[-1]

    def noisy(y, name, level):
        own = each_neuron(noise(f"{name}_noise", y.shape[1], neurons), f"{name}_level", level)
        return keras.layers.Add(dtype=dtype, name=f"noisy_{name}")([y, own])

    def scaled_sum(name, fixed, several, level):
        terms = [*fixed, *(each_neuron(one, f"{name}_level{i}", level) for i, one in enumerate(several, 1))]
        return keras.layers.Add(dtype=dtype, name=name)(terms) if len(terms) > 1 else terms[0]

    slowness = SLOW_SECONDS if config.slow_noise else ()
    stays = [math.exp(-1 / max(seconds * physiology.frame_rate, 0.1)) for seconds in slowness]
    smooth = [over_frames(f"smooth{i}", dtype, smoothing_kernel(total, stay)) for i, stay in enumerate(stays, 1)]

    def slow_noise(name, channels):
        return [one(noise(f"{name}{i}", total, channels)) for i, one in enumerate(smooth, 1)]

    if config.shared_noise:
        shared = noise("shared_noise", total, config.shared_noise)
        x = keras.layers.Concatenate(dtype=dtype, name="with_noise")([x, shared])
    x = keras.layers.Dense(HIDDEN, dtype=dtype, name="hidden")(x)
    x = keras.layers.LeakyReLU(dtype=dtype, name="hidden_activation")(x)

    threshold = scipy.special.ndtri(physiology.event_probability) * math.hypot(1, PROBIT / SHARPNESS)
    occurs = noisy(_latent(x, "occurs", dtype, threshold), "occurs", 1.0)
    slow = slow_noise("slow_noise", neurons)
    terms = [occurs]
    if config.shared_noise and slow:
        # Straight to the latents: through the hidden layer it would take the place of fast noise.
        shared = keras.layers.Concatenate(dtype=dtype, name="shared_slow")(
            slow_noise("shared_slow_noise", config.shared_noise)
        )
        small = keras.initializers.RandomNormal(stddev=SHARED_SLOW)
        loadings = keras.layers.Dense(neurons, use_bias=False, kernel_initializer=small, dtype=dtype, name="loadings")
        terms.append(loadings(shared))
    occurs = each_neuron(scaled_sum("occurs_slowly", terms, slow, SLOW_SPREAD), "step", SHARPNESS)
    occurs = keras.layers.Activation("sigmoid", dtype=dtype, name="event")(occurs)
    mean_size = np.log(np.expm1(physiology.event_size))  # what softplus makes the mean size of
    size = each_neuron(noise("size_noise", total, neurons), "size", SIZE_SPREAD * physiology.event_size, mean_size)
    size = keras.layers.Activation("softplus", dtype=dtype, name="event_size")(size)
    x = keras.layers.Multiply(dtype=dtype, name="events")([occurs, size])
    x = scaled_sum("drift", [x], slow[-1:], DRIFT * (1 - physiology.decay))

    x = over_frames("decay", dtype, ar1_kernel(total - frames, frames, physiology.decay))(x)
    x = each_neuron(x, "gain", 1.0, physiology.baseline)
    x = noisy(x, "observation", physiology.noise)
    return inputs, keras.layers.Activation("linear", dtype="float32", name="scaled")(x)


def warm_up(decay) -> int:
    """Frames that are generated before the window and cut off, a multiple of WARM_UP_UNIT."""
    return math.ceil(FORGOTTEN / -math.log(decay) / WARM_UP_UNIT) * WARM_UP_UNIT


def ar1_kernel(before, frames, decay):
    """The map from events of `before + frames` frames to calcium of the last `frames`: (before + frames, frames)."""
    age = np.arange(frames) + before - np.arange(before + frames)[:, None]
    return np.where(age >= 0, decay ** np.maximum(age, 0), 0.0)


def smoothing_kernel(frames, stays):
    """The map from white noise to an AR(1) process of variance 1 in each of `frames` frames."""
    kernel = ar1_kernel(0, frames, stays) * math.sqrt(1 - stays**2)
    kernel[0] = stays ** np.arange(frames)
    return kernel


def _each_neuron(layer_class, dtype, y, name, factor, offset=None):
    """(example, frame, neuron) times a learned factor a neuron, plus a learned offset, starting at those given."""
    bias = None if offset is None else "n"
    layer = layer_class("btn,n->btn", tuple(y.shape[1:]), bias_axes=bias, dtype=dtype, name=name)
    y = layer(y)
    layer.set_weights([np.broadcast_to(start, y.shape[-1:]) for start in (factor, offset) if start is not None])
    return y


def _latent(x, name, dtype, start):
    """A weighted sum a neuron, near `start` (neuron,)."""
    small = keras.initializers.RandomNormal(stddev=WEIGHTS / math.sqrt(x.shape[-1]))
    layer = keras.layers.Dense(len(start), kernel_initializer=small, dtype=dtype, name=f"{name}_latent")
    y = layer(x)
    layer.bias.assign(start)
    return y
