"""Search of windows in a recording against NumPy."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics import matching


def test_correlations_equal_numpys_at_every_start():
    traces = np.random.default_rng(1).normal(0, [1, 3, 0.2], (6000, 3)).astype(np.float32)
    windows = np.random.default_rng(2).normal(size=(3, 50, 3)).astype(np.float32)
    found = matching.correlations(windows, traces)
    assert found.shape == (3, 5951)
    for window, start in ((0, 0), (1, 4040), (2, 5950), (0, 4096)):
        stretch = traces[start : start + 50]
        one, other = ((part - part.mean(axis=0)).ravel() for part in (windows[window], stretch))
        assert found[window, start] == pytest.approx(one @ other / np.sqrt((one @ one) * (other @ other)), abs=1e-5)


def test_constant_windows_and_stretches_match_nothing():
    traces = np.ones((300, 2), np.float32)
    traces[200:] += np.random.default_rng(0).normal(size=(100, 2))
    windows = np.stack([np.full((20, 2), 0.7), traces[220:240]]).astype(np.float32)
    found = matching.correlations(windows, traces)
    assert (found[0] == 0).all() and (found[1, :180] == 0).all()
    assert found[1].argmax() == 220


def test_the_second_match_shares_no_frame_with_the_best():
    found = np.array([[0.1, 0.8, 0.9, 0.85, 0.3, 0.2, -0.5]])
    best, starts = matching.best_two(found, np.ones(7, bool), 2)
    np.testing.assert_allclose(best, [[0.9, 0.3]])
    assert starts[0] == 2
    best, _ = matching.best_two(found, np.arange(7) > 4, 2)
    np.testing.assert_allclose(best, [[0.2, 0.0]])  # nothing else is left, and -.5 counts as 0


def test_lead_is_a_difference_of_fishers_transform():
    expected = 0.5 * np.log(1.9 / 0.1) - 0.5 * np.log(1.5 / 0.5)
    assert matching.lead(np.array([0.9, 0.5])) == pytest.approx(expected)
    assert np.isfinite(matching.lead(np.array([1.0, 0.5])))
    assert matching.lead(np.array([1.0, 1.0])) == 0
