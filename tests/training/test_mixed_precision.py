"""float16 on two replicas, each check in a process of its own.

The loss scale puts collective operations into a condition, and TensorFlow remembers the sizes of those for as long as a
process lives, whatever else is built in it.
"""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

TINY = {"window_frames": 64, "units": 2, "kernel_size": 8, "critic_units": 2, "noise_dim": 4, "shared_noise": 2}
TINY |= {"phase_shuffle": 2, "batch_size": 16}


def check_that_it_trains_and_exports(readout):
    from test_gan import build, check_that_it_trains_and_exports_float32

    check_that_it_trains_and_exports_float32(build(TINY, 2, precision="mixed_float16", readout=readout))


def check_that_replicas_agree_to_leave_out_an_update_that_overflows_on_one(readout):
    """The windows of the second replica are beyond float16."""
    from test_gan import REAL, build

    gan = build(TINY, 2, precision="mixed_float16", readout=readout)
    windows = np.where(np.arange(16)[:, None, None] < 8, REAL, 1e9).astype(np.float32)
    parts = tf.data.Dataset.from_tensor_slices(windows).batch(8).repeat()
    stream = iter(gan.strategy.distribute_datasets_from_function(lambda _: parts))
    before, scale = gan.critic.get_weights(), float(gan.critic_optimizer.scale_loss(1.0))
    gan.update(stream, tf.constant(0, tf.int64))
    for mine, unchanged in zip(gan.critic.get_weights(), before):
        np.testing.assert_array_equal(mine, unchanged)
    assert float(gan.critic_optimizer.scale_loss(1.0)) < scale


@pytest.mark.parametrize(
    "check, readout",
    [
        (check_that_it_trains_and_exports, "calcium"),
        (check_that_replicas_agree_to_leave_out_an_update_that_overflows_on_one, "convolution"),
    ],
)
def test_two_replicas_in_float16(check, readout):
    tests = pathlib.Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}
    code = f"import conftest, test_mixed_precision as own; own.{check.__name__}({readout!r})"
    command = [sys.executable, "-c", code]
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert finished.returncode == 0, finished.stderr
