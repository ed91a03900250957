"""Whether events of generated neurons differ in size, and traces in time, as those of recorded neurons do.

    python benchmarks/event_sizes.py --name=mouse checkpoints/results/mouse-physiological-*

Two numbers of a neuron that are no rows of the diagnosis: the SD of its events' sizes, which are the rises of the trace
in the frames of inferred events, and its asymmetry in time, E[d^3] / E[d^2]^(3/2) of the rises d of all frames (the
lag-reversal statistic of Pomeau 1982, Journal de Physique 43(6), at a lag of one frame). Prints the root mean squared
difference of the training part, and of each run's windows, from the held-out part over neurons with at least ten events
in both parts, and the ratio of the two with an interval of 95 % from redrawn stretches. docs/fidelity.md.
"""

import argparse

import measure  # noqa: F401  makes the package importable
import numpy as np

from calciumgan_tf.evaluation.diagnostics.sample import GENERATED_UNITS, Tiles
from calciumgan_tf.sampling import samples
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.training.run import Run

WINDOWS, FEWEST, RESAMPLES = 400, 10, 2000
STATISTICS = ("SD of event sizes", "asymmetry")


def sums(windows, settings, unit):
    """Of each unit and neuron: frames, sums of d^2 and d^3, events, sums of their sizes and squared sizes."""
    events = deconvolution.infer_spikes(windows, settings).spikes[:, 1:] > 0
    rises = np.diff(windows, axis=1).astype(np.float64)
    frames = np.ones_like(rises)
    sizes = rises * events
    of_window = np.stack([x.sum(axis=1) for x in (frames, rises**2, rises**3, events, sizes, sizes**2)])
    result = np.zeros((len(of_window), unit[-1] + 1, windows.shape[2]))
    for number, one in enumerate(unit):
        result[:, one] += of_window[:, number]
    return result


def statistics(total):
    """SD of event sizes and asymmetry, (statistic, ..., neuron); `total` is a sum over units, (6, ..., neuron)."""
    frames, squares, cubes, events, sizes, squared_sizes = total
    count = np.maximum(events, 1)
    spread = np.sqrt(np.maximum(squared_sizes / count - (sizes / count) ** 2, 0))
    return np.stack([spread, cubes / frames / (squares / frames) ** 1.5])


def redrawn(units, generator):
    """The same of units that are drawn with replacement, (statistic, resample, neuron)."""
    count = units.shape[1]
    weights = generator.multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return statistics(np.einsum("ru,sun->srn", weights, units))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="recording", help="of the recording, in the table")
    parser.add_argument("runs", nargs="+", help="run folders with samples, of one recording")
    asked = parser.parse_args()
    runs = [Run.open(folder, "runs") for folder in asked.runs]
    data = runs[0].training_data()
    settings = deconvolution.fit_recording(data.recording, data.split.training)
    tiles = Tiles(data.split, data.recording.frame_rate)
    windows, heldout = tiles.windows(data.recording.traces), tiles.heldout[tiles.unit]

    def part(chosen):
        return sums(windows[chosen], settings, np.unique(tiles.unit[chosen], return_inverse=True)[1])

    held, training = part(np.flatnonzero(heldout)), part(np.flatnonzero(~heldout))
    known = np.minimum(held[3].sum(axis=0), training[3].sum(axis=0)) >= FEWEST
    made = []
    for run in runs:
        generated = samples.load(run.newest_samples()).traces[:WINDOWS]
        unit = np.arange(len(generated)) * min(len(generated), GENERATED_UNITS) // len(generated)
        made.append(sums(generated, settings, unit))

    def distances(of):
        """Distances of the training part and, as a mean over runs, of generated windows from the held-out part."""
        reference = of(held)[..., known]
        rmse = [np.sqrt(np.mean((of(one)[..., known] - reference) ** 2, axis=-1)) for one in (training, *made)]
        return rmse[0], np.mean(rmse[1:], axis=0)

    generator = np.random.default_rng(0)
    training_part, found = distances(lambda units: statistics(units.sum(axis=1)))
    # the held-out part is drawn once for a pair of distances, everything else on its own
    drawn = {}
    resampled = distances(lambda units: drawn.setdefault(id(units), redrawn(units, generator)))
    low, high = np.quantile(resampled[1] / resampled[0], (0.025, 0.975), axis=1)
    for number, name in enumerate(STATISTICS):
        ratio = found[number] / training_part[number]
        cells = (
            f"{training_part[number]:.3g} | {found[number]:.3g} | {ratio:.2g} | {low[number]:.2g} to {high[number]:.2g}"
        )
        print(f"| {asked.name}, {known.sum()} neurons | {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
