"""A prepared recording, as `prepare.py` writes it."""

import dataclasses

from calciumgan_tf.recordings import readers, recording

DESCRIPTION = "prepared recording (.h5)"


def matches(path) -> bool:
    """Whether the name is that of an HDF5 file; `read` finds out whether it is a recording."""
    return path.is_file() and path.suffix in (".h5", ".hdf5")


def read(path, options):
    """Reads a prepared recording, with the frame rate and tau_decay of `options` where they are given.

    Raises:
      InputError: a damaged file, one of another format, or an unknown neuron to leave out.
    """
    stored = recording.load(path)
    if not options.drop and options.frame_rate is None and options.tau_decay is None:
        return stored
    traces, neuron_ids = readers.keep(stored.traces, stored.neuron_ids, options, path)
    spikes = stored.spikes
    if spikes is not None:
        spikes, _ = readers.keep(spikes, stored.neuron_ids, options, path)
    return dataclasses.replace(
        stored,
        traces=traces,
        spikes=spikes,
        neuron_ids=neuron_ids,
        frame_rate=options.frame_rate or stored.frame_rate,
        tau_decay=options.tau_decay or stored.tau_decay,
    )
