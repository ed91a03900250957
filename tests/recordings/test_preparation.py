import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings import recording as recordings
from calciumgan_tf.recordings.contents import DFF, RAW, Contents, Options
from calciumgan_tf.recordings.preparation import recording_of
from calciumgan_tf.synthetic import populations

FRAMES = 3000


@pytest.fixture(scope="module")
def traces():
    return populations.population(neurons=3).recording(FRAMES).traces


def made(traces, further=None, kind=DFF, **options):
    contents = Contents(traces, kind, (), ("a test",), frame_rate=24.0, **further or {})
    return recording_of(contents, Options(**options), "x")


def test_frames_and_neurons_are_selected_together_with_what_belongs_to_them(traces):
    spikes = np.arange(FRAMES * 3).reshape(FRAMES, 3) % 2
    further = {"spikes": spikes, "conditions": np.arange(FRAMES)[:, None], "joins": (50, 1000)}
    further |= {"further": {"spikes_kind": "inferred"}, "neuron_ids": ("a", "b", "c")}
    recording = made(traces, further, frames=(100, 2100), neurons=("c", "a"), drop=("a",))
    np.testing.assert_array_equal(recording.traces, traces[100:2100, 2:])
    np.testing.assert_array_equal(recording.spikes, spikes[100:2100, 2:])
    assert recording.neuron_ids == ("c",) and recording.joins == (900,)
    assert recording.conditions[0, 0] == 100 and "frames 100 to 2100" in recording.description


@pytest.mark.parametrize("frames", [(0, FRAMES + 1), (5, 5), (FRAMES, None)])
def test_frames_that_do_not_exist(traces, frames):
    with pytest.raises(InputError, match=f"but x has {FRAMES} frames"):
        made(traces, frames=frames)


def test_unknown_neurons(traces):
    with pytest.raises(InputError, match="--neurons names 7: neurons of x are 0, 1, 2"):
        made(traces, neurons=("0", "7"))


def test_bad_neurons_are_named_and_left_out(traces, caplog):
    bad = np.concatenate([traces, traces, traces], axis=1)[:, :6].copy()
    bad[7, 1], bad[:, 4] = np.nan, 2.0
    with pytest.raises(InputError, match="neuron 1 has 1 frames of NaN.*--drop_bad_neurons"):
        made(bad)
    with caplog.at_level("INFO", logger="calciumgan_tf"):
        recording = made(bad, drop_bad=True)
    assert recording.neuron_ids == ("0", "2", "3", "5")
    assert "neuron 1, NaN" in caplog.text and "without neuron 4 (constant)" in recording.description


def test_raw_fluorescence_is_recognised_by_its_values(traces):
    raw = 300 * (1 + traces)
    recording = made(raw, kind="")
    assert "(C - F0) / F0, C = F" in recording.description
    np.testing.assert_allclose(recording.traces, made(raw, kind="", fluorescence=RAW).traces)
    np.testing.assert_array_equal(made(traces, kind="").traces, traces)  # dF/F is left alone
    np.testing.assert_array_equal(made(raw, kind="", fluorescence=DFF).traces, raw)
    percent = 100 * traces
    np.testing.assert_array_equal(made(percent, kind="").traces, percent)


def test_a_dark_neuron_is_left_out_of_raw_fluorescence(traces):
    raw = 300 * (1 + traces)
    around = np.zeros_like(raw)
    around[:, 1] = 1000
    further = {"neuropil": around}
    with pytest.raises(InputError, match="the baseline of neuron 1 falls to 0 or below.*--drop_bad_neurons"):
        made(raw, further, kind=RAW)
    recording = made(raw, further, kind=RAW, drop_bad=True)
    assert recording.neuron_ids == ("0", "2") and "F - 0.7 Fneu" in recording.description


def test_resampling_filters_and_keeps_conditions_and_joins_in_place(traces):
    time = np.arange(FRAMES) / 24
    slow, fast = np.sin(2 * np.pi * 0.5 * time), np.sin(2 * np.pi * 11 * time)
    further = {"conditions": time[:, None], "joins": (1200,), "spikes": np.zeros((FRAMES, 2))}
    recording = made(np.stack([slow, fast], 1), further | {"further": {"spikes_kind": "inferred"}}, resample=8)
    assert recording.frame_rate == 8 and recording.frames == FRAMES // 3 and recording.joins == (400,)
    middle = slice(100, -100)
    np.testing.assert_allclose(recording.traces[middle, 0], slow[::3][middle], atol=0.01)
    assert np.abs(recording.traces[middle, 1]).max() < 0.01  # above the new Nyquist frequency
    np.testing.assert_allclose(recording.conditions[:, 0], np.arange(FRAMES // 3) / 8, atol=1e-4)
    assert recording.spikes is None and recording.spikes_kind == ""


def test_trials_are_neither_cut_nor_resampled(traces):
    for options in ({"frames": (0, 10)}, {"resample": 12}):
        with pytest.raises(InputError, match="consists of equally long trials"):
            made(traces, {"further": {"trial_frames": 100}}, **options)


def test_neurons_with_few_events_are_left_out(traces):
    quiet = np.random.default_rng(0).normal(0, 0.3, (FRAMES, 1))
    recording = made(np.concatenate([traces, quiet], axis=1), min_event_rate=0.1)
    assert recording.neuron_ids == ("0", "1", "2") and "fewer than 0.1 events a second" in recording.description
    with pytest.raises(InputError, match="no neuron has 50 events a second"):
        made(traces, min_event_rate=50)


def test_conditions_beside_a_recording(tmp_path, traces):
    np.save(tmp_path / "x.npy", traces)
    stimuli = np.arange(FRAMES) % 9
    (tmp_path / "stimuli.txt").write_text(" ".join(map(str, stimuli)))
    options = Options(frame_rate=24.0, conditions=str(tmp_path / "stimuli.txt"))
    recording = readers.read(tmp_path / "x.npy", options)
    np.testing.assert_array_equal(recording.conditions[:, 0], stimuli)
    assert recording.condition_names == ("stimuli",)
    recording.save(tmp_path / "x.h5")
    loaded = recordings.load(tmp_path / "x.h5")
    np.testing.assert_array_equal(loaded.conditions, recording.conditions)
    assert loaded.condition_names == ("stimuli",) and loaded.sha256() == recording.sha256()
    (tmp_path / "two.csv").write_text("speed,stimulus\n" + "\n".join("1.5,2" for _ in range(FRAMES)))
    two = readers.read(tmp_path / "x.npy", Options(frame_rate=24.0, conditions=str(tmp_path / "two.csv")))
    assert two.condition_names == ("speed", "stimulus") and two.sha256() != recording.sha256()
    np.save(tmp_path / "short.npy", np.zeros(7))
    with pytest.raises(InputError, match=r"conditions \(7, 1\) for 3000 frames"):
        readers.read(tmp_path / "x.npy", Options(frame_rate=24.0, conditions=str(tmp_path / "short.npy")))
    with pytest.raises(InputError, match="none.txt does not exist"):
        readers.read(tmp_path / "x.npy", Options(frame_rate=24.0, conditions=str(tmp_path / "none.txt")))


def test_several_files_are_joined_and_no_window_crosses(tmp_path, traces):
    from calciumgan_tf.dataset import split

    paths = [tmp_path / f"{name}.npy" for name in "abc"]
    for path, part in zip(paths, np.split(traces, [1000, 1700])):
        np.save(path, part)
    recording = readers.read(paths, Options(frame_rate=24.0))
    np.testing.assert_array_equal(recording.traces, traces)
    assert recording.joins == (1000, 1700) and "a.npy" in recording.source and "c.npy" in recording.source
    parts = split.split_frames(recording.frames, 64, joins=recording.joins)
    starts = np.concatenate([parts.starts(parts.training), parts.starts(parts.heldout)])
    assert starts.size and not any(((starts < join) & (starts + 64 > join)).any() for join in recording.joins)
    recording.save(tmp_path / "all.h5")
    loaded = recordings.load(tmp_path / "all.h5")
    assert loaded.joins == recording.joins
    whole = readers.read([tmp_path / "all.h5", tmp_path / "all.h5"])
    assert whole.joins == (1000, 1700, 3000, 4000, 4700)


def test_files_of_different_populations_are_not_joined(tmp_path, traces):
    np.save(tmp_path / "a.npy", traces)
    np.save(tmp_path / "b.npy", traces[:, :2])
    with pytest.raises(InputError, match="different neuron_ids: join files of one population"):
        readers.read([tmp_path / "a.npy", tmp_path / "b.npy"], Options(frame_rate=24.0))
