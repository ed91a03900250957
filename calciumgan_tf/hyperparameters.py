"""Dataclasses of hyper-parameters, each given only to what needs it; `train.py` makes a flag of every field.

A default of None depends on the model or on the loss, and stands in the file of that model (`models/`,
`physiological/`) or in `training/losses.py`.
"""

import dataclasses

from calciumgan_tf.options import LARGEST_SEED, option
from calciumgan_tf.recordings.indicators import INDICATORS

LOSSES = ("wgan-gp", "wgan", "lsgan", "gan")
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16", "float64")
STEPS = 2000  # where neither --steps nor --max_minutes is given
LINES, PREVIEWS = 1000, 100  # log lines and previews before their distance doubles
DATA, MODEL, TRAINING, LENGTH = "Data", "Model", "Training", "Length and output"  # headings of `--help`


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """From a recording to scaled windows."""

    dataset: str = option(
        "synthetic",
        "'synthetic', 'synthetic_tuned', 'surrogate', or the path of a recording in any known format",
        group=DATA,
    )
    synthetic_neurons: int = option(16, "neurons of --dataset=synthetic and synthetic_tuned", minimum=2, group=DATA)
    frame_rate: float | None = option(
        None, "frame rate in Hz, where the recording does not state it", minimum=1e-3, group=DATA
    )
    indicator: str | None = option(
        None,
        "indicator whose kernel is used; default: the recording's own, else each neuron's kernel is estimated",
        choices=tuple(INDICATORS),
        group=DATA,
    )
    tau_rise: float | None = option(None, "rise time of the indicator, s, with --tau_decay; default: 0", minimum=0.0)
    tau_decay: float | None = option(
        None, "decay time of the indicator, s, instead of --indicator", minimum=1e-3, group=DATA
    )
    window_frames: int = option(
        256,
        "frames of a window; for CalciumGAN's layers a multiple of --stride to the power of 5, by default of 32",
        minimum=1,
        group=DATA,
    )
    split: str = option(
        "auto",
        "held-out part: blocks spread over the recording, or its end",
        choices=("auto", "blocks", "end"),
        group=DATA,
    )
    condition: str = option(
        "",
        "conditions of the recording that both models are given, such as stimulus,speed; of --model=calciumgan and "
        "physiological",
        group=DATA,
    )
    scaling: str = option(
        "zscore",
        "scaling of the traces: each neuron's z-score, its range to 0..1, or one range for all neurons",
        choices=("zscore", "neuron", "global"),
    )
    scaling_quantile: float = option(
        0.001,
        "share of frames beyond either end of that range, which makes it robust; 0: minimum and maximum",
        minimum=0.0,
        maximum=0.1,
    )
    representation: str = option(
        "traces", "what the convolutions see: frames, or Fourier coefficients", choices=("traces", "fourier")
    )

    @property
    def convolved_frames(self) -> int:
        """Length of what the convolutions see."""
        return self.window_frames // 2 if self.representation == "fourier" else self.window_frames


@dataclasses.dataclass(frozen=True)
class GeneratorConfig:
    """The generator's layers."""

    units: int = option(8, "U: filters of the generator's narrowest convolution", minimum=1, group=MODEL)
    kernel_size: int | None = option(None, "frames of the generator's convolution kernels", minimum=1, group=MODEL)
    stride: int | None = option(None, "factor by which each of the generator's convolutions upsamples", minimum=1)
    norm: str | None = option(
        None,
        "normalisation after the generator's convolutions",
        choices=("layer", "batch", "none"),
        flag="generator_norm",
    )
    normalize_last: bool = option(False, "normalise the last, neurons-wide convolution as well, as the paper does")
    last_units: int | None = option(
        None, "least filters of calciumgan's last transposed convolution, which has one a neuron", minimum=0, other=0
    )
    noise_injection: bool | None = option(
        None, "add Gaussian noise, of a learned level for each neuron, to calciumgan's output", other=False
    )
    upsample: str | None = option(
        None,
        "the generator's convolutions: transposed, or plain after repeating frames",
        choices=("transposed", "nearest"),
        other="transposed",
    )
    dropout: float | None = option(
        None, "share of units left out in training, of --model=mlp", minimum=0.0, maximum=0.9, other=0.0
    )
    post_filter: int = option(0, "frames of WaveGAN's learned filter of the output; 0: none", minimum=0)
    noise: str = option("normal", "noise vector: normal(0, 1) or uniform(-1, 1)", choices=("normal", "uniform"))
    noise_dim: int | None = option(None, "length of the generator's noise vector", minimum=1, group=MODEL, other=32)


@dataclasses.dataclass(frozen=True)
class CriticConfig:
    """The critic's layers."""

    units: int | None = option(
        None, "U: filters of the critic's narrowest convolution", minimum=1, flag="critic_units", group=MODEL, other=8
    )
    kernel_size: int | None = option(
        None, "frames of the critic's convolution kernels", minimum=1, flag="critic_kernel_size", group=MODEL
    )
    stride: int | None = option(
        None, "factor by which each of the critic's convolutions downsamples", minimum=1, flag="critic_stride"
    )
    dropout: float | None = option(
        None,
        "share of units left out in training, of --model=mlp",
        minimum=0.0,
        maximum=0.9,
        flag="critic_dropout",
        other=0.0,
    )
    phase_shuffle: int | None = option(
        None, "largest shift m of the phase shuffle, frames; 0: none", minimum=0, other=0, group=MODEL
    )
    phase_shuffle_neurons: int | None = option(None, "largest shift over neurons, of calciumgan2d", minimum=0, other=0)
    shuffle_per_example: bool = option(False, "draw a shift for every window instead of one for the batch")


@dataclasses.dataclass(frozen=True)
class OptimizationConfig:
    """Losses, optimizers and what else an update depends on."""

    loss: str = option("wgan-gp", "adversarial loss", choices=LOSSES, group=TRAINING)
    batch_size: int = option(32, "windows of a batch, over all replicas", minimum=1, group=TRAINING)
    critic_updates: int | None = option(
        None,
        "critic updates a step, which has one generator update; 0: no critic, the statistics loss alone",
        minimum=0,
        group=TRAINING,
    )
    critic_batches: str | None = option(
        None,
        "windows of a step's critic updates: fresh for each; shared: the same recorded ones; single: the same recorded "
        "ones, and the generated ones of the generator's update",
        choices=("fresh", "shared", "single"),
        other="fresh",
    )
    optimizer: str | None = option(None, "optimizer of both models", choices=("adam", "rmsprop"))
    learning_rate: float | None = option(None, "learning rate of the generator", minimum=0.0, group=TRAINING)
    critic_learning_rate: float | None = option(None, "learning rate of the critic", minimum=0.0, group=TRAINING)
    half_rate_step: int | None = option(
        None,
        "step at which learning rates have halved; they fall as 1 / (1 + step / this); 0: constant",
        minimum=0,
        other=0,
    )
    beta_1: float | None = option(None, "decay rate of Adam's first moment", minimum=0.0, maximum=0.9999)
    beta_2: float | None = option(None, "decay rate of Adam's second moment", minimum=0.0, maximum=0.99999)
    gradient_penalty: float | None = option(None, "weight of wgan-gp's gradient penalty", minimum=0.0, other=0.0)
    clip: float | None = option(None, "largest absolute weight of wgan's critic", minimum=0.0, other=0.0)
    ema: float | None = option(
        None, "momentum of the average of the generator, which is what is saved", minimum=0.0, maximum=0.99999
    )
    seed: int = option(0, "seed that all randomness follows from", minimum=0, maximum=LARGEST_SEED, group=TRAINING)
    precision: str = option("float32", "Keras dtype policy of the layers (not measured on a GPU)", choices=PRECISIONS)


@dataclasses.dataclass(frozen=True)
class ScheduleConfig:
    """How long a training goes on, and what it writes; a resumed run may change all of it but `keep_best`."""

    steps: int | None = option(
        None,
        f"generator updates in all; 0 saves the generator untrained; default: {STEPS:,}, or what --max_minutes allows",
        minimum=0,
        budget=True,
        group=LENGTH,
    )
    max_minutes: float | None = option(
        None,
        "stop after this many minutes, with the calibration, counted anew when resumed",
        minimum=1e-9,
        budget=True,
        group=LENGTH,
    )
    log_every: int = option(
        20, "steps between log lines, which doubles after every 1,000 lines", minimum=1, budget=True
    )
    checkpoint_every: int = option(200, "steps between checkpoints", minimum=1, budget=True, group=LENGTH)
    keep: int = option(3, "checkpoints kept", minimum=1, budget=True)
    keep_best: bool = option(
        False,
        "cut a validation part from the training part, and keep the generator of the checkpoint that comes closest to "
        "it, for generate.py --best",
        group=LENGTH,
    )
    histograms: bool = option(False, "write weights and gradients at each checkpoint, for TensorBoard", budget=True)
    profile: bool = option(False, "profile steps 3 to 6 for TensorBoard", budget=True)
    virtual_devices: int = option(
        1, "split the CPU into this many devices, to try training on several replicas", minimum=1, budget=True
    )

    @property
    def last_step(self) -> int | None:
        """Step to train to; None where only time limits it."""
        if self.steps is None:
            return None if self.max_minutes else STEPS
        return self.steps

    def logs_at(self, step: int) -> bool:
        """Whether losses are logged after a step that is not saved."""
        return _is_due(step, self.log_every, LINES)

    def previews_at(self, step: int) -> bool:
        """Whether a preview is drawn at a checkpoint."""
        return step % self.checkpoint_every != 0 or _is_due(step, self.checkpoint_every, PREVIEWS)


def _is_due(step, every, most):
    """Whether `step` is a multiple of `every`; of twice as much after `most` times, and so on, in a long training."""
    while step > most * every:
        every *= 2
    return step % every == 0
