"""Windows and sessions follow the conditions that they are asked to."""

import h5py
import numpy as np
import pytest
from scipy import io

from calciumgan_tf.dataset.conditions import Coding
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling import formats, sampler, samples, sessions
from calciumgan_tf.sampling.conditions import Followed
from calciumgan_tf.sampling.sampler import Request

MODELS = ["calciumgan", "physiological"]
VALUES = np.stack([np.arange(10) % 3, np.arange(10) + 0.5], axis=1)


@pytest.fixture
def followed():
    recording = Recording(np.eye(10)[:, :2], 24.0, source="x", conditions=VALUES, condition_names=("stimulus", "speed"))
    return Followed(Coding.fit(recording, ("stimulus", "speed"), [(0, 10)]), VALUES)


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """`run_of(model)`: a run with conditions that was trained for two steps."""
    import calciumgan_tf as cg
    from calciumgan_tf.synthetic import tuned

    recording, made = tuned.population(neurons=3).recording(2400), {}
    tiny = {"window_frames": 64, "units": 2, "noise_dim": 4, "batch_size": 4, "kernel_size": 4, "steps": 2}
    tiny |= {"critic_units": 2, "critic_kernel_size": 4, "phase_shuffle": 1, "condition": "stimulus,speed"}

    def run(model):
        if model not in made:
            further = {"calibration": 2} if model == "physiological" else {}
            folder = tmp_path_factory.mktemp(model) / "run"
            made[model] = cg.train(recording, run=folder, model=model, **tiny | further)
        return made[model]

    return run


def test_windows_follow_consecutive_frames_and_the_series_starts_again(followed):
    values, given = followed.windows(1, 3, 4, before=2)
    np.testing.assert_array_equal(values[..., 1], [[4.5, 5.5, 6.5, 7.5], [8.5, 9.5, 0.5, 1.5], [2.5, 3.5, 4.5, 5.5]])
    assert given.shape == (3, 6, 3)
    np.testing.assert_array_equal(given[0, :, 1], [1, 0, 0, 1, 0, 0])  # level 2 at frames 2, 5 and 8
    np.testing.assert_array_equal(given[1:, 2:], followed.windows(2, 2, 4)[1])


def test_a_session_follows_the_series_frame_by_frame(followed):
    values, given = followed.stretch(7, 6, before=3)
    np.testing.assert_array_equal(values[0, :, 1], [7.5, 8.5, 9.5, 0.5, 1.5, 2.5])
    np.testing.assert_array_equal(given[0, 3:], followed.stretch(7, 6)[1][0])


def test_nothing_is_given_before_the_first_frame(followed):
    for given in (followed.windows(0, 1, 4, before=3)[1], followed.stretch(0, 4, before=3)[1]):
        assert not given[0, :3].any() and given[0, 3:].any()


def test_windows_stay_within_pieces_and_know_nothing_of_the_one_before(followed):
    pieces = Followed(followed._coding, VALUES, [(0, 4), (4, 10)])
    values, given = pieces.windows(0, 4, 3, before=2)
    np.testing.assert_array_equal(values[:, 0, 1], [0.5, 4.5, 7.5, 0.5])
    assert not given[1, :2].any() and given[2, :2].any()


def test_checkpoints_follow_the_validation_part_alone(run_of):
    data = run_of("calciumgan")._run.training_data()
    found = Followed.within(data, ((96, 250),)).windows(0, 3, 64)[0]
    conditions = data.recording.conditions
    np.testing.assert_array_equal(found, [conditions[96:160], conditions[160:224], conditions[96:160]])


@pytest.mark.parametrize("model", MODELS)
def test_samples_file_holds_what_windows_follow(run_of, model, tmp_path):
    run = run_of(model)._run
    sampler.sample(run, tmp_path / "x.h5", Request(70, 5, spikes=True))
    made = samples.load(tmp_path / "x.h5")
    recording = run.training_data().recording
    assert made.condition_names == ("stimulus", "speed") and made.conditions.shape == (70, 64, 2)
    numbers = np.arange(70 * 64) % recording.frames
    np.testing.assert_array_equal(made.conditions[0:70].reshape(-1, 2), recording.conditions[numbers])
    np.testing.assert_array_equal(made.traces[0:70], run_of(model).sample(70, 5))


@pytest.mark.parametrize("model", MODELS)
def test_other_conditions_change_windows_and_only_those_with_other_conditions(run_of, model):
    run, frames = run_of(model), 64
    series = np.zeros((frames * 6, 2))
    other = series.copy()
    other[frames * 4 + 40 :, 0] = 3
    first, second = run.sample(6, 1, conditions=series), run.sample(6, 1, conditions=other)
    np.testing.assert_array_equal(first[:4], second[:4])
    assert np.abs(first[4:] - second[4:]).max() > 0


@pytest.mark.parametrize("model", MODELS)
def test_a_session_is_the_same_in_parts_and_holds_its_conditions(run_of, model, tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "STRETCH", 512)
    run = run_of(model)._run
    sampler.sample(run, tmp_path / "whole.h5", Request(1500, 5, session=True))
    sampler.sample(run, tmp_path / "part.h5", Request(300, 5, session=True, first=700))
    with h5py.File(tmp_path / "whole.h5") as whole, h5py.File(tmp_path / "part.h5") as part:
        for name in ("traces", "conditions"):
            np.testing.assert_array_equal(part[name][()], whole[name][700:1000])
        np.testing.assert_array_equal(whole["conditions"][()], run.training_data().recording.conditions[:1500])


@pytest.mark.parametrize("model", MODELS)
def test_a_session_does_not_depend_on_where_stretches_end(run_of, model, monkeypatch):
    """So that the frames that a stretch knows beyond its ends are enough for conditions too."""
    made = []
    for length in (512, 992):
        monkeypatch.setattr(sessions, "STRETCH", length)
        made.append(run_of(model).session(1400, 3))
    np.testing.assert_allclose(made[0], made[1], atol=2e-4)


@pytest.mark.parametrize("suffix", [".npy", ".mat", ".csv", ".nwb"])
def test_every_format_is_written(run_of, suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    sampler.sample(run_of("calciumgan")._run, path, Request(3), formats.format_of(path))
    stimulus = run_of("calciumgan").recording.conditions[: 3 * 64]
    if suffix == ".npy":
        found = np.load(tmp_path / "x_conditions.npy").reshape(-1, 2)
    elif suffix == ".mat":
        found = io.loadmat(path)["conditions"].reshape(-1, 2)
    elif suffix == ".csv":
        assert path.read_text().startswith("window,frame,seconds,neuron,dff,stimulus,speed\n")
        found = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(5, 6))[::3]  # a line for each of three neurons
    else:
        pynwb = pytest.importorskip("pynwb")
        assert not pynwb.validate(path=str(path))
        with pynwb.NWBHDF5IO(str(path), "r") as file:
            series = file.read().stimulus["conditions"]
            assert series.rate == 24 and "stimulus, speed" in series.description
            found = series.data[:]
    np.testing.assert_allclose(found, stimulus, rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [("stimulus\n1\n0\n", "no column speed"), ("speed,stimulus\n1.5,9\n0.5,0\n", "has the level 9 of stimulus"),
     ("1\n0\n1\n", "give a row for each frame and a column for each of stimulus,speed")],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_refused_and_nothing_written(run_of, text, message, tmp_path):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        sampler.sample(run_of("calciumgan")._run, tmp_path / "x.h5", Request(3, conditions=str(tmp_path / "x.csv")))
    assert not (tmp_path / "x.h5").exists()


def test_columns_of_a_file_are_taken_by_name(run_of, tmp_path):
    (tmp_path / "x.csv").write_text("speed,stimulus\n1.5,0\n0.5,2\n")
    found = sampler.conditions_of(run_of("calciumgan")._run, str(tmp_path / "x.csv"))
    np.testing.assert_array_equal(found.values, [[0, 1.5], [2, 0.5]])


def test_conditions_for_a_model_without_them_are_refused(tmp_path):
    import calciumgan_tf as cg

    tiny = {"window_frames": 64, "units": 2, "noise_dim": 4, "critic_units": 2, "phase_shuffle": 1, "batch_size": 2}
    run = cg.train(cg.synthetic_recording(neurons=3, minutes=1), run=tmp_path / "run", steps=0, **tiny)
    with pytest.raises(InputError, match="trained without conditions"):
        run.sample(2, conditions=np.zeros((9, 1)))
