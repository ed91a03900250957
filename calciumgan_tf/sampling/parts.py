"""Parts of a large set of windows, or of a long session, kept in files until all are there.

So a generation that was interrupted goes on with the first part that is missing, and several processes can each make
some of them. What a part holds depends on its number alone, so it does not matter who made it.
"""

import pathlib
import shutil
import zipfile

import numpy as np

from calciumgan_tf import files

VALUES = 1 << 22  # trace values that a part holds at most, if it has more than one chunk


class Parts:
    """The files of the parts; nothing is written before a part is saved.

    Attributes:
      first, count: number of the first window, or frame of a session, and how many there are in all.
      size: windows or frames of a part; parts end at multiples of it, so the first and the last may be shorter.
    """

    def __init__(self, folder, first: int, count: int, size: int):
        """Args: folder: of this set of windows, or this session, alone."""
        self._folder, self.first, self.count, self.size = pathlib.Path(folder), first, count, size

    def __len__(self):
        return -(-(self.first + self.count) // self.size) - self.first // self.size

    def numbers(self, part) -> range:
        """Numbers of the windows or frames of a part."""
        start = (self.first // self.size + part) * self.size
        return range(max(self.first, start), min(self.first + self.count, start + self.size))

    def missing(self) -> list:
        """Numbers of the parts that have no file."""
        return [number for number in range(len(self)) if not self._file(number).exists()]

    def load(self, number):
        """{name: array} of a part; None where there is no file, or a damaged one."""
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
        """Deletes the files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, number):
        return self._folder / f"part-{number:05d}.npz"


def size_of(values, chunk) -> int:
    """Windows or frames of a part, a multiple of `chunk`, where each has so many values."""
    return chunk * max(1, VALUES // (chunk * values))
