"""Turns a recording of any known format into a prepared one (HDF5), and says what is in it.

    python prepare.py --recording=suite2p/plane0 --frame_rate=30.4 --output=data/mouse.h5
    python prepare.py --recording=suite2p/plane0 --frame_rate=30.4 --indicator=gcamp8m --output=data/mouse.h5
    python prepare.py --recording=traces.npy --frame_rate=2.2 --tau_rise=1.2 --tau_decay=2.45 --output=data/fish.h5
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
from calciumgan_tf.recordings.indicators import INDICATORS, named

log = logging.getLogger("calciumgan_tf")
RAW = 5  # dF/F; a median above it suggests raw fluorescence
DIFFERENT = 2  # ratio of estimated and given decay, in either direction, above which a note is printed
DRIFT = 3  # SD of the running baseline over the noise, above which a note is printed
RECORDING = flags.DEFINE_string("recording", None, "file or folder to read")
OUTPUT = flags.DEFINE_string("output", None, "file to write; default: a fresh data/NAME.h5")
FRAME_RATE = flags.DEFINE_float("frame_rate", None, "Hz, if the recording does not contain it", lower_bound=0)
INDICATOR = flags.DEFINE_string(
    "indicator",
    None,
    f"indicator whose kernel is used: {', '.join(INDICATORS)}; default: the recording's own, else each neuron's kernel "
    "is estimated",
)
TAU_RISE = flags.DEFINE_float(
    "tau_rise", None, "rise time of the indicator, s, with --tau_decay; default: 0", lower_bound=0
)
TAU_DECAY = flags.DEFINE_float(
    "tau_decay", None, "decay time of the indicator, s, instead of --indicator", lower_bound=0
)
DROP = flags.DEFINE_list("drop", [], "ids of neurons to leave out")
NEUROPIL = flags.DEFINE_float(
    "neuropil", 0.7, "suite2p: fraction r of the neuropil to subtract, F - r Fneu", lower_bound=0
)
BASELINE_SMOOTHING = flags.DEFINE_float(
    "baseline_smoothing", 10, "suite2p: SD of the Gaussian filter before the baseline, s", lower_bound=0
)
BASELINE_WINDOW = flags.DEFINE_float("baseline_window", 60, "suite2p: window of the running baseline, s", lower_bound=0)
SUBTRACT_BASELINE = flags.DEFINE_boolean(
    "subtract_baseline", False, "take the running baseline off dF/F that drifts, as for suite2p"
)
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace a prepared recording at --output")


def main():
    if not RECORDING.value:
        raise InputError("--recording is missing", "name a file or folder")
    if OUTPUT.value and not OUTPUT.value.endswith(".h5"):
        raise InputError(f"--output={OUTPUT.value} does not end with .h5", "choose a name that does")
    if INDICATOR.value is not None:
        named(INDICATOR.value)

    from calciumgan_tf.recordings import readers, recording

    name = pathlib.Path(RECORDING.value).resolve().stem
    default = pathlib.Path("data") / f"{name}.h5"
    path = files.output_path("output", OUTPUT.value, default, OVERWRITE.value, recording.is_prepared)
    data = readers.read(
        RECORDING.value,
        readers.Options(
            frame_rate=FRAME_RATE.value,
            indicator=INDICATOR.value or "",
            tau_rise=TAU_RISE.value,
            tau_decay=TAU_DECAY.value,
            neuropil=NEUROPIL.value,
            baseline_smoothing=BASELINE_SMOOTHING.value,
            baseline_window=BASELINE_WINDOW.value,
            subtract_baseline=SUBTRACT_BASELINE.value,
            drop=tuple(DROP.value),
        ),
    )
    describe(data)
    data.save(path)
    log.info("written: %s; next: python train.py --dataset=%s", path, path)


def describe(data):
    """Prints size and activity of a recording, with a note on anything that looks unlike dF/F."""
    from calciumgan_tf.recordings.baseline import running_baseline
    from calciumgan_tf.spikes import deconvolution

    own = estimated(data)
    settings = deconvolution.fit_recording(data)
    rate = (deconvolution.events(data.traces, settings) > 0).mean() * data.frame_rate
    log.info("%d neurons, %d frames at %g Hz, %.1f minutes", data.neurons, data.frames, data.frame_rate, data.minutes)
    log.info("kernel: %s", kernel_text(data, settings))
    log.info("%.3f events per second and neuron (OASIS)", rate)
    if not rate:
        log.info("note: no event in any neuron, so a model has nothing to learn; check that this is dF/F")
    decay = settings.tau_decay(data.frame_rate)
    if own is not None and not decay / DIFFERENT < own < DIFFERENT * decay:
        log.info(
            "note: transients seem to decay within %.3g s, not %.3g s; if the indicator is another one, say so with "
            "--indicator or --tau_decay",
            own,
            decay,
        )
    wander = running_baseline(data.traces, data.frame_rate).std(axis=0) / settings.noise
    if np.median(wander) > DRIFT:
        log.info(
            "note: the baseline drifts by %.1f times the noise, and drifts are taken for events; "
            "take it off with --subtract_baseline",
            np.median(wander),
        )
    log.info("%s", data.description)
    if DROP.value:
        log.info("left out: neuron %s", ", ".join(DROP.value))
    if np.median(data.traces) > RAW:
        log.info("note: half of the values are above %g, as in raw fluorescence; dF/F is needed", RAW)


def estimated(data) -> float | None:
    """Median decay of the neurons' kernels, s, beside one that is given; None without events, or if none is given."""
    from calciumgan_tf.spikes import kernels

    if data.kernel() is None:
        return None
    found = kernels.estimate(data.traces, ((0, data.frames),), data.frame_rate)
    return float(np.median(found.tau_decay)) if found.events.any() else None


def kernel_text(data, settings) -> str:
    """Rise and decay of the deconvolution, and where they come from."""
    times = f"rise {settings.tau_rise(data.frame_rate):.3g} s, decay {settings.tau_decay(data.frame_rate):.3g} s"
    if data.kernel() is None:
        decays = -1 / (data.frame_rate * np.log(settings.decay))
        low, high = np.quantile(decays, [0.25, 0.75])
        return f"{times} (estimated from {data.neurons} neurons, decay's interquartile range {low:.3g}-{high:.3g} s)"
    if data.tau_decay is None:
        return f"{times} (given by preset {data.indicator})"
    return f"{times} (given)"


if __name__ == "__main__":
    cli.run(main)
