"""suite2p output, of versions 0 and 1: raw fluorescence, neuropil and cell labels of one plane or of several.

Frame rate and fraction of neuropil come from `ops.npy` or `settings.npy`, if the folder has one. suite2p's `tau` does
not become the indicator's decay time, since it is often left at its default of 1 s; it is noted instead.
"""

import logging
import math
import numbers

import numpy as np

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import pickles, readers
from calciumgan_tf.recordings.contents import RAW, Contents

log = logging.getLogger(__name__)
DESCRIPTION = "suite2p folder (F.npy, Fneu.npy, iscell.npy)"
ARRAYS = ("F.npy", "Fneu.npy", "iscell.npy")
SETTINGS = ("ops.npy", "settings.npy", "db.npy")


def matches(path) -> bool:
    """Whether `path` is a folder that contains `F.npy`, or plane folders that contain it."""
    return bool(_planes(path))


def _planes(path) -> dict:
    """{number: folder} of the planes in a folder."""
    if not path.is_dir():
        return {}
    if (path / "F.npy").exists():
        return {0: path}
    folders = [one for one in path.glob("plane*") if (one / "F.npy").exists() and one.name[5:].isdigit()]
    return {int(one.name[5:]): one for one in sorted(folders, key=lambda one: int(one.name[5:]))}


def read(path, options):
    """Reads the cells of the planes; neuron ids are suite2p's own numbers, with the plane's if there are several.

    Raises:
      InputError: a missing file, shapes that do not match, no cell, several planes of which none is chosen.
    """
    planes = _planes(path)
    wanted = options.planes or (list(planes) if len(planes) == 1 else ())
    if not wanted:
        raise InputError(f"{path} has planes {', '.join(map(str, planes))}", "choose with --plane=0,1 or --plane=all")
    chosen = list(planes) if "all" in wanted else [int(number) for number in wanted]
    if unknown := [number for number in chosen if number not in planes]:
        raise InputError(
            f"{path} has no plane {', '.join(map(str, unknown))}", f"choose among {', '.join(map(str, planes))}"
        )
    parts = {number: _plane(planes[number]) for number in chosen}
    lengths = {number: part[0].shape[1] for number, part in parts.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{path}: planes with {lengths} frames", "choose planes of equal length with --plane")
    several = len(parts) > 1
    ids = [f"{number}_{cell}" if several else cell for number, part in parts.items() for cell in part[2]]
    settings = _settings(planes[chosen[0]], options)
    regions = sum(part[3] for part in parts.values())
    note = f"suite2p: {regions} regions, {regions - len(ids)} of them not cells and left out"
    if settings.get("tau"):
        note += f"; its tau was {settings['tau']:g} s"
    return Contents(
        traces=np.concatenate([part[0][part[2]] for part in parts.values()]).T,
        kind=RAW,
        files=tuple(planes[number] / name for number in chosen for name in ARRAYS),
        notes=(note,),
        frame_rate=settings.get("fs"),
        neuron_ids=tuple(ids),
        neuropil=np.concatenate([part[1][part[2]] for part in parts.values()]).T,
        neuropil_fraction=settings.get("neuropil"),
    )


def _plane(folder):
    """Fluorescence and neuropil (region, frame), numbers of the cells, and how many regions there are."""
    missing = [name for name in ARRAYS if not (folder / name).exists()]
    if missing:
        raise InputError(f"{folder} has no {' and no '.join(missing)}", "copy suite2p's whole output folder")
    fluorescence, neuropil, labels = (readers.load_npy(folder / name) for name in ARRAYS)
    regions = fluorescence.shape[:1]
    labels_match = labels.shape == regions or (labels.ndim == 2 and labels.shape[:1] == regions and labels.size)
    if fluorescence.ndim != 2 or fluorescence.shape != neuropil.shape or not labels_match:
        raise InputError(
            f"{folder}: F is {fluorescence.shape}, Fneu {neuropil.shape}, iscell {labels.shape}",
            "they have to come from the same run of suite2p",
        )
    cells = np.flatnonzero((labels[:, 0] if labels.ndim == 2 else labels) > 0)
    if not cells.size:
        raise InputError(f"{folder}: no region is marked as a cell", "curate iscell.npy in suite2p")
    if any((folder / name).exists() for name in ("F_chan2.npy", "Fneu_chan2.npy")):
        log.info("note: %s has a second channel, which is not read", folder)
    return fluorescence, neuropil, cells, len(fluorescence)


def _settings(folder, options) -> dict:
    """What the folder's settings say: {'fs', 'tau', 'neuropil'}, Hz, s and a fraction, as far as they are known.

    They are pickles, so they are not opened where the user gives all that is taken from them.
    """
    found = {}
    if options.frame_rate and options.neuropil is not None:
        return found
    for name in SETTINGS:
        if not (folder / name).exists():
            continue
        stored = pickles.load(folder / name, "give --frame_rate and --neuropil, and it is not opened")
        if not isinstance(stored, dict):
            raise InputError(f"{folder / name} holds no settings", "give --frame_rate and --neuropil instead")
        extraction = stored.get("extraction")
        nested = extraction.get("neuropil_coefficient") if isinstance(extraction, dict) else None
        values = {"fs": stored.get("fs"), "tau": stored.get("tau"), "neuropil": stored.get("neucoeff", nested)}
        for key, value in values.items():
            if isinstance(value, numbers.Real) and math.isfinite(value):
                found.setdefault(key, float(value))
    return found
