import numpy as np
import pytest

from calciumgan_tf.evaluation.baselines.shuffled import shuffled
from calciumgan_tf.evaluation.summary import summarise

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 64, 5, 60


def random_spikes(windows=WINDOWS, seed=0):
    """uint8 (window, frame, neuron); neurons 0 and 1 share half their spikes."""
    generator = np.random.default_rng(seed)
    spikes = generator.random((windows, FRAMES, NEURONS)) < [0.1, 0.05, 0.2, 0.03, 0.1]
    spikes[:, :, 1] |= spikes[:, :, 0] & (generator.random((windows, FRAMES)) < 0.5)
    return spikes.astype(np.uint8)


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
