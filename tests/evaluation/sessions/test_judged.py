"""evaluate.py --session: from a session to its tables, its figure and what is refused."""

import json

import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.sessions import judged, seams
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling.samples import Samples

TINY = "--window_frames=64 --units=2 --critic_units=2 --phase_shuffle=1 --noise_dim=4 --batch_size=4 --steps=1"


@pytest.mark.slow
def test_a_session_is_judged_beside_its_recording(script, tmp_path):
    # With a stride of 1, a row is a frame, and its beginning no place to look for.
    train = "--dataset=synthetic", "--synthetic_neurons=3", "--run=run", "--stride=1"
    assert script("train.py", *train, *TINY.split()).returncode == 0
    shown = script("generate.py", "--checkpoint=run", "--minutes=90").stdout
    assert shown.splitlines()[-1] == "next: python evaluate.py --session --checkpoint=run"
    done = script("evaluate.py", "--session", "--checkpoint=run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "report: run/evaluation/session.png"
    folder = tmp_path / "run" / "evaluation"
    assert {path.name for path in folder.iterdir()} == {"session.json", "session.png", "table.txt"}
    found = json.loads((folder / "session.json").read_text())
    assert found["settings"]["model"] == "calciumgan"
    assert [one["name"] for one in found["seams"]] == ["stretches"]
    assert found["seams"][0]["p"] > 0.01 and found["seams"][0]["planted"] > 0.5
    assert all(one["pieces"] == 6 and one["verdict"] for one in found["slow"])
    assert (folder / "table.txt").read_text().strip() in done.stdout
    again = script("evaluate.py", "--session", "--checkpoint=run", "--output=run/evaluation", "--overwrite")
    assert again.returncode == 0, again.stderr
    # The same file is judged as windows too.
    assert script("evaluate.py", "--spike_metrics", "--checkpoint=run", "--num_windows=20").returncode == 0


@pytest.fixture
def session():
    traces = np.random.default_rng(0).normal(size=(4000, 3)).astype(np.float32)
    return Samples(traces, 24.0, "s.h5", seams={"stretches": (0, 1000)})


WINDOWS = np.zeros((2, 64, 3), np.float32)


def test_both_tables_name_what_was_found(recording, monkeypatch):
    monkeypatch.setattr(seams, "MOST", 60)
    monkeypatch.setattr(seams, "EXCHANGES", 5)
    noise = np.random.default_rng(0).normal(size=(10_000, 3)).astype(np.float32)
    session = Samples(noise, 24.0, "s.h5", seams={"stretches": (100, 256), "rows": (0, 32)})
    found = judged.judge(session, recording, noise[: 64 * 30].reshape(30, 64, 3))
    assert [one.name for one in found.seams] == ["stretches", "rows"] and list(found.windows) == ["rows"]
    assert [one.places for one in found.seams] == [38, 60] and found.windows["rows"].places == 30
    values = found.to_json()
    assert [one["pieces"] for one in values["slow"]] == [5] * 8
    assert values["seams"][0]["area"] == found.seams[0].area
    lines = found.text().splitlines()
    assert sum(line.startswith(("autocorrelation_1 ", "drift ", "stretches ", "rows ")) for line in lines) == 4
    assert "5 pieces of the session" in found.text()
    json.dumps(values)


def test_a_recording_in_parts_is_compared_by_its_longest(recording, session):
    traces = recording.traces
    found = judged.judge(session, Recording(traces, 24.0, "r", joins=(100, 1500)), WINDOWS)
    np.testing.assert_array_equal(found.recorded, traces[100:1500])
    assert found.seams == [] and "too few places" in found.text()


@pytest.mark.parametrize("options", [{"joins": (500, 1000, 1500)}, {"trial_frames": 100}])
def test_a_recording_without_a_long_part_is_refused(recording, session, options):
    with pytest.raises(InputError, match="no continuous part of 16 windows"):
        judged.judge(session, Recording(recording.traces, 24.0, "r", **options), WINDOWS)
