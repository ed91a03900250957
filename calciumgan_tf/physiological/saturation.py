"""Saturation: the fluorescence of an indicator has an upper limit.

    f_n(t) = C_n - k_n log(1 + exp((C_n - c_n(t)) / k_n)),    k_n = C_n / 8

f is the calcium c (`kernel`) while that is small, .91 C at C, and never above C, the largest calcium that was inferred
in the training part. It is not trained, but the gain a that follows it is (`generator`). Events that pile up in a long
active state gave some neurons transients of twice the largest recorded ones (docs/fidelity_study.md). Indicators
saturate more gradually, by a Hill curve (Vogelstein et al. 2009, Biophysical Journal 97, 636-655); this curve leaves
common transients as they are. Defined here.
"""

import keras
import numpy as np

from calciumgan_tf.physiological.layers import per_neuron

SHARPNESS = 8.0  # C / k


def saturated(calcium, statistics, built_in):
    """Calcium to fluorescence over the baseline, Keras tensors (example, frame, neuron)."""
    limit = statistics.largest_calcium
    room = per_neuron(calcium, "room", -SHARPNESS / limit, np.full_like(limit, SHARPNESS), built_in, trainable=False)
    room = keras.layers.Activation("softplus", name="positive_room")(room)
    return per_neuron(room, "fluorescence", -limit / SHARPNESS, limit, built_in, trainable=False)
