"""The verdict on the spike metrics in sentences; every metric is named in a single one of them."""

import collections

FAR = 2  # an excess over the training part's value of more than so many times that value is called far
BLUNT = 2  # a metric cannot tell where even shuffled neurons are within so many times the training part's value
FEWEST_WINDOWS = 13  # below which nothing is said
SENTENCES = {
    "far": "Far worse than the training part (the 95 % interval of the difference lies above 0, and the difference is "
    "more than twice the training part's own value)",
    "beyond": "Worse than the training part (the interval lies above 0)",
    "floor": "Not shown to be worse than the training part (the interval includes 0)",
    "blunt": "Cannot tell here, since even shuffled neurons are within twice the training part's value",
    "few": "Cannot tell, since there are too few windows for an interval",
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
    if row["beyond"] is None:
        return "few"
    if row["beyond"][0] > 0:
        return "far" if generated - floor > FAR * floor else "beyond"
    if joint and row["shuffled"] is not None and row["shuffled"] <= BLUNT * floor:
        return "blunt"
    return "floor"


def _worse_than(row, joint):
    """Baselines that are better than the generated windows, by their value and the interval of the difference."""
    for name, words in WORSE.items():
        interval = row["beyond_baseline"][name]
        if (joint or name != "shuffled") and interval and interval[0] > 0 and row["generated"] > row[name]:
            yield words


def _described(name, row, joint, place):
    remarks = []
    if place in ("far", "beyond") and row["floor"] > 0:
        remarks.append(f"{row['generated'] / row['floor']:.3g} x training part")
    if place not in ("few", "undefined"):
        remarks += _worse_than(row, joint)
    return f"{name} ({', '.join(remarks)})" if remarks else name


def sentences(rows, metrics, windows: int) -> list:
    """The verdict: a sentence for each standing that a metric has.

    Args:
      rows: of reference.Evaluation.
      metrics: {name: Metric}.
      windows: how many of each set were compared.
    """
    if windows < FEWEST_WINDOWS:
        return [f"{windows} windows are too few to judge; compare at least {FEWEST_WINDOWS}, better a thousand."]
    named = collections.defaultdict(list)
    for name, row in rows.items():
        joint = metrics[name].joint
        place = standing(row, joint)
        named[place].append(_described(name, row, joint, place))
    return [f"{text}: {', '.join(named[place])}." for place, text in SENTENCES.items() if named[place]]
