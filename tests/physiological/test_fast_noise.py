import numpy as np
import pytest
import scipy.signal

from calciumgan_tf.physiological import fast_noise

FRAMES, DECAY = 60000, 0.95
WHITE, COLOURED = np.tile([[0.0], [1.0], [0.0]], 3), np.tile([[0.6], [0.8], [0.0]], 3)


def made(taps, growth, skewness, slow=0.0):
    """Traces, events and calcium of three neurons, with noise of level 0.3."""
    random = np.random.default_rng(0)
    events = (random.random((FRAMES, 3)) < 0.02) * random.uniform(1, 3, (FRAMES, 3))
    calcium = scipy.signal.lfilter([1.0], [1, -DECAY], events, axis=0)
    white = random.normal(size=(FRAMES, 3))
    y = np.stack([scipy.signal.lfilter(taps[:, n], [1.0], white[:, n]) for n in range(3)], axis=1)
    noise = 0.3 * np.sqrt(1 + growth * calcium) * (y + skewness * y**2)
    drift = slow * scipy.signal.lfilter([0.01], [1, -0.99], random.normal(size=(FRAMES, 3)), axis=0)
    return calcium + noise + drift, events, calcium


@pytest.mark.parametrize("taps", [WHITE, COLOURED])
@pytest.mark.parametrize("growth, skewness", [(0.0, 0.0), (0.4, 0.05), (0.2, 0.0)])
def test_growth_and_skewness_are_found(taps, growth, skewness):
    found, skewed = fast_noise.measure(*made(taps, growth, skewness), taps)
    np.testing.assert_allclose(found, growth, atol=0.05)
    np.testing.assert_allclose(skewed, skewness, atol=0.012)


def test_slow_noise_is_not_mistaken_for_it():
    found, skewed = fast_noise.measure(*made(WHITE, 0.2, 0.05, slow=2.0), WHITE)
    np.testing.assert_allclose(found, 0.2, atol=0.05)
    np.testing.assert_allclose(skewed, 0.05, atol=0.012)


def test_a_neuron_without_quiet_frames_has_the_skewness_of_its_population():
    traces, events, calcium = made(WHITE, 0.2, 0.05)
    events[:, 2] = 1
    skewed = fast_noise.measure(traces, events, calcium, WHITE)[1]
    assert skewed[2] == pytest.approx(np.median(skewed[:2]))
    events[:] = 1
    assert (fast_noise.measure(traces, events, calcium, WHITE)[1] == 0).all()
