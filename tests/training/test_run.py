import os

import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset import split
from calciumgan_tf.errors import InputError
from calciumgan_tf.training.run import NEWEST, Run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def start(recording, dataset="synthetic"):
    run = Run.new(None, dataset)
    run.start(Config(), recording, split.split_frames(recording.frames, 64), {"generator": 1, "critic": 2})
    return run


def test_names_follow_the_data_set_and_count_up(recording):
    data_sets = ("synthetic", "synthetic", "data/my mouse.h5", "a/plane0")
    names = [start(recording, name).folder.name for name in data_sets]
    assert names == ["synthetic", "synthetic-002", "my_mouse", "plane0"]


def test_newest_is_the_one_started_last(recording):
    first, second = start(recording), start(recording)
    for run, when in ((first, 2_000_000_000), (second, 1_000_000_000)):
        os.utime(run.config_file, (when, when))
    assert Run.open(NEWEST).folder == first.folder
    assert Run.open(second.folder).folder == second.folder


def test_settings_say_everything(recording):
    run = start(recording)
    settings = run.settings()
    assert run.config() == Config()
    assert settings["data"]["sha256"] == recording.sha256()
    assert split.Split.from_json(settings["split"]) == split.split_frames(2000, 64)
    assert settings["packages"]["tensorflow"]


def test_no_run_yet():
    with pytest.raises(InputError, match="there is no run in checkpoints/ yet: train one with"):
        Run.open(NEWEST)


def test_folder_that_is_no_run(tmp_path):
    with pytest.raises(InputError, match="--checkpoint=nowhere is not a run folder"):
        Run.open("nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="--run=empty has no config.json"):
        Run.open("empty", "run")


def test_run_without_checkpoint_or_samples(recording):
    run = start(recording)
    for question in (run.trained_generator, run.newest_samples):
        with pytest.raises(InputError, match="has no checkpoint yet: go on with: python train.py --resume"):
            question()
    run.generator_file.touch()
    with pytest.raises(InputError, match="has no samples yet: draw some with: python generate.py"):
        run.newest_samples()


def test_existing_run_is_not_overwritten(recording):
    run = start(recording)
    with pytest.raises(InputError, match="exists already: choose another name, or add --resume"):
        Run.new(run.folder, "synthetic")


def test_damaged_config(recording):
    run = start(recording)
    run.config_file.write_text("{")
    with pytest.raises(InputError, match="config.json can't be read"):
        run.settings()
