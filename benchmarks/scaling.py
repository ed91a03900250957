"""How the cost of a generator update grows with neurons, frames, batch and replicas; draws docs/performance/cost.png.

    python benchmarks/scaling.py

Every point is measured in turn with the demo's size in one process, and given as their ratio; memory is that of a
process of its own. The ratio of the report is that of two replicas on two halves of the CPU over one replica on all
of it.
"""

import json
import sys

import measure
import numpy as np

BASE = {"window_frames": 256, "neurons": 16, "batch_size": 32, "replicas": 1}
AXES = {
    "all": {
        "neurons": (4, 16, 64, 256, 1024),
        "window_frames": (128, 256, 512, 1024, 2048),
        "batch_size": (8, 16, 32, 64, 128),
    },
    "quick": {"neurons": (4,)},
}
LABELS = {"neurons": "neurons", "window_frames": "frames a window", "batch_size": "windows a batch"}


class Point:
    """A model of one size that can be updated."""

    def __init__(self, window_frames, neurons, batch_size, replicas):
        import tensorflow as tf

        from calciumgan_tf.training.builders import Builder
        from calciumgan_tf.training.distribution import make_strategy
        from calciumgan_tf.training.gan import GAN

        shuffle = min(10, window_frames // 16 - 1)
        sizes = {"window_frames": window_frames, "batch_size": batch_size, "phase_shuffle": shuffle}
        config = measure.paper_config(units=8, critic_units=8, **sizes)
        self.gan = GAN(config.optimization, Builder(config, neurons), make_strategy(replicas))
        real = np.zeros((batch_size // replicas, window_frames, neurons), np.float32) + 0.5
        batches = tf.data.Dataset.from_tensors(real).repeat()
        self.batches = iter(self.gan.strategy.distribute_datasets_from_function(lambda _: batches))
        self.update()

    def update(self):
        """Seconds of one update."""
        import tensorflow as tf

        step = tf.constant(0, tf.int64)
        return measure.seconds(lambda: self.gan.train_step(self.batches, step)["critic_loss"].numpy())


def alone(point):
    """In a child process: seconds of an update (the least of several) and memory."""
    side = Point(**point)
    print(json.dumps({"seconds": min(side.update() for _ in range(8)), "peak_mib": measure.peak_mib()}))


def draw(relative, memory):
    from calciumgan_tf.plotting import style

    drawing, axes = style.figure(2.6, 1, len(relative), sharey=True)
    for axis, (name, points) in zip(axes[0], relative.items()):
        axis.loglog(list(points), list(points.values()), "o-", color=style.RECORDED, label="time of an update")
        used = [memory[name][value] for value in points]
        axis.loglog(list(points), used, "s--", color=style.GENERATED, label="memory of the process")
        axis.set_xlabel(LABELS[name])
        axis.set_xticks(list(points), [str(value) for value in points], fontsize=7)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0, 0].set_ylabel("relative to the demo's size")
    axes[0, 0].legend(frameon=False, fontsize=7)
    style.save(drawing, measure.ROOT / "docs" / "performance" / "cost.png")


def main():
    asked = measure.arguments(__doc__, AXES, rounds=3)
    if asked.child:
        return alone(json.loads(asked.child))
    base, relative, memory = Point(**BASE), {}, {}
    base_alone = measure.child(__file__, f"--child={json.dumps(BASE)}")
    for name, values in AXES[asked.size].items():
        relative[name], memory[name] = {}, {}
        for value in values:
            point = BASE | {name: value}
            side = Point(**point)
            relative[name][value] = measure.in_turn(side.update, base.update, asked.rounds)["ratio"]
            memory[name][value] = (
                measure.child(__file__, f"--child={json.dumps(point)}")["peak_mib"] / base_alone["peak_mib"]
            )
            del side
    if asked.size == "all":
        draw(relative, memory)

    def one_child(replicas):
        return measure.child(__file__, f"--child={json.dumps(BASE | {'replicas': replicas})}")["seconds"]

    ratio = measure.in_turn(lambda: one_child(2), lambda: one_child(1), asked.rounds)
    figures = {
        f"time with {value} {LABELS[name]}": cost for name, points in relative.items() for value, cost in points.items()
    }
    figures |= {
        f"memory with {value} {LABELS[name]}": cost for name, points in memory.items() for value, cost in points.items()
    }
    measure.report("scaling", asked.size, **ratio, base_peak_mib=base_alone["peak_mib"], **figures)


if __name__ == "__main__":
    sys.exit(main())
