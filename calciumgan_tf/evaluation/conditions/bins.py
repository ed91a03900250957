"""A continuous condition, such as running speed, in bins of half a second, and the quintiles that they belong to."""

import itertools

import numpy as np

from calciumgan_tf.evaluation.conditions.observations import Observations
from calciumgan_tf.spikes import deconvolution, statistics

BIN_SECONDS = 0.5
LEVELS = 5


def observe(series, starts, frames, settings, frame_rate, edges=None) -> Observations:
    """Activity in bins of stretches; spikes are inferred from each stretch alone.

    Args:
      series: Series.
      starts: first frames of the stretches, (stretch,).
      frames: of a stretch, as many as a window has.
      settings: of the deconvolution.
      frame_rate: Hz.
      edges: of the levels, (edge,), see `quintiles`; None for a single level.
    """
    edges = np.zeros(0) if edges is None else edges
    size = statistics.bin_frames(frame_rate, BIN_SECONDS, frames)
    traces = series.stretches(starts, frames)
    spikes = deconvolution.infer_spikes(traces, settings).spikes
    count, neurons = frames // size, traces.shape[2]
    rates = statistics.spike_counts(spikes, size) * np.float32(frame_rate / size)
    column = np.stack([series.condition(start, start + frames) for start in starts]).astype(np.float64)
    values = column[:, : count * size].reshape(-1, size).mean(axis=1)
    return Observations(
        levels=np.searchsorted(edges, values),
        count=len(edges) + 1,
        values=values,
        rates=rates.reshape(-1, neurons),
        means=(statistics.spike_counts(traces, size) / np.float32(size)).reshape(-1, neurons),
        traces=None,
        groups=np.repeat(np.arange(len(starts)), count),
        starts=np.repeat(np.asarray(starts, int), count),
        frames=frames,
    )


def quintiles(values) -> np.ndarray:
    """Edges between five equally frequent levels of values (bin,); fewer where many values are the same, as at rest."""
    edges = np.unique(np.quantile(values, np.arange(1, LEVELS) / LEVELS))
    return edges[edges < values.max()]


def names(edges) -> tuple:
    """Names of the ranges between edges (edge,), one more than there are edges."""
    ends = [f"{edge:.3g}" for edge in edges]
    if not ends:
        return ("all",)
    return (f"to {ends[0]}", *(f"{low} to {high}" for low, high in itertools.pairwise(ends)), f"above {ends[-1]}")
