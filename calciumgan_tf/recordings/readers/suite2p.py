"""suite2p output: raw fluorescence, neuropil and cell labels of one plane, turned to dF/F.

    C  = F - r * Fneu                                         neuropil-corrected, r = .7
    F0 = running maximum(running minimum(Gaussian(C)))        suite2p's "maximin" baseline: 10 s SD, 60 s windows
    dF/F = (C - F0) / F0

The running baseline follows slow drifts, which would otherwise be taken for activity. suite2p itself subtracts the
baseline but does not divide by it; the division makes neurons of different brightness comparable.

Source of correction and baseline: Pachitariu et al. 2017, bioRxiv 061507, and suite2p's documentation of `neucoeff`,
`sig_baseline` and `win_baseline`.
"""

import numpy as np

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.baseline import running_baseline
from calciumgan_tf.recordings.recording import Recording, check_finite

DESCRIPTION = "suite2p folder (F.npy, Fneu.npy, iscell.npy)"


def matches(path) -> bool:
    """Whether `path` is a folder that contains `F.npy`, or plane folders that contain it."""
    return _plane(path) is not None


def _plane(path):
    if not path.is_dir():
        return None
    planes = [path] if (path / "F.npy").exists() else [p for p in sorted(path.glob("plane*")) if (p / "F.npy").exists()]
    if len(planes) > 1:
        raise InputError(f"{path} has {len(planes)} planes", f"name one of them, such as {planes[0]}")
    return planes[0] if planes else None


def read(path, options):
    """Reads the cells of one plane as dF/F; neuron ids are suite2p's own numbers.

    Raises:
      InputError: a missing file, shapes that do not match, no cell, or no frame rate.
    """
    plane = _plane(path)
    names = [plane / "F.npy", plane / "Fneu.npy", plane / "iscell.npy"]
    missing = [name.name for name in names if not name.exists()]
    if missing:
        raise InputError(f"{plane} has no {' and no '.join(missing)}", "copy suite2p's whole output folder")
    fluorescence, neuropil, labels = map(readers.load_npy, names)
    regions = fluorescence.shape[:1]
    labels_match = labels.shape == regions or (labels.ndim == 2 and labels.shape[:1] == regions and labels.size)
    if fluorescence.ndim != 2 or fluorescence.shape != neuropil.shape or not labels_match:
        raise InputError(
            f"{plane}: F is {fluorescence.shape}, Fneu {neuropil.shape}, iscell {labels.shape}",
            "they have to come from the same run of suite2p",
        )
    cells = np.flatnonzero((labels[:, 0] if labels.ndim == 2 else labels) > 0)
    if not cells.size:
        raise InputError(f"{plane}: no region is marked as a cell", "curate iscell.npy in suite2p")
    if not options.frame_rate:
        raise InputError(f"{plane}: no frame rate", "give it in Hz with --frame_rate")
    raw, neuron_ids = readers.keep(np.asarray(fluorescence)[cells].T, cells, options, plane)
    around, _ = readers.keep(np.asarray(neuropil)[cells].T, cells, options, plane)
    return Recording(
        traces=delta_f_over_f(raw, around, neuron_ids, options, plane),
        frame_rate=options.frame_rate,
        **options.kernel(),
        source=str(path),
        source_sha256=readers.sha256(*names),
        neuron_ids=neuron_ids,
        description=(
            f"suite2p: {len(fluorescence)} regions, {len(fluorescence) - len(cells)} of them not cells and left out; "
            f"F - {options.neuropil} Fneu; maximin baseline, {options.baseline_smoothing} s and "
            f"{options.baseline_window} s"
        ),
    )


def delta_f_over_f(fluorescence, neuropil, neuron_ids, options, source):
    """dF/F of raw fluorescence by the formula at the top of this file.

    Args:
      fluorescence: (frame, neuron), in the camera's units.
      neuropil: (frame, neuron), in the same units.
      neuron_ids: a name for each neuron, for messages.
      options: readers.Options.
      source: where the data come from, for messages.

    Returns:
      float64 (frame, neuron).

    Raises:
      InputError: a baseline that is not positive, for which dF/F is undefined; the message names the neuron.
    """
    corrected = np.asarray(fluorescence, np.float64) - options.neuropil * np.asarray(neuropil, np.float64)
    check_finite(corrected, neuron_ids, source)
    baseline = running_baseline(corrected, options.frame_rate, options.baseline_smoothing, options.baseline_window)
    dark = [name for name, lowest in zip(neuron_ids, baseline.min(axis=0)) if lowest <= 0]
    if dark:
        raise InputError(
            f"{source}: the baseline of neuron {', '.join(dark)} falls to 0 or below after neuropil correction",
            f"use a smaller --neuropil or leave it out with prepare.py --drop={','.join(dark)}",
        )
    return corrected / baseline - 1
