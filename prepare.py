"""Turns a recording of any known format into a prepared one (HDF5), and says what is in it.

    python prepare.py --recording=suite2p/plane0 --frame_rate=30.4 --output=data/mouse.h5
    python prepare.py --recording=traces.npy --frame_rate=2.2 --tau_decay=1.5 --output=data/fish.h5
    python prepare.py --recording=traces.npy --frame_rate=2.2 --drop=3,17 --output=data/fish.h5

Known formats: a suite2p folder, a .npy array (frame, neuron) of dF/F, and prepared recordings. The formulas are in
calciumgan_tf/recordings/readers/.
"""

import logging
import pathlib

import numpy as np
from absl import flags

from calciumgan_tf import cli, files
from calciumgan_tf.errors import InputError

log = logging.getLogger("calciumgan_tf")
RAW = 5  # dF/F; a median above it suggests raw fluorescence
SLOW = 3  # ratio of measured decay and tau_decay, in either direction, above which a note is printed
RECORDING = flags.DEFINE_string("recording", None, "file or folder to read")
OUTPUT = flags.DEFINE_string("output", None, "file to write; default: a fresh data/NAME.h5")
FRAME_RATE = flags.DEFINE_float("frame_rate", None, "Hz, if the recording does not contain it", lower_bound=0)
TAU_DECAY = flags.DEFINE_float(
    "tau_decay", None, "decay time of the indicator, s; default: the recording's own, else .812", lower_bound=0
)
DROP = flags.DEFINE_list("drop", [], "ids of neurons to leave out")
NEUROPIL = flags.DEFINE_float(
    "neuropil", 0.7, "suite2p: fraction r of the neuropil to subtract, F - r Fneu", lower_bound=0
)
BASELINE_SMOOTHING = flags.DEFINE_float(
    "baseline_smoothing", 10, "suite2p: SD of the Gaussian filter before the baseline, s", lower_bound=0
)
BASELINE_WINDOW = flags.DEFINE_float("baseline_window", 60, "suite2p: window of the running baseline, s", lower_bound=0)
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace a prepared recording at --output")


def main():
    if not RECORDING.value:
        raise InputError("--recording is missing", "name a file or folder")
    if OUTPUT.value and not OUTPUT.value.endswith(".h5"):
        raise InputError(f"--output={OUTPUT.value} does not end with .h5", "choose a name that does")

    from calciumgan_tf.recordings import readers, recording

    name = pathlib.Path(RECORDING.value).resolve().stem
    default = pathlib.Path("data") / f"{name}.h5"
    path = files.output_path("output", OUTPUT.value, default, OVERWRITE.value, recording.is_prepared)
    data = readers.read(
        RECORDING.value,
        readers.Options(
            frame_rate=FRAME_RATE.value,
            tau_decay=TAU_DECAY.value,
            neuropil=NEUROPIL.value,
            baseline_smoothing=BASELINE_SMOOTHING.value,
            baseline_window=BASELINE_WINDOW.value,
            drop=tuple(DROP.value),
        ),
    )
    describe(data)
    data.save(path)
    log.info("written: %s; next: python train.py --dataset=%s", path, path)


def describe(data):
    """Prints size and activity of a recording, with a note on anything that looks unlike dF/F."""
    from calciumgan_tf.spikes import deconvolution

    settings = deconvolution.fit_settings(data.traces, data.g, data.s_min)
    rate = (deconvolution.events(data.traces, settings) > 0).mean() * data.frame_rate
    decay = deconvolution.decay_of_activity(data.traces, data.frame_rate)
    log.info("%d neurons, %d frames at %g Hz, %.1f minutes", data.neurons, data.frames, data.frame_rate, data.minutes)
    log.info("%.3f events per second and neuron (OASIS, tau_decay %g s, g %.4f)", rate, data.tau_decay, data.g)
    if not rate:
        log.info(
            "note: no event in any neuron, so a model has nothing to learn; check that this is dF/F, and tau_decay"
        )
    log.info("activity decays within %.3g s (autocovariance)", decay)
    if not data.tau_decay / SLOW < decay < SLOW * data.tau_decay:
        log.info(
            "note: tau_decay is %g s; if that is not the indicator's decay, say so with --tau_decay", data.tau_decay
        )
    log.info("%s", data.description)
    if DROP.value:
        log.info("left out: neuron %s", ", ".join(DROP.value))
    if np.median(data.traces) > RAW:
        log.info("note: half of the values are above %g, as in raw fluorescence; dF/F is needed", RAW)


if __name__ == "__main__":
    cli.run(main)
