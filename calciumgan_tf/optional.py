"""Libraries that only some features need, imported where they are used."""

import importlib

from calciumgan_tf.errors import InputError


def load(name: str, extra: str):
    """Imports a library of one of the package's extras.

    Args:
      name: of the module.
      extra: that installs it, of those in pyproject.toml.

    Raises:
      InputError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"this needs the library {name.split('.')[0]}", f"pip install 'calciumgan-tf[{extra}]'"
        ) from error
