"""Corrections for the number of rows, and verdicts at their limits."""

import dataclasses

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics import findings
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS
from calciumgan_tf.evaluation.diagnostics.distance import LEVEL, Distance
from calciumgan_tf.evaluation.diagnostics.findings import (
    DIFFERENT,
    EQUIVALENT,
    FEWEST_HELDOUT,
    MEANINGS,
    SMALL,
    UNDETERMINED,
    agreed,
    conclude,
    holm,
)
from calciumgan_tf.evaluation.diagnostics.statistic import Row

ROW = Row("one", "", "?", ".", "", "gaussian")
FAULT = Distance(1.0, 0.8, 1.2, 0.001)
NEAR = Distance(0.01, 0.0, 0.09, 0.5)
FAR = Distance(0.5, 0.3, 0.7, 0.001)


def verdict(distance, null=FAULT, windows=FEWEST_HELDOUT):
    names = {"one": distance}, {"one": NEAR}, {"one": null}
    return conclude([ROW], *names, windows)["one"].verdict


def test_holm_by_hand():
    """.01 x 4, .005 x ... : the smallest times its number of tests, never below those before it, never above 1."""
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm(np.array([0.9, 0.5])), [1, 1])
    np.testing.assert_allclose(holm(np.array([0.2])), [0.2])


@pytest.mark.parametrize("count", [1, 5, 40])
def test_corrections_equal_those_of_statsmodels(count):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(count).beta(0.3, 1, count)
    np.testing.assert_allclose(holm(p), multitest.multipletests(p, method="holm")[1])
    rows = [dataclasses.replace(ROW, name=str(number)) for number in range(count)]
    distances = {row.name: dataclasses.replace(FAR, p=one) for row, one in zip(rows, p)}
    found = conclude(rows, distances, distances, distances, 100)
    expected = multitest.multipletests(p, method="fdr_bh")[1]
    np.testing.assert_allclose([one.p for one in found.values()], expected)


def test_primary_rows_are_corrected_among_themselves():
    rows = [dataclasses.replace(ROW, name=str(number), primary=number < 2) for number in range(12)]
    p = np.array([0.01, 0.04, *np.linspace(0.001, 0.9, 10)])
    distances = {row.name: dataclasses.replace(FAR, p=one) for row, one in zip(rows, p)}
    found = conclude(rows, distances, distances, distances, 100)
    assert list(found) == [row.name for row in rows]
    assert [found[name].p for name in "01"] == pytest.approx([0.02, 0.04])
    others = findings.stats.false_discovery_control(p[2:])
    np.testing.assert_allclose([one.p for one in list(found.values())[2:]], others)


def test_the_five_rows_that_were_named_before_any_model():
    assert {row.name for row in ROWS if row.primary} == {
        "neuron_classifier",
        "population_classifier",
        "spectrum_slow",
        "rates",
        "trace_correlations_0.5s",
    }
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_small_differences_are_equivalent():
    assert verdict(NEAR) == EQUIVALENT
    limit = SMALL * FAULT.value
    assert verdict(dataclasses.replace(NEAR, high=np.nextafter(limit, 0))) == EQUIVALENT
    assert verdict(dataclasses.replace(NEAR, high=limit)) == UNDETERMINED


def test_a_difference_that_is_certain_but_small_is_equivalent():
    assert verdict(Distance(0.08, 0.07, 0.09, 0.001)) == EQUIVALENT


def test_significant_differences_are_different():
    assert verdict(FAR) == DIFFERENT
    assert verdict(dataclasses.replace(FAR, p=np.nextafter(LEVEL, 0))) == DIFFERENT
    assert verdict(dataclasses.replace(FAR, p=LEVEL)) == UNDETERMINED


def test_a_small_difference_says_nothing_where_not_even_the_fault_is_detected():
    assert verdict(NEAR, dataclasses.replace(FAULT, p=LEVEL)) == UNDETERMINED
    assert verdict(NEAR, dataclasses.replace(FAULT, p=np.nextafter(LEVEL, 0))) == EQUIVALENT
    assert verdict(FAR, dataclasses.replace(FAULT, p=LEVEL)) == DIFFERENT


@pytest.mark.parametrize("distance", [NEAR, FAR])
def test_nothing_is_said_of_few_windows(distance):
    assert verdict(distance, windows=FEWEST_HELDOUT - 1) == UNDETERMINED
    assert verdict(distance, windows=FEWEST_HELDOUT) != UNDETERMINED


def test_the_corrected_p_value_decides():
    """Of two primary rows with p = .03, neither is different."""
    rows = [dataclasses.replace(ROW, name=name, primary=True) for name in "ab"]
    distances = {name: dataclasses.replace(FAR, p=0.03) for name in "ab"}
    found = conclude(rows, distances, dict.fromkeys("ab", NEAR), dict.fromkeys("ab", FAULT), 100)
    assert [one.verdict for one in found.values()] == [UNDETERMINED, UNDETERMINED]
    assert [one.p for one in found.values()] == pytest.approx([0.06, 0.06])


def test_findings_hold_what_they_were_given():
    found = conclude([ROW], {"one": FAR}, {"one": NEAR}, {"one": FAULT}, 100)["one"]
    assert (found.row, found.distance, found.training, found.null) == (ROW, FAR, NEAR, FAULT)
    assert found.verdict in MEANINGS and len(MEANINGS) == 3


EVENTS = dataclasses.replace(ROW, name="events", events=True)


@pytest.mark.parametrize(
    ("half", "usual", "twice", "verdict"),
    [
        (FAR, FAR, FAR, DIFFERENT),
        (NEAR, NEAR, NEAR, EQUIVALENT),
        (NEAR, FAR, FAR, UNDETERMINED),
        (FAR, NEAR, FAR, UNDETERMINED),
    ],
)
def test_a_row_of_events_needs_the_same_verdict_for_all_decays(half, usual, twice, verdict):
    """Other rows keep the verdict that they have with the decay of the recording."""
    by_decay = {}
    for factor, distance in ((1.0, usual), (2.0, twice), (0.5, half)):
        sides = [dict.fromkeys(("one", "events"), one) for one in (distance, NEAR, FAULT)]
        by_decay[factor] = conclude([ROW, EVENTS], *sides, 100)
    found = agreed(by_decay)
    assert found["events"].verdict == verdict and found["one"] == by_decay[1.0]["one"]
    assert found["events"].by_decay == {factor: by_decay[factor]["events"].verdict for factor in (0.5, 1.0, 2.0)}
    assert (found["events"].distance, found["events"].p) == (usual, by_decay[1.0]["events"].p)
    assert bool(found["events"].note) == (verdict == UNDETERMINED) and not found["one"].note


@pytest.mark.parametrize(
    ("p", "expected"), [(0.0, DIFFERENT), (0.04, DIFFERENT), (0.05, UNDETERMINED), (1.0, UNDETERMINED)]
)
def test_what_is_no_farther_than_the_training_part_is_not_different(p, expected):
    found = conclude([ROW], {"one": FAR}, {"one": FAR}, {"one": FAULT}, 100, {"one": p})["one"]
    assert found.verdict == expected and found.p == max(FAR.p, p) and found.farther == p
    assert ("not shown to be farther than the training part" in found.note) == (expected == UNDETERMINED)


def test_a_training_part_as_near_as_chance_makes_it_explains_nothing():
    found = conclude([ROW], {"one": FAR}, {"one": NEAR}, {"one": FAULT}, 100, {"one": 1.0})["one"]
    assert found.verdict == DIFFERENT and found.p == FAR.p and not found.note


def test_being_nearer_than_the_training_part_is_no_reason_for_a_note():
    found = conclude([ROW], {"one": NEAR}, {"one": FAR}, {"one": FAULT}, 100, {"one": 1.0})["one"]
    assert found.verdict == EQUIVALENT and not found.note
