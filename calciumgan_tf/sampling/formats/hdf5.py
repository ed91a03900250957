"""This project's samples file."""

import pathlib

from calciumgan_tf.sampling import samples

DESCRIPTION = "a samples file (.h5)"

is_ours = samples.is_samples


def matches(path) -> bool:
    """Whether the name ends with `.h5` or has another suffix that HDF5 files have."""
    return pathlib.Path(path).suffix in (".h5", ".hdf5")


def write(path, parts, generated) -> None:
    """Streams them to a samples file, see `samples.write`."""
    attributes = generated.attributes | {"neuron_ids": generated.neuron_ids}
    samples.write(path, parts, generated.shape, attributes, generated.arrays, generated.condition_names)
