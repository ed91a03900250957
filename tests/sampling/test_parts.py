"""Windows in parts: interrupted, damaged, or made by several processes, they are those of a single call."""

import numpy as np
import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.sampling import parts, sampler, samples
from calciumgan_tf.sampling.sampler import Request

COUNT = 200


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    import calciumgan_tf as cg

    folder = tmp_path_factory.mktemp("parts") / "run"
    recording = cg.synthetic_recording(neurons=3, minutes=2)
    tiny = {"window_frames": 64, "units": 2, "critic_units": 2, "phase_shuffle": 1, "noise_dim": 4, "batch_size": 4}
    return cg.train(recording, run=folder, steps=1, **tiny)._run


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "VALUES", 64 * 64 * 3)  # a chunk a part, so four of them


@pytest.fixture
def whole(run, tmp_path):
    sampler.sample(run, tmp_path / "whole.h5", Request(COUNT, 5, spikes=True))
    return stored(tmp_path / "whole.h5")


def stored(path):
    import h5py

    with h5py.File(path) as file:
        return {name: file[name][()] for name in ("traces", "spikes")}


def assert_equal(path, whole):
    for name, values in stored(path).items():
        np.testing.assert_array_equal(values, whole[name])


def kept(run):
    return sorted(path.name for path in run.folder.glob(".parts-*/part-*"))


def test_nothing_is_left_and_no_part_for_few_windows(run, tmp_path, whole):
    assert len(whole["traces"]) == COUNT and not list(run.folder.glob(".parts-*"))


def test_an_interrupted_generation_goes_on_where_it_stopped(run, tmp_path, whole, monkeypatch):
    chunks, made = sampler.chunks, []

    def counted(model, seed, followed=None):
        chunk = chunks(model, seed, followed)

        def one(number):
            if number == 2 and number not in made:
                made.append(number)
                raise KeyboardInterrupt
            made.append(number)
            return chunk(number)

        return one

    monkeypatch.setattr(sampler, "chunks", counted)
    with pytest.raises(KeyboardInterrupt):
        sampler.sample(run, tmp_path / "x.h5", Request(COUNT, 5, spikes=True))
    assert kept(run) == ["part-00000.npz", "part-00001.npz"] and not (tmp_path / "x.h5").exists()
    damaged = next(run.folder.glob(".parts-*/part-00001.npz"))
    damaged.write_bytes(damaged.read_bytes()[:1000])
    sampler.sample(run, tmp_path / "x.h5", Request(COUNT, 5, spikes=True))
    assert made == [0, 1, 2, 1, 2, 3]
    assert_equal(tmp_path / "x.h5", whole)
    assert not list(run.folder.glob(".parts-*"))


def test_other_windows_do_not_take_the_parts(run, tmp_path, whole):
    sampler.sample(run, None, Request(COUNT, 6, spikes=True), shard=(0, 1))
    sampler.sample(run, tmp_path / "x.h5", Request(COUNT, 5, spikes=True))
    assert_equal(tmp_path / "x.h5", whole)
    assert len(kept(run)) == 4  # of the other seed, still there
    sampler.sample(run, tmp_path / "y.h5", Request(COUNT, 6, spikes=True), merge=True)


def test_shards_together_are_a_single_call(run, tmp_path, whole):
    for number in (2, 0):
        sampler.sample(run, None, Request(COUNT, 5, spikes=True), shard=(number, 3))
    with pytest.raises(InputError, match="1 of 4 parts are missing: run the shards that make them"):
        sampler.sample(run, tmp_path / "x.h5", Request(COUNT, 5, spikes=True), merge=True)
    sampler.sample(run, None, Request(COUNT, 5, spikes=True), shard=(1, 3))
    sampler.sample(run, tmp_path / "x.h5", Request(COUNT, 5, spikes=True), merge=True)
    assert_equal(tmp_path / "x.h5", whole)


def test_shards_by_the_command(run, script, tmp_path):
    command = "generate.py", f"--checkpoint={run.folder}", "--num_samples=70"
    for number in (1, 2):
        shown = script(*command, f"--shard={number}/2")
        assert f"shard {number}/2 of 70 windows is made" in shown.stdout, shown.stderr
    assert script(*command, "--merge", "--output=merged.h5").returncode == 0
    assert script(*command, "--output=single.h5").returncode == 0
    merged, single = (samples.load(tmp_path / f"{name}.h5").traces[:] for name in ("merged", "single"))
    np.testing.assert_array_equal(merged, single)
