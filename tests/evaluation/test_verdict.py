"""Sentences of an evaluation: each metric in one of them, and none that the intervals do not bear out."""

import pytest

from calciumgan_tf.evaluation import registry, verdict

BETTER, WORSE = (-1.0, -0.5), (0.5, 1.0)  # intervals of generated less a baseline


def row(generated, floor=1.0, beyond=(-0.5, 0.5), gaussian=BETTER, shuffled=BETTER, value_of_shuffled=5.0):
    baselines = {"dichotomized_gaussian": gaussian, "shuffled": shuffled}
    return {
        "floor": floor, "generated": generated, "beyond": beyond, "beyond_baseline": baselines,
        "dichotomized_gaussian": 0.5, "shuffled": value_of_shuffled,
    }  # fmt: skip


STANDINGS = {
    "far": [row(3.1, beyond=(1, 3)), row(0.1, floor=0.0, beyond=(0.01, 0.2))],
    "beyond": [row(2.9, beyond=(0.1, 3)), row(1.1, beyond=(0.01, 0.2))],
    "floor": [row(3.1, beyond=(-0.1, 4)), row(0.5)],
    "blunt": [row(1.5, value_of_shuffled=1.9)],
    "few": [row(1.5, beyond=None)],
    "undefined": [row(None, beyond=None), row(1, floor=None, beyond=None)],
}


@pytest.mark.parametrize("standing, given", [(name, one) for name, rows in STANDINGS.items() for one in rows])
def test_standing(standing, given):
    assert verdict.standing(given, joint=True) == standing


def test_only_metrics_of_several_neurons_are_blunt():
    assert verdict.standing(row(1.5, value_of_shuffled=1.0), joint=False) == "floor"


def test_a_value_that_is_worse_is_said_even_where_shuffled_neurons_are_near_it():
    assert verdict.standing(row(3.5, beyond=(1, 3), value_of_shuffled=1.0), joint=True) == "far"


def sentences(rows, windows=1000):
    return verdict.sentences(rows, registry.METRICS, windows)


def test_each_metric_is_named_once():
    rows = dict(zip(registry.METRICS, (one for given in STANDINGS.values() for one in given)))
    said = " ".join(sentences(rows)).replace("(", " ").replace(",", " ").replace(".", " ").split()
    assert len(rows) == len(registry.METRICS) and all(said.count(name) == 1 for name in rows)


def test_far_is_said_with_how_far():
    said = sentences({"firing_rate_rmse": row(9, beyond=(7, 9)), "isi_sd_rmse": row(1.2, beyond=(0.1, 0.3))})
    assert said[0].startswith("Far worse than the training part") and said[0].endswith(
        ": firing_rate_rmse (9 x training part)."
    )
    assert said[1].startswith("Worse than the training part") and said[1].endswith(
        ": isi_sd_rmse (1.2 x training part)."
    )


def test_worse_than_a_baseline_needs_the_interval():
    overlap = (-0.01, 1.0)
    for name, gaussian, shuffled, words in (
        ("firing_rate_rmse", WORSE, BETTER, " (worse than DG)"),
        ("firing_rate_rmse", overlap, overlap, ""),
        ("firing_rate_rmse", BETTER, WORSE, ""),  # rates of shuffled neurons are those of the recording
        ("correlation_rmse", overlap, WORSE, " (worse than shuffled)"),
    ):
        given = row(6, floor=4.0, gaussian=gaussian, shuffled=shuffled)
        if name == "correlation_rmse":
            given["floor"] = 2.0
        assert sentences({name: given})[0].endswith(f": {name}{words}.")


def test_few_windows_are_not_judged():
    rows = {"firing_rate_rmse": row(9, beyond=(7, 9))}
    for windows in (2, verdict.FEWEST_WINDOWS - 1):
        only = sentences(rows, windows)
        assert only == [f"{windows} windows are too few to judge; compare at least 13, better a thousand."]
    assert "firing_rate_rmse" in sentences(rows, verdict.FEWEST_WINDOWS)[0]
