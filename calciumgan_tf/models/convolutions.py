"""A strided convolution computed as a dense one: Keras' weights and results, but faster on a CPU."""

import keras
import tensorflow as tf

from calciumgan_tf import onednn


class PairedConv1D(keras.layers.Conv1D):
    """Keras' Conv1D with 'same' padding, faster where its stride divides the number of frames.

    After padding, `stride` neighbouring frames are read as one frame with so many times the channels, and the kernel
    likewise. What is left is a convolution of stride 1, for which oneDNN's kernels are better, above all in gradients.
    Without oneDNN it is Keras' own.
    """

    def call(self, inputs):
        """(example, frame, channel) to (example, frame / stride, filter), the frames rounded up."""
        stride, kernel = self.strides[0], tf.convert_to_tensor(self.kernel)  # (tap, in, out)
        if inputs.shape[1] % stride or not onednn.enabled():
            return super().call(inputs)
        taps, channels, filters = kernel.shape
        rest = -taps % stride  # taps of 0 that make whole groups
        before = max(taps - stride, 0) // 2  # frames of padding, as 'same' has it
        after = taps + rest - stride - before
        kernel = tf.pad(kernel, [[0, rest], [0, 0], [0, 0]])
        kernel = tf.reshape(kernel, [-1, stride * channels, filters])
        padded = tf.pad(inputs, [[0, 0], [before, after], [0, 0]])
        groups = tf.reshape(padded, [-1, padded.shape[1] // stride, stride * channels])
        return tf.nn.conv1d(groups, kernel, 1, "VALID") + tf.convert_to_tensor(self.bias)
