"""How training is spread over devices and machines.

A strategy has to be created before anything else touches TensorFlow's devices: virtual devices and collective
operations between workers can only be set up then.

Several workers are processes of the same command, on one machine or on many, of which TF_CONFIG or Slurm tells each
where the others are. All compute; only the first, the chief, writes and prints. What ends a training (time, a signal)
is agreed on by all, so that none waits for another that has gone.
"""

import contextlib
import json
import logging
import os

import tensorflow as tf

from calciumgan_tf.errors import InputError, WorkerLost

FIRST_PORT, PORTS = 20000, 20000  # of workers under Slurm, chosen by the number of the job
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)


def make_strategy(virtual_devices: int = 1, workers: bool = False) -> tf.distribute.Strategy:
    """The workers of TF_CONFIG or of a Slurm job step, all local GPUs, or the CPU split into `virtual_devices`.

    Args:
      virtual_devices: of this process.
      workers: whether the caller can train on several workers.

    Raises:
      InputError: a TF_CONFIG that is not JSON, several workers where they can't be used, or virtual devices on them.
    """
    resolver = _resolver()
    if resolver is not None and not workers:
        raise InputError("TF_CONFIG or Slurm names several workers", "only train.py can use them; start one process")
    if resolver is not None and virtual_devices > 1:
        raise InputError(f"--virtual_devices={virtual_devices} together with several workers", "leave it out")
    if resolver is not None:
        return tf.distribute.MultiWorkerMirroredStrategy(resolver)
    if virtual_devices > 1:
        split_cpu(virtual_devices)
    elif tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    devices = [f"/cpu:{number}" for number in range(virtual_devices)]
    return tf.distribute.MirroredStrategy(devices, tf.distribute.ReductionToOneDevice())


def _resolver():
    """Who the workers are; None where there is only this process. TF_CONFIG comes before Slurm."""
    try:
        cluster = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster")
    except (json.JSONDecodeError, AttributeError) as error:
        raise InputError(f"TF_CONFIG is not a JSON object ({error})", "set it as tf.distribute wants it") from error
    if cluster:
        return tf.distribute.cluster_resolver.TFConfigClusterResolver()
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS", 1))
    if "SLURM_PROCID" in os.environ and tasks > 1:
        port = FIRST_PORT + int(os.environ.get("SLURM_JOB_ID", 0)) % PORTS
        # Slurm itself gives each task its GPUs (--gpus-per-task), so the resolver's own numbers have no effect.
        return tf.distribute.cluster_resolver.SlurmClusterResolver(
            port_base=port, gpus_per_node=tasks, gpus_per_task=1, auto_set_gpu=False
        )
    return None


def is_multi_worker(strategy) -> bool:
    """Whether other processes train along."""
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def is_chief(strategy) -> bool:
    """Whether this process is the one that writes and prints; so is a single process."""
    if not is_multi_worker(strategy):
        return True
    resolver = strategy.cluster_resolver
    first = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return (resolver.task_type, resolver.task_id) == (first, 0)


def any_worker(strategy, value: bool) -> bool:
    """Whether `value` is true for any worker; every worker has to ask, and all get the same answer."""
    if not is_multi_worker(strategy):
        return bool(value)
    mine = strategy.experimental_distribute_values_from_function(lambda _: tf.constant(float(bool(value))))
    return bool(strategy.reduce("SUM", mine, axis=None) > 0)


@contextlib.contextmanager
def together(strategy):
    """Around what all workers do before they train: an InputError of one ends all of them, each with a line.

    Raises:
      InputError: that of this worker, or that another one has.
    """
    try:
        yield
    except InputError:
        any_worker(strategy, True)
        raise
    if any_worker(strategy, False):
        raise InputError("another worker ended", "its own output says why")


@contextlib.contextmanager
def losing_workers(strategy):
    """Around a training: turns TensorFlow's errors about workers that are gone into WorkerLost.

    Raises:
      WorkerLost: another worker does not answer.
    """
    try:
        yield
    except LOST as error:
        if not is_multi_worker(strategy):
            raise
        raise WorkerLost("another worker is gone; start all of them again with --resume") from error


def silence(strategy) -> None:
    """Leaves out the messages of every worker but the chief."""
    if not is_chief(strategy):
        logging.getLogger("calciumgan_tf").setLevel(logging.ERROR)


def split_cpu(count: int) -> None:
    """Splits the CPU into `count` devices, unless it is split into as many or more already.

    Raises:
      InputError: TensorFlow was in use before.
    """
    cpu = tf.config.list_physical_devices("CPU")[0]
    if len(tf.config.get_logical_device_configuration(cpu) or ()) >= count:
        return
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
    except RuntimeError as error:
        raise InputError(
            f"the CPU can't be split into {count} devices any more", "create the strategy before using TensorFlow"
        ) from error
