"""What a small error costs: the truth of the synthetic data with one property slightly wrong, judged.

    python benchmarks/small_errors.py

The data of `--dataset=synthetic` are simple enough to know what an area under the curve means: fresh windows of their
truth, and of the same with a little more noise, larger events or another decay, against the recording.
"""

import dataclasses

import measure  # noqa: F401  makes the package importable

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation.diagnostics.diagnosis import Diagnosis
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations

WINDOWS, FRAMES = 400, 256
ERRORS = {
    "nothing": {},
    "noise x 1.02": {"noise": populations.NOISE * 1.02},
    "noise x 1.05": {"noise": populations.NOISE * 1.05},
    "events x 1.05": {"amplitude": populations.AMPLITUDE * 1.05},
    "decay x 1.05": {"tau_decay": populations.TAU_DECAY * 1.05},
    "baseline + .05": {"baseline": 0.05},
}
ROWS = ("neuron_classifier", "neuron_kernels", "population_classifier")


def main():
    truth = populations.population()
    recording = truth.recording()
    split = split_frames(recording.frames, FRAMES)
    settings = deconvolution.fit_recording(recording, split.training)
    diagnosis = Diagnosis(recording, split, settings)
    print("| wrong | single neurons | random kernels | population |\n|---|---|---|---|")
    for name, properties in ERRORS.items():
        _, windows = dataclasses.replace(truth, **properties).windows(WINDOWS, FRAMES)
        result = diagnosis.compare(windows, deconvolution.infer_spikes(windows, settings).spikes)
        areas = (0.5 + result.findings[row].distance.value for row in ROWS)
        print(f"| {name} | " + " | ".join(f"{area:.2f}" for area in areas) + " |", flush=True)


if __name__ == "__main__":
    main()
