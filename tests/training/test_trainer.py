import dataclasses
import json
import math
import re
import signal

import keras
import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.errors import InputError, TrainingDiverged
from calciumgan_tf.plotting import previews
from calciumgan_tf.synthetic import populations
from calciumgan_tf.training import trainer as trainers
from calciumgan_tf.training.description import describe
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.run import Run
from calciumgan_tf.training.trainer import Trainer


def trainer(recording, tiny, preview=None, **changes):
    config = Config.of(**{"steps": 6, "log_every": 2, "checkpoint_every": 2, "keep": 2, **tiny, **changes})
    return Trainer(config, TrainingData.prepare(recording, config), make_strategy(), preview)


def weights(training):
    gan = training.gan
    variables = [*gan.generator.variables, *gan.critic.variables]
    variables += [*gan.generator_optimizer.variables, *gan.critic_optimizer.variables]
    return [variable.numpy() for variable in variables]


@pytest.mark.parametrize("model", ["calciumgan", pytest.param("physiological", marks=pytest.mark.slow)])
def test_resumed_twice_equals_uninterrupted_bit_for_bit(recording, tiny_of, tmp_path, model):
    whole = trainer(recording, tiny_of(model))
    whole.train(Run(tmp_path / "whole"), resume=False)
    for steps in (2, 5, 6):
        part = trainer(recording, tiny_of(model), steps=steps)
        part.train(Run(tmp_path / "parts"), resume=steps > 2)
        assert part.step == steps
    for mine, theirs in zip(weights(part), weights(whole)):
        np.testing.assert_array_equal(mine, theirs)
    lines = [Run(tmp_path / name).metrics_file.read_text().splitlines() for name in ("whole", "parts")]
    last = [json.loads(line[-1]) for line in lines]
    assert last[0]["step"] == last[1]["step"] == 6


def test_the_best_checkpoint_is_kept_and_the_same_after_a_resume(recording, tiny, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(trainers, "ValidationDistance", lambda *_: lambda windows: float(abs(windows.mean() - 1.02)))
    whole, parts = Run(tmp_path / "whole"), Run(tmp_path / "parts")
    options = {**tiny, "keep_best": True, "checkpoint_every": 1, "learning_rate": 0.02}
    with caplog.at_level("INFO"):
        training = trainer(recording, options)
        training.train(whole, resume=False)
    distances = {entry["step"]: entry["validation_distance"] for entry in whole.logged()}
    assert sorted(distances) == [1, 2, 3, 4, 5, 6] and len(set(distances.values())) == 6
    best = min(distances, key=distances.get)
    kept = whole.with_best()
    assert kept.generator_information() == {"model": "calciumgan", "step": best, "distance": distances[best]}
    assert (f"note: step {best} came closest" in caplog.text) == (best < 6)
    assert training.data.split.validation and whole.training_data().split == training.data.split
    assert not set(training.data.split.validation) & {*training.data.split.training, *training.data.split.heldout}
    for steps in (best, 6):
        trainer(recording, options, steps=steps).train(parts, resume=steps > best)
        if best == 6:
            break
    mine, theirs = (keras.saving.load_model(run.with_best().generator_file).get_weights() for run in (parts, whole))
    for one, other in zip(mine, theirs):
        np.testing.assert_array_equal(one, other)
    assert parts.with_best().generator_information() == kept.generator_information()
    assert [entry["validation_distance"] for entry in parts.logged()] == list(distances.values())


def test_a_run_without_a_best_checkpoint_has_none_to_draw_from(tmp_path):
    with pytest.raises(
        InputError, match="--best, but there is no generator_best.keras in .*: leave --best out, or train"
    ):
        Run(tmp_path).with_best()


def test_what_is_seen_at_a_checkpoint_is_logged_and_warned_of_at_the_end(recording, tiny, tmp_path, caplog):
    run = Run(tmp_path / "run")
    training = trainer(recording, tiny, steps=4, checkpoint_every=4)
    training.gan.generator.set_weights([np.zeros_like(one) for one in training.gan.generator.get_weights()])
    with caplog.at_level("INFO"):
        training.train(run, resume=False)
    first, last = run.logged()
    assert "flat_windows" not in first and last["flat_windows"] > 0.9 and 0 <= last["smallest_sd_ratio"] < 0.1
    assert re.search(r"note: at step 4, \d+% of the generated traces are flat", caplog.text)


def test_run_folder_is_complete(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    training = trainer(recording, tiny, previews.save)
    assert training.train(run, resume=False) is None
    steps = [json.loads(line)["step"] for line in run.metrics_file.read_text().splitlines()]
    assert steps == [2, 4, 6]
    assert sorted(file.name for file in run.checkpoint_folder.glob("*.index")) == ["ckpt-4.index", "ckpt-6.index"]
    assert sorted(file.name for file in run.preview_folder.iterdir())[-1] == "step-0000006.png"
    assert list(run.tensorboard_folder.glob("events*")) and run.generator_file.exists()
    assert run.config() == training.config and run.training_data().recording.sha256() == recording.sha256()
    assert run.generator_information() == {"model": "calciumgan", "step": 6}
    assert not list(run.folder.glob("**/.partial*"))


def test_log_lines_after_the_checkpoint_are_written_once(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    trainer(recording, tiny, steps=2).train(run, resume=False)
    run.log({"step": 3, "critic_loss": 0.0})
    with open(run.metrics_file, "a") as file:
        file.write('{"step": 4, "crit')  # as a kill may leave it
    trainer(recording, tiny, steps=4).train(run, resume=True)
    assert [json.loads(line)["step"] for line in run.metrics_file.read_text().splitlines()] == [2, 4]
    assert run.config().schedule.steps == 4  # what a run that is resumed once more goes to


def test_signal_finishes_the_step_and_saves(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    training = trainer(recording, tiny, steps=100, checkpoint_every=100)
    train_step = training.gan.train_step

    def interrupted(batches, step):
        if step == 2:
            signal.raise_signal(signal.SIGTERM)
        return train_step(batches, step)

    training.gan.train_step = interrupted
    assert training.train(run, resume=False) == signal.SIGTERM
    assert training.step == 3
    assert [file.name for file in run.checkpoint_folder.glob("*.index")] == ["ckpt-3.index"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_signal_gives_up_a_calibration_which_then_begins_again(recording, tiny_of, tmp_path, caplog):
    run, options = Run(tmp_path / "run"), tiny_of("physiological") | {"calibration": 4, "steps": 1}
    whole, part = trainer(recording, options), trainer(recording, options)
    whole.train(Run(tmp_path / "whole"), resume=False)
    draw, drawn = part.gan._draw, []

    def interrupted(*arguments, **options):  # called once, when the first update is traced
        drawn.append(signal.raise_signal(signal.SIGTERM))
        return draw(*arguments, **options)

    part.gan._draw = interrupted
    with caplog.at_level("INFO"):
        assert part.train(run, resume=False) == signal.SIGTERM
    assert len(drawn) == 1 and "begins again when the run is resumed" in caplog.text
    assert part.step == 0 and not run.generator_file.exists()
    again = trainer(recording, options)
    assert again.train(run, resume=True) is None and again.step == 1
    for mine, theirs in zip(weights(again), weights(whole)):
        np.testing.assert_array_equal(mine, theirs)


def test_loss_that_is_not_finite_keeps_the_last_good_checkpoint(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    trainer(recording, tiny, steps=2).train(run, resume=False)
    before = run.generator_file.read_bytes()
    training = trainer(recording, tiny, steps=6)
    train_step = training.gan.train_step

    def poisoned(batches, step):
        training.gan.critic.trainable_variables[0].assign(training.gan.critic.trainable_variables[0] * math.nan)
        return train_step(batches, step)

    training.gan.train_step = poisoned
    with pytest.raises(
        TrainingDiverged, match="critic_loss, .* not finite at step 4, the last good checkpoint is kept"
    ):
        training.train(run, resume=True)
    assert [file.name for file in run.checkpoint_folder.glob("*.index")] == ["ckpt-2.index"]
    assert len(run.generator_file.read_bytes()) == len(before)


def test_time_limit_ends_with_a_checkpoint(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    training = trainer(recording, tiny, steps=10_000, max_minutes=1e-6)
    assert training.train(run, resume=False) is None
    assert training.step == 1 and run.generator_file.exists()


def test_checkpoint_of_another_model_is_refused(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    trainer(recording, tiny, steps=2).train(run, resume=False)
    with pytest.raises(InputError, match="can't be read"):
        trainer(recording, {**tiny, "units": 3}).train(run, resume=True)


def test_damaged_checkpoint_is_refused(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    trainer(recording, tiny, steps=2).train(run, resume=False)
    data = next(run.checkpoint_folder.glob("*.data*"))
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(InputError, match="can't be read"):
        trainer(recording, tiny).train(run, resume=True)


def test_of_a_damaged_newest_checkpoint_the_one_before_is_used_and_the_run_ends_as_if_nothing_had_been(
    recording, tiny, tmp_path, caplog
):
    run, whole = Run(tmp_path / "run"), trainer(recording, tiny)
    whole.train(Run(tmp_path / "whole"), resume=False)
    trainer(recording, tiny, steps=4).train(run, resume=False)
    data = run.checkpoint_folder / "ckpt-4.data-00000-of-00001"
    damaged = bytearray(data.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    data.write_bytes(damaged)
    again = trainer(recording, tiny)
    with caplog.at_level("INFO"):
        again.train(run, resume=True)
    assert "ckpt-4 can't be read" in caplog.text and "step 2 is used instead" in caplog.text
    for mine, theirs in zip(weights(again), weights(whole)):
        np.testing.assert_array_equal(mine, theirs)
    assert [entry["step"] for entry in run.logged()] == [2, 4, 6]


def test_a_second_training_in_the_same_folder_is_refused(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    first, second = trainer(recording, tiny, steps=1), trainer(recording, tiny, steps=1)
    train_step, refused = first.gan.train_step, []

    def meanwhile(batches, step):
        with pytest.raises(InputError, match="is in use by process") as error:
            second.train(run, resume=True)
        refused.append(error)
        return train_step(batches, step)

    first.gan.train_step = meanwhile
    assert first.train(run, resume=False) is None and len(refused) == 1


def test_description_counts_parameters(recording, tiny):
    training = trainer(recording, tiny)
    text = describe(training)
    assert text.startswith("model: calciumgan, ")
    assert f"{training.parameters['generator']:,} parameters" in text and "64 frames unused" in text
    assert training.parameters["generator"] == sum(np.size(w) for w in training.gan.generator.trainable_variables)


def test_short_recordings_get_a_note(recording, tiny):
    """2,000 frames at 24 Hz are 83 s: 20 to 30 bins of .5 s are held out."""
    assert "note: the recording is short: in 1.4 minutes" in describe(trainer(recording, tiny))
    text = describe(trainer(dataclasses.replace(recording, frame_rate=2.0), tiny))
    assert "the recording is short" not in text
    assert re.search(
        r"\([1-9] windows that share no frame\)(.|\n)*note: with fewer than 12 held-out windows, a diagnosis", text
    )
    long = populations.population(neurons=2).recording(8000)
    assert "note" not in describe(trainer(long, tiny))


def test_quiet_neurons_get_a_note(tiny_of, tmp_path):
    truth = populations.population(neurons=3).recording(3000)
    silent = truth.traces.copy()
    silent[:, 1] = np.random.default_rng(0).normal(0, 0.01, 3000)
    options = tiny_of("physiological")
    assert "too few to learn from" not in describe(trainer(truth, options))
    text = describe(trainer(dataclasses.replace(truth, traces=silent, spikes=None), options))
    name = truth.neuron_ids[1]
    assert (
        f"note: 1 of 3 neurons have fewer than 10 events in the training part, too few to learn from: {name};" in text
    )


def test_finished_run_has_nothing_left_to_do(recording, tiny, tmp_path):
    run = Run(tmp_path / "run")
    trainer(recording, tiny, steps=2).train(run, resume=False)
    before = run.generator_file.stat().st_mtime_ns
    with pytest.raises(InputError, match="is at step 2 already: give a larger --steps"):
        trainer(recording, tiny, steps=2).train(run, resume=True)
    assert run.generator_file.stat().st_mtime_ns == before


@pytest.mark.parametrize("model", ["calciumgan", "physiological"])
def test_no_steps_save_the_generator_before_training(recording, tiny_of, tmp_path, model):
    run = Run(tmp_path / "run")
    training = trainer(recording, tiny_of(model), steps=0)
    assert training.train(run, resume=False) is None and run.saved_step() == 0
    before = training.gan.generator.get_weights()  # the physiological model is calibrated
    saved = keras.saving.load_model(run.generator_file).get_weights()
    assert len(saved) == len(before) and all(np.array_equal(mine, old) for mine, old in zip(saved, before))
    with pytest.raises(InputError, match="is at step 0 already"):
        trainer(recording, tiny_of(model), steps=0).train(run, resume=True)


def test_a_run_without_steps_is_resumed_like_any_other(recording, tiny, tmp_path):
    whole = trainer(recording, tiny, steps=2)
    whole.train(Run(tmp_path / "whole"), resume=False)
    for steps in (0, 2):
        part = trainer(recording, tiny, steps=steps)
        part.train(Run(tmp_path / "parts"), resume=steps > 0)
    for mine, theirs in zip(weights(part), weights(whole)):
        np.testing.assert_array_equal(mine, theirs)


def test_without_a_critic_the_statistics_loss_trains_alone_and_resumes(recording, tiny_of, tmp_path):
    options = tiny_of("physiological") | {"critic_updates": 0}
    whole = trainer(recording, options, steps=3)
    before = whole.gan.generator.get_weights()
    assert whole.gan.critic is None and whole.parameters["critic"] == 0 and "no critic" in describe(whole)
    whole.train(Run(tmp_path / "whole"), resume=False)
    assert any((mine != old).any() for mine, old in zip(whole.gan.generator.get_weights(), before))
    logged = Run(tmp_path / "whole").logged()[-1]
    assert {name for name in logged if name.endswith("_loss")} == {"statistics_loss"}
    for steps in (2, 3):
        part = trainer(recording, options, steps=steps)
        part.train(Run(tmp_path / "parts"), resume=steps > 2)
    for mine, theirs in zip(part.gan.generator.get_weights(), whole.gan.generator.get_weights()):
        np.testing.assert_array_equal(mine, theirs)
