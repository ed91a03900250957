"""Features of traces by random convolutions: the share of a trace in which a kernel's output exceeds a threshold.

After MiniRocket: Dempster, Schmidt and Webb 2021, KDD, https://doi.org/10.1145/3447548.3467231. The kernels have nine
weights, three of them 2 and six of them -1, in all 84 arrangements, and are stretched by dilations from one frame up to
a sixteenth of the trace. The thresholds are quantiles of the outputs for a sample of traces. Other than in the paper,
traces are not padded and the quantiles pool several traces.

No statistic of the traces is chosen by hand. The features have nothing in common with the losses of any generator of
the project: a generator can't have been trained to match them.
"""

import itertools

import numpy as np

LENGTH, TRIPLES = 9, tuple(itertools.combinations(range(9), 3))  # weights of a kernel, and the places of its 2s
SAMPLE = 64  # traces of which the outputs give the thresholds
GOLDEN = (5**0.5 - 1) / 2  # its multiples modulo 1 spread the quantiles evenly
CHUNK_VALUES = 32_768  # values of the traces that are worked on at a time, so that they stay in the processor's cache


class RandomKernels:
    """Kernels, dilations and thresholds for traces of one length."""

    def __init__(self, sample_traces, seed, number=504):
        """Draws traces from a sample, and their quantiles as thresholds.

        The sum of a kernel is 0, so that the features do not depend on a trace's offset, but its scale should be that
        of the sample: divide each neuron by its SD in the recording.

        Args:
          sample_traces: (trace, frame), such as the training part of a recording.
          seed: whole number.
          number: number of features, which is rounded down to a multiple of 84.

        Raises:
          ValueError: `number` below 84, or no trace.
        """
        traces = np.asarray(sample_traces, np.float32)
        if number < len(TRIPLES) or not len(traces):
            raise ValueError(f"{number} features of {len(traces)} traces; 84 features and a trace are needed at least")
        generator = np.random.default_rng(seed)
        drawn = traces[generator.permutation(len(traces))[:SAMPLE]]
        self.frames = traces.shape[1]
        quantiles = (generator.random() + GOLDEN * np.arange(number)) % 1
        self._thresholds: list[tuple[int, np.ndarray]] = []  # dilation, and thresholds (kernel,)
        for index, dilation in enumerate(dilations(self.frames, number // len(TRIPLES))):
            shares = quantiles[index * len(TRIPLES) :]
            outputs = _outputs(drawn, dilation)
            self._thresholds.append((dilation, np.array([np.quantile(o, q) for o, q in zip(outputs, shares)], "f4")))

    @property
    def number(self) -> int:
        """Number of features."""
        return len(TRIPLES) * len(self._thresholds)

    def features(self, traces):
        """Share of the places of a kernel in a trace at which its output exceeds the threshold.

        Cost: 84 sums of three values for each dilation and frame, about .1 ms for a trace of 256 frames.

        Args:
          traces: (..., frame), such as (trace, frame) or (window, neuron, frame), in the scale of the sample.

        Returns:
          float32 (..., feature), 0..1.

        Raises:
          ValueError: traces that are not as long as those of the sample.
        """
        shape = np.shape(traces)
        if shape[-1] != self.frames:
            raise ValueError(f"traces {shape} have {shape[-1]} frames, those of the sample have {self.frames}")
        flat = np.reshape(traces, (-1, self.frames))
        found = np.empty((len(flat), self.number), np.float32)
        chunk = max(1, CHUNK_VALUES // self.frames)
        for start in range(0, len(flat), chunk):
            part = np.asarray(flat[start : start + chunk], np.float32)
            for index, (dilation, thresholds) in enumerate(self._thresholds):
                for kernel, output in enumerate(_outputs(part, dilation)):
                    share = _share(output > thresholds[kernel])
                    found[start : start + chunk, index * len(TRIPLES) + kernel] = share
        return found.reshape(*shape[:-1], self.number)


def dilations(frames, number) -> list:
    """`number` dilations in frames, ascending and evenly spaced in their logarithm; the longest kernel spans half."""
    longest = max(1, frames // 2 // (LENGTH - 1))
    return [int(dilation + 1e-9) for dilation in np.geomspace(1, longest, number)]


def _outputs(traces, dilation):
    """A third of the output of each kernel, an iterator over 84 arrays (trace, place).

    The output is 3 (x_i + x_j + x_k) - (the sum of all nine), i, j and k being the places of the 2s. All kernels share
    the second term, which is taken off each of the nine shifted traces.
    """
    short = LENGTH - traces.shape[1]
    if short > 0:  # the kernel is longer than the trace
        traces = np.pad(traces, ((0, 0), (0, short)), mode="edge")
    places = traces.shape[1] - (LENGTH - 1) * dilation
    shifted = np.stack([traces[:, shift * dilation : shift * dilation + places] for shift in range(LENGTH)])
    shifted -= shifted.mean(axis=0)
    pair, last = None, (-1, -1)
    for i, j, k in TRIPLES:
        if (i, j) != last:
            pair, last = shifted[i] + shifted[j], (i, j)
        yield pair + shifted[k]


def _share(above):
    """Mean over the last axis of bool (trace, place)."""
    return np.bitwise_count(np.packbits(above, axis=1)).sum(axis=1, dtype=np.float32) / above.shape[1]
