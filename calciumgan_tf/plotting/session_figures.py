"""The figure of a session: traces, and what lasts longer than a window, beside the recording."""

import numpy as np
from scipy import signal

from calciumgan_tf.evaluation.sessions import slow
from calciumgan_tf.plotting.style import GENERATED, RECORDED, figure

NEURONS, MINUTES = 4, 5.0  # that are drawn
WINDOWS, POINTS = 8, 64  # of lags; points of the autocorrelation
MOST_PIECES = 20


def session(recorded, generated, window_frames, frame_rate):
    """Traces, autocorrelation and power spectrum of a session and of the recording.

    Args:
      recorded: (frame, neuron), dF/F.
      generated: (frame, neuron), dF/F, sliceable.
      window_frames: of the windows that the model was trained on.
      frame_rate: Hz.
    """
    drawing, axes = figure(5.2, 2, 2)
    shown = min(round(60 * MINUTES * frame_rate), len(recorded), generated.shape[0])
    chosen = np.argsort(-recorded.std(axis=0))[:NEURONS]
    for axis, side, colour, title in zip(
        axes[0], (recorded, generated), (RECORDED, GENERATED), ("recorded", "session")
    ):
        traces = np.asarray(side[:shown])[:, chosen]
        step = 1.1 * (recorded[:, chosen].max() - recorded[:, chosen].min())
        axis.plot(
            np.arange(shown) / frame_rate / 60, traces + step * np.arange(len(chosen)), color=colour, linewidth=0.4
        )
        axis.set_title(title, fontsize=8)
        axis.set_xlabel("time (min)", fontsize=8)
        axis.set_yticks([])
    length = len(recorded)
    starts = range(0, generated.shape[0] - length + 1, length)[:MOST_PIECES]
    pieces = [np.asarray(generated[start : start + length]) for start in starts]
    lags = np.unique(np.linspace(1, WINDOWS * slow.BINS_OF_A_WINDOW, POINTS).round().astype(int))
    seconds = lags * window_frames / slow.BINS_OF_A_WINDOW / frame_rate
    correlation, spectrum = axes[1]
    _both(
        correlation,
        seconds,
        *(_all(sides, lambda one: slow.autocorrelation(one, window_frames, lags)) for sides in ([recorded], pieces)),
    )
    correlation.set_ylabel("autocorrelation", fontsize=8)
    correlation.set_xlabel("lag (s)", fontsize=8)
    frames = min(WINDOWS * window_frames, length)
    frequency = signal.welch(recorded[:, 0], frame_rate, nperseg=frames)[0][1:]
    _both(
        spectrum,
        frequency,
        *(_all(sides, lambda one: _power(one, frame_rate, frames)) for sides in ([recorded], pieces)),
    )
    spectrum.set_xscale("log")
    spectrum.set_yscale("log")
    for axis in (spectrum.xaxis, spectrum.yaxis):
        axis.set_major_formatter("{x:g}")
    spectrum.set_ylabel("power (dF/F)²/Hz", fontsize=8)
    spectrum.set_xlabel("frequency (Hz)", fontsize=8)
    for axis, place in ((correlation, window_frames / frame_rate), (spectrum, frame_rate / window_frames)):
        axis.axvline(place, color="grey", linestyle=":", linewidth=1, label="a window")
        axis.legend(fontsize=7, frameon=False)
    for axis in axes.ravel():
        axis.tick_params(labelsize=7)
    return drawing


def _power(traces, frame_rate, frames):
    return signal.welch(traces, frame_rate, nperseg=frames, axis=0)[1].mean(axis=1)[1:]


def _all(sides, function):
    return np.array([function(side) for side in sides])


def _both(axis, x, recorded, pieces):
    """The recording's curve, and the mean and the range of 2 SD of those of the pieces."""
    axis.plot(x, recorded[0], color=RECORDED, linewidth=0.8, label="recorded")
    if len(pieces):
        axis.plot(x, pieces.mean(axis=0), color=GENERATED, linewidth=0.8, label="session")
    if len(pieces) > 1:
        ends = pieces.mean(axis=0) + np.array([[-2], [2]]) * pieces.std(axis=0, ddof=1)
        axis.fill_between(x, *ends, color=GENERATED, alpha=0.2, linewidth=0)
