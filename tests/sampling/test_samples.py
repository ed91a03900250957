import h5py
import numpy as np
import pytest

from calciumgan_tf import hdf5
from calciumgan_tf.errors import InputError
from calciumgan_tf.sampling import samples

WINDOWS = np.random.default_rng(0).normal(size=(7, 8, 3)).astype(np.float32)
ATTRIBUTES = {"model": "calciumgan", "frame_rate": 24.0, "tau_decay": 0.8, "seed": 1, "run": "r", "step": 5}


@pytest.fixture
def path(tmp_path):
    samples.write(tmp_path / "s.h5", iter([{"traces": WINDOWS[:4]}, {"traces": WINDOWS[4:]}]), (7, 8, 3), ATTRIBUTES)
    return tmp_path / "s.h5"


def test_written_and_loaded_is_the_same(path):
    loaded = samples.load(path)
    np.testing.assert_array_equal(loaded.traces[:], WINDOWS)
    assert (loaded.frame_rate, loaded.model, loaded.step) == (24.0, "calciumgan", 5)
    with h5py.File(path) as file:
        attributes = hdf5.read_attributes(file)
        assert {name: attributes[name] for name in ATTRIBUTES} == ATTRIBUTES
        assert file["traces"].dtype == np.float32 and file["traces"].fletcher32
        assert attributes["format"] == "calciumgan_tf/samples" and attributes["version"] == 4


def test_a_session_is_cut_into_windows_as_they_are_read(tmp_path):
    session = WINDOWS.reshape(-1, 3)[:-1]
    known = ATTRIBUTES | {"start_frame": 10, "border_frames": 16, "row_frames": 8}
    samples.write(tmp_path / "s.h5", [{"traces": session[:11]}, {"traces": session[11:]}], session.shape, known)
    loaded = samples.load(tmp_path / "s.h5")
    assert loaded.session and loaded.seams == {"stretches": (6, 16), "rows": (6, 8)}
    np.testing.assert_array_equal(loaded.traces[3:7], session[3:7])
    windows = loaded.in_windows(8)
    assert windows.traces.shape == (6, 8, 3) and not windows.session and windows.in_windows(8) is windows
    np.testing.assert_array_equal(windows.traces[2:5], WINDOWS[2:5])
    with pytest.raises(InputError, match="has 55 frames, less than a window of 64: make it longer"):
        loaded.in_windows(64)


def test_what_parts_leave_out_is_noticed(tmp_path):
    with pytest.raises(ValueError, match="6 of 7"):
        samples.write(tmp_path / "s.h5", [{"traces": WINDOWS[:6]}], WINDOWS.shape, ATTRIBUTES)
    assert not list(tmp_path.iterdir())


def test_failure_while_streaming_leaves_nothing(tmp_path):
    def broken():
        yield {"traces": WINDOWS[:4]}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        samples.write(tmp_path / "s.h5", broken(), (7, 8, 3), ATTRIBUTES)
    assert not list(tmp_path.iterdir())


def test_npy_of_any_model(tmp_path):
    np.save(tmp_path / "s.npy", WINDOWS)
    assert samples.load(tmp_path / "s.npy", 30.0).frame_rate == 30.0
    with pytest.raises(InputError, match="no frame rate"):
        samples.load(tmp_path / "s.npy")


def test_truncated(path):
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="can't be read .* it may be truncated"):
        samples.load(path)


def test_missing_and_other_files(tmp_path, recording):
    with pytest.raises(InputError, match="does not exist: draw windows with generate.py"):
        samples.load(tmp_path / "none.h5")
    recording.save(tmp_path / "r.h5")
    with pytest.raises(InputError, match="is not a samples file"):
        samples.load(tmp_path / "r.h5")


def version_1(path, **attributes):
    """A file as version 1 wrote it: without a model and without a checksum."""
    with h5py.File(path, "w") as file:
        file["traces"] = WINDOWS
        file.attrs.update({"format": "calciumgan_tf/samples", "version": 1, "frame_rate": 24.0} | attributes)
    return path


def test_version_1_is_read_and_its_model_is_unknown(tmp_path):
    loaded = samples.load(version_1(tmp_path / "s.h5", step=7))
    np.testing.assert_array_equal(loaded.traces[:], WINDOWS)
    assert (loaded.model, loaded.step, loaded.recording_sha256) == ("", 7, "")


def test_a_later_version_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a samples file of version 5.*: use a later version"):
        samples.load(version_1(tmp_path / "s.h5", version=5))


@pytest.mark.parametrize("traces", [np.zeros(3, np.float32), np.zeros((3, 4, 2), np.int32)])
def test_traces_of_another_kind_are_refused(tmp_path, traces):
    with h5py.File(version_1(tmp_path / "s.h5"), "a") as file:
        del file["traces"]
        file["traces"] = traces
    with pytest.raises(InputError, match=r"they have to be \(window, frame, neuron\), or"):
        samples.load(tmp_path / "s.h5")


def test_every_changed_byte_of_the_traces_is_noticed(tmp_path):
    """Of a file without a checksum, as version 1, none would be."""
    samples.write(tmp_path / "s.h5", [{"traces": WINDOWS}], (7, 8, 3), ATTRIBUTES)
    content, noticed = (tmp_path / "s.h5").read_bytes(), 0
    start = content.index(WINDOWS.tobytes()[:64])
    for place in range(start, start + WINDOWS.nbytes, 50):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        (tmp_path / "damaged.h5").write_bytes(damaged)
        with pytest.raises(InputError, match="damaged.h5 can't be read"):
            samples.load(tmp_path / "damaged.h5").traces[:]
        noticed += 1
    assert noticed >= 13


def test_a_mutated_file_is_read_or_refused_and_never_a_traceback(path):
    generator, content = np.random.default_rng(0), path.read_bytes()
    outcomes = []
    for _ in range(300):
        damaged = bytearray(content)
        for place in generator.integers(0, len(damaged), 20):
            damaged[place] = generator.integers(256)
        path.write_bytes(damaged)
        try:
            np.testing.assert_array_equal(samples.load(path).traces[:], WINDOWS)  # the bytes belong to nothing
            outcomes.append("read")
        except InputError as error:
            outcomes.append("refused")
            assert "\n" not in str(error)
    assert outcomes.count("refused") > 100
