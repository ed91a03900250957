"""Stimuli or behaviour beside a recording: a row a frame, a column a condition."""

import pathlib

import numpy as np

from calciumgan_tf.errors import InputError


def added(contents, path):
    """Contents with the conditions of a text or `.npy` file; unchanged without a path.

    Args:
      contents: Contents.
      path: file with (frame, condition), or one number a frame; or None.

    Raises:
      InputError: missing, damaged, or not a number for each frame.
    """
    if path is None:
        return contents
    path = pathlib.Path(path)
    values, names = read(path)
    names = names or ((path.stem,) if values.shape[1] == 1 else ())
    return contents.changed(
        f"conditions of {path.name}",
        conditions=values,
        further=contents.further | {"condition_names": names},
        files=(*contents.files, path),
    )


def read(path):
    """The conditions in a text or `.npy` file.

    Args:
      path: file with (frame, condition), or one number a frame.

    Returns:
      float32 (frame, condition), and their names; () where the file has none.

    Raises:
      InputError: missing or damaged.
    """
    from calciumgan_tf.recordings import readers
    from calciumgan_tf.recordings.readers import text

    path = pathlib.Path(path)
    if not path.exists():
        raise InputError(f"--conditions={path} does not exist", "check the path")
    values, names = (readers.load_npy(path), ()) if path.suffix == ".npy" else text.table(path)
    values = np.asarray(values, np.float32)
    if values.ndim == 2 and values.shape[0] == 1:  # a row of numbers
        values = values.T
    return (values[:, None] if values.ndim == 1 else values), tuple(names)
