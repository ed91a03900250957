"""One generator update with five critic updates, of the paper's layers: the project's against a naive one.

    python benchmarks/training_step.py
    python benchmarks/training_step.py --size=512x24
    python benchmarks/training_step.py --size=paper

Both start from the same weights; losses and gradients from the same numbers have to agree to 1e-4 before anything is
timed. Time to the first update and memory are those of processes of their own; two more run both updates without
oneDNN, as TensorFlow itself does on some processors.
"""

import json
import sys

import measure
import naive_wgan_gp
import numpy as np

SIZES = {  # frames, neurons, units, batch, updates a round
    "demo": (256, 16, 8, 32, 10),
    "512x24": (512, 24, 16, 32, 4),
    "paper": (2048, 102, 64, 8, 1),
    "quick": (64, 3, 2, 4, 1),
}


def build(size, precision="float32"):
    """Config, the project's GAN, an endless stream of one batch, and that batch."""
    import tensorflow as tf

    from calciumgan_tf.training.builders import Builder
    from calciumgan_tf.training.distribution import make_strategy
    from calciumgan_tf.training.gan import GAN

    frames, neurons, units, batch, _ = SIZES[size]
    sizes = {"window_frames": frames, "units": units, "critic_units": units, "batch_size": batch}
    config = measure.paper_config(**sizes, phase_shuffle=min(10, frames // 16 - 1), precision=precision)
    gan = GAN(config.optimization, Builder(config, neurons), make_strategy())
    real = np.random.default_rng(0).uniform(0, 1, (batch, frames, neurons)).astype(np.float32)
    return config, gan, iter(tf.data.Dataset.from_tensors(real).repeat()), real


def first_update(size, which):
    """In a child process: seconds from nothing to the end of the first update, seconds of a later one, and memory."""
    import tensorflow as tf

    def start():
        config, gan, batches, _ = build(size)
        side = gan if which == "ours" else naive_wgan_gp.NaiveWganGp(config, gan)
        return lambda: side.train_step(batches, tf.constant(0, tf.int64))["critic_loss"].numpy()

    made = []
    first = measure.seconds(lambda: made.append(start()) or made[0]())
    later = min(measure.seconds(made[0]) for _ in range(3))
    print(json.dumps({"seconds": first, "later": later, "peak_mib": measure.peak_mib()}))


def largest_difference(size):
    """Of losses and gradients, relative to the largest of each tensor.

    In float64, since in float32 a rounding error can put a unit on the other side of its kink.
    """
    import tensorflow as tf

    config, gan, _, real = build(size, "float64")
    naive, real, zero = naive_wgan_gp.NaiveWganGp(config, gan), tf.constant(real), tf.constant(0, tf.int64)

    def both():
        generated = gan.windows_for_critic(zero)[0]
        return gan.critic_gradients(real, generated, zero), gan.generator_gradients(zero)[:2]

    ours = tf.function(lambda: gan.strategy.run(both))()
    theirs = tf.function(lambda: (naive.critic_gradients(real, zero), naive.generator_gradients(zero)))()
    worst = 0.0
    for (mine, losses), (plain, loss), name in zip(ours, theirs, ("critic_loss", "generator_loss")):
        for a, b in [*zip(mine, plain), (losses[name], loss)]:
            a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
            worst = max(worst, np.abs(a - b).max() / max(np.abs(b).max(), 1e-3))
    return worst


def processes_alone(size):
    """Time to the first update and memory of either side, and both updates without oneDNN."""
    ours, naive = (measure.child(__file__, f"--child={size},{name}") for name in ("ours", "naive"))
    ours_without, without = (
        measure.child(__file__, f"--child={size},{name}", TF_ENABLE_ONEDNN_OPTS="0") for name in ("ours", "naive")
    )
    return {
        "ours_first_update_seconds": ours["seconds"],
        "naive_first_update_seconds": naive["seconds"],
        "ratio_to_naive_without_onednn": without["later"] / ours["later"],
        "ratio_both_without_onednn": without["later"] / ours_without["later"],
        "ours_peak_mib": ours["peak_mib"],
        "naive_peak_mib": naive["peak_mib"],
    }


def main():
    asked = measure.arguments(__doc__, SIZES)
    if asked.child:
        return first_update(*asked.child.split(","))
    import tensorflow as tf

    worst = largest_difference(asked.size)
    if not worst < 1e-4:
        raise SystemExit(f"losses or gradients differ by {worst:.3g} of the largest")
    config, gan, batches, _ = build(asked.size)
    sides = {"ours": gan, "naive": naive_wgan_gp.NaiveWganGp(config, gan)}
    updates, taken = SIZES[asked.size][-1], {}

    def run(name):
        def several():
            for step in range(updates):
                last = sides[name].train_step(batches, tf.constant(step, tf.int64))
            last["critic_loss"].numpy()

        taken.setdefault(name, []).append(measure.seconds(several) / updates)
        return taken[name][-1]

    run("naive"), run("ours")  # traced and warm
    ratio = measure.in_turn(lambda: run("naive"), lambda: run("ours"), asked.rounds)
    alone = {} if asked.quick else processes_alone(asked.size)
    measure.report(
        "training_step",
        asked.size,
        **ratio,
        largest_difference=float(worst),
        ours_seconds_an_update=float(np.median(taken["ours"])),
        naive_seconds_an_update=float(np.median(taken["naive"])),
        **alone,
    )


if __name__ == "__main__":
    sys.exit(main())
