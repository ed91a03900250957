"""A folder in the shape of suite2p's output, which suite2p's window and other tools open.

Windows follow each other; a session is continuous. Fluorescence is 1000 (1 + dF/F), so that a reader that computes dF/F
anew finds a positive baseline; neuropil is 0, all regions are cells, and their places are a grid.
"""

import pathlib

import numpy as np

from calciumgan_tf import files
from calciumgan_tf.sampling.formats import TRACES, rows

DESCRIPTION = "a folder like suite2p's (a name that ends with /)"
LEVEL = 1000.0  # fluorescence of dF/F = 0
SIZE, GAP = 8, 4  # pixels of a region and between regions
MARK = "synthetic"  # key of ops.npy by which a folder of ours is recognised


def matches(path) -> bool:
    """Whether the name ends with a slash."""
    return str(path).endswith("/")


def is_ours(path) -> bool:
    """Whether a folder was written here."""
    plane = pathlib.Path(path) / "plane0"
    ours = {"F.npy", "Fneu.npy", "iscell.npy", "ops.npy", "stat.npy", "spks.npy"}
    if not plane.is_dir() or {one.name for one in pathlib.Path(path).iterdir()} != {"plane0"}:
        return False
    return {one.name for one in plane.iterdir()} <= ours and MARK.encode() in (plane / "ops.npy").read_bytes()


def write(path, parts, generated) -> None:
    """Writes plane0 with F, Fneu, iscell, spks, stat and ops; `spks` has the events, else the spikes, else zeros."""
    frames, neurons = generated.frames, generated.neurons
    activity = next((name for name in reversed(generated.of_neurons) if name != TRACES), None)
    with files.replacing_folder(path) as partial:
        plane = partial / "plane0"
        plane.mkdir()
        shape = (neurons, frames)
        fluorescence, spikes = (
            np.lib.format.open_memmap(plane / f"{name}.npy", "w+", np.float32, shape) for name in ("F", "spks")
        )
        np.lib.format.open_memmap(plane / "Fneu.npy", "w+", np.float32, shape).flush()
        written = 0
        for part in parts:
            traces = rows(part[TRACES])
            fluorescence[:, written : written + len(traces)] = LEVEL * (1 + traces.T)
            if activity:
                spikes[:, written : written + len(traces)] = rows(part[activity]).T
            written += len(traces)
        fluorescence.flush()
        spikes.flush()
        side = int(np.ceil(np.sqrt(neurons)))
        pixels = side * (SIZE + GAP)
        np.save(plane / "iscell.npy", np.ones((neurons, 2), np.float32))
        np.save(plane / "stat.npy", np.array([_region(number, side) for number in range(neurons)], object))
        ops = {
            "fs": generated.frame_rate,
            "tau": generated.attributes.get("tau_decay") or 1.0,
            "neucoeff": 0.0,
            "nframes": frames,
            "nplanes": 1,
            "nchannels": 1,
            "Ly": pixels,
            "Lx": pixels,
            "yrange": [0, pixels],
            "xrange": [0, pixels],
            "meanImg": _image(neurons, side, pixels),
            "save_path": str(path),
            MARK: generated.about,
        }
        np.save(plane / "ops.npy", np.array(ops, object))


def _corner(number, side):
    return tuple((SIZE + GAP) * place + GAP // 2 for place in divmod(number, side))


def _region(number, side):
    y, x = np.mgrid[:SIZE, :SIZE].reshape(2, -1) + np.array(_corner(number, side))[:, None]
    return {
        "ypix": y,
        "xpix": x,
        "lam": np.full(SIZE**2, 1 / SIZE**2, np.float32),
        "med": [float(np.median(y)), float(np.median(x))],
        "npix": SIZE**2,
        "radius": SIZE / 2,
        "aspect_ratio": 1.0,
        "compact": 1.0,
        "footprint": 1.0,
        "skew": 0.0,
        "std": 0.0,
        "overlap": np.zeros(SIZE**2, bool),
    }


def _image(neurons, side, pixels):
    image = np.zeros((pixels, pixels), np.float32)
    for number in range(neurons):
        y, x = _corner(number, side)
        image[y : y + SIZE, x : x + SIZE] = LEVEL
    return image
