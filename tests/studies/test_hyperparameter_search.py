import json
import pathlib
import signal
import subprocess
import sys
import time

import pytest
import tensorflow as tf

from calciumgan_tf.errors import InputError
from calciumgan_tf.studies import hyperparameter_search

ROOT = pathlib.Path(__file__).parents[2]
SPACE = {"phase_shuffle": [1, 99], "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}
FLAGS = "--window_frames=64 --units=2 --critic_units=2 --loss=gan --batch_size=4 --steps=4"


@pytest.fixture
def space(tmp_path):
    def write(entries):
        path = tmp_path / "space.json"
        path.write_text(entries if isinstance(entries, str) else json.dumps(entries))
        return path

    return write


@pytest.mark.parametrize(
    "entries, message",
    [
        ("{", "can't be read"),
        ([1], "is not an object"),
        ({"colour": [1]}, "there is no --colour"),
        ({"units": 3}, "units is 3: give a list"),
        ({"units": {"low": 3}}, "units is"),
        ({"units": {"low": 9, "high": 3}}, "units is"),
        ({"noise_dim": [3]}, "--noise_dim is given and in"),
        ({"window_frames": [64, 128]}, "window_frames has to be the same in all trials: give it as a flag"),
        ({"dataset": ["a.h5", "b.h5"]}, "dataset has to be the same"),
        ({"split": ["end", "blocks"]}, "split has to be the same"),
        ({"tau_decay": [0.5, 1.0]}, "tau_decay has to be the same"),
        ({"steps": [3]}, "steps has to be the same"),
    ],
)
def test_wrong_space_is_named(space, entries, message):
    with pytest.raises(InputError, match=message):
        hyperparameter_search.read_space(space(entries), {"noise_dim": 4})


def test_missing_space(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        hyperparameter_search.read_space(tmp_path / "none.json", {})


@pytest.mark.slow
def test_killed_search_is_resumed(space, tmp_path):
    """Three trials count: the killed one is done again, and the one that can't work is recorded with its reason."""
    space(SPACE)
    command = [sys.executable, str(ROOT / "search.py"), "--space=space.json", "--study=study", *FLAGS.split()]
    command += ["--num_windows=20", "--metric=firing_rate_rmse", "--evaluations=1"]
    log = tmp_path / "log"
    with open(log, "w") as file:
        first = subprocess.Popen([*command, "--trials=1000"], cwd=tmp_path, stdout=file, stderr=file)
        while not list(tmp_path.glob("study/trial-*/generator.keras")) and first.poll() is None:
            time.sleep(0.1)
        first.send_signal(signal.SIGKILL)
        first.wait()
    # As a kill may leave them: Optuna's lock, for which it would wait, and part of a line.
    (tmp_path / "study" / "study.log.lock").unlink(missing_ok=True)
    (tmp_path / "study" / "study.log.lock").symlink_to("study/study.log")
    with open(tmp_path / "study" / "study.log", "a") as file:
        file.write('{"op_code": 5, "wor')
    before = log.read_text().count("\ntrial ")
    assert before, log.read_text()
    done = subprocess.run([*command, "--trials=5"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    states = [line.split()[1] for line in done.stdout.splitlines() if line[:4].strip().isdigit()]
    assert states.count("COMPLETE") >= 1 and len(states) - done.stdout.count("interrupted") == 5
    assert "--phase_shuffle=99 reaches beyond" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("train it: python train.py") and "--loss=gan" in last and "--learning_rate=" in last
    other = [*command, "--trials=5", "--noise_dim=5"]
    refused = subprocess.run(other, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert refused.returncode == 2 and "was begun with another given: name a new --study" in refused.stderr
    events = list(tmp_path.glob("study/trial-*/tensorboard/events*"))
    tags = {
        value.tag
        for event in events
        for record in tf.compat.v1.train.summary_iterator(str(event))
        for value in record.summary.value
    }
    assert "firing_rate_rmse" in tags and any("hparams" in tag for tag in tags)
