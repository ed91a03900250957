"""The experiment from a command to its page, resumed, and with a generator that draws the truth."""

import json

import numpy as np
import pytest

from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError
from calciumgan_tf.reproduction import plan
from calciumgan_tf.reproduction.augmentation import experiment
from calciumgan_tf.sampling import samples
from calciumgan_tf.synthetic import tuned
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.run import Run


@pytest.fixture
def recording_file(tmp_path):
    tuned.population(neurons=4).recording(5000).save(tmp_path / "mine.h5")
    return tmp_path / "mine.h5"


@pytest.fixture
def shares(recording_file):
    flags = {"window_frames": 128, "phase_shuffle": 2, "steps": 2}
    found = experiment.experiments(plan.LAPTOP, flags, str(recording_file))
    return {share: found[share] for share in (0.25, 1.0)}


@pytest.fixture
def trained(monkeypatch):
    """Stands for training and sampling: windows are those of the truth. Names of the runs and their training frames."""
    seen = {}

    def sample(run, path, request):
        traces = tuned.population(neurons=4).windows(request.count, 128)[1]
        followed = np.load(request.conditions).reshape(request.count, 128, 2)
        arrays = {"traces": traces, "conditions": followed}
        samples.write(path, [arrays], traces.shape, {"frame_rate": 24.0}, tuple(arrays), ("stimulus", "speed"))

    def train(run, config, data, strategy):
        seen[run.folder.name] = config.optimization.seed, data.split.frames("training")

    monkeypatch.setattr(experiment.training_sets, "phase_randomised", lambda windows, seed: windows)  # takes seconds
    monkeypatch.setattr(experiment.experiment, "train", train)
    monkeypatch.setattr(experiment.sampler, "sample", sample)
    return seen


def test_every_share_and_seed_is_trained_on_its_own_part_once(tmp_path, shares, trained):
    written = experiment.run(tmp_path / "out", shares, 2, None)
    frames = {name: count for name, (_, count) in trained.items()}
    assert set(trained) == {f"first_{percent}-physiological-{seed}" for percent in (25, 100) for seed in (0, 1)}
    assert frames["first_25-physiological-0"] == pytest.approx(frames["first_100-physiological-0"] / 4, abs=128)
    assert [trained[f"first_25-physiological-{seed}"][0] for seed in (0, 1)] == [0, 1]
    page = written.read_text()
    assert page.count("## ") == 3 and "(4 neurons)" in page and max(map(len, page.split("\n\n")[1].split("\n"))) <= 100
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert set(scores) == {"neurons", "condition", "correlations"}
    for of_task in scores.values():
        assert set(of_task["generated_10"]) == {"25", "100"}
        assert of_task["recorded"]["25"]["difference"] == {"value": 0, "low": 0, "high": 0}
    assert (tmp_path / "out" / "scores.png").exists()

    trained.clear()
    assert experiment.run(tmp_path / "out", shares, 2, None).read_text() == page and not trained
    (tmp_path / "out" / "runs" / "first_25-physiological-1" / "result.json").unlink()
    experiment.run(tmp_path / "out", shares, 2, None)
    assert written.read_text() == page and not trained  # its windows are there still


def test_windows_follow_stretches_of_the_part_that_the_generator_knows(tmp_path, shares):
    one = shares[0.25]
    data = TrainingData.prepare(one.recording, one.config, share=0.25)
    path = experiment.conditions_for(Run(tmp_path), data, 30, seed=0)
    windows = np.load(path).reshape(30, 128, 2)
    inside = np.concatenate([one.recording.conditions[a:b] for a, b in data.split.training])
    for window in windows:
        assert any(np.array_equal(inside[t : t + 128], window) for t in range(len(inside) - 127))
    assert len(np.unique(windows[:, 0], axis=0)) > 5
    plain = TrainingData.prepare(one.recording, one.config.changed(condition=""), share=0.25)
    assert experiment.conditions_for(Run(tmp_path), plain, 30, seed=0) == "recorded"


def test_an_experiment_with_other_settings_is_refused(tmp_path, recording_file, shares, trained):
    experiment.run(tmp_path / "out", shares, 1, None)
    flags = {"window_frames": 128, "phase_shuffle": 2, "steps": 3}
    other = experiment.experiments(plan.LAPTOP, flags, str(recording_file))
    with pytest.raises(InputError, match="begun with other settings: .*steps was 2, is 3"):
        experiment.run(tmp_path / "out", {share: other[share] for share in shares}, 1, None)


def test_the_default_is_the_tuned_population_whose_truth_is_known():
    found = experiment.experiments(plan.LAPTOP, {"synthetic_neurons": 3})
    assert list(found) == [0.1, 0.25, 0.5, 1.0]
    one = found[0.1]
    assert one.recording.source == "synthetic_tuned" and one.config.schedule.last_step == 400
    first, second = (experiment._fresh(one.config.data, 2, seed) for seed in (0, 1))
    assert first[0].traces.shape == (256, 3) and first[0].levels.shape == (256,)
    assert not np.allclose(first[0].traces, second[0].traces)


def test_a_recording_too_short_for_a_tenth_is_refused_before_training(tmp_path):
    tuned.population(neurons=4).recording(2000).save(tmp_path / "short.h5")
    with pytest.raises(InputError, match="no window of 256 frames fits in the first 10 % of the training part"):
        experiment.experiments(plan.LAPTOP, {}, str(tmp_path / "short.h5"))


def test_a_flag_that_it_does_not_have(script):
    done = script("reproduce.py", "--experiment=augmentation", "--models=mlp")
    assert done.returncode == 2
    assert done.stderr == "error: --models is not a flag of --experiment=augmentation: leave it out\n"


@pytest.mark.slow
def test_a_conditional_generator_is_trained_and_drawn_from(tmp_path, recording_file):
    flags = {"window_frames": 64, "units": 2, "critic_units": 2, "noise_dim": 4, "batch_size": 4, "steps": 2}
    flags |= {"kernel_size": 4, "critic_kernel_size": 4, "phase_shuffle": 2, "calibration": 2}
    found = experiment.experiments(plan.LAPTOP, flags, str(recording_file))
    written = experiment.run(tmp_path / "out", {0.25: found[0.25]}, 1, make_strategy(1))
    page = written.read_text()
    assert page.count("+ 10 x generated windows") == 3 and "recorded alone, Ledoit-Wolf" in page
    (folder,) = (tmp_path / "out" / "runs").iterdir()
    assert Run(folder).config().data.condition == "stimulus,speed"
    drawn = samples.load(folder / "samples.h5")
    followed = np.load(folder / "conditions.npy").reshape(drawn.conditions.shape)
    np.testing.assert_array_equal(drawn.conditions[:], followed)
