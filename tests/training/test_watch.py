import math

import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation.validation import ValidationDistance
from calciumgan_tf.synthetic import populations
from calciumgan_tf.training import watch
from calciumgan_tf.training.watch import SIGNS, WINDOWS, Watch

FINE = {"smallest_sd_ratio": 0.9, "flat_windows": 0.0, "repeated_windows": 0.0, "critic_gap": 0.2}
FAILING = {"smallest_sd_ratio": 0.01, "flat_windows": 0.5, "repeated_windows": 0.5, "critic_gap": 0.8}


@pytest.fixture
def data(recording):
    return TrainingData.prepare(recording, Config.of(window_frames=64))


def test_recorded_windows_show_no_sign(data):
    heldout = RecordedWindows(data.recording.traces, data.split, data.split.heldout, WINDOWS)[:]
    values = Watch(data, gaps=True).measure(heldout, 0.0)
    assert abs(values["smallest_sd_ratio"] - 1) < 0.2
    assert values["flat_windows"] == values["repeated_windows"] == values["critic_gap"] == 0
    assert values.keys() == FINE.keys()


def test_windows_that_collapsed_show_signs(data):
    seen, noise = Watch(data, gaps=True), np.random.default_rng(0)
    windows = noise.normal(0, 0.3, (WINDOWS, 64, 3)) + [0, 1, 2]
    assert seen.measure(windows, None) == pytest.approx(
        {"smallest_sd_ratio": 1, "flat_windows": 0, "repeated_windows": 0}, abs=0.05
    )
    small = np.concatenate([windows[..., :2], windows[..., 2:] * 0.01], axis=2)
    assert seen.measure(small, None)["smallest_sd_ratio"] == pytest.approx(0.01, rel=0.1)
    levels = np.where(np.arange(WINDOWS)[:, None, None] < 16, noise.normal(size=(WINDOWS, 1, 3)), windows)
    assert seen.measure(levels, None)["flat_windows"] == 0.25
    repeated = np.concatenate([windows[:32], windows[:16], windows[:16]])
    assert seen.measure(repeated, None)["repeated_windows"] == 0.75
    assert all(sign.shows(FAILING[sign.name]) and not sign.shows(FINE[sign.name]) for sign in SIGNS)


def test_the_gap_is_a_share_of_the_distance_between_recorded_windows(data):
    windows = RecordedWindows(data.recording.traces, data.split, data.split.training, WINDOWS)[:]
    scaled = data.scaling.scaled(windows).reshape(WINDOWS, -1)
    apart = [np.linalg.norm(scaled[i] - scaled[j]) for i in range(WINDOWS) for j in range(i)]
    assert Watch(data, gaps=True).measure(windows, 3.0)["critic_gap"] == pytest.approx(3 / np.mean(apart), rel=1e-4)
    assert "critic_gap" not in Watch(data, gaps=False).measure(windows, 3.0)


@pytest.mark.parametrize("name", FINE)
def test_a_warning_is_given_once_for_what_has_become_worse(data, name):
    seen, failing = Watch(data, gaps=True), FINE | {name: FAILING[name]}
    assert seen.warnings(FINE) == []
    (warning,) = seen.warnings(failing)
    assert str(FAILING[name]) in warning or f"{FAILING[name]:.0%}" in warning or f"{FAILING[name]:.2f}" in warning
    assert seen.warnings(failing, end=True) == []


def test_an_untrained_generator_is_only_warned_of_at_the_end(data):
    seen = Watch(data, gaps=True)
    assert seen.warnings(FAILING) == seen.warnings({"step": 20, "critic_loss": 1.0}) == []
    at_end = seen.warnings(FAILING, end=True)
    assert len(at_end) == 3 and "critic" not in "".join(at_end)  # a gap that was never smaller says nothing


def test_large_windows_are_compared_in_smaller_numbers(data, monkeypatch):
    monkeypatch.setattr(watch, "VALUES", 10 * 64 * 3)
    windows = np.random.default_rng(0).normal(size=(20, 64, 3))
    windows[10:] = windows[0]  # repeated, but beyond those that are looked at
    assert Watch(data, gaps=True).measure(windows, None)["repeated_windows"] == 0


def test_the_distance_from_the_validation_part_is_1_at_the_floor_and_grows():
    recording = populations.population(neurons=4).recording(8000)
    split = TrainingData.prepare(recording, Config.of(window_frames=64, keep_best=True)).split
    distance = ValidationDistance(recording, split, 100)
    training, validation = (
        RecordedWindows(recording.traces, split, part, 100)[:] for part in (split.training, split.validation)
    )
    assert distance(training) == pytest.approx(1) and distance(validation) < 1.1
    noise = np.random.default_rng(0)
    quieter, silent = training.copy(), noise.normal(0, 1e-3, training.shape).astype(np.float32)
    quieter[..., :2] = silent[..., :2]
    assert 1.5 < distance(quieter) < distance(silent) == math.inf
