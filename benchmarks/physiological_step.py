"""One generator update with its critic updates: the physiological model against the paper's layers.

    python benchmarks/physiological_step.py                       # windows of 256 frames, 16 neurons
    python benchmarks/physiological_step.py --size=population     # 1,000 neurons

Both models train on the same recording, have CalciumGAN's layers of the same widths and as many critic updates, and
each has its own defaults otherwise: `physiological` adds events, indicator, noise and a statistics loss, and makes one
batch of windows a step where `calciumgan` makes one for every update.
"""

import measure
import planted_faults

SIZES = {  # minutes, neurons, frames of a window, updates a round
    "demo": (10, 16, 256, 10),
    "population": (5, 1000, 256, 1),
    "quick": (1, 3, 64, 1),
}


def main():
    asked = measure.arguments(__doc__, SIZES)
    import tensorflow as tf

    from calciumgan_tf.config import Config
    from calciumgan_tf.dataset.training_data import TrainingData
    from calciumgan_tf.training.distribution import make_strategy
    from calciumgan_tf.training.trainer import Trainer

    minutes, neurons, frames, updates = SIZES[asked.size]
    recording = planted_faults.Truth(neurons, round(minutes * 60 * 24), seed=1).recording()

    def side(model, **options):
        config = Config.of(model=model, window_frames=frames, phase_shuffle=min(10, frames // 16 - 1), **options)
        trainer = Trainer(config, TrainingData.prepare(recording, config), make_strategy())
        batches = trainer._batches()

        def several():
            for number in range(updates):
                losses = trainer.gan.train_step(batches, tf.constant(number, tf.int64))
            return losses["generator_loss"].numpy()

        return lambda: measure.seconds(several) / updates

    physiological = Config.of(model="physiological")
    same = {
        "units": physiological.generator.units,
        "critic_units": physiological.critic.units,
        "critic_kernel_size": physiological.critic.kernel_size,
        "critic_updates": physiological.optimization.critic_updates,
        # as the paper's layers are, without what the default adds
        "noise_dim": 32,
        "last_units": 0,
        "noise_injection": False,
    }
    ours, paper = side("physiological"), side("calciumgan", **same)
    for first in (ours, paper):
        first()  # compiles
    measure.report("physiological_step", asked.size, **measure.in_turn(ours, paper, asked.rounds))


if __name__ == "__main__":
    main()
