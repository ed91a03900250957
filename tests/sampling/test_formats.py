"""Generated traces in every format, read back by the tools that have it."""

import csv
import datetime

import numpy as np
import pytest
from scipy import io

from calciumgan_tf import InputError, hdf5
from calciumgan_tf.recordings import readers
from calciumgan_tf.sampling import formats, samples
from calciumgan_tf.sampling.formats import EVENTS, SPIKES, TRACES, Generated

COUNT, FRAMES, NEURONS, FRAME_RATE = 5, 64, 3, 24.0
ATTRIBUTES = {
    "model": "physiological", "frame_rate": FRAME_RATE, "tau_decay": 0.8, "recording_sha256": "ab" * 32, "seed": 7,
    "run": "mouse", "step": 400,
}  # fmt: skip


@pytest.fixture
def arrays():
    generator = np.random.default_rng(0)
    events = generator.exponential(size=(COUNT, FRAMES, NEURONS)) * (generator.random((COUNT, FRAMES, NEURONS)) < 0.05)
    traces = (events + generator.normal(0, 0.05, events.shape)).astype(np.float32)
    return {TRACES: traces, SPIKES: (events > 0).astype(np.uint8), EVENTS: events.astype(np.float32)}


def written(path, arrays, **changes):
    """The path of an output with these arrays, written in two parts."""
    known = {"source": "", "neuron_ids": ("3", "7", "cell, 9")} | changes
    about = Generated((COUNT, FRAMES, NEURONS), tuple(arrays), FRAME_RATE, ATTRIBUTES, **known)
    parts = [{name: array[cut] for name, array in arrays.items()} for cut in (slice(0, 3), slice(3, None))]
    formats.format_of(path).write(path, parts, about)
    return path


def in_a_row(array):
    return array.reshape(-1, NEURONS)


def test_samples_file(tmp_path, arrays):
    path = written(tmp_path / "x.h5", arrays)
    np.testing.assert_array_equal(samples.load(path).traces[:], arrays[TRACES])
    import h5py

    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["spikes"], arrays[SPIKES])
        np.testing.assert_array_equal(file["events"], arrays[EVENTS])
        assert hdf5.read_attributes(file)["neuron_ids"] == ("3", "7", "cell, 9")


def test_numpy(tmp_path, arrays):
    written(tmp_path / "x.npy", arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(np.load(tmp_path / f"x{'' if name == TRACES else '_' + name}.npy"), array)


def test_matlab(tmp_path, arrays):
    read = io.loadmat(written(tmp_path / "x.mat", arrays), simplify_cells=True)
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
    assert read["model"] == "physiological" and read["frame_rate"] == FRAME_RATE and "synthetic" in read["about"]
    assert list(read["neuron_ids"]) == ["3", "7", "cell, 9"]


def test_a_matlab_file_has_a_largest_size(tmp_path):
    about = Generated((10**6, 256, 100), (TRACES,), FRAME_RATE, ATTRIBUTES, ())
    with pytest.raises(InputError, match="102.4 GB are more than a MATLAB file"):
        formats.format_of("x.mat").write(tmp_path / "x.mat", [], about)


def test_text_in_long_form(tmp_path, arrays):
    path = written(tmp_path / "x.csv", arrays, neuron_ids=("3", "7", "9"))
    with open(path) as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == COUNT * FRAMES * NEURONS
    line = lines[(2 * FRAMES + 10) * NEURONS + 1]
    assert [line[name] for name in ("window", "frame", "neuron")] == ["2", "10", "7"]
    assert float(line["seconds"]) == pytest.approx(10 / FRAME_RATE, rel=1e-5)
    np.testing.assert_allclose([float(line["dff"]) for line in lines], arrays[TRACES].ravel(), rtol=1e-5)
    np.testing.assert_array_equal([int(line["spikes"]) for line in lines], arrays[SPIKES].ravel())


def test_suite2p_folder_is_read_by_roiextractors_and_by_ourselves(tmp_path, arrays):
    roiextractors = pytest.importorskip("roiextractors")
    path = written(f"{tmp_path}/made/", arrays)
    extractor = roiextractors.Suite2pSegmentationExtractor(folder_path=path)
    np.testing.assert_allclose(extractor.get_traces(name="raw"), 1000 * (1 + in_a_row(arrays[TRACES])), rtol=1e-6)
    np.testing.assert_allclose(extractor.get_traces(name="deconvolved"), in_a_row(arrays[EVENTS]), rtol=1e-6)
    assert extractor.get_sampling_frequency() == FRAME_RATE and extractor.get_num_rois() == NEURONS
    own = readers.read(path)
    assert own.frame_rate == FRAME_RATE and own.traces.shape == (COUNT * FRAMES, NEURONS)
    for ours, made in zip(own.traces.T, in_a_row(arrays[TRACES]).T):
        assert np.corrcoef(ours, made)[0, 1] > 0.999
    assert formats.format_of(path).is_ours(path)
    (tmp_path / "made" / "plane0" / "mine.txt").write_text("kept")
    assert not formats.format_of(path).is_ours(path)


NO_ANIMAL = {"check_subject_age", "check_subject_species_exists"}  # what a synthetic file can't have without inventing


def inspected(path):
    """Names of the checks that the inspector finds violated, suggestions left out."""
    nwbinspector = pytest.importorskip("nwbinspector")
    least = nwbinspector.Importance.BEST_PRACTICE_VIOLATION.value
    found = [one for one in nwbinspector.inspect_nwbfile(nwbfile_path=str(path)) if one is not None]
    return {one.check_function_name for one in found if one.importance.value >= least}


def test_nwb_is_valid_and_read_by_pynwb_pynapple_and_roiextractors(tmp_path, arrays):
    pynwb = pytest.importorskip("pynwb")
    nap = pytest.importorskip("pynapple")
    roiextractors = pytest.importorskip("roiextractors")
    path = written(tmp_path / "x.nwb", arrays)
    assert not pynwb.validate(path=str(path))
    assert inspected(path) == NO_ANIMAL
    expected = in_a_row(arrays[TRACES])
    with pynwb.NWBHDF5IO(str(path), "r") as file:
        read = file.read()
        series = read.processing["ophys"]["DfOverF"]["RoiResponseSeries"]
        np.testing.assert_array_equal(series.data[:], expected)
        events = read.processing["ophys"]["GeneratedEvents"]["RoiResponseSeries"]
        np.testing.assert_array_equal(events.data[:], in_a_row(arrays[EVENTS]))
        assert (
            series.rate == FRAME_RATE and read.identifier.startswith("synthetic-") and "synthetic" in read.keywords[:]
        )
        assert (
            "physiological" in read.session_description and ATTRIBUTES["recording_sha256"] in read.session_description
        )
        assert len(read.trials) == COUNT and list(series.rois.table["neuron"][:]) == ["3", "7", "cell, 9"]
    opened = nap.load_file(str(path))
    (name,) = [key for key in list(opened) if "DfOverF" in key or key == "RoiResponseSeries"]
    traces = opened[name]
    assert isinstance(traces, nap.TsdFrame)
    np.testing.assert_array_equal(np.asarray(traces.values), expected)
    extractor = roiextractors.NwbSegmentationExtractor(str(path))
    np.testing.assert_array_equal(extractor.get_traces(name="dff"), expected)
    own = readers.read(path)
    np.testing.assert_array_equal(own.traces, expected)
    assert own.frame_rate == FRAME_RATE


def test_nwb_copies_subject_and_place_of_the_recording(tmp_path, arrays):
    pynwb = pytest.importorskip("pynwb")
    from recording_formats import write_nwb

    write_nwb(tmp_path / "recorded.nwb", {"DfOverF": {"a": np.ones((30, 2))}})
    with pynwb.NWBHDF5IO(str(tmp_path / "recorded.nwb"), "a") as io_:
        file = io_.read()
        file.subject = pynwb.file.Subject(subject_id="m7", species="Mus musculus", sex="F", age="P90D")
        io_.write(file)
    path = written(tmp_path / "x.nwb", arrays, source=str(tmp_path / "recorded.nwb"))
    with pynwb.NWBHDF5IO(str(path), "r") as io_:
        file = io_.read()
        assert (file.subject.subject_id, file.subject.age) == ("m7", "P90D")
        assert file.imaging_planes["ImagingPlane"].location == "VISp"
        assert file.imaging_planes["ImagingPlane"].indicator == "GCaMP6f"
    assert inspected(path) == set()


START = 48
SESSION = {"start_frame": START, "border_frames": 4096, "row_frames": 32}


@pytest.fixture
def session(arrays):
    return {name: in_a_row(array) for name, array in arrays.items()}


def session_written(path, session):
    """The path of an output with this session, written in two parts."""
    ids = ("3", "7", "9")
    about = Generated(session[TRACES].shape, tuple(session), FRAME_RATE, ATTRIBUTES | SESSION, ids)
    parts = [{name: array[cut] for name, array in session.items()} for cut in (slice(0, 101), slice(101, None))]
    formats.format_of(path).write(path, parts, about)
    return path


def test_a_session_in_nwb_is_one_series_that_begins_at_its_start(tmp_path, session):
    pynwb = pytest.importorskip("pynwb")
    nap = pytest.importorskip("pynapple")
    path = session_written(tmp_path / "x.nwb", session)
    assert not pynwb.validate(path=str(path)) and inspected(path) == NO_ANIMAL
    with pynwb.NWBHDF5IO(str(path), "r") as file:
        read = file.read()
        series = read.processing["ophys"]["DfOverF"]["RoiResponseSeries"]
        np.testing.assert_array_equal(series.data[:], session[TRACES])
        assert series.starting_time == START / FRAME_RATE and read.trials is None
        assert "a continuous session of 320 frames, from its frame 48 on" in read.session_description
    opened = nap.load_file(str(path))
    (name,) = [key for key in list(opened) if "DfOverF" in key or key == "RoiResponseSeries"]
    assert opened[name].shape == (COUNT * FRAMES, NEURONS)
    np.testing.assert_allclose(opened[name].times()[[0, -1]], (START + np.array([0, 319])) / FRAME_RATE)
    np.testing.assert_array_equal(readers.read(path).traces, session[TRACES])


def test_a_session_in_the_other_formats(tmp_path, session):
    loaded = samples.load(session_written(tmp_path / "x.h5", session))
    np.testing.assert_array_equal(loaded.traces[:], session[TRACES])
    assert loaded.session and loaded.seams == {"stretches": (4048, 4096), "rows": (16, 32)}
    session_written(tmp_path / "x.npy", session)
    np.testing.assert_array_equal(np.load(tmp_path / "x_events.npy"), session[EVENTS])
    assert samples.load(tmp_path / "x.npy", FRAME_RATE).session
    matlab = io.loadmat(session_written(tmp_path / "x.mat", session), simplify_cells=True)
    np.testing.assert_array_equal(matlab[TRACES], session[TRACES])
    assert matlab["dimensions"] == "traces: frame, neuron"
    with open(session_written(tmp_path / "x.csv", session)) as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["frame", "seconds", "neuron", "dff", "spikes", "events"]
    assert [int(line["frame"]) for line in lines] == list(np.repeat(np.arange(START, START + 320), NEURONS))
    assert [line["neuron"] for line in lines[:4]] == ["3", "7", "9", "3"]
    np.testing.assert_allclose([float(line["dff"]) for line in lines], session[TRACES].ravel(), rtol=1e-5)
    path = session_written(f"{tmp_path}/made/", session)
    np.testing.assert_allclose(np.load(tmp_path / "made/plane0/F.npy"), 1000 * (1 + session[TRACES].T), rtol=1e-6)
    assert readers.read(path).traces.shape == session[TRACES].shape


@pytest.mark.parametrize("name", ["x.txt", "x"])
def test_unknown_formats_are_listed(name):
    with pytest.raises(InputError, match=r"is of no known format: known are: a samples file \(.h5\), a NumPy array"):
        formats.format_of(name)


def test_identifier_follows_from_run_and_seed(tmp_path, arrays):
    pynwb = pytest.importorskip("pynwb")
    names = []
    for number in range(2):
        path = written(tmp_path / f"{number}.nwb", arrays)
        with pynwb.NWBHDF5IO(str(path), "r") as file:
            read = file.read()
            names.append(read.identifier)
            assert read.session_start_time <= datetime.datetime.now(datetime.timezone.utc)
    assert names[0] == names[1]
