"""A table of text in long form: a line for each window, frame and neuron."""

import os
import pathlib

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.sampling.formats import SPIKES, TRACES

DESCRIPTION = "a table in long form (.csv)"

is_ours = os.path.isfile


def matches(path) -> bool:
    """Whether the name ends with `.csv`."""
    return pathlib.Path(path).suffix == ".csv"


def write(path, parts, generated) -> None:
    """Streams windows to lines `window,frame,seconds,neuron,dff` and a column for each further array."""
    further = [name for name in generated.arrays if name != TRACES]
    formats = ["%d", "%d", "%.6g", "%s", "%.6g", *("%d" if name == SPIKES else "%.6g" for name in further)]
    line = ",".join(formats)
    frames, neurons = generated.frames, generated.neurons
    seconds = np.arange(frames) / generated.frame_rate
    with files.replacing(path) as partial, open(partial, "w", encoding="utf-8") as file:
        file.write(",".join(["window", "frame", "seconds", "neuron", "dff", *further]) + "\n")
        window = 0
        for part in parts:
            for number in range(len(part[TRACES])):
                columns = [part[name][number].ravel() for name in (TRACES, *further)]
                frame = np.repeat(np.arange(frames), neurons)
                ids = np.tile(np.array(generated.neuron_ids, object), frames)
                rows = zip(np.full(frames * neurons, window), frame, seconds[frame], ids, *columns)
                file.writelines(line % row + "\n" for row in rows)
                window += 1
