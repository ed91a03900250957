import json
import multiprocessing
import os

import pytest

from calciumgan_tf import locking
from calciumgan_tf.errors import InputError


def hold(folder, held, ending):
    with locking.locked(folder):
        held.set()
        ending.wait(60)


def die(folder):
    with locking.locked(folder):
        os._exit(9)


def test_a_second_process_is_told_who_has_the_folder(tmp_path):
    fork = multiprocessing.get_context("spawn")
    held, ending = fork.Event(), fork.Event()
    other = fork.Process(target=hold, args=(tmp_path, held, ending))
    other.start()
    assert held.wait(60)
    in_use = rf"is in use by process {other.pid} \(.*\) on .*: wait for its end"
    with pytest.raises(InputError, match=in_use), locking.locked(tmp_path):
        pass
    ending.set()
    other.join(60)
    with locking.locked(tmp_path):  # free again
        pass


def test_what_a_dead_process_left_is_taken_over_with_a_word(tmp_path, caplog):
    other = multiprocessing.get_context("spawn").Process(target=die, args=(tmp_path,))
    other.start()
    other.join(60)
    assert other.exitcode == 9 and json.loads((tmp_path / locking.FILE).read_text())["pid"] == other.pid
    with caplog.at_level("INFO"), locking.locked(tmp_path):
        assert f"was left by process {other.pid}" in caplog.text and "it is taken over" in caplog.text
    assert (tmp_path / locking.FILE).read_text() == ""


def test_an_unreadable_lock_is_taken_over_and_a_missing_folder_is_created(tmp_path, caplog):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / locking.FILE).write_text("{")
    for name in ("run", "new/run"):
        with locking.locked(tmp_path / name):
            assert json.loads((tmp_path / name / locking.FILE).read_text())["pid"] == os.getpid()
