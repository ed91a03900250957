"""Figures of docs/fidelity.md: can you see which traces were recorded?

    python benchmarks/fidelity_figures.py --name=mouse checkpoints/results/mouse-physiological-0

Writes to docs/fidelity/: riddle_NAME.png, recorded and generated windows in random order, and its key, key.md;
compared_NAME.png, spectra and amplitudes; transients_NAME.png, the largest transients. The recorded windows are those
of the training part, which generated ones should resemble.
"""

import argparse

import measure
import numpy as np

from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation.examples import examples
from calciumgan_tf.plotting import comparison_figures, spike_figures, style
from calciumgan_tf.sampling import samples
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.training.run import Run

FOLDER = measure.ROOT / "docs" / "fidelity"
HEAD = "# Which traces were generated\n\nThe key to the riddles of [fidelity.md](../fidelity.md).\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="of the recording")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("run", help="folder of a run with samples")
    asked = parser.parse_args()
    run = Run.open(asked.run)
    data, generated = run.training_data(), samples.load(run.newest_samples())
    windows = generated.traces[:]
    recorded = RecordedWindows(data.recording.traces, data.split, data.split.training, len(windows))[:]
    rate = data.recording.frame_rate
    drawing, key = comparison_figures.riddle(recorded, windows, rate, asked.seed)
    style.save(drawing, FOLDER / f"riddle_{asked.name}.png")
    style.save(
        comparison_figures.spectra_and_amplitudes(recorded, windows, rate), FOLDER / f"compared_{asked.name}.png"
    )
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    sides = {"recorded": recorded, "generated": windows}
    drawn = {side: examples(each, deconvolution.infer_spikes(each, settings).spikes) for side, each in sides.items()}
    ids = data.recording.neuron_ids
    style.save(spike_figures.transients(drawn, rate, ids), FOLDER / f"transients_{asked.name}.png")
    path, numbers = FOLDER / "key.md", ", ".join(map(str, np.flatnonzero(key) + 1))
    others = [line for line in path.read_text("utf-8").splitlines() if line.startswith("- ")] if path.exists() else []
    mine = f"- {asked.name}: {numbers} were generated."
    lines = sorted([line for line in others if not line.startswith(f"- {asked.name}:")] + [mine])
    path.write_text(HEAD + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
