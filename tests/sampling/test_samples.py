import h5py
import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.sampling import samples

WINDOWS = np.random.default_rng(0).normal(size=(7, 8, 3)).astype(np.float32)
ATTRIBUTES = {"frame_rate": 24.0, "tau_decay": 0.8, "seed": 1, "run": "r", "step": 5}


@pytest.fixture
def path(tmp_path):
    samples.write(tmp_path / "s.h5", iter([WINDOWS[:4], WINDOWS[4:]]), 7, 8, 3, ATTRIBUTES)
    return tmp_path / "s.h5"


def test_written_and_loaded_is_the_same(path):
    loaded = samples.load(path)
    np.testing.assert_array_equal(loaded.traces[:], WINDOWS)
    assert loaded.frame_rate == 24.0
    with h5py.File(path) as file:
        assert {name: file.attrs[name] for name in ATTRIBUTES} == ATTRIBUTES
        assert file["traces"].dtype == np.float32


def test_failure_while_streaming_leaves_nothing(tmp_path):
    def broken():
        yield WINDOWS[:4]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        samples.write(tmp_path / "s.h5", broken(), 7, 8, 3, ATTRIBUTES)
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
