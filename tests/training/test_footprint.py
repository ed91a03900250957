import math

import pytest
import tensorflow as tf

from calciumgan_tf import memory
from calciumgan_tf.config import Config
from calciumgan_tf.errors import InputError
from calciumgan_tf.training import footprint
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.footprint import Footprint
from calciumgan_tf.training.gan import GAN

GIB = 2.0**30


def of(tiny, neurons=3, replicas=1, **changes):
    config = Config.of(**tiny | changes)
    return footprint.estimate(GAN(config.optimization, Builder(config, neurons), make_strategy(replicas)))


def test_it_grows_with_what_is_held(tiny):
    base = of(tiny)
    assert base.of(8) - base.of(4) == pytest.approx(4 * base.window)
    assert base.window > 64 * 3 * 4 * footprint.WINDOWS
    for larger in ({"window_frames": 128}, {"units": 4}, {"neurons": 30}, {"critic_updates": 6}):
        assert of(tiny, **larger).window > base.window
    assert of(tiny, precision="float64").window == 2 * base.window
    assert of(tiny, replicas=2).fixed > base.fixed and of(tiny, replicas=2).window == base.window


@pytest.mark.parametrize(
    "free, replicas, remedy",
    [
        (1.5, 1, "--batch_size=50 fits"),
        (1.5, 4, "--batch_size=48 fits"),
        (1.01, 1, "take --batch_size=2 and --window_frames of 253 at most, or fewer --units"),
        (0.1, 4, "take --batch_size=4 and --window_frames of 24 at most, or fewer --units"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_fits(monkeypatch, free, replicas, remedy):
    monkeypatch.setattr(memory, "available", lambda: free * GIB)
    needed = Footprint(fixed=GIB, window=0.01 * GIB)
    largest = int((footprint.UNCERTAINTY * free - 1) / 0.01)
    needed.check(largest, 256, 1)
    with pytest.raises(InputError):
        needed.check(largest + 1, 256, 1)
    with pytest.raises(InputError) as caught:
        needed.check(300, 256, replicas)
    assert str(caught.value).startswith("--batch_size=300 with --window_frames=256 takes about 4.0 GiB of memory, and ")
    assert str(caught.value).endswith(remedy)


def test_nothing_is_refused_where_it_is_not_known(monkeypatch):
    needed, refused = Footprint(1e20, 1e20), []
    for free, devices in ((0.0, []), (math.inf, []), (0.0, ["a GPU"])):
        monkeypatch.setattr(memory, "available", lambda free=free: free)
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind, devices=devices: devices)
        try:
            needed.check(100, 256, 1)
        except InputError:
            refused.append((free, devices))
    assert refused == [(0.0, [])]
