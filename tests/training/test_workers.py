"""Several workers on this machine, found through TF_CONFIG or Slurm, train as one does and end together."""

import functools
import json
import pathlib
import signal
import socket
import time
import warnings

import forked
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.training.distribution import FIRST_PORT
from calciumgan_tf.training.run import Run

ROOT = pathlib.Path(__file__).parents[2]
TINY = ["--dataset=synthetic", "--window_frames=64", "--units=2", "--kernel_size=8", "--critic_kernel_size=8"]
TINY += ["--critic_units=2", "--noise_dim=4", "--phase_shuffle=2", "--batch_size=6", "--log_every=1"]
TINY += ["--synthetic_neurons=4", "--checkpoint_every=10", "--keep=10"]
EXACT = [*TINY, "--precision=float64"]
MODELS = {"calciumgan": [], "physiological": ["--model=physiological", "--calibration=2"]}


class Workers:
    """Processes of train.py that know of each other, with one run folder."""

    def __init__(self, folder, run, flags, count=1, slurm=False):
        addresses = free_addresses(count)
        job = int(free_addresses(1)[0].split(":")[1]) - FIRST_PORT
        self.processes = []
        for index in range(count):
            environment = {"TF_CONFIG": None, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
            if slurm:
                environment |= slurm_environment(index, count, job)
            elif count > 1:
                task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
                environment["TF_CONFIG"] = json.dumps(task)
            self.processes.append(forked.Started(ROOT / "train.py", [f"--run={run}", *flags], folder, environment))

    def wait(self):
        """(status, stdout, stderr) of each."""
        try:
            shown = [process.communicate(timeout=200) for process in self.processes]
        finally:
            for process in self.processes:
                process.kill()
        return [(process.returncode, *texts) for process, texts in zip(self.processes, shown)]


def free_addresses(count):
    """Addresses of ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def slurm_environment(index, count, job):
    """What srun sets for the tasks of a job step on this machine."""
    step = {"PROCID": index, "LOCALID": index, "STEP_NUM_TASKS": count, "STEP_TASKS_PER_NODE": count}
    step |= {"STEP_NODELIST": "localhost", "JOB_ID": job}
    return {f"SLURM_{name}": str(value) for name, value in step.items()}


def ok(workers):
    for status, shown, failure in workers:
        assert status == 0, (shown, failure)
    return [shown for _, shown, _ in workers]


def saved(folder, step):
    """{name: weights} of both models in a checkpoint."""
    reader = tf.train.load_checkpoint(str(Run(folder).checkpoint_folder / f"ckpt-{step}"))
    names = [name for name in reader.get_variable_to_dtype_map() if "_optimizer/_trainable_variables/" in name]
    return {name: reader.get_tensor(name) for name in names}


def assert_alike(folder, other, step):
    """The weights are the same.

    In float64: the order of a sum changes its last digits, and where a gradient is 0 but for them, as that of a bias
    may be, Adam makes a whole step of them.
    """
    mine, theirs = saved(folder, step), saved(other, step)
    assert mine.keys() == theirs.keys() and len(mine) > 20
    assert {"generator_optimizer", "critic_optimizer"} == {name.split("/")[0] for name in mine}
    assert {value.dtype.name for value in mine.values()} == {"float64"}
    # No loss depends on the bias of the critic's score.
    determined = {name: value for name, value in mine.items() if value.shape != (1,)}
    assert len(mine) - len(determined) == 1
    for name, value in determined.items():
        np.testing.assert_allclose(value, theirs[name], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.fixture(scope="module")
def trained_alone(tmp_path_factory):
    """`trained_alone(model)`: the folder of one process' run of 50 steps, which is also saved at step 40.

    `trained_alone(model, 2)` is a second one, that is, the same once more.
    """

    @functools.cache
    def folder(model, number=1):
        path = tmp_path_factory.mktemp(model)
        ok(Workers(path, "run", [*EXACT, *MODELS[model], "--checkpoint_every=40", "--steps=50"]).wait())
        return path / "run"

    return folder


def assert_as_alone(folder, trained_alone, model, step):
    """The weights are those of one process.

    Of many such trainings one, on one machine, once came out otherwise than its repetitions. So where there is a
    difference, a second one decides, and a warning says that the first was not reproduced.
    """
    try:
        assert_alike(folder, trained_alone(model), step)
    except AssertionError as error:
        assert_alike(folder, trained_alone(model, 2), step)
        first = [Run(trained_alone(model, number)).logged() for number in (1, 2)]
        steps = [one["step"] for one, other in zip(*first) if without_speed(one) != without_speed(other)]
        warnings.warn(
            f"two trainings by one process differ, in the log from steps {steps[:1]} on: {error}", stacklevel=1
        )


def without_speed(entry):
    return {name: value for name, value in entry.items() if name != "steps_per_second"}


@pytest.mark.parametrize("model", ["calciumgan", pytest.param("physiological", marks=pytest.mark.slow)])
def test_two_and_three_workers_have_the_weights_of_one(tmp_path, trained_alone, model):
    flags = [*EXACT, *MODELS[model], "--checkpoint_every=40", "--steps=50"]
    for count in (2, 3):
        chief, *others = ok(Workers(tmp_path, f"of{count}", flags, count).wait())
        assert f"replicas: {count}" in chief and not any(others)
        assert_as_alone(tmp_path / f"of{count}", trained_alone, model, 50)
        names = [
            sorted(path.name for path in folder.iterdir()) for folder in (trained_alone(model), tmp_path / f"of{count}")
        ]
        assert names[0] == names[1] and len(Run(tmp_path / f"of{count}").logged()) == 50


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_others_and_two_resume_what_three_began(tmp_path, trained_alone):
    workers, run = Workers(tmp_path, "part", [*EXACT, "--checkpoint_every=10", "--steps=40"], 3), Run(tmp_path / "part")
    while run.saved_step() < 20:
        assert all(process.poll() is None for process in workers.processes)
        time.sleep(0.05)
    workers.processes[2].kill()
    started = time.monotonic()
    found = workers.wait()
    assert time.monotonic() - started < 60
    for status, _, failure in found[:2]:
        assert status == 1 and failure.endswith(
            "error: another worker is gone; start all of them again with --resume\n"
        )
    ok(Workers(tmp_path, "part", ["--resume"], 2).wait())
    assert_as_alone(tmp_path / "part", trained_alone, "calciumgan", 40)


@pytest.mark.slow
def test_a_signal_to_one_worker_ends_all_in_the_same_step(tmp_path):
    workers, run = Workers(tmp_path, "run", [*TINY, "--steps=100000"], 2), Run(tmp_path / "run")
    while run.saved_step() < 10:
        time.sleep(0.05)
    workers.processes[1].send_signal(signal.SIGTERM)
    (status, shown, _), (other, *_) = workers.wait()
    assert status == other == 128 + signal.SIGTERM
    assert f"saved at step {run.saved_step()}" in shown and run.logged()[-1]["step"] == run.saved_step()


@pytest.mark.slow
def test_the_clock_of_the_chief_ends_all(tmp_path):
    flags = [*TINY, "--max_minutes=0.05", "--steps=100000"]
    chief, other = ok(Workers(tmp_path, "run", flags, 2).wait())
    assert 0 < Run(tmp_path / "run").saved_step() < 100000
    assert f"saved at step {Run(tmp_path / 'run').saved_step()}" in chief and not other


@pytest.mark.slow
def test_slurm_names_the_workers(tmp_path):
    chief, other = ok(Workers(tmp_path, "run", [*TINY, "--steps=2"], 2, slurm=True).wait())
    assert "replicas: 2" in chief and not other


def test_wrong_input_ends_all_with_a_line_each(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    for status, shown, failure in Workers(tmp_path, "run", TINY, 2).wait():
        assert (status, shown) == (2, "") and failure.endswith(
            "error: --run=run exists already: choose another name, or add --resume to resume it\n"
        )
