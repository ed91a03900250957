import dataclasses

import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.errors import InputError


def test_json_round_trip():
    config = Config(units=3, frame_rate=2.2, shuffle_per_example=True)
    assert Config.from_json(config.to_json()) == config


def test_unknown_key_is_named():
    with pytest.raises(InputError, match="colour"):
        Config.from_json({**Config().to_json(), "colour": 1})


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"window_frames": 100}, "--window_frames=100 is not divisible by 32: take 96 or 128"),
        ({"phase_shuffle": 16}, "--phase_shuffle=16 reaches beyond the 16 frames"),
        ({"split": "random"}, "--split=random is unknown: choose one of auto, blocks, end"),
        ({"batch_size": 0}, "--batch_size=0 is out of range"),
        ({"learning_rate": float("nan")}, "--learning_rate=nan is out of range"),
        ({"ema": 1.0}, "--ema=1.0 is not below 1"),
        ({"units": "8"}, "--units='8' is not of type int"),
        ({"units": True}, "--units=True is not of type int"),
        ({"scaling_quantile": 0.5}, "--scaling_quantile=0.5 is not below 0.1"),
    ],
)
def test_value_out_of_limits_names_the_flag(wrong, message):
    with pytest.raises(InputError) as error:
        Config(**wrong)
    assert str(error.value).startswith(message)


def test_resume_may_change_the_budget_only():
    config = Config()
    assert config.resumed_with({"steps": 9, "units": config.units}) == dataclasses.replace(config, steps=9)
    with pytest.raises(InputError, match="--units=9, but the run was started with 8"):
        config.resumed_with({"units": 9})


def test_every_option_says_what_it_means():
    assert all(field.metadata["help"] for field in dataclasses.fields(Config))
