import concurrent.futures
import dataclasses
import json
import os
import zipfile

import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.training.run import NEWEST, Run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def start(recording, **flags):
    config = Config.of(**{"window_frames": 64, "phase_shuffle": 2, **flags})
    run = Run.create(None, config)
    run.write_settings(config, TrainingData.prepare(recording, config), {"generator": 1, "critic": 2})
    return run


def test_names_follow_data_set_and_model_and_count_up(recording):
    data_sets = ("synthetic", "synthetic", "data/my mouse.h5", "a/plane0")
    names = [start(recording, dataset=name).folder.name for name in data_sets]
    assert names == ["synthetic-calciumgan", "synthetic-calciumgan-002", "my_mouse-calciumgan", "plane0-calciumgan"]
    assert start(recording, model="physiological").folder.name == "synthetic-physiological"


def test_runs_created_at_once_get_a_folder_each():
    """As many threads as can start at once ask for the same default name."""
    config = Config.of()
    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        runs = list(threads.map(lambda _: Run.create(None, config).folder, range(64)))
    assert len(set(runs)) == 64 and all(folder.is_dir() for folder in runs)


def test_newest_is_the_one_started_last(recording):
    first, second = start(recording), start(recording)
    for run, when in ((first, 2_000_000_000), (second, 1_000_000_000)):
        os.utime(run.config_file, (when, when))
    assert Run.open(NEWEST).folder == first.folder
    assert Run.open(second.folder).folder == second.folder


@pytest.mark.parametrize("model", ["calciumgan", "physiological"])
def test_training_data_are_restored_exactly(recording, model):
    """Split, scaling, and what was measured for the physiological model come from config.json, to the last bit."""
    run = start(recording, model=model)
    config, settings = run.config(), run.settings()
    prepared, restored = TrainingData.prepare(recording, config), run.training_data()
    assert settings["model"] == config.model == model and settings["packages"]["tensorflow"]
    assert settings["recording"]["sha256"] == restored.recording.sha256() == recording.sha256()
    assert restored.split == prepared.split
    assert (restored.neuron_statistics is None) == (model == "calciumgan")
    for part in ("scaling",) if model == "calciumgan" else ("scaling", "oasis", "neuron_statistics"):
        for name, expected in vars(getattr(prepared, part)).items():
            value = getattr(getattr(restored, part), name)
            np.testing.assert_array_equal(value, expected)
            assert getattr(value, "dtype", None) == getattr(expected, "dtype", None)


def test_run_of_an_older_format_is_refused(recording):
    run = start(recording)
    settings = json.loads(run.config_file.read_text())
    run.config_file.write_text(json.dumps(settings | {"format_version": 1}))
    with pytest.raises(InputError, match="is a run of format 1, and this version reads format 2: train again with"):
        run.config()


def test_unknown_key_of_a_configuration_is_named(recording):
    run = start(recording)
    settings = json.loads(run.config_file.read_text())
    settings["config"]["generator"]["colour"] = 3
    run.config_file.write_text(json.dumps(settings))
    with pytest.raises(InputError, match="unknown key generator.colour"):
        run.config()


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
        with pytest.raises(InputError, match="has no checkpoint yet: resume it with: python train.py --resume"):
            question()
    run.generator_file.touch()
    with pytest.raises(InputError, match="has no samples yet: draw some with: python generate.py"):
        run.newest_samples()


def test_existing_run_is_not_overwritten(recording):
    run = start(recording)
    with pytest.raises(InputError, match="exists already: choose another name, or add --resume"):
        Run.create(run.folder, Config.of())


def test_damaged_config(recording):
    run = start(recording)
    run.config_file.write_text("{")
    with pytest.raises(InputError, match="config.json can't be read"):
        run.settings()


def test_damaged_generator(recording):
    run = start(recording)
    run.generator_file.write_bytes(b"not a zip file")
    with pytest.raises(InputError, match="generator.keras can't be read .*: resume"):
        run.generator_information()


def test_config_of_another_shape(recording):
    run = start(recording)
    settings = json.loads(run.config_file.read_text())
    run.config_file.write_text(json.dumps(settings | {"config": [], "training_data": None}))
    for question in (run.config, run.training_data):
        with pytest.raises(InputError, match="config.json can't be read"):
            question()


def test_recording_of_another_run(recording):
    run = start(recording)
    Recording(recording.traces + 1, 24.0, source="other").save(run.recording_file)
    with pytest.raises(InputError, match="recording.h5 is not the recording of this run"):
        run.training_data()


def test_a_new_budget_is_remembered_and_the_run_is_not_newer_for_it(recording):
    first, second = start(recording), start(recording)
    os.utime(second.config_file, (2_000_000_000, 2_000_000_000))
    config = first.config()
    first.write_config(dataclasses.replace(config, schedule=dataclasses.replace(config.schedule, steps=77)))
    assert first.config().schedule.steps == 77 and first.config().optimization == config.optimization
    assert Run.open(NEWEST).folder == second.folder


def test_a_start_that_was_interrupted_can_be_repeated(recording, tmp_path):
    """Only what such a start leaves: an empty folder, or a lock with a recording and files that were being written."""
    config = Config.of(window_frames=64, phase_shuffle=2)
    for number, names in enumerate([(), (".lock",), (".lock", "recording.h5", ".partial-7-config.json")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in names:
            (folder / name).write_text("")
        run = Run.create(folder, config)
        run.write_settings(config, TrainingData.prepare(recording, config), {})
        assert run.config() == config
    for number, name in enumerate(["recording.h5", "notes.txt"]):
        folder = tmp_path / f"mine-{number}"
        folder.mkdir()
        (folder / name).write_text("kept")
        with pytest.raises(InputError, match="exists already"):
            Run.create(folder, config)
        assert (folder / name).read_text() == "kept"


def test_leftovers_of_a_killed_training_are_removed_and_nothing_else(recording):
    run = start(recording)
    run.preview_folder.mkdir()
    own = [run.folder / ".partial-7-config.json", run.preview_folder / ".partial-7-step-0000004.png"]
    others = [run.folder / ".partial-7-samples.h5", run.folder / "notes.txt", run.preview_folder / "step-0000002.png"]
    for file in own + others:
        file.write_text("")
    run.remove_leftovers()
    assert not any(file.exists() for file in own)
    assert all(file.exists() for file in [*others, run.config_file, run.recording_file])


def test_a_generator_with_foreign_members_is_refused(recording):
    run = start(recording)
    with zipfile.ZipFile(run.generator_file, "w") as archive:
        archive.writestr("../x", "x")
    with pytest.raises(InputError, match=r"generator.keras can't be read \(it holds ../x\)"):
        run.checked_generator()
