"""Tuning: how conditions move the latent of a neuron's gate.

    sum over channels c and spans of lags s of V_ncs (mean over s of y_c(t - lag))      y: conditions, coded

V are learned stimulus filters, those of a generalised linear model as in Pillow et al. 2008, Nature 454, 995-999, here
constant within each span. They start from a logistic regression of the inferred events. How conditions are coded:
dataset/conditions.py.
"""

import itertools

import numpy as np
from scipy import special

SPANS = (0.0, 0.5, 1.0, 2.0, 4.0)  # s, edges of the spans of lags
PRIOR = 1.0  # SD of a weight before the events are seen, in logits at the largest value of its conditions


def spans(frame_rate) -> list:
    """(first, after last) lags of each span in frames; the frame rate is in Hz."""
    edges = np.unique(np.maximum(np.round(np.array(SPANS) * frame_rate), np.arange(len(SPANS)) > 0).astype(int))
    return list(itertools.pairwise(edges.tolist()))


def lagged(coded, frame_rate):
    """Means of conditions (frame, channel) over each span of lags, float64 (frame, span, channel).

    Before the first frame, all channels are 0.
    """
    total = np.concatenate([np.zeros((1, coded.shape[1])), np.cumsum(coded, axis=0, dtype=np.float64)])
    frames = np.arange(1, len(coded) + 1)
    return np.stack(
        [
            (total[np.maximum(frames - first, 0)] - total[np.maximum(frames - last, 0)]) / (last - first)
            for first, last in spans(frame_rate)
        ],
        axis=1,
    )


def fit(events, conditions):
    """Logistic regression of events on conditions, with a normal prior on the weights.

    Args:
      events: bool (frame, neuron).
      conditions: (frame, span, channel), of `lagged`.

    Returns:
      weights float64 (span, channel, neuron), intercepts (neuron,), and the probability of an event in each frame,
      (frame, neuron).
    """
    from sklearn.linear_model import LogisticRegression

    flat = conditions.reshape(len(conditions), -1)
    scale = np.maximum(np.abs(flat).max(axis=0), 1e-9)
    weights, intercepts = np.zeros((flat.shape[1], events.shape[1])), special.logit(_rate(events))
    for neuron in np.flatnonzero(events.any(axis=0)):
        found = LogisticRegression(C=PRIOR**2, solver="newton-cholesky").fit(flat / scale, events[:, neuron])
        weights[:, neuron], intercepts[neuron] = found.coef_[0] / scale, found.intercept_[0]
    probability = special.expit(flat @ weights + intercepts)
    return weights.reshape(*conditions.shape[1:], -1), intercepts, probability


def _rate(events):
    """Share of frames with an event, (neuron,); of a neuron without any, as if it had half of one."""
    return np.clip(events.sum(axis=0), 0.5, len(events) - 0.5) / len(events)


def tuning(conditions, weights, frame_rate):
    """What conditions add to the latents, a Keras tensor (example, frame, neuron).

    Args:
      conditions: Keras tensor (example, frame, channel).
      weights: (span, channel, neuron), where training starts, in units of the latents.
      frame_rate: Hz.
    """
    import keras  # TensorFlow, which takes seconds, and which nothing else here needs

    from calciumgan_tf.physiological.layers import loaded

    bounds = spans(frame_rate)
    means = np.zeros((bounds[-1][1], len(bounds)))  # (lag, span)
    for span, (first, last) in enumerate(bounds):
        means[first:last, span] = 1 / (last - first)
    channels = conditions.shape[-1]
    x = keras.layers.ZeroPadding1D((len(means) - 1, 0), name="lags_padding")(conditions)
    fixed = keras.layers.DepthwiseConv1D(
        len(means), depth_multiplier=len(bounds), use_bias=False, trainable=False, name="lags"
    )
    x = fixed(x)  # (example, frame, channel * span)
    fixed.set_weights([np.repeat(means[::-1, None], channels, axis=1)])
    return loaded(x, "tuning", np.swapaxes(weights, 0, 1).reshape(channels * len(bounds), -1))
