"""Lazy arrays of windows: cut, read or simulated a few at a time, so that no set of windows is ever held whole.

All of them follow the protocol `Windows`, and so do NumPy arrays.
"""

import typing

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError


class Windows(typing.Protocol):
    """An array of windows that can be sliced along its first axis.

    Attributes:
      shape: (window, frame, neuron).
    """

    shape: tuple

    def __getitem__(self, part: slice) -> np.ndarray:
        """The windows of a slice, dF/F, (window, frame, neuron)."""


class CutWindows:
    """Windows of a recording, cut as they are sliced."""

    def __init__(self, traces, starts, frames):
        """Takes traces (frame, neuron), dF/F, the first frame of each window, (window,), and the frames of a window."""
        self._traces, self._starts, self.shape = traces, starts, (len(starts), frames, traces.shape[1])

    def __getitem__(self, part):
        """The windows of a slice, a mask or an array of indices."""
        return self._traces[self._starts[part][:, None] + np.arange(self.shape[1])]


class RecordedWindows(CutWindows):
    """Evenly spaced windows of some blocks of a recording."""

    def __init__(self, traces, split, blocks, count, stride=1):
        """Chooses `count` windows, which may overlap.

        Args:
          traces: (frame, neuron), dF/F, the whole recording.
          split: Split.
          blocks: (first, after last) frames of the blocks that no window leaves.
          count: how many windows.
          stride: windows start at multiples of so many frames.

        Raises:
          InputError: a `stride` that leaves fewer windows than `count`.
        """
        possible = split.starts(blocks)
        possible = possible[possible % stride == 0]
        if stride > 1 and len(possible) < count:
            raise InputError(
                f"--window_stride={stride} leaves {len(possible)} windows of a part of the recording, not {count}",
                "take a smaller --window_stride or --num_windows",
            )
        starts = possible[np.linspace(0, len(possible) - 1, count).round().astype(int)]
        super().__init__(traces, starts, split.window_frames)

    def independent(self):
        """Indices of windows that share no frame with each other, from the first on: int (window,)."""
        chosen, free = [], -1
        for index, start in enumerate(self._starts):
            if start >= free:
                chosen.append(index)
                free = start + self.shape[1]
        return np.array(chosen)


class PopulationWindows:
    """Fresh windows of a synthetic population, simulated as they are sliced."""

    def __init__(self, population, count, frames, first=0):
        """Takes `count` windows of `frames` frames, beginning with the population's window number `first`.

        Args:
          population: synthetic.populations.Population.
          count, frames, first: whole numbers.
        """
        self._population, self._first = population, first
        self.shape = (count, frames, len(population.spiking.means))

    def __getitem__(self, part):
        """The windows of a slice."""
        start, stop, _ = part.indices(self.shape[0])
        return self._population.windows(stop - start, self.shape[1], self._first + start)[1]


class StoredWindows:
    """Windows of an HDF5 dataset, read as they are sliced."""

    def __init__(self, dataset, path):
        """Reads nothing yet.

        Args:
          dataset: h5py.Dataset, (window, frame, neuron).
          path: of its file, for messages.
        """
        self._dataset, self._path = dataset, path
        self.shape = tuple(dataset.shape)

    def __getitem__(self, part):
        """The windows of a slice.

        Raises:
          InputError: the file is damaged; HDF5 compares the data with their checksum.
        """
        with files.reading(self._path, "it is damaged; generate it again"):
            return self._dataset[part]


class ConsecutiveWindows:
    """Windows of a continuous series that share no frame, one after the other, read as they are sliced."""

    def __init__(self, traces, frames):
        """Takes traces (frame, neuron), dF/F, and the frames of a window; an incomplete last window is left out."""
        self._traces, self.shape = traces, (traces.shape[0] // frames, frames, traces.shape[1])

    def __getitem__(self, part):
        """The windows of a slice without steps."""
        start, stop, _ = part.indices(self.shape[0])
        return self._traces[start * self.shape[1] : stop * self.shape[1]].reshape(-1, *self.shape[1:])


class FirstWindows:
    """The first windows of another set, checked for NaN and Inf as they are sliced."""

    def __init__(self, windows: Windows, count: int):
        """Takes the first `count` windows."""
        self._windows, self.shape = windows, (count, *windows.shape[1:])

    def __getitem__(self, part):
        """The windows of a slice, float32.

        Raises:
          InputError: a value that is not finite; the message names its window and neuron.
        """
        start, stop, _ = part.indices(self.shape[0])
        traces = np.asarray(self._windows[start:stop], np.float32)
        bad = np.argwhere(~np.isfinite(traces))
        if bad.size:
            window, _, neuron = bad[0]
            raise InputError(
                f"generated window {start + window} has NaN or Inf in neuron {neuron}", "generate the windows again"
            )
        return traces


class ChosenWindows:
    """Some windows of another set, and some neurons of each, taken as they are sliced."""

    def __init__(self, windows: Windows, chosen, neurons=None):
        """Takes windows by their indices, int (window,), and neurons likewise; None for all neurons."""
        self._windows, self._chosen, self._neurons = windows, np.asarray(chosen), neurons
        self.shape = (len(chosen), windows.shape[1], windows.shape[2] if neurons is None else len(neurons))

    def __getitem__(self, part):
        """The windows of a slice, float32."""
        chosen = self._chosen[part]
        runs = np.split(chosen, np.flatnonzero(np.diff(chosen) != 1) + 1)  # neighbours are read together
        cut = [np.asarray(self._windows[run[0] : run[-1] + 1], np.float32) for run in runs if len(run)]
        if self._neurons is not None:
            cut = [windows[:, :, self._neurons] for windows in cut]
        if not cut:
            return np.zeros((0, *self.shape[1:]), np.float32)
        return cut[0] if len(cut) == 1 else np.concatenate(cut)


class JoinedWindows:
    """The windows of several sets one after another, taken as they are sliced."""

    def __init__(self, sets):
        """Takes sets of windows with as many frames and neurons."""
        self._sets = list(sets)
        self.shape = (sum(one.shape[0] for one in self._sets), *self._sets[0].shape[1:])

    def __getitem__(self, part):
        """The windows of a slice without steps."""
        start, stop, _ = part.indices(self.shape[0])
        cut, first = [], 0
        for windows in self._sets:
            count = windows.shape[0]
            cut.append(windows[min(max(start - first, 0), count) : min(max(stop - first, 0), count)])
            first += count
        return np.concatenate(cut)


def evenly(count: int, most: int) -> np.ndarray:
    """Indices of up to `most` things out of `count`, evenly spaced, int (index,)."""
    return np.linspace(0, count - 1, min(most, count)).round().astype(int)
