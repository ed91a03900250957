"""Every hyper-parameter, once: its name, default, meaning and limits. `train.py` makes one flag of each.

The defaults train a recording of a few dozen neurons on a laptop; `configs/paper.flags` holds the paper's own values.
"""

import dataclasses
import typing

from calciumgan_tf.customary import DATASETS, LOSSES, MODELS, NONE, READOUTS, RECIPE, RECORDED
from calciumgan_tf.errors import InputError

LAYERS = 5  # of CalciumGAN's generator and critic
WAVEGAN_FIRST = 16  # frames that WaveGAN's generator starts with, or up to its stride times as many
STEPS = 2000  # where neither steps nor minutes are given
CRITIC_2D_STRIDE = 4  # of calciumgan2d's critic, over frames
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16", "float64")


def _option(default, help, choices=None, minimum=None, budget=False):
    """A field. `budget` marks what may change when a run is resumed: how long it goes on, not what it computes."""
    meta = {"help": help, "choices": choices, "minimum": minimum, "budget": budget}
    return dataclasses.field(default=default, metadata=meta)


@dataclasses.dataclass(frozen=True)
class Config:
    """All hyper-parameters of a run; raises InputError naming the flag if one is out of its limits."""

    # Data
    dataset: str = _option("synthetic", "'synthetic', 'surrogate', or the path of a recording of any known format")
    synthetic_neurons: int = _option(16, "of --dataset=synthetic", minimum=2)
    frame_rate: float | None = _option(None, "Hz, where the recording does not say it", minimum=1e-3)
    tau_decay: float | None = _option(
        None, "decay time of the indicator, s; default: the recording's own, else .812", minimum=1e-3
    )
    window_frames: int = _option(256, "frames a window; for calciumgan a multiple of 32", minimum=1)
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

    representation: str = _option(
        "traces", "what the convolutions see: frames, or a window's Fourier coefficients", ("traces", "fourier")
    )

    # Model. None: as is customary with --model, see customary.py
    model: str = _option("calciumgan", "generator and critic", tuple(MODELS))
    readout: str | None = _option(
        None,
        "generator's last layers: events that decay as calcium does, with noise in every frame, or the paper's",
        tuple(READOUTS),
    )
    units: int = _option(8, "generator's narrowest convolution (U filters); the others have more", minimum=1)
    kernel_size: int | None = _option(None, "frames (and neurons) a convolution kernel of the generator", minimum=1)
    stride: int | None = _option(None, "frames from one kernel to the next", minimum=1)
    critic_units: int = _option(16, "critic's narrowest convolution (U filters); the others have more", minimum=1)
    critic_kernel_size: int | None = _option(None, "frames (and neurons) a convolution kernel of the critic", minimum=1)
    generator_norm: str | None = _option(
        None, "normalisation after the generator's convolutions", ("layer", "batch", "none")
    )
    upsample: str = _option(
        "transposed", "generator's convolutions: transposed, or plain after repeating frames", ("transposed", "nearest")
    )
    activation: str | None = _option(
        None, "of the generator", ("leaky_relu", "relu", "elu", "selu", "gelu", "silu", "tanh")
    )
    critic_slope: float | None = _option(None, "of the critic's leaky ReLU below 0", minimum=0.0)
    dropout: float | None = _option(None, "share of units left out in training, of mlp", minimum=0.0)
    post_filter: int = _option(0, "frames of WaveGAN's learned filter of the output; 0: none", minimum=0)
    shared_noise: int = _option(8, "channels of white noise that all neurons of the calcium readout share", minimum=0)
    slow_noise: bool | None = _option(
        None, "noise of .3, 3 and 30 s in the calcium readout: bursts, states and drift, as recordings have them"
    )
    noise: str = _option("normal", "generator's noise vector: normal(0, 1) or uniform(-1, 1)", ("normal", "uniform"))
    noise_dim: int = _option(32, "length of the generator's noise vector", minimum=1)
    phase_shuffle: int | None = _option(
        None, "largest shift m of the critic's phase shuffle, frames; 0: none", minimum=0
    )
    phase_shuffle_neurons: int | None = _option(
        None, "largest shift n over neurons, of calciumgan2d (where there are more)", minimum=0
    )
    shuffle_per_example: bool = _option(False, "draw a shift for every window instead of one for the batch")

    # Training. None: as is customary with --loss and --readout, see customary.py
    loss: str = _option("wgan-gp", "what critic and generator play for", tuple(LOSSES))
    batch_size: int = _option(32, "windows a batch, over all replicas", minimum=1)
    critic_updates: int | None = _option(None, "critic updates for one generator update", minimum=1)
    critic_batches: str = _option(
        "fresh", "recorded windows: others for each critic update, or CalciumGAN's same for all", ("fresh", "shared")
    )
    optimizer: str | None = _option(None, "of both models", ("adam", "rmsprop"))
    learning_rate: float | None = _option(None, "of the generator's optimizer", minimum=0.0)
    critic_learning_rate: float | None = _option(None, "of the critic's optimizer", minimum=0.0)
    half_rate_step: int | None = _option(
        None, "step at which learning rates have halved; they fall as 1 / (1 + step / this); 0: constant", minimum=0
    )
    adam: str | None = _option(
        None, "Adam's moments: (.5, .9), Keras' default (.9, .999), or (.5, .999)", ("wavegan", "calciumgan", "dcgan")
    )
    gradient_penalty: float | None = _option(None, "weight of the gradient penalty of wgan-gp", minimum=0.0)
    clip: float | None = _option(None, "largest weight of the critic of wgan", minimum=0.0)
    spike_loss: float | None = _option(
        None, "weight of spike statistics, those of the training part, in the generator's loss; 0: none", minimum=0.0
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
    histograms: bool = _option(False, "weights and gradients at each checkpoint, for TensorBoard", budget=True)
    profile: bool = _option(False, "profile steps 3 to 6 for TensorBoard", budget=True)
    keep: int = _option(3, "checkpoints kept", minimum=1, budget=True)
    virtual_devices: int = _option(
        1, "split the CPU in so many devices, to try the multi-replica path", minimum=1, budget=True
    )

    def __post_init__(self):
        for field in dataclasses.fields(self):
            _check(field, getattr(self, field.name))
        self._fill()
        for name, limit in (("ema", 1), ("scaling_quantile", 0.1), ("dropout", 1)):
            if getattr(self, name) >= limit:
                raise InputError(f"--{name}={getattr(self, name)} is not below {limit}", "take a smaller value")
        self._check_combination()
        self._check_window()

    def _fill(self):
        """Replaces each None by what is customary."""
        customary = dict(MODELS[self.model])
        customary |= READOUTS[self.readout or customary["readout"]]
        customary |= LOSSES[self.loss]
        if (self.readout or customary["readout"], self.loss) == ("calcium", "wgan-gp"):
            customary |= RECIPE
        customary |= DATASETS.get(self.dataset, RECORDED)
        for name, value in (NONE | customary).items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)

    def _check_combination(self):
        for name, models in (
            ("dropout", ("mlp",)),
            ("phase_shuffle_neurons", ("calciumgan2d",)),
            ("phase_shuffle", ("calciumgan", "calciumgan2d", "wavegan")),
        ):
            if getattr(self, name) and self.model not in models:
                raise InputError(
                    f"--{name}={getattr(self, name)}, but --model={self.model} has none",
                    f"leave it out, or take --model={models[0]}",
                )
        if self.model == "mlp" and self.upsample == "nearest":
            raise InputError("--upsample=nearest, but --model=mlp has no convolutions", "leave it out")
        if self.readout == "calcium" and (self.model != "calciumgan" or self.representation != "traces"):
            raise InputError(
                "--readout=calcium makes events in frames: of --model=calciumgan and --representation=traces alone",
                "take --readout=convolution",
            )
        for name, loss in (("gradient_penalty", "wgan-gp"), ("clip", "wgan")):
            if getattr(self, name) and self.loss != loss:
                raise InputError(
                    f"--{name}={getattr(self, name)} belongs to --loss={loss}, not to {self.loss}", "leave it out"
                )
        if self.loss == "wgan" and not self.clip:
            raise InputError("--loss=wgan needs weights that are clipped", "give a --clip above 0")

    def _check_window(self):
        divisor = self.window_divisor
        if self.window_frames % divisor:
            lower = max(divisor, self.window_frames // divisor * divisor)
            raise InputError(
                f"--window_frames={self.window_frames} is not divisible by {divisor}",
                f"take {lower} or {lower + divisor}",
            )
        shortest = self.convolved_frames // self.stride ** (self.layers - 1)
        if self.model == "calciumgan2d":
            shortest = -(-self.convolved_frames // CRITIC_2D_STRIDE ** (LAYERS - 2))
        if self.phase_shuffle and self.phase_shuffle >= shortest:
            raise InputError(
                f"--phase_shuffle={self.phase_shuffle} reaches beyond the {shortest} frames that "
                f"--window_frames={self.window_frames} leaves before the critic's last layer",
                f"take at most {shortest - 1}",
            )

    @property
    def convolved_frames(self) -> int:
        """Frames that the convolutions see."""
        return self.window_frames // 2 if self.representation == "fourier" else self.window_frames

    @property
    def layers(self) -> int:
        """Convolutions of the generator, and of the critic."""
        if self.model != "wavegan":
            return 1 if self.model == "mlp" else LAYERS
        layers = 1
        while self.stride > 1 and self.convolved_frames >= WAVEGAN_FIRST * self.stride ** (layers + 1):
            layers += 1
        return layers

    @property
    def window_divisor(self) -> int:
        """What the number of frames a window has to be a multiple of."""
        return self.stride**self.layers * (2 if self.representation == "fourier" else 1)

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
