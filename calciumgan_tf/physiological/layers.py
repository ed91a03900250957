"""Layers of the physiological generator, each in a form that is fast to train.

A saved generator has built-in Keras layers only; each class here is a subclass of the built-in layer that takes its
place there, with the same weights and the same result.
"""

import keras
import numpy as np
import scipy.fft
import tensorflow as tf


class PerNeuron(keras.layers.EinsumDense):
    """A factor and an offset a neuron: Keras' EinsumDense of "btn,n->btn" as the plain product that it is."""

    def call(self, inputs, training=None):
        """(example, frame, neuron) to the same shape."""
        outputs = inputs * tf.convert_to_tensor(self.kernel)
        return outputs if self.bias is None else outputs + tf.convert_to_tensor(self.bias)


class Synthesis(keras.layers.EinsumDense):
    """Sums of given time courses, not trained: Keras' EinsumDense of "bjn,jt->btn" as a plain product of matrices."""

    def call(self, inputs, training=None):
        """(example, time course, channel) to (example, frame, channel)."""
        return tf.matmul(tf.convert_to_tensor(self.kernel), inputs, transpose_a=True)


class FourierConv1D(keras.layers.DepthwiseConv1D):
    """Keras' DepthwiseConv1D of stride 1 without padding, computed by fast Fourier transforms over the frames."""

    def call(self, inputs):
        """(example, frame, channel) to (example, frame - tap + 1, channel)."""
        taps, frames = self.kernel.shape[0], inputs.shape[1]
        size = [scipy.fft.next_fast_len(frames, real=True)]  # what wraps around lies before the first frame kept
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32  # there is no transform in 16 bits
        series = tf.transpose(tf.cast(inputs, dtype), [0, 2, 1])
        kernel = tf.transpose(tf.cast(tf.convert_to_tensor(self.kernel)[:, :, 0], dtype))  # (channel, tap)
        product = tf.signal.rfft(series, size) * tf.signal.rfft(kernel[:, ::-1], size)
        outputs = tf.signal.irfft(product, size)[:, :, taps - 1 : frames]
        return tf.cast(tf.transpose(outputs, [0, 2, 1]), inputs.dtype)


def per_neuron(x, name, factor, offset=None, built_in=False, trainable=True):
    """Multiplies (example, frame, neuron) by a factor a neuron, and adds an offset.

    Args:
      x: Keras tensor (example, frame, neuron).
      name: of the layer.
      factor, offset: numbers or (neuron,), where training starts; no offset where it is None.
      built_in: whether to use Keras' own layer.
      trainable: whether both are learned.
    """
    make = keras.layers.EinsumDense if built_in else PerNeuron
    layer = make("btn,n->btn", tuple(x.shape[1:]), bias_axes=None if offset is None else "n", name=name)
    layer.trainable = trainable
    x = layer(x)
    layer.set_weights([np.broadcast_to(start, x.shape[-1:]) for start in (factor, offset) if start is not None])
    return x


def causal_convolution(x, name, response, frames, built_in=False):
    """Convolves each neuron's frames with a fixed impulse response; only the last `frames` frames are computed.

    Args:
      x: Keras tensor (example, frame, neuron); what lies before its first frame counts as 0.
      name: of the layer.
      response: float64 (lag, neuron), from lag 0 on, as many lags as `x` has frames.
      frames: how many frames to return.
      built_in: whether to use Keras' own layer.

    Returns:
      a Keras tensor (example, frames, neuron).
    """
    x = keras.layers.ZeroPadding1D((frames - 1, 0), name=f"{name}_padding")(x)
    return filtered(x, name, response, built_in)


def filtered(x, name, response, built_in=False):
    """Convolves each neuron's frames with a fixed impulse response (lag, neuron), without padding."""
    make = keras.layers.DepthwiseConv1D if built_in else FourierConv1D
    layer = make(len(response), use_bias=False, trainable=False, name=name)
    x = layer(x)
    layer.set_weights([response[::-1, :, None]])
    return x


def fixed_product(x, name, factor):
    """Multiplies (example, row, neuron) by a factor (row, neuron) that is not trained."""
    layer = keras.layers.EinsumDense("bjn,jn->bjn", tuple(x.shape[1:]), name=name)
    layer.trainable = False
    x = layer(x)
    layer.set_weights([factor])
    return x


def synthesis(x, name, courses, built_in=False):
    """Sums of fixed time courses (time course, frame): (example, time course, channel) to (example, frame, channel)."""
    make = keras.layers.EinsumDense if built_in else Synthesis
    layer = make("bjn,jt->btn", (courses.shape[1], x.shape[2]), name=name)
    layer.trainable = False
    x = layer(x)
    layer.set_weights([courses])
    return x


def loaded(x, name, loadings):
    """Sums of channels (example, frame, channel) with learned loadings, which start as (channel, neuron)."""
    layer = keras.layers.Dense(loadings.shape[1], use_bias=False, name=name)
    x = layer(x)
    layer.set_weights([loadings])
    return x
