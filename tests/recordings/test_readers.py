import dataclasses
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import baseline, readers
from calciumgan_tf.recordings.contents import Options

RATE = Options(frame_rate=10.0)


@pytest.fixture
def plane(tmp_path):
    """A suite2p folder: 4 regions (the second is not a cell) x 3000 frames, a rising neuropil, one slow drift."""
    generator = np.random.default_rng(0)
    frames = np.arange(3000)
    neuropil = 100 + 0.02 * frames + generator.normal(0, 1, (4, 3000))
    fluorescence = 200 + 0.7 * neuropil + generator.normal(0, 1, (4, 3000))
    fluorescence[0, 1000:1010] += 200  # dF/F of 1 on a baseline of 200
    fluorescence[3] += 50 * np.sin(frames / 3000 * np.pi)
    folder = tmp_path / "plane0"
    folder.mkdir()
    np.save(folder / "F.npy", fluorescence.astype(np.float32))
    np.save(folder / "Fneu.npy", neuropil.astype(np.float32))
    np.save(folder / "iscell.npy", np.array([[1, 0.9], [0, 0.1], [1, 0.8], [1, 0.7]]))
    return folder


def test_suite2p_keeps_cells_and_their_numbers(plane):
    data = readers.read(plane, RATE)
    assert data.traces.shape == (3000, 3)
    assert data.neuron_ids == ("0", "2", "3")
    assert "4 regions, 1 of them not cells" in data.description
    assert len(data.source_sha256) == 64


def test_suite2p_delta_f_over_f(plane):
    """The formula, on data made by it: neither neuropil nor drift is left, and a doubling of fluorescence is 1."""
    traces = readers.read(plane, RATE).traces
    assert traces[1000:1010, 0].mean() == pytest.approx(1, abs=0.05)
    quiet = np.delete(traces, np.s_[900:1100], axis=0)
    assert np.abs(np.median(quiet, axis=0)).max() < 0.02
    assert np.abs(quiet[:500].mean(axis=0) - quiet[-500:].mean(axis=0)).max() < 0.02


def test_parent_folder_of_one_plane(plane):
    assert readers.read(plane.parent, RATE).neurons == 3


def test_several_planes_have_to_be_named(plane):
    second = plane.parent / "plane1"
    second.mkdir()
    np.save(second / "F.npy", np.ones((1, 2)))
    with pytest.raises(InputError, match="has planes 0, 1: choose with --plane=0,1 or"):
        readers.read(plane.parent, RATE)


def test_suite2p_without_neuropil_file(plane):
    (plane / "Fneu.npy").unlink()
    with pytest.raises(InputError, match="has no Fneu.npy"):
        readers.read(plane, RATE)


def test_suite2p_needs_a_frame_rate(plane):
    with pytest.raises(InputError, match="no frame rate"):
        readers.read(plane)


def test_baseline_that_is_not_positive_names_the_neuron():
    dark = np.full((100, 1), 10.0)
    with pytest.raises(InputError, match="the baseline of neuron 7 falls to 0 or below"):
        baseline.delta_f_over_f(-dark, 10.0, 10, 60, ["7"], "x")


def test_nan_in_raw_fluorescence_is_counted_before_filters_spread_it(plane):
    raw = np.load(plane / "F.npy")
    raw[2, 5:7] = np.nan
    np.save(plane / "F.npy", raw)
    with pytest.raises(InputError, match="neuron 2 has 2 frames of NaN"):
        readers.read(plane, RATE)


def test_npy(tmp_path, traces):
    np.save(tmp_path / "x.npy", traces)
    data = readers.read(tmp_path / "x.npy", Options(frame_rate=2.2, tau_decay=1.5, drop=("1",)))
    np.testing.assert_array_equal(data.traces, traces[:, [0, 2]])
    assert (data.frame_rate, data.tau_decay, data.neuron_ids) == (2.2, 1.5, ("0", "2"))


def test_npy_with_pickled_objects_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="can't be read .*: save a plain numeric array with numpy.save"):
        readers.read(tmp_path / "x.npy", RATE)


def test_truncated_npy(tmp_path, traces):
    path = tmp_path / "x.npy"
    np.save(path, traces)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="can't be read .*: save a plain numeric array with numpy.save"):
        readers.read(path, RATE)


def test_npy_of_three_dimensions(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((2, 3, 4)))
    with pytest.raises(InputError, match=r"has shape \(2, 3, 4\): a recording is \(frame, neuron\)"):
        readers.read(tmp_path / "x.npy", RATE)


def test_prepared_is_read_with_its_own_properties_or_the_given(recording, tmp_path):
    path = tmp_path / "x.h5"
    recording.save(path)
    assert readers.read(path).sha256() == recording.sha256()
    changed = readers.read(path, Options(tau_decay=2.0, drop=("0",)))
    assert (changed.tau_decay, changed.frame_rate, changed.neuron_ids) == (2.0, 24.0, ("1", "2"))


@pytest.mark.parametrize(
    "options, expected",
    [
        ({}, ("gcamp6f", 0.1, 1.5)),
        ({"tau_decay": 2.0}, ("gcamp6f", None, 2.0)),
        ({"tau_rise": 0.3}, ("gcamp6f", 0.3, 1.5)),
        ({"indicator": "gcamp6s"}, ("gcamp6s", None, None)),
        ({"indicator": "gcamp6s", "tau_decay": 1.0}, ("gcamp6s", None, 1.0)),
    ],
)
def test_a_given_kernel_replaces_that_of_a_prepared_recording(recording, tmp_path, options, expected):
    stored = dataclasses.replace(recording, indicator="gcamp6f", tau_rise=0.1, tau_decay=1.5)
    stored.save(tmp_path / "x.h5")
    data = readers.read(tmp_path / "x.h5", Options(**options))
    assert (data.indicator, data.tau_rise, data.tau_decay) == expected


@pytest.mark.parametrize("name", ["x.npy", "x.h5"])
def test_a_drift_is_taken_off_on_demand(tmp_path, traces, name):
    """A line of slope .01 dF/F a second, over 83 s; suite2p's baseline needs twice its window to follow it."""
    time = np.arange(len(traces)) / 24
    drifting = (0.3 * traces[:, :1] + 0.01 * time[:, None]).astype(np.float32)
    np.save(tmp_path / "x.npy", drifting)
    readers.read(tmp_path / "x.npy", RATE).save(tmp_path / "x.h5")
    options = Options(frame_rate=24.0, subtract_baseline=True, baseline_smoothing=1, baseline_window=10)
    given, flat = readers.read(tmp_path / name, RATE), readers.read(tmp_path / name, options)
    line = [abs(np.polyfit(time, data.traces[:, 0], 1)[0]) for data in (given, flat)]
    assert line[0] > 0.008 and line[1] < 0.004
    assert flat.description == given.description + "; less its running baseline, 1 s and 10 s"


def test_dropping_an_unknown_neuron(recording, tmp_path):
    recording.save(tmp_path / "x.h5")
    with pytest.raises(InputError, match="--drop names 9: neurons of .* are 0, 1, 2"):
        readers.read(tmp_path / "x.h5", Options(drop=("9",)))


def test_missing_path(tmp_path):
    with pytest.raises(InputError, match="nothing.npy does not exist"):
        readers.read(tmp_path / "nothing.npy")


def test_unknown_format_lists_the_known_ones(tmp_path):
    (tmp_path / "x.doc").write_text("no numbers")
    with pytest.raises(InputError) as error:
        readers.read(tmp_path / "x.doc")
    assert all(reader.DESCRIPTION in str(error.value) for reader in readers.formats())


def test_every_reader_follows_the_contract():
    for reader in readers.formats():
        assert reader.DESCRIPTION and callable(reader.matches) and callable(reader.read), reader.__name__


def test_recordings_and_spikes_do_without_tensorflow():
    """Reading, preparing and deconvolving a recording start quickly and run where TensorFlow is not installed."""
    program = """
import pkgutil, sys
import calciumgan_tf.recordings, calciumgan_tf.spikes
for package in (calciumgan_tf.recordings, calciumgan_tf.spikes):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        __import__(module.name)
assert "calciumgan_tf.recordings.readers.suite2p" in sys.modules and "calciumgan_tf.spikes.deconvolution" in sys.modules
print([name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules])
"""
    folder = pathlib.Path(__file__).parents[2]
    finished = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
    assert (finished.returncode, finished.stdout) == (0, "[]\n"), finished.stderr


def test_an_array_of_a_suite2p_folder_is_no_recording(plane):
    for name in ("F.npy", "iscell.npy"):
        with pytest.raises(InputError, match=f"{name} is part of a suite2p folder: read the folder: "):
            readers.read(plane / name, Options(frame_rate=30.0))


def test_another_frame_rate_than_the_files_is_taken_with_a_word(recording, tmp_path, caplog):
    recording.save(tmp_path / "r.h5")
    for rate, said in ((24.0, False), (30.0, True)):
        with caplog.at_level("INFO"):
            assert readers.read(tmp_path / "r.h5", Options(frame_rate=rate)).frame_rate == rate
        assert ("r.h5 says 24 Hz; 30 Hz is taken, as given" in caplog.text) == said
