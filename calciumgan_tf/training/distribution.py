"""How training is spread over devices and machines.

A strategy has to be created before anything else touches TensorFlow's devices: virtual devices and collective
operations between workers can only be set up then.
"""

import json
import os

import tensorflow as tf

from calciumgan_tf.errors import InputError


def make_strategy(virtual_devices: int = 1) -> tf.distribute.Strategy:
    """The workers of TF_CONFIG, all local GPUs, or the CPU split into `virtual_devices`.

    Raises:
      InputError: a TF_CONFIG that is not JSON, or virtual devices on several workers.
    """
    try:
        cluster = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster")
    except (json.JSONDecodeError, AttributeError) as error:
        raise InputError(f"TF_CONFIG is not a JSON object ({error})", "set it as tf.distribute wants it") from error
    if cluster and virtual_devices > 1:
        raise InputError(f"--virtual_devices={virtual_devices} together with TF_CONFIG", "leave one of them out")
    if cluster:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if virtual_devices > 1:
        split_cpu(virtual_devices)
    elif tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    devices = [f"/cpu:{number}" for number in range(virtual_devices)]
    return tf.distribute.MirroredStrategy(devices, tf.distribute.ReductionToOneDevice())


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
