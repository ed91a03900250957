"""Several recordings of one population, one after the other: no window crosses from one to the next."""

import dataclasses
import hashlib

import numpy as np

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import Recording

SAME = ("frame_rate", "neuron_ids", "tau_decay", "tau_rise", "indicator", "s_min", "condition_names")
PER_FRAME = ("traces", "spikes", "conditions")


def joined(recordings) -> Recording:
    """One recording of all frames, in the order given.

    Args:
      recordings: list of Recording, of the same neurons at the same frame rate.

    Raises:
      InputError: recordings of different populations, or that consist of trials; the message names what differs.
    """
    first = recordings[0]
    if len(recordings) == 1:
        return first
    for other in recordings[1:]:
        for name in SAME:
            if getattr(other, name) != getattr(first, name):
                raise InputError(
                    f"{other.source} and {first.source} have different {name}", "join files of one population only"
                )
        for name in PER_FRAME:
            if (getattr(other, name) is None) != (getattr(first, name) is None):
                raise InputError(f"only one of {other.source} and {first.source} has {name}", "give it for both")
    if any(one.trial_frames for one in recordings):
        raise InputError(f"{first.source} consists of trials", "recordings of trials can't be joined")
    starts = np.cumsum([0, *(one.frames for one in recordings)])[:-1].tolist()
    joins = [start + join for start, one in zip(starts, recordings) for join in (0, *one.joins)][1:]
    hashes = "".join(one.source_sha256 for one in recordings)
    together = {
        name: None if getattr(first, name) is None else np.concatenate([getattr(one, name) for one in recordings])
        for name in PER_FRAME
    }
    return dataclasses.replace(
        first,
        source=", ".join(one.source for one in recordings),
        source_sha256=hashlib.sha256(hashes.encode()).hexdigest(),
        description=f"{len(recordings)} recordings joined; the first: {first.description}",
        joins=tuple(joins),
        **together,
    )
