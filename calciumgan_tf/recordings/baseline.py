"""The running baseline of fluorescence, which follows slow drifts, and dF/F.

    C  = F - r * Fneu                                         neuropil-corrected, if there is neuropil; r = .7
    F0 = running maximum(running minimum(Gaussian(C)))        suite2p's "maximin" baseline: 10 s SD, 60 s windows
    dF/F = (C - F0) / F0

Without following it, slow drifts would be taken for activity. suite2p itself subtracts the baseline but does not divide
by it; the division makes neurons of different brightness comparable.

Source of correction and baseline: Pachitariu et al. 2017, bioRxiv 061507, and suite2p's documentation of `neucoeff`,
`sig_baseline` and `win_baseline`.
"""

import numpy as np
from scipy import ndimage

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings.recording import check_finite


def running_baseline(traces, frame_rate, smoothing=10.0, window=60.0):
    """Maximum of the minimum of the smoothed trace, over a window each.

    Args:
      traces: (frame, neuron).
      frame_rate: Hz.
      smoothing: SD of the Gaussian filter before, s.
      window: of the running minimum and maximum, s.

    Returns:
      float64 (frame, neuron).
    """
    frames = max(1, round(window * frame_rate))
    smooth = ndimage.gaussian_filter1d(np.asarray(traces, np.float64), smoothing * frame_rate, axis=0)
    return ndimage.maximum_filter1d(ndimage.minimum_filter1d(smooth, frames, axis=0), frames, axis=0)


def delta_f_over_f(fluorescence, frame_rate, smoothing, window, neuron_ids, source):
    """dF/F of fluorescence, less neuropil, by the formula at the top of this file.

    Args:
      fluorescence: (frame, neuron), in the camera's units.
      frame_rate: Hz.
      smoothing, window: of the running baseline, s.
      neuron_ids: a name for each neuron, for messages.
      source: where the data come from, for messages.

    Returns:
      float64 (frame, neuron).

    Raises:
      InputError: a baseline that is not positive, for which dF/F is undefined; the message names the neuron.
    """
    check_finite(fluorescence, neuron_ids, source)
    baseline = running_baseline(fluorescence, frame_rate, smoothing, window)
    dark = [name for name, lowest in zip(neuron_ids, baseline.min(axis=0)) if lowest <= 0]
    if dark:
        raise InputError(
            f"{source}: the baseline of neuron {', '.join(dark)} falls to 0 or below, after neuropil correction",
            f"use a smaller --neuropil or leave it out with prepare.py --drop={','.join(dark)} or --drop_bad_neurons",
        )
    return fluorescence / baseline - 1
