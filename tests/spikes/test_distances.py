import numpy as np
import pytest
import scipy.special
import scipy.stats

from calciumgan_tf.spikes import distances


@pytest.fixture(scope="module")
def samples():
    """Two float64 (rows, values) of different shapes and overlapping ranges."""
    generator = np.random.default_rng(0)
    return generator.normal(0, 1, (7, 200)), generator.normal(0.5, 1.5, (7, 90))


def numpy_histograms(first, second, bins=30):
    """Both histograms of one row over the pooled range, by NumPy."""
    first, second = first[~np.isnan(first)], second[~np.isnan(second)]
    pooled = np.concatenate([first, second])
    return [np.histogram(side, bins, (pooled.min(), pooled.max()))[0] for side in (first, second)]


def test_kl_closed_form():
    expected = 0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75)
    assert distances.discrete_kl(np.array([5, 5]), np.array([1, 3])) == pytest.approx(expected, rel=1e-12)


def test_kl_of_proportional_histograms_is_zero():
    counts = np.array([1, 2, 0, 4])
    assert distances.discrete_kl(counts, 3 * counts) == pytest.approx(0, abs=1e-15)


def test_kl_of_disjoint_histograms_is_the_logarithm_of_the_empty_bin():
    """log(1e10) for p's bin, and 1e-10 log(1e-10) for q's."""
    expected = np.log(1e10) * (1 - 1e-10)
    assert distances.discrete_kl(np.array([4, 0]), np.array([0, 9])) == pytest.approx(expected, rel=1e-12)


def test_kl_equals_scipys_where_no_bin_is_empty():
    p, q = np.random.default_rng(0).integers(1, 50, (2, 6, 30))
    np.testing.assert_allclose(distances.discrete_kl(p, q), scipy.stats.entropy(p, q, axis=-1), rtol=1e-12)


def test_kl_equals_scipys_with_empty_bins_at_1e_10():
    p, q = np.random.default_rng(1).integers(0, 3, (2, 6, 30))
    full = [np.maximum(side / side.sum(axis=-1, keepdims=True), 1e-10) for side in (p, q)]
    np.testing.assert_allclose(distances.discrete_kl(p, q), scipy.special.rel_entr(*full).sum(axis=-1), rtol=1e-12)


def test_kl_is_not_symmetric_and_not_negative():
    p, q = np.random.default_rng(2).integers(0, 9, (2, 100, 30)) + np.eye(30)[0]
    there, back = distances.discrete_kl(p, q), distances.discrete_kl(q, p)
    assert (there > 0).all() and (back > 0).all()
    assert not np.isclose(there, back).any()


def test_histograms_equal_numpys(samples):
    found = distances.histograms(*samples)
    for row, pair in enumerate(zip(*samples)):
        for side, expected in zip(found, numpy_histograms(*pair)):
            np.testing.assert_array_equal(side[row], expected)


@pytest.mark.parametrize("frame_rate", [24.0, 7.5])
def test_histograms_of_firing_rates_equal_numpys(frame_rate):
    """Many rates fall on edges of bins; at these frame rates they do so exactly."""
    generator = np.random.default_rng(0)
    most = generator.integers(1, 70, 300)
    first, second = generator.integers(0, most + 1, (2, 50, 300)).swapaxes(1, 2) * (frame_rate / 256)
    found = distances.histograms(first, second)
    for row in range(300):
        np.testing.assert_array_equal(found[0][row], numpy_histograms(first[row], second[row])[0])


def test_row_kl_equals_a_loop(samples):
    expected = [distances.discrete_kl(*numpy_histograms(*pair)) for pair in zip(*samples)]
    np.testing.assert_allclose(distances.row_kl(*samples), expected, rtol=1e-12)


def test_nan_is_left_out(samples):
    first, second = (side.copy() for side in samples)
    first[:, ::3] = second[2, 5:] = np.nan
    expected = [distances.discrete_kl(*numpy_histograms(*pair)) for pair in zip(first, second)]
    np.testing.assert_allclose(distances.row_kl(first, second), expected, rtol=1e-12)


def test_row_without_values_on_a_side_is_undefined(samples):
    first, second = (side.copy() for side in samples)
    first[1], second[2], first[3], second[3] = np.nan, np.nan, np.nan, np.nan
    np.testing.assert_array_equal(np.isnan(distances.row_kl(first, second)), np.isin(np.arange(7), [1, 2, 3]))


def test_row_of_one_value_has_distance_zero():
    first, second = np.full((2, 3), 0.7), np.full((2, 5), 0.7)
    np.testing.assert_array_equal(distances.row_kl(first, second), 0)
    assert np.count_nonzero(distances.histograms(first, second)[0][0]) == 1


def test_row_kl_of_equal_samples_is_zero(samples):
    np.testing.assert_allclose(distances.row_kl(samples[0], samples[0][:, ::-1]), 0, atol=1e-15)


@pytest.mark.parametrize("scale, shift", [(1e-6, 0), (-1, 0), (3, 100)])
def test_row_kl_has_no_unit(samples, scale, shift):
    """An affine change of both sides changes nothing."""
    changed = [side * scale + shift for side in samples]
    np.testing.assert_allclose(distances.row_kl(*changed), distances.row_kl(*samples), rtol=1e-9)


def test_weights_are_repetitions(samples):
    weights = np.random.default_rng(3).integers(1, 5, 90)
    repeated = distances.row_kl(samples[0], np.repeat(samples[1], weights, axis=1))
    np.testing.assert_allclose(distances.row_kl(*samples, weights.astype(float)), repeated, rtol=1e-12)


def test_weight_zero_leaves_out(samples):
    weights = np.ones(90)
    weights[:40] = 0
    inside = np.clip(samples[1], samples[0].min(axis=1, keepdims=True), samples[0].max(axis=1, keepdims=True))
    found = distances.row_kl(samples[0], inside, weights)
    np.testing.assert_allclose(found, distances.row_kl(samples[0], inside[:, 40:]), rtol=1e-12)


def test_rmse_closed_form():
    assert distances.rmse(np.array([0, 0]), np.array([3, 4])) == pytest.approx(np.sqrt(12.5))


def test_rmse_of_nothing_is_undefined():
    assert np.isnan(distances.rmse(np.array([]), np.array([])))


def test_closest_pairs_come_first_and_use_every_row_once():
    """Row 0 gives up its nearest column, since row 1 has no other that is near."""
    rows, columns = distances.closest_pairs(np.array([[1.0, 2.0, 9.0], [0.5, 9.0, 9.0], [9.0, 9.0, 0.1]]))
    assert list(zip(rows.tolist(), columns.tolist())) == [(2, 2), (1, 0), (0, 1)]


def test_closest_pairs_of_unequal_numbers():
    rows, columns = distances.closest_pairs(np.array([[3.0, 1.0, 2.0]]))
    assert rows.tolist() == [0] and columns.tolist() == [1]


def test_weighted_mean_is_numpys_and_undefined_without_weights():
    values, weights = np.random.default_rng(0).normal(size=(9, 2)), np.arange(9)
    np.testing.assert_allclose(distances.weighted_mean(values, weights), np.average(values, axis=0, weights=weights))
    np.testing.assert_allclose(distances.weighted_mean(values), values.mean(axis=0))
    assert np.isnan(distances.weighted_mean(values, np.zeros(9))).all()
    assert np.isnan(distances.weighted_mean(values[:0]))[...].all()
