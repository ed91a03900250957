"""A damaged file is read as it was before the damage, or is an InputError of one line, and never anything else."""

import pathlib
import pickle

import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.contents import Options
from calciumgan_tf.recordings.recording import Recording

RATE = Options(frame_rate=24.0)
MUTATIONS = 300
NPY_HEADER = 128  # bytes


@pytest.fixture
def small(traces):
    """A recording of 100 frames that has every optional part."""
    return Recording(
        traces[:100],
        24.0,
        source="source",
        source_sha256="0" * 64,
        neuron_ids=("a", "b", "c"),
        spikes=(traces[:100] > 1).astype(np.uint8),
        spikes_kind="inferred",
        s_min=0.5,
        description="description",
        trial_frames=50,
    )


def with_wrong_byte(whole, generator, stop=None):
    """A copy in which one byte before `stop` has another value."""
    damaged = bytearray(whole)
    damaged[generator.integers(stop or len(damaged))] ^= generator.integers(1, 256)
    return damaged


def read(path, content, options):
    """The recording in a file with this content; None where it is refused in one line."""
    path.write_bytes(content)
    try:
        return readers.read(path, options)
    except InputError as error:
        assert len(str(error).splitlines()) == 1 and str(path) in str(error)
        return None


def test_prepared_recording_with_a_wrong_byte(small, tmp_path):
    path, generator = tmp_path / "x.h5", np.random.default_rng(0)
    small.save(path)
    whole = path.read_bytes()
    results = [read(path, with_wrong_byte(whole, generator), Options()) for _ in range(MUTATIONS)]
    intact = [result for result in results if result is not None]
    assert all(result.content_sha256() == small.content_sha256() for result in intact)
    assert 0 < len(intact) < MUTATIONS / 2  # HDF5 leaves some bytes unused


@pytest.mark.slow
def test_prepared_recording_with_any_byte_wrong(small, tmp_path):
    path, generator = tmp_path / "x.h5", np.random.default_rng(1)
    small.save(path)
    whole = path.read_bytes()
    for place, change in enumerate(generator.integers(1, 256, len(whole))):
        damaged = bytearray(whole)
        damaged[place] ^= change
        result = read(path, damaged, Options())
        assert result is None or result.content_sha256() == small.content_sha256(), (place, change)


def test_truncated_prepared_recording(small, tmp_path):
    path = tmp_path / "x.h5"
    small.save(path)
    whole = path.read_bytes()
    assert all(read(path, whole[:length], Options()) is None for length in range(0, len(whole), 53))


def test_array_with_a_wrong_byte_in_its_header(traces, tmp_path):
    """NumPy's format has no checksum, so a changed type (<f4 to >f4) can't be recognized, but a changed shape can."""
    path, generator = tmp_path / "x.npy", np.random.default_rng(0)
    np.save(path, traces[:100])
    whole = path.read_bytes()
    results = [read(path, with_wrong_byte(whole, generator, NPY_HEADER), RATE) for _ in range(MUTATIONS)]
    intact = [result for result in results if result is not None]
    assert len(intact) < MUTATIONS / 20 and all(result.traces.shape == (100, 3) for result in intact)


def test_truncated_array(traces, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, traces[:100])
    whole = path.read_bytes()
    assert all(read(path, whole[:length], RATE) is None for length in range(0, len(whole), 13))
    assert read(path, whole + b"0", RATE) is None
    np.testing.assert_array_equal(read(path, whole, RATE).traces, traces[:100])


def test_archive_of_arrays_is_not_an_array(traces, tmp_path):
    with (tmp_path / "x.npy").open("wb") as file:
        np.savez(file, traces)
    with pytest.raises(InputError, match="x.npy can't be read"):
        readers.read(tmp_path / "x.npy", RATE)


def test_array_of_text_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.full((5, 2), "1.0"))
    with pytest.raises(InputError, match="not numbers"):
        readers.read(tmp_path / "x.npy", RATE)


class Touch:
    """Pickled, it is a program that creates a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["F.npy", "Fneu.npy", "iscell.npy"])
def test_pickles_are_never_loaded(tmp_path, name):
    """Neither as an array of objects nor as a bare pickle, in a suite2p folder or by itself."""
    marker, files = tmp_path / "loaded", ("F.npy", "Fneu.npy", "iscell.npy", "stat.npy", "ops.npy")
    for file in files:
        np.save(tmp_path / file, np.array([Touch(marker)], object) if file[0] in "so" else np.ones((2, 50)))
    array_of_objects = (tmp_path / "ops.npy").read_bytes()
    for content in (array_of_objects, pickle.dumps(Touch(marker))):
        (tmp_path / name).write_bytes(content)
        for path in (tmp_path, tmp_path / name):
            with pytest.raises(InputError, match=f"{name} can't be read"):
                readers.read(path, RATE)
    assert not marker.exists()


@pytest.mark.parametrize("labels", [np.ones((2, 0)), np.ones((2, 1, 1)), np.ones(()), np.ones(3)])
def test_labels_of_another_shape(tmp_path, labels):
    for file in ("F.npy", "Fneu.npy"):
        np.save(tmp_path / file, np.ones((2, 50)))
    np.save(tmp_path / "iscell.npy", labels)
    with pytest.raises(InputError, match="iscell"):
        readers.read(tmp_path, RATE)


def test_numbers_too_large_for_float32(tmp_path, traces):
    large = traces.astype(np.float64)
    large[3, 1] = 1e300
    np.save(tmp_path / "x.npy", large)
    with pytest.raises(InputError, match="neuron 1 has 1 frames of NaN or Inf"):
        readers.read(tmp_path / "x.npy", RATE)
