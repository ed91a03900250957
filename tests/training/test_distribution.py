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
        ('{"cluster": {"worker": ["a:1"]}}', 2, "--virtual_devices=2 together with several workers"),
    ],
)
def test_a_wrong_cluster_is_refused(monkeypatch, value, devices, message):
    monkeypatch.setenv("TF_CONFIG", value)
    with pytest.raises(InputError, match=message):
        distribution.make_strategy(devices, workers=True)


def test_several_workers_are_refused_where_they_can_not_be_used(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["a:1", "b:1"]}}')
    with pytest.raises(InputError, match="several workers: only train.py can use them; start one process"):
        distribution.make_strategy()


def test_a_single_process_is_the_chief_and_decides_alone():
    strategy = distribution.make_strategy()
    assert distribution.is_chief(strategy) and not distribution.is_multi_worker(strategy)
    assert distribution.any_worker(strategy, [1]) is True and distribution.any_worker(strategy, []) is False
