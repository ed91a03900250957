"""Output of other segmentation programs, by the library roiextractors.

CaImAn, CNMF-E, EXTRACT, Inscopix, Minian and SIMA. Traces of dF/F are taken where there are any, else raw ones, else
denoised ones, which have no noise to learn.
"""

import logging
import warnings

import numpy as np

from calciumgan_tf import files, hdf5, optional
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.contents import DENOISED, DFF, RAW, Contents

log = logging.getLogger(__name__)
DESCRIPTION = "output of CaImAn (.hdf5), CNMF-E, EXTRACT (.mat), Inscopix (.isxd), Minian (folder) or SIMA (.sima)"
REMEDY = "it may be damaged, or of a version that roiextractors does not know"
KINDS = {"dff": DFF, "raw": RAW, "denoised": DENOISED}  # the first that there is
ACCEPTED = ("is_accepted", "iscell", "cell_status")
YES = ("accepted", "cell", "true", "1", "1.0")


def matches(path) -> bool:
    """Whether a program is recognised by the name or the groups of the file."""
    return program(path) is not None


def program(path) -> str | None:
    """Name of the program whose output `path` is; None for anything else."""
    if path.suffix == ".isxd":
        return "Inscopix"
    if path.suffix == ".sima":
        return "Sima"
    if path.is_dir():
        return "Minian" if (path / "C.zarr").is_dir() else None
    if path.suffix in (".h5", ".hdf5", ".mat"):
        groups = hdf5.names(path)
        if path.suffix != ".mat":
            return "Caiman" if {"estimates", "params"} <= groups else None
        if "output" in groups:
            return "Extract"
        if any("extracted_traces" in hdf5.names(path, group) for group in groups):
            return "Cnmfe"
    return None


def read(path, options):
    """Reads the accepted regions.

    Raises:
      InputError: roiextractors is not installed, can't read the file, or finds no traces.
    """
    roiextractors = optional.load("roiextractors", "formats")
    name = program(path)
    with files.reading(path, REMEDY), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.is_file() and path.suffix != ".isxd":
            hdf5.check_file(path)
        extractor = getattr(roiextractors, f"{name}SegmentationExtractor")(str(path))
        traces = {kind: extractor.get_traces(name=kind) for kind in (*KINDS, "neuropil") if _has(extractor, kind)}
        found = next((kind for kind in KINDS if kind in traces), None)
        if found is None:
            raise InputError(f"{path} has no traces", "run the program again and save them")
        cells = _accepted(extractor, traces[found].shape[1])
        if not cells.any():
            raise InputError(f"{path}: no region is accepted", "curate them in the program that made the file")
        ids = np.array(list(map(str, extractor.get_roi_ids())))
        rate = extractor.get_sampling_frequency()
    about = (
        f"{name}, traces {found}; {len(cells)} regions, {np.count_nonzero(~cells)} of them not accepted and left out"
    )
    around = traces.get("neuropil") if found == "raw" else None
    return Contents(
        traces=np.asarray(traces[found])[:, cells],
        kind=KINDS[found],
        files=(path,) if path.is_file() else tuple(sorted(one for one in path.rglob("*") if one.is_file())),
        notes=(about,),
        frame_rate=float(rate) if rate else None,
        neuron_ids=tuple(ids[cells]),
        neuropil=None if around is None else np.asarray(around)[:, cells],
    )


def _has(extractor, kind):
    found = extractor.get_traces_dict().get(kind)
    return found is not None and np.ndim(found) == 2 and np.size(found)


def _accepted(extractor, regions):
    for name in ACCEPTED:
        if name in extractor.get_property_keys():
            values = np.asarray(extractor.get_property(key=name, ids=extractor.get_roi_ids()))
            values = values[:, 0] if values.ndim == 2 else values
            if values.dtype.kind in "biuf":
                return values > 0
            return np.array([str(value).lower() in YES for value in values])
    return np.ones(regions, bool)
