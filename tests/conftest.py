"""Small recordings and a way to run the scripts as a user does."""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import forked
import numpy as np
import pytest

from calciumgan_tf.physiological.neuron_statistics import NeuronStatistics
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.training import distribution

distribution.split_cpu(4)  # so that one process can hold up to four replicas; only possible before TensorFlow starts

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture
def traces():
    """float32 (2000 frames, 3 neurons) of noise around different levels."""
    return (np.random.default_rng(0).normal(0, 0.3, (2000, 3)) + [0, 1, 2]).astype(np.float32)


@pytest.fixture
def recording(traces):
    return Recording(traces, 24.0, source="test")


TINY = {"window_frames": 64, "units": 2, "critic_units": 2, "noise_dim": 4, "batch_size": 16}
TINY_KERNELS = {"kernel_size": 4, "critic_kernel_size": 4}
TINY_MODELS = {
    "calciumgan": TINY_KERNELS | {"phase_shuffle": 2},
    "calciumgan2d": {"kernel_size": 3, "critic_kernel_size": 3, "phase_shuffle": 0, "phase_shuffle_neurons": 1},
    "wavegan": TINY_KERNELS | {"stride": 2, "critic_stride": 2},
    "mlp": {},
    "physiological": TINY_KERNELS | {"phase_shuffle": 2, "calibration": 2},
}


@pytest.fixture
def tiny_of():
    """`tiny_of(model)`: the options of a model that trains in seconds."""
    return lambda model: {"model": model, **TINY, **TINY_MODELS[model]}


@pytest.fixture
def tiny(tiny_of):
    """The options of a CalciumGAN that trains in seconds."""
    return tiny_of("calciumgan")


@pytest.fixture
def script(tmp_path):
    """Runs `script("train.py", "--steps=3")` in a temporary folder; returns its status, stdout and stderr."""
    return lambda name, *arguments: forked.run(ROOT / name, list(map(str, arguments)), tmp_path)


@pytest.fixture
def neuron_statistics():
    """NeuronStatistics of three neurons in scaled units, for windows of 64 frames; their warm-up takes 32 frames."""
    return NeuronStatistics(
        frame_rate=24.0,
        decay=np.full(3, 0.9),
        rise=np.array([0.0, 0.3, 0.5]),
        kernels=np.tile(np.eye(8)[:, :1], 3),
        baseline=np.array([-0.5, 0.0, 0.5]),
        noise=np.array([0.5, 0.6, 0.7]),
        noise_filter=np.tile([[0.0], [1.0], [0.0]], 3),
        noise_growth=np.full(3, 0.1),
        noise_skewness=np.full(3, 0.02),
        slow_noise=np.full((32, 3), 0.2),
        event_probability=np.full(3, 0.05),
        event_size=np.array([1.0, 2.0, 3.0]),
        event_spread=np.full(3, 0.3),
        largest_calcium=np.array([4.0, 8.0, 12.0]),
        event_slow=np.full((3, 3), 0.01),
        channels=np.full((3, 8), 1 / 3),
        event_loadings=np.full((8, 3), 0.03),
        neuropil_loadings=np.full((4, 3), 0.02),
    )
