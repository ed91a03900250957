"""From traces with conditions to the tables, and what is refused."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest

from calciumgan_tf.dataset import split
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.conditions import comparison, judged, registry
from calciumgan_tf.plotting import condition_figures
from calciumgan_tf.sampling.samples import Samples

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "how-to" / "conditions.md"
WINDOW = 256
TINY = "--window_frames=256 --units=2 --critic_units=2 --phase_shuffle=1 --noise_dim=4 --batch_size=4 --steps=1"


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(comparison, "RESAMPLES", 20)
    monkeypatch.setattr(comparison, "DRAWS", 3)


def windows_of(recording):
    """A recording as samples."""
    count = recording.frames // WINDOW
    traces, conditions = (
        one[: count * WINDOW].reshape(count, WINDOW, -1) for one in (recording.traces, recording.conditions)
    )
    return Samples(
        traces, recording.frame_rate, "s.h5", conditions=conditions, condition_names=recording.condition_names
    )


def parts(recording):
    return split.split_frames(recording.frames, WINDOW, "end")


def verdicts(found):
    return {row.statistic.name: row.verdict for row in found.conditions[0].rows}


def test_traces_with_the_same_tuning_are_within_the_floor(calcium, tuning):
    recording = calcium(tuning, 40)
    found = judged.judge(windows_of(calcium(tuning, 120, 1)), recording, parts(recording))
    one = found.conditions[0]
    assert comparison.DIFFERS not in verdicts(found).values() and verdicts(found)["tuning"] == comparison.ALIKE
    assert one.levels == ("1", "2", "3", "4") and one.timing.frames == 40
    mean, _ = condition_figures.mean_and_error(one.recorded.rates, one.recorded)
    np.testing.assert_allclose(mean, tuning, atol=0.5)
    assert set(condition_figures.most_tuned(one.recorded, 4)) == {0, 1, 2, 3}
    values = found.to_json()["conditions"][0]
    assert values["rows"][0]["definition"] == registry.TUNING.definition and sum(values["recorded"]) > 150
    json.dumps(found.to_json(), allow_nan=False)
    lines = found.text().splitlines()
    assert all(any(line.startswith(one.title) for line in lines) for one in registry.OF_LEVELS)
    assert "floor: held-out part" in found.text() and "regression" not in "".join(lines[:10])


def test_exchanged_neurons_differ_and_the_figures_show_both(calcium, tuning):
    recording = calcium(tuning, 5)
    found = judged.judge(windows_of(calcium(tuning[:, [1, 0, 2, 3, 4, 5]], 60, 1)), recording, parts(recording))
    assert verdicts(found)["tuning"] == verdicts(found)["decoder_from_generated"] == comparison.DIFFERS
    assert "floor: leave one repetition out" in found.text()
    drawings = condition_figures.all_figures(found, recording)
    assert list(drawings) == ["tuning_stimulus.png", "responses_stimulus.png"]
    shown = {axis.get_title(): axis for axis in drawings["tuning_stimulus.png"].axes}
    best = [np.argmax(curve.lines[0].get_ydata()) for curve in shown["neuron 0"].containers]
    assert best == [0, 1]


def test_a_session_is_judged_like_windows(calcium, tuning):
    recording, made = calcium(tuning, 5), calcium(tuning, 60, 1)
    session = Samples(made.traces, 10.0, "s.h5", conditions=made.conditions, condition_names=made.condition_names)
    assert comparison.DIFFERS not in verdicts(judged.judge(session, recording, parts(recording))).values()


def test_a_level_without_presentations_is_left_out(calcium, tuning):
    recording = calcium(tuning, 5)
    samples = windows_of(calcium(tuning[:3], 60, 1))
    one = judged.judge(samples, recording, parts(recording)).conditions[0]
    assert one.levels == ("1", "2", "3") and one.left_out == ("4",)
    nothing = dataclasses.replace(samples, conditions=np.zeros_like(samples.conditions))
    found = judged.judge(nothing, recording, parts(recording))
    assert "Nothing can be told" in found.text() and not condition_figures.all_figures(found, recording)


@pytest.fixture
def running(calcium, tuning):
    """`running(frames, seed, sign)`: a recording in which speed adds to the activity of all neurons."""

    def recorded(frames, seed=0, sign=1):
        generator = np.random.default_rng(seed)
        speed = np.repeat(generator.gamma(2, 1, frames // 20), 20)[:, None]
        traces = 0.3 * np.maximum(speed * [1, sign, 1], 0) + generator.normal(0, 0.5, (len(speed), 3))
        base = calcium(tuning[:, :3], 2)
        return dataclasses.replace(
            base,
            traces=traces,
            neuron_ids=(),
            conditions=speed + generator.normal(0, 0.01, speed.shape),
            condition_names=("speed",),
        )

    return recorded


@pytest.mark.parametrize(("sign", "expected"), [(1, comparison.ALIKE), (-1, comparison.DIFFERS)])
def test_a_continuous_condition_is_judged(running, sign, expected):
    recording = running(256 * 40)
    found = judged.judge(windows_of(running(256 * 60, 1, sign)), recording, parts(recording))
    one = found.conditions[0]
    assert len(one.levels) == 5 and one.timing is None
    np.testing.assert_allclose(one.recorded.numbers() / len(one.recorded.levels), 0.2, atol=0.05)
    assert verdicts(found)["tuning"] == expected
    assert list(condition_figures.all_figures(found, recording)) == ["tuning_speed.png"]


def test_wrong_samples_are_refused(calcium, tuning):
    recording = calcium(tuning, 5)
    samples, cut = windows_of(recording), parts(recording)
    plain = dataclasses.replace(recording, conditions=None, condition_names=())
    for wrong, own, said in (
        (samples, plain, "planted has no conditions: add some with prepare.py"),
        (
            dataclasses.replace(samples, conditions=None),
            recording,
            "a model without conditions: train one with train.py",
        ),
        (
            dataclasses.replace(samples, condition_names=("light",)),
            recording,
            "has the condition light, the recording stim",
        ),
        (dataclasses.replace(samples, traces=samples.traces[..., :2]), recording, "has 2 neurons, the recording 6"),
        (
            dataclasses.replace(samples, traces=samples.traces[:, :99]),
            recording,
            "99 frames, less than a window of 256",
        ),
    ):
        with pytest.raises(InputError, match=said):
            judged.judge(wrong, own, cut)


@pytest.mark.slow
def test_samples_of_a_run_are_judged_beside_their_recording(script, tmp_path):
    train = (
        "--dataset=synthetic_tuned",
        "--synthetic_neurons=3",
        "--run=run",
        "--condition=stimulus,speed",
        *TINY.split(),
    )
    assert script("train.py", *train).returncode == 0
    assert script("generate.py", "--checkpoint=run", "--num_samples=100").returncode == 0
    done = script("evaluate.py", "--conditions", "--checkpoint=run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "report: run/evaluation/tuning_stimulus.png"
    folder = tmp_path / "run" / "evaluation"
    figures = {"tuning_stimulus.png", "responses_stimulus.png", "tuning_speed.png"}
    assert {path.name for path in folder.iterdir()} == {"conditions.json", "table.txt"} | figures
    found = json.loads((folder / "conditions.json").read_text())
    assert [one["name"] for one in found["conditions"]] == ["stimulus", "speed"]
    assert found["settings"]["model"] == "calciumgan"
    assert (folder / "table.txt").read_text().strip() in done.stdout
    again = script("evaluate.py", "--conditions", "--checkpoint=run", "--output=run/evaluation", "--overwrite")
    assert again.returncode == 0, again.stderr
    script("train.py", "--dataset=synthetic", "--synthetic_neurons=3", "--run=other", *TINY.split())
    refused = script("evaluate.py", "--conditions", "--checkpoint=other", "--generated=run/samples.h5")
    assert refused.returncode == 2 and "synthetic has no conditions" in refused.stderr


def test_the_page_has_every_definition():
    assert registry.definitions_markdown() in PAGE.read_text(encoding="utf-8")
