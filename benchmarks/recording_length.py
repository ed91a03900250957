"""How many minutes of recording a generator needs: trained on more and more data of one truth, judged by others of it.

    python benchmarks/recording_length.py
    python benchmarks/recording_length.py --minutes 4 8 --seeds 0      # less of it
    python benchmarks/recording_length.py --quick                      # two minutes, two steps: for correctness

Trains `physiological` with its defaults for 400 steps on the first minutes of the synthetic recording. What it
generates is compared with a second recording of the same truth, of an hour, which no model has seen. Beside it are
windows of the recording that it was trained on, which say what so many minutes can tell of the truth at best. Prints
the medians over seeds: areas under the curve, and the distances of rates and correlations. docs/fidelity.md.
"""

import argparse
import dataclasses
import pathlib
import statistics
import subprocess
import sys
import tempfile

import measure
import numpy as np

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.dataset.windows import CutWindows
from calciumgan_tf.evaluation.diagnostics.diagnosis import Diagnosis
from calciumgan_tf.sampling import samples
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations
from calciumgan_tf.training.run import Run

FRAMES, STEPS, WINDOWS, HOUR = 256, 400, 400, 60
AREAS = ("neuron_classifier", "neuron_kernels", "population_classifier")
DISTANCES = ("rates", "trace_correlations_0.5s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, nargs="+", default=(4, 15, 60))
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2))
    parser.add_argument("--quick", action="store_true", help="two minutes, two steps: for correctness")
    asked = parser.parse_args()
    if asked.quick:
        asked.minutes, asked.seeds = [2], [0]
    steps, hour = (2, 8) if asked.quick else (STEPS, HOUR)
    truth = populations.population()
    judge, settings = fresh(truth, hour)

    def row(windows):
        """Areas and distances of windows from the fresh recording."""
        found = judge.compare(windows, deconvolution.infer_spikes(windows, settings).spikes).findings
        return [found[name].distance.value + 0.5 * (name in AREAS) for name in (*AREAS, *DISTANCES)]

    print("| minutes | windows | " + " | ".join((*AREAS, *DISTANCES)) + " |\n" + "|---" * 7 + "|")
    for minutes in asked.minutes:
        recording = truth.recording(round(minutes * 60 * truth.frame_rate))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "recording.h5"
            recording.save(path)
            rows = [row(generated(path, pathlib.Path(folder) / str(seed), seed, steps)) for seed in asked.seeds]
        own = CutWindows(recording.traces, np.arange(0, recording.frames - FRAMES + 1, FRAMES), FRAMES)
        for name, many in (("generated", rows), ("recorded", [row(own)])):
            cells = " | ".join(f"{statistics.median(column):.3g}" for column in zip(*many))
            print(f"| {minutes} | {name} | {cells} |", flush=True)


def fresh(truth, minutes):
    """The Diagnosis of a recording of the same truth with other spikes and noise, and its deconvolution's settings."""
    recording = dataclasses.replace(truth, seed=truth.seed + 1).recording(round(minutes * 60 * truth.frame_rate))
    split = split_frames(recording.frames, FRAMES)
    settings = deconvolution.fit_recording(recording, split.training)
    return Diagnosis(recording, split, settings), settings


def generated(recording, run, seed, steps):
    """Windows of a generator that was trained on a file, dF/F."""
    script(
        "train.py",
        "--model=physiological",
        f"--dataset={recording}",
        f"--steps={steps}",
        f"--seed={seed}",
        f"--run={run}",
    )
    script("generate.py", f"--checkpoint={run}", f"--num_samples={WINDOWS}")
    return samples.load(Run.open(run).newest_samples()).traces


def script(name, *flags):
    """Runs one of the three commands; raises if it fails."""
    subprocess.run([sys.executable, str(measure.ROOT / name), *flags], check=True, capture_output=True)


if __name__ == "__main__":
    main()
