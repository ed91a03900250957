"""Tables and metrics.json, which are made from the registry."""

import dataclasses
import json

import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import registry, tables
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS
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


def test_text_has_a_line_for_each_metric_and_each_row(evaluation):
    lines = tables.text(evaluation).splitlines()
    for name, row in evaluation.rows.items():
        (line,) = [line for line in lines if line.split(" ", 1)[0] == name]
        assert tables.number(row["generated"]) in line and tables.interval(row["beyond"]) in line
        assert not row["note"] or f"{name}: {row['note']}" in lines
    for name, finding in evaluation.diagnosis.findings.items():
        (line,) = [line for line in lines if line.split(" ", 1)[0] == name]
        assert finding.verdict in line.split() and f"{finding.row.null}: {tables.number(finding.null.value)}" in line
        assert line.endswith(finding.note)
    assert [line for line in lines if line in tables.LEGENDS] == [tables.SPIKES, tables.DIAGNOSIS]


def test_a_row_that_depends_on_the_decay_is_marked(evaluation):
    rates = evaluation.diagnosis.findings["rates"]
    by_decay = {0.5: "different", 1.0: "equivalent", 2.0: "equivalent"}
    null = dataclasses.replace(rates.null, p=0.001)  # the fault is seen
    rates = dataclasses.replace(rates, verdict="undetermined", by_decay=by_decay, null=null)
    diagnosis = dataclasses.replace(evaluation.diagnosis, findings={"rates": rates})
    changed = dataclasses.replace(evaluation, diagnosis=diagnosis)
    (line,) = [line for line in tables.text(changed).splitlines() if line.startswith("rates ")]
    assert line.split()[-5:] == ["undetermined", "depends", "on", "the", "decay"]
    assert rates.note in tables.LEGENDS[tables.DIAGNOSIS]
    written = tables.plain(changed)["diagnosis"]["rates"]
    assert written["verdict_by_decay"] == {"0.5": "different", "1": "equivalent", "2": "equivalent"}
    assert written["note"] == rates.note


def test_a_row_that_can_not_see_its_fault_is_marked(evaluation):
    rates = evaluation.diagnosis.findings["rates"]
    for p, marked in ((0.5, True), (0.001, False)):
        changed = dataclasses.replace(rates, null=dataclasses.replace(rates.null, p=p))
        assert ("can't see its fault here" in changed.note) == marked


def test_lines_of_a_table_are_equally_long(evaluation):
    tables_of = tables.cells(evaluation)
    assert list(tables_of) == [tables.SPIKES, tables.DIAGNOSIS]
    for cells in tables_of.values():
        assert len({len(line) for line in cells}) == len({len(line) for line in tables.aligned(cells)}) == 1


def test_every_row_is_in_one_sentence_then_come_copies_and_spike_metrics(evaluation):
    lines = tables.sentences(evaluation)
    of_spikes = [line for line in lines if line.startswith("Spike metrics: ")]
    assert sum(line.count(name) for line in of_spikes for name in evaluation.rows) >= len(evaluation.rows)
    *verdicts, last = lines[: -len(of_spikes)]
    named = [name for line in verdicts for name in line.rsplit("): ", 1)[1].rstrip(".").split(", ")]
    assert sorted(named) == sorted(evaluation.diagnosis.findings)
    assert last.startswith("No copies were found (p = ")


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
    assert set(written) == {"format", "version", "settings", "metrics", "diagnosis", "copying"}
    assert written["settings"]["model"] == "physiological" and written["settings"]["samples"] == "x.h5"
    assert set(written["metrics"]) == set(registry.METRICS)
    row, own = written["metrics"]["correlation_rmse"], evaluation.rows["correlation_rmse"]
    assert {column: row[column] for column in registry.COLUMNS} == {column: own[column] for column in registry.COLUMNS}
    assert row["beyond"] == list(own["beyond"])
    assert set(written["diagnosis"]) == {row.name for row in ROWS}
    found = written["diagnosis"]["rates"]
    assert (
        found["verdict"] == evaluation.diagnosis.findings["rates"].verdict and found["fault_name"] == "neurons renamed"
    )
    assert found["generated"]["low"] <= found["generated"]["high"] and 0 <= found["p_corrected"] <= 1
    assert set(written["copying"]) == {"p", "repeated", "whole", "half", "neuron"}


def test_every_metric_and_row_is_defined_in_whole_sentences():
    for metric in registry.METRICS.values():
        assert metric.reference and metric.definition[0].isupper() and metric.definition.endswith(".")
    for row in ROWS:
        assert row.source and row.question.endswith("?")
        assert row.definition[0].isupper() and row.definition.endswith(".")
    assert len(registry.METRICS) == 9


def test_definitions_hold_every_metric_and_row_once():
    text = tables.definitions_markdown()
    assert all(text.count(f"- `{name}`: ") == 1 for name in (*registry.METRICS, *(row.name for row in ROWS)))
