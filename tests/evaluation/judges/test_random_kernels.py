"""Random kernels against plain convolutions."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.judges import random_kernels
from calciumgan_tf.evaluation.judges.random_kernels import RandomKernels

TRACES = np.random.default_rng(0).normal(size=(30, 128)).cumsum(axis=1).astype(np.float32)


def test_features_equal_convolutions_written_out():
    kernels = RandomKernels(TRACES, seed=1)
    found = kernels.features(TRACES[:3])
    expected = []
    for dilation, thresholds in kernels._thresholds:
        places = np.arange(128 - 8 * dilation)[:, None] + dilation * np.arange(9)
        for triple, threshold in zip(random_kernels.TRIPLES, thresholds):
            weights = np.where(np.isin(np.arange(9), triple), 2, -1)
            output = TRACES[:3, places].astype(np.float64) @ weights
            expected.append((output > 3 * threshold).mean(axis=1))
    assert found.shape == (3, kernels.number) == (3, 504)
    near = 1 / 64 + 1e-6  # a value that equals the threshold up to rounding may be on either side
    np.testing.assert_allclose(found, np.transpose(expected), atol=near)
    assert np.abs(found - np.transpose(expected)).mean() < 1e-4


def test_thresholds_are_spread_evenly_over_the_outputs():
    """The share above a quantile q is 1 - q, whose mean over evenly spread q is a half."""
    found = RandomKernels(TRACES, seed=0).features(TRACES)
    assert found.mean() == pytest.approx(0.5, abs=0.01)
    assert 0.25 < found.mean(axis=0).std() < 0.33  # of a uniform distribution: 1 / sqrt(12)


def test_dilations_fit_half_of_the_window():
    assert random_kernels.dilations(256, 6) == [1, 1, 3, 5, 9, 16]
    assert random_kernels.dilations(9, 3) == [1, 1, 1]


def test_an_offset_changes_nothing_but_rounding():
    kernels = RandomKernels(TRACES, seed=0)
    assert np.abs(kernels.features(TRACES) - kernels.features(TRACES + 8)).mean() < 1e-4


def test_any_leading_shape_and_chunk(monkeypatch):
    kernels = RandomKernels(TRACES, seed=0)
    flat = kernels.features(TRACES)
    monkeypatch.setattr(random_kernels, "CHUNK_VALUES", 300)
    np.testing.assert_array_equal(kernels.features(TRACES.reshape(5, 6, 128)), flat.reshape(5, 6, -1))


@pytest.mark.parametrize("frames", [1, 6, 9, 20])
def test_short_and_constant_traces(frames):
    kernels = RandomKernels(TRACES[:, :frames], seed=0)
    found = kernels.features(np.concatenate([TRACES[:, :frames], np.ones((1, frames))]))
    assert np.isfinite(found).all()
    assert 0 <= found.min() <= found.max() <= 1


def test_a_seed_repeats():
    one, same, other = (RandomKernels(TRACES, seed).features(TRACES[:5]) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_errors_name_the_sizes():
    with pytest.raises(ValueError, match="83 features"):
        RandomKernels(TRACES, seed=0, number=83)
    with pytest.raises(ValueError, match="have 64 frames, those of the sample have 128"):
        RandomKernels(TRACES, seed=0).features(TRACES[:, :64])
