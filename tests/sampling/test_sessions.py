"""Sessions: any part of one is the same when it is made alone, and nothing shows where it was put together."""

import dataclasses

import h5py
import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.physiological.saturation import SHARPNESS
from calciumgan_tf.sampling import parts, sampler, sessions
from calciumgan_tf.sampling.sampler import Request

MODELS = ["calciumgan", "physiological"]
STRETCH = 512


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """`run_of(model, **options)`: a run that was trained for a step."""
    import calciumgan_tf as cg

    recording, made = cg.synthetic_recording(neurons=3, minutes=2), {}
    tiny = {"window_frames": 64, "units": 2, "noise_dim": 4, "batch_size": 4, "kernel_size": 4, "steps": 1}
    tiny |= {"critic_units": 2, "critic_kernel_size": 4}
    shuffles = {"mlp": {}, "calciumgan2d": {"phase_shuffle": 0, "phase_shuffle_neurons": 1}}

    def run(model, **options):
        key = model, *sorted(options.items())
        if key not in made:
            folder = tmp_path_factory.mktemp(model) / "run"
            further = {"calibration": 2} if model == "physiological" else {}
            further |= shuffles.get(model, {"phase_shuffle": 1})
            if model == "mlp":
                further |= {"units": 2}
            kept = {k: v for k, v in tiny.items() if model != "mlp" or "kernel" not in k}
            made[key] = cg.train(recording, run=folder, **{"model": model} | kept | further | options)._run
        return made[key]

    return run


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr(sessions, "STRETCH", STRETCH)


def drawn(run, path, count, first=0, **options):
    """The arrays of a session in a file."""
    sampler.sample(run, path, Request(count, 5, session=True, first=first, **options))
    with h5py.File(path) as file:
        return {name: file[name][()] for name in file}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("first", "count"), [(0, 40), (500, 30), (700, 900), (1024, 512), (1599, 1)])
def test_a_part_made_alone_is_that_of_the_whole_bit_for_bit(run_of, tmp_path, model, first, count):
    whole = drawn(run_of(model), tmp_path / "whole.h5", 1600, spikes=True)
    part = drawn(run_of(model), tmp_path / "part.h5", count, first, spikes=True)
    assert set(whole) == {"traces", "spikes"} | ({"events"} if model == "physiological" else set())
    for name, array in whole.items():
        assert array.shape == (1600, 3)
        np.testing.assert_array_equal(part[name], array[first : first + count])


@pytest.mark.parametrize("model", [*MODELS, "mlp", "calciumgan2d"])
def test_frames_do_not_depend_on_where_stretches_end(run_of, tmp_path, model, monkeypatch):
    one = drawn(run_of(model), tmp_path / "one.h5", 1500)["traces"]
    monkeypatch.setattr(sessions, "STRETCH", 800)
    other = drawn(run_of(model), tmp_path / "other.h5", 1500)["traces"]
    assert one.std() > 0.01
    np.testing.assert_allclose(one, other, atol=1e-4 * one.std())


@pytest.mark.parametrize("options", [{"noise": "uniform"}, {"post_filter": 5}])
def test_every_option_of_the_generator_is_kept(run_of, tmp_path, options, monkeypatch):
    run = run_of("calciumgan", **options)
    one = drawn(run, tmp_path / "one.h5", 1500)["traces"]
    monkeypatch.setattr(sessions, "STRETCH", 800)
    np.testing.assert_allclose(one, drawn(run, tmp_path / "other.h5", 1500)["traces"], atol=1e-4 * one.std())


@pytest.mark.parametrize("model", MODELS)
def test_mean_and_spread_are_those_of_windows(run_of, tmp_path, model):
    run = run_of(model)
    session = drawn(run, tmp_path / "x.h5", 40_000)["traces"]
    windows = np.concatenate(list(sampler.windows(sampler.load_generator(run), 1000, 0))).reshape(-1, 3)
    np.testing.assert_allclose(session.mean(axis=0), windows.mean(axis=0), atol=0.1 * windows.std())
    np.testing.assert_allclose(session.std(axis=0), windows.std(axis=0), rtol=0.1)


def test_a_rhythm_goes_on_through_a_session(tmp_path):
    """A heart beat of 6 Hz in neuron 0 has the power that it has in windows, and nothing else has any there."""
    import calciumgan_tf as cg

    recording = cg.synthetic_recording(neurons=3, minutes=2)
    beat = 0.8 * np.sin(2 * np.pi * 6 / recording.frame_rate * np.arange(recording.frames))
    traces = recording.traces.copy()
    traces[:, 0] += beat.astype(np.float32)
    options = {"window_frames": 64, "units": 2, "critic_units": 2, "noise_dim": 4, "batch_size": 4, "phase_shuffle": 1}
    recording = dataclasses.replace(recording, traces=traces)
    run = cg.train(recording, model="physiological", run=tmp_path / "run", steps=1, calibration=2, **options)._run
    windows = np.concatenate(list(sampler.windows(sampler.load_generator(run), 400, 0)))
    session = drawn(run, tmp_path / "x.h5", 64 * 400)["traces"].reshape(400, 64, 3)

    def power(made):
        taper = np.hanning(64)[:, None]
        spectrum = np.abs(np.fft.rfft((made - made.mean(axis=1, keepdims=True)) * taper, axis=1)) ** 2
        return spectrum[:, 16].mean(axis=0) / spectrum[:, [11, 12, 20, 21]].mean(axis=(0, 1))

    np.testing.assert_allclose(power(session), power(windows), rtol=0.3)
    assert power(session)[0] > 10 and (power(session)[1:] < 2).all()


def test_another_seed_is_another_session(run_of, tmp_path):
    run = run_of("physiological")
    one = drawn(run, tmp_path / "x.h5", 200)["traces"]
    sampler.sample(run, tmp_path / "y.h5", Request(200, 6, session=True))
    with h5py.File(tmp_path / "y.h5") as file:
        assert not np.isin(one, file["traces"]).any()


def test_shards_are_merged_to_the_session_of_a_single_call(run_of, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "VALUES", 3 * STRETCH)
    run = run_of("physiological")
    whole = drawn(run, tmp_path / "whole.h5", 2000, first=300)
    request = Request(2000, 5, session=True, first=300)
    for number in range(3):
        with pytest.raises(InputError, match="parts are missing"):
            sampler.sample(run, tmp_path / "x.h5", request, merge=True)
        sampler.sample(run, None, request, shard=(number, 3))
    sampler.sample(run, tmp_path / "x.h5", request, merge=True)
    with h5py.File(tmp_path / "x.h5") as file:
        np.testing.assert_array_equal(file["traces"], whole["traces"])
    assert not list(run.folder.glob(".parts-*"))


def test_events_make_the_traces_of_a_session(run_of, tmp_path):
    """The kernel of the recording and its saturation, 3 decay times or more after the first frame, give the slope 1."""
    import scipy.signal

    run = run_of("physiological")
    made = drawn(run, tmp_path / "x.h5", 20_000, spikes=True)
    data, slopes = run.training_data(), []
    limits = data.neuron_statistics.largest_calcium * data.scaling.scale
    for neuron in range(3):
        kernel = np.exp(np.arange(400) * np.log(data.neuron_statistics.decay[neuron]))
        calcium = scipy.signal.fftconvolve(made["events"][:, neuron], kernel)[: len(made["events"])]
        saturated = 1 - np.logaddexp(0, SHARPNESS * (1 - calcium / limits[neuron])) / SHARPNESS
        slopes.append(np.polyfit(limits[neuron] * saturated[400:], made["traces"][400:, neuron], 1)[0])
    np.testing.assert_allclose(slopes, 1, atol=0.1)


@pytest.mark.parametrize(
    ("model", "options"), [("wavegan", {}), ("calciumgan", {"representation": "fourier"})], ids=["wavegan", "fourier"]
)
def test_a_model_that_makes_windows_only_is_refused(run_of, tmp_path, model, options):
    with pytest.raises(InputError, match="makes windows of 64 frames only"):
        drawn(run_of(model, **options), tmp_path / "x.h5", 100)
    assert not list(tmp_path.iterdir())


def test_memory_is_bounded_by_neurons(run_of, monkeypatch):
    monkeypatch.setattr(sessions, "STRETCH_VALUES", 3 * 96)
    assert sessions.Session(run_of("calciumgan"), Request(1, session=True)).size == 96
