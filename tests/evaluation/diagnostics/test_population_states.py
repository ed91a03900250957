"""The rows of population states pool windows as the states themselves do."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics.states import STATES, PopulationStates, States
from calciumgan_tf.evaluation.diagnostics.statistic import Context

RATE = 24.0


@pytest.fixture(scope="module")
def windows():
    """Windows of neurons that are active together in every second of their bins of half a second."""
    generator = np.random.default_rng(0)
    active = np.repeat(generator.integers(0, 2, (30, 10, 1)), 12, axis=1)
    return (2 * active + generator.normal(0, 1, (30, 120, 5))).astype(np.float32)


def test_rows_are_the_statistics_of_the_drawn_windows(windows):
    statistic, states = PopulationStates(Context(RATE, windows)), States(windows, RATE)
    weights = np.random.default_rng(1).integers(0, 3, (4, 30)).astype(float)
    means = weights @ statistic.sums(windows, None) / weights.sum(axis=1, keepdims=True)
    found = statistic.values(means)
    assert set(found) == {row.name for row in statistic.rows}
    for draw, weight in enumerate(weights):
        expected = states.statistics({name: weight @ one / weight.sum() for name, one in states.sums(windows).items()})
        for row, name in (("occupancy", "occupancy"), ("transitions", "transitions"), ("durations", "dwell")):
            np.testing.assert_allclose(found[f"state_{row}"][draw], expected[name])


def test_shares_and_probabilities_sum_to_one(windows):
    statistic = PopulationStates(Context(RATE, windows))
    found = statistic.values(statistic.sums(windows, None).mean(axis=0)[None])
    assert found["state_occupancy"].sum() == pytest.approx(1)
    transitions = found["state_transitions"].reshape(STATES, STATES)
    np.testing.assert_allclose(transitions.sum(axis=1), 1)
