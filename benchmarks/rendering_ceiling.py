"""How well true spikes, rendered by a kernel and noise, pass for recorded traces: a table of docs/spikes.md.

    python benchmarks/rendering_ceiling.py --data=ground_truth

The true spikes of a neuron are turned into traces in several ways, each of which adds something that a simpler one
leaves out, and the single-neuron classifier of the diagnosis tells them from the recorded traces. No generator that
makes traces in such a way can be expected to do better. Stretches that are rendered are others than those that they
are told from.
"""

import argparse
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import ground_truth_data as data
from calciumgan_tf.evaluation.judges import judge, neuron_features
from calciumgan_tf.evaluation.judges.areas import Areas
from calciumgan_tf.spikes.noise import noise_level

FRAMES, BLOCK = 128, 4  # of a window; windows of a stretch
SLOW_SECONDS = 1.0  # of a running mean, which holds the slow part of what a kernel leaves
SEEDS = 3


def renderings(neuron, fit, generator):
    """{what: trace (frame,)} of a neuron's true spikes."""
    recorded = neuron.traces[:, 0]
    noise = float(noise_level(neuron.traces)[0])
    white = noise * generator.normal(size=len(recorded))
    left = recorded - fit.explained - fit.offset
    constant = np.maximum(fit.explained, 0) / max(fit.explained.mean(), 1e-12)
    growing = white * np.sqrt(0.5 + 0.5 * constant)  # the same mean variance, half of it in proportion to the level
    coloured = _phase_randomised(left, generator)
    slow = _phase_randomised(_slow(left), generator)
    return {
        "equal spikes, white noise": fit.amplitude * fit.single + fit.offset + white,
        "own amplitudes, white noise": fit.explained + fit.offset + white,
        "own amplitudes, noise that grows": fit.explained + fit.offset + growing,
        "own amplitudes, white noise, slow drift": fit.explained + fit.offset + white + slow,
        "own amplitudes, coloured noise": fit.explained + fit.offset + coloured,
        "own amplitudes, residual of another stretch": fit.explained + fit.offset + np.roll(left, len(left) // 2),
        "equal spikes, coloured noise": fit.amplitude * fit.single + fit.offset + coloured,
    }


def _slow(values):
    frames = round(SLOW_SECONDS * data.RATE)
    return np.convolve(values, np.ones(frames) / frames, "same")


def _phase_randomised(values, generator):
    spectrum = np.fft.rfft(values)
    phases = np.exp(2j * np.pi * generator.random(len(spectrum)))
    phases[0] = 1
    return np.fft.irfft(np.abs(spectrum) * phases * np.sign(spectrum[0].real or 1), len(values))


def windows(trace, blocks):
    """Windows inside of the blocks that share no frame, (window, frame)."""
    return np.concatenate([trace[a : a + (b - a) // FRAMES * FRAMES].reshape(-1, FRAMES) for a, b in blocks])


def area(recorded, rendered, seed, frame_rate=data.RATE):
    """Area under the ROC curve, mean over both ways to choose the stretches; (window, frame, neuron) both."""
    stretch = np.arange(len(recorded)) // BLOCK
    found = []
    for parity in range(2):
        sides = (recorded, stretch % 2 == parity), (rendered, stretch % 2 != parity)
        features = [neuron_features.features(side[chosen].astype(np.float32), frame_rate) for side, chosen in sides]
        blocks = [stretch[chosen] for _, chosen in sides]
        scores = judge.scores(*features, *blocks, judge.gradient_boosting, seed, raw=True)
        found.append(Areas(scores, *blocks).area())
    return np.mean(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of the ground truth")
    neurons = data.read(parser.parse_args().data)
    fits = [data.fit(neuron) for neuron in neurons]
    indicators = sorted({neuron.indicator for neuron in neurons})
    table = {}
    for indicator in indicators:
        group = [i for i, neuron in enumerate(neurons) if neuron.indicator == indicator]
        for seed in range(SEEDS):
            generator = np.random.default_rng(seed)
            made = [renderings(neurons[i], fits[i], generator) for i in group]
            cut = [windows(neurons[i].traces[:, 0], neurons[i].blocks) for i in group]
            count = min(map(len, cut))
            recorded = np.stack([one[:count] for one in cut], axis=2)
            for what in made[0]:
                rendered = [windows(one[what], neurons[i].blocks)[:count] for one, i in zip(made, group)]
                found = area(recorded, np.stack(rendered, axis=2), seed)
                table.setdefault(what, {}).setdefault(indicator, []).append(found)
            control = area(recorded, recorded, seed)
            table.setdefault("recorded", {}).setdefault(indicator, []).append(control)
    head = ["rendering", *(indicator.removeprefix("gcamp") for indicator in indicators)]
    lines = [head, ["---"] * len(head)]
    lines += [[what, *(f"{np.mean(found[one]):.2f}" for one in indicators)] for what, found in table.items()]
    print("\n".join("| " + " | ".join(line) + " |" for line in lines))


if __name__ == "__main__":
    main()
