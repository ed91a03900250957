"""Training under a cluster that asks twice, and a clock that goes back."""

import pathlib
import signal
import time

import forked
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.trainer import Trainer

ROOT = pathlib.Path(__file__).parents[2]
TINY = ["--dataset=synthetic", "--synthetic_neurons=4", "--window_frames=64", "--units=2", "--critic_units=2"]
TINY += ["--kernel_size=8", "--critic_kernel_size=8", "--noise_dim=4", "--phase_shuffle=1", "--batch_size=4"]


@pytest.mark.slow
def test_a_second_signal_ends_at_once_and_the_run_resumes(script, tmp_path):
    flags = [*TINY, "--run=run", "--steps=100000", "--checkpoint_every=5"]
    process, run = forked.Started(ROOT / "train.py", flags, tmp_path, {}), Run(tmp_path / "run")
    while run.saved_step() < 5:
        assert process.poll() is None
        time.sleep(0.05)
    for _ in range(2):
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)  # the first one may have been enough
    saved = run.saved_step()
    resumed = script("train.py", "--resume", "--run=run", f"--steps={saved + 2}")
    assert resumed.returncode == 0 and run.saved_step() == saved + 2


def test_a_clock_that_goes_back_changes_neither_weights_nor_the_end(recording, tiny, tmp_path, monkeypatch):
    def trained(name):
        config = Config.of(**tiny, max_minutes=5, steps=4, checkpoint_every=2, log_every=1)
        trainer = Trainer(config, TrainingData.prepare(recording, config), make_strategy())
        assert trainer.train(Run(tmp_path / name), resume=False) is None and trainer.step == 4
        return [variable.numpy().tolist() for variable in trainer.gan.generator.variables]

    before, now = trained("whole"), [time.time()]

    def earlier():
        now[0] -= 3600
        return now[0]

    monkeypatch.setattr(time, "time", earlier)
    assert trained("set_back") == before
    rates = [entry["steps_per_second"] for entry in Run(tmp_path / "set_back").logged()]
    assert len(rates) == 4 and min(rates) > 0
