"""Planted faults in a recording of 15 minutes: which rows have to detect them, and which have to stay silent."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import planted_faults
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.diagnostics.diagnosis import ROWS
from calciumgan_tf.evaluation.diagnostics.findings import DIFFERENT
from calciumgan_tf.evaluation.reference import Reference

ROOT = pathlib.Path(__file__).parents[2]
FRAMES, WINDOWS = 256, 120


@pytest.fixture(scope="module")
def planted():
    """diagnosis.Result of each fault."""
    truth = planted_faults.Truth(neurons=12)
    data = truth.recording()
    reference = Reference.fit(data, split_frames(data.frames, FRAMES), WINDOWS, diagnostics=True)
    fresh, training = truth.windows(WINDOWS, FRAMES), reference.recorded_windows("training")[:]
    windows = {name: planted_faults.plant(name, fresh, training) for name in planted_faults.FAULTS}
    return {name: reference.compare(one).diagnosis for name, one in windows.items()}


def detecting(planted, fault):
    return {name for name, finding in planted[fault].findings.items() if finding.verdict == DIFFERENT}


def test_no_fault_is_detected_where_there_is_none(planted):
    assert len(detecting(planted, "none")) <= 1
    assert planted["none"].copying.p_value > tables.COPIED


def test_copies_are_found_and_no_row_minds_them(planted):
    assert planted["copies of training windows"].copying.p_value < 1e-6
    assert not detecting(planted, "copies of training windows") & {"rates", "spectrum_slow", "trace_correlations_0.5s"}


def test_shuffled_neurons_are_detected_by_what_neurons_share_and_by_no_single_neuron(planted):
    found = detecting(planted, "neurons shuffled")
    assert {"trace_correlations_0.5s", "event_correlations_0.5s", "dimensions"} <= found
    assert not found & {"neuron_classifier", "neuron_kernels", "amplitudes", "tails", "rates", "transient"}


def test_reversed_time_is_detected_by_transients_and_the_classifiers_of_neurons(planted):
    found = detecting(planted, "time reversed")
    assert {"neuron_classifier", "neuron_kernels", "transient"} <= found
    assert not found & {"amplitudes", "tails", "spectrum_slow", "spectrum_middle", "spectrum_fast", "coherence"}


def test_white_noise_is_detected_by_most(planted):
    found = detecting(planted, "white noise")
    assert {"neuron_classifier", "neuron_kernels", "amplitudes", "spectrum_slow", "spectrum_fast", "transient"} <= found


def test_repeated_windows_are_counted(planted):
    assert planted["half repeated"].repeated == 1 and planted["none"].repeated == 0


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
        planted_faults.plant("fire", *[np.zeros((2, 4, 1))] * 2)


@pytest.mark.slow
def test_tables_of_faults_are_made():
    """Its evaluation at tiny size; the tables themselves are in docs/metrics.md."""
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["rows"] == len(ROWS) + 2


def test_the_document_defines_every_metric_and_row():
    text = (ROOT / "docs" / "metrics.md").read_text()
    assert tables.definitions_markdown() in text  # make it again where a definition has changed
