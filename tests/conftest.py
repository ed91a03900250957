"""Small recordings and a way to run the scripts as a user does."""

import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.physiological.neuron_statistics import NeuronStatistics
from calciumgan_tf.recordings.recording import Recording

# Two CPU devices, so that one process can hold one replica or two; has to be said before TensorFlow starts.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture
def traces():
    """float32 (2000 frames, 3 neurons) of noise around different levels."""
    return (np.random.default_rng(0).normal(0, 0.3, (2000, 3)) + [0, 1, 2]).astype(np.float32)


@pytest.fixture
def recording(traces):
    return Recording(traces, 24.0, source="test")


@pytest.fixture
def tiny():
    """Hyper-parameters of a model that trains in seconds."""
    return {
        "window_frames": 64,
        "units": 2,
        "kernel_size": 8,
        "critic_units": 2,
        "noise_dim": 4,
        "shared_noise": 2,
        "slow_noise": True,
        "phase_shuffle": 2,
        "batch_size": 16,
    }


@pytest.fixture
def script(tmp_path):
    """Runs `script("train.py", "--steps=3")` in a temporary folder; returns the finished process with its output."""

    def run(name, *flags, **options):
        command = [sys.executable, str(ROOT / name), *map(str, flags)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, **options)

    return run


@pytest.fixture
def physiology():
    """NeuronStatistics of three neurons whose decay needs one warm-up unit."""
    return NeuronStatistics(
        24.0, 0.9, np.array([-0.5, 0.0, 0.5]), np.array([0.5, 0.6, 0.7]), np.full(3, 0.05), np.array([1.0, 2.0, 3.0])
    )
