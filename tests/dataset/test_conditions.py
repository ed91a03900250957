"""Conditions as channels, and their time course in training windows."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.batches import TrainingConditions, training_batches
from calciumgan_tf.dataset.conditions import MOST_LEVELS, Coding, levels_of, onsets
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError
from calciumgan_tf.hyperparameters import OptimizationConfig
from calciumgan_tf.recordings.recording import Recording

FRAMES = 2000
RANDOM = np.random.default_rng(0)
STIMULUS = RANDOM.integers(0, 4, FRAMES // 50).repeat(50)
SPEED = np.linspace(0.5, 10, FRAMES)


def recorded(conditions=None, names=("speed", "stimulus", "constant"), traces=None):
    if conditions is None:
        conditions = np.stack([SPEED, STIMULUS, np.full(FRAMES, 2)], axis=1)
    traces = RANDOM.normal(size=(FRAMES, 2)) if traces is None else traces
    return Recording(traces, 24.0, source="test", conditions=conditions, condition_names=names)


def test_a_level_has_a_channel_and_a_continuous_condition_its_z_score():
    coding = Coding.fit(recorded(), ("stimulus", "speed"), [(0, 1000)])
    assert coding.channels == 4 and coding.names == ("stimulus", "speed")
    assert str(coding) == "stimulus (3 levels), speed (continuous)"
    coded = coding.coded(coding.recorded(recorded()))
    assert coded.dtype == np.float32
    np.testing.assert_array_equal(coded[:, :3], STIMULUS[:, None] == [1, 2, 3])
    np.testing.assert_allclose(coded[:, 3], (SPEED - SPEED[:1000].mean()) / SPEED[:1000].std(), atol=1e-5)
    np.testing.assert_array_equal(coding.coded(np.zeros((5, 7, 2)))[..., :3], np.zeros((5, 7, 3)))


def test_whole_numbers_are_levels_unless_there_are_too_many():
    assert levels_of(np.array([0.0, 3, 1, 3])) == (1.0, 3.0)
    assert levels_of(np.array([0.0, 0.5, 1])) == ()
    assert levels_of(np.arange(MOST_LEVELS)) == tuple(range(1, MOST_LEVELS))
    assert levels_of(np.arange(MOST_LEVELS + 1)) == ()


@pytest.mark.parametrize(
    ("asked", "message"),
    [("sound", "no such condition: it has speed, stimulus, constant"), ("constant", "the same in all"),
     ("speed,speed", "names speed twice")],
)  # fmt: skip
def test_what_can_not_be_given_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Coding.fit(recorded(), tuple(asked.split(",")), [(0, FRAMES)])
    with pytest.raises(InputError, match="prepare.py --conditions"):
        Coding.fit(Recording(RANDOM.normal(size=(FRAMES, 2)), 24.0, source="x"), ("speed",), [(0, FRAMES)])


def test_an_unknown_level_is_refused_and_any_speed_accepted():
    coding = Coding.fit(recorded(), ("stimulus", "speed"), [(0, FRAMES)])
    coding.check(np.array([[0, 99.0], [3, -1]]), "x")
    with pytest.raises(InputError, match="x has the level 4 of stimulus: known are 0, 1, 2, 3"):
        coding.check(np.array([[4.0, 1]]), "x")


def test_training_data_keep_the_coding():
    config = Config.of(window_frames=64, phase_shuffle=1, condition="stimulus, speed")
    data = TrainingData.prepare(recorded(), config)
    again = TrainingData.from_json(data.recording, data.to_json())
    np.testing.assert_array_equal(again.coded, data.coded)
    assert again.coding.names == ("stimulus", "speed") and data.coded.shape == (FRAMES, 4)
    assert TrainingData.prepare(recorded(), Config.of(window_frames=64, phase_shuffle=1)).coded is None


@pytest.mark.parametrize("model", ["wavegan", "mlp", "calciumgan2d"])
def test_models_without_conditions_say_so(model):
    with pytest.raises(InputError, match=f"--model={model} takes none"):
        Config.of(model=model, condition="stimulus")
    with pytest.raises(InputError, match="fourier"):
        Config.of(condition="stimulus", representation="fourier")


@pytest.mark.parametrize("batches", ["fresh", "shared", "single"])
def test_conditions_of_an_update_are_those_of_its_windows(batches):
    """Traces and conditions are both the number of the frame, so that each says where a window lies."""
    number = np.arange(FRAMES) + 0.5
    numbered = recorded(number, ("time",), np.stack([number, -number], axis=1))
    data = TrainingData.prepare(numbered, Config.of(window_frames=64, phase_shuffle=1, condition="time"))
    config = OptimizationConfig(batch_size=8, critic_updates=3, critic_batches=batches)
    conditions = TrainingConditions(data, config, before=32)
    for update, windows in zip(range(6), training_batches(data, config)):
        frames = np.round(windows.numpy()[..., 0] * data.scaling.scale[0] + data.scaling.shift[0], 2)
        given = conditions.of_update(tf.constant(update, tf.int64)).numpy()[..., 0]
        expected = frames[:, :1] + np.arange(-32, 64)
        coded = (expected - data.coding.mean) / data.coding.sd
        np.testing.assert_allclose(given, np.where(expected < 0, 0, coded), atol=2e-3)


def test_random_windows_are_of_the_training_part_with_nothing_before_the_recording():
    number = np.arange(FRAMES) + 0.5
    data = TrainingData.prepare(
        recorded(number, ("time",)), Config.of(window_frames=64, phase_shuffle=1, condition="time")
    )
    conditions = TrainingConditions(data, OptimizationConfig(batch_size=8, critic_updates=3), before=32)
    drawn = conditions.drawn(3000, [1, 2]).numpy()[..., 0] * data.coding.sd + data.coding.mean
    starts = np.round(drawn[:, 32] - 0.5).astype(int)
    assert set(starts) <= set(data.split.starts(data.split.training).tolist()) and len(set(starts)) > 300
    first = starts < 32
    assert first.any()
    np.testing.assert_allclose(drawn[first][:, 0], data.coding.mean[0], rtol=1e-5)


def test_presentations_begin_where_something_is_shown():
    values = np.array([2.0, 2, 0, 0, 1, 3, 3, 0, 1])
    np.testing.assert_array_equal(onsets(values), [0, 4, 5, 8])


def test_held_out_blocks_begin_a_second_before_a_presentation():
    config = Config.of(window_frames=64, phase_shuffle=1, condition="speed,stimulus")
    data = TrainingData.prepare(recorded(), config)
    first = set((onsets(STIMULUS.astype(float)) - 24).tolist())
    assert {start for start, _ in data.split.heldout} <= first


def test_recordings_of_trials_are_divided_between_trials():
    values = np.stack([SPEED, STIMULUS, np.full(FRAMES, 2)], axis=1)
    trials = dataclasses.replace(recorded(values), trial_frames=100)
    config = Config.of(window_frames=64, phase_shuffle=1, condition="stimulus")
    split = TrainingData.prepare(trials, config).split
    of = {part: {int(start) // 100 for start in split.starts(getattr(split, part))} for part in ("training", "heldout")}
    assert of["training"] and of["heldout"] and not of["training"] & of["heldout"]


def test_nothing_is_known_of_what_was_shown_before_a_join():
    number = np.arange(FRAMES) + 0.5
    joined = dataclasses.replace(recorded(number, ("time",)), joins=(1000,))
    data = TrainingData.prepare(joined, Config.of(window_frames=64, phase_shuffle=1, condition="time"))
    given = TrainingConditions(data, OptimizationConfig(critic_updates=0, critic_batches="shared"), before=32)
    found = given.at(tf.constant([1000, 1010, 1032], tf.int32)).numpy()[..., 0]
    np.testing.assert_array_equal(found[:, :32] == 0, np.arange(32) < np.array([[32], [22], [0]]))
    assert given.of_update(tf.constant(3, tf.int64)).shape == (32, 96, 1)
