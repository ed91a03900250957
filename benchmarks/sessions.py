"""Frames a second and memory of ever longer sessions: does the rate fall, does the memory grow?

    python benchmarks/sessions.py

Draws sessions of the ready-made generators. Each length is a process of its own, since memory is measured as the
largest so far; the ratio is the rate for the longest session of `physiological` over the rate for the shortest.
"""

import json
import pathlib
import sys
import tempfile

import measure

SIZES = {"demo": (6, 60, 600), "quick": (2, 4)}  # minutes
MODELS = ("physiological", "calciumgan")


def draw(model, minutes):
    """In a child process: writes a session to a file."""
    from calciumgan_tf.sampling import sampler
    from calciumgan_tf.training.run import READY, Run

    run = Run(READY / model)
    frames = round(60 * minutes * run.settings()["recording"]["frame_rate"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "session.h5"
        taken = measure.seconds(lambda: sampler.sample(run, path, sampler.Request(frames, session=True)))
    print(json.dumps({"rate": frames / taken, "peak_mib": measure.peak_mib()}))


def main():
    asked = measure.arguments(__doc__, SIZES, rounds=1)
    if asked.child:
        model, minutes = asked.child.split("-")
        return draw(model, int(minutes))
    lengths, found = SIZES[asked.size], {}

    def cost(minutes, model=MODELS[0]):
        found.setdefault((model, minutes), []).append(measure.child(__file__, f"--child={model}-{minutes}"))
        return 1 / found[model, minutes][-1]["rate"]

    ratio = measure.in_turn(lambda: cost(lengths[0]), lambda: cost(lengths[-1]), asked.rounds)
    for model in MODELS:
        for minutes in lengths:
            if (model, minutes) not in found:
                cost(minutes, model)
    figures = {}
    for (model, minutes), runs in sorted(found.items()):
        figures[f"{model}, {minutes} minutes, frames a second"] = max(run["rate"] for run in runs)
        figures[f"{model}, {minutes} minutes, peak MiB"] = max(run["peak_mib"] for run in runs)
    measure.report("sessions", asked.size, **ratio, **figures)


if __name__ == "__main__":
    sys.exit(main())
