"""The options of a configuration as absl flags, on a command line or in a file."""

from absl import flags

from calciumgan_tf import resources
from calciumgan_tf.config import options
from calciumgan_tf.options import value_type

PAPER = resources.folder("configs") / "paper.flags"
flags.disclaim_key_flags()  # flags that are defined here belong to the script that calls `define`
DEFINE: dict = {
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    bool: flags.DEFINE_boolean,
    str: flags.DEFINE_string,
}


def define(values=flags.FLAGS) -> None:
    """Defines a flag for every option."""
    for name, (_, field) in options().items():
        choices, text = field.metadata["choices"], field.metadata["help"]
        if choices:
            flags.DEFINE_enum(name, field.default, choices, text, flag_values=values)
        else:
            DEFINE[value_type(field)[0]](name, field.default, text, flag_values=values)


def given(values=flags.FLAGS) -> dict:
    """{flag: value} of the options that are on the command line or in a flag file."""
    return {name: values[name].value for name in options() if values[name].present}


def read(path) -> dict:
    """{flag: value} of the options in a file, one --name=value a line.

    Raises:
      absl.flags.Error: no such file, an unknown flag, or a value of another type.
    """
    values = flags.FlagValues()
    define(values)
    values(["", f"--flagfile={path}"])
    return given(values)
