"""Files beside the code: scripts, settings and ready-made generators, in the source tree or in an installed package."""

import pathlib

PACKAGE = pathlib.Path(__file__).parent


def folder(name) -> pathlib.Path:
    """A folder of the source tree; where the package is installed, its copy within the package."""
    installed = PACKAGE / name
    return installed if installed.exists() else PACKAGE.parent / name
