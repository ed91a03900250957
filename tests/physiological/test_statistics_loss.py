import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.physiological import statistics_loss
from calciumgan_tf.physiological.halves import half_weights
from calciumgan_tf.randomness import Purpose, Randomness
from calciumgan_tf.synthetic import populations

NEURONS = 5


@pytest.fixture(scope="module")
def measured():
    """A loss and a batch of fresh windows, scaled."""
    truth = populations.population(neurons=NEURONS)
    data = TrainingData.prepare(truth.recording(6000), Config.of(model="physiological", window_frames=64))
    loss = statistics_loss.StatisticsLoss(data.recording, data.split, data.oasis, data.scaling)
    return loss, data.scaling.scaled(truth.windows(8, 64)[1]).astype(np.float32)


def test_of_many_neurons_some_are_drawn(measured, monkeypatch):
    """The loss of a draw is that of its neurons, another draw takes others, and in time all have their turn."""
    loss, windows = measured
    monkeypatch.setattr(statistics_loss, "NEURONS", 2)
    weights, of_pairs, drawn = half_weights(8), {}, []
    for first in range(NEURONS):
        for second in range(first + 1, NEURONS):
            pair = tf.constant([first, second])
            value = loss.population.of(pair)(windows[..., pair.numpy()], weights)
            value += statistics_loss.TRACES * loss.traces.of(pair)(windows[..., pair.numpy()], weights)
            of_pairs[first, second] = float(value)
    for number in range(30):
        value = float(loss(windows, weights, key=Randomness(0).key(Purpose.STATISTICS, number)))
        pair, nearest = min(of_pairs.items(), key=lambda item: abs(item[1] - value))
        assert value == pytest.approx(nearest, rel=1e-4)
        drawn.append(pair)
    assert len(set(drawn)) > 3 and set(np.ravel(drawn)) == set(range(NEURONS))


@pytest.mark.parametrize("most", [2, 128])
def test_windows_of_double_precision(measured, monkeypatch, most):
    loss, windows = measured
    monkeypatch.setattr(statistics_loss, "NEURONS", most)
    key = Randomness(0).key(Purpose.STATISTICS, 0)
    single, double = (
        loss(tf.constant(windows, dtype), half_weights(8, dtype), key=key) for dtype in (tf.float32, tf.float64)
    )
    assert double.dtype == tf.float64 and float(double) == pytest.approx(float(single), rel=1e-3)


def test_of_few_neurons_all_are_compared(measured):
    loss, windows = measured
    weights = half_weights(8)
    whole = loss.population(windows, weights) + statistics_loss.TRACES * loss.traces(windows, weights)
    assert float(loss(windows, weights)) == pytest.approx(float(whole))
