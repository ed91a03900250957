import dataclasses

import pytest

from calciumgan_tf.config import MODELS, Config, options
from calciumgan_tf.errors import InputError
from calciumgan_tf.hyperparameters import LOSSES


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("model", MODELS)
def test_json_and_flags_round_trip(model, loss):
    config = Config.of(model=model, loss=loss, units=3, frame_rate=2.2)
    assert Config.from_json(config.to_json()) == config
    assert Config.of(**config.flags()) == config
    assert (config.model, config.generator.units, config.data.frame_rate) == (model, 3, 2.2)


def test_an_option_that_is_younger_than_the_run_was_off():
    values = Config.of(noise_injection=True, last_units=32).to_json()
    for name in ("noise_injection", "last_units"):
        del values["generator"][name]
    config = Config.from_json(values)
    assert config.generator.noise_injection is False and config.generator.last_units == 0


def test_a_key_that_is_unknown_or_missing_is_named():
    values = Config.of().to_json()
    for change, message in (
        ({"data": values["data"] | {"colour": 1}}, "unknown key data.colour"),
        ({"colour": 1}, "unknown key colour"),
        ({"colour": {"of": 1}}, "unknown key colour.of"),
        ({"critic": {}}, "missing key critic.kernel_size"),
        ({"data": values["data"] | {"window_frames": 0}}, "--window_frames=0 is out of range"),
        ({"model": "lstm"}, "--model=lstm is unknown"),
    ):
        with pytest.raises(InputError, match=message):
            Config.from_json(values | change)


def test_an_unknown_option_is_named():
    with pytest.raises(InputError, match="there is no --colour: see train.py --helpfull"):
        Config.of(colour=1)
    with pytest.raises(InputError, match="there is no --colour"):
        Config.of().resumed_with({"colour": 1})


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"split": "random"}, "--split=random is unknown: choose one of auto, blocks, end"),
        ({"model": "lstm"}, "--model=lstm is unknown: choose one of calciumgan, "),
        ({"loss": "kl"}, "--loss=kl is unknown: choose one of wgan-gp, "),
        ({"batch_size": 0}, "--batch_size=0 is out of range: it has to be at least 1"),
        ({"learning_rate": float("nan")}, "--learning_rate=nan is out of range"),
        ({"learning_rate": float("inf")}, "--learning_rate=inf is out of range"),
        ({"ema": 1.0}, "--ema=1.0 is out of range: it has to be at most 0.99999"),
        ({"beta_1": 1.0}, "--beta_1=1.0 is out of range"),
        ({"beta_2": -0.1}, "--beta_2=-0.1 is out of range"),
        ({"units": "8"}, "--units='8' is not of type int"),
        ({"units": True}, "--units=True is not of type int"),
        ({"critic_units": 0}, "--critic_units=0 is out of range"),
        ({"normalize_last": 1}, "--normalize_last=1 is not of type bool"),
        ({"scaling_quantile": 0.5}, "--scaling_quantile=0.5 is out of range: it has to be at most 0.1"),
        ({"seed": -1}, "--seed=-1 is out of range: it has to be at least 0"),
        ({"seed": 2**31}, "--seed=2147483648 is out of range: it has to be at most 2147483647"),
        ({"model": "mlp", "dropout": 0.95}, "--dropout=0.95 is out of range"),
        ({"model": "physiological", "statistics_loss": -1.0}, "--statistics_loss=-1.0 is out of range"),
    ],
)
def test_value_out_of_limits_names_the_flag(wrong, message):
    with pytest.raises(InputError) as error:
        Config.of(**wrong)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"dropout": 0.1}, "--dropout=0.1, but --model=calciumgan has none: leave it out, or take --model=mlp"),
        ({"critic_dropout": 0.1}, "--critic_dropout=0.1, but --model=calciumgan has none"),
        ({"phase_shuffle_neurons": 1}, "--phase_shuffle_neurons=1, but --model=calciumgan has none"),
        ({"model": "mlp", "phase_shuffle": 1}, "--phase_shuffle=1, but --model=mlp has none"),
        ({"model": "mlp", "kernel_size": 5}, "--kernel_size=5, but --model=mlp has none"),
        ({"model": "mlp", "upsample": "nearest"}, "--upsample=nearest, but --model=mlp has no convolutions"),
        ({"model": "wavegan", "normalize_last": True}, "--normalize_last=True, but --model=wavegan has none"),
        (
            {"model": "physiological", "noise_injection": True},
            "--noise_injection=True, but --model=physiological has none",
        ),
        ({"model": "mlp", "last_units": 4}, "--last_units=4, but --model=mlp has none"),
        ({"critic_updates": 0}, "--critic_updates=0 leaves the statistics loss alone to train the generator, and"),
        (
            {"model": "physiological", "critic_updates": 0, "statistics_loss": 0.0},
            "--critic_updates=0 leaves the statistics loss alone to train the generator, and there is none: take 1 or",
        ),
        ({"calibration": 4}, "--calibration=4, but --model=calciumgan has none: leave it out, or"),
        ({"model": "wavegan", "statistics_loss": 1.0}, "--statistics_loss=1.0, but --model=wavegan has none"),
        (
            {"model": "physiological", "representation": "fourier"},
            "--representation=fourier, but --model=physiological makes events in frames",
        ),
        ({"loss": "gan", "gradient_penalty": 1.0}, "--gradient_penalty=1.0 belongs to --loss=wgan-gp, not to gan"),
        ({"clip": 0.1}, "--clip=0.1 belongs to --loss=wgan, not to wgan-gp"),
        ({"loss": "wgan", "clip": 0.0}, "--loss=wgan needs weights that are clipped"),
    ],
)
def test_options_that_would_be_ignored_are_refused_with_the_reason(wrong, message):
    with pytest.raises(InputError) as error:
        Config.of(**wrong)
    assert str(error.value).startswith(message)


def test_defaults_are_those_of_the_model_the_loss_and_the_data():
    wavegan = Config.of(model="wavegan", loss="gan")
    assert (wavegan.generator.stride, wavegan.critic.stride, wavegan.critic.kernel_size) == (4, 4, 25)
    assert (wavegan.optimization.beta_1, wavegan.optimization.beta_2) == (0.5, 0.999)
    calciumgan = Config.of()
    assert (calciumgan.generator.kernel_size, calciumgan.critic.kernel_size) == (24, 24)
    assert (calciumgan.optimization.learning_rate, calciumgan.optimization.ema) == (5e-4, 0.995)
    assert (calciumgan.optimization.beta_1, calciumgan.optimization.beta_2) == (0.5, 0.9)
    assert not calciumgan.generator.normalize_last and calciumgan.physiological.statistics_loss == 0
    assert calciumgan.optimization.half_rate_step == 0
    physiological = Config.of(model="physiological")
    assert (physiological.critic.units, physiological.critic.kernel_size) == (16, 8)
    assert physiological.optimization.half_rate_step == 400 and physiological.physiological.statistics_loss == 100
    assert Config.of(loss="lsgan").optimization.optimizer == "rmsprop"
    assert Config.of(loss="wgan").optimization.clip == 0.01
    assert Config.of(model="mlp").generator.dropout == Config.of(model="mlp").critic.dropout == 0.2
    assert Config.of(model="mlp", dropout=0.0).generator.dropout == 0
    assert Config.of(learning_rate=1e-3).optimization.learning_rate == 1e-3


def test_every_option_has_a_value_or_belongs_to_another_model():
    without = {
        "frame_rate",
        "indicator",
        "tau_rise",
        "tau_decay",
        "steps",
        "max_minutes",
    }  # the recording's own, and no limit
    convolutions = {"kernel_size", "stride", "critic_kernel_size", "critic_stride"}
    for model in MODELS:
        missing = {name for name, value in Config.of(model=model).flags().items() if value is None} - without
        assert missing == (convolutions if model == "mlp" else set())


def test_changed_keeps_all_else():
    config = Config.of(units=3, model="wavegan")
    assert config.changed(batch_size=8) == Config.of(units=3, model="wavegan", batch_size=8)
    with pytest.raises(InputError, match="--batch_size=0"):
        config.changed(batch_size=0)


def test_resume_may_change_the_budget_only():
    config = Config.of()
    schedule = dataclasses.replace(config.schedule, steps=9)
    assert config.resumed_with({"steps": 9, "units": 8}) == dataclasses.replace(config, schedule=schedule)
    with pytest.raises(InputError, match="--units=9, but the run was started with 8"):
        config.resumed_with({"units": 9})
    with pytest.raises(InputError, match="--steps=-1 is out of range"):
        config.resumed_with({"steps": -1})


def test_steps_to_train():
    assert Config.of().schedule.last_step == 2000 and Config.of(steps=7).schedule.last_step == 7
    assert Config.of(steps=0).schedule.last_step == 0 and Config.of(steps=0, max_minutes=1.0).schedule.last_step == 0
    assert Config.of(max_minutes=1.0).schedule.last_step is None
    assert Config.of(max_minutes=1.0, steps=7).schedule.last_step == 7


def test_every_option_says_what_it_means_and_everyday_options_are_few():
    fields = [field for _, field in options().values()]
    assert all(field.metadata["help"] for field in fields) and len({*options()}) == len(fields)
    assert sum(field.metadata["group"] is not None for field in fields) <= 30
