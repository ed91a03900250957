"""Diagnostics of sets that leave little to compare: undefined rows, never a traceback or a warning."""

import json

import numpy as np
import planted_faults
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.recordings.recording import Recording

pytestmark = pytest.mark.filterwarnings("error")


def evaluated(data, generated):
    reference = Reference.fit(data, split_frames(data.frames, generated.shape[1]), len(generated), diagnostics=True)
    return reference.compare(generated)


def values(evaluation, column="generated"):
    json.dumps(tables.plain(evaluation), allow_nan=False)
    assert "Coverage." in tables.text(evaluation)
    return {name: row[column] for name, row in evaluation.rows.items()}


@pytest.mark.parametrize("windows", [2, 40])
def test_a_single_held_out_window_leaves_the_distances_undefined(windows):
    truth = planted_faults.Truth(neurons=3, frames=768)
    evaluation = evaluated(truth.recording(), truth.windows(windows, 256))
    found = values(evaluation)
    assert found["uncovered"] is found["mmd_traces"] is found["classifier_traces"] is None
    said = tables.sentences(evaluation)
    if windows > 12:
        undefined = next(line for line in said if line.startswith("Undefined"))
        assert "mmd_traces" in undefined and "decoding_error" not in undefined
    else:
        assert said == ["2 windows are too few to judge; compare at least 13, better a thousand."]
    assert None not in (found["autocorrelation_rmse"], found["decoding_error"], found["repeated_difference"])


def test_two_windows():
    truth = planted_faults.Truth(neurons=3, frames=4000)
    evaluation = evaluated(truth.recording(), truth.windows(2, 64))
    assert values(evaluation)["mmd_traces"] is not None
    assert evaluation.rows["mmd_traces"]["p"] == {"floor": None, "generated": None}


def test_one_neuron():
    truth = planted_faults.Truth(neurons=1, frames=4000)
    found = values(evaluated(truth.recording(), truth.windows(30, 64)))
    assert found["participation_ratio_difference"] == 0 and found["decoding_error"] == pytest.approx(1, abs=0.2)


def test_a_neuron_that_is_silent_where_it_was_generated():
    truth = planted_faults.Truth(neurons=3, frames=4000)
    generated = truth.windows(40, 64).copy()
    generated[:, :, 0] = 0
    found = values(evaluated(truth.recording(), generated))
    assert found["silent_rmse"] > 0 and found["decoding_error"] < 10


def test_a_recording_without_any_event():
    noise = np.random.default_rng(0).normal(0, 0.1, (5000, 3)).astype(np.float32)
    evaluation = evaluated(Recording(noise[:4000], 24.0, source="noise"), noise[:, :][4000:4960].reshape(15, 64, 3))
    assert values(evaluation)["event_size_rmse"] is None or values(evaluation)["event_size_rmse"] < 0.2
    assert values(evaluation)["decay_time_rmse"] is None


def test_the_same_twice_is_the_same():
    truth = planted_faults.Truth(neurons=3, frames=4000)
    one, again = (evaluated(truth.recording(), truth.windows(30, 64)) for _ in range(2))
    assert one.rows == again.rows and one.memorisation.p_value == again.memorisation.p_value
