"""What is customary with a model, a readout, a loss or a data set: values of the options that nobody gave.

Models: as their authors' public code has them (Li et al. 2020; Donahue et al. 2019), but for the critic of CalciumGAN,
whose kernel is shorter here, and the kernel of its 2-D sister, since 24 x 24 taps are slow on a CPU.
"""

MODELS = {
    "calciumgan": {
        "readout": "calcium",
        "stride": 2,
        "kernel_size": 24,
        "critic_kernel_size": 8,
        "phase_shuffle": 10,
        "generator_norm": "layer",
        "activation": "leaky_relu",
        "critic_slope": 0.3,
    },
    "calciumgan2d": {
        "readout": "convolution",
        "stride": 2,
        "kernel_size": 8,
        "critic_kernel_size": 8,
        "phase_shuffle": 2,
        "phase_shuffle_neurons": 2,
        "generator_norm": "layer",
        "activation": "leaky_relu",
        "critic_slope": 0.3,
    },
    "wavegan": {
        "readout": "convolution",
        "stride": 4,
        "kernel_size": 25,
        "critic_kernel_size": 25,
        "phase_shuffle": 2,
        "generator_norm": "none",
        "activation": "relu",
        "critic_slope": 0.2,
    },
    "mlp": {
        "readout": "convolution",
        "stride": 1,
        "kernel_size": 1,
        "critic_kernel_size": 1,
        "phase_shuffle": 0,
        "generator_norm": "none",
        "activation": "leaky_relu",
        "critic_slope": 0.3,
        "dropout": 0.2,
    },
}
NONE = {
    "phase_shuffle_neurons": 0,
    "dropout": 0.0,
    "gradient_penalty": 0.0,
    "clip": 0.0,
    "spike_loss": 0.0,
    "half_rate_step": 0,
}
READOUTS = {"calcium": {"spike_loss": 100.0}, "convolution": {}}
LOSSES = {  # optimizers and rates of the public WaveGAN, which takes those of each loss' own paper or code
    "wgan-gp": {
        "gradient_penalty": 10.0,
        "critic_updates": 5,
        "optimizer": "adam",
        "adam": "wavegan",
        "learning_rate": 1e-4,
        "critic_learning_rate": 1e-4,
    },
    "wgan": {
        "clip": 0.01,
        "critic_updates": 5,
        "optimizer": "rmsprop",
        "adam": "wavegan",
        "learning_rate": 5e-5,
        "critic_learning_rate": 5e-5,
    },
    "lsgan": {
        "critic_updates": 1,
        "optimizer": "rmsprop",
        "adam": "wavegan",
        "learning_rate": 1e-4,
        "critic_learning_rate": 1e-4,
    },
    "gan": {
        "critic_updates": 1,
        "optimizer": "adam",
        "adam": "dcgan",
        "learning_rate": 2e-4,
        "critic_learning_rate": 2e-4,
    },
}
# The calcium readout with wgan-gp: docs/fidelity.md.
RECIPE = {"critic_updates": 2, "learning_rate": 5e-3, "critic_learning_rate": 5e-4, "half_rate_step": 400}
# Frames of a dichotomised Gaussian know nothing of each other; slow noise would take the place of fast coincidences.
RECORDED, DATASETS = {"slow_noise": True}, {"synthetic": {"slow_noise": False}}
