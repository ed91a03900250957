import collections
import os
import pathlib
import pickle
import subprocess

import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import pickles, readers
from calciumgan_tf.recordings.contents import Options

VALUES = {
    "number": 1.5,
    "text": "ä",
    "list": [1, (2, None), {3}, b"x"],
    "ordered": collections.OrderedDict(a=1),
    "array": np.arange(6.0).reshape(2, 3),
    "objects": np.array([{"a": np.int64(3)}, "b"], object),
    "scalar": np.float32(2.5),
    "path": pathlib.PurePosixPath("a/b"),
}


class Harmful:
    """Creates a file when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(2, 6))
def test_plain_values_are_restored(protocol):
    restored = pickles.loads(pickle.dumps(VALUES, protocol))
    np.testing.assert_array_equal(restored.pop("array"), VALUES["array"])
    objects = restored.pop("objects")
    assert objects[0] == {"a": 3} and objects[1] == "b"
    assert restored.pop("path") == "a/b"
    assert restored == {name: value for name, value in VALUES.items() if name in restored} and len(restored) == 5


def harmful_calls(marker):
    return [
        (os.system, f"touch {marker}"),
        (subprocess.call, ["touch", str(marker)]),
        (eval, f"open({str(marker)!r}, 'w')"),
        (exec, f"open({str(marker)!r}, 'w')"),
        (open, str(marker), "w"),
        (pathlib.Path.touch, pathlib.Path(marker)),
        (np.ndarray, (1 << 40,)),
        (bytearray, 1 << 40),
        (getattr, pathlib.Path(), "touch"),
    ]


@pytest.mark.parametrize("number", range(9))
def test_what_a_pickle_would_execute_is_refused_and_does_not_run(tmp_path, number):
    marker = tmp_path / "executed"
    function, *arguments = harmful_calls(marker)[number]
    content = pickle.dumps({"signals": np.zeros((3, 900)), "x": Harmful(function, *arguments)})
    (tmp_path / "x.pkl").write_bytes(content)
    with pytest.raises(InputError, match="x.pkl can't be read"):
        readers.read(tmp_path / "x.pkl", Options(frame_rate=24.0))
    assert not marker.exists()


def test_harmful_settings_of_suite2p_are_refused_unless_they_are_not_needed(tmp_path):
    marker = tmp_path / "executed"
    plane = tmp_path / "plane0"
    plane.mkdir()
    rising = np.random.default_rng(0).normal(500, 5, (2, 900)).astype(np.float32)
    for name, array in (("F", rising), ("Fneu", rising / 9), ("iscell", np.ones((2, 2)))):
        np.save(plane / f"{name}.npy", array)
    np.save(plane / "ops.npy", {"fs": 24.0, "x": Harmful(os.system, f"touch {marker}")})
    with pytest.raises(
        InputError, match="ops.npy can't be read .*which is not loaded.*give --frame_rate and --neuropil"
    ):
        readers.read(plane)
    assert readers.read(plane, Options(frame_rate=24.0, neuropil=0.7)).neurons == 2
    assert not marker.exists()


def test_references_to_outside_are_refused():
    with pytest.raises(pickle.UnpicklingError, match="outside"):
        pickles.loads(b"\x80\x04\x8c\x01aQ.")


def test_a_npy_file_of_another_kind_is_no_dictionary(tmp_path):
    np.save(tmp_path / "ops.npy", np.zeros(3))
    with pytest.raises(InputError, match="not a dictionary"):
        pickles.load(tmp_path / "ops.npy", "x")
