"""Tables and metrics.json, which are made from the registry."""

import json

import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import registry, tables
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.synthetic import populations


@pytest.fixture(scope="module")
def evaluation():
    """All metrics of 40 windows of a perfect model, of which a neuron is silent."""
    truth = populations.population(neurons=3)
    data = truth.recording(3000)
    generated = truth.windows(40, 64)[1]
    generated[:, :, 1] = 0
    reference = Reference.fit(data, split_frames(data.frames, 64), 40, diagnostics=True)
    return reference.compare(generated, model="physiological", source="x.h5")


def test_text_has_a_line_for_each_metric(evaluation):
    lines = tables.text(evaluation).splitlines()
    for name, row in evaluation.rows.items():
        (line,) = [line for line in lines if line.split(" ", 1)[0] == name]
        assert tables.number(row["generated"]) in line and tables.interval(row["beyond"]) in line
        assert not row["note"] or f"{name}: {row['note']}" in lines
    assert [line.split(".")[0] for line in lines if line.split(".")[0].lower() in registry.GROUPS] == [
        "Spike statistics", "Dynamics", "Distributions", "Coverage", "Usefulness",
    ]  # fmt: skip


def test_lines_of_a_table_are_equally_long(evaluation):
    for group in tables.groups(evaluation.rows):
        cells = tables.cells(evaluation.rows, group)
        assert len({len(line) for line in cells}) == len({len(line) for line in tables.aligned(cells)}) == 1


def test_text_names_the_model_and_warns_of_what_it_was_trained_on(evaluation):
    text = tables.text(evaluation)
    assert text.startswith("Model: physiological; 40 windows of x.h5 against synthetic\n")
    assert "judge it partly by what it was trained on" in text


@pytest.mark.parametrize("value, expected", [(None, "-"), (0.0, "0"), (0.12345, "0.123"), (1234.5, "1.23e+03")])
def test_numbers_have_three_digits(value, expected):
    assert tables.number(value) == expected


def test_values_for_json_are_strict_and_complete(evaluation):
    def refuse(word):
        raise AssertionError(word)

    written = json.loads(json.dumps(tables.plain(evaluation), allow_nan=False), parse_constant=refuse)
    assert set(written) == {"format", "version", "settings", "metrics", "memorisation"}
    assert written["settings"]["model"] == "physiological" and written["settings"]["samples"] == "x.h5"
    assert set(written["metrics"]) == set(registry.METRICS)
    row, own = written["metrics"]["mmd_traces"], evaluation.rows["mmd_traces"]
    assert {column: row[column] for column in registry.COLUMNS} == {column: own[column] for column in registry.COLUMNS}
    assert row["beyond"] == list(own["beyond"]) and set(row["p"]) == {"floor", "generated"}
    assert 0 <= written["memorisation"]["p"] <= 1


def test_every_metric_is_defined_in_whole_sentences():
    for metric in (*registry.METRICS.values(), registry.COPYING):
        assert metric.group in registry.GROUPS and metric.reference
        assert metric.definition[0].isupper() or metric.definition[0] == "|"
        assert metric.definition.endswith(".")
    assert len(registry.METRICS) == 9 + 13 + 6 + 5 + 1


def test_definitions_hold_every_metric_once():
    text = tables.definitions_markdown()
    assert all(text.count(f"- `{name}`: ") == 1 for name in (*registry.METRICS, registry.COPYING.name))
