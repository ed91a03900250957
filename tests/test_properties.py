"""What holds for any input: the split, windows, scaling, spike statistics, and what is written and read again."""

import itertools
import pathlib
import tempfile

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from calciumgan_tf.dataset import scaling
from calciumgan_tf.dataset.split import Split, split_frames
from calciumgan_tf.dataset.windows import RecordedWindows, evenly
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import recording as recordings
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling import samples
from calciumgan_tf.spikes import distances, statistics

settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("repeatable")

SPIKES = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=12), elements=st.integers(0, 1))
COUNTS = st.integers(1, 12).flatmap(
    lambda bins: st.tuples(*[arrays.arrays(np.int64, bins, elements=st.integers(0, 50))] * 2)
)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9)


@st.composite
def splits(draw):
    """(frames, Split) of a recording, of trials or with joins or without."""
    frames, window = draw(st.integers(10, 5000)), draw(st.integers(1, 300))
    trial = draw(st.none() | st.integers(window, 600))
    joins = () if trial else tuple(sorted(draw(st.sets(st.integers(1, frames - 1), max_size=3))))
    kind = draw(st.sampled_from(["auto", "blocks", "end"]))
    try:
        split = split_frames(frames, window, kind, trial, joins=joins)
    except InputError:
        assume(False)
    return frames, joins, split


def frames_of(split, blocks):
    """The frames that windows of some blocks hold."""
    starts = split.starts(blocks)
    return set((starts[:, None] + np.arange(split.window_frames)).ravel().tolist())


@given(splits())
def test_no_training_window_touches_a_heldout_one(found):
    frames, joins, split = found
    training, heldout = (frames_of(split, getattr(split, part)) for part in ("training", "heldout"))
    assert training | heldout <= set(range(frames))
    for frame in heldout:
        assert training.isdisjoint(range(frame - split.window_frames, frame + split.window_frames + 1))
    for start in split.starts(split.training + split.heldout):
        inside = range(start + 1, start + split.window_frames)
        assert not split.trial_frames or all(frame % split.trial_frames for frame in inside)
        assert not any(join in inside for join in joins)


@given(splits())
def test_a_split_survives_json_and_its_windows_apart_share_no_frame(found):
    _, _, split = found
    assert Split.from_json(split.to_json()) == split
    starts = np.concatenate([split.apart(block) for block in split.heldout])
    assert (np.diff(starts) >= split.window_frames).all() and len(starts) == split.heldout_windows
    assert set(split.halves()[0]).isdisjoint(split.halves()[1])


@given(splits())
def test_validation_is_cut_from_the_training_part_alone(found):
    _, _, split = found
    try:
        inner = split.with_validation()
    except InputError:
        assume(False)
    frames = [frames_of(inner, getattr(inner, part)) for part in ("training", "validation")]
    assert frames[0].isdisjoint(frames[1])
    assert frames[0] | frames[1] <= frames_of(split, split.training) and inner.heldout == split.heldout


@given(st.integers(1, 500), st.integers(1, 500))
def test_evenly_spaced_indices(count, most):
    chosen = evenly(count, most)
    assert len(chosen) == min(count, most) and (np.diff(chosen) > 0).all()
    assert chosen[0] == 0 and chosen[-1] < count


@given(splits(), st.integers(1, 40))
def test_windows_are_pieces_of_the_recording(found, count):
    frames, _, split = found
    assume(len(split.starts(split.training)))
    traces = np.arange(2 * frames).reshape(frames, 2)
    windows = RecordedWindows(traces, split, split.training, count)
    assert windows[:].shape == windows.shape == (count, split.window_frames, 2)
    assert (np.diff(windows[:], axis=1) == 2).all()  # consecutive frames
    np.testing.assert_array_equal(np.concatenate([windows[i : i + 3] for i in range(0, count, 3)]), windows[:])


@given(st.integers(0, 2**32 - 1), st.sampled_from(["zscore", "neuron", "global"]), st.sampled_from([0.0, 0.01]))
def test_scaling_is_undone_and_sees_its_blocks_alone(seed, kind, quantile):
    generator = np.random.default_rng(seed)
    spread = 10 ** generator.uniform(-2, 3)
    traces = (spread * generator.normal(size=(300, 3)) + generator.normal(0, 100, 3)).astype(np.float32)
    changed = traces.copy()
    changed[200:] += 1000
    fitted = [scaling.fit(Recording(one, 24.0, "x"), [(0, 200)], kind, quantile) for one in (traces, changed)]
    np.testing.assert_array_equal(fitted[0].shift, fitted[1].shift)
    np.testing.assert_array_equal(fitted[0].scale, fitted[1].scale)
    back = fitted[0].scaled(traces) * fitted[0].scale + fitted[0].shift
    np.testing.assert_allclose(back, traces, rtol=1e-4, atol=1e-4 * np.abs(traces).max())


@given(SPIKES, st.floats(1, 100), st.floats(0.1, 5))
def test_van_rossum_distances_are_those_of_the_definition(spikes, frame_rate, tau):
    assume(spikes.shape[2] >= 2)
    found = statistics.van_rossum_distances(spikes, frame_rate, tau)
    for window, row in zip(spikes, found):
        for (i, j), value in zip(itertools.combinations(range(spikes.shape[2]), 2), row):
            difference = window[:, i].astype(float) - window[:, j]
            gaps = np.abs(np.subtract.outer(np.arange(len(window)), np.arange(len(window)))) / frame_rate
            expected = difference @ np.exp(-gaps / tau) @ difference
            np.testing.assert_allclose(value**2, expected, atol=1e-9)


@given(SPIKES, st.integers(1, 12))
def test_counts_and_intervals_account_for_every_spike(spikes, width):
    frames = min(width, spikes.shape[1])
    counts = statistics.spike_counts(spikes, frames)
    assert counts.sum() == spikes[:, : spikes.shape[1] // frames * frames].sum()
    number, seconds, _ = statistics.interval_sums(spikes, 1.0)
    trains = spikes.sum(axis=1, dtype=int)
    np.testing.assert_array_equal(number, np.maximum(trains - 1, 0))
    assert (seconds <= spikes.shape[1] - 1).all()
    population = statistics.population_counts(spikes)
    assert (population.sum(axis=1) == spikes.shape[1]).all()
    assert (population @ np.arange(spikes.shape[2] + 1)).sum() == spikes.sum()


@given(SPIKES)
def test_correlations_are_at_most_one(spikes):
    assume(spikes.shape[1] >= 2)
    found = statistics.correlations(statistics.covariances(statistics.spike_counts(spikes, 1)))
    np.testing.assert_array_equal(found, np.swapaxes(found, 1, 2))
    assert (np.abs(found[np.isfinite(found)]) <= 1 + 1e-9).all()


@given(COUNTS)
def test_divergences_are_not_negative_and_zero_for_equal_histograms(found):
    p, q = found
    assume(p.sum() and q.sum())
    assert distances.discrete_kl(p, q) >= -1e-6
    assert distances.discrete_kl(p, 3 * p) <= 1e-9


@given(arrays.arrays(np.float64, arrays.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(0, 9)))
def test_closest_pairs_have_the_least_sum(table):
    rows, columns = distances.closest_pairs(table)
    few = min(table.shape)
    assert len(set(rows)) == len(set(columns)) == few
    wide = table if table.shape[0] == few else table.T
    least = min(sum(wide[range(few), chosen]) for chosen in itertools.permutations(range(wide.shape[1]), few))
    np.testing.assert_allclose(table[rows, columns].sum(), least)


@given(st.integers(0, 2**32 - 1), st.lists(NAMES, min_size=3, max_size=3), st.booleans(), st.none() | st.floats(0.1, 9))
def test_a_prepared_recording_is_read_as_it_was_written(seed, names, whole, decay):
    generator = np.random.default_rng(seed)
    further = {}
    if whole:
        further = {
            "spikes": generator.integers(0, 2, (50, 3)).astype(np.uint8), "spikes_kind": "inferred",
            "conditions": generator.normal(size=(50, 2)), "joins": (7, 20),
        }  # fmt: skip
    made = Recording(generator.normal(size=(50, 3)), 24.0, names[0], decay, neuron_ids=tuple(names), **further)
    with tempfile.TemporaryDirectory() as folder:
        made.save(pathlib.Path(folder) / "x.h5")
        read = recordings.load(pathlib.Path(folder) / "x.h5")
    assert read.content_sha256() == made.content_sha256() and read.sha256() == made.sha256()
    assert read.neuron_ids == made.neuron_ids and read.joins == made.joins and read.tau_decay == made.tau_decay


@given(st.integers(1, 30), st.integers(1, 20), st.integers(1, 5), st.integers(1, 7))
def test_samples_are_read_as_they_were_written(count, frames, neurons, part):
    traces = np.random.default_rng(count).normal(size=(count, frames, neurons)).astype(np.float32)
    parts = [{"traces": traces[start : start + part]} for start in range(0, count, part)]
    attributes = {"model": "mlp", "frame_rate": 24.0, "tau_decay": None, "seed": 0, "run": "ä", "step": 1}
    with tempfile.TemporaryDirectory() as folder:
        samples.write(pathlib.Path(folder) / "x.h5", parts, (count, frames, neurons), attributes)
        read = samples.load(pathlib.Path(folder) / "x.h5")
        np.testing.assert_array_equal(read.traces[:], traces)
    assert (read.model, read.frame_rate, read.step) == ("mlp", 24.0, 1)
