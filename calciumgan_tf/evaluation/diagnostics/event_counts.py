"""Rates and variability of inferred events."""

import numpy as np

from calciumgan_tf.evaluation.diagnostics.statistic import Context, Row, binned, ratio

SECONDS = (0.5, 1.0, 2.0, 4.0)


class EventCounts:
    """Rates and Fano factors."""

    rows = (
        Row(
            "rates", "Hz", "Is each neuron as active?",
            "Inferred events a second. Root mean square over neurons.",
            "Li et al. 2020, arXiv 2009.02707", "neurons renamed", primary=True, events=True,
        ),
        Row(
            "fano_factors", "", "Is the number of events as variable, on four time scales?",
            "Variance over mean of the number of inferred events in bins of 0.5, 1, 2 and 4 s, as far as a window "
            "holds two bins; it is 1 for a neuron without events. Root mean square over neurons and time scales.",
            "Fano 1947, Physical Review 72", "events in random order", events=True,
        ),
    )  # fmt: skip

    def __init__(self, context: Context):
        """Chooses the bins."""
        self._frame_rate = context.frame_rate
        self._bins = sorted({context.bin_frames(seconds) for seconds in SECONDS})

    def sums(self, traces, events):
        """Share of frames with an event; mean and mean square of the counts of each bin: (window, x neuron)."""
        parts = [events.mean(axis=1, dtype=np.float64)]
        for size in self._bins:
            counts = binned(events, size) * size
            parts += [counts.mean(axis=1), (counts**2).mean(axis=1)]
        return np.concatenate(parts, axis=1)

    def values(self, means):
        """Rates in Hz, and Fano factors."""
        parts = means.reshape(len(means), 1 + 2 * len(self._bins), -1)
        mean, square = parts[:, 1::2], parts[:, 2::2]
        return {
            "rates": parts[:, 0] * self._frame_rate,
            "fano_factors": ratio(square - mean**2, mean, otherwise=1.0).reshape(len(means), -1),
        }
