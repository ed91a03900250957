"""The files of configs/."""

import json
import os
import pathlib
import subprocess

import pytest

from calciumgan_tf import flagfile
from calciumgan_tf.config import Config, options
from calciumgan_tf.training.builders import Builder

CONFIGS = pathlib.Path(__file__).parents[1] / "configs"
NEURONS = {"paper.flags": 102, "wavegan.flags": 16, "surrogate.flags": 2}


def test_every_flag_file_is_tested():
    assert {path.name for path in CONFIGS.glob("*.flags")} == set(NEURONS)


@pytest.mark.parametrize("name", NEURONS)
def test_flag_file_builds_both_models(name):
    config = Config.of(**flagfile.read(CONFIGS / name))
    builder = Builder(config, NEURONS[name])
    assert builder.generator().keras.output_shape == (None, config.data.window_frames, NEURONS[name])
    assert builder.critic().keras.output_shape == (None,)


def test_search_space_is_of_known_options():
    space = json.loads((CONFIGS / "search.json").read_text())
    for name, values in space.items():
        for value in values if isinstance(values, list) else (values["low"], values["high"]):
            assert Config.of(**{name: value}).flags()[name] == value
    assert space and set(space) <= set(options())


def test_settings_of_the_paper():
    """Li et al. 2020: the arguments of the training command in the README of its public code."""
    config = Config.of(**flagfile.read(flagfile.PAPER))
    optimization, generator, critic = config.optimization, config.generator, config.critic
    assert (config.data.window_frames, config.data.scaling, config.data.scaling_quantile) == (2048, "global", 0)
    assert (generator.units, generator.kernel_size, generator.stride, generator.noise_dim) == (64, 24, 2, 32)
    assert (generator.norm, generator.normalize_last, generator.noise) == ("layer", True, "normal")
    assert (generator.last_units, generator.noise_injection) == (0, False)
    assert (critic.units, critic.kernel_size, critic.stride, critic.phase_shuffle) == (64, 24, 2, 10)
    assert (optimization.loss, optimization.gradient_penalty, optimization.batch_size) == ("wgan-gp", 10, 128)
    assert (optimization.critic_updates, optimization.critic_batches) == (5, "shared")
    assert optimization.learning_rate == optimization.critic_learning_rate == 1e-4
    assert (optimization.optimizer, optimization.beta_1, optimization.beta_2) == ("adam", 0.9, 0.999)
    assert (optimization.ema, optimization.half_rate_step) == (0, 0)
    assert config.schedule.steps == 400 * (8755 // 128 + 1)


def test_slurm_script_is_valid_and_resumes_a_run_that_was_begun(tmp_path):
    assert subprocess.run(["bash", "-n", str(CONFIGS / "slurm.sh")]).returncode == 0
    (tmp_path / "srun").write_text('#!/bin/bash\necho "$@"\n')
    (tmp_path / "srun").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["bash", str(CONFIGS / "slurm.sh"), "--dataset=x.h5", "--run=run"]

    def started():
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert started() == ".venv/bin/python train.py --dataset=x.h5 --run=run"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").touch()
    assert started() == ".venv/bin/python train.py --resume --run=run"
