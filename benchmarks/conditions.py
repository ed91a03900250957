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

Prints a table for each condition: the statistics of evaluate.py --conditions, the recording's own floor, and of each
model the median over its runs with the smallest and the largest value and the verdicts, in the order of the runs (=
within the floor, ≠ differs, ? can't be told). For --dataset=synthetic_tuned, fresh windows of the truth are judged as
well.
"""

import argparse
import collections
import pathlib
import statistics

import measure  # noqa: F401, makes the package known

MARKS = {"within the floor": "=", "differs": "≠", "can't be told": "?"}


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


def cell(found):
    """Median, range and verdicts of the (value, verdict) of several runs."""
    values = [value for value, _ in found]
    spread = f" ({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else ""
    return f"{statistics.median(values):.3g}{spread} {''.join(MARKS[verdict] for _, verdict in found)}"


def main():
    from calciumgan_tf.sampling import samples
    from calciumgan_tf.training.run import Run

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="+", type=pathlib.Path)
    asked = parser.parse_args()
    floors, columns = {}, collections.defaultdict(lambda: collections.defaultdict(list))
    for path in asked.run:
        run = Run.open(path)
        generated = samples.load(run.newest_samples())
        for condition, name, floor, value, verdict in rows(generated, run):
            floors[condition, name] = floor
            columns[run.config().model][condition, name].append((value, verdict))
    truth = fresh(run, generated.traces.shape[0])
    for condition, name, _, value, verdict in rows(truth, run) if truth else ():
        columns["fresh windows of the truth"][condition, name].append((value, verdict))
    for wanted in dict.fromkeys(condition for condition, _ in floors):
        print(f"\n{wanted}\n")
        print("| statistic | floor |", " | ".join(columns), "|\n|---|---|" + "---|" * len(columns))
        for (condition, name), floor in floors.items():
            if condition == wanted:
                cells = [cell(found[condition, name]) for found in columns.values()]
                print(f"| `{name}` | {floor:.3g} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
