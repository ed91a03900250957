"""Which part of a physiological generator gives its traces away: parts exchanged for the truth.

    python benchmarks/exchanged_parts.py checkpoints/synthetic-physiological

For a run on `--dataset=synthetic`, of which calcium and noise are known. Calcium and noise of generated windows are
exchanged for true ones, and the classifiers of single neurons tell the result from the training part. Noise is also
added to true calcium term by term. docs/fidelity_study.md.
"""

import argparse
import dataclasses

import keras
import measure  # noqa: F401  makes the package importable
import numpy as np

from calciumgan_tf.evaluation.diagnostics.diagnosis import Diagnosis
from calciumgan_tf.sampling import sampler
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations
from calciumgan_tf.training.run import Run

WINDOWS, SEED = 400, 1
CALCIUM, NOISE = "calcium", ("fast_scaled", "fast_skewness", "slow_scaled", "neuropil_loadings")
NAMES = ("fast", "skewness", "slow", "shared")
ROWS = ("neuron_classifier", "neuron_kernels")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="a run of --model=physiological on --dataset=synthetic")
    run = Run.open(parser.parse_args().run, "run")
    data = run.training_data()
    if data.recording.source != "synthetic":
        parser.error("the truth of the recording is not known; take a run on --dataset=synthetic")
    whole = sampler.load_generator(run)
    layers = [whole.get_layer(name).output for name in (CALCIUM, *NOISE)]
    made = zip(*sampler.windows(keras.Model(whole.inputs, layers), WINDOWS, SEED))
    calcium, *noise = (np.concatenate(chunks) * data.scaling.scale for chunks in made)
    frames = data.split.window_frames
    truth = populations.population(neurons=data.recording.neurons)
    _, clean = dataclasses.replace(truth, noise=0.0).windows(WINDOWS, frames)
    white = np.random.default_rng(SEED).normal(0, truth.noise, clean.shape)
    noise = [term - term.mean(axis=(0, 1)) for term in noise]
    windows = {
        "all generated": calcium + data.scaling.shift + sum(noise),
        "generated calcium, true noise": calcium + data.scaling.shift + white,
        "true calcium, generated noise": clean + sum(noise),
        "true calcium, fast noise": clean + noise[0],
    }
    for name, term in zip(NAMES[1:], noise[1:]):
        windows[f"true calcium, fast noise and {name}"] = clean + noise[0] + term
    windows["nothing generated"] = clean + white
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    diagnosis = Diagnosis(data.recording, data.split, settings)
    print("| windows | single neurons | random kernels |\n|---|---|---|")
    for name, traces in windows.items():
        traces = traces.astype(np.float32)
        result = diagnosis.compare(traces, deconvolution.infer_spikes(traces, settings).spikes)
        areas = (0.5 + result.findings[row].distance.value for row in ROWS)
        print(f"| {name} | " + " | ".join(f"{area:.2f}" for area in areas) + " |", flush=True)


if __name__ == "__main__":
    main()
