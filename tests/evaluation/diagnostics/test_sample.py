"""Units of windows, their sums, and draws of them."""

import itertools

import numpy as np
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation.diagnostics import sample
from calciumgan_tf.evaluation.diagnostics.sample import Draw, Tiles, Units

RATE = 4.0  # Hz, at which four windows of 64 frames last 64 s


class Levels:
    """Mean and mean square of each neuron, and the number of events: statistics in closed form."""

    rows = ()

    def sums(self, traces, events):
        values = traces.astype(np.float64)
        return np.concatenate([values.mean(axis=1), (values**2).mean(axis=1), events.sum(axis=1, dtype=float)], axis=1)

    def values(self, means):
        return {"levels": means}


SPLITS = {
    "blocks": split_frames(8000, 64, "blocks"),
    "end": split_frames(5000, 64, "end"),
    "trials": split_frames(6000, 64, "blocks", trial_frames=100),
    "short": split_frames(900, 64),
    "shortest": split_frames(192, 64),
}


def blocks_of(split):
    return [(False, *block) for block in split.training] + [(True, *block) for block in split.heldout]


@pytest.mark.parametrize("name", SPLITS)
def test_a_unit_is_a_stretch_of_one_block_and_no_frame_is_used_twice(name):
    split = SPLITS[name]
    tiles = Tiles(split, RATE)
    assert (np.diff(tiles.starts) >= split.window_frames).all()
    for unit, heldout in enumerate(tiles.heldout):
        starts = tiles.starts[tiles.unit == unit]
        first, last = starts.min(), starts.max() + split.window_frames
        assert any(heldout == part and a <= first and last <= b for part, a, b in blocks_of(split))
        assert split.trial_frames or (np.diff(starts) == split.window_frames).all()
    if split.trial_frames:
        assert (tiles.starts % 100 + 64 <= 100).all()


@pytest.mark.parametrize("name", SPLITS)
def test_every_window_that_fits_is_used(name):
    split = SPLITS[name]
    tiles = Tiles(split, RATE)
    trial = split.trial_frames
    fits = [(b // trial - a // trial) if trial else (b - a) // 64 for _, a, b in blocks_of(split)]
    if not trial:
        assert len(tiles.starts) == sum(fits)
    assert tiles.heldout.any() and not tiles.heldout.all()
    np.testing.assert_array_equal(np.unique(tiles.unit), np.arange(len(tiles.heldout)))
    assert (np.diff(tiles.unit) >= 0).all()


@pytest.mark.parametrize(("frames", "size"), [(8000, 4), (2500, 2), (900, 1), (192, 1)])
def test_units_are_as_long_as_the_recording_allows(frames, size):
    tiles = Tiles(split_frames(frames, 64), RATE)
    assert np.bincount(tiles.unit).max() == size
    assert len(tiles.heldout) >= sample.FEWEST_UNITS or size == 1


def test_units_of_short_windows_last_about_40_seconds_and_are_of_one_part():
    split = split_frames(21_600, 64)  # 15 minutes at 24 Hz
    tiles = Tiles(split, 24.0)
    assert (abs(np.bincount(tiles.unit) * 64 / 24 - sample.UNIT_SECONDS) < 8).all()
    inside = np.array([[a <= start <= b - 64 for a, b in split.heldout] for start in tiles.starts]).any(axis=1)
    np.testing.assert_array_equal(tiles.heldout[tiles.unit], inside)
    alone = Tiles(split, RATE)
    np.testing.assert_array_equal(np.sort(tiles.starts), alone.starts)  # the same windows
    for part in (True, False):
        assert (np.diff(tiles.starts[tiles.heldout[tiles.unit] == part]) > 0).all()


@pytest.mark.parametrize(("frames", "window", "rate"), [(21_600, 256, 24.0), (5400, 64, 24.0), (21_600, 64, 6.0)])
def test_units_are_four_windows_where_these_last_long_or_the_heldout_part_is_short(frames, window, rate):
    tiles = Tiles(split_frames(frames, window), rate)
    assert np.bincount(tiles.unit).max() == 4


def test_windows_are_the_frames_from_their_starts_on():
    tiles = Tiles(SPLITS["blocks"], RATE)
    traces = np.arange(16000).reshape(8000, 2)
    windows = tiles.windows(traces)
    assert windows.shape == (len(tiles.starts), 64, 2)
    for start, window in zip(tiles.starts, windows[:]):
        np.testing.assert_array_equal(window, traces[start : start + 64])


def example(windows=23, units=6, seed=0):
    generator = np.random.default_rng(seed)
    traces = generator.normal(size=(windows, 10, 3)).astype(np.float32)
    return traces, generator.integers(0, 2, traces.shape, np.uint8), np.arange(windows) * units // windows


@pytest.mark.parametrize("values", [1, 70, 10**9])
def test_sums_do_not_depend_on_how_many_windows_are_held(values, monkeypatch):
    """One window at a time, two of them, or all."""
    traces, events, unit = example()
    statistic = Levels()
    expected = [statistic.sums(traces[unit == one], events[unit == one]).sum(axis=0) for one in range(6)]
    monkeypatch.setattr(sample, "CHUNK_VALUES", values)
    first, second = Units.add_up([statistic, statistic], traces, events, unit)
    np.testing.assert_allclose(first.sums, expected)
    np.testing.assert_allclose(second.sums, expected)
    np.testing.assert_array_equal(first.windows, np.bincount(unit))


@pytest.mark.parametrize(("count", "each"), [(10, 1), (7, 3), (1, 100), (5, 0)])
def test_chunks_cover_everything_once(count, each, monkeypatch):
    monkeypatch.setattr(sample, "CHUNK_VALUES", 8)
    parts = sample.chunks(count, each)
    assert list(itertools.chain(*(range(count)[part] for part in parts))) == list(range(count))
    assert all(len(range(count)[part]) * each <= max(8, each) for part in parts)


def test_weights_repeat_the_windows_of_a_unit():
    traces, events, unit = example()
    statistic = Levels()
    (units,) = Units.add_up([statistic], traces, events, unit)
    weights = np.array([[1, 1, 1, 1, 1, 1], [0, 3, 1, 0, 0, 2]], float)
    for weight, found in zip(weights, units.means(weights)):
        repeated = np.repeat(np.arange(23), weight[unit].astype(int))
        np.testing.assert_allclose(found, statistic.sums(traces[repeated], events[repeated]).mean(axis=0))


def test_a_draw_has_as_many_units_as_the_set_and_its_values_are_those_of_the_set():
    traces, events, unit = example()
    statistic = Levels()
    (units,) = Units.add_up([statistic], traces, events, unit)
    chosen = np.array([0, 1, 0, 0, 1, 0], bool)
    draw = Draw(chosen, 50, np.random.default_rng(0))
    assert draw.weights.shape == (50, 6)
    np.testing.assert_array_equal(draw.weights.sum(axis=1), 2)
    of_set = statistic.sums(traces[chosen[unit]], events[chosen[unit]]).mean(axis=0)
    np.testing.assert_allclose(draw.values(statistic, units)["levels"], of_set)
    np.testing.assert_allclose(draw.means(units), of_set)


@pytest.mark.parametrize(("chosen", "total"), [(4, 20), (12, 12), (3, 8)])
def test_deviations_vary_as_new_samples_do(chosen, total):
    """Windows of a unit are alike: the mean of n units of three has the variance (between + within / 3) / n."""
    generator, statistic, variances = np.random.default_rng(0), Levels(), []
    between, within = 1.0, 0.5
    for _ in range(60):
        level = np.repeat(generator.normal(0, np.sqrt(between), (total, 1, 10)), 3, axis=0)
        traces = level + generator.normal(0, np.sqrt(within), (3 * total, 1, 10))
        unit = np.repeat(np.arange(total), 3)
        (units,) = Units.add_up([statistic], traces, np.zeros(traces.shape, np.uint8), unit)
        draw = Draw(np.arange(total) < chosen, 200, generator)
        deviations = draw.deviations(statistic, units, slice(None))["levels"][:, :10]
        variances.append((deviations**2).mean(axis=0))
    assert np.mean(variances) == pytest.approx((between + within / 3) / chosen, rel=0.1)


def test_deviations_of_a_slice_are_those_of_its_draws():
    traces, events, unit = example()
    (units,) = Units.add_up([Levels()], traces, events, unit)
    draw = Draw(np.ones(6, bool), 20, np.random.default_rng(0))
    every = draw.deviations(Levels(), units, slice(None))["levels"]
    parts = [draw.deviations(Levels(), units, part)["levels"] for part in (slice(0, 7), slice(7, 20))]
    np.testing.assert_allclose(np.concatenate(parts), every)
    np.testing.assert_allclose(every, np.sqrt(6 / 5) * (units.means(draw.weights) - units.means(np.ones((1, 6)))))


def test_a_single_unit_does_not_vary():
    traces, events, _ = example()
    (units,) = Units.add_up([Levels()], traces, events, np.zeros(23, int))
    assert (
        not Draw(np.ones(1, bool), 5, np.random.default_rng(0)).deviations(Levels(), units, slice(None))["levels"].any()
    )


def test_shifted_draws_are_the_same_moments_later():
    """A shift of three units of 20 rolls the weights by three; larger sets share the moments of smaller ones."""
    chosen = np.arange(20) < 6
    first, later = (Draw(chosen, 50, np.random.default_rng(0), shift).weights for shift in (0.0, 3 / 20))
    np.testing.assert_array_equal(later, np.roll(first, 3, axis=1))
    assert first.shape == (50, 20) and (first.sum(axis=1) == 6).all()
    larger = Draw(np.arange(20) < 8, 50, np.random.default_rng(0), 0.0).weights
    assert ((larger - first).min() >= 0) and ((larger - first).sum(axis=1) == 2).all()


def test_shifted_draws_choose_all_units_alike():
    weights = Draw(np.arange(10) < 4, 20_000, np.random.default_rng(0), 0.37).weights
    np.testing.assert_allclose(weights.mean(axis=0), 0.4, rtol=0.05)
    np.testing.assert_allclose(weights.var(axis=0), 4 * 0.1 * 0.9, rtol=0.05)
