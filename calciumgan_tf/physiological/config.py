"""The physiological model's own options."""

import dataclasses

from calciumgan_tf.options import option


@dataclasses.dataclass(frozen=True)
class PhysiologicalConfig:
    """The weight of the statistics loss, and how long each neuron is calibrated before training."""

    statistics_loss: float | None = option(
        None,
        "weight of the statistics of the training part in the generator's loss, of --model=physiological",
        minimum=0.0,
        other=0.0,
    )
    calibration: int | None = option(
        None,
        "updates of the readout by the statistics loss before the first step, of --model=physiological",
        minimum=0,
        other=0,
    )
