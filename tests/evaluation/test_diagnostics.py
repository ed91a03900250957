"""Trust metrics of sets that leave little to compare: undefined rows, never a traceback or a warning."""

import json

import numpy as np
import planted_faults
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import comparison, diagnostics, diagnostics_table, memorisation
from calciumgan_tf.recordings.recording import Recording

pytestmark = pytest.mark.filterwarnings("error")


def assessed(data, generated):
    parts = split_frames(data.frames, generated.shape[1])
    collected = diagnostics.Collector(data, parts)
    evaluation = comparison.evaluate(data, parts, generated, observe=collected)
    return diagnostics.assess(data, parts, generated, evaluation, collected)


def values(trust, column="generated"):
    json.dumps(trust.rows, allow_nan=False)
    assert "COVERAGE" in diagnostics_table.text(trust)
    return {name: row[column] for name, row in trust.rows.items()}


@pytest.mark.parametrize("windows", [2, 40])
def test_a_single_held_out_window_leaves_the_distances_undefined(windows):
    truth = planted_faults.Truth(neurons=3, frames=768)
    trust = assessed(truth.recording(), truth.windows(windows, 256))
    found = values(trust)
    assert found["uncovered"] is found["mmd_traces"] is found["classifier_traces"] is None
    undefined = next(line for line in diagnostics_table.verdict(trust) if line.startswith("Undefined"))
    assert "mmd_traces" in undefined and "decoding_error" not in undefined
    assert None not in (found["autocorrelation_rmse"], found["decoding_error"], found["repeated_difference"])


def test_two_windows():
    truth = planted_faults.Truth(neurons=3, frames=4000)
    trust = assessed(truth.recording(), truth.windows(2, 64))
    assert values(trust)["mmd_traces"] is not None
    assert trust.rows["mmd_traces"]["p"] == {"floor": None, "generated": None}


def test_one_neuron():
    truth = planted_faults.Truth(neurons=1, frames=4000)
    found = values(assessed(truth.recording(), truth.windows(30, 64)))
    assert found["participation_ratio_difference"] == 0 and found["decoding_error"] == pytest.approx(1, abs=0.2)


def test_a_neuron_that_is_silent_where_it_was_generated():
    truth = planted_faults.Truth(neurons=3, frames=4000)
    generated = truth.windows(40, 64).copy()
    generated[:, :, 0] = 0
    found = values(assessed(truth.recording(), generated))
    assert found["silent_rmse"] > 0 and found["decoding_error"] < 10


def test_a_recording_without_any_event():
    noise = np.random.default_rng(0).normal(0, 0.1, (5000, 3)).astype(np.float32)
    trust = assessed(Recording(noise[:4000], 24.0, source="noise"), noise[:, :][4000:4960].reshape(15, 64, 3))
    assert values(trust)["event_size_rmse"] is None or values(trust)["event_size_rmse"] < 0.2
    assert values(trust)["decay_time_rmse"] is None


def test_the_same_twice_is_the_same():
    truth = planted_faults.Truth(neurons=3, frames=4000)
    one, again = (assessed(truth.recording(), truth.windows(30, 64)) for _ in range(2))
    assert one.rows == again.rows and one.memorisation.p_value == again.memorisation.p_value


@pytest.mark.parametrize("p, said", [(1e-9, "Copying:"), (1e-4, "Generated windows are nearer"), (0.5, "No sign of")])
def test_verdict_says_copying_only_where_it_is_plain(monkeypatch, p, said):
    monkeypatch.setattr(memorisation.Memorisation, "p_value", p)
    nearest = memorisation.Memorisation(np.ones(3), np.ones(3), np.zeros(3))
    assert diagnostics_table.verdict(diagnostics.Trust({}, nearest, {}))[-1].startswith(said)
