import os

import keras
import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.sampling import sampler
from calciumgan_tf.training.builders import Builder

SCALING = Scaling(np.zeros(3, np.float32), np.ones(3, np.float32))


@pytest.fixture(params=["calciumgan", "physiological"])
def model(tiny_of, neuron_statistics, request):
    keras.utils.set_random_seed(0)
    return Builder(Config.of(**tiny_of(request.param)), 3, neuron_statistics).exported_generator(SCALING)


def draw(model, count, seed=0):
    return np.concatenate(list(sampler.windows(model, count, seed)))


@pytest.mark.parametrize("count", [1, 5, 64, 65])
def test_window_depends_on_seed_and_number_alone(model, count):
    np.testing.assert_array_equal(draw(model, count), draw(model, 150)[:count])


def test_windows_differ_from_each_other_and_between_seeds(model):
    drawn = draw(model, 130)
    assert drawn.shape == (130, 64, 3)
    assert len(np.unique(drawn[:, 10, 0])) == 130
    assert not np.isin(draw(model, 130, seed=1)[:, 10, 0], drawn[:, 10, 0]).any()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_saved_generator_gives_the_same_windows_under_other_backends(model, tmp_path, backend):
    """Keras' own layers run on each of its backends, where that is installed."""
    import subprocess
    import sys

    pytest.importorskip(backend)
    model.save(tmp_path / "generator.keras")
    noise = [np.random.default_rng(number).normal(size=(2, *one.shape[1:])) for number, one in enumerate(model.inputs)]
    np.savez(tmp_path / "noise.npz", *noise)
    program = """
import keras, numpy as np
noise = list(np.load("noise.npz").values())
generator = keras.saving.load_model("generator.keras")
np.save("windows.npy", keras.ops.convert_to_numpy(generator(noise, training=False)))
print(keras.backend.backend())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout.strip() == backend, done.stderr
    expected = model(noise, training=False).numpy()
    np.testing.assert_allclose(np.load(tmp_path / "windows.npy"), expected, rtol=1e-4, atol=1e-5)
