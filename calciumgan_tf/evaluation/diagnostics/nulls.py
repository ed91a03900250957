"""Faults that a row has to detect: sets made from the training part by destroying one property of it.

Each function takes traces (window, frame, neuron), their inferred events and a numpy.random.Generator, and returns both
changed.
"""

import numpy as np

from calciumgan_tf.evaluation.baselines import shuffled
from calciumgan_tf.evaluation.diagnostics.sample import chunks


def neurons_shuffled(traces, events, generator):
    """Each neuron of a window comes from another window, so that nothing is left of what neurons share."""
    order = shuffled.shuffled_windows(len(traces), traces.shape[2], generator.integers(2**31))
    return shuffled.rearranged(traces, order), shuffled.rearranged(events, order)


def neurons_renamed(traces, events, generator):
    """Each neuron has the trace of its neighbour in the list, so that its own properties are another neuron's."""
    return np.roll(traces, 1, axis=2), np.roll(events, 1, axis=2)


def gaussian(traces, events, generator):
    """Random phases at each frequency: the power spectrum stays, and amplitudes become normally distributed."""
    frames = traces.shape[1]
    phases = generator.uniform(0, 2 * np.pi, (len(traces), frames // 2 + 1, traces.shape[2]))
    if frames % 2 == 0:  # Nyquist's frequency has a sign instead of a phase
        phases[:, -1] = np.pi * generator.integers(0, 2, phases[:, -1].shape)
    changed = np.empty(traces.shape, np.float32)
    for part in chunks(len(traces), frames * traces.shape[2]):
        spectrum = np.fft.rfft(traces[part], axis=1)
        random = phases[part]
        random[:, 0] = np.angle(spectrum[:, 0])  # the mean stays
        changed[part] = np.fft.irfft(np.abs(spectrum) * np.exp(1j * random), frames, axis=1)
    return changed, events


def time_reversed(traces, events, generator):
    """Windows backwards."""
    return traces[:, ::-1], events[:, ::-1]


def frames_in_random_order(traces, events, generator):
    """The frames of a window in random order, the same for all neurons: amplitudes stay, and the spectrum is flat."""
    order = np.argsort(generator.random(traces.shape[:2]), axis=1)[:, :, None]
    return np.take_along_axis(traces, order, axis=1), np.take_along_axis(events, order, axis=1)


def events_in_random_order(traces, events, generator):
    """The events of a neuron at random frames of any window, so that they are independent of each other."""
    flat = events.reshape(-1, events.shape[2])
    return traces, generator.permuted(flat, axis=0).reshape(events.shape)


NULLS = {
    "neurons shuffled": neurons_shuffled,
    "neurons renamed": neurons_renamed,
    "gaussian": gaussian,
    "time reversed": time_reversed,
    "frames in random order": frames_in_random_order,
    "events in random order": events_in_random_order,
}
