"""The configuration of a training: the model's name and its hyper-parameters, in small dataclasses."""

import dataclasses

from calciumgan_tf.errors import InputError
from calciumgan_tf.hyperparameters import (
    MODEL,
    CriticConfig,
    DataConfig,
    GeneratorConfig,
    OptimizationConfig,
    ScheduleConfig,
)
from calciumgan_tf.options import check, check_option, flag_name, option
from calciumgan_tf.physiological.config import PhysiologicalConfig

CONDITIONAL = ("calciumgan", "physiological")  # models that can be given conditions
MODELS = ("calciumgan", "calciumgan2d", "wavegan", "mlp", "physiological")
# Options that a model has only if its DEFAULTS name them.
OF_SOME_MODELS = (
    "kernel_size",
    "stride",
    "normalize_last",
    "last_units",
    "noise_injection",
    "dropout",
    "critic_kernel_size",
    "critic_stride",
    "critic_dropout",
    "phase_shuffle",
    "phase_shuffle_neurons",
    "statistics_loss",
    "calibration",
)
PARTS = {
    "data": DataConfig,
    "generator": GeneratorConfig,
    "critic": CriticConfig,
    "optimization": OptimizationConfig,
    "schedule": ScheduleConfig,
    "physiological": PhysiologicalConfig,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    """All of a training: the model's name and the parts.

    Made by `Config.of`, which fills in the defaults that depend on the model or on the loss.
    """

    model: str = option("calciumgan", "which model is trained", choices=MODELS, group=MODEL)
    data: DataConfig
    generator: GeneratorConfig
    critic: CriticConfig
    optimization: OptimizationConfig
    schedule: ScheduleConfig
    physiological: PhysiologicalConfig

    @classmethod
    def of(cls, **given) -> "Config":
        """The configuration with these options, by the names of their flags.

        Raises:
          InputError: an unknown option, one out of its limits, or a combination without a meaning.
        """
        known = {name: field for name, (_, field) in options().items()}
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise InputError(f"there is no --{unknown[0]}", "see train.py --helpfull")
        given = {name: value for name, value in given.items() if value is not None}
        model, loss = (given.get(name, known[name].default) for name in ("model", "loss"))
        for name, value in (("model", model), ("loss", loss)):
            check_option(known[name], value)

        from calciumgan_tf.training import builders, losses  # TensorFlow, which takes seconds

        module = builders.MODULES[model]
        defaults = losses.DEFAULTS[loss] | module.DEFAULTS | module.TRAINING.get(loss, {})
        defaults |= module.BY_DATASET.get(given.get("dataset", DataConfig.dataset), {})
        _check_meaning(given, model, loss, defaults, builders.MODULES)
        _check_critic(given, model, defaults)
        values = {name: field.metadata["other"] for name, field in known.items() if field.default is None}
        values |= defaults | given
        parts = {name: _part(part, values) for name, part in PARTS.items()}
        return cls(model=model, **parts)

    def changed(self, **changes) -> "Config":
        """This configuration with other values of some options, by the names of their flags."""
        return Config.of(**self.flags() | changes)

    def flags(self) -> dict:
        """{flag: value} of every option."""
        values = {"model": self.model}
        for name in PARTS:
            part = getattr(self, name)
            values |= {flag_name(field): getattr(part, field.name) for field in dataclasses.fields(part)}
        return values

    def to_json(self) -> dict:
        """All options as plain values, a part within a part."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict) -> "Config":
        """The configuration that `to_json` gave.

        An option that is younger than the run was off, or had the value that is still its default.

        Raises:
          InputError: a key that this version does not know, or that no option's default can stand for, or a value out
            of its limits; the message names it.
        """
        earlier = {
            f"{part}.{field.name}": field.metadata["other"] if field.default is None else field.default
            for part, kind in PARTS.items()
            for field in dataclasses.fields(kind)
        }
        found = _keys(values)
        for key in sorted({*earlier, "model"} ^ found):
            if key in found or earlier.get(key) is None:
                what = "unknown" if key in found else "missing"
                raise InputError(f"{what} key {key} in the run's configuration", "use the version that made the run")
            part, name = key.split(".")
            values = values | {part: values[part] | {name: earlier[key]}}
        parts = {name: part(**values[name]) for name, part in PARTS.items()}
        config = cls(model=values["model"], **parts)
        check_option(options()["model"][1], config.model)
        for part in parts.values():
            check(part)
        return config

    def resumed_with(self, changes: dict) -> "Config":
        """This configuration with another budget.

        Args:
          changes: {flag: value} that the user gave.

        Raises:
          InputError: a change of anything that the run so far depends on, or no option; the message names the flag.
        """
        now, known = self.flags(), options()
        for name, value in changes.items():
            if name not in known:
                raise InputError(f"there is no --{name}", "see train.py --helpfull")
            if not known[name][1].metadata["budget"] and value != now[name]:
                raise InputError(
                    f"--{name}={value}, but the run was started with {now[name]}",
                    f"leave --{name} out to resume, or start a new run without --resume",
                )
        budget = {field.name for field in dataclasses.fields(ScheduleConfig)}
        changed = {name: value for name, value in changes.items() if name in budget}
        schedule = dataclasses.replace(self.schedule, **changed)
        check(schedule)
        return dataclasses.replace(self, schedule=schedule)


def options() -> dict:
    """{flag: (name of the part, field)} of every option, the model first, in the order of `PARTS`."""
    found = {"model": ("model", dataclasses.fields(Config)[0])}
    for name, part in PARTS.items():
        found |= {flag_name(field): (name, field) for field in dataclasses.fields(part)}
    return found


def _keys(values):
    """{'model', 'data.dataset', ...}: the keys of all options."""
    keys = set()
    for name, part in values.items():
        keys |= {f"{name}.{key}" for key in part} if isinstance(part, dict) else {name}
    return keys


def _part(part, values):
    made = part(**{f.name: values[flag_name(f)] for f in dataclasses.fields(part) if flag_name(f) in values})
    check(made)
    return made


def _check_critic(given, model, defaults):
    """Refuses a training without a critic where nothing else trains the generator."""
    if given.get("critic_updates") == 0 and not given.get("statistics_loss", defaults.get("statistics_loss")):
        raise InputError(
            "--critic_updates=0 leaves the statistics loss alone to train the generator, and there is none",
            "take 1 or more" if model == "physiological" else "take 1 or more, or --model=physiological",
        )


def _check_meaning(given, model, loss, defaults, modules):
    """Refuses options that the model or the loss would ignore."""
    for name in OF_SOME_MODELS:
        if given.get(name) and name not in modules[model].DEFAULTS:
            having = next(name_of for name_of, module in modules.items() if name in module.DEFAULTS)
            raise InputError(
                f"--{name}={given[name]}, but --model={model} has none", f"leave it out, or take --model={having}"
            )
    if model == "mlp" and given.get("upsample") == "nearest":
        raise InputError("--upsample=nearest, but --model=mlp has no convolutions", "leave it out")
    if model == "physiological" and given.get("representation") == "fourier":
        raise InputError("--representation=fourier, but --model=physiological makes events in frames", "leave it out")
    if given.get("condition") and model not in CONDITIONAL:
        raise InputError(
            f"--condition={given['condition']}, but --model={model} takes none", f"take --model={CONDITIONAL[0]}"
        )
    if given.get("condition") and given.get("representation") == "fourier":
        raise InputError("--representation=fourier has no frames for --condition", "leave one of them out")
    for name, owner in (("gradient_penalty", "wgan-gp"), ("clip", "wgan")):
        if given.get(name) and loss != owner:
            raise InputError(f"--{name}={given[name]} belongs to --loss={owner}, not to {loss}", "leave it out")
    if loss == "wgan" and not given.get("clip", defaults["clip"]):
        raise InputError("--loss=wgan needs weights that are clipped", "give a --clip above 0")
