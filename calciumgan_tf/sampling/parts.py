"""Parts of a large set of windows, kept in files until all are there.

So a generation that was interrupted goes on with the first part that is missing, and several processes can each make
some of them. What a part holds depends on its number alone, so it does not matter who made it.
"""

import pathlib
import shutil
import zipfile

import numpy as np

from calciumgan_tf import files

VALUES = 1 << 22  # trace values that a part holds at most, if it has more than one chunk of windows


class Parts:
    """The files of the parts; nothing is written before a part is saved.

    Attributes:
      count: windows in all.
      size: windows of each part but the last.
    """

    def __init__(self, folder, count: int, size: int):
        """Args: folder: of this set of windows alone."""
        self._folder, self.count, self.size = pathlib.Path(folder), count, size

    def __len__(self):
        return -(-self.count // self.size)

    def windows(self, number) -> range:
        """Numbers of the windows of a part."""
        return range(number * self.size, min(self.count, (number + 1) * self.size))

    def missing(self) -> list:
        """Numbers of the parts that have no file."""
        return [number for number in range(len(self)) if not self._file(number).exists()]

    def load(self, number):
        """{name: array (window, frame, neuron)} of a part; None where there is no file, or a damaged one."""
        try:
            with np.load(self._file(number), allow_pickle=False) as arrays:
                return dict(arrays)
        except (OSError, ValueError, zipfile.BadZipFile):
            return None

    def save(self, number, arrays) -> None:
        """Writes a part, whole or not at all."""
        with files.replacing(self._file(number)) as partial:
            np.savez(partial, **arrays)

    def remove(self) -> None:
        """Deletes the files of this set of windows."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, number):
        return self._folder / f"part-{number:05d}.npz"


def size_of(frames, neurons, chunk) -> int:
    """Windows of a part, a multiple of `chunk`."""
    return chunk * max(1, VALUES // (chunk * frames * neurons))
