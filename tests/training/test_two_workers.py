"""Two workers on this machine, found through TF_CONFIG, train as one does."""

import json
import os
import pathlib
import socket
import subprocess
import sys

import numpy as np
import pytest

from calciumgan_tf.training.run import Run

ROOT = pathlib.Path(__file__).parents[2]
TINY = ["--window_frames=64", "--units=2", "--kernel_size=8", "--critic_kernel_size=8", "--critic_units=2"]
TINY += ["--noise_dim=4", "--phase_shuffle=2", "--batch_size=8", "--steps=20", "--log_every=1", "--synthetic_neurons=4"]


def start(folder, run, flags, cluster=None, index=0):
    task = {"cluster": {"worker": cluster}, "task": {"type": "worker", "index": index}}
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    environment |= {"TF_CONFIG": json.dumps(task)} if cluster else {}
    command = [sys.executable, str(ROOT / "train.py"), "--dataset=synthetic", f"--run={run}", *TINY, *flags]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes)


def free_addresses(count):
    """Addresses of ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(["--model=calciumgan"], id="calciumgan"),
        # A few updates: over hundreds, Adam makes differences of rounding large.
        pytest.param(["--model=physiological", "--calibration=5"], id="physiological", marks=pytest.mark.slow),
    ],
)
def test_two_workers_have_the_losses_of_one(tmp_path, flags):
    cluster = free_addresses(2)
    processes = [start(tmp_path, f"worker{index}", flags, cluster, index) for index in range(2)]
    shown = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], shown
    assert "replicas: 2" in shown[0]
    alone = start(tmp_path, "alone", flags)
    assert alone.wait(timeout=300) == 0, alone.communicate()
    losses = [Run(tmp_path / name).logged() for name in ("alone", "worker0", "worker1")]
    assert [len(lines) for lines in losses] == [20, 20, 20]
    for expected, *others in zip(*losses):
        for name in sorted(expected.keys() - {"step", "steps_per_second"}):
            for other in others:
                np.testing.assert_allclose(other[name], expected[name], rtol=2e-3, atol=2e-3, err_msg=name)
