import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from calciumgan_tf.physiological.halves import half_weights
from calciumgan_tf.physiological.trace_moments import TraceMoments

NEURONS = 3


def traces(count, seed, noise=0.5, decay=0.9, drift=0.3):
    """Windows of events with a decay, white noise and an offset, standardised roughly."""
    drawn = np.random.default_rng(seed)
    events = (drawn.random((count, 100, NEURONS)) < 0.04) * drawn.lognormal(0, 0.3, (count, 100, NEURONS)) * 2
    calcium = scipy.signal.lfilter([1], [1, -decay], events, axis=1)[:, 36:]
    return (calcium + noise * drawn.normal(size=calcium.shape) + drift * drawn.normal(size=(count, 1, NEURONS))).astype(
        np.float32
    )


@pytest.fixture(scope="module")
def loss():
    return TraceMoments(traces(600, 0))


def value(loss, windows):
    return float(loss(windows, half_weights(len(windows))))


def test_the_same_distribution_costs_nothing(loss):
    assert abs(value(loss, traces(600, 1))) < 0.01


@pytest.mark.parametrize(
    "change",
    [
        lambda x: traces(600, 2, noise=0.7),
        lambda x: traces(600, 2, decay=0.8),
        lambda x: traces(600, 2, drift=0.6),
        lambda x: x[:, ::-1],
        lambda x: -x,
        lambda x: np.random.default_rng(0).permuted(x, axis=1),
        lambda x: x + 0.5,
    ],
    ids=["noise", "decay", "drift", "reversed", "inverted", "shuffled in time", "shifted"],
)
def test_faults_cost(loss, change):
    """Also faults that leave most features as they are, such as a reversal in time."""
    right = traces(600, 1)
    assert value(loss, change(right)) > value(loss, right) + 0.02


def test_some_neurons_are_as_if_there_were_no_others(loss):
    some, windows = [2, 0], traces(20, 1)
    alone = value(TraceMoments(traces(600, 0)[..., some]), windows[..., some])
    assert value(loss.of(tf.constant(some)), windows[..., some]) == pytest.approx(alone, rel=1e-4)


def test_sampling_noise_does_not_count(loss):
    windows = traces(600, 1)
    small = [value(loss, windows[i : i + 20]) for i in range(0, 600, 20)]
    assert abs(np.mean(small) - value(loss, windows)) < 4 * np.std(small) / np.sqrt(len(small))


def test_means_and_products_written_out(loss):
    windows = traces(8, 3)
    limited = loss._limited(tf.constant(windows)).numpy()
    assert np.abs(limited).max() <= 4
    centre, products = loss.targets
    around = limited - centre
    halves = [around[half::2] for half in range(2)]
    mean = np.mean(halves[0].mean(axis=0) * halves[1].mean(axis=0))
    first, second = (np.einsum("wnf,wng->nfg", half, half) / 4 - products for half in halves)
    assert value(loss, windows) == pytest.approx(mean + 5 * np.mean(first * second), rel=1e-3)


def test_constant_windows_have_finite_features_and_gradients(loss):
    windows = tf.zeros([4, 64, NEURONS])
    with tf.GradientTape() as tape:
        tape.watch(windows)
        total = loss(windows, half_weights(4))
    assert np.isfinite(float(total)) and np.isfinite(tape.gradient(total, windows).numpy()).all()


def test_parts_of_a_batch_add_up_to_the_whole(loss):
    """What replicas do: each has some windows, and sums are taken over all of them."""
    windows, weights, parts, sums = traces(8, 3), half_weights(8), (slice(0, 3), slice(3, 8)), []
    for part in parts:
        loss(windows[part], weights.numpy()[part], lambda x: sums.append(x.numpy()) or x)
    number = len(sums) // 2
    totals = iter(mine + theirs for mine, theirs in zip(sums[:number], sums[number:]))
    whole = loss(windows[parts[0]], weights.numpy()[parts[0]], lambda _: next(totals))
    assert float(whole) == pytest.approx(value(loss, windows), rel=1e-4)
