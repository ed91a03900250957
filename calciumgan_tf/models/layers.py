"""Layers that Keras does not have."""

import keras
import tensorflow as tf


class LeakyReLU(keras.layers.LeakyReLU):
    """Keras' LeakyReLU, with a slope that is a constant to derivatives.

    Its second derivative is 0 wherever there is one. TensorFlow's own would hand the gradient penalty a tensor of zeros
    and send it back through every convolution, a fifth of a critic update.
    """

    def call(self, inputs):
        slope = tf.where(inputs > 0, tf.ones([], inputs.dtype), tf.cast(self.negative_slope, inputs.dtype))
        return inputs * tf.stop_gradient(slope)


class Dropout(keras.layers.Layer):
    """Leaves out units, as Srivastava et al. 2014 (JMLR 15) do, by noise that is given instead of drawn.

    Called with `inputs` (example, ...) and `noise` of the same shape, uniform from 0 to 1: a unit is left out where
    its noise is below `rate`, and the others are divided by 1 - `rate`. Keras' own layer would count its calls, and a
    resumed run would not equal an uninterrupted one.
    """

    def __init__(self, rate, **options):
        super().__init__(**options)
        self.rate = rate

    def call(self, inputs, noise, training=False):
        """Leaves out units of `inputs` in training."""
        if not training:
            return inputs
        return tf.where(noise < self.rate, tf.zeros_like(inputs), inputs / (1 - self.rate))


class PhaseShuffle(keras.layers.Layer):
    """Shifts every example in time, reflecting at the border so that the length stays.

    Called with `inputs` (example, frame, channel) and `shifts` int32 (example,), |shift| < frames; output frame t is
    input frame t - shift, with frames beyond the ends mirrored about the first or the last frame. The caller
    decides whether a batch shares a shift.

    Source: Donahue, McAuley and Puckette 2019, ICLR (WaveGAN), section 3.3.
    """

    def call(self, inputs, shifts):
        """Shifts `inputs` by `shifts`."""
        return shift_reflected(inputs, shifts)

    def compute_output_shape(self, inputs_shape, shifts_shape=None):
        """That of the inputs."""
        return inputs_shape


@tf.custom_gradient
def shift_reflected(inputs, shifts):
    """`inputs` (example, frame, channel) moved by `shifts` (example,), mirrored at the border.

    Linear in `inputs`, and differentiable any number of times.
    """
    last = inputs.shape[1] - 1
    source = tf.range(last + 1) - shifts[:, None]  # frame that each output frame comes from
    mirrored = last - tf.abs(last - tf.abs(source))
    moved = tf.ensure_shape(tf.gather(inputs, mirrored, batch_dims=1), inputs.shape)
    return moved, lambda upstream: (shift_adjoint(upstream, shifts), None)


@tf.custom_gradient
def shift_adjoint(inputs, shifts):
    """The transpose of `shift_reflected`: a shift back, with what was mirrored added where it came from.

    Written as gathers, since the scatter that automatic differentiation would use is slow.
    """
    frames = inputs.shape[1]
    last, frame, shift = frames - 1, tf.range(frames), shifts[:, None]
    padded = tf.pad(inputs, [[0, 0], [0, 1], [0, 0]])  # frame number `frames` is 0

    def where(valid, index):
        return tf.gather(padded, tf.where(valid, index, frames), batch_dims=1)

    back = frame + shift
    parts = [
        where((back >= 0) & (back < frames), back),
        where((frame > 0) & (frame <= shift), shift - frame),  # mirrored about the first frame
        where((frame < last) & (frame >= last + shift), 2 * last + shift - frame),  # about the last
    ]
    return tf.ensure_shape(tf.add_n(parts), inputs.shape), lambda upstream: (shift_reflected(upstream, shifts), None)
