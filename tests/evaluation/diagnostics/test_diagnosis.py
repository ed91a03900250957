"""Diagnoses of a planted population, of faulty windows, and of sets that leave little to compare."""

import dataclasses
import functools
import json
import types

import numpy as np
import planted_faults
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.diagnostics import diagnosis
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS, Diagnosis
from calciumgan_tf.evaluation.diagnostics.findings import DIFFERENT, FEWEST_HELDOUT, UNDETERMINED
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution

pytestmark = [pytest.mark.filterwarnings("error"), pytest.mark.usefixtures("quick_classifiers")]

FRAMES, WINDOWS = 64, 80
# An active population with strongly shared states, without the drift of two minutes, since the recordings are short.
TRAITS = {"WEIGHTS": (0.7, 0.1, 0.0, 0.2), "BASELINE": 0.0, "RATES": (0.3, 1.5)}
CORRELATIONS = {f"{of}_correlations_{seconds}s" for of in ("trace", "event") for seconds in ("0.5", "2")}


class Subject:
    """A recording and what compares windows with it."""

    def __init__(self, recording, frames=FRAMES):
        self.split = split_frames(recording.frames, frames)
        self.traces = recording.traces
        self._settings = deconvolution.fit_recording(recording, self.split.training)
        self._diagnosis = Diagnosis(recording, self.split, self._settings)
        self.heldout_windows = self._diagnosis.heldout_windows

    def compare(self, windows):
        """The Result, of which every row has finite numbers that can be written."""
        result = self._diagnosis.compare(windows, deconvolution.infer_spikes(windows, self._settings).spikes)
        assert list(result.findings) == [row.name for row in ROWS]
        for found in result.findings.values():
            for one in (found.distance, found.training, found.null):
                assert np.isfinite(dataclasses.astuple(one)).all(), found
                assert 0 <= one.low <= one.high and 0 <= one.p <= 1, found
            assert 0 <= found.p <= 1
        evaluation = types.SimpleNamespace(settings={}, rows={}, diagnosis=result)
        written = json.loads(json.dumps(tables.plain(evaluation), allow_nan=False))
        assert list(written["diagnosis"]) == list(result.findings)
        assert 0 <= result.repeated <= 1 and 0 <= result.copying.p_value <= 1
        return result


@pytest.fixture(scope="module")
def population(quick_classifiers):
    """`population(neurons, frames)`: a planted Truth; and few resamples of each comparison."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnosis, "RESAMPLES", 200)
        for name, value in TRAITS.items():
            patch.setattr(planted_faults, name, value)
        yield lambda neurons, frames=1000: planted_faults.Truth(neurons=neurons, frames=frames)


@pytest.fixture(scope="module")
def subject(population):
    return Subject(population(6, 8000).recording())


@pytest.fixture(scope="module")
def small(population):
    return Subject(population(3, 2500).recording())


@pytest.fixture(scope="module")
def fresh(population):
    """`fresh(neurons, count, frames)`: windows of the same truth."""
    return functools.cache(lambda neurons=6, count=WINDOWS, frames=FRAMES: population(neurons).windows(count, frames))


def p_values(result):
    return {name: found.distance.p for name, found in result.findings.items()}


def test_fresh_windows_differ_in_no_row_but_by_chance(subject, fresh):
    result = subject.compare(fresh())
    assert subject.heldout_windows >= FEWEST_HELDOUT
    # That a third of uniform p values, however correlated, is below .1 has a probability of .3 at most (Markov).
    assert np.mean(np.array(list(p_values(result).values())) < 0.1) < 1 / 3
    assert not any(found.verdict == DIFFERENT for found in result.findings.values())
    assert result.copying.p_value > 0.01 and result.repeated == 0


def test_the_same_twice_is_the_same(small, fresh, population):
    again = Subject(population(3, 2500).recording())
    windows = fresh(3, 20)
    one, other = small.compare(windows), again.compare(windows)
    assert one.findings == other.findings
    assert one.copying.p_value == other.copying.p_value
    for figure, sets in one.curves.items():
        for name, (x, y) in sets.items():
            np.testing.assert_array_equal(x, other.curves[figure][name][0])
            np.testing.assert_array_equal(y, other.curves[figure][name][1])


def test_rows_of_events_are_computed_with_three_decays(subject, fresh):
    findings = subject.compare(fresh()).findings
    events = {name for name in findings if name in ("rates", "fano_factors") or name.startswith("event_")}
    assert len(events) == 4
    for name, found in findings.items():
        assert list(found.by_decay) == ([0.5, 1.0, 2.0] if name in events else [])
        assert found.verdict == UNDETERMINED or set(found.by_decay.values()) <= {found.verdict}


FAULTS = {
    "time reversed": {"transient", "neuron_classifier", "neuron_kernels"},
    "neurons shuffled": CORRELATIONS | {"dimensions", "coherence", "population_classifier"},
    "white noise": {"spectrum_slow", "spectrum_middle", "spectrum_fast", "fano_factors", "neuron_classifier"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_detected(subject, fresh, name):
    """Most rows that the fault concerns find windows farther away, and at least two have p < .01."""
    starts = np.linspace(0, len(subject.traces) - FRAMES, WINDOWS).astype(int)
    training = np.stack([subject.traces[start : start + FRAMES] for start in starts])
    before, after = subject.compare(fresh()), subject.compare(planted_faults.plant(name, fresh(), training))
    farther = [after.findings[row].distance.value > before.findings[row].distance.value for row in FAULTS[name]]
    assert np.mean(farther) > 0.5
    assert np.sort([p_values(after)[row] for row in FAULTS[name]])[1] < 0.01


def test_copies_and_repetitions_are_found(subject, fresh):
    first, stop = subject.split.training[0]
    copies = np.stack([subject.traces[start : start + FRAMES] for start in range(first, stop - FRAMES, FRAMES)])
    assert subject.compare(copies).copying.p_value < 0.01
    half = fresh()[:40]
    assert subject.compare(np.concatenate([half, half])).repeated == 1


def test_curves_are_those_of_the_three_sets(subject, fresh):
    curves = subject.compare(fresh()).curves
    assert set(curves) == {"spectrum", "transient"}
    for sets in curves.values():
        assert list(sets) == ["heldout", "training", "generated"]
        for x, values in sets.values():
            np.testing.assert_array_equal(x, sets["heldout"][0])
            assert (np.diff(x) > 0).all() and len(values) == len(x) and np.isfinite(values).all()


@pytest.mark.parametrize("count", [2, 3])
def test_few_generated_windows(subject, fresh, count):
    found = subject.compare(fresh(6, count)).findings
    assert not any(one.verdict == DIFFERENT for one in found.values())


def silent(windows):
    windows[..., 1] = 0


def constant(windows):
    windows[..., 1:] = 0.5, 0.25


def all_zero(windows):
    windows[:] = 0


def all_constant(windows):
    windows[:] = 0.7


def huge(windows):
    windows *= 1e6


def repeated(windows):
    windows[:] = windows[0]


@pytest.mark.parametrize("change", [silent, constant, all_zero, all_constant, huge, repeated])
def test_windows_that_no_recording_has(small, fresh, change):
    windows = fresh(3, 20).copy()
    change(windows)
    found = small.compare(windows).findings
    assert min(one.distance.p for one in found.values()) < 0.05
    assert found["neuron_classifier"].distance.value > 0.1


def test_too_few_held_out_windows_leave_everything_undetermined(small, fresh):
    assert small.heldout_windows < FEWEST_HELDOUT
    assert {one.verdict for one in small.compare(0 * fresh(3, 20)).findings.values()} == {UNDETERMINED}


def test_windows_of_a_few_frames(population, fresh):
    """Eight frames hold a bin of half a second and a slow, a middle and a fast frequency, but no whole transient."""
    subject = Subject(population(3, 1200).recording(), frames=8)
    found = subject.compare(fresh(3, 20, 8)).findings
    assert subject.heldout_windows >= FEWEST_HELDOUT
    assert not any(one.verdict == DIFFERENT for one in found.values())
    noise = np.random.default_rng(0).normal(0, 3, (20, 8, 3)).astype(np.float32)
    found = subject.compare(noise).findings
    for row in ("amplitudes", "spectrum_fast"):
        assert found[row].distance.value > 0 and found[row].distance.p < 0.01, row


def test_one_neuron(population, fresh):
    findings = Subject(population(1, 4000).recording()).compare(fresh(1, 30)).findings
    pairs = [name for name in findings if "correlations" in name or name in ("coherence", "population_classifier")]
    assert len(pairs) == 6 and {findings[name].verdict for name in pairs} == {UNDETERMINED}


def test_a_recording_without_any_event(population):
    noise = np.random.default_rng(0).normal(0, 0.1, (5000, 3)).astype(np.float32)
    subject = Subject(Recording(noise[:4000], 24.0, tau_decay=0.8, source="noise"))
    assert subject.compare(noise[4000:4960].reshape(15, 64, 3)).findings["transient"].verdict == UNDETERMINED


def test_a_short_recording_without_enough_transients(population, fresh):
    findings = Subject(population(3, 900).recording()).compare(fresh(3, 20)).findings
    assert {one.verdict for one in findings.values()} == {UNDETERMINED}
