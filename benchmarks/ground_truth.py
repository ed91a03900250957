"""Inferred spikes against electrophysiology: the tables of docs/spikes.md.

    python benchmarks/ground_truth.py --data=ground_truth
    python benchmarks/ground_truth.py --data=ground_truth --unexplained=2.3
    python benchmarks/ground_truth.py --data=ground_truth --presets    # the table of recordings/indicators.py

The data are CASCADE's ground truth (github.com/HelmchenLabSoftware/Cascade), folders DS*/ with CAttached_*.mat.
"""

import argparse
import dataclasses
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import ground_truth_data as data
from calciumgan_tf.spikes import autoregressive, deconvolution, kernels
from calciumgan_tf.spikes.noise import baseline_level, noise_level

OLD_DECAY = 0.812  # s, the default of earlier versions
BIN_FRAMES = 3  # of 100 ms
NEAREST = 0.5  # s, within which a true spike belongs to an inferred one
METHODS = ("given", "old", "preset", "estimate")
PUBLICATIONS = {
    "gcamp6f": "DS09, Chen et al. 2013, Nature 499, 295-300",
    "gcamp6s": "DS13, Huang et al. 2021, eLife 10, e51675 (Allen Institute)",
    "gcamp7f": "DS29, Dana et al. 2019, Nature Methods 16, 649-657",
    "gcamp8f": "DS30, Zhang et al. 2023, Nature 615, 884-891",
    "gcamp8m": "DS31, Zhang et al. 2023, Nature 615, 884-891",
    "gcamp8s": "DS32, Zhang et al. 2023, Nature 615, 884-891",
}


@dataclasses.dataclass(frozen=True)
class Score:
    """Inferred spikes of a neuron beside the true ones.

    Attributes:
      inferred, true: numbers of spikes.
      correlation: of spike counts in bins of 100 ms.
      size_correlation: of true counts and summed sizes of events.
      late: median of inferred less nearest true time, s.
    """

    inferred: int
    true: int
    correlation: float
    size_correlation: float
    late: float


def score(neuron, events) -> Score:
    """Compares events, (frame,), with a neuron's spikes."""
    binned = []
    counts = np.bincount((neuron.spikes * data.RATE).astype(int), minlength=len(events))
    for values in (counts, events > 0, events):
        parts = [values[start:stop][: (stop - start) // BIN_FRAMES * BIN_FRAMES] for start, stop in neuron.blocks]
        binned.append(np.concatenate(parts).reshape(-1, BIN_FRAMES).sum(axis=1))
    times = (np.flatnonzero(events) + 0.5) / data.RATE
    nearest = neuron.spikes[np.abs(neuron.spikes - times[:, None]).argmin(axis=1)] if len(times) else times
    late = (times - nearest)[np.abs(times - nearest) < NEAREST]
    return Score(
        len(times),
        len(neuron.spikes),
        _correlation(binned[0], binned[1]),
        _correlation(binned[0], binned[2]),
        float(np.median(late)) if len(late) else float("nan"),
    )


def _correlation(x, y):
    return float(np.corrcoef(x, y)[0, 1]) if x.any() and y.any() else 0.0


def deconvolved(neuron, rise, decay):
    """Events (frame,) with the kernel of these times, s."""
    roots = autoregressive.roots(rise, decay, data.RATE)
    settings = deconvolution.fit_settings_on_blocks(neuron.traces, neuron.blocks, roots[0], rise=roots[1])
    return _events(neuron.traces, neuron.blocks, settings)


def deconvolved_as_before(neuron, traces):
    """Events (frame,) as in earlier versions: AR(1) of .812 s, smallest event three times the noise."""
    decay, rise = autoregressive.roots(0.0, OLD_DECAY, data.RATE)
    noise = noise_level(traces)
    baseline = baseline_level(traces, noise)
    return _events(traces, neuron.blocks, deconvolution.Settings(decay, 3 * noise, baseline, noise, rise))


def _events(traces, blocks, settings):
    return np.concatenate([deconvolution.events(traces[start:stop], settings)[:, 0] for start, stop in blocks])


def preset(fits):
    """Rise, decay and amplitude of an indicator: medians of the logarithms; a rise that is not resolved is 0.

    Args:
      fits: (neuron, 3), what `fitted_kernel` gave of its neurons.
    """
    rise, decay, amplitude = np.exp(np.median(np.log(np.maximum(fits, 1e-4)), axis=0))
    return (0.0 if rise * data.RATE < autoregressive.RESOLVED_FRAMES else rise), decay, amplitude


def measured(neurons, fits):
    """{indicator: {'fits', 'kernels', method: [Score]}} over its neurons."""
    results = {}
    for name in sorted({neuron.indicator for neuron in neurons}):
        group = [i for i, neuron in enumerate(neurons) if neuron.indicator == name]
        some, known = [neurons[i] for i in group], np.array([fits[i] for i in group])
        own = [kernels.own_kernels(neuron.traces, neuron.blocks, data.RATE) for neuron in some]
        joined = [np.concatenate([getattr(one, field.name) for one in own]) for field in dataclasses.fields(own[0])]
        estimate = kernels.shrunk(kernels.Kernels(*joined), data.RATE)
        others = [preset(np.delete(known, i, axis=0))[:2] for i in range(len(some))]
        times = zip(estimate.tau_rise, estimate.tau_decay)
        results[name] = {
            "fits": known,
            "kernels": estimate,
            "given": [score(neuron, deconvolved_as_before(neuron, neuron.given)) for neuron in some],
            "old": [score(neuron, deconvolved_as_before(neuron, neuron.traces)) for neuron in some],
            "preset": [score(neuron, deconvolved(neuron, *other)) for neuron, other in zip(some, others)],
            "estimate": [score(neuron, deconvolved(neuron, *own)) for neuron, own in zip(some, times)],
        }
    return results


def tables(results) -> str:
    """The tables of docs/spikes.md."""
    heads = ["indicator", "spikes", ".812 s, as given", ".812 s", "preset", "estimate"]

    def table(value, digits=2):
        rows = []
        for name in results:
            spikes = sum(one.true for one in results[name]["old"])
            rows.append([name, str(spikes), *(f"{value(results[name][method]):.{digits}f}" for method in METHODS)])
        return _markdown(heads, rows)

    parts = {
        "Inferred over true spikes, all neurons of an indicator together": table(
            lambda scores: sum(one.inferred for one in scores) / sum(one.true for one in scores)
        ),
        "Inferred over true spikes, median neuron": table(
            lambda scores: np.median([one.inferred / one.true for one in scores])
        ),
        "Correlation of true counts with event sizes in bins of 100 ms, mean over neurons": table(
            lambda scores: np.mean([one.size_correlation for one in scores])
        ),
        "Correlation of true counts with inferred counts in bins of 100 ms, mean over neurons": table(
            lambda scores: np.mean([one.correlation for one in scores])
        ),
        "Inferred less true time, ms, median": table(
            lambda scores: 1e3 * np.nanmedian([one.late for one in scores]), digits=0
        ),
    }
    rows, errors = [], []
    for name, result in results.items():
        decay, estimate = result["fits"][:, 1], result["kernels"]
        error = np.abs(estimate.tau_decay / decay - 1)
        others = [abs(preset(np.delete(result["fits"], i, axis=0))[1] / decay[i] - 1) for i in range(len(decay))]
        errors += list(error)
        numbers = (np.median(decay), np.median(estimate.tau_decay), np.median(error))
        numbers += (np.median(others), np.median(abs(OLD_DECAY / decay - 1)))
        rows.append([name, *(f"{number:.2f}" for number in numbers)])
    heads = ["indicator", "decay, true spikes, s", "estimate, s", "error of estimate", "of preset", "of .812 s"]
    parts["Decay, and the median over neurons of its relative error"] = _markdown(heads, rows)
    text = "\n\n".join(f"{title}:\n\n{lines}" for title, lines in parts.items())
    return f"{text}\n\nMedian error of the estimated decay over all neurons: {np.median(errors):.2f}"


def _markdown(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def preset_source(neurons, fits) -> str:
    """The entries of INDICATORS."""
    lines = []
    for name in sorted({neuron.indicator for neuron in neurons}):
        known = np.array([fit for neuron, fit in zip(neurons, fits) if neuron.indicator == name])
        rise, decay, amplitude = preset(known)
        spread = np.log(known[:, 1:]).std(axis=0, ddof=1)
        numbers = (rise, decay, amplitude, *spread)
        values = ", ".join(f"{float(f'{number:.2g}'):g}" for number in numbers)
        lines.append(f'        Indicator("{name}", {values}, "{PUBLICATIONS[name]}"),')
    return "\n".join(lines)


def main():
    """Prints the tables, or the presets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of the ground truth")
    parser.add_argument("--presets", action="store_true", help="print the table of recordings/indicators.py")
    factor = deconvolution.UNEXPLAINED
    parser.add_argument(
        "--unexplained", type=float, default=factor, help="smallest event, in SD of what is unexplained"
    )
    asked = parser.parse_args()
    deconvolution.UNEXPLAINED = asked.unexplained
    neurons = data.read(asked.data)
    if not neurons:
        parser.error(f"no DS*/CAttached_*.mat in {asked.data}")
    fits = [data.fitted_kernel(neuron) for neuron in neurons]
    print(preset_source(neurons, fits) if asked.presets else tables(measured(neurons, fits)))


if __name__ == "__main__":
    main()
