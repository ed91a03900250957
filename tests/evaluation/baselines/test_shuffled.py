import numpy as np
import pytest
from random_spikes import NEURONS, RATE, random_spikes

from calciumgan_tf.evaluation.baselines.shuffled import shuffled
from calciumgan_tf.evaluation.summary import summarise


@pytest.fixture(scope="module")
def spikes():
    return random_spikes()


def test_shuffled_uses_every_train_once(spikes):
    found = shuffled(spikes, 0)
    for neuron in range(NEURONS):
        trains = [sorted(map(bytes, side[:, :, neuron])) for side in (found, spikes)]
        assert trains[0] == trains[1]
    np.testing.assert_allclose(summarise(found, RATE).pooled_rates(), summarise(spikes, RATE).pooled_rates())


def test_shuffling_kills_correlation():
    spikes = random_spikes(1000)
    spikes[:, :, 2] = spikes[:, :, 0]
    before, after = (summarise(s, RATE).pooled_correlations() for s in (spikes, shuffled(spikes, 0)))
    assert before[1] == pytest.approx(1)
    assert np.abs(after).max() < 4 / np.sqrt(5 * 1000)


def test_shuffling_depends_on_its_seed(spikes):
    np.testing.assert_array_equal(shuffled(spikes, 0), shuffled(spikes, 0))
    assert (shuffled(spikes, 0) != shuffled(spikes, 1)).any()
