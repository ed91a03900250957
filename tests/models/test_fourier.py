import keras
import numpy as np
import pytest

from calciumgan_tf.models import fourier


def test_fourier_coefficients_are_those_of_numpy():
    windows = np.random.default_rng(0).standard_normal((2, 16, 3)).astype(np.float32)
    found = fourier.coefficients(keras.ops.convert_to_tensor(windows))
    assert found.shape == (2, 8, 6)
    expected = np.fft.rfft(windows, axis=1, norm="ortho")[:, 1:8] * np.sqrt(2)
    np.testing.assert_allclose(found[:, 1:, :3], expected.real, atol=1e-5)
    np.testing.assert_allclose(found[:, 1:, 3:], expected.imag, atol=1e-5)
    np.testing.assert_allclose(fourier.traces(found), windows, atol=1e-5)


@pytest.mark.parametrize("frames", [2, 6, 64])
def test_fourier_matrix_is_orthogonal(frames):
    np.testing.assert_allclose(fourier.matrix(frames).T @ fourier.matrix(frames), np.eye(frames), atol=1e-12)
