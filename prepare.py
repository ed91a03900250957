"""Turns a recording of any known format into a prepared one (HDF5), and says what is in it.

    python prepare.py --recording=suite2p/plane0 --output=data/mouse.h5
    python prepare.py --recording=session.nwb --indicator=gcamp8m
    python prepare.py --recording=paper.mat --variable=dff --transpose --frame_rate=2.2 --drop=3,17
    python prepare.py --recording=day1.csv --recording=day2.csv --frame_rate=30 --drop_bad_neurons
    python prepare.py --recording=traces.npy --frame_rate=2.2 --tau_rise=1.2 --tau_decay=2.45 --conditions=stimuli.txt

Known formats: suite2p, CaImAn and other segmentation programs, NWB, MATLAB, NumPy, text, and prepared recordings; how
each is read is in calciumgan_tf/recordings/readers/. Raw fluorescence becomes dF/F; what is dF/F already stays.
"""

import logging
import pathlib

import numpy as np
from absl import flags

from calciumgan_tf import cli, files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.contents import DFF, RAW
from calciumgan_tf.recordings.indicators import INDICATORS, named

log = logging.getLogger("calciumgan_tf")
DIFFERENT = 2  # ratio of estimated and given decay, in either direction, above which a note is printed
ALIKE = 0.01  # relative interquartile range of the neurons' decays below which they are said to be alike
DRIFT = 3  # SD of the running baseline over the noise, above which a note is printed
RECORDING = flags.DEFINE_multi_string(
    "recording", [], "file or folder to read; given several times, files of one population are joined"
)
OUTPUT = flags.DEFINE_string("output", None, "file to write; default: a fresh data/NAME.h5")
FRAME_RATE = flags.DEFINE_float(
    "frame_rate", None, "Hz, where the recording does not contain it, or to correct it", lower_bound=0
)
INDICATOR = flags.DEFINE_string(
    "indicator",
    None,
    f"indicator whose kernel is used: {', '.join(INDICATORS)}; default: that of a prepared recording, else each "
    "neuron's kernel is estimated",
)
TAU_RISE = flags.DEFINE_float(
    "tau_rise", None, "rise time of the indicator, s, with --tau_decay; default: 0", lower_bound=0
)
TAU_DECAY = flags.DEFINE_float(
    "tau_decay", None, "decay time of the indicator, s, instead of --indicator", lower_bound=0
)
TRANSPOSE = flags.DEFINE_boolean("transpose", False, "the file has (neuron, frame) instead of (frame, neuron)")
VARIABLE = flags.DEFINE_string("variable", None, "name of the array, in a .mat or .npz file with several")
SERIES = flags.DEFINE_string("series", None, "name of the RoiResponseSeries, in an NWB file with several")
PLANE = flags.DEFINE_list("plane", [], "suite2p: numbers of planes, or 'all'")
DROP_ROWS = flags.DEFINE_integer(
    "drop_rows", 0, "CalciumGAN's pickle: rows at the beginning that are not neurons", lower_bound=0
)
FLUORESCENCE = flags.DEFINE_enum(
    "fluorescence", None, [DFF, RAW], "what the traces are; default: as the file says, else by their values"
)
FRAMES = flags.DEFINE_string("frames", None, "FIRST:LAST, the frames to keep, either of which may be left out")
NEURONS = flags.DEFINE_list("neurons", [], "ids of neurons to keep; default: all")
DROP = flags.DEFINE_list("drop", [], "ids of neurons to leave out")
DROP_BAD_NEURONS = flags.DEFINE_boolean(
    "drop_bad_neurons", False, "leave out neurons with NaN, without change, or with a baseline of 0 or below"
)
MIN_EVENT_RATE = flags.DEFINE_float(
    "min_event_rate", 0, "leave out neurons with fewer inferred events a second", lower_bound=0
)
RESAMPLE = flags.DEFINE_float("resample", None, "resample to this frame rate, Hz", lower_bound=0)
CONDITIONS = flags.DEFINE_string(
    "conditions", None, "text or .npy of stimuli or behaviour, a row a frame and a column a condition"
)
NEUROPIL = flags.DEFINE_float(
    "neuropil", None, "fraction r of the neuropil to subtract, F - r Fneu; default: the file's, else 0.7", lower_bound=0
)
BASELINE_SMOOTHING = flags.DEFINE_float(
    "baseline_smoothing", 10, "SD of the Gaussian filter before the running baseline, s", lower_bound=0
)
BASELINE_WINDOW = flags.DEFINE_float("baseline_window", 60, "window of the running baseline, s", lower_bound=0)
SUBTRACT_BASELINE = flags.DEFINE_boolean("subtract_baseline", False, "take the running baseline off dF/F that drifts")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "replace a prepared recording at --output")


def main():
    if not RECORDING.value:
        raise InputError("--recording is missing", "name a file or folder")
    if OUTPUT.value and not OUTPUT.value.endswith(".h5"):
        raise InputError(f"--output={OUTPUT.value} does not end with .h5", "choose a name that does")
    if INDICATOR.value is not None:
        named(INDICATOR.value)
    options = reading_options()

    from calciumgan_tf.recordings import readers, recording

    name = pathlib.Path(RECORDING.value[0]).resolve().stem
    default = pathlib.Path("data") / f"{name}.h5"
    path = files.output_path("output", OUTPUT.value, default, OVERWRITE.value, recording.is_prepared)
    data = readers.read(RECORDING.value, options)
    describe(data)
    data.save(path)
    log.info("written: %s; next: python train.py --dataset=%s --model=physiological --max_minutes=10", path, path)


def reading_options():
    """What the flags say about the files and what is made of them."""
    from calciumgan_tf.recordings.contents import Options

    return Options(
        frame_rate=FRAME_RATE.value,
        indicator=(INDICATOR.value or "").lower(),
        tau_rise=TAU_RISE.value,
        tau_decay=TAU_DECAY.value,
        transpose=TRANSPOSE.value,
        variable=VARIABLE.value,
        series=SERIES.value,
        planes=planes(),
        drop_rows=DROP_ROWS.value,
        fluorescence=FLUORESCENCE.value,
        frames=frames(),
        neurons=tuple(NEURONS.value),
        drop=tuple(DROP.value),
        drop_bad=DROP_BAD_NEURONS.value,
        min_event_rate=MIN_EVENT_RATE.value,
        resample=RESAMPLE.value,
        neuropil=NEUROPIL.value,
        baseline_smoothing=BASELINE_SMOOTHING.value,
        baseline_window=BASELINE_WINDOW.value,
        subtract_baseline=SUBTRACT_BASELINE.value,
        conditions=CONDITIONS.value,
    )


def frames():
    """(first, last) of --frames, None where it is left out."""
    if FRAMES.value is None:
        return None, None
    parts = FRAMES.value.split(":")
    if len(parts) != 2 or not all(part.isdigit() or not part for part in parts):
        raise InputError(f"--frames={FRAMES.value} is no range", "write --frames=100:5000")
    first, last = (int(part) if part else None for part in parts)
    return first, last


def planes():
    """Numbers of --plane, or ('all',)."""
    if any(not name.isdigit() for name in PLANE.value if name != "all"):
        raise InputError(f"--plane={','.join(PLANE.value)} has to be numbers", "write --plane=0,1 or --plane=all")
    return tuple(name if name == "all" else int(name) for name in PLANE.value)


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


def estimated(data) -> float | None:
    """Median decay of the neurons' kernels, s, beside one that is given; None without events, or if none is given."""
    from calciumgan_tf.spikes import kernels

    if data.kernel() is None:
        return None
    found = kernels.estimate(data.traces, ((0, data.frames),), data.frame_rate)
    return float(np.median(found.tau_decay)) if found.events.any() else None


def kernel_text(data, settings) -> str:
    """Rise and decay of the deconvolution, and where they come from."""
    rise = settings.tau_rise(data.frame_rate)
    rises = f"rise {rise:.3g} s" if rise else "rise within a frame"
    times = f"{rises}, decay {settings.tau_decay(data.frame_rate):.3g} s"
    if data.kernel() is None:
        decays = -1 / (data.frame_rate * np.log(settings.decay))
        low, high = np.quantile(decays, [0.25, 0.75])
        between = f"half of the neurons' decays between {low:.3g} and {high:.3g} s"
        if high - low < ALIKE * low:
            between = "the neurons' decays too much alike, or events too few, to tell them apart"
        return f"{times} (estimated from {data.neurons} neurons, {between})"
    if data.tau_decay is None:
        return f"{times} (given by preset {data.indicator})"
    return f"{times} (given)"


if __name__ == "__main__":
    cli.run(main)
