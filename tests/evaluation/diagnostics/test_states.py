"""States of a population against simulated ones that are known."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics import hidden_markov_model
from calciumgan_tf.evaluation.diagnostics.states import States

RATE, FRAMES, NEURONS = 24.0, 240, 10
BIN = 0.5  # s
STAY = np.array([0.9, 0.8])  # probability that a state lasts another bin
SHARE = (1 - STAY[::-1]) / (2 - STAY.sum())  # of the bins, in equilibrium
PATTERNS = np.stack([np.zeros(NEURONS), np.linspace(1, 3, NEURONS)])  # dF/F, a quiet and an active one


def simulated(windows, seed):
    """Windows that switch between two patterns, and the states of their bins."""
    generator = np.random.default_rng(seed)
    bins = round(FRAMES / RATE / BIN)
    states = np.empty((windows, bins), int)
    states[:, 0] = generator.random(windows) < SHARE[1]
    for one in range(1, bins):
        last = states[:, one - 1]
        states[:, one] = np.where(generator.random(windows) < STAY[last], last, 1 - last)
    traces = np.repeat(PATTERNS[states], FRAMES // bins, axis=1)
    return (traces + generator.normal(0, 2.0, traces.shape)).astype(np.float32), states


@pytest.fixture(scope="module")
def fitted():
    return States(simulated(100, 0)[0], RATE, seed=0, count=2)


def of_set(states, windows, weights=None):
    weights = np.ones(len(windows)) if weights is None else weights
    return states.statistics({name: weights @ one for name, one in states.sums(windows).items()})


def test_known_states_are_decoded(fitted):
    windows, states = simulated(200, 1)
    assert (fitted.decode(windows) == states).mean() > 0.99
    assert fitted.bin_seconds == BIN
    scaled = (fitted.means[1] - fitted.means[0]) / np.sqrt(SHARE.prod())
    assert (np.diff(scaled) > -0.1).all() and (scaled > 0).all()


def test_occupancy_transitions_and_dwell_times_are_recovered(fitted):
    """Within three standard errors, which are computed from the number of bins and of runs."""
    windows, bins = 400, 400 * 20
    found = of_set(fitted, simulated(windows, 2)[0])
    correlated = (1 + STAY.sum() - 1) / (2 - STAY.sum())  # bins that count as one, (1 + l) / (1 - l), l = sum - 1
    assert abs(found["occupancy"][1] - SHARE[1]) < 3 * np.sqrt(SHARE.prod() * correlated / bins)
    steps = found["transitions"].reshape(2, 2)
    error = np.sqrt(STAY * (1 - STAY) / (SHARE * windows * 19))
    np.testing.assert_array_less(abs(np.diagonal(steps) - STAY), 3 * error)
    exits = SHARE * windows * 19 * (1 - STAY)
    # The last bin of a window adds to a run's length, but cannot be seen to end it.
    expected = np.log(BIN / (1 - STAY) * 20 / 19)
    np.testing.assert_array_less(abs(found["dwell"] - expected), 3 / np.sqrt(exits))


def test_sums_of_a_window_are_counts(fitted):
    windows, _ = simulated(5, 3)
    decoded, sums = fitted.decode(windows), fitted.sums(windows)
    for window, states in enumerate(decoded):
        np.testing.assert_array_equal(sums["occupancy"][window], np.bincount(states, minlength=2))
        pairs = np.bincount(2 * states[:-1] + states[1:], minlength=4)
        np.testing.assert_array_equal(sums["transitions"][window], pairs)
        ends = states[:-1][np.diff(states) != 0]
        np.testing.assert_array_equal(sums["runs"][window], np.bincount(ends, minlength=2))
        np.testing.assert_array_equal(sums["run_bins"][window], sums["occupancy"][window])


def test_fresh_windows_agree_and_shuffled_neurons_do_not():
    training, fresh = simulated(60, 4)[0], simulated(60, 5)[0]
    shuffled = np.stack([np.roll(fresh[:, :, one], 7 * one, axis=0) for one in range(NEURONS)], axis=2)
    states = States(training, RATE)
    values = [of_set(states, one)["occupancy"] for one in (training, fresh, shuffled)]
    near, far = (abs(one - values[0]).sum() for one in values[1:])
    assert near < 0.15 and far > 3 * near


def test_any_leading_axes_of_resamples(fitted):
    windows = simulated(30, 6)[0]
    weights = np.random.default_rng(0).integers(0, 3, (4, 5, 30))
    pooled = {name: weights @ one for name, one in fitted.sums(windows).items()}
    found = fitted.statistics(pooled)
    assert found["transitions"].shape == (4, 5, 4)
    for name, values in of_set(fitted, windows, weights[2, 3]).items():
        np.testing.assert_allclose(found[name][2, 3], values)
    np.testing.assert_allclose(found["transitions"].reshape(4, 5, 2, 2).sum(axis=-1), 1)


def test_equal_seeds_give_equal_states():
    windows = simulated(20, 7)[0]
    first, second = (States(windows, RATE, seed=3).decode(windows) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_states_that_never_occur_have_finite_statistics(fitted):
    empty = {name: 0 * one.sum(axis=0) for name, one in fitted.sums(simulated(3, 8)[0]).items()}
    found = fitted.statistics(empty)
    np.testing.assert_allclose(found["transitions"], 0.5)
    np.testing.assert_allclose(found["dwell"], np.log(BIN))
    np.testing.assert_array_equal(found["occupancy"], 0)


@pytest.mark.parametrize("scale", [0, 1])
def test_short_quiet_and_silent_recordings(scale, recwarn):
    """Twenty windows, half of the neurons constant or all of them; nothing is printed or warned of."""
    windows = scale * simulated(20, 9)[0]
    windows[:, :, ::2] = 1.0
    states = States(windows, RATE)
    assert all(np.isfinite(one).all() for one in of_set(states, windows).values())
    assert not recwarn


def test_a_bin_whose_likelihood_underflows_does_not_stop_the_fit():
    points = np.random.default_rng(0).normal(0, 0.1, (4000, 3))
    points[0] = 1000.0
    model = hidden_markov_model.fitted(points, [20] * 200, 1, seed=0)
    assert model.implementation == "log"
    np.testing.assert_allclose(model.means_[0], points.mean(axis=0), atol=1e-3)


def test_short_windows_have_eight_bins_and_many_neurons_are_thinned():
    windows = np.random.default_rng(0).normal(size=(20, 16, 250)).astype(np.float32)
    states = States(windows, RATE)
    assert states.decode(windows).shape == (20, 8)
    assert states.means.shape == (4, 200)


def test_unusable_windows_are_refused():
    windows = simulated(20, 9)[0]
    with pytest.raises(ValueError, match="8 bins are too few for 9 states"):
        States(windows[:1, :8], RATE, count=9)
    windows[3, 5, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        States(windows, RATE)
