"""Every hyper-parameter, once: its name, default, meaning and limits. `train.py` makes one flag of each.

The defaults train a recording of a few dozen neurons on a laptop; `configs/paper.flags` holds the paper's own values.
"""

import dataclasses
import typing

from calciumgan_tf.errors import InputError

STRIDE, LAYERS = 2, 5  # of the paper's generator and critic
WINDOW_DIVISOR = STRIDE**LAYERS
STEPS = 2000  # where neither steps nor minutes are given
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16", "float64")


def _option(default, help, choices=None, minimum=None, budget=False):
    """A field. `budget` marks what may change when a run is resumed: how long it goes on, not what it computes."""
    meta = {"help": help, "choices": choices, "minimum": minimum, "budget": budget}
    return dataclasses.field(default=default, metadata=meta)


@dataclasses.dataclass(frozen=True)
class Config:
    """All hyper-parameters of a run; raises InputError naming the flag if one is out of its limits."""

    # Data
    dataset: str = _option("synthetic", "'synthetic', or the path of a recording of any known format")
    frame_rate: float | None = _option(None, "Hz, where the recording does not say it", minimum=1e-3)
    tau: float | None = _option(
        None, "decay time of the indicator, s; default: the recording's own, else .812", minimum=1e-3
    )
    window_frames: int = _option(256, f"frames a window, a multiple of {WINDOW_DIVISOR}", minimum=WINDOW_DIVISOR)
    split: str = _option(
        "auto", "held-out part: blocks over the whole recording, or its end", ("auto", "blocks", "end")
    )
    scaling: str = _option(
        "zscore",
        "what the models see as 0..1: a range of each neuron, or one of all; or each neuron's z-scores",
        ("neuron", "global", "zscore"),
    )
    scaling_quantile: float = _option(
        0.001,
        "share of frames beyond either end of that range (robust to outliers); 0: minimum and maximum",
        minimum=0.0,
    )

    # Model
    readout: str = _option(
        "calcium",
        "generator's last layers: events that decay as calcium does, with noise in every frame, or the paper's",
        ("calcium", "convolution"),
    )
    units: int = _option(8, "generator's narrowest convolution (U filters); the others have 2U to 5U", minimum=1)
    kernel_size: int = _option(24, "frames a convolution kernel of the generator", minimum=1)
    critic_units: int = _option(16, "critic's narrowest convolution (U filters); the others have 2U to 5U", minimum=1)
    critic_kernel_size: int = _option(8, "frames a convolution kernel of the critic", minimum=1)
    shared_noise: int = _option(8, "channels of white noise that all neurons of the calcium readout share", minimum=0)
    slow_noise: bool = _option(
        True, "noise of .3, 3 and 30 s in the calcium readout: bursts, states and drift, where a recording has them"
    )
    noise_dim: int = _option(32, "length of the generator's noise vector", minimum=1)
    phase_shuffle: int = _option(10, "largest shift m of the critic's phase shuffle, frames; 0: none", minimum=0)
    shuffle_per_example: bool = _option(False, "draw a shift for every window instead of one for the batch")

    # Training
    batch_size: int = _option(32, "windows a batch, over all replicas", minimum=1)
    critic_updates: int = _option(2, "critic updates, each on fresh windows, for one generator update", minimum=1)
    learning_rate: float = _option(5e-3, "of the generator's Adam optimizer", minimum=0.0)
    critic_learning_rate: float = _option(5e-4, "of the critic's Adam optimizer", minimum=0.0)
    adam: str = _option("wavegan", "Adam's moments: (.5, .9) or Keras' default (.9, .999)", ("wavegan", "calciumgan"))
    gradient_penalty: float = _option(10.0, "weight of the gradient penalty", minimum=0.0)
    spike_loss: float = _option(
        100.0, "weight of spike statistics, those of the training part, in the generator's loss; 0: none", minimum=0.0
    )
    ema: float = _option(0.99, "momentum of the averaged generator, which is what is saved", minimum=0.0)
    seed: int = _option(0, "all randomness follows from it", minimum=0)
    precision: str = _option(
        "float32",
        "of the layers; weights, scores and the gradient penalty stay float32 (not measured on a GPU)",
        PRECISIONS,
    )
    xla: bool = _option(False, "compile gradients with XLA (slower to start; not measured on a GPU)")

    # How long, how often, where
    steps: int | None = _option(
        None, f"generator updates in all; default: {STEPS}, or as many as --max_minutes allow", minimum=1, budget=True
    )
    max_minutes: float | None = _option(
        None, "stop after so many minutes, counted anew when resumed", minimum=0.0, budget=True
    )
    log_every: int = _option(20, "steps from one log line to the next", minimum=1, budget=True)
    checkpoint_every: int = _option(200, "steps from one checkpoint to the next", minimum=1, budget=True)
    keep: int = _option(3, "checkpoints kept", minimum=1, budget=True)
    virtual_devices: int = _option(
        1, "split the CPU in so many devices, to try the multi-replica path", minimum=1, budget=True
    )

    def __post_init__(self):
        for field in dataclasses.fields(self):
            _check(field, getattr(self, field.name))
        if self.window_frames % WINDOW_DIVISOR:
            lower = max(WINDOW_DIVISOR, self.window_frames // WINDOW_DIVISOR * WINDOW_DIVISOR)
            raise InputError(
                f"--window_frames={self.window_frames} is not divisible by {WINDOW_DIVISOR}",
                f"take {lower} or {lower + WINDOW_DIVISOR}",
            )
        shortest = self.window_frames // STRIDE ** (LAYERS - 1)
        if self.phase_shuffle >= shortest:
            raise InputError(
                f"--phase_shuffle={self.phase_shuffle} reaches beyond the {shortest} frames that "
                f"--window_frames={self.window_frames} leaves before the critic's last layer",
                f"take at most {shortest - 1}",
            )
        for name, limit in (("ema", 1), ("scaling_quantile", 0.1)):
            if getattr(self, name) >= limit:
                raise InputError(f"--{name}={getattr(self, name)} is not below {limit}", "take a smaller value")

    @property
    def last_step(self) -> int | None:
        """Step to train to; None where only time limits it."""
        return self.steps or (None if self.max_minutes else STEPS)

    def to_json(self) -> dict:
        """All fields as plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict) -> "Config":
        """The configuration that `to_json` gave; raises InputError naming a key it does not know."""
        unknown = sorted(set(values) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise InputError(f"unknown key {', '.join(unknown)} in the run's configuration", "update calciumgan_tf")
        return cls(**values)

    def resumed_with(self, changes: dict) -> "Config":
        """This configuration with another budget.

        Args:
          changes: field names and values that the user gave.

        Raises:
          InputError: a change of anything that the run so far depends on; the message names the key.
        """
        budget = {field.name for field in dataclasses.fields(self) if field.metadata["budget"]}
        for name, value in changes.items():
            if name not in budget and value != getattr(self, name):
                raise InputError(
                    f"--{name}={value}, but the run was started with {getattr(self, name)}",
                    f"leave --{name} out to resume, or start a new run without --resume",
                )
        return dataclasses.replace(self, **{name: value for name, value in changes.items() if name in budget})


def kind(field) -> tuple:
    """The type of a field's value, and whether None is allowed: `float | None` -> (float, True)."""
    types = typing.get_args(field.type) or (field.type,)
    return next(t for t in types if t is not type(None)), type(None) in types


def _check(field, value) -> None:
    wanted, optional = kind(field)
    if value is None and optional:
        return
    allowed = (int, float) if wanted is float else (wanted,)
    if not isinstance(value, allowed) or isinstance(value, bool) != (wanted is bool):
        raise InputError(f"--{field.name}={value!r} is not of type {wanted.__name__}", "check its value")
    choices, minimum = field.metadata["choices"], field.metadata["minimum"]
    if choices and value not in choices:
        raise InputError(f"--{field.name}={value} is unknown", f"choose one of {', '.join(choices)}")
    if minimum is not None and not minimum <= value < float("inf"):
        raise InputError(f"--{field.name}={value} is out of range", f"it has to be at least {minimum}")
