"""Affine scaling of the traces for the models, fitted on the training part alone."""

import dataclasses

import numpy as np

from calciumgan_tf.errors import InputError

HEADROOM = 0.25  # of the range between the quantiles, added at both ends so that ordinary peaks stay within 0..1


@dataclasses.dataclass(frozen=True)
class Scaling:
    """An affine map per neuron, scaled = (traces - shift) / scale.

    Attributes:
      shift: float32 (neuron,), dF/F.
      scale: float32 (neuron,), dF/F, positive.
    """

    shift: np.ndarray
    scale: np.ndarray

    def scaled(self, traces):
        """Maps dF/F (..., neuron) to the range of the models."""
        return (traces - self.shift) / self.scale


def fit(recording, blocks, kind, quantile) -> Scaling:
    """Fits a scaling on some blocks of a recording.

    'zscore' maps mean and standard deviation of each neuron to 0 and 1. 'neuron' and 'global' map a range to 0..1, of
    each neuron or of all together. With `quantile` 0 the range is from minimum to maximum, as in the paper. Otherwise
    it is from the lower quantile to the upper, widened by a quarter at both ends, so that a single outlier does not
    move it. Values outside of the range are not clipped. Where the two quantiles are equal, because nearly all frames
    are, the range is from minimum to maximum too.

    Args:
      recording: Recording.
      blocks: (first, after last) frames; the other frames are not used.
      kind: 'neuron', 'global' or 'zscore'.
      quantile: fraction of frames outside of the range at either end.

    Raises:
      InputError: a neuron that is constant within the blocks, or whose range is not a positive float32.
    """
    traces = np.concatenate([recording.traces[start:stop] for start, stop in blocks])
    lowest, highest = traces.min(axis=0).astype(np.float64), traces.max(axis=0).astype(np.float64)
    _check_neurons(lowest == highest, recording, "is constant in the training part")
    if kind == "zscore":  # of one neuron after the other, since the computation makes copies
        shift = np.array([trace.mean(dtype=np.float64) for trace in traces.T])
        scale = np.array([trace.std(dtype=np.float64) for trace in traces.T])
    else:
        axis = 0 if kind == "neuron" else None
        if kind == "global":
            lowest, highest = lowest.min(), highest.max()
        shift, scale = _quantile_range(traces, quantile, axis)  # scrambles traces
        degenerate = scale <= 0
        shift, scale = np.where(degenerate, lowest, shift), np.where(degenerate, highest - lowest, scale)
    with np.errstate(over="ignore", under="ignore"):
        shift, scale = (np.broadcast_to(x, recording.neurons).astype(np.float32) for x in (shift, scale))
    _check_neurons(~(np.isfinite(scale) & (scale > 0)), recording, "has values too large or too small for float32")
    return Scaling(shift, scale)


def _quantile_range(traces, quantile, axis):
    """Start and length of the range between two quantiles with its headroom, float64. Overwrites `traces`."""
    quantiles = np.quantile(traces, [quantile, 1 - quantile], axis=axis, overwrite_input=True)
    low, high = quantiles.astype(np.float64)
    room = HEADROOM * (high - low) if quantile else 0.0
    return low - room, high - low + 2 * room


def _check_neurons(bad, recording, problem) -> None:
    if bad.any():
        names = ",".join(recording.neuron_ids[i] for i in np.flatnonzero(bad))
        raise InputError(f"neuron {names} {problem}", f"leave it out with prepare.py --drop={names}")
