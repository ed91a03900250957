"""Event sizes: log-normal within bounds, and independent of everything else, so that features cannot blur them.

    s_n(t) = exp(m_n + v_n 1.5 tanh(e'_n(t) / 1.5))        height of the transient of a whole event, scaled units

e' is white noise. m and v start at the mean and the SD of the logarithm of the inferred events and are learned. Heights
of transients of single action potentials vary, and bursts within a frame add to it; a log-normal distribution is the
usual description of such positive sizes. Its tail is bounded, since single huge events gave traces away: the graded
gate adds to the spread.
"""

import keras
import numpy as np

from calciumgan_tf.physiological.layers import per_neuron

BOUND = 1.5  # SD


def sizes(random, frames, statistics, built_in):
    """The size of an event if one occurs, a Keras tensor (example, frame, neuron).

    Args:
      random: RandomInputs.
      frames: how many.
      statistics: NeuronStatistics.
      built_in: whether to use Keras' own layers.
    """
    spread = statistics.event_spread
    middle = np.log(statistics.event_size) - spread**2 / 2
    white = random.normal("size_noise", frames, len(spread))
    white = keras.layers.Rescaling(1 / BOUND, name="size_rescaled")(white)
    bounded = keras.layers.Activation("tanh", name="size_bounded")(white)
    size = per_neuron(bounded, "size", BOUND * spread, middle, built_in)
    return keras.layers.Activation("exponential", name="sizes")(size)
