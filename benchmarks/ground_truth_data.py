"""Neurons with simultaneous electrophysiology: reading them, and kernels fitted with their true spikes."""

import dataclasses
import pathlib
import re

import numpy as np
from scipy import io, optimize, sparse

from calciumgan_tf.recordings.baseline import running_baseline

RATE = 30.0  # Hz, to which all neurons are averaged
PARTS = 8  # of a frame, over which a kernel is averaged
LENGTH = 6  # decay times, after which a kernel is 0
RISES, DECAYS = (0.005, 0.03, 0.1), (0.12, 0.25, 0.5, 1.0)  # s, where a fit begins


@dataclasses.dataclass(frozen=True)
class Neuron:
    """A neuron's recordings, in sequence.

    Attributes:
      name: of its file.
      indicator: such as 'gcamp6f'.
      traces: float64 (frame, 1), dF/F at 30 Hz.
      given: the same before the running baseline was subtracted.
      blocks: (first, after last) frames of each recording.
      spikes: s from the first frame of the sequence, those of each recording that fall into it.
    """

    name: str
    indicator: str
    traces: np.ndarray
    given: np.ndarray
    blocks: tuple
    spikes: np.ndarray


def averaged(times, values, rate):
    """Means of a trace over frames of 1 / rate, each sample standing for the time around it.

    Args:
      times: s, evenly spaced, (sample,); samples of NaN are left out.
      values: (sample,).
      rate: Hz.

    Returns:
      float64 (frame,), and the time at which the first frame begins, s.
    """
    good = np.isfinite(times) & np.isfinite(values)
    times, values = times[good], values[good]
    step = np.median(np.diff(times))
    edges = np.append(times - step / 2, times[-1] + step / 2)
    integral = np.concatenate([[0.0], np.cumsum(values * np.diff(edges))])
    frames = int((edges[-1] - edges[0]) * rate)
    return np.diff(np.interp(edges[0] + np.arange(frames + 1) / rate, edges, integral)) * rate, edges[0]


def read(folder, rate=RATE) -> list:
    """All neurons below a folder in the form of CASCADE's ground truth, DS*/CAttached_*.mat, sorted by file."""
    neurons = []
    for path in sorted(pathlib.Path(folder).glob("DS*/CAttached_*.mat")):
        given, traces, spikes, blocks = [], [], [], []
        for cell in io.loadmat(path)["CAttached"].ravel():
            values = {
                key: np.asarray(cell[key][0, 0], float).ravel() for key in ("fluo_time", "fluo_mean", "events_AP")
            }
            trace, begin = averaged(values["fluo_time"], values["fluo_mean"], rate)
            times = np.sort(values["events_AP"]) / 1e4 - begin
            first = blocks[-1][1] if blocks else 0
            spikes.append(times[(times >= 0) & (times < len(trace) / rate)] + first / rate)
            blocks.append((first, first + len(trace)))
            given.append(trace)
            traces.append(trace - running_baseline(trace[:, None], rate)[:, 0])
        kind = re.search(r"GCaMP(\d\w)", path.parent.name).group(1)
        traces, given = (np.concatenate(parts)[:, None] for parts in (traces, given))
        neurons.append(Neuron(path.stem, f"gcamp{kind}", traces, given, tuple(blocks), np.concatenate(spikes)))
    return neurons


@dataclasses.dataclass(frozen=True)
class Fit:
    """Least squares fit of a neuron's trace with its true spikes.

    Attributes:
      rise, decay: s.
      amplitude: dF/F of a spike, the median over frames with spikes.
      single: float64 (frame,), transients of spikes that are all equal, dF/F at a peak of 1.
      explained: float64 (frame,), transients in which each frame with spikes has an amplitude of its own, dF/F.
      offset: dF/F of a silent neuron.
    """

    rise: float
    decay: float
    amplitude: float
    single: np.ndarray
    explained: np.ndarray
    offset: float


def fitted_kernel(neuron, rate=RATE):
    """Rise (s), decay (s) and dF/F a spike, see `fit`."""
    found = fit(neuron, rate)
    return found.rise, found.decay, found.amplitude


def fit(neuron, rate=RATE) -> Fit:
    """Fits the kernel by least squares, given the true spikes.

    Every frame with spikes has an amplitude of its own, not below 0. With one amplitude for all, the supralinear
    transients of bursts would be taken for a slow decay.
    """
    starts = [(np.log(rise), np.log(decay)) for rise in RISES for decay in DECAYS]
    start = np.array(min(starts, key=lambda one: _solved(neuron, one, rate)[0]))
    simplex = start + np.array([(0, 0), (0.25, 0), (0, 0.1)])
    options = {"maxiter": 50, "xatol": 0.02, "initial_simplex": simplex}
    found = optimize.minimize(lambda one: _solved(neuron, one, rate)[0], start, method="Nelder-Mead", options=options)
    rise, decay = np.exp(found.x)
    _, columns, sizes = _solved(neuron, found.x, rate)
    top = kernel(np.linspace(0, LENGTH * decay, 5000), rise, decay).max()
    transients, own = columns[:, :-2], sizes[:-2]
    amplitude = np.median(own[own > 0]) * top
    offset = float(sizes[-2] - sizes[-1]) + float(np.quantile(neuron.traces, 0.1))
    return Fit(rise, decay, amplitude, transients @ np.ones(len(own)) / top, transients @ own, offset)


def _solved(neuron, logarithms, rate):
    """Squared error, columns (frame, frame with spikes + 2) and their sizes for the logarithms of rise and decay."""
    rise, decay = np.exp(logarithms)
    frames = np.unique((neuron.spikes * rate).astype(int))
    target = neuron.traces[:, 0] - np.quantile(neuron.traces, 0.1)
    length = int(LENGTH * decay * rate) + 3
    columns = np.zeros((length, len(frames)))
    within = ((np.arange(length)[:, None] + (np.arange(PARTS) + 0.5) / PARTS) / rate)[..., None]
    for column, frame in enumerate(frames):
        own = neuron.spikes[(neuron.spikes * rate).astype(int) == frame] - frame / rate
        columns[:, column] = kernel(within - own, rise, decay).sum(2).mean(1)
    rows = frames + np.arange(length)[:, None]
    used = rows < len(target)
    place = np.broadcast_to(np.arange(len(frames)), rows.shape)
    transients = sparse.coo_array((columns[used], (rows[used], place[used])), (len(target), len(frames)))
    columns = sparse.hstack([transients, np.ones((len(target), 1)), -np.ones((len(target), 1))], format="csr")
    square = (columns.T @ columns).toarray() + 1e-9 * np.eye(columns.shape[1])
    factor = np.linalg.cholesky(square)
    sizes, _ = optimize.nnls(factor.T, np.linalg.solve(factor, columns.T @ target), maxiter=100 * len(square))
    return np.sum((target - columns @ sizes) ** 2), columns, sizes


def kernel(time, rise, decay):
    """(1 - exp(-t / rise)) exp(-t / decay); 0 before 0."""
    later = np.maximum(time, 0)
    return np.where(time > 0, (1 - np.exp(-later / rise)) * np.exp(-later / decay), 0)
