import dataclasses
import json
import re

import numpy as np
import pytest

from calciumgan_tf.dataset.split import Split, split_frames
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import registry
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations

RATE, FRAMES, NEURONS, WINDOWS = 24.0, 64, 5, 60
PAIRED = {"correlation_kl", "covariance_kl", "van_rossum_kl"}  # of windows that are paired at random


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
def reference(recording, split):
    return Reference.fit(recording, split, WINDOWS)


@pytest.fixture(scope="module")
def evaluation(reference, generated):
    return reference.compare(generated, model="calciumgan", source="samples.h5")


@pytest.fixture(scope="module")
def with_silent_neuron(reference, generated):
    changed = generated.copy()
    changed[:, :, 1] = 0
    return reference.compare(changed)


KEYS = {"unit", *registry.COLUMNS, "over", "note", "ci95", "beyond", "beyond_baseline"}


def test_rows_are_complete_and_finite(evaluation):
    assert list(evaluation.rows) == list(registry.METRICS)
    for name, row in evaluation.rows.items():
        assert set(row) == KEYS
        assert np.isfinite([row[column] for column in registry.COLUMNS]).all(), name
        assert min(row[column] for column in registry.COLUMNS) >= 0
        assert row["unit"] == registry.METRICS[name].unit


def test_a_reference_is_computed_once(reference, evaluation, generated, monkeypatch):
    """A second comparison deconvolves the generated windows and nothing else, and gives the same."""
    counted, infer = [], deconvolution.infer_spikes
    monkeypatch.setattr(deconvolution, "infer_spikes", lambda *given: counted.append(given) or infer(*given))
    again = reference.compare(generated, model="calciumgan", source="samples.h5")
    assert len(counted) == 1 and again.rows == evaluation.rows and again.settings == evaluation.settings


def test_an_evaluation_names_its_model(evaluation, with_silent_neuron):
    assert evaluation.model == evaluation.settings["model"] == "calciumgan"
    assert evaluation.settings["samples"] == "samples.h5"
    assert with_silent_neuron.model == "unknown model" and with_silent_neuron.settings["model"] == ""


def test_interval_holds_the_value(evaluation):
    for row in evaluation.rows.values():
        low, high = row["ci95"]
        assert 0 <= low < row["generated"] < high < np.inf
        low, high = row["beyond"]
        assert low < row["generated"] - row["floor"] < high


def test_over_says_what_was_averaged_over(evaluation):
    over = {name: row["over"] for name, row in evaluation.rows.items()}
    assert over["firing_rate_kl"] == over["firing_rate_rmse"] == "5 neurons"
    assert over["correlation_rmse"] == "10 pairs"
    assert over["covariance_kl"] == over["van_rossum_kl"] == f"{WINDOWS} windows"
    assert over["population_count_kl"] == f"{WINDOWS * FRAMES} frames"


def test_first_windows_are_taken(reference, evaluation, generated):
    more = np.concatenate([generated, np.full_like(generated, np.nan)])
    assert reference.compare(more).rows == evaluation.rows


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(evaluation, recording, split, generated):
    again, other = (Reference.fit(recording, split, WINDOWS, seed=seed).compare(generated).rows for seed in (0, 1))
    assert again == evaluation.rows
    assert other["firing_rate_rmse"]["beyond"] != again["firing_rate_rmse"]["beyond"]


def test_training_windows_as_generated_ones_are_the_floor(reference, recording, split):
    starts = split.starts(split.training)
    starts = starts[np.linspace(0, len(starts) - 1, WINDOWS).round().astype(int)]
    rows = reference.compare(recording.traces[starts[:, None] + np.arange(FRAMES)]).rows
    pooled = [row["generated_vs_training"] for name, row in rows.items() if name not in PAIRED]
    np.testing.assert_allclose(pooled, 0, atol=1e-12)
    assert all(row["generated"] == row["floor"] > 0 for row in rows.values())


def test_intervals_against_baselines(evaluation):
    for row in evaluation.rows.values():
        assert set(row["beyond_baseline"]) == {"dichotomized_gaussian", "shuffled"}
        for name, (low, high) in row["beyond_baseline"].items():
            assert low < row["generated"] - row[name] < high


def test_settings_say_what_was_done(evaluation, split):
    settings = evaluation.settings
    assert (settings["s_min"], settings["s_min_rule"], settings["baseline"]) == (
        0.55,
        "given, baseline 0",
        [0] * NEURONS,
    )
    assert (settings["windows"], settings["window_frames"], settings["bin_seconds"]) == (WINDOWS, FRAMES, 0.5)
    assert Split.from_json(settings["split"]) == split


def test_unknown_s_min_is_at_least_twice_the_noise(recording, split):
    settings = Reference.fit(dataclasses.replace(recording, s_min=None), split, WINDOWS).settings
    assert (np.array(settings["s_min"]) >= 2 * np.array(settings["noise"])).all()
    assert settings["s_min_rule"] == "2.4 times the unexplained SD of each neuron"


def test_one_training_block_has_no_halves(recording, generated):
    split = Split("end", FRAMES, ((0, 4000),), ((4064, 6000),))
    rows = Reference.fit(recording, split, WINDOWS).compare(generated).rows
    assert all(row["within"] is None and row["floor"] is not None for row in rows.values())


def test_one_neuron_has_no_pairs(recording, split, generated):
    alone = dataclasses.replace(recording, traces=recording.traces[:, :1], spikes=None, neuron_ids=("0",))
    rows = Reference.fit(alone, split, WINDOWS).compare(generated[:, :, :1]).rows
    assert rows["firing_rate_rmse"]["generated"] is not None
    assert rows["correlation_kl"]["generated"] is rows["correlation_rmse"]["generated"] is None


def test_silent_neuron_is_counted_in_the_notes(with_silent_neuron, evaluation):
    notes = {name: row["note"] for name, row in with_silent_neuron.rows.items()}
    assert notes["firing_rate_kl"] == notes["firing_rate_rmse"] == "silent neurons: 0 recorded, 1 generated"
    assert notes["correlation_rmse"] == "undefined pairs, counted as 0: 0 recorded, 4 generated"
    assert notes["isi_mean_rmse"] == "neurons without an interval, left out: 0 recorded, 1 generated"
    assert re.fullmatch(
        r"undefined pairs, left out: \d+% recorded, \d+% generated(; correlation_rmse says more where that is most of "
        r"them)?; windows without any pair: \d+",
        notes["correlation_kl"],
    )
    assert notes["population_count_kl"] == notes["van_rossum_kl"] == ""
    assert with_silent_neuron.rows["isi_sd_rmse"]["over"] == "4 neurons"
    assert evaluation.rows["firing_rate_kl"]["note"] == ""


def test_generated_windows_without_any_spike(reference, generated):
    rows = reference.compare(np.zeros_like(generated)).rows
    undefined = {name for name, row in rows.items() if row["generated"] is None}
    assert undefined == {"correlation_kl", "isi_mean_rmse", "isi_sd_rmse"}
    for name, row in rows.items():
        assert (row["ci95"] is None) == (row["beyond"] is None) == (name in undefined)
        assert (row["beyond_baseline"]["shuffled"] is None) == (name in undefined)
    json.dumps(rows, allow_nan=False)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda windows: windows[:, :, :4], "generated windows have 4 neurons, the recording has 5"),
        (lambda windows: windows[:, :32], "generated windows have 32 frames, the run's have 64"),
        (lambda windows: windows[0], r"shape \(64, 5\)"),
        (lambda windows: windows[:59], "there are 59 generated windows, 60 are compared"),
    ],
)
def test_windows_that_do_not_fit(reference, generated, change, message):
    with pytest.raises(InputError, match=message):
        reference.compare(change(generated))


def test_one_window_is_too_few(recording, split):
    with pytest.raises(InputError, match="one window is too few to compare"):
        Reference.fit(recording, split, 1)


def test_generated_windows_that_are_not_finite(reference, generated):
    changed = generated.copy()
    changed[17, 3, 2], changed[18, 0, 0] = np.inf, np.nan
    with pytest.raises(InputError, match="generated window 17 has NaN or Inf in neuron 2"):
        reference.compare(changed)


def test_doubled_rates_are_beyond_the_floor(reference, population):
    means = 2 * population.spiking.means
    doubled = populations.population(means, np.diag(means), seed=9).windows(WINDOWS, FRAMES)[1]
    row = reference.compare(doubled).rows["firing_rate_rmse"]
    assert row["beyond"][0] > 0 and row["beyond_baseline"]["dichotomized_gaussian"][0] > 0
