"""Time of the scripts to answer `--help` and a wrong flag, against an empty Python process.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys

import measure

SIZES = {"all": 5, "quick": 1}
SCRIPTS = ("prepare.py", "train.py", "generate.py", "evaluate.py")


def start(*command, status):
    finished = subprocess.run([sys.executable, *command], cwd=measure.ROOT, capture_output=True)
    if finished.returncode != status:
        raise SystemExit(f"{command} ended with {finished.returncode}")


def main():
    given = measure.arguments(__doc__, SIZES)
    figures, ratios = {}, []
    for script in SCRIPTS:
        for flag, status in (("--help", 0), ("--no_such_flag=1", 2)):
            times = []

            def ours(script=script, flag=flag, status=status, times=times):
                times.append(measure.seconds(lambda: start(script, flag, status=status)))
                return times[-1]

            def empty():
                return measure.seconds(lambda: start("-c", "", status=0))

            ratios.append(measure.in_turn(ours, empty, given.rounds)["ratio"])
            figures[f"{script} {flag}, s"] = statistics.median(times)
    spread = [min(ratios), max(ratios)]
    measure.report(
        "startup", given.size, ratio=statistics.median(ratios), spread=spread, rounds=given.rounds, **figures
    )


if __name__ == "__main__":
    main()
