"""Event sizes: log-normal within bounds, larger in some states than in others.

    s_n(t) = exp(m_n + v_n 1.5 tanh(e'_n(t) / 1.5) + q_n y_n(t))     height of a whole event's transient, scaled units

e' is white noise, and y the state of the neuron's gate: more action potentials fall in a frame when it is active. They
do not depend on features, which would blur them. m and v start at the mean and the SD of the logarithm of the inferred
events, q at 0, and all three are learned. Heights of transients of single action potentials vary; a log-normal
distribution is the usual description of such positive sizes. Its tail is bounded, since single huge events gave traces
away: the graded gate adds to the spread.
"""

import keras
import numpy as np

from calciumgan_tf.physiological.layers import per_neuron

BOUND = 1.5  # SD


def sizes(random, states, statistics, built_in):
    """The size of an event if one occurs, a Keras tensor (example, frame, neuron).

    Args:
      random: RandomInputs.
      states: Keras tensor (example, frame, neuron), see `gate`.
      statistics: NeuronStatistics.
      built_in: whether to use Keras' own layers.
    """
    spread = statistics.event_spread
    middle = np.log(statistics.event_size) - spread**2 / 2
    white = random.normal("size_noise", *states.shape[1:])
    white = keras.layers.Rescaling(1 / BOUND, name="size_rescaled")(white)
    bounded = keras.layers.Activation("tanh", name="size_bounded")(white)
    size = per_neuron(bounded, "size", BOUND * spread, middle, built_in)
    of_states = per_neuron(states, "size_states", 0.0, None, built_in)
    size = keras.layers.Add(name="size_logarithms")([size, of_states])
    return keras.layers.Activation("exponential", name="sizes")(size)
