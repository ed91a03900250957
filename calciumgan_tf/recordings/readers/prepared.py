"""A prepared recording, as `prepare.py` writes it."""

from calciumgan_tf.recordings import recording
from calciumgan_tf.recordings.contents import DFF, Contents

DESCRIPTION = "prepared recording (.h5)"
FURTHER = (
    "source", "source_sha256", "tau_decay", "tau_rise", "indicator", "spikes_kind", "s_min", "trial_frames",
    "condition_names",
)  # fmt: skip


def matches(path) -> bool:
    """Whether the name is that of an HDF5 file; `read` finds out whether it is a recording."""
    return path.is_file() and path.suffix in (".h5", ".hdf5")


def read(path, options):
    """Reads a prepared recording.

    Raises:
      InputError: a damaged file, or one of another format.
    """
    stored = recording.load(path)
    return Contents(
        traces=stored.traces,
        kind=DFF,
        files=(path,),
        notes=(stored.description,),
        frame_rate=stored.frame_rate,
        neuron_ids=stored.neuron_ids,
        spikes=stored.spikes,
        conditions=stored.conditions,
        joins=stored.joins,
        further={name: getattr(stored, name) for name in FURTHER},
    )
