"""Mean transients of planted jumps that decay exponentially."""

import numpy as np
import pytest
from scipy import signal, stats

from calciumgan_tf.evaluation.diagnostics.statistic import Context
from calciumgan_tf.evaluation.diagnostics.transients import FEWEST, THRESHOLD, Transients

pytestmark = pytest.mark.filterwarnings("error")

RATE, FRAMES = 24.0, 300
NOISE = 0.02  # SD, of jumps of 1


def planted(windows, decay, frames=(80, 200), size=1.0, seed=0, rate=RATE):
    """Windows of one neuron with a jump to `size` at each of `frames`, which decays in `decay` seconds."""
    impulses = np.zeros((windows, FRAMES, 1))
    impulses[:, frames] = size
    traces = signal.lfilter([1.0], [1.0, -np.exp(-1 / (decay * rate))], impulses, axis=1)
    return (traces + np.random.default_rng(seed).normal(0, NOISE, traces.shape)).astype(np.float32)


def found(transients, windows):
    """Mean transient over its training peak, (frame, neuron), and the number of jumps a window, (neuron,)."""
    means = transients.sums(windows, None).mean(axis=0)
    shape = transients.values(means[None])["transient"][0]
    return shape.reshape(len(transients.curve(means)[0]), -1), means[: windows.shape[2]]


@pytest.mark.parametrize("rate", [10.0, 20.0, 24.0])  # averages over 2, 4 and 5 frames
def test_planted_transients_are_recovered(rate):
    training = planted(50, 0.8, rate=rate)
    transients = Transients(Context(rate, training))
    shape, number = found(transients, training)
    time, _ = transients.curve(transients.sums(training, None).mean(axis=0))
    assert number == 2
    assert time[0] == -0.5 and time[-1] == pytest.approx(2 - 1 / rate)
    earlier = np.exp(-120 / (0.8 * rate))  # of the first transient, at the second
    expected = np.where(time < 0, 0, (1 - earlier) * np.exp(-time / 0.8))
    np.testing.assert_allclose(shape[:, 0], expected, atol=4 * NOISE / np.sqrt(100) + earlier)


def test_larger_and_slower_transients_are_so_in_units_of_the_training_part():
    transients = Transients(Context(RATE, planted(50, 0.5)))
    generated = planted(40, 1.5, frames=(60,), size=2.0, seed=1)
    shape, number = found(transients, generated)
    time = (np.arange(len(shape)) - 12) / RATE
    assert number == 1
    np.testing.assert_allclose(shape[12:, 0], 2 * np.exp(-time[12:] / 1.5), atol=0.02)


def test_a_fall_is_no_jump():
    steps = planted(10, 1000.0, frames=(150,))
    transients = Transients(Context(RATE, planted(50, 0.8)))
    assert found(transients, steps)[1] == 1
    assert found(transients, -steps)[1] == 0


def test_the_level_before_a_jump_does_not_matter():
    training = planted(50, 0.8)
    transients = Transients(Context(RATE, training))
    np.testing.assert_allclose(found(transients, training + 3)[0], found(transients, training)[0], atol=1e-5)


@pytest.mark.parametrize(("frame", "counts"), [(0, 0), (11, 0), (12, 1), (252, 1), (253, 0), (FRAMES - 1, 0)])
def test_jumps_that_the_window_cuts_off_do_not_count(frame, counts):
    """Half a second before a jump and two seconds from it on have to be inside, 12 and 48 frames."""
    transients = Transients(Context(RATE, planted(50, 0.8)))
    shape, number = found(transients, planted(10, 0.8, frames=(frame,)))
    assert number == counts
    assert shape.any() == bool(counts)


def test_white_noise_jumps_no_more_than_a_normal_distribution_does():
    """The largest of neighbouring frames counts, so that there are no more jumps than frames above the threshold."""
    windows = np.random.default_rng(0).normal(size=(200, 1000, 1)).astype(np.float32)
    transients = Transients(Context(RATE, windows))
    jumps = transients.sums(windows, None)[:, 0].sum()
    assert 0 < jumps <= stats.poisson.ppf(0.9999, windows.size * stats.norm.sf(THRESHOLD))


def test_neurons_without_enough_jumps_are_left_out():
    quiet = np.random.default_rng(0).normal(0, NOISE, (10, FRAMES, 1)).astype(np.float32)
    few = quiet.copy()
    few[: FEWEST - 1] = planted(FEWEST - 1, 0.8, frames=(150,))
    enough = quiet.copy()
    enough[:FEWEST] = planted(FEWEST, 0.8, frames=(150,))
    constant = np.ones_like(quiet)
    training = np.concatenate([quiet, few, enough, constant], axis=2)
    shape, _ = found(Transients(Context(RATE, training)), training)
    assert shape.shape[1] == 1
    assert shape.max() == pytest.approx(1)


def test_a_set_without_any_jump_is_flat():
    transients = Transients(Context(RATE, planted(50, 0.8)))
    for windows in (np.zeros((3, FRAMES, 1), np.float32), np.full((3, FRAMES, 1), 0.7, np.float32)):
        shape, number = found(transients, windows)
        assert number == 0
        np.testing.assert_array_equal(shape, 0)


@pytest.mark.parametrize("frames", [40, 64, 1000])
def test_the_threshold_is_four_sds_of_the_jump_whatever_the_length_of_a_window(frames):
    windows = np.random.default_rng(0).normal(size=(300_000 // frames, frames, 1)).astype(np.float32)
    transients = Transients(Context(24.0, windows))
    sd = np.sqrt(2 / transients._half)
    assert transients._threshold[0] == pytest.approx(THRESHOLD * sd, rel=0.03)
