"""NWB files: a RoiResponseSeries by PyNWB, wherever in the file it is."""

import logging

import numpy as np

from calciumgan_tf import files, hdf5, optional
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import indicators
from calciumgan_tf.recordings.contents import DENOISED, DFF, RAW, UNKNOWN, Contents
from calciumgan_tf.recordings.readers.text import even_rate

log = logging.getLogger(__name__)
DESCRIPTION = "NWB file (.nwb)"
REMEDY = "it may be truncated or damaged; see what `python -m pynwb.validate` says of it"
NOT_TRACES = (
    "neuropil",
    "deconv",
    "spike",
    "event",
    "background",
)  # parts of the names of series that are not fluorescence
ACCEPTED = ("accepted", "is_accepted", "iscell", "is_cell")  # columns of a plane segmentation


def matches(path) -> bool:
    """Whether the name of the file ends with `.nwb`."""
    return path.is_file() and path.suffix == ".nwb"


def read(path, options):
    """Reads a series of dF/F, else one of fluorescence, of which neuropil of the same shape is subtracted.

    Raises:
      InputError: damaged, no series, several of which none is chosen, or frames that are not evenly spaced.
    """
    pynwb = optional.load("pynwb", "formats")
    hdf5.check_file(path)
    with files.reading(path, REMEDY), pynwb.NWBHDF5IO(str(path), "r", load_namespaces=False) as io:
        file = io.read()
        found = [one for one in file.objects.values() if isinstance(one, pynwb.ophys.RoiResponseSeries)]
        series = {_name(one): one for one in sorted(found, key=_name)}
        if not series:
            raise InputError(f"{path} has no RoiResponseSeries", "the traces have to be in one")
        name = _chosen(series, options, path)
        chosen, kind = series[name], _kind(name, series[name])
        traces = _array(chosen)
        neuropil = _neuropil(series, name) if kind == RAW else None
        cells = _accepted(chosen, traces.shape[1])
        if not cells.any():
            raise InputError(f"{path}: no region of {name} is accepted", "curate them, or choose another --series")
        ids = np.array(list(map(str, chosen.rois.table.id[:])))[np.asarray(chosen.rois.data[:])]
        rate = None if options.frame_rate and not chosen.rate else _rate(chosen, f"{path}, {name}")
        _note_indicator(chosen, options, path)
        about = f"NWB series {name}; {len(cells)} regions, {np.count_nonzero(~cells)} of them not accepted and left out"
        return Contents(
            traces=traces[:, cells],
            kind=kind,
            files=(path,),
            notes=(about,),
            frame_rate=rate,
            neuron_ids=tuple(ids[cells]),
            neuropil=None if neuropil is None else neuropil[:, cells],
        )


def _note_indicator(series, options, path):
    """Offers the kernel of the indicator that the imaging plane names, since it was measured in another preparation."""
    named = getattr(getattr(series.rois.table, "imaging_plane", None), "indicator", "")
    known = indicators.mentioned(named)
    if known and not any(options.kernel().values()):
        log.info(
            "note: %s was recorded with %s; --indicator=%s takes its kernel in mouse visual cortex instead of an "
            "estimate", path, named, known,
        )  # fmt: skip


def _name(series):
    return f"{series.parent.name}/{series.name}" if series.parent is not None else series.name


def _kind(name, series):
    text = f"{name} {series.unit}".lower().replace("/", "").replace("_", "").replace(" ", "")
    if "denois" in text:
        return DENOISED
    if any(word in text for word in ("dff", "dfof", "dfoverf", "deltaf")):
        return DFF
    return RAW if "raw" in text or "neuropil" in text else UNKNOWN


def _chosen(series, options, path):
    if options.series is not None:
        fitting = [name for name in series if options.series in (name, name.split("/")[-1])]
        if len(fitting) != 1:
            raise InputError(f"{path} has {len(fitting)} series {options.series}", f"choose among {', '.join(series)}")
        return fitting[0]
    traces = [name for name in series if not any(word in name.lower() for word in NOT_TRACES)]
    for kinds in ((DFF,), (RAW, UNKNOWN), (DENOISED,)):
        fitting = [name for name in traces if _kind(name, series[name]) in kinds]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    listed = ", ".join(f"{name} {one.data.shape}" for name, one in series.items())
    raise InputError(f"{path} has several series", f"name one with --series: {listed}")


def _array(series):
    data = np.asarray(series.data[:], np.float64)
    data = data[:, None] if data.ndim == 1 else data
    conversion = 1.0 if series.conversion is None else series.conversion
    return data * conversion + (series.offset or 0.0)


def _neuropil(series, name):
    """Of the same shape as the series of this name, if there is exactly one."""
    shape = series[name].data.shape
    around = [one for key, one in series.items() if "neuropil" in key.lower() and key != name]
    fitting = [one for one in around if one.data.shape == shape]
    return _array(fitting[0]) if len(fitting) == 1 else None


def _accepted(series, regions):
    table = series.rois.table
    rows = np.asarray(series.rois.data[:])
    for column in table.colnames:
        if column.lower() in ACCEPTED:
            values = np.asarray(table[column][:])
            return (values[:, 0] if values.ndim == 2 else values)[rows] > 0
    return np.ones(regions, bool)


def _rate(series, source):
    if series.rate:
        return float(series.rate)
    return even_rate(series.timestamps[:], source)
