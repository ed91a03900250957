"""Trial-averaged responses: the mean trace around the onset of a presentation."""

from calciumgan_tf.evaluation.conditions.observations import Sample, level_means


def averages(sample: Sample):
    """Trial-averaged responses, float64 (level, frame, neuron), dF/F; NaN for a level without presentations."""
    return level_means(sample.observations.traces, sample.observations, sample.weights)
