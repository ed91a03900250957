import numpy as np
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import bootstrap

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
    split = split_frames(21556, 256)
    one, again, other = (bootstrap.draw(split, 50, seed) for seed in (0, 0, 1))
    assert set(one) == set(bootstrap.DRAWN)
    assert all((one[name] == again[name]).all() and (one[name] != other[name]).any() for name in one)


def difference(reference, candidate):
    """A comparison of the means of two sets."""

    def compared(first, second):
        means = (np.average(side, weights=given) for side, given in ((reference, first), (candidate, second)))
        return {"mean": float(np.subtract(*means)), "undefined": float("nan")}

    return compared


def test_intervals_have_the_width_of_the_sampling_error():
    heldout, training, generated = GENERATOR.normal(10, 1, (3, 400))
    draws = {name: bootstrap.weights(400, 1, GENERATOR, 1000) for name in bootstrap.DRAWN}
    found = bootstrap.intervals(difference(heldout, generated - 10), difference(heldout, training), draws)
    own, beyond = found["mean"]
    assert own[1] - own[0] == pytest.approx(2 * 1.96 * np.sqrt(2 / 400), rel=0.15)
    assert beyond[1] - beyond[0] == pytest.approx(2 * 1.96 * np.sqrt(2 / 400), rel=0.15)  # the held-out part is shared
    assert np.mean(beyond) == pytest.approx(training.mean() - generated.mean() + 10, abs=0.02)
    assert found["undefined"] == (None, None)


def test_blocks_widen_the_interval_of_windows_that_overlap():
    """Each of 40 values ten times in a row: the error is that of 40 values, not of 400."""
    values = np.repeat(GENERATOR.normal(size=40), 10)
    widths = []
    for block in (1, 10):
        drawn = bootstrap.weights(400, block, GENERATOR, 1000) @ values / 400
        widths.append(drawn.std())
    assert widths[0] == pytest.approx(values.std() / np.sqrt(400), rel=0.15)
    assert widths[1] == pytest.approx(values.std() / np.sqrt(40), rel=0.25)


def test_the_interval_of_a_distance_is_not_below_0():
    def compared(first, second):
        return {"distance": 0.01 + (0 if first is None else 0.1 * GENERATOR.random())}

    draws = {name: bootstrap.weights(20, 1, GENERATOR, 50) for name in bootstrap.DRAWN}
    own, beyond = bootstrap.intervals(compared, compared, draws)["distance"]
    assert own[0] == 0 and beyond[0] < 0


@pytest.mark.parametrize("undefined, some", [(20, True), (60, False)])
def test_no_interval_where_most_resamples_are_undefined(undefined, some):
    values = np.concatenate([[0.5], GENERATOR.random(100)])
    values[1 : 1 + undefined] = np.nan
    assert (bootstrap._interval(values) is not None) == some
