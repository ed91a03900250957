import numpy as np
import pytest

from calciumgan_tf.physiological import transients
from calciumgan_tf.spikes import autoregressive

DECAY, RISE = np.array([0.9, 0.95, 0.95]), np.array([0.0, 0.6, 0.0])
FAST = 2 * transients.FACTORS.index(0.25) + 1  # a quarter of the decay time, without a rise


def mixture(*shares):
    """Weights of the kernel of spike inference and the fast one, of three neurons."""
    weights = np.zeros((2 * len(transients.FACTORS), 3))
    weights[transients.OWN], weights[FAST] = shares
    return weights


def trains(frames=4000, rate=0.02, neurons=3):
    random = np.random.default_rng(0)
    return (random.random((frames, neurons)) < rate) * random.uniform(1, 2, (frames, neurons))


def test_own_kernel_is_that_of_spike_inference():
    weights = mixture(1, 0)
    response = transients.responses(DECAY, RISE, weights, 200)
    assert response.max(axis=0) == pytest.approx(np.ones(3))
    events = trains()
    made = transients.calcium(events, DECAY, RISE, weights)
    np.testing.assert_allclose(made, autoregressive.calcium(events.T, DECAY, RISE).T, atol=1e-10)
    event = np.zeros((200, 3))
    event[0] = 1
    np.testing.assert_allclose(transients.calcium(event, DECAY, RISE, weights), response, atol=1e-10)


@pytest.mark.parametrize("shares", [(1, 0), (0.6, 0.4)])
def test_shape_of_the_transients_is_found(shares):
    """Traces of a known mixture with noise: its shape comes out, and the sizes that the events have to have."""
    truth, events = mixture(*shares), trains()
    noise = np.random.default_rng(1).normal(0, 0.1, events.shape)
    traces = 0.8 * transients.calcium(events, DECAY, RISE, truth) + 0.3 + noise
    weights, height = transients.fit(
        [(traces[:2000], events[:2000], 50), (traces[2000:], events[2000:], 50)], DECAY, RISE
    )
    expected = 0.8 * transients.responses(DECAY, RISE, truth, 60)
    found = height * transients.responses(DECAY, RISE, weights, 60)
    np.testing.assert_allclose(found, expected, atol=0.04)
    np.testing.assert_allclose(height, expected.max(axis=0), rtol=0.05)
    assert (weights >= 0).all()


def test_what_lies_before_a_block_is_not_looked_at():
    """A block that begins on a falling trace has the shape that it has without that beginning."""
    truth, events = mixture(1, 0), trains()
    traces = transients.calcium(events, DECAY, RISE, truth)
    falling = traces + 20 * 0.9 ** np.arange(len(traces))[:, None]
    plain = transients.fit([(traces, events, 100)], DECAY, RISE)
    np.testing.assert_allclose(transients.fit([(falling, events, 100)], DECAY, RISE)[0], plain[0], atol=0.02)


def test_a_neuron_with_few_events_has_the_shape_of_its_population():
    events = trains()
    events[:, 2] = 0
    traces = transients.calcium(events, DECAY, RISE, mixture(0.6, 0.4))
    weights, _ = transients.fit([(traces, events, 50)], DECAY, RISE)
    np.testing.assert_allclose(weights[:, 2] / weights[:, 2].sum(), mixture(0.6, 0.4)[:, 2], atol=0.1)


def test_without_any_event_the_kernel_is_that_of_spike_inference():
    nothing = np.zeros((500, 3))
    weights, height = transients.fit([(np.random.default_rng(0).normal(size=(500, 3)), nothing, 0)], DECAY, RISE)
    np.testing.assert_allclose(weights, mixture(1, 0), atol=1e-6)
    np.testing.assert_allclose(height, 1, atol=1e-6)
