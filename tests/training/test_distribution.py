import pytest
import tensorflow as tf

from calciumgan_tf.errors import InputError
from calciumgan_tf.training import distribution


@pytest.mark.parametrize("replicas", [1, 2, 4])
def test_virtual_devices_are_replicas(replicas):
    strategy = distribution.make_strategy(replicas)
    assert strategy.num_replicas_in_sync == replicas
    ranks = strategy.run(lambda: tf.distribute.get_replica_context().replica_id_in_sync_group)
    assert float(strategy.reduce("SUM", ranks, axis=None)) == sum(range(replicas))


def test_a_strategy_after_tensorflow_has_started_is_refused():
    tf.constant(0)
    with pytest.raises(InputError, match="the CPU can't be split into 99 devices any more: create the strategy before"):
        distribution.make_strategy(99)


@pytest.mark.parametrize(
    "value, devices, message",
    [
        ("{", 1, "TF_CONFIG is not a JSON object"),
        ("[]", 1, "TF_CONFIG is not a JSON object"),
        ('{"cluster": {"worker": ["a:1"]}}', 2, "--virtual_devices=2 together with TF_CONFIG"),
    ],
)
def test_a_wrong_cluster_is_refused(monkeypatch, value, devices, message):
    monkeypatch.setenv("TF_CONFIG", value)
    with pytest.raises(InputError, match=message):
        distribution.make_strategy(devices)
