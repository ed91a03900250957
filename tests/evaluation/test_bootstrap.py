import numpy as np
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import bootstrap
from calciumgan_tf.evaluation.pair import Pair
from calciumgan_tf.evaluation.spike_metrics import METRICS
from calciumgan_tf.evaluation.summary import summarise

GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize("windows, block", [(60, 1), (60, 7), (5, 5), (2, 1)])
def test_weights_count_the_windows_of_a_resample(windows, block):
    weights = bootstrap.weights(windows, block, GENERATOR, 20)
    assert weights.shape == (20, windows)
    assert (weights.sum(axis=1) == windows).all() and (weights == weights.round()).all()


def test_blocks_are_of_neighbours():
    weights = bootstrap.weights(1000, 10, GENERATOR, 20)
    runs = [np.flatnonzero(np.diff(np.concatenate([[0], one > 0, [0]]))) for one in weights]
    lengths = np.concatenate([stops - starts for starts, stops in (edges.reshape(-1, 2).T for edges in runs)])
    assert lengths.min() >= 10


def test_a_block_is_two_windows_long():
    split = split_frames(21556, 256)
    assert bootstrap.block_windows(split, "heldout", 400) == np.ceil(2 * 256 * 400 / split.frames("heldout"))
    assert bootstrap.block_windows(split_frames(800, 256), "heldout", 10) == 10


def test_draws_depend_on_their_seed_alone():
    split, sets = split_frames(21556, 256), ("heldout", "training", "generated")
    first, again, other = (bootstrap.draw(split, 50, sets, seed, 20) for seed in (0, 0, 1))
    assert tuple(first) == sets
    assert all((first[name] == again[name]).all() and (first[name] != other[name]).any() for name in sets)
    assert (first["generated"] != first["heldout"]).any()


def test_a_thousand_resamples_by_default():
    drawn = bootstrap.draw(split_frames(21556, 256), 50, ("heldout", "generated"), 0)
    assert drawn["heldout"].shape == drawn["generated"].shape == (bootstrap.RESAMPLES, 50)
    assert bootstrap.RESAMPLES >= 1000


def test_ends_of_an_interval_hardly_depend_on_the_seed():
    """With 100 resamples the ends of this interval scatter by more than a tenth of its width."""
    values, ends = GENERATOR.normal(0, 1, 400), []
    for seed in range(20):
        drawn = bootstrap.draw(split_frames(21556, 256), 400, ("generated",), seed)["generated"]
        ends.append(bootstrap.interval(values.mean(), drawn @ values / 400))
    scatter, width = np.std(ends, axis=0), np.diff(np.mean(ends, axis=0))
    assert (scatter < 0.05 * width).all()


def test_intervals_have_the_width_of_the_sampling_error():
    heldout, training, generated = GENERATOR.normal(10, 1, (3, 400))
    drawn = {name: bootstrap.weights(400, 1, GENERATOR, 1000) / 400 for name in ("heldout", "training", "generated")}
    floor = drawn["heldout"] @ heldout - drawn["training"] @ training
    value = drawn["heldout"] @ heldout - drawn["generated"] @ (generated - 10)
    own = bootstrap.interval(heldout.mean() - generated.mean() + 10, value)
    assert own[1] - own[0] == pytest.approx(2 * 1.96 * np.sqrt(2 / 400), rel=0.15)
    difference = training.mean() - generated.mean() + 10
    beyond = bootstrap.interval(difference, value - floor)
    assert beyond[1] - beyond[0] == pytest.approx(2 * 1.96 * np.sqrt(2 / 400), rel=0.15)  # the held-out part is shared
    assert np.mean(beyond) == pytest.approx(difference, abs=0.02)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_an_undefined_value_has_no_interval(value):
    assert bootstrap.interval(value, GENERATOR.random(100)) is None


def test_few_resamples_at_a_time_give_what_all_together_give(monkeypatch):
    spikes = (GENERATOR.random((2, 30, 64, 3)) < 0.1).astype(np.uint8)
    pair = Pair(*(summarise(side, 24.0) for side in spikes))
    first, second = (bootstrap.weights(30, 1, GENERATOR, 7) for _ in range(2))
    together = bootstrap.values(pair, METRICS, first, second)
    monkeypatch.setattr(bootstrap, "CHUNK_VALUES", 90)
    apart = bootstrap.values(pair, METRICS, first, second)
    for name, values in together.items():
        assert values.shape == (7,)
        np.testing.assert_allclose(apart[name], values, rtol=1e-12, err_msg=name)


def test_blocks_widen_the_interval_of_windows_that_overlap():
    """Each of 40 values ten times in a row: the error is that of 40 values, not of 400."""
    values = np.repeat(GENERATOR.normal(size=40), 10)
    widths = []
    for block in (1, 10):
        drawn = bootstrap.weights(400, block, GENERATOR, 1000) @ values / 400
        widths.append(drawn.std())
    assert widths[0] == pytest.approx(values.std() / np.sqrt(400), rel=0.15)
    # A block holds shares a and 1 - a of two values; 2/3 is the mean of a^2 + (1 - a)^2.
    assert widths[1] == pytest.approx(values.std() / np.sqrt(40) * np.sqrt(2 / 3), rel=0.2)


def test_the_interval_of_a_distance_is_not_below_0():
    drawn = 0.01 + 0.1 * GENERATOR.random(50)
    assert bootstrap.interval(0.01, drawn, lowest=0.0)[0] == 0
    assert bootstrap.interval(0.01, drawn)[0] < 0


@pytest.mark.parametrize("undefined, some", [(20, True), (60, False)])
def test_no_interval_where_most_resamples_are_undefined(undefined, some):
    values = GENERATOR.random(100)
    values[:undefined] = np.nan
    assert (bootstrap.interval(0.5, values) is not None) == some
