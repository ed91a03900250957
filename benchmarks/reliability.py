"""Kills the scripts a hundred times and starts them again; writes docs/reliability/kills.md, mistakes.md and the rest.

    python benchmarks/reliability.py                        # all, about an hour of one core
    python benchmarks/reliability.py --script=search        # a script alone; the rows of the others stay
    python benchmarks/reliability.py --kills=0              # the list of mistakes and the attempts alone

Half of the kills come before a change to a file, chosen at random among all that the script makes, the other half at a
random time between the script's first line and its end. What the killed script and a second start leave is compared
with what an undisturbed run leaves: weights, losses, windows, tables and figures, byte for byte.
"""

import argparse
import pathlib
import sys
import tempfile

import measure
import numpy as np

sys.path.insert(0, str(measure.ROOT / "tests"))

import hostile
import interrupted
import mistakes

HEADER = [
    "script",
    "kills",
    "before a change",
    "at a time",
    "nothing left",
    "a part left",
    "all done",
    "equal in the end",
]
SECURITY = "<!-- attempts: made by python benchmarks/reliability.py -->", "<!-- end of attempts -->"


def kill(stage, whole, generator, index, folder):
    """A kill of a stage: (kind, what interrupted.disturbed returns, names of what differs)."""
    if index % 2:
        moment = {"seconds": generator.uniform(whole.first_line, whole.end)}
    else:
        moment = {"number": int(generator.integers(1, whole.changes + 1))}
    found = interrupted.disturbed(stage, folder, **moment)
    differing = sorted(
        name
        for name in whole.result.keys() | found["result"].keys()
        if whole.result.get(name) != found["result"].get(name)
    )
    return moment, found, differing


def row(script, kills):
    """A line of the table."""
    found = [one for _, one, _ in kills]
    left = [sum(one["left"] == what for one in found) for what in ("nothing", "a part", "all")]
    by_change = sum("number" in moment for moment, _, _ in kills)
    equal = sum(not differing for _, _, differing in kills)
    return [script, len(kills), by_change, len(kills) - by_change, *left, f"{equal} of {len(kills)}"]


def write_row(file, line):
    """Writes a row into the table, in place of the one of the same script."""
    rows = dict.fromkeys(interrupted.STAGES)
    for old in file.read_text().splitlines()[2:] if file.exists() else ():
        rows[old.split("|")[1].strip()] = old
    rows[line[0]] = "| " + " | ".join(map(str, line)) + " |"
    header = ["| " + " | ".join(cells) + " |" for cells in (HEADER, ["---"] * len(HEADER))]
    file.write_text("\n".join([*header, *filter(None, rows.values())]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=17, help="of each script")
    parser.add_argument("--script", choices=interrupted.STAGES, help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--output", default=str(measure.ROOT / "docs"), help="folder to write to")
    asked = parser.parse_args()
    generator, output = np.random.default_rng(asked.seed), pathlib.Path(asked.output)
    with tempfile.TemporaryDirectory() as temporary:
        for script in [asked.script] if asked.script else interrupted.STAGES:
            if not asked.kills:
                break
            stage, folder = interrupted.STAGES[script], pathlib.Path(temporary) / script
            folder.mkdir()
            whole, kills = interrupted.undisturbed(stage, folder / "whole"), []
            for index in range(asked.kills):
                kills.append(kill(stage, whole, generator, index, folder / str(index)))
                print(script, *kills[-1][0].items(), kills[-1][1]["left"], *kills[-1][2], flush=True)
            write_row(output / "reliability" / "kills.md", row(script, kills))
    (output / "reliability" / "mistakes.md").write_text(mistakes.table() + "\n")
    page = output / "security.md"
    before, _, rest = page.read_text().partition(SECURITY[0])
    page.write_text(f"{before}{SECURITY[0]}\n\n{hostile.table()}\n\n{SECURITY[1]}{rest.partition(SECURITY[1])[2]}")


if __name__ == "__main__":
    main()
