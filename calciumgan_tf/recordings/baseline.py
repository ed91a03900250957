"""The running baseline of fluorescence, which follows slow drifts."""

import numpy as np
from scipy import ndimage


def running_baseline(traces, frame_rate, smoothing=10.0, window=60.0):
    """Maximum of the minimum of the smoothed trace, over a window each: suite2p's "maximin" baseline.

    Source: Pachitariu et al. 2017, bioRxiv 061507, and suite2p's documentation of `sig_baseline` and `win_baseline`.

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
