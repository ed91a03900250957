import json

import numpy as np
import pytest

from calciumgan_tf.dataset import split
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import patterns
from calciumgan_tf.recordings.recording import load
from calciumgan_tf.synthetic import surrogate


@pytest.fixture(scope="module")
def data():
    return surrogate.recording()


def test_as_many_training_trials_as_the_original_and_none_shared_with_the_held_out_part(data):
    parts = split.split_frames(data.frames, 6, trial_frames=data.trial_frames)
    training, heldout = parts.starts(parts.training), parts.starts(parts.heldout)
    assert len(training) == 9192 and not set(training) & set(heldout)
    assert not np.any(training % 6) and not np.any(heldout % 6)


def test_pattern_probabilities_are_those_of_many_trials():
    exact = surrogate.pattern_probabilities()
    assert exact.sum() == pytest.approx(1)
    spikes, _ = surrogate.trials(100_000)
    assert spikes.mean(axis=(0, 1)) == pytest.approx([0.6, 0.8], abs=0.002)
    counted = patterns.probabilities(spikes)
    often = exact > 1e-4
    error = (counted - exact)[often] / np.sqrt(exact[often] / 100_000)
    assert 0.9 < error.std() < 1.1 and np.abs(error).max() < 5


def test_numbers_of_patterns():
    spikes = np.array([[[0, 1], [1, 1]], [[1, 0], [0, 0]]], np.uint8)
    assert patterns.numbers(spikes).tolist() == [0b0111, 0b1000]
    np.testing.assert_array_equal(np.flatnonzero(patterns.probabilities(spikes)), [7, 8])


@pytest.mark.parametrize(
    "one, other, expected",
    [([1, 0], [1, 0], 0.0), ([1, 0], [0, 1], np.log(2)), ([0.5, 0.5], [1, 0], 0.75 * np.log(4 / 3))],
)
def test_divergence_by_hand(one, other, expected):
    assert patterns.divergence(one, other) == pytest.approx(expected)


def test_truth_is_at_the_floor_and_reversed_frames_are_not(data):
    parts = split.split_frames(data.frames, 6, trial_frames=6)
    training = RecordedWindows(data.traces, parts, parts.training, 1000)[:]
    true = surrogate.trials(3000, seed=5)[1]
    right = patterns.compare(true, data, training).divergence
    assert right["generated"] == pytest.approx(right["floor"], rel=0.1)
    wrong = patterns.compare(true[:, ::-1], data, training).divergence
    assert wrong["generated"] > 3 * wrong["floor"]


def test_trials_survive_saving(tmp_path, data):
    data.save(tmp_path / "x.h5")
    assert load(tmp_path / "x.h5").trial_frames == 6


def test_windows_lie_inside_trials():
    parts = split.split_frames(1000, 10, trial_frames=20)
    starts = parts.starts(parts.training)
    assert set(starts % 20) == set(range(11))
    assert split.Split.from_json(json.loads(json.dumps(parts.to_json()))) == parts
    assert parts.with_validation().trial_frames == 20


def test_window_longer_than_a_trial():
    with pytest.raises(InputError, match="--window_frames=30 is longer than a trial of 20 frames: choose 20"):
        split.split_frames(1000, 30, trial_frames=20)


def test_patterns_of_another_recording_are_refused(script, tmp_path, recording):
    recording.save(tmp_path / "r.h5")
    np.save(tmp_path / "g.npy", np.zeros((4, 64, 3), np.float32))
    done = script("evaluate.py", "--patterns", "--recorded=r.h5", "--generated=g.npy", "--frame_rate=24")
    assert done.returncode == 2 and done.stderr.startswith("error: --patterns needs a known truth")
    assert not (tmp_path / "evaluation").exists()
