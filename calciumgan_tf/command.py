"""The console command of an installed package: its subcommands are the scripts.

calciumgan-tf train --dataset=synthetic
"""

import runpy
import sys

from calciumgan_tf import resources

SCRIPTS = ("prepare", "train", "generate", "evaluate", "reproduce", "search")
INSTALLED = "commands"  # folder of the scripts in an installed package


def main() -> None:
    """Runs the script that the first argument names, with the others."""
    name, *arguments = sys.argv[1:] or ["--help"]
    if name not in SCRIPTS:
        usage = f"usage: calciumgan-tf {{{','.join(SCRIPTS)}}} ...; each has --help"
        if name in ("--help", "-h", "help"):
            print(usage)
            return
        print(f"error: there is no command {name!r}: {usage}", file=sys.stderr)
        sys.exit(2)
    installed = resources.PACKAGE / INSTALLED
    script = (installed if installed.exists() else resources.PACKAGE.parent) / f"{name}.py"
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")
