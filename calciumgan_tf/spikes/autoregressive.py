"""Calcium as an autoregressive process of first or second order, and OASIS for many traces of it at once.

A spike makes a transient (1 - exp(-t / rise)) exp(-t / decay), the difference of two exponentials. Sampled at the frame
rate it is the response of

    c(t) = (d + r) c(t - 1) - d r c(t - 2) + s(t)      d = exp(-1 / (decay frame rate))
                                                       r = exp(-(1 / rise + 1 / decay) / frame rate)

of second order, AR(2); where the rise is too fast to be resolved, r is 0 and the order is the first.

Events are given as the dF/F at the peak of their transient, so that they mean the same at any order.

Source: Friedrich, Zhou and Paninski 2017, PLOS Computational Biology 13(3), e1005423. The first order is the package
oasis-deconv. Its second order handles one trace at a time and sums over whole pools whenever two of them merge, so
`_second_order` does the same algorithm for thousands of traces side by side, with sums that merge; the tests compare
the two.
"""

import numpy as np
from oasis.oasis_methods import oasisAR1
from scipy import signal

RESOLVED_FRAMES = 1 / 3  # a rise faster than this is not seen
TRACES = 4096  # deconvolved side by side, so that their pools stay in the processor's caches
POOLS = 32  # of a trace, at first
FORGOTTEN = 1e-20  # share of a transient below which it has no influence on a double-precision sum


def roots(tau_rise, tau_decay, frame_rate):
    """The roots d and r at a frame rate; r is 0 where the rise is not resolved.

    Args:
      tau_rise: s, a number or (neuron,); 0 for none.
      tau_decay: s, a number or (neuron,).
      frame_rate: Hz.

    Returns:
      float64 d and r, of the shape of `tau_decay`.
    """
    tau_rise, tau_decay = np.broadcast_arrays(np.asarray(tau_rise, float), np.asarray(tau_decay, float))
    resolved = tau_rise * frame_rate >= RESOLVED_FRAMES
    rate = 1 / np.where(resolved, tau_rise, 1) + 1 / tau_decay
    return np.exp(-1 / (tau_decay * frame_rate)), np.where(resolved, np.exp(-rate / frame_rate), 0.0)


def response(decay, rise, frames):
    """Response to a unit jump, float64 (..., frame), for roots of the same shape."""
    decay, rise = np.asarray(decay, float)[..., None], np.asarray(rise, float)[..., None]
    k = np.arange(1, frames + 1)
    return (decay**k - rise**k) / (decay - rise)


def peak_and_energy(decay, rise):
    """Largest value of the response to a unit jump, and the sum of its squares over the largest value's square.

    The energy is that of an event of size 1, so that white noise of SD 1 leaves an error of 1 / sqrt(energy) in the
    size of an isolated event whose time is known.

    Args:
      decay, rise: roots, (neuron,).

    Returns:
      float64 (neuron,) and (neuron,).
    """
    decay, rise = np.asarray(decay, float), np.asarray(rise, float)
    total = 1 / (1 - decay**2) - 2 / (1 - decay * rise) + 1 / (1 - rise**2)  # sum of (d^k - r^k)^2, k from 0
    second = rise > 0
    logarithms = np.log(np.where(second, rise, 0.5)) / np.log(decay)
    spacing = np.log(decay) - np.log(np.where(second, rise, decay / 2))
    last = np.where(second, np.log(logarithms) / spacing, 1.0)  # where the derivative of d^k - r^k vanishes
    candidates = [np.maximum(np.floor(last), 1), np.maximum(np.ceil(last), 1)]
    peak = np.maximum(*((decay**k - rise**k) / (decay - rise) for k in candidates))
    peak = np.where(second, peak, 1.0)
    energy = np.where(second, total / (decay - rise) ** 2, 1 / (1 - decay**2))
    return peak, energy / peak**2


def calcium(events, decay, rise):
    """Calcium of events, the inverse of `jumps`, float64 (trace, frame).

    Args:
      events: (trace, frame), dF/F at the peak.
      decay, rise: roots, (trace,).
    """
    peak, _ = peak_and_energy(decay, rise)
    filtered = [
        signal.lfilter([1 / top], [1, -(d + r), d * r], row) for row, d, r, top in zip(events, decay, rise, peak)
    ]
    return np.array(filtered).reshape(np.shape(events))


def jumps(traces, decay, rise, s_min):
    """Events of traces whose baseline is 0: each 0 or at least `s_min`, by OASIS.

    Args:
      traces: float64 (trace, frame), C-contiguous, dF/F.
      decay, rise: roots, (trace,).
      s_min: smallest event, (trace,), dF/F at the peak.

    Returns:
      float64 (trace, frame), dF/F at the peak. The first frame, and the second as well at the second order, can't have
      an event, since what was before them is unknown.
    """
    found = np.empty_like(traces)
    for i in np.flatnonzero(rise == 0):
        found[i] = oasisAR1(traces[i], decay[i], 0.0, s_min[i])[1]
    second = np.flatnonzero(rise > 0)
    for some in (second[i : i + TRACES] for i in range(0, len(second), TRACES)):
        peak, _ = peak_and_energy(decay[some], rise[some])
        found[some] = peak[:, None] * _second_order(traces[some].T, decay[some], rise[some], s_min[some] / peak).T
    found[found < s_min[:, None] / 2] = 0  # what is not an event is 0 but for rounding
    return found


def _second_order(traces, decay, rise, s_min):
    """OASIS AR(2) of many traces, (frame, trace), side by side.

    A pool is a run of frames after one event: its first value v is fitted by least squares given the last value w of
    the pool before. Pools of a trace are a stack; arrays are (pool, trace), flattened, and `top` is the index of each
    trace's last pool. A frame is added as a pool of its own and merged into the one before as long as its value is not
    at least `s_min` above what that one predicts. `sum_d` and `sum_r` are the sums of d^k y and r^k y of a pool's
    frames, which merge without looking at the frames again.
    """
    traces = np.ascontiguousarray(traces)  # a frame of all traces is read at a time
    frames, count = traces.shape
    reach = _reach(decay, frames)
    (powers_d, powers_r, unit, carried, squares, products, decays), table = _tables(decay, rise, reach)
    size = POOLS * count
    sum_d, sum_r, first_value, last_value, predicted = (np.zeros(size) for _ in range(5))
    length = np.zeros(size, np.int64)
    top = np.arange(count)
    first_value[top] = last_value[top] = np.maximum(traces[0], 0)
    sum_d[top] = sum_r[top] = traces[0]
    length[top], predicted[top] = 1, decay * first_value[top]
    for t in range(1, frames):
        top += count
        if top.max() >= len(length):
            grown = [
                np.concatenate([a, np.zeros_like(a)])
                for a in (sum_d, sum_r, first_value, last_value, predicted, length)
            ]
            sum_d, sum_r, first_value, last_value, predicted, length = grown
        sum_d[top] = sum_r[top] = first_value[top] = last_value[top] = traces[t]
        length[top] = 1
        merging = np.flatnonzero(predicted[top - count] > traces[t] - s_min)
        while merging.size:
            last = top[merging]
            pool = last - count
            shift = table[merging] + np.minimum(length[pool], reach)
            sum_d[pool] += powers_d[shift] * sum_d[last]
            sum_r[pool] += powers_r[shift] * sum_r[last]
            length[pool] += length[last]
            d, r = decay[merging], rise[merging]
            end = table[merging] + np.minimum(length[pool], reach) - 1
            initial = pool < count  # the first pool of a trace: calcium of before decays
            before = last_value[np.where(initial, pool, pool - count)]
            v = ((d * sum_d[pool] - r * sum_r[pool]) / (d - r) - products[end] * before) / squares[end]
            w = unit[end] * v + carried[end] * before
            after = unit[end + 1] * v + carried[end + 1] * before
            if initial.any():
                v[initial] = np.maximum(sum_d[pool[initial]], 0) / decays[end[initial]]
                w[initial] = powers_d[end[initial]] * v[initial]
                after[initial] = d[initial] * w[initial]
            first_value[pool], last_value[pool], predicted[pool] = v, w, after
            top[merging] = pool
            again = ~initial
            again[again] = predicted[pool[again] - count] > v[again] - s_min[merging[again]]
            merging = merging[again]
        single = np.flatnonzero((length[top] == 1) & (top >= count))
        pool, start = top[single], table[single] + 1
        predicted[pool] = unit[start] * first_value[pool] + carried[start] * last_value[pool - count]
    return _events_of_pools(first_value, predicted, length, top, frames)


def _reach(decay, frames) -> int:
    """Frames after which the slowest transient is over; longer pools have the powers and sums of such ones."""
    return min(frames, int(np.ceil(np.log(FORGOTTEN) / np.log(np.max(decay)))) + 1)


def _tables(decay, rise, frames):
    """Powers, responses and sums for 0 to `frames` frames of every kernel, and where those of each trace begin."""
    different, which = np.unique(np.stack([decay, rise]), axis=1, return_inverse=True)
    d, r = different[0][:, None], different[1][:, None]
    k = np.arange(frames + 1)
    powers_d, powers_r = d**k, r**k
    unit = (d * powers_d - r * powers_r) / (d - r)
    carried = np.concatenate([np.zeros((len(d), 1)), -d * r * unit[:, :-1]], axis=1)
    sums = [np.cumsum(values, axis=1) for values in (unit**2, unit * carried, powers_d**2)]
    return [values.ravel() for values in (powers_d, powers_r, unit, carried, *sums)], which.ravel() * (frames + 1)


def _events_of_pools(first_value, predicted, length, top, frames):
    """Events (frame, trace): what a pool begins with less what the one before predicts."""
    count = len(top)
    first_value, predicted, length = (a.reshape(-1, count) for a in (first_value, predicted, length))
    start = np.cumsum(length, axis=0)
    events = np.zeros((frames, count))
    for pool in range(1, int(top.max()) // count + 1):
        there = np.flatnonzero(top // count >= pool)
        events[start[pool - 1, there], there] = first_value[pool, there] - predicted[pool - 1, there]
    events[:2] = 0
    return events
