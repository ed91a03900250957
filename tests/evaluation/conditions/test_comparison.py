"""The same tuning is within the floor; tuning that is exchanged, labels that are, and lost correlations are not."""

import numpy as np
import pytest

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.evaluation.conditions import comparison, faults, floors, registry

SPLIT = Split("end", 5, ((0, 560),), ((560, 10**6),))  # presentations of ten frames: 14 and more of each level


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(comparison, "RESAMPLES", 40)
    monkeypatch.setattr(comparison, "DRAWS", 4)


def rows(recorded, generated, split=SPLIT, statistics=registry.OF_LEVELS):
    return {
        row.statistic.name: row
        for row in comparison.compare(statistics, recorded, floors.choose(recorded, split), generated)
    }


@pytest.mark.parametrize("repetitions", [5, 24])
def test_the_same_tuning_is_within_the_floor(observations, tuning, repetitions):
    found = rows(observations(tuning, repetitions), observations(tuning, 100, 1))
    verdicts = {name: row.verdict for name, row in found.items()}
    assert comparison.DIFFERS not in verdicts.values()
    assert verdicts["tuning"] == verdicts["response"] == verdicts["decoder_from_generated"] == comparison.ALIKE
    for row in found.values():
        assert row.interval[0] <= row.generated - row.floor <= row.interval[1]


@pytest.mark.parametrize("repetitions", [5, 24])
def test_exchanged_tuning_of_two_neurons_differs(observations, tuning, repetitions):
    exchanged = tuning[:, [1, 0, 2, 3, 4, 5]]
    found = rows(observations(tuning, repetitions), observations(exchanged, 100, 1))
    for name in ("tuning", "response", "decoder_from_generated", "decoder_of_generated"):
        assert found[name].verdict == comparison.DIFFERS, name
    assert found["tuning"].to_training > found["tuning"].within


def test_a_model_that_ignores_the_condition_is_no_better_than_shuffled(observations, tuning):
    flat = np.tile(tuning.mean(axis=0), (4, 1))
    found = rows(observations(tuning, 24), observations(flat, 100, 1))
    for row in found.values():
        if row.statistic.fault is faults.levels_permuted and row.statistic.name != "signal_correlation":
            assert row.verdict == comparison.DIFFERS and row.generated == pytest.approx(
                row.shuffled, rel=0.3, abs=0.2 * row.statistic.score
            )
    assert found["decoder_from_generated"].shuffled == pytest.approx(0.25, abs=0.08)
    assert found["decoder_of_generated"].generated == pytest.approx(0.25, abs=0.08)


def test_lost_noise_correlations_differ(observations, tuning):
    tuning = 3 * tuning
    recorded = observations(tuning, 60, shared=0.5)
    statistics = (registry.NOISE,)
    alike = rows(recorded, observations(tuning, 100, 1, shared=0.5), statistics=statistics)["noise_correlation"]
    lost = rows(recorded, observations(tuning, 100, 1), statistics=statistics)["noise_correlation"]
    assert alike.verdict == comparison.ALIKE and lost.verdict == comparison.DIFFERS
    assert lost.generated == pytest.approx(lost.shuffled, rel=0.2)


def test_neurons_are_exchanged_within_a_level_alone(observations, tuning):
    observed = observations(tuning, 10)
    damaged = faults.neurons_permuted(observed, np.ones(40), np.random.default_rng(0))
    for level in range(4):
        own = observed.levels == level
        np.testing.assert_array_equal(np.sort(damaged.means[own], axis=0), np.sort(observed.means[own], axis=0))
    assert (damaged.means != observed.means).any()


def test_as_many_generated_presentations_are_drawn(observations, tuning):
    """Else the small sampling error of many generated presentations would stand against that of few recorded ones."""
    recorded = observations(tuning, 5)
    few, many = (rows(recorded, observations(tuning, size, 1), statistics=(registry.TUNING,)) for size in (8, 400))
    assert many["tuning"].generated == pytest.approx(many["tuning"].floor, rel=0.15)
    assert few["tuning"].generated == pytest.approx(many["tuning"].generated, rel=0.2)


def test_what_shuffling_does_not_change_cannot_be_told(observations, tuning):
    flat = np.tile(tuning.mean(axis=0), (4, 1))
    found = rows(observations(flat, 24), observations(flat, 100, 1))
    assert {found[name].verdict for name in ("tuning", "signal_correlation", "decoder_from_generated")} == {
        comparison.UNKNOWN
    }


def test_of_few_presentations_nothing_can_be_told(observations, tuning):
    found = rows(observations(tuning, 3), observations(tuning[:, ::-1], 50, 1))
    assert {row.verdict for row in found.values()} == {comparison.UNKNOWN}
