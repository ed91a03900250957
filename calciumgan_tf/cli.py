"""Shared by the scripts: flags, help, and how failures are reported.

Wrong input is one line on stderr and status 2, a full disk or too little memory one line and status 1; anything
unexpected is a traceback and status 1. Nothing heavy is imported here, so that `--help` answers at once.
"""

import logging
import os
import re
import sys

from absl import app, flags
from absl import logging as absl_logging

from calciumgan_tf import config, files, memory, quiet
from calciumgan_tf.errors import InputError, TrainingDiverged, WorkerLost


def run(main, optional_value=None) -> None:
    """Runs a script.

    Args:
      main: function without arguments; may return an exit status.
      optional_value: {flag: value} of flags that may stand without a value, as in `--checkpoint`.
    """

    def guarded(arguments):
        """Runs `main` and turns what it raises into a line and a status."""
        if len(arguments) > 1:
            _fail(f"unexpected argument {arguments[1]!r}", "flags are written --name=value; see --help")
        try:
            return main()
        except InputError as error:
            print(f"error: {_line(error)}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        except (TrainingDiverged, WorkerLost) as error:
            print(f"error: {_line(error)}", file=sys.stderr)
            return 1
        except Exception as error:
            if _is_out_of_memory(error):
                print(f"error: {_line(_out_of_memory(error))}", file=sys.stderr)
                return 1
            problem = files.storage_problem(error)
            if not problem:
                raise
            _end_without_storage(problem)

    def parse(arguments):
        """Parses the flags, or prints the help and ends."""
        if {"--help", "-h", "-help", "--helpshort", "--helpfull"} & set(arguments[1:]):
            print(_help_text(arguments[0], full="--helpfull" in arguments))
            sys.exit(0)
        try:
            rest = flags.FLAGS(_with_values(arguments, optional_value or {}))
        except flags.Error as error:
            _fail(str(error).replace("\n", " ").removeprefix("ERROR:: ").removesuffix("."), "see --help")
        _set_up()
        return rest

    _quiet_about_storage()
    app.run(guarded, flags_parser=parse)


def _is_out_of_memory(error):
    """Whether Python, NumPy or TensorFlow, which need not be loaded, could not get memory."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _out_of_memory(error):
    """A line that names what was asked for, as far as it is known, and what helps."""
    asked = re.search(r"(?:shape|size) *[\[(][^\])]*[\])]|[\d.]+ [KMGT]i?B", str(error))
    what = f" for an array of {asked.group()}" if asked else ""
    helps = "what was saved is kept; take a smaller --batch_size, --window_frames or number of windows"
    return f"out of memory{what} after {memory.text(memory.peak_memory())}: {helps}"


def _end_without_storage(problem):
    """Ends the process at once: HDF5 would try to write what is left of an open file, and crash."""
    print(f"error: {_line(problem)}: free some space or choose another folder; what was saved is kept", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def _quiet_about_storage():
    """Leaves out what h5py prints when it can't close a file on a full disk, which is said once, by `guarded`."""

    def unraisable(about):
        if not files.storage_problem(about.exc_value):
            sys.__unraisablehook__(about)

    def uncaught(kind, error, trace):
        if not files.storage_problem(error):
            sys.__excepthook__(kind, error, trace)

    sys.unraisablehook, sys.excepthook = unraisable, uncaught


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
    quiet.set_level()
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    absl_logging.set_verbosity(absl_logging.WARNING)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Printable())
    log = logging.getLogger("calciumgan_tf")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


class _Printable(logging.Formatter):
    """The message, in which names that come from files can't move the cursor or erase the screen."""

    def format(self, record):
        """Lines of printable characters."""
        return "\n".join(map(_line, super().format(record).split("\n")))


def _line(text):
    """A text with a question mark for every character that is not printable, such as a newline."""
    return "".join(one if one.isprintable() or one == "\t" else "?" for one in str(text))


def _fail(wrong, remedy):
    print(f"error: {_line(wrong)}: {remedy}", file=sys.stderr)
    sys.exit(2)


def _help_text(script, full):
    """The script's docstring and its flags in groups; with `full`, also the options that have no group."""
    # prepare.py and evaluate.py have flags of their own with the names of options.
    known = config.options().items() if "model" in flags.FLAGS else ()
    options = {name: field.metadata["group"] for name, (_, field) in known}
    groups = {}
    for flag in flags.FLAGS.get_key_flags_for_module(script):
        heading = options.get(flag.name) or ("Further options" if flag.name in options else "This command")
        groups.setdefault(heading, []).append(flag)
    further = groups.pop("Further options", [])
    lines = [(sys.modules["__main__"].__doc__ or "").strip()]
    for heading, members in (groups | ({"Further options": further} if full else {})).items():
        lines += ["", f"{heading}:", *map(_flag_text, members)]
    lines.append("  --flagfile=FILE\n      read flags from a file, one a line; later flags on the command line win")
    if further:
        lines += ["", "A default that is not shown depends on the model, the loss or the recording; see --dry_run."]
    if further and not full:
        lines.append(f"{len(further)} more options: --helpfull")
    return "\n".join(lines)


def _flag_text(flag):
    default = "" if flag.default is None else f" (default: {flag.default_as_str})"
    values = getattr(flag.parser, "enum_values", None)
    shown = f" <{'|'.join(values)}>" if values else ""
    text = flag.help.removeprefix(f"<{'|'.join(values)}>: ") if values else flag.help
    return f"  --{flag.name}{shown}\n      {text}{default}"
