"""Planted faults at small size: which metrics have to detect them, and which have to stay silent."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import planted_faults
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.dataset.windows import RecordedWindows
from calciumgan_tf.evaluation import tables, two_sample
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.evaluation.registry import COPYING, METRICS

ROOT = pathlib.Path(__file__).parents[2]
FRAMES, WINDOWS = 256, 120


NAMES = {*METRICS, COPYING.name}


@pytest.fixture(scope="module")
def planted():
    """Evaluation of each fault; with as many permutations of the classifier as are needed for p < .01."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(two_sample.PERMUTATIONS, "classifier", 100)
        truth = planted_faults.Truth(neurons=12)
        data = truth.recording()
        parts = split_frames(data.frames, FRAMES)
        reference = Reference.fit(data, parts, WINDOWS, diagnostics=True)
        blocks = {"training": parts.training, "heldout": parts.heldout}
        recorded = {name: RecordedWindows(data.traces, parts, part, WINDOWS)[:] for name, part in blocks.items()}
        fresh = truth.windows(WINDOWS, FRAMES)
        windows = {name: planted_faults.plant(name, fresh, **recorded) for name in planted_faults.FAULTS}
        return {name: reference.compare(one) for name, one in windows.items()}


def detecting(planted, fault):
    return {name for name in NAMES if planted_faults.detects(name, planted[fault])}


def test_no_fault_is_detected_where_there_is_none(planted):
    assert len(detecting(planted, "none")) <= 3  # of 35; the intervals and tests allow for one or two


def test_copies_are_detected_by_memorisation_and_held_out_windows_are_not(planted):
    assert planted["copies of training windows"].memorisation.p_value < 1e-6
    assert planted["held-out windows"].memorisation.p_value > 0.05
    found = detecting(planted, "copies of training windows")
    assert "memorisation" in found and len(found) <= 4


def test_shuffled_neurons_are_detected_by_correlations_and_not_by_rates(planted):
    found = detecting(planted, "neurons shuffled")
    assert {"correlation_rmse", "population_count_kl", "synchrony_difference", "decoding_error"} <= found
    assert {"lagged_correlation_rmse", "participation_ratio_difference", "classifier_spikes"} <= found
    alone = {"firing_rate_kl", "firing_rate_rmse", "isi_mean_rmse", "isi_sd_rmse", "silent_rmse", "memorisation"}
    assert not found & (alone | {"autocorrelation_rmse", "skewness_rmse", "event_size_rmse", "spectrum_rmse"})


def test_reversed_time_is_detected_by_asymmetry_and_the_sizes_of_events(planted):
    found = detecting(planted, "time reversed")
    assert {"asymmetry_rmse", "event_size_rmse", "event_size_sd_rmse"} <= found
    assert not found & {"skewness_rmse", "autocorrelation_rmse", "spectrum_rmse", "lagged_correlation_rmse"}


def test_white_noise_is_detected_by_everything_but_a_search_for_copies(planted):
    """And the paper's correlations within a window: here of few pairs in ten seconds, in docs/metrics.md of more."""
    found = detecting(planted, "white noise")
    unable = NAMES - found
    assert {"repeated_difference", "memorisation"} <= unable
    assert unable <= {"repeated_difference", "memorisation", "correlation_kl"}


def test_repeated_windows_are_detected_by_coverage(planted):
    found = detecting(planted, "half repeated")
    assert "repeated_difference" in found and not found & {"firing_rate_rmse", "correlation_rmse", "memorisation"}


def test_the_truth_has_no_frame_twice_and_depends_on_its_seed():
    truth = planted_faults.Truth(neurons=3, frames=500)
    recording, windows = truth.recording().traces, truth.windows(4, 64)
    assert recording.shape == (500, 3) and windows.shape == (4, 64, 3)
    np.testing.assert_array_equal(windows, truth.windows(4, 64))
    values = [*recording[:, 0], *windows[..., 0].ravel()]
    assert len(set(values)) == len(values)
    assert (planted_faults.Truth(neurons=3, frames=500, seed=1).recording().traces != recording).any()


def test_unknown_fault():
    with pytest.raises(ValueError, match="fire"):
        planted_faults.plant("fire", *[np.zeros((2, 4, 1))] * 3)


@pytest.mark.slow
def test_table_of_faults_is_made():
    """Its one fault at tiny size; the table itself is docs/metrics.md."""
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["metrics"] > 30
    text = (ROOT / "docs" / "metrics.md").read_text()
    assert all(f"| `{name}` |" in text and f"- `{name}`:" in text for name in NAMES)
    assert tables.definitions_markdown() in text  # written again where a definition has changed
