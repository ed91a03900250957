"""The verdict of an evaluation in sentences; every metric is named in a single one of them."""

import collections

FAR = 2  # an excess over the floor of more than so many times the floor is called far
BLUNT = 2  # a metric cannot tell where even shuffled neurons are within so many times the floor
SIGNIFICANT = 0.01
COPIED = 1e-6  # p of the memorisation test below which windows count as copies
FEWEST_WINDOWS = 13  # below which nothing is said
SENTENCES = {
    "far": "Far beyond the floor (the 95 % interval of generated less floor lies above 0, and the excess is more than "
    "twice the floor itself)",
    "beyond": "Beyond the floor (the interval lies above 0)",
    "distinguishable": f"Distinguishable from the held-out part by a permutation test (p < {SIGNIFICANT}), although "
    "the training part is not, or is less than half as far from it",
    "drift": "Distinguishable from the held-out part by a permutation test, but so is the training part, since the "
    "recording drifts",
    "floor": "No worse than the floor (the interval includes 0, or the test finds no difference)",
    "blunt": "Cannot tell here, since even neurons that are shuffled apart are within twice the floor, or since there "
    "are too few windows for an interval or a test",
    "undefined": "Undefined, so that nothing can be said",
}
WORSE = {"dichotomized_gaussian": "worse than DG", "shuffled": "worse than shuffled"}


def standing(row, joint: bool) -> str:
    """Which of SENTENCES a metric belongs to.

    Args:
      row: of reference.Evaluation.
      joint: of its Metric.
    """
    generated, floor = row["generated"], row["floor"]
    if generated is None or floor is None:
        return "undefined"
    if row["p"] is not None:
        return _of_test(row)
    if row["beyond"] is None:
        return "blunt"
    if row["beyond"][0] > 0:
        return "far" if generated - floor > FAR * floor else "beyond"
    if joint and row["shuffled"] is not None and row["shuffled"] <= BLUNT * floor:
        return "blunt"
    return "floor"


def _of_test(row):
    if row["p"]["generated"] is None:
        return "blunt"
    if row["p"]["generated"] >= SIGNIFICANT:
        return "floor"
    drifts = (row["p"]["floor"] or 1) < SIGNIFICANT and row["generated"] <= 2 * row["floor"]
    return "drift" if drifts else "distinguishable"


def detects(row, joint: bool) -> bool:
    """Whether a metric says that the generated windows differ from the recording by more than its own drift.

    A value that is undefined where the floor is defined says so too. Arguments are those of `standing`.
    """
    if row["generated"] is None:
        return row["floor"] is not None
    return standing(row, joint) in ("far", "beyond", "distinguishable")


def _worse_than(row, joint):
    """Baselines that are better than the generated windows, by their value and the interval of the difference."""
    for name, words in WORSE.items():
        interval = row["beyond_baseline"][name]
        if (joint or name != "shuffled") and interval and interval[0] > 0 and row["generated"] > row[name]:
            yield words


def _described(name, row, joint, place):
    remarks = []
    if place in ("far", "beyond") and row["floor"] > 0:
        remarks.append(f"{row['generated'] / row['floor']:.3g} x floor")
    if place not in ("blunt", "undefined"):
        remarks += _worse_than(row, joint)
    return f"{name} ({', '.join(remarks)})" if remarks else name


def sentences(rows, metrics, windows: int, memorisation=None) -> list:
    """The verdict: a sentence for each standing that a metric has, and a sentence on copying.

    Args:
      rows: of reference.Evaluation.
      metrics: {name: Metric}.
      windows: how many of each set were compared.
      memorisation: Memorisation or None.
    """
    if windows < FEWEST_WINDOWS:
        return [f"{windows} windows are too few to judge; compare at least {FEWEST_WINDOWS}, better a thousand."]
    named = collections.defaultdict(list)
    for name, row in rows.items():
        joint = metrics[name].joint
        place = standing(row, joint)
        named[place].append(_described(name, row, joint, place))
    lines = [f"{text}: {', '.join(named[place])}." for place, text in SENTENCES.items() if named[place]]
    return lines if memorisation is None else [*lines, copying(memorisation)]


def copying(memorisation) -> str:
    """The result of the test for copies as a sentence."""
    p = memorisation.p_value
    if p < COPIED:
        found = "Copying: generated windows are nearer to training windows than held-out ones are"
    elif p < SIGNIFICANT:
        found = (
            "Generated windows are nearer to training windows than held-out ones are, because they are copied or "
            "because they differ from the recording otherwise; look at the closest pairs"
        )
    else:
        found = "No sign of copying: generated windows are no nearer to training windows than held-out ones are"
    return (
        f"{found} (Mann-Whitney p = {p:.2g}; the probability that a generated window is farther from its nearest "
        f"training window than a held-out one is {memorisation.effect:.2f})."
    )
