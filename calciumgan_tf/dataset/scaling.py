"""The range of traces that the models see as 0..1, fitted on the training part alone."""

import dataclasses

import numpy as np

from calciumgan_tf.errors import InputError

HEADROOM = 0.25  # of the quantile range, added at both ends so that ordinary peaks stay within 0..1


@dataclasses.dataclass(frozen=True)
class Scaling:
    """An affine map a neuron, scaled = (traces - shift) / scale. Attributes: shift, scale: float32 (neuron,), dF/F."""

    shift: np.ndarray
    scale: np.ndarray

    def scaled(self, traces):
        """dF/F (..., neuron) to the model's range."""
        return (traces - self.shift) / self.scale


def fit(recording, blocks, kind, quantile) -> Scaling:
    """Fits the range that is mapped to 0..1 on some blocks of a recording.

    With `quantile` 0 it reaches from minimum to maximum, as in the paper. Otherwise from one quantile to the other,
    widened by a quarter at both ends; one outlier, however large, does not move it. Values beyond are not clipped.

    Args:
      recording: Recording.
      blocks: (first, after last) frames; only these are looked at.
      kind: 'neuron' or 'global'.
      quantile: share of frames beyond either end.

    Raises:
      InputError: a neuron that is constant within the blocks.
    """
    traces = np.concatenate([recording.traces[start:stop] for start, stop in blocks])
    silent = np.flatnonzero(traces.min(axis=0) == traces.max(axis=0))
    if silent.size:
        names = ",".join(recording.neuron_ids[i] for i in silent)
        raise InputError(
            f"neuron {names} is constant in the training part", f"leave it out with prepare.py --drop={names}"
        )
    if kind == "zscore":
        moments = np.array([(trace.mean(dtype=np.float64), trace.std(dtype=np.float64)) for trace in traces.T])
        return Scaling(*moments.T.astype(np.float32))  # one neuron at a time, since it makes copies
    axis = 0 if kind == "neuron" else None
    low, high = np.quantile(traces, [quantile, 1 - quantile], axis=axis, overwrite_input=True)
    room = HEADROOM * (high - low) if quantile else 0
    shift = np.broadcast_to(low - room, recording.neurons).astype(np.float32)
    scale = np.broadcast_to(high - low + 2 * room, recording.neurons).astype(np.float32)
    degenerate = scale <= 0  # all but a few frames of a neuron equal: fall back to its whole range
    whole = np.ptp(traces, axis=0).astype(np.float32)
    return Scaling(shift, np.where(degenerate, whole, scale))
