"""A table of text in long form: a line for each window, frame and neuron; of a session for each frame and neuron."""

import os
import pathlib

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.sampling.formats import CONDITIONS, SPIKES, TRACES, rows

DESCRIPTION = "a table in long form (.csv)"

is_ours = os.path.isfile


def matches(path) -> bool:
    """Whether the name ends with `.csv`."""
    return pathlib.Path(path).suffix == ".csv"


def write(path, parts, generated) -> None:
    """Streams lines `window,frame,seconds,neuron,dff`, of a session without `window`, and further arrays.

    Conditions have a column each.
    """
    further = [name for name in generated.of_neurons if name != TRACES]
    formats = ["%d", "%d", "%.6g", "%s", "%.6g", *("%d" if name == SPIKES else "%.6g" for name in further)]
    formats += ["%.6g"] * len(generated.condition_names)
    known, neurons = ["window", "frame", "seconds", "neuron", "dff"], generated.neurons
    if generated.session:
        formats, known = formats[1:], known[1:]
    line, names = ",".join(formats), np.array(generated.neuron_ids, object)
    with files.replacing(path) as partial, open(partial, "w", encoding="utf-8") as file:
        file.write(",".join([*known, *further, *generated.condition_names]) + "\n")
        written = 0
        for part in parts:
            columns = [part[name].ravel() for name in (TRACES, *further)]
            if generated.condition_names:
                columns += list(np.repeat(rows(part[CONDITIONS]), neurons, axis=0).T)
            place = np.repeat(written + np.arange(len(columns[0]) // neurons), neurons)  # of a frame in the whole
            written += len(columns[0]) // neurons
            if generated.session:
                frame = place + generated.attributes["start_frame"]
                columns = [frame, frame / generated.frame_rate, np.resize(names, len(frame)), *columns]
            else:
                window, frame = np.divmod(place, generated.shape[1])
                columns = [window, frame, frame / generated.frame_rate, np.resize(names, len(frame)), *columns]
            file.writelines(line % row + "\n" for row in zip(*columns))
