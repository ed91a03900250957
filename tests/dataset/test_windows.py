"""Lazy arrays of windows: each slice is what the whole array would give."""

import h5py
import numpy as np
import pytest

from calciumgan_tf.dataset.split import Split, split_frames
from calciumgan_tf.dataset.windows import (
    ChosenWindows,
    FirstWindows,
    JoinedWindows,
    PopulationWindows,
    RecordedWindows,
    StoredWindows,
)
from calciumgan_tf.errors import InputError
from calciumgan_tf.synthetic import populations

WINDOWS = np.random.default_rng(0).normal(size=(7, 8, 3)).astype(np.float32)


def test_recorded_windows_are_cut_evenly():
    traces = np.arange(100, dtype=np.float32)[:, None]
    windows = RecordedWindows(traces, Split("end", 10, ((0, 60),), ((70, 100),)), ((70, 100),), 5)
    assert windows.shape == (5, 10, 1)
    assert windows[:][:, 0, 0].tolist() == [70, 75, 80, 85, 90]
    np.testing.assert_array_equal(windows[1:3], windows[:][1:3])
    np.testing.assert_array_equal(windows[4:5][0, :, 0], np.arange(90, 100))


def test_independent_windows_share_no_frame():
    split = split_frames(21556, 256)
    windows = RecordedWindows(np.arange(21556)[:, None], split, split.heldout, 400)
    frames = windows[windows.independent()].ravel()
    assert len(frames) == len(set(frames)) == 16 * 256  # of each of four blocks, four windows
    assert RecordedWindows(np.zeros((21556, 1)), split, split.heldout, 2).independent().tolist() == [0, 1]


def test_a_stride_that_leaves_too_few_windows_is_refused():
    split = Split("end", 10, ((0, 60),), ((70, 100),))
    windows = RecordedWindows(np.arange(100)[:, None], split, split.training, 3, stride=20)
    assert windows[:][:, 0, 0].tolist() == [0, 20, 40]
    with pytest.raises(InputError, match="--window_stride=20 leaves 3 windows of a part of the recording, not 4"):
        RecordedWindows(np.arange(100)[:, None], split, split.training, 4, stride=20)


def population():
    return PopulationWindows(populations.population(neurons=3), 7, 8)


def stored(folder):
    file = h5py.File(folder / "windows.h5", "w")
    file["traces"] = WINDOWS
    return StoredWindows(file["traces"], folder / "windows.h5")


@pytest.mark.parametrize("kind", ["recorded", "population", "stored", "first"])
def test_slices_agree_with_the_whole(tmp_path, kind):
    split = Split("end", 8, ((0, 60),), ((70, 100),))
    windows = {
        "recorded": lambda: RecordedWindows(np.arange(300).reshape(100, 3), split, split.training, 7),
        "population": population,
        "stored": lambda: stored(tmp_path),
        "first": lambda: FirstWindows(np.concatenate([WINDOWS, WINDOWS]), 7),
    }[kind]()
    everything = windows[:]
    assert everything.shape == windows.shape == (7, 8, 3)
    for part in (slice(0, 1), slice(2, 5), slice(5, None), slice(-2, None)):
        np.testing.assert_array_equal(windows[part], everything[part])


def test_first_windows_name_a_value_that_is_not_finite():
    changed = WINDOWS.copy()
    changed[4, 3, 2], changed[6, 0, 0] = np.inf, np.nan
    windows = FirstWindows(changed, 6)
    np.testing.assert_array_equal(windows[:4], WINDOWS[:4])
    with pytest.raises(InputError, match="generated window 4 has NaN or Inf in neuron 2"):
        windows[3:]


@pytest.mark.parametrize("chosen", [[0, 2, 3, 6], [5, 1, 1], []], ids=str)
@pytest.mark.parametrize("neurons", [None, [2, 0]], ids=str)
def test_chosen_windows_are_those_of_the_indices(chosen, neurons):
    windows = ChosenWindows(FirstWindows(WINDOWS, 7), chosen, neurons)
    expected = WINDOWS[chosen] if neurons is None else WINDOWS[chosen][:, :, neurons]
    assert windows.shape == expected.shape and windows[:].dtype == np.float32
    for part in (slice(None), slice(1, 3), slice(2, 2), slice(-1, None)):
        np.testing.assert_array_equal(windows[part], expected[part])


def test_joined_windows_follow_each_other():
    windows, expected = JoinedWindows([WINDOWS[:3], WINDOWS[5:], WINDOWS[:1]]), WINDOWS[[0, 1, 2, 5, 6, 0]]
    assert windows.shape == expected.shape
    for part in (slice(None), slice(1, 4), slice(3, 5), slice(5, 9), slice(2, 2)):
        np.testing.assert_array_equal(windows[part], expected[part])


def test_a_damaged_file_is_an_input_error(tmp_path):
    windows = stored(tmp_path)
    windows._dataset.file.close()
    with pytest.raises(InputError, match="windows.h5 can't be read .* it is damaged"):
        windows[:]
