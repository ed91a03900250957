"""Options: fields of configuration dataclasses, each with its meaning, its limits and its flag.

Nothing heavy is imported here, so that `--help` answers at once.
"""

import dataclasses
import typing

from calciumgan_tf.errors import InputError

LARGEST_SEED = 2**31 - 1  # TensorFlow's stateless functions take int32 seeds


def option(default, help, *, group=None, choices=None, minimum=None, maximum=None, budget=False, flag=None, other=None):
    """A dataclass field that is also a flag.

    Args:
      default: the default; None where it depends on the model or on the loss.
      help: what the option means, with its unit.
      group: heading under which `--help` lists it; None leaves it to `--helpfull`.
      choices: allowed strings.
      minimum, maximum: allowed range, both ends included.
      budget: whether a resumed run may change it: how long it goes on, not what it computes.
      flag: name of the flag, where it is not the field's.
      other: the default where neither the model nor the loss has one.

    Returns:
      a dataclasses.Field.
    """
    limits = {"choices": choices, "minimum": minimum, "maximum": maximum}
    meta = {"help": help, "group": group, "budget": budget, "flag": flag, "other": other, **limits}
    return dataclasses.field(default=default, metadata=meta)


def flag_name(field) -> str:
    """The flag of a field."""
    return field.metadata["flag"] or field.name


def value_type(field) -> tuple:
    """The type of a field's value, and whether None is allowed: `float | None` -> (float, True)."""
    types = typing.get_args(field.type) or (field.type,)
    return next(t for t in types if t is not type(None)), type(None) in types


def check(part) -> None:
    """Checks type and limits of every field of a dataclass made of options.

    Raises:
      InputError: a value outside of its limits; the message names the flag.
    """
    for field in dataclasses.fields(part):
        check_option(field, getattr(part, field.name))


def check_option(field, value) -> None:
    """Checks type and limits of one option, see `check`."""
    name, (wanted, optional) = flag_name(field), value_type(field)
    if value is None and optional:
        return
    allowed = (int, float) if wanted is float else (wanted,)
    if not isinstance(value, allowed) or isinstance(value, bool) != (wanted is bool):
        raise InputError(f"--{name}={value!r} is not of type {wanted.__name__}", "check its value")
    choices, minimum, maximum = (field.metadata[key] for key in ("choices", "minimum", "maximum"))
    if choices and value not in choices:
        raise InputError(f"--{name}={value} is unknown", f"choose one of {', '.join(choices)}")
    if minimum is not None and not minimum <= value < float("inf"):
        raise InputError(f"--{name}={value} is out of range", f"it has to be at least {minimum}")
    if maximum is not None and value > maximum:
        raise InputError(f"--{name}={value} is out of range", f"it has to be at most {maximum}")
