"""Calcium indicators: rise, decay and size of a spike's transient, from neurons with simultaneous electrophysiology.

All data sets (DS) are from the collection of CASCADE, Rupprecht et al. 2021, Nature Neuroscience 24, 1324-1337: five
neurons of each indicator at 30 Hz, kernels fitted with their true spikes. How well they infer spikes: docs/spikes.md.
"""

import dataclasses

from calciumgan_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Indicator:
    """The kernel (1 - exp(-t / rise)) exp(-t / decay) of an indicator in mouse visual cortex.

    A spread is the SD of the logarithm between neurons.

    Attributes:
      name: as given with --indicator.
      tau_rise: s; 0 where it is too fast to be resolved at 30 Hz.
      tau_decay: s.
      amplitude: dF/F of a spike at the peak.
      decay_spread, amplitude_spread: between neurons.
      source: data set and publication.
    """

    name: str
    tau_rise: float
    tau_decay: float
    amplitude: float
    decay_spread: float
    amplitude_spread: float
    source: str


# Written by: python benchmarks/ground_truth.py --presets
INDICATORS = {
    one.name: one
    for one in (
        Indicator("gcamp6f", 0.042, 0.34, 0.18, 0.29, 0.64, "DS09, Chen et al. 2013, Nature 499, 295-300"),
        Indicator(
            "gcamp6s", 0.064, 0.72, 0.24, 0.23, 0.35, "DS13, Huang et al. 2021, eLife 10, e51675 (Allen Institute)"
        ),
        Indicator("gcamp7f", 0, 0.38, 0.45, 0.18, 0.64, "DS29, Dana et al. 2019, Nature Methods 16, 649-657"),
        Indicator("gcamp8f", 0, 0.23, 0.23, 0.51, 0.19, "DS30, Zhang et al. 2023, Nature 615, 884-891"),
        Indicator("gcamp8m", 0, 0.31, 0.4, 0.42, 0.26, "DS31, Zhang et al. 2023, Nature 615, 884-891"),
        Indicator("gcamp8s", 0, 0.43, 0.72, 0.35, 0.55, "DS32, Zhang et al. 2023, Nature 615, 884-891"),
    )
}


def mentioned(text) -> str:
    """The name of the indicator that a text speaks of, as "GCaMP 6f" of gcamp6f; '' for none, or for several."""
    letters = "".join(filter(str.isalnum, str(text).lower()))
    found = [name for name in INDICATORS if name in letters]
    return found[0] if len(found) == 1 else ""


def named(name) -> Indicator:
    """The indicator of a name, in capitals or not.

    Raises:
      InputError: an unknown name; the message lists the known ones.
    """
    if name.lower() not in INDICATORS:
        raise InputError(f"--indicator={name} is unknown", f"choose one of {', '.join(INDICATORS)}")
    return INDICATORS[name.lower()]
