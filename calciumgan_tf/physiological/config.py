"""The physiological model's own options."""

import dataclasses

from calciumgan_tf.options import option


@dataclasses.dataclass(frozen=True)
class PhysiologicalConfig:
    """Noise that drives events, and the weight of the statistics loss."""

    shared_noise: int | None = option(
        None, "channels of white noise that all neurons share, of --model=physiological", minimum=0, other=0
    )
    slow_noise: bool | None = option(
        None, "noise with time constants of .3, 3 and 30 s, of --model=physiological", other=False
    )
    statistics_loss: float | None = option(
        None,
        "weight of the statistics of the training part in the generator's loss, of --model=physiological",
        minimum=0.0,
        other=0.0,
    )
