import numpy as np
import pytest

from calciumgan_tf.evaluation import memorisation

BLOCKS = ((0, 300), (340, 700))
GENERATOR = np.random.default_rng(0)
TRACES = GENERATOR.normal(0, [1, 2, 5], (1000, 3))


def cut(starts, frames=40):
    return np.stack([TRACES[start : start + frames] for start in starts])


def cosine(one, other):
    return (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())


def test_distance_is_the_smallest_of_all_written_out():
    windows = GENERATOR.normal(0, 2, (4, 40, 3))
    starts = [start for a, b in BLOCKS for start in range(a, b - 40 + 1)]
    expected = [min(1 - cosine(window, cut([s])[0]) for s in starts) for window in windows]
    np.testing.assert_allclose(memorisation.nearest(windows, TRACES, BLOCKS)[0], expected, rtol=1e-9)


@pytest.mark.parametrize("start", [0, 260, 340, 660])
def test_a_copy_has_distance_0_at_either_end_of_a_block(start):
    distances, starts = memorisation.nearest(cut([start]), TRACES, BLOCKS)
    assert distances[0] < 1e-6 and starts[0] == start


def test_a_copy_that_reaches_out_of_the_blocks_is_none():
    assert memorisation.nearest(cut([280]), TRACES, BLOCKS)[0][0] > 0.3


def test_copies_are_found_and_fresh_windows_are_not():
    heldout, fresh = cut(range(700, 960, 5)), GENERATOR.normal(0, [1, 2, 5], (50, 40, 3))
    copied = memorisation.CopyTest(TRACES, BLOCKS, heldout)(cut(range(0, 250, 5)) + 0.3)
    assert copied.p_value < 1e-6 and copied.effect < 0.01
    new = memorisation.CopyTest(TRACES, BLOCKS, heldout)(fresh)
    assert new.p_value > 0.05 and 0.3 < new.effect < 0.7


def test_quiet_windows_are_no_copies():
    """By their difference they would be near to anything."""
    heldout, fresh = cut(range(700, 960, 5)), GENERATOR.normal(0, [1, 2, 5], (50, 40, 3))
    for quiet in (0.1 * fresh, 0 * fresh):
        assert memorisation.CopyTest(TRACES, BLOCKS, heldout)(quiet).p_value > 0.05
    assert memorisation.CopyTest(TRACES, BLOCKS, heldout)(0.1 * cut(range(0, 250, 5))).p_value < 1e-6


def test_neurons_count_equally():
    """A neuron that is a thousand times brighter does not decide alone."""
    bright, windows = TRACES * [1, 1, 1000], cut([5, 800])
    dim = memorisation.CopyTest(TRACES, BLOCKS, windows)(windows)
    lit = memorisation.CopyTest(bright, BLOCKS, windows * [1, 1, 1000])(windows * [1, 1, 1000])
    np.testing.assert_allclose(dim.generated, lit.generated, atol=1e-6)
