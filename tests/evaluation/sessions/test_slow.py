"""What lasts longer than a window: known values, and faults that have to be seen."""

import numpy as np
import pytest
from scipy import signal

from calciumgan_tf.evaluation.sessions import slow

WINDOW, RATE = 64, 10.0


def series(frames, seconds=20.0, seed=0, neurons=3):
    """AR(1) noise with a time constant, (frame, neuron)."""
    decay = np.exp(-1 / (seconds * RATE))
    white = np.random.default_rng(seed).normal(size=(frames + 5000, neurons))
    return signal.lfilter([np.sqrt(1 - decay**2)], [1, -decay], white, axis=0)[5000:]


def verdicts(recorded, session):
    return {one.name: one for one in slow.compare(recorded, session, WINDOW, RATE)}


def test_the_autocorrelation_of_a_known_process():
    found = slow.autocorrelation(series(400_000), WINDOW, [8, 16, 32])
    np.testing.assert_allclose(found, np.exp(-np.array([6.4, 12.8, 25.6]) / 20), atol=0.03)


def test_a_lag_beyond_half_the_series_is_undefined():
    assert np.isnan(slow.autocorrelation(series(640), WINDOW, [41])).all()


def test_the_process_itself_is_alike():
    found = verdicts(series(6000), series(60_000, seed=1))
    assert len(found["drift"].pieces) == 10
    assert sum(one.verdict == "differs" for one in found.values()) <= 1


@pytest.mark.parametrize(("seconds", "name"), [(2.0, "autocorrelation_1"), (2.0, "drift"), (2.0, "slow_power")])
def test_a_session_that_forgets_too_soon_differs(seconds, name):
    found = verdicts(series(6000), series(60_000, seconds, seed=1))[name]
    assert found.verdict == "differs" and found.p < 0.01
    assert found.recorded > found.pieces.mean()


def test_states_that_are_too_short_differ():
    recorded, session = (series(size, seconds, seed) for size, seconds, seed in ((20_000, 20.0, 0), (200_000, 2.0, 1)))
    assert verdicts(recorded, session)["active_duration"].verdict == "differs"


def test_of_few_pieces_nothing_can_be_told():
    found = verdicts(series(6000), series(20_000, 2.0, seed=1))
    assert {one.verdict for one in found.values()} == {"can't be told"}
    assert {one.p for one in found.values()} == {None}
    assert not len(verdicts(series(6000), series(5000))["drift"].pieces)
