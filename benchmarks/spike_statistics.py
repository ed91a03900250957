"""Firing rate, correlation, covariance and van Rossum distance of many windows: Elephant against calciumgan_tf.spikes.

    python benchmarks/spike_statistics.py

Elephant works on one window at a time. Both sides start from what they naturally have: Elephant from neo.SpikeTrain
objects, ours from the array.
"""

import measure
import numpy as np

SIZES = {"paper": (200, 2048, 102), "quick": (3, 240, 5)}  # windows, frames, neurons
FRAME_RATE = 24.0
BIN = 12  # frames, 500 ms


def ours(spikes):
    from calciumgan_tf.spikes import statistics

    covariance = statistics.covariances(statistics.spike_counts(spikes, BIN))
    return {
        "rate": statistics.firing_rates(spikes, FRAME_RATE),
        "covariance": covariance,
        "correlation": statistics.correlations(covariance),
        "van Rossum": statistics.van_rossum_distances(spikes, FRAME_RATE),
    }


def trains(spikes):
    """Windows as lists of neo.SpikeTrain, a spike at the middle of its frame."""
    import neo
    import quantities as pq

    stop = spikes.shape[1] / FRAME_RATE
    return [
        [neo.SpikeTrain((np.flatnonzero(train) + 0.5) / FRAME_RATE * pq.s, t_stop=stop) for train in window.T]
        for window in spikes
    ]


def elephants(windows):
    import quantities as pq
    from elephant.conversion import BinnedSpikeTrain
    from elephant.spike_train_correlation import correlation_coefficient, covariance
    from elephant.spike_train_dissimilarity import van_rossum_distance
    from elephant.statistics import mean_firing_rate

    result = {"rate": [], "covariance": [], "correlation": [], "van Rossum": []}
    upper = np.triu_indices(len(windows[0]), 1)
    for window in windows:
        stop = (window[0].t_stop.item() * FRAME_RATE // BIN) * BIN / FRAME_RATE * pq.s
        binned = BinnedSpikeTrain(window, bin_size=BIN / FRAME_RATE * pq.s, t_stop=stop)
        result["rate"].append([mean_firing_rate(train).rescale("Hz").item() for train in window])
        result["covariance"].append(covariance(binned))
        result["correlation"].append(correlation_coefficient(binned))
        result["van Rossum"].append(van_rossum_distance(window, 1 * pq.s)[upper])
    return {name: np.array(values) for name, values in result.items()}


def main():
    asked = measure.arguments(__doc__, SIZES, rounds=3)
    windows, frames, neurons = SIZES[asked.size]
    spikes = (np.random.default_rng(0).random((windows, frames, neurons)) < 0.4 / FRAME_RATE).astype(np.uint8)
    spikes[:, 5] = 1  # no silent neuron: of those, Elephant warns
    converted, results = trains(spikes), {}

    def slow():
        return measure.seconds(lambda: results.update(elephant=elephants(converted)))

    def fast():
        return measure.seconds(lambda: results.update(ours=ours(spikes)))

    ratio = measure.in_turn(slow, fast, asked.rounds)
    worst = max(np.abs(results["ours"][name] - results["elephant"][name]).max() for name in results["ours"])
    if not worst < 1e-6:
        raise SystemExit(f"results differ by {worst}")
    measure.report("spike_statistics", asked.size, **ratio, largest_difference=float(worst))


if __name__ == "__main__":
    main()
