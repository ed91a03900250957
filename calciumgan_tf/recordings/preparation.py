"""From what a file holds to a recording: selected, turned into dF/F, resampled, in this order.

The formula of dF/F and its source are in `baseline`.
"""

import fractions
import logging

import numpy as np
from scipy import signal

from calciumgan_tf import files
from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import baseline
from calciumgan_tf.recordings.contents import DENOISED, RAW, Contents, Options
from calciumgan_tf.recordings.recording import Recording

log = logging.getLogger(__name__)
RAW_LEVEL = 5.0  # a typical neuron's lowest tenth lies above it in raw fluorescence, and below it in dF/F
NEUROPIL = 0.7  # suite2p's fraction
SAME_RATE = 1e-3  # relative difference of two frame rates that are called the same
LARGEST_FACTOR = 1000  # of the fraction that resampling approximates


def recording_of(contents: Contents, options: Options, source) -> Recording:
    """The recording that a file holds.

    Args:
      contents: what the file holds.
      options: what is made of it.
      source: path, for messages and the recording.

    Raises:
      InputError: no frame rate, neurons or frames that do not exist, traces that can't be a recording.
    """
    contents = oriented(contents, options, source)
    contents = some_frames(contents, options.frames, source)
    contents = some_neurons(contents, options, source)
    if options.drop_bad:
        contents = contents.leave_out(~np.isfinite(contents.traces).all(axis=0), "NaN or Inf")
        contents = contents.leave_out(contents.traces.min(axis=0) == contents.traces.max(axis=0), "constant")
    if is_raw(contents, options, source):
        contents = to_dff(contents, options, source)
    if options.subtract_baseline:
        contents = less_baseline(contents, options)
    if options.resample:
        contents = resampled(contents, options.resample, source)
    if options.min_event_rate:
        contents = active(contents, options, source)
    return _recording(contents, options, source)


def oriented(contents, options, source):
    """(frame, neuron), with a frame rate and a name for each neuron."""
    traces, neuropil = contents.traces, contents.neuropil
    if traces.ndim != 2:
        raise InputError(f"{source} has shape {traces.shape}", "a recording is (frame, neuron)")
    if options.transpose:
        traces, neuropil = traces.T, None if neuropil is None else neuropil.T
    frames, neurons = traces.shape
    if not traces.size:
        raise InputError(f"{source} is empty, shape {traces.shape}", "a recording is (frame, neuron)")
    if neurons > frames:
        remedy = "without --transpose" if options.transpose else "with prepare.py --transpose"
        raise InputError(
            f"{source}: {neurons} neurons but only {frames} frames",
            f"the array is probably (neuron, frame); read it {remedy}",
        )
    rate = options.frame_rate or contents.frame_rate
    if contents.frame_rate and abs(rate - contents.frame_rate) > SAME_RATE * contents.frame_rate:
        log.info("note: %s says %g Hz; %g Hz is taken, as given", source, contents.frame_rate, rate)
    if not rate:
        raise InputError(f"{source}: no frame rate", "give it in Hz with --frame_rate")
    ids = contents.neuron_ids if len(contents.neuron_ids) else range(neurons)
    return contents.changed(traces=traces, neuropil=neuropil, frame_rate=float(rate), neuron_ids=tuple(map(str, ids)))


def some_frames(contents, chosen, source):
    """The frames from the first of `chosen` to before the second."""
    frames = len(contents.traces)
    start, stop = chosen[0] or 0, frames if chosen[1] is None else chosen[1]
    if (start, stop) == (0, frames):
        return contents
    if not 0 <= start < stop <= frames:
        raise InputError(f"--frames={start}:{stop}, but {source} has {frames} frames", "choose some of them")
    _check_continuous(contents, "frames", source)
    rows = {name: getattr(contents, name) for name in ("traces", "neuropil", "spikes", "conditions")}
    rows = {name: None if part is None else part[start:stop] for name, part in rows.items()}
    joins = tuple(one - start for one in contents.joins if start < one < stop)
    return contents.changed(f"frames {start} to {stop}", **rows, joins=joins)


def some_neurons(contents, options, source):
    """The neurons that are asked for, without those to leave out."""
    ids, wanted, dropped = (list(map(str, names)) for names in (contents.neuron_ids, options.neurons, options.drop))
    for flag, names in (("neurons", wanted), ("drop", dropped)):
        if unknown := sorted(set(names) - set(ids)):
            raise InputError(f"--{flag} names {', '.join(unknown)}", f"neurons of {source} are {', '.join(ids)}")
    contents = contents.keep(np.isin(ids, wanted or ids))
    return contents.leave_out(np.isin(contents.neuron_ids, dropped), "by --drop")


def is_raw(contents, options, source) -> bool:
    """Whether traces are raw fluorescence: as the user says, as the file says, or by their values."""
    kind = options.fluorescence or contents.kind
    if kind == DENOISED:
        log.info("note: %s holds denoised traces only; a model of them has no noise either", source)
    if kind or not contents.traces.size:
        return kind == RAW
    return float(np.median(np.nanquantile(contents.traces, 0.1, axis=0))) > RAW_LEVEL


def to_dff(contents, options, source):
    """dF/F of raw fluorescence, less neuropil where there is any."""
    given = options.neuropil, contents.neuropil_fraction, NEUROPIL
    fraction = next(one for one in given if one is not None)
    corrected, what = np.asarray(contents.traces, np.float64), "F"
    if contents.neuropil is not None:
        corrected, what = corrected - fraction * np.asarray(contents.neuropil, np.float64), f"F - {fraction:g} Fneu"
    contents = contents.changed(traces=corrected, neuropil=None)
    times = options.baseline_smoothing, options.baseline_window
    if options.drop_bad:
        lowest = baseline.running_baseline(corrected, contents.frame_rate, *times).min(axis=0)
        contents = contents.leave_out(lowest <= 0, "a baseline of 0 or below")
    dff = baseline.delta_f_over_f(contents.traces, contents.frame_rate, *times, contents.neuron_ids, source)
    note = f"(C - F0) / F0, C = {what}, F0: maximin baseline, {times[0]:g} s and {times[1]:g} s"
    return contents.changed(note, traces=dff)


def less_baseline(contents, options):
    """dF/F without its running baseline, since OASIS would explain a drift by events."""
    times = options.baseline_smoothing, options.baseline_window
    flat = contents.traces - baseline.running_baseline(contents.traces, contents.frame_rate, *times)
    return contents.changed(f"less its running baseline, {times[0]:g} s and {times[1]:g} s", traces=flat)


def resampled(contents, frame_rate, source):
    """Another frame rate, in Hz, by SciPy's polyphase filter; conditions by the nearest frame, spikes not at all."""
    before = contents.frame_rate
    if frame_rate == before:
        return contents
    _check_continuous(contents, "resample", source)
    ratio = fractions.Fraction(frame_rate / before).limit_denominator(LARGEST_FACTOR)
    if not ratio:
        raise InputError(f"--resample={frame_rate:g} is too low for {before:g} Hz", "choose a higher frame rate")
    traces = np.asarray(contents.traces, np.float64)
    traces = signal.resample_poly(traces, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    nearest = np.minimum((np.arange(len(traces)) / float(ratio)).round().astype(int), len(contents.traces) - 1)
    if contents.spikes is not None:
        log.info("note: spikes can't be resampled and are left out")
    return contents.changed(
        f"resampled from {before:g} Hz with an anti-aliasing filter",
        traces=traces,
        frame_rate=before * float(ratio),
        spikes=None,
        conditions=None if contents.conditions is None else contents.conditions[nearest],
        joins=tuple(round(one * ratio) for one in contents.joins),
    )


def active(contents, options, source):
    """The neurons with at least `min_event_rate` inferred events a second."""
    from calciumgan_tf.spikes import deconvolution

    recording = _recording(contents, options, source)
    settings = deconvolution.fit_recording(recording)
    rates = (deconvolution.events(recording.traces, settings) > 0).mean(axis=0) * recording.frame_rate
    least = options.min_event_rate
    if (rates < least).all():
        raise InputError(
            f"{source}: no neuron has {least:g} events a second, the most active has {rates.max():.3g}",
            "choose a smaller --min_event_rate",
        )
    return contents.leave_out(rates < least, f"fewer than {least:g} events a second")


def _check_continuous(contents, flag, source):
    if contents.further.get("trial_frames"):
        raise InputError(f"--{flag}, but {source} consists of equally long trials", f"leave --{flag} out")


def _recording(contents, options, source):
    given = {name: value for name, value in options.kernel().items() if value not in ("", None)}
    kernel = {name: contents.further.get(name) for name in options.kernel()}
    if "indicator" in given:  # a name replaces stored times, and times those of a stored name
        kernel |= {"tau_rise": None, "tau_decay": None}
    elif "tau_decay" in given:
        kernel |= {"tau_rise": None}
    kernel["indicator"] = kernel["indicator"] or ""
    stored = {"source": str(source), "source_sha256": files.sha256(*contents.files)} | contents.further
    rows = {name: getattr(contents, name) for name in ("traces", "frame_rate", "neuron_ids", "conditions", "joins")}
    if contents.spikes is None:
        stored.pop("spikes_kind", None)
    return Recording(**stored | rows | kernel | given, spikes=contents.spikes, description="; ".join(contents.notes))
