"""Tables of numbers as text, with or without a header: `.csv`, `.tsv`, or numbers between spaces."""

import warnings

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.contents import UNKNOWN, Contents

DESCRIPTION = "text (.csv, .tsv, .txt, or any table of numbers), a row a frame"
SUFFIXES = (".csv", ".tsv", ".txt", ".dat")
TIMES = ("time", "times", "t", "time_s", "time (s)", "seconds")  # names of a first column that is no neuron
UNEVEN = 0.01  # of the median frame, by which frames may differ
BEGINNING = 1 << 12  # characters that decide whether a file is a table
REMEDY = "write numbers separated by commas, tabs or spaces, a row a frame"


def matches(path) -> bool:
    """Whether the name says so, or else the first line consists of numbers."""
    if not path.is_file():
        return False
    if path.suffix in SUFFIXES:
        return True
    try:
        line = path.read_bytes()[:BEGINNING].decode("ascii").splitlines()[0]
    except (UnicodeDecodeError, IndexError):
        return False
    words = line.replace(",", " ").replace(";", " ").split()[:-1]  # the last one may be cut
    return bool(words) and _numbers(words)


def table(path):
    """A text file as numbers.

    Returns:
      float64 (row, column), and the names of the columns; () without a header.

    Raises:
      InputError: text that is no table of numbers.
    """
    with files.reading(path, REMEDY), open(path, encoding="utf-8-sig") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # loadtxt warns of an empty file
        first = file.readline()
        delimiter = next((mark for mark in ("\t", ";", ",") if mark in first), None)
        words = [word.strip().strip('"') for word in (first.split(delimiter) if delimiter else first.split())]
        header = not _numbers(words)
        if not header:
            file.seek(0)
        values = np.loadtxt(file, delimiter=delimiter, ndmin=2, comments=None)
        if not values.size:
            raise ValueError("it holds no numbers")
        if header and len(words) != values.shape[1]:
            raise ValueError(f"{len(words)} names for {values.shape[1]} columns")
    return values, tuple(words) if header else ()


def _numbers(words):
    try:
        [float(word) for word in words]
    except ValueError:
        return False
    return True


def read(path, options):
    """Reads a table; a first column named as a time gives the frame rate.

    Raises:
      InputError: text that is no table of numbers, or times that are not evenly spaced.
    """
    values, names = table(path)
    rate = None
    if names and names[0].lower() in TIMES:
        rate, values, names = even_rate(values[:, 0], path), values[:, 1:], names[1:]
    return Contents(values, UNKNOWN, (path,), ("text",), frame_rate=rate, neuron_ids=names)


def even_rate(times, source) -> float:
    """Frames per second of evenly spaced times in seconds.

    Raises:
      InputError: times that are not evenly spaced; the message has their spread.
    """
    steps = np.diff(np.asarray(times, np.float64))
    step = float(np.median(steps)) if steps.size else 0.0
    if not step > 0 or np.abs(steps - step).max() > UNEVEN * step:
        spread = f"{steps.min():.4g} to {steps.max():.4g} s" if steps.size else "none"
        raise InputError(
            f"{source}: frames are not evenly spaced, their distances are {spread}",
            "resample the traces to a constant frame rate first",
        )
    return float(len(steps) / (times[-1] - times[0]))
