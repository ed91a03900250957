"""WaveGAN, with neurons as channels: Donahue, McAuley and Puckette 2019, ICLR, arXiv 1802.04208, table 3.

Windows may have as many frames as its strides divide; the number of layers follows, so that the first has 16 to 63
frames. Shapes in the comments are those of its paper: 16,384 frames, five layers, U = 64.
"""

from calciumgan_tf.models import blocks


def generate(noise, config, frames, channels):
    """Noise vectors to (example, frame, channel)."""
    layers = config.layers
    x = blocks.project(noise, config, (frames // config.stride**layers, config.units * 2 ** (layers - 1)))  # [16, 16U]
    # [16, 16U] -> [64, 8U] -> [256, 4U] -> [1024, 2U] -> [4096, U] -> [16384, channels]
    for layer in range(1, layers):
        x = blocks.upsample1d(x, config, config.units * 2 ** (layers - 1 - layer), layer)
        x = blocks.normalise(x, config, layer)
        x = blocks.activate(x, config, layer)
    return blocks.upsample1d(x, config, channels, layers)


def largest_shifts(config, neurons) -> list:
    """Of each phase shuffle of the critic."""
    return [config.phase_shuffle] * (config.layers - 1)


def criticise(x, config, shifts):
    """Windows to features of the critic, (example, ...); `shifts` int32 (example, phase shuffle)."""
    # [16384, channels] -> [4096, U] -> [1024, 2U] -> [256, 4U] -> [64, 8U] -> [16, 16U]
    return blocks.downsample1d(x, config, [config.critic_units * 2**layer for layer in range(config.layers)], shifts)
