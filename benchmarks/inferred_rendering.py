"""How well inferred events, rendered again, pass for a recording, with smaller and smaller events.

    python benchmarks/inferred_rendering.py --recording=data/mouse.h5 --window_frames=256

The events that OASIS infers in the training part are turned into calcium again, and what they leave of the trace is put
back in three ways: as it was, but from another window; with random phases; and as Gaussian noise with the mean spectrum
of all windows. The single-neuron classifier of the diagnosis tells these windows from recorded ones of other stretches.
It would err as often as it is right, at .5, if events and such noise were all that there is. The smallest event that
counts is that of the evaluation, or a half, a quarter or an eighth of it.
"""

import argparse
import dataclasses

import measure  # noqa: F401  makes the package importable
import numpy as np
import scipy.fft
from rendering_ceiling import area

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.recordings import recording as recordings
from calciumgan_tf.spikes import autoregressive, deconvolution

FACTORS = (1, 0.5, 0.25, 0.125)
SEEDS = 2


def rendered(recording, split, settings):
    """Windows (window, frame, neuron), dF/F: recorded, calcium and residual; and events a second and neuron."""
    frames, parts, events = split.window_frames, [], 0
    for start, stop in split.training:
        traces = recording.traces[start:stop]
        found = deconvolution.events(traces, settings)
        calcium = autoregressive.calcium(found.T.astype(np.float64), settings.decay, settings.rise).T
        count = len(traces) // frames
        cut = [values[: count * frames].reshape(count, frames, -1) for values in (traces, calcium, traces - calcium)]
        parts.append(cut)
        events += (found > 0).sum()
    seconds = sum(stop - start for start, stop in split.training) / recording.frame_rate
    return *map(np.concatenate, zip(*parts)), events / seconds / recording.traces.shape[1]


def residuals(left, random):
    """{how: residual of windows (window, frame, neuron)}."""
    count, frames, neurons = left.shape
    others = np.stack([left[random.permutation(count), :, neuron] for neuron in range(neurons)], axis=2)
    spectrum = scipy.fft.rfft(left, axis=1)
    phases = np.exp(2j * np.pi * random.random(spectrum.shape))
    phases[:, 0] = 1
    mean = left.mean(axis=(0, 1))
    power = np.abs(scipy.fft.rfft(left - mean, axis=1)) ** 2
    drawn = random.normal(size=(2, *spectrum.shape)) * np.sqrt(power.mean(axis=0) / 2)
    return {
        "residual of another window": others,
        "own residual, random phases": scipy.fft.irfft(spectrum * phases, frames, axis=1),
        "Gaussian noise, mean spectrum": scipy.fft.irfft(drawn[0] + 1j * drawn[1], frames, axis=1) + mean,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", required=True, help="a prepared recording")
    parser.add_argument("--window_frames", type=int, default=256)
    asked = parser.parse_args()
    recording = recordings.load(asked.recording)
    split = split_frames(recording.frames, asked.window_frames)
    usual = deconvolution.fit_recording(recording, split.training)
    lines = []
    for factor in FACTORS:
        settings = dataclasses.replace(usual, s_min=usual.s_min * factor)
        windows, calcium, left, rate = rendered(recording, split, settings)
        made = [residuals(left, np.random.default_rng(seed)) for seed in range(SEEDS)]
        areas = {
            how: np.mean([area(windows, calcium + one[how], s, recording.frame_rate) for s, one in enumerate(made)])
            for how in made[0]
        }
        if not lines:
            lines += [["smallest event", "events, Hz", *areas], ["---"] * (2 + len(areas))]
        lines.append([f"x {factor:g}", f"{rate:.2g}", *(f"{found:.2f}" for found in areas.values())])
    print("\n".join("| " + " | ".join(line) + " |" for line in lines))


if __name__ == "__main__":
    main()
