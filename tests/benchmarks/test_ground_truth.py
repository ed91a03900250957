"""The benchmark against electrophysiology: on simulated neurons, and on the real ones where they are."""

import os
import pathlib

import numpy as np
import pytest
from scipy import io

from benchmarks import ground_truth, ground_truth_data
from calciumgan_tf.recordings.indicators import INDICATORS

REAL = pathlib.Path(os.environ.get("CALCIUM_GROUND_TRUTH", "ground_truth"))


def neuron(rise, decay, seed=0, seconds=120, noise=0.05):
    """A neuron whose spikes have sizes of their own around 1."""
    generator, rate = np.random.default_rng(seed), ground_truth_data.RATE
    spikes = np.sort(generator.uniform(1, seconds - 5, 60))
    time = (np.arange(int(seconds * rate) * 4) + 0.5) / rate / 4
    top = ground_truth_data.kernel(np.linspace(0, 1, 1000), rise, decay).max()
    shapes = [ground_truth_data.kernel(time - spike, rise, decay) for spike in spikes]
    trace = (generator.uniform(0.5, 1.5, 60) @ shapes / top).reshape(-1, 4).mean(axis=1)
    traces = (trace + noise * generator.standard_normal(len(trace)))[:, None]
    return ground_truth_data.Neuron("x", "gcamp6s", traces, traces, ((0, len(traces)),), spikes)


def test_a_line_is_averaged_to_a_line():
    times = np.arange(0, 10, 1 / 122) + 1 / 244
    values = 3 * times
    values[50] = np.nan
    frames, begin = ground_truth_data.averaged(times, values, 30.0)
    assert begin == pytest.approx(0) and len(frames) in (299, 300)
    middle = (np.arange(len(frames)) + 0.5) / 30
    np.testing.assert_allclose(frames[20:], 3 * middle[20:], atol=0.05)


def test_recordings_of_a_cell_array_follow_each_other(tmp_path):
    """Spikes outside of the fluorescence are left out; times begin anew with each recording."""
    time = np.arange(0, 60, 1 / 60)
    cells = np.empty((1, 2), object)
    for i, spikes in enumerate(([1.0, 59.0, 80.0], [2.0])):
        kind = [(name, object) for name in ("fluo_time", "fluo_mean", "events_AP")]
        cells[0, i] = np.array(
            [[(time, np.random.default_rng(i).normal(size=len(time)), np.array(spikes) * 1e4)]], kind
        )
    folder = tmp_path / "DS09-GCaMP6f-m-V1"
    folder.mkdir()
    io.savemat(folder / "CAttached_a.mat", {"CAttached": cells})
    (one,) = ground_truth_data.read(tmp_path)
    assert one.indicator == "gcamp6f" and len(one.blocks) == 2 and one.blocks[0][1] == one.blocks[1][0]
    np.testing.assert_allclose(one.spikes, [1, 59, 2 + one.blocks[0][1] / 30], atol=0.01)


@pytest.mark.parametrize("rise, decay", [(0.06, 0.7), (0.04, 0.3)])
def test_a_kernel_is_recovered_with_the_true_spikes(rise, decay):
    found = ground_truth_data.fitted_kernel(neuron(rise, decay))
    assert found[0] == pytest.approx(rise, rel=0.3)
    assert found[1] == pytest.approx(decay, rel=0.15)
    assert found[2] == pytest.approx(1, rel=0.15)


def test_true_spikes_score_perfectly():
    one = neuron(0.06, 0.7)
    counts = np.bincount((one.spikes * ground_truth_data.RATE).astype(int), minlength=len(one.traces))
    found = ground_truth.score(one, counts.astype(float))
    assert found.inferred == np.count_nonzero(counts) and found.true == 60
    assert found.size_correlation == pytest.approx(1) and abs(found.late) < 1 / 60
    assert ground_truth.score(one, np.zeros(len(one.traces))).correlation == 0


def test_a_preset_is_the_median_and_unresolved_rises_are_0():
    fits = np.array([(0.05, 0.2, 1), (0.06, 0.4, 2), (0.1, 0.8, 4)])
    np.testing.assert_allclose(ground_truth.preset(fits), (0.06, 0.4, 2))
    assert ground_truth.preset(fits * [0.01, 1, 1])[0] == 0


def test_tables_of_simulated_neurons():
    neurons = [neuron(0.06, 0.7, seed, noise=0.2) for seed in range(3)]
    results = ground_truth.measured(neurons, [(0.06, 0.7, 1.0)] * 3)
    lines = ground_truth.tables(results)
    assert lines.count("| gcamp6s |") == 6
    for method in ("preset", "estimate"):
        for one in results["gcamp6s"][method]:
            assert 0.7 < one.inferred / one.true < 1.4 and one.size_correlation > 0.4


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="no ground truth: set CALCIUM_GROUND_TRUTH to its folder")
def test_presets_are_those_of_the_ground_truth():
    neurons = ground_truth_data.read(REAL)
    fits = [ground_truth_data.fitted_kernel(one) for one in neurons]
    for line in ground_truth.preset_source(neurons, fits).splitlines():
        name, *numbers = line.split("(", 1)[1].split(", ")[:4]
        known = INDICATORS[name.strip('"')]
        expected = (known.tau_rise, known.tau_decay, known.amplitude)
        np.testing.assert_allclose([float(number) for number in numbers], expected, rtol=0.03)
