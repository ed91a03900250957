"""The project's own prepared recording."""

import dataclasses

from calciumgan_tf.recordings import readers, recording

DESCRIPTION = "prepared recording (.h5)"


def matches(path) -> bool:
    """Any HDF5 file by its name; whether it is a recording is told by reading it."""
    return path.is_file() and path.suffix in (".h5", ".hdf5")


def read(path, options):
    """The file's own frame rate and tau_decay, unless `options` says otherwise; neurons dropped as asked."""
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
