"""What the four scripts share: flags, help, and how a failure is told.

Wrong input is one line on stderr and status 2; anything unexpected is a traceback and status 1. Nothing heavy is
imported here, so that `--help` answers at once.
"""

import contextlib
import dataclasses
import logging
import os
import sys
import tempfile

from absl import app, flags
from absl import logging as absl_logging

from calciumgan_tf.config import kind
from calciumgan_tf.errors import InputError, TrainingDiverged

GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-ctrl")
NOTES = ("I0000", "WARNING: All log messages before absl::InitializeLog()")

flags.disclaim_key_flags()  # flags defined here belong to the script that asked for them
DEFINE = {int: flags.DEFINE_integer, float: flags.DEFINE_float, bool: flags.DEFINE_boolean, str: flags.DEFINE_string}


def define_flags(options_class, values=flags.FLAGS) -> None:
    """Defines one flag for each field of a dataclass whose fields have help texts."""
    for field in dataclasses.fields(options_class):
        wanted, _ = kind(field)
        choices = field.metadata["choices"]
        if choices:
            flags.DEFINE_enum(field.name, field.default, choices, field.metadata["help"], flag_values=values)
        else:
            DEFINE[wanted](field.name, field.default, field.metadata["help"], flag_values=values)


def given_flags(options_class, values=flags.FLAGS) -> dict:
    """Names and values of those fields whose flags were on the command line or in a flag file."""
    names = [field.name for field in dataclasses.fields(options_class)]
    return {name: values[name].value for name in names if values[name].present}


def read_flagfile(path, options_class) -> dict:
    """Names and values of those fields that a flag file gives."""
    values = flags.FlagValues()
    define_flags(options_class, values)
    values(["", f"--flagfile={path}"])
    return given_flags(options_class, values)


def run(main, optional_value=None) -> None:
    """Runs a script.

    Args:
      main: function without arguments; may return an exit status.
      optional_value: {flag: value} of flags that may stand without a value, as in `--checkpoint`.
    """

    def guarded(arguments):
        if len(arguments) > 1:
            _fail(f"unexpected argument {arguments[1]!r}", "flags are written --name=value; see --help")
        try:
            return main()
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        except TrainingDiverged as error:
            print(f"error: {error}", file=sys.stderr)
            return 1

    def parse(arguments):
        if {"--help", "-h", "-help", "--helpfull", "--helpshort"} & set(arguments[1:]):
            _help(arguments[0])
        try:
            rest = flags.FLAGS(_with_values(arguments, optional_value or {}))
        except flags.Error as error:
            _fail(str(error).replace("\n", " ").removesuffix("."), "see --help")
        _set_up()
        return rest

    app.run(guarded, flags_parser=parse)


@contextlib.contextmanager
def quiet_import():
    """Around the first import of TensorFlow: leaves out its notes on CUDA and CPU features, passes on all else.

    TensorFlow 2.21 prints them before it looks at TF_CPP_MIN_LOG_LEVEL.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as caught:
        stderr = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            sys.stderr.writelines(line for line in caught if not line.startswith(NOTES))


def _with_values(arguments, optional_value):
    """`--checkpoint` at the end, or before another flag, stands for `--checkpoint=newest`."""
    result = list(arguments)
    for name, value in optional_value.items():
        for place, argument in enumerate(result):
            if argument in (f"--{name}", f"-{name}") and (
                place + 1 == len(result) or result[place + 1].startswith("-")
            ):
                result[place] = f"--{name}={value}"
    return result


def _set_up():
    # Decided before TensorFlow is imported. Its exceptions always show; so do the errors it logs, but on a machine
    # without a GPU, where CUDA reports just that as an error.
    without_gpu = sys.platform == "linux" and not any(map(os.path.exists, GPU_DEVICES))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3" if without_gpu else "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    absl_logging.set_verbosity(absl_logging.WARNING)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("calciumgan_tf")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _fail(wrong, remedy):
    print(f"error: {wrong}: {remedy}", file=sys.stderr)
    sys.exit(2)


def _help(script):
    print(sys.modules["__main__"].__doc__.strip(), "\n\nFlags:")
    for flag in flags.FLAGS.get_key_flags_for_module(script):
        default = "" if flag.default is None else f" (default: {flag.default_as_str})"
        choices = f" <{'|'.join(flag.parser.enum_values)}>" if getattr(flag.parser, "enum_values", None) else ""
        print(f"  --{flag.name}{choices}\n      {flag.help}{default}")
    print("  --flagfile=FILE\n      read flags from a file, one a line; later flags on the command line win")
    sys.exit(0)
