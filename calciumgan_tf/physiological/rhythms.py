"""Rhythms: noise of a few frequencies, as heart beat and breathing move the brain or mains interfere.

    rhythm_n(t) = sum over j in J of A_nj (z_nj cos(w_j t) + z'_nj sin(w_j t)),    w_j = pi j / T

z and z' are standard normal, T is the number of frames of a window, and J are the frequencies at which the residual of
some neuron has much more power than around them. Most recordings have none. The spectra of fast and slow noise are
smooth: they would spread the power of a rhythm over many frequencies. Each neuron's rhythm has a phase of its own.
Defined here.
"""

import numpy as np
from scipy import ndimage, stats

AROUND = 33  # frequencies whose median is the level around one
FIRST = 8  # lowest frequency; below, spectra are steep
PEAK, BESIDE = 1e-8, 1e-3  # probability of as much power by chance, at a peak and at the frequencies beside it
LEAST = 2.0  # power of a peak, in the level
INDEPENDENT = 0.75  # of windows that overlap by half
FEWEST = 10  # windows, below which nothing can be told
ADJACENT = np.array([[0, 1, 0]] * 3, bool)  # along the frequencies, not the neurons


def excess(power, windows):
    """Power above the level around, where there is a rhythm; 0 elsewhere.

    Where power has one mean, a mean over windows is distributed as chi-squared over its degrees of freedom.

    Args:
      power: (frequency, neuron), mean over windows of the power of cosines, from frequency 0 to half a cycle a frame.
      windows: how many, overlapping by half.

    Returns:
      float64 (frequency, neuron).
    """
    if windows < FEWEST:
        return np.zeros_like(power)
    level = ndimage.median_filter(power, size=(AROUND, 1), mode="nearest")
    chance = stats.chi2(INDEPENDENT * windows)
    peak, beside = chance.isf([PEAK, BESIDE]) / chance.median()
    found = power > max(peak, LEAST) * level
    found[:FIRST] = False
    found = ndimage.binary_propagation(found, ADJACENT, mask=power > beside * level)
    return np.where(found, power - level, 0.0)
