"""WaveGAN, with neurons as channels: Donahue, McAuley and Puckette 2019, ICLR, arXiv 1802.04208, table 3.

The number of layers follows from the number of frames, so that the first layer has 16 to 63. Shapes in the comments
are those of its paper: 16,384 frames, five layers, U = 64.
"""

from calciumgan_tf.models import blocks

FIRST_FRAMES = 16  # frames that the generator starts with, or up to its stride times as many
SLOPE = 0.2  # of the critic's leaky ReLU below 0

TITLE = "generator and critic of Donahue et al. 2019 (WaveGAN)"
DEFAULTS = {
    "kernel_size": 25,
    "stride": 4,
    "generator_norm": "none",
    "critic_kernel_size": 25,
    "critic_stride": 4,
    "phase_shuffle": 2,
}
TRAINING = {}
BY_DATASET = {}


def layers(frames, stride) -> int:
    """Convolutions of the generator, and of the critic."""
    count = 1
    while stride > 1 and frames >= FIRST_FRAMES * stride ** (count + 1):
        count += 1
    return count


def frame_divisor(config, frames) -> int:
    """The number of frames has to be a multiple of this."""
    return config.stride ** layers(frames, config.stride)


def generator(random, config, frames, channels):
    """A noise vector to traces, a channel a neuron."""
    count = layers(frames, config.stride)
    first = (frames // config.stride**count, config.units * 2 ** (count - 1))
    x = blocks.project(random, config, first, "relu")  # [16, 16U]
    # [16, 16U] -> [64, 8U] -> [256, 4U] -> [1024, 2U] -> [4096, U] -> [16384, channels]
    for layer in range(1, count):
        x = blocks.upsample1d(x, config, config.units * 2 ** (count - 1 - layer), layer)
        x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, layer, "relu")
    return blocks.upsample1d(x, config, channels, count)


def critic(x, random, config):
    """Windows to the features that the score is made of."""
    # [16384, channels] -> [4096, U] -> [1024, 2U] -> [256, 4U] -> [64, 8U] -> [16, 16U]
    filters = [config.units * 2**layer for layer in range(layers(x.shape[1], config.stride))]
    return blocks.downsample1d(x, random, config, filters, SLOPE)
