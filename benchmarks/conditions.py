"""How well models follow conditions: tuning against the truth, and what a recording allows.

    for seed in 0 1 2; do
      for model in calciumgan:600 physiological:400; do
        run=checkpoints/tuned/${model%:*}-$seed
        python train.py --dataset=synthetic_tuned --condition=stimulus,speed --model=${model%:*} --steps=${model#*:} \
          --seed=$seed --run=$run
        python generate.py --checkpoint=$run
      done
    done
    python benchmarks/conditions.py checkpoints/tuned/*

Prints, for each run and each condition, the statistics of evaluate.py --conditions: floor, generated, their ratio and
the verdict. For --dataset=synthetic_tuned, fresh windows of the truth follow, judged like generated ones.
"""

import argparse
import pathlib

import measure  # noqa: F401, makes the package known


def rows(generated, run):
    """Yields (condition, statistic, floor, generated, verdict)."""
    from calciumgan_tf.evaluation.conditions import judged

    data = run.training_data()
    for one in judged.judge(generated, data.recording, data.split).conditions:
        for row in one.rows:
            yield one.name, row.statistic.name, row.floor, row.generated, row.verdict


def fresh(run, windows):
    """Samples of the truth that a run was trained on, as many windows; None where it is not known."""
    from calciumgan_tf.dataset import sources
    from calciumgan_tf.sampling.samples import Samples
    from calciumgan_tf.synthetic import protocol, tuned

    data = run.config().data
    if data.dataset != sources.SYNTHETIC_TUNED:
        return None
    _, traces, conditions = tuned.population(data.synthetic_neurons).windows(windows, data.window_frames)
    rate = run.training_data().recording.frame_rate
    return Samples(traces, rate, "fresh windows of the truth", conditions=conditions, condition_names=protocol.NAMES)


def show(title, found):
    print(f"\n{title}")
    for condition, name, floor, value, verdict in found:
        print(f"{condition:10s} {name:26s} {floor:8.3f} {value:8.3f} {value / floor:6.2f}  {verdict}")


def main():
    from calciumgan_tf.sampling import samples
    from calciumgan_tf.training.run import Run

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="+", type=pathlib.Path)
    asked = parser.parse_args()
    print(f"{'condition':10s} {'statistic':26s} {'floor':>8s} {'made':>8s} {'ratio':>6s}  verdict")
    for path in asked.run:
        run = Run.open(path)
        generated = samples.load(run.newest_samples())
        show(f"{path}: {run.config().model}, step {run.saved_step()}", rows(generated, run))
    truth = fresh(run, generated.traces.shape[0])
    if truth is not None:
        show("fresh windows of the truth", rows(truth, run))


if __name__ == "__main__":
    main()
