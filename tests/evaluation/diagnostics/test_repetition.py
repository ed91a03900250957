"""Windows that repeat each other, and a constant neuron that does not make them alike."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.diagnostics import repetition


@pytest.mark.parametrize("level", [0.0, 0.3, 0.7])
def test_a_constant_neuron_is_no_repetition(level):
    windows = np.random.default_rng(0).normal(size=(40, 64, 4)).astype(np.float32)
    windows[..., 1] = level
    assert repetition.repeated(windows) == 0


def test_half_of_the_windows_twice_are_repetitions():
    windows = np.random.default_rng(0).normal(size=(40, 64, 4)).astype(np.float32)
    assert repetition.repeated(np.concatenate([windows, windows[:20]])) == pytest.approx(40 / 60)


def test_few_neurons_at_a_time_give_the_same_share(monkeypatch):
    windows = np.random.default_rng(0).normal(size=(40, 64, 5)).astype(np.float32)
    windows[:10, :, 4] = windows[10:20, :, 4]  # one neuron alone is no repetition
    windows[20:24] = windows[24:28]
    monkeypatch.setattr(repetition, "HELD_VALUES", 2 * 40 * 64)
    assert repetition.repeated(windows) == pytest.approx(8 / 40)
