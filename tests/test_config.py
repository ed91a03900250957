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


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"dropout": 0.1}, "--dropout=0.1, but --model=calciumgan has none: leave it out, or take --model=mlp"),
        ({"phase_shuffle_neurons": 1}, "--phase_shuffle_neurons=1, but --model=calciumgan has none"),
        ({"model": "mlp", "phase_shuffle": 1}, "--phase_shuffle=1, but --model=mlp has none"),
        ({"model": "mlp", "upsample": "nearest"}, "--upsample=nearest, but --model=mlp has no convolutions"),
        ({"model": "wavegan", "readout": "calcium"}, "--readout=calcium makes events in frames"),
        ({"representation": "fourier"}, "--readout=calcium makes events in frames"),
        ({"loss": "gan", "gradient_penalty": 1.0}, "--gradient_penalty=1.0 belongs to --loss=wgan-gp, not to gan"),
        ({"clip": 0.1}, "--clip=0.1 belongs to --loss=wgan, not to wgan-gp"),
        ({"loss": "wgan", "clip": 0.0}, "--loss=wgan needs weights that are clipped"),
        ({"model": "wavegan", "window_frames": 74}, "--window_frames=74 is not divisible by 4: take 72 or 76"),
    ],
)
def test_combination_without_sense_is_refused_with_the_reason(wrong, message):
    with pytest.raises(InputError) as error:
        Config(**wrong)
    assert str(error.value).startswith(message)


def test_what_is_customary_fills_what_nobody_gave():
    wavegan = Config(model="wavegan", loss="gan")
    assert (wavegan.stride, wavegan.activation, wavegan.critic_slope, wavegan.adam) == (4, "relu", 0.2, "dcgan")
    assert Config().half_rate_step > 0 and Config(readout="convolution").half_rate_step == 0
    assert Config(loss="lsgan").optimizer == "rmsprop" and Config(loss="wgan").clip == 0.01
    assert Config(model="mlp").dropout == 0.2 and Config(model="mlp", dropout=0.0).dropout == 0
    assert Config(learning_rate=1e-3).learning_rate == 1e-3
    assert not Config(dataset="synthetic").slow_noise and Config(dataset="mouse.h5").slow_noise
    assert Config(dataset="synthetic", slow_noise=True).slow_noise


def test_resume_may_change_the_budget_only():
    config = Config()
    assert config.resumed_with({"steps": 9, "units": config.units}) == dataclasses.replace(config, steps=9)
    with pytest.raises(InputError, match="--units=9, but the run was started with 8"):
        config.resumed_with({"units": 9})


def test_every_option_says_what_it_means():
    assert all(field.metadata["help"] for field in dataclasses.fields(Config))
