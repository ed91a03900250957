"""The same recording in every format, written by that format's own library."""

import pickle
import sys

import h5py
import numpy as np
import pytest
from recording_formats import (
    FORMATS,
    FRAME_RATE,
    NEURONS,
    RAW_LEVEL,
    save_caiman,
    suite2p_folder,
    with_options,
    write_nwb,
)
from scipy import io

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.contents import Options
from calciumgan_tf.synthetic import populations


@pytest.fixture(scope="module")
def dff():
    """Float32 (frame, neuron), dF/F."""
    return populations.population(neurons=NEURONS).recording(1500).traces


@pytest.mark.parametrize("save", FORMATS)
def test_every_format_gives_the_same_recording(tmp_path, dff, save):
    if save is save_caiman:
        pytest.importorskip("roiextractors")
    recording = readers.read(*with_options(save(tmp_path, dff)))
    assert recording.frame_rate == pytest.approx(FRAME_RATE, rel=1e-6)
    np.testing.assert_allclose(recording.traces, dff, rtol=0, atol=1e-6)
    assert recording.neurons == NEURONS and len(recording.source_sha256) == 64


@pytest.mark.parametrize(
    "version, settings",
    [
        (0, {"fs": FRAME_RATE, "tau": 0.7, "neucoeff": 0.5, "meanImg": np.ones((2, 2)), "save_path0": "x"}),
        (1, {"fs": FRAME_RATE, "tau": 0.7, "extraction": {"neuropil_coefficient": 0.5}, "version": "1.0.0"}),
    ],
)
def test_suite2p_knows_its_frame_rate_and_neuropil_fraction(tmp_path, dff, version, settings):
    suite2p_folder(tmp_path / "plane0", dff, settings, version)
    recording = readers.read(tmp_path / "plane0")
    assert recording.frame_rate == FRAME_RATE and recording.tau_decay is None
    assert "F - 0.5 Fneu" in recording.description and "its tau was 0.7 s" in recording.description
    suite2p_folder(tmp_path / "bare" / "plane0", dff)
    given = readers.read(tmp_path / "bare", Options(frame_rate=FRAME_RATE, neuropil=0.5))
    np.testing.assert_array_equal(recording.traces, given.traces)


def test_several_planes_become_one_population(tmp_path, dff):
    suite2p_folder(tmp_path / "plane0", dff, {"fs": FRAME_RATE})
    suite2p_folder(tmp_path / "plane10", dff[:, ::-1])
    both = readers.read(tmp_path, Options(planes=("all",)))
    assert both.neuron_ids == tuple(f"{plane}_{cell}" for plane in (0, 10) for cell in range(NEURONS))
    np.testing.assert_array_equal(both.traces[:, NEURONS:], both.traces[:, :NEURONS][:, ::-1])
    assert readers.read(tmp_path, Options(planes=(10,), frame_rate=FRAME_RATE)).neurons == NEURONS
    with pytest.raises(InputError, match="has no plane 3: choose among 0, 10"):
        readers.read(tmp_path, Options(planes=(3,)))
    np.save(tmp_path / "plane10" / "F.npy", np.ones((NEURONS + 1, 7), np.float32))
    np.save(tmp_path / "plane10" / "Fneu.npy", np.ones((NEURONS + 1, 7), np.float32))
    with pytest.raises(InputError, match="choose planes of equal length"):
        readers.read(tmp_path, Options(planes=("all",)))


def test_a_second_channel_is_left_alone_with_a_word(tmp_path, dff, caplog):
    suite2p_folder(tmp_path / "plane0", dff, {"fs": FRAME_RATE})
    np.save(tmp_path / "plane0" / "F_chan2.npy", np.ones(3))
    with caplog.at_level("INFO", logger="calciumgan_tf"):
        readers.read(tmp_path / "plane0")
    assert "second channel" in caplog.text


def test_several_variables_are_listed_with_their_shapes(tmp_path, dff):
    io.savemat(tmp_path / "x.mat", {"a": dff, "b": dff})
    with pytest.raises(InputError, match="several arrays: name one with --variable: a 1500 x 4, b 1500 x 4"):
        readers.read(tmp_path / "x.mat")
    with pytest.raises(InputError, match="has no variable c: choose among a"):
        readers.read(tmp_path / "x.mat", Options(variable="c"))
    io.savemat(tmp_path / "y.mat", {"name": "fish"})
    with pytest.raises(InputError, match="holds no numeric matrix"):
        readers.read(tmp_path / "y.mat")


def test_nwb_takes_dff_before_fluorescence_and_only_accepted_regions(tmp_path, dff):
    series = {"Fluorescence": {"raw": RAW_LEVEL * (1 + dff), "neuropil": dff}, "DfOverF": {"series": dff}}
    write_nwb(tmp_path / "x.nwb", series, accepted=[1, 0, 1, 1])
    recording = readers.read(tmp_path / "x.nwb")
    np.testing.assert_allclose(recording.traces, dff[:, [0, 2, 3]], atol=1e-6)
    assert recording.neuron_ids == ("0", "2", "3") and "1 of them not accepted" in recording.description


def test_nwb_names_its_indicator_whose_kernel_is_offered(tmp_path, dff, caplog):
    write_nwb(tmp_path / "x.nwb", {"DfOverF": {"a": dff}})
    with caplog.at_level("INFO"):
        assert readers.read(tmp_path / "x.nwb", Options()).kernel() is None
    assert "was recorded with GCaMP6f; --indicator=gcamp6f takes its kernel" in caplog.text
    caplog.clear()
    with caplog.at_level("INFO"):
        readers.read(tmp_path / "x.nwb", Options(tau_decay=0.5))
    assert "was recorded with" not in caplog.text


def test_nwb_fluorescence_is_corrected_by_the_neuropil_beside_it(tmp_path, dff):
    raw, around = RAW_LEVEL * (1 + dff), np.full(dff.shape, 100.0)
    write_nwb(tmp_path / "x.nwb", {"Fluorescence": {"raw": raw, "neuropil": around}}, unit="lumens")
    recording = readers.read(tmp_path / "x.nwb")
    assert "F - 0.7 Fneu" in recording.description
    np.save(tmp_path / "x.npy", raw - 70)
    same = readers.read(tmp_path / "x.npy", Options(frame_rate=FRAME_RATE))
    np.testing.assert_allclose(recording.traces, same.traces, atol=1e-6)


def test_nwb_with_several_series_or_uneven_times(tmp_path, dff):
    write_nwb(tmp_path / "x.nwb", {"Fluorescence": {"a": dff, "b": dff}})
    with pytest.raises(InputError, match=r"name one with --series: Fluorescence/a \(1500, 4\), Fluorescence/b"):
        readers.read(tmp_path / "x.nwb")
    with pytest.raises(InputError, match="has 0 series c: choose among"):
        readers.read(tmp_path / "x.nwb", Options(series="c"))
    times = np.arange(len(dff)) / FRAME_RATE
    times[700:] += 3
    write_nwb(tmp_path / "y.nwb", {"DfOverF": {"a": dff}}, times=times)
    with pytest.raises(InputError, match="not evenly spaced, their distances are 0.04167 to 3.042 s"):
        readers.read(tmp_path / "y.nwb")
    assert readers.read(tmp_path / "y.nwb", Options(frame_rate=FRAME_RATE)).frames == len(dff)


def test_denoised_traces_are_read_with_a_warning(tmp_path, dff, caplog):
    pytest.importorskip("roiextractors")
    path, _ = save_caiman(tmp_path, dff)
    with h5py.File(path, "a") as file:
        del file["estimates/F_dff"]
    with caplog.at_level("INFO", logger="calciumgan_tf"):
        recording = readers.read(path)
    assert recording.neurons == NEURONS and "denoised traces only" in caplog.text


def test_uneven_times_in_text(tmp_path):
    rows = ["time,a,b", *(f"{number if number < 9 else number + 2},{number % 3},{number % 5}" for number in range(20))]
    (tmp_path / "x.csv").write_text("\n".join(rows))
    with pytest.raises(InputError, match="distances are 1 to 3 s"):
        readers.read(tmp_path / "x.csv")


@pytest.mark.parametrize("text", ["", "a,b\n1,2,3\n4,5,6", "a,b\n1,x\n", "1,2\n3\n"])
def test_text_that_is_no_table(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(InputError, match="can't be read"):
        readers.read(tmp_path / "x.csv", Options(frame_rate=1.0))


def test_pickles_without_signals_or_rows(tmp_path, dff):
    (tmp_path / "x.pkl").write_bytes(pickle.dumps({"signal": dff}))
    with pytest.raises(InputError, match="holds no matrix named signals"):
        readers.read(tmp_path / "x.pkl", Options(frame_rate=1.0))
    (tmp_path / "y.pkl").write_bytes(pickle.dumps({"signals": dff.T}))
    with pytest.raises(InputError, match="--drop_rows=4, but"):
        readers.read(tmp_path / "y.pkl", Options(frame_rate=1.0, drop_rows=4))


def test_a_missing_library_is_one_line(tmp_path, dff, monkeypatch):
    write_nwb(tmp_path / "x.nwb", {"DfOverF": {"a": dff}})
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(InputError, match="needs the library pynwb: pip install 'calciumgan-tf.formats.'"):
        readers.read(tmp_path / "x.nwb")
