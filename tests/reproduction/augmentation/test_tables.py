"""The page of an experiment with planted scores."""

import json

import numpy as np
import pytest

from calciumgan_tf.plotting import augmentation_figures, style
from calciumgan_tf.reproduction.augmentation import intervals, tables

NOISE = np.random.default_rng(0).normal(0, 0.01, 200)


def planted(pieces=8):
    """Three seeds of two shares: generated windows help at 10 % and harm at 100 %, but for ten times as many."""
    added = {0.1: (0.2, 0.3, 0.4), 1.0: (-0.2, -0.1, 0.0)}

    def result(share, seed):
        scores = {"recorded": [0.5, *(0.5 + NOISE)]}
        for amount, more in zip((1, 3, 10), added[share]):
            value = 0.5 + more + 0.01 * seed - 0.01
            scores[f"generated_{amount}"] = [value, *(value + NOISE[::-1])]
        scores["jitter_1"] = scores["recorded"]
        inverse = {name: [-value for value in values] for name, values in scores.items()}
        return {"minutes": 10 * share, "pieces": pieces, "scores": {"neurons": scores, "correlations": inverse}}

    return {share: [result(share, seed) for seed in range(3)] for share in added}


def test_verdicts_and_sentences():
    found = tables.estimates(planted())
    for task in ("neurons", "correlations"):  # of which one is better higher and the other lower
        cells = found[task]
        assert [cells[f"generated_{amount}"][0.1].verdict for amount in (1, 3, 10)] == [intervals.HELP] * 3
        assert [cells[f"generated_{amount}"][1.0].verdict for amount in (1, 3)] == [intervals.HARM] * 2
        assert cells["generated_10"][1.0].verdict == intervals.NO_DIFFERENCE
        assert tables.said(cells) == (
            "Added to the recorded part, generated windows help: 1, 3 and 10 times as many at 10 %. "
            "Added to the recorded part, generated windows make no difference that can be told from 0: 10 times as "
            "many at 100 %. Added to the recorded part, generated windows harm: 1 and 3 times as many at 100 %."
        )
    assert "condition" not in found
    assert tables.said({}) == "The generated windows have no conditions to learn it from."


def test_the_interval_of_a_score_is_not_that_of_its_difference():
    cell = tables.estimates(planted())["neurons"]["jitter_1"][0.1]
    assert cell.difference == intervals.Estimate(0.0, 0.0, 0.0)
    assert cell.score.low < 0.5 < cell.score.high and cell.minutes == 1


def test_a_held_out_part_of_one_piece_decides_nothing():
    found = tables.estimates(planted(pieces=1))
    verdicts = {cell.verdict for cells in found["neurons"].values() for cell in cells.values()}
    assert verdicts == {intervals.UNKNOWN} and "are undetermined" in tables.said(found["neurons"])


def test_a_set_that_a_seed_does_not_have_is_left_out():
    results = planted()
    del results[0.1][1]["scores"]["neurons"]["generated_3"]
    found = tables.estimates(results)["neurons"]
    assert list(found["generated_3"]) == [1.0]
    rows = [line.split(" | ") for line in tables._table(found) if "+ 3 x generated" in line]
    assert rows[0][1] == "-" and rows[0][2].endswith("(-) |")


def test_plain_values_are_json():
    plain = json.loads(json.dumps(tables.plain(tables.estimates(planted()))))
    assert plain["neurons"]["generated_1"]["10"]["score"]["value"] == pytest.approx(0.7)


@pytest.mark.parametrize("pieces", [1, 8])
def test_figure(tmp_path, pieces):
    style.save(augmentation_figures.scores(tables.estimates(planted(pieces))), tmp_path / "x.png")
    assert style.read(tmp_path / "x.png").std() > 10
