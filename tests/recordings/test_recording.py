import dataclasses

import h5py
import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import recording as recordings
from calciumgan_tf.recordings.indicators import INDICATORS
from calciumgan_tf.recordings.recording import Recording


def test_a_recording_is_shown_in_a_line(recording):
    assert repr(recording) == "<Recording test: 3 neurons, 2000 frames, 24 Hz, 1.4 minutes>"


def test_saved_and_loaded_is_the_same(recording, tmp_path):
    spikes = (recording.traces > 2).astype(np.uint8)
    full = dataclasses.replace(
        recording,
        spikes=spikes,
        spikes_kind="inferred",
        s_min=0.55,
        neuron_ids=("a", "b", "c"),
        description="x",
        tau_decay=1.5,
        tau_rise=0.2,
        indicator="gcamp6s",
    )
    full.save(tmp_path / "r.h5")
    loaded = recordings.load(tmp_path / "r.h5")
    for field in dataclasses.fields(full):
        np.testing.assert_array_equal(getattr(loaded, field.name), getattr(full, field.name), err_msg=field.name)
    assert loaded.sha256() == full.sha256()


def test_decay_of_the_paper():
    """tau_decay .812 s at 24 Hz is the paper's g = .95; at 30 Hz the same tau_decay is .960."""
    noise = np.random.default_rng(0).normal(size=(10, 2))
    assert Recording(noise, 24.0, source="x", tau_decay=0.812).g == pytest.approx(0.95, abs=1e-4)
    assert Recording(noise, 30.0, source="x", tau_decay=0.812).g == pytest.approx(0.960, abs=1e-3)


def test_hash_sees_traces_and_frame_rate(recording):
    changed = recording.traces.copy()
    changed[0, 0] += 1
    hashes = {
        recording.sha256(),
        dataclasses.replace(recording, traces=changed).sha256(),
        dataclasses.replace(recording, frame_rate=25.0).sha256(),
        dataclasses.replace(recording, source="elsewhere").sha256(),
    }
    assert len(hashes) == 3


def test_bad_frames_are_counted_and_the_neuron_named(traces):
    traces[5:8, 1] = np.nan
    traces[9, 1] = np.inf
    traces[0, 2] = np.nan
    with pytest.raises(InputError, match=r"neuron b has 4 frames of NaN or Inf \(1 more neurons too\)"):
        Recording(traces, 24.0, source="x", neuron_ids=("a", "b", "c"))


def test_constant_neuron_is_named(traces):
    traces[:, 2] = 7
    with pytest.raises(InputError, match="constant trace of neuron 2: leave it out with prepare.py --drop=2"):
        Recording(traces, 24.0, source="x")


def test_swapped_axes_are_reported(traces):
    with pytest.raises(InputError, match="2000 neurons but only 3 frames: the array is probably .neuron, frame."):
        Recording(traces.T, 24.0, source="x")


@pytest.mark.parametrize("rate", [None, 0, -1, float("nan")])
def test_frame_rate_is_needed(traces, rate):
    with pytest.raises(InputError, match="no frame rate: give it in Hz with --frame_rate"):
        Recording(traces, rate, source="x")


def test_text_is_not_a_recording():
    with pytest.raises(InputError, match="a recording is a numeric array"):
        Recording(np.array([["a", "b"]]), 24.0, source="x")


def test_truncated_file(recording, tmp_path):
    path = tmp_path / "r.h5"
    recording.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="can't be read .* it may be truncated"):
        recordings.load(path)


def test_other_hdf5_is_refused(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["data"] = [1]
    with pytest.raises(InputError, match="is not a prepared recording"):
        recordings.load(tmp_path / "x.h5")


def test_newer_file_is_refused(tmp_path, recording):
    recording.save(tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5", "a") as file:
        file.attrs["version"] = 5
    with pytest.raises(InputError, match="new.h5 is of version 5: update calciumgan_tf"):
        recordings.load(tmp_path / "new.h5")


@pytest.mark.parametrize("change", ["traces", "frame_rate", "description", "neuron_ids"])
def test_changed_content_does_not_match_the_checksum(tmp_path, recording, change):
    """HDF5's own checksums are right here, since the file is changed by HDF5."""
    recording.save(tmp_path / "x.h5")
    with h5py.File(tmp_path / "x.h5", "a") as file:
        if change == "traces":
            file["traces"][5, 1] += 1
        else:
            file.attrs[change] = {"frame_rate": 25.0, "description": "y", "neuron_ids": ["0", "1", "9"]}[change]
    with pytest.raises(InputError, match="x.h5 does not match its checksum: it may be truncated or damaged"):
        recordings.load(tmp_path / "x.h5")


def test_only_prepared_recordings_are_recognized_as_such(tmp_path, recording):
    recording.save(tmp_path / "x.h5")
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file.attrs["format"] = "calciumgan_tf/samples"
    (tmp_path / "z.h5").write_text("text")
    names = ("x.h5", "y.h5", "z.h5", "missing.h5", ".")
    assert [recordings.is_prepared(tmp_path / name) for name in names] == [True, False, False, False, False]


def test_text_of_any_alphabet_and_many_neurons_survive(tmp_path):
    """Names of 96 KB in all, more than HDF5 once allowed for an attribute."""
    traces = np.random.default_rng(0).normal(size=(1600, 1600)).astype(np.float32)
    ids = tuple(f"{i:060d}" for i in range(1600))
    data = Recording(traces, 24, source="Mäuse \udcff", neuron_ids=ids, description="τ")
    data.save(tmp_path / "x.h5")
    loaded = recordings.load(tmp_path / "x.h5")
    assert (loaded.source, loaded.description, loaded.neuron_ids) == (data.source, data.description, ids)


def test_files_of_version_1_are_read(tmp_path, recording):
    """Before version 2, the decay time was called tau; there was no rise."""
    recording.save(tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5", "a") as file:
        file.attrs["tau"] = 1.5
        file.attrs["version"] = 1
    assert recordings.load(tmp_path / "old.h5").kernel() == (0.0, 1.5)


def test_files_of_version_2_are_read(tmp_path, recording):
    """Before version 3, there was a decay, but neither a rise nor an indicator, and neither was in the checksum."""
    old = dataclasses.replace(recording, tau_decay=1.5)
    old.save(tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5", "a") as file:
        del file.attrs["indicator"]
        file.attrs["content_sha256"] = np.bytes_(old.content_sha256(2))
        file.attrs["version"] = 2
    loaded = recordings.load(tmp_path / "old.h5")
    assert (loaded.kernel(), loaded.indicator, loaded.sha256()) == ((0.0, 1.5), "", old.sha256())


def test_kernel_is_the_given_one_or_the_indicators_or_unknown(recording):
    def kernel(**given):
        return dataclasses.replace(recording, **given).kernel()

    indicator = INDICATORS["gcamp6f"]
    assert kernel() is None
    assert kernel(indicator="gcamp6f") == (indicator.tau_rise, indicator.tau_decay)
    assert kernel(indicator="gcamp6f", tau_decay=0.5) == (0.0, 0.5)
    assert kernel(tau_rise=0.1, tau_decay=0.5) == (0.1, 0.5)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"tau_decay": -1}, "tau_decay is -1.0 s: give the indicator's decay time with --tau_decay"),
        ({"tau_decay": 1, "tau_rise": -1}, "tau_rise is -1.0 s: give the indicator's rise time with --tau_rise"),
        ({"tau_rise": 0.1}, "tau_rise without tau_decay: give --tau_decay as well"),
        ({"indicator": "gcamp5"}, "--indicator=gcamp5 is unknown: choose one of gcamp6f, "),
    ],
)
def test_a_wrong_kernel_is_refused(recording, given, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(recording, **given)


def test_an_unknown_decay_has_no_coefficient(recording):
    with pytest.raises(InputError, match="no tau_decay: give --indicator, or --tau_decay in seconds"):
        recording.g  # noqa: B018


def test_hash_sees_the_kernel(recording):
    kinds = {}, {"tau_decay": 1}, {"tau_decay": 1, "tau_rise": 0.1}, {"indicator": "gcamp6f"}, {"indicator": "gcamp6s"}
    assert len({dataclasses.replace(recording, **given).sha256() for given in kinds}) == 5


def test_traces_are_drawn(recording, tmp_path):
    from calciumgan_tf.plotting import style

    drawing = recording.plot(neurons=[0, 2], seconds=10, start=5)
    drawing.savefig(tmp_path / "x.png")
    assert len(drawing.axes) == 2 and style.read(tmp_path / "x.png").std() > 5
    low, high = drawing.axes[0].lines[0].get_xdata()[[0, -1]]
    assert low == 5 and high == pytest.approx(15, abs=0.1)
