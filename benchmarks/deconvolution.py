"""Spikes of many windows by OASIS, one process against all cores: python benchmarks/deconvolution.py."""

import os

import measure
import numpy as np

SIZES = {"paper": (1000, 2048, 102), "quick": (40, 64, 4)}  # windows, frames, neurons


def main():
    asked = measure.arguments(__doc__, SIZES, rounds=3)
    from calciumgan_tf.spikes import deconvolution

    count, frames, neurons = SIZES[asked.size]
    windows = np.random.default_rng(0).standard_normal((count, frames, neurons), np.float32)
    settings = deconvolution.Settings(0.95, np.full(neurons, 0.55), np.zeros(neurons), np.full(neurons, 1.0))
    results, times = {}, []

    def run(processes):
        taken = measure.seconds(
            lambda: results.update({processes: deconvolution.infer_spikes(windows, settings, processes).spikes})
        )
        times.append((processes, taken))
        return taken

    cores = os.cpu_count()
    ratio = measure.in_turn(lambda: run(1), lambda: run(cores), asked.rounds)
    if not np.array_equal(results[1], results[cores]):
        raise SystemExit("one process and several give different spikes")
    best = {processes: min(taken for which, taken in times if which == processes) for processes in (1, cores)}
    measure.report(
        "deconvolution",
        asked.size,
        **ratio,
        traces_a_second_one_process=count * neurons / best[1],
        traces_a_second_all_cores=count * neurons / best[cores],
    )


if __name__ == "__main__":
    main()
