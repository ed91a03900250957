import numpy as np

from calciumgan_tf.plotting import previews


def test_preview_shows_the_picture_it_saves(tmp_path):
    windows = np.random.default_rng(0).normal(size=(4, 64, 9))
    picture = previews.save(windows, windows, 24.0, tmp_path / "new" / "p.png")
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 4
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 10  # not blank
    assert (tmp_path / "new" / "p.png").read_bytes().startswith(b"\x89PNG")


def test_preview_of_one_neuron(tmp_path):
    assert previews.save(np.zeros((1, 64, 1)), np.zeros((1, 64, 1)), 2.2, tmp_path / "p.png").size
