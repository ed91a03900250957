"""Layers that Keras does not have."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("calciumgan_tf")
class LeakyReLU(keras.layers.LeakyReLU):
    """Keras' LeakyReLU, with a slope that is a constant to derivatives.

    Its second derivative is 0 wherever there is one. TensorFlow's own would hand the gradient penalty a tensor of zeros
    and send it back through every convolution, a fifth of a critic update.
    """

    def call(self, inputs):
        slope = tf.where(inputs > 0, tf.ones([], inputs.dtype), tf.cast(self.negative_slope, inputs.dtype))
        return inputs * tf.stop_gradient(slope)


@keras.saving.register_keras_serializable("calciumgan_tf")
class EachNeuron(keras.layers.EinsumDense):
    """Keras' EinsumDense of "btn,n->btn", as the plain product that it is: many times faster on a CPU."""

    def call(self, inputs, training=None):
        outputs = inputs * tf.convert_to_tensor(self.kernel)
        return outputs if self.bias is None else outputs + tf.convert_to_tensor(self.bias)


@keras.saving.register_keras_serializable("calciumgan_tf")
class Dropout(keras.layers.Dropout):
    """Keras' Dropout, but what is left out follows from the inputs and from nothing else.

    Keras' own would count its calls, and a resumed run would not equal an uninterrupted one. Bits are added up as whole
    numbers: the last bit of a sum of floats can depend on how threads share it, and with it all that is left out.
    """

    def call(self, inputs, training=False):
        if not training:
            return inputs
        bits = tf.bitcast(tf.stop_gradient(tf.cast(inputs, tf.float32)), tf.int32)
        seed = tf.stack([tf.reduce_sum(bits), tf.reduce_sum(tf.square(bits))])
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, seed)


@keras.saving.register_keras_serializable("calciumgan_tf")
class PhaseShuffle(keras.layers.Layer):
    """Shifts every example in time, reflecting at the border so that the length stays.

    Called with `inputs` (example, frame, channel) and `shifts` int32 (example,), |shift| < frames; output frame t is
    input frame t - shift, with frames beyond the ends mirrored about the first or the last one. Who draws the shifts
    decides whether a batch shares one: see `draw_shifts`.

    Source: Donahue, McAuley and Puckette 2019, ICLR (WaveGAN), section 3.3.
    """

    def call(self, inputs, shifts):
        return shift_reflected(inputs, shifts)

    def compute_output_shape(self, inputs_shape, shifts_shape=None):
        return inputs_shape


def draw_shifts(examples, largest, seed, per_example):
    """Shifts for the phase shuffles of one pass through the critic, each of -largest..largest equally likely.

    Args:
      examples: batch of this pass.
      largest: of each phase shuffle of the critic, m.
      seed: (2,), a fresh one each pass.
      per_example: one shift an example, or one for all.

    Returns:
      int32 (example, phase shuffle).
    """
    rows, largest = examples if per_example else 1, tf.constant(largest, tf.int32)
    drawn = tf.random.stateless_uniform([rows, len(largest)], seed, None, None, tf.int32)  # any whole number
    return tf.broadcast_to(drawn % (2 * largest + 1) - largest, [examples, len(largest)])


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
