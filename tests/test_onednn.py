"""Whoever imports the package gets the fast kernels, or is told why not."""

import os
import subprocess
import sys

import numpy as np
import pytest

from calciumgan_tf import onednn

PRINT = "from calciumgan_tf import onednn; import tensorflow; print(onednn.enabled())"


def run(code, **environment):
    inherited = {name: value for name, value in os.environ.items() if name != onednn.VARIABLE}
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=inherited | environment, timeout=120
    )
    assert finished.returncode == 0, finished.stderr
    return finished


def test_package_switches_it_on():
    assert run(PRINT).stdout.split() == ["True"]


def test_user_may_switch_it_off():
    finished = run(PRINT, TF_ENABLE_ONEDNN_OPTS="0")
    assert finished.stdout.split() == ["False"] and "RuntimeWarning" not in finished.stderr


@pytest.mark.parametrize("off", [False, True])
def test_too_late(monkeypatch, recwarn, off):
    """TensorFlow is loaded here; whether it has oneDNN depends on the processor."""
    monkeypatch.delenv(onednn.VARIABLE, raising=False)
    monkeypatch.setattr(onednn, "enabled", lambda: not off)
    onednn.choose()
    assert onednn.VARIABLE not in os.environ
    messages = [str(warning.message) for warning in recwarn]
    assert len(messages) == off and all("import calciumgan_tf first" in message for message in messages)


def test_convolutions_are_the_same_without(monkeypatch):
    from calciumgan_tf.models.convolutions import PairedConv1D

    layer = PairedConv1D(5, 24, strides=2, padding="same")
    x = np.random.default_rng(0).standard_normal((3, 64, 4)).astype(np.float32)
    results = []
    for enabled in (True, False):
        monkeypatch.setattr(onednn, "enabled", lambda enabled=enabled: enabled)
        results.append(np.asarray(layer(x)))
    np.testing.assert_allclose(*results, atol=1e-6)
