"""Tuning curves: the mean rate of inferred spikes at each level of a condition."""

from calciumgan_tf.evaluation.conditions.observations import Sample, level_means


def curves(sample: Sample):
    """Tuning curves of all neurons, float64 (level, neuron), Hz; NaN for a level without observations."""
    return level_means(sample.observations.rates, sample.observations, sample.weights)
