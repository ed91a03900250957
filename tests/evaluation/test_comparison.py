import dataclasses
import json
import re

import numpy as np
import pytest

from calciumgan_tf.dataset.split import Split, split_frames
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import comparison, metrics, spike_table
from calciumgan_tf.plotting import report
from calciumgan_tf.synthetic import populations

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 64, 5, 60


@pytest.fixture(scope="module")
def population():
    return populations.population(neurons=NEURONS, seed=3)


@pytest.fixture(scope="module")
def recording(population):
    return population.recording(6000)


@pytest.fixture(scope="module")
def split():
    return split_frames(6000, FRAMES)


@pytest.fixture(scope="module")
def generated(population):
    """Windows of a perfect model."""
    return population.windows(WINDOWS, FRAMES)[1]


@pytest.fixture(scope="module")
def evaluation(recording, split, generated):
    return comparison.evaluate(recording, split, generated)


@pytest.fixture(scope="module")
def with_silent_neuron(recording, split, generated):
    changed = generated.copy()
    changed[:, :, 1] = 0
    return comparison.evaluate(recording, split, changed)


def plain(value):
    """Python's numbers from the file, where NaN and Infinity are errors."""

    def refuse(word):
        raise AssertionError(word)

    return json.loads(value, parse_constant=refuse)


def test_table_is_complete_and_finite(evaluation):
    assert list(evaluation.rows) == list(metrics.UNITS)
    for name, row in evaluation.rows.items():
        assert set(row) == {"unit", *comparison.COLUMNS, "n", "ci95", "beyond", "note"}
        assert np.isfinite([row[column] for column in comparison.COLUMNS]).all(), name
        assert min(row[column] for column in comparison.COLUMNS) >= 0
        assert row["unit"] == metrics.UNITS[name]


def test_interval_holds_the_value(evaluation):
    for row in evaluation.rows.values():
        low, high = row["ci95"]
        assert 0 <= low < row["generated"] < high < np.inf
        low, high = row["beyond"]
        assert low < row["generated"] - row["floor"] < high


def test_n_says_what_was_averaged_over(evaluation):
    over = {name: row["n"] for name, row in evaluation.rows.items()}
    assert over["firing_rate_kl"] == over["firing_rate_rmse"] == "5 neurons"
    assert over["correlation_rmse"] == "10 pairs"
    assert over["covariance_kl"] == over["van_rossum_kl"] == f"{WINDOWS} windows"
    assert over["population_count_kl"] == f"{WINDOWS * FRAMES} frames"


def test_first_windows_are_taken_and_the_rows_are_the_same_twice(evaluation, recording, split, generated):
    more = np.concatenate([generated, np.full_like(generated, np.nan)])
    again = comparison.evaluate(recording, split, more, count=WINDOWS)
    assert again.rows == evaluation.rows and again.settings == evaluation.settings


def test_training_windows_as_generated_ones_are_the_floor(recording, split):
    starts = split.starts(split.training)
    starts = starts[np.linspace(0, len(starts) - 1, WINDOWS).round().astype(int)]
    rows = comparison.evaluate(recording, split, recording.traces[starts[:, None] + np.arange(FRAMES)]).rows
    np.testing.assert_allclose([row["generated_vs_training"] for row in rows.values()], 0, atol=1e-12)
    assert all(row["generated"] == row["floor"] > 0 for row in rows.values())


def test_settings_say_what_was_done(evaluation, split):
    told = evaluation.settings
    assert (told["s_min"], told["s_min_rule"], told["baseline"]) == (0.55, "given, baseline 0", [0] * NEURONS)
    assert (told["windows"], told["window_frames"], told["bin_seconds"]) == (WINDOWS, FRAMES, 0.5)
    assert Split.from_json(told["split"]) == split


def test_unknown_s_min_is_three_times_the_noise(recording, split, generated):
    told = comparison.evaluate(dataclasses.replace(recording, s_min=None), split, generated).settings
    np.testing.assert_allclose(told["s_min"], 3 * np.array(told["noise"]))
    assert told["s_min_rule"] == "three times the noise of each neuron"


def test_one_training_block_has_no_halves(recording, generated):
    split = Split("end", FRAMES, ((0, 4000),), ((4064, 6000),))
    rows = comparison.evaluate(recording, split, generated).rows
    assert all(row["within"] is None and row["floor"] is not None for row in rows.values())
    assert " - " in spike_table.text(rows)


def test_one_neuron_has_no_pairs(recording, split, generated):
    alone = dataclasses.replace(recording, traces=recording.traces[:, :1], spikes=None, neuron_ids=("0",))
    rows = comparison.evaluate(alone, split, generated[:, :, :1]).rows
    assert rows["firing_rate_rmse"]["generated"] is not None
    assert rows["correlation_kl"]["generated"] is rows["correlation_rmse"]["generated"] is None


def test_silent_neuron_is_counted_in_the_notes(with_silent_neuron, evaluation):
    notes = {name: row["note"] for name, row in with_silent_neuron.rows.items()}
    assert notes["firing_rate_kl"] == notes["firing_rate_rmse"] == "silent neurons: 0 recorded, 1 generated"
    assert notes["correlation_rmse"] == "undefined pairs, counted as 0: 0 recorded, 4 generated"
    assert notes["isi_mean_rmse"] == "neurons without an interval, left out: 0 recorded, 1 generated"
    assert re.fullmatch(
        r"undefined pairs, left out: \d+% recorded, \d+% generated; windows without any pair: \d+",
        notes["correlation_kl"],
    )
    assert notes["population_count_kl"] == notes["van_rossum_kl"] == ""
    assert with_silent_neuron.rows["isi_sd_rmse"]["n"] == "4 neurons"
    assert evaluation.rows["firing_rate_kl"]["note"] == ""


def test_generated_windows_without_any_spike(recording, split, generated):
    evaluation = comparison.evaluate(recording, split, np.zeros_like(generated))
    undefined = {name for name, row in evaluation.rows.items() if row["generated"] is None}
    assert undefined == {"correlation_kl", "isi_mean_rmse", "isi_sd_rmse"}
    for name, row in evaluation.rows.items():
        assert (row["ci95"] is None) == (row["beyond"] is None) == (name in undefined)
    plain(json.dumps(evaluation.rows))


def test_wrong_number_of_neurons(recording, split, generated):
    with pytest.raises(InputError, match="generated windows have 4 neurons, the recording has 5"):
        comparison.evaluate(recording, split, generated[:, :, :4])


def test_wrong_window_length(recording, split, generated):
    with pytest.raises(InputError, match="generated windows have 32 frames, the run's have 64"):
        comparison.evaluate(recording, split, generated[:, :32])


def test_wrong_number_of_axes(recording, split, generated):
    with pytest.raises(InputError, match=r"shape \(64, 5\)"):
        comparison.evaluate(recording, split, generated[0])


def test_one_window_is_too_few(recording, split, generated):
    with pytest.raises(InputError, match="one window is too few to compare"):
        comparison.evaluate(recording, split, generated[:1])


def test_generated_windows_that_are_not_finite(recording, split, generated):
    changed = generated.copy()
    changed[17, 3, 2], changed[18, 0, 0] = np.inf, np.nan
    with pytest.raises(InputError, match="generated window 17 has NaN or Inf in neuron 2"):
        comparison.evaluate(recording, split, changed)


def test_text_has_a_line_for_each_metric(with_silent_neuron):
    rows = with_silent_neuron.rows
    header, *lines = spike_table.text(rows).splitlines()
    assert header.split()[:4] == ["metric", "floor", "within", "generated"]
    for line, (name, row) in zip(lines, rows.items()):
        assert line.startswith(name) and spike_table.number(row["generated"]) in line and line.endswith(row["n"])
    assert len({len(line) for line in [header, *lines[: len(rows)]]}) == 1
    assert all(f"{name}: {row['note']}" in lines for name, row in rows.items() if row["note"])


@pytest.mark.parametrize("value, expected", [(None, "-"), (0.0, "0"), (0.12345, "0.123"), (1234.5, "1.23e+03")])
def test_numbers_have_three_digits(value, expected):
    assert spike_table.number(value) == expected


def row(floor, generated, dichotomized_gaussian, shuffled, beyond=None):
    return {
        "floor": floor, "generated": generated, "dichotomized_gaussian": dichotomized_gaussian, "shuffled": shuffled,
        "beyond": beyond,
    }  # fmt: skip


def test_verdict_names_what_is_near_the_floor_and_what_a_baseline_beats():
    rows = {
        "firing_rate_kl": row(1, 2, 3, 1, (-0.5, 2)),
        "firing_rate_rmse": row(1, 2.1, 2, 1, (0.1, 2)),
        "correlation_rmse": row(1, 9, 10, 8, (7, 9)),
        "correlation_kl": row(1, 1.9, 1, 1.8),
        "isi_mean_rmse": row(1, None, 0, 1),
        "isi_sd_rmse": row(0, 1, 2, 0, (0.5, 1)),
    }
    beyond, near, blunt, worse_than_gaussian, worse_than_shuffled, undefined = spike_table.verdict(rows)
    assert beyond.endswith(": firing_rate_rmse (2.1 x floor), correlation_rmse (9 x floor), isi_sd_rmse.")
    assert near == "Within twice the floor: firing_rate_kl."
    assert blunt.endswith(": correlation_kl.")
    assert worse_than_gaussian == "Worse than a dichotomised Gaussian: firing_rate_rmse."
    assert worse_than_shuffled.endswith(": correlation_rmse.")
    assert undefined.endswith(": isi_mean_rmse.")


def test_verdict_names_a_rate_that_was_doubled(recording, split, population):
    means = 2 * population.spiking.means
    doubled = populations.population(means, np.diag(means), seed=9).windows(WINDOWS, FRAMES)[1]
    beyond, near, _, worse, *_ = spike_table.verdict(comparison.evaluate(recording, split, doubled).rows)
    assert "firing_rate_rmse" in beyond and "firing_rate_rmse" not in near and "firing_rate_rmse" in worse


@pytest.fixture(scope="module")
def folder(with_silent_neuron, tmp_path_factory):
    path = tmp_path_factory.mktemp("output") / "evaluation"
    report.write(with_silent_neuron, path, "a <b> against c & d")
    return path


def test_json_is_strict_and_says_it_all(folder, with_silent_neuron):
    written = plain((folder / "metrics.json").read_text())
    assert set(written) == {"settings", "metrics"}
    expected = {
        name: {**row, "ci95": list(row["ci95"]), "beyond": list(row["beyond"])}
        for name, row in with_silent_neuron.rows.items()
    }
    assert written["metrics"] == expected


def test_table_is_written(folder, with_silent_neuron):
    assert (folder / "table.txt").read_text() == spike_table.text(with_silent_neuron.rows) + "\n"


def test_figures_are_png(folder):
    pictures = sorted(folder.glob("*.png"))
    drawn = ["divergences", "rasters", "rate_histograms", "scatters", "traces", "transients", "van_rossum_maps"]
    assert [path.stem for path in pictures] == drawn
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n") for path in pictures)


def test_report_stands_alone(folder):
    page = (folder / "report.html").read_text()
    sources = re.findall(r'\b(?:src|href)="([^"]*)"', page)
    assert len(sources) == page.count("<img ") == len(list(folder.glob("*.png")))
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "<script" not in page and "<link" not in page
    assert "<h1>a &lt;b&gt; against c &amp; d</h1>" in page
    assert all(f"<td>{name}" in page for name in metrics.UNITS)


def test_writing_again_replaces_the_folder(with_silent_neuron, tmp_path):
    folder = tmp_path / "evaluation"
    folder.mkdir()
    (folder / "old.png").write_bytes(b"")
    report.write(with_silent_neuron, folder, "title")
    assert not (folder / "old.png").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation"]
