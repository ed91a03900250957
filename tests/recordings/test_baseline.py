import numpy as np

from calciumgan_tf.recordings.baseline import running_baseline


def test_a_constant_is_its_own_baseline():
    np.testing.assert_allclose(running_baseline(np.full((500, 2), 3.0), 10.0), 3)


def test_transients_are_not_followed_and_slow_changes_are():
    time = np.arange(6000) / 10
    slow = np.sin(2 * np.pi * time / 600)[:, None]
    transients = np.zeros((6000, 1))
    for start in range(100, 6000, 500):
        transients[start : start + 20] = 5
    found = running_baseline(slow + transients, 10.0)
    assert np.abs(found - slow).max() < 0.5
