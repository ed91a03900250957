"""A prepared recording, as `prepare.py` writes it."""

import dataclasses

from calciumgan_tf.recordings import readers, recording

DESCRIPTION = "prepared recording (.h5)"


def matches(path) -> bool:
    """Whether the name is that of an HDF5 file; `read` finds out whether it is a recording."""
    return path.is_file() and path.suffix in (".h5", ".hdf5")


def read(path, options):
    """Reads a prepared recording, with the frame rate and the indicator of `options` where they are given.

    A name given replaces stored times, and times given replace those of a stored name.

    Raises:
      InputError: a damaged file, one of another format, or an unknown neuron to leave out.
    """
    stored = recording.load(path)
    given = {name: value for name, value in options.kernel().items() if value not in ("", None)}
    if not (options.drop or options.frame_rate or given or options.subtract_baseline):
        return stored
    kernel = {name: getattr(stored, name) for name in options.kernel()}
    if "indicator" in given:
        kernel |= {"tau_rise": None, "tau_decay": None}
    elif "tau_decay" in given:
        kernel |= {"tau_rise": None}
    traces, neuron_ids = readers.keep(stored.traces, stored.neuron_ids, options, path)
    spikes = stored.spikes
    if spikes is not None:
        spikes, _ = readers.keep(spikes, stored.neuron_ids, options, path)
    traces, how = readers.less_baseline(traces, options.frame_rate or stored.frame_rate, options)
    return dataclasses.replace(
        stored,
        traces=traces,
        description=stored.description + how,
        spikes=spikes,
        neuron_ids=neuron_ids,
        frame_rate=options.frame_rate or stored.frame_rate,
        **kernel | given,
    )
