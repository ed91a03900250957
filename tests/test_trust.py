"""Every trust metric by closed form or against another library, and planted faults at small size."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats
from sklearn.linear_model import LinearRegression

from calciumgan_tf.evaluation import evaluate, metrics
from calciumgan_tf.split import RecordedWindows, split_frames
from calciumgan_tf.synthetic import datasets
from calciumgan_tf.trust import assess, coverage, dynamics, dynamics_metrics, faults, two_sample, usefulness

ROOT = pathlib.Path(__file__).parents[1]
RATE, TAU, FRAMES, NEURONS = 24.0, 0.812, 256, 3
GRID = dynamics.Grid(RATE, TAU, np.array([1.0, 0.0, -1.0]), FRAMES)
GENERATOR = np.random.default_rng(0)


def described(traces, spikes=None):
    spikes = np.zeros(traces.shape, np.uint8) if spikes is None else spikes
    return dynamics.describe(traces.astype(np.float32), spikes, GRID)


@pytest.fixture(scope="module")
def traces():
    """float32 (40, 256, 3), skewed, correlated in time, far from 0."""
    noise = GENERATOR.gamma(0.5, 1.0, (40, FRAMES, NEURONS))
    noise[:, 1:] += 0.9 * noise[:, :-1]
    return (noise + [5.0, 0.0, -2.0]).astype(np.float32)


@pytest.fixture(scope="module")
def spikes():
    return (GENERATOR.random((40, FRAMES, NEURONS)) < [0.02, 0.1, 0.3]).astype(np.uint8)


def test_moments_equal_scipys(traces):
    one = described(traces)
    flat = traces.reshape(-1, NEURONS).astype(np.float64)
    np.testing.assert_allclose(dynamics_metrics.skewness(one, GRID), scipy.stats.skew(flat), rtol=1e-3)
    steps = np.diff(traces.astype(np.float64), axis=1).reshape(-1, NEURONS)
    expected = (steps**3).mean(axis=0) / (steps**2).mean(axis=0) ** 1.5
    np.testing.assert_allclose(dynamics_metrics.asymmetry(one, GRID), expected, rtol=1e-3)


def test_asymmetry_changes_its_sign_when_time_is_reversed(traces):
    forwards, backwards = (dynamics_metrics.asymmetry(described(t), GRID) for t in (traces, traces[:, ::-1]))
    np.testing.assert_allclose(forwards, -backwards, rtol=1e-4)


def test_autocorrelation_of_an_autoregressive_trace_decays_as_it_should():
    noise = GENERATOR.normal(size=(200, FRAMES + 100, NEURONS))
    for frame in range(1, FRAMES + 100):
        noise[:, frame] += 0.9 * noise[:, frame - 1]
    found = dynamics_metrics.autocorrelation(described(noise[:, 100:]), GRID)
    np.testing.assert_allclose(found, np.repeat(0.9 ** GRID.lags[:, None], NEURONS, axis=1), atol=0.04)


def test_spike_autocorrelation_of_regular_and_of_silent_neurons():
    spikes = np.zeros((4, FRAMES, NEURONS), np.uint8)
    spikes[:, :: GRID.lags[0], 0] = 1  # one at each multiple of the first lag
    spikes[:, ::2, 1] = 1
    found = dynamics_metrics.spike_autocorrelation(described(np.zeros(spikes.shape), spikes), GRID)
    assert found[0, 0] == pytest.approx(1, abs=0.02) or GRID.lags[0] == 1
    even = GRID.lags % 2 == 0
    assert (found[even, 1] > 0.98).all() and (found[~even, 1] < -0.98).all()
    assert np.isnan(found[:, 2]).all()


def test_noise_and_spectrum_of_white_noise():
    sd = np.array([0.1, 0.3, 1.0])
    one = described(GENERATOR.normal(0, sd, (100, FRAMES, NEURONS)))
    np.testing.assert_allclose(dynamics_metrics.noise(one, GRID), sd, rtol=0.03)
    flat = 10 * np.log10(sd**2 / (RATE / 2))
    np.testing.assert_allclose(np.median(dynamics_metrics.spectrum(one, GRID), axis=0), flat, atol=0.2)


@pytest.fixture(scope="module")
def transients():
    """Windows with one event of 2 dF/F each, that rises for three frames and decays with TAU; neuron 2 has none."""
    traces = np.zeros((10, FRAMES, NEURONS))
    spikes = np.zeros(traces.shape, np.uint8)
    shape = np.concatenate([[0.5, 1.0, 1.5], 2 * np.exp(-np.arange(FRAMES) / (TAU * RATE))])
    for neuron in (0, 1):
        traces[:, 97:, neuron] += shape[: FRAMES - 97]
        spikes[:, 100, neuron] = 1
    return described(traces, spikes)


def test_transients_have_their_rise_and_decay_times(transients):
    rise, decay = (f(transients, GRID) for f in (dynamics_metrics.rise_time, dynamics_metrics.decay_time))
    np.testing.assert_allclose(rise[:2], 3 / RATE)
    frames = np.arange(GRID.after)
    level = (0.5 + 1.0 + 1.5) / GRID.before  # what the rise adds to the level before the event
    expected = ((2 * np.exp(-frames / (TAU * RATE)) - level) / (2 - level)).sum() / RATE
    np.testing.assert_allclose(decay[:2], expected, rtol=1e-4)
    assert np.isnan(rise[2]) and np.isnan(decay[2])


def test_event_sizes(transients):
    np.testing.assert_allclose(dynamics_metrics.event_size(transients, GRID)[:2], 0.5, rtol=1e-5)
    np.testing.assert_allclose(dynamics_metrics.event_size_sd(transients, GRID)[:2], 0, atol=1e-3)
    assert np.isnan(dynamics_metrics.event_size(transients, GRID)[2])


def test_events_with_others_around_them_are_not_lonely():
    spikes = np.zeros((1, FRAMES, NEURONS), np.uint8)
    spikes[0, [60, 62], 0] = 1  # together
    spikes[0, [60, 60 + GRID.after], 1] = 1  # the first is alone as far as it is looked at, the second too
    spikes[0, [0, FRAMES - 1], 2] = 1  # too near to the ends
    assert described(np.zeros(spikes.shape), spikes).lonely[0, 0].tolist() == [0, 2, 0]


def test_lagged_correlation_equals_numpys_and_finds_the_delay(traces):
    binned = traces[:, :252].reshape(40, 21, 12, NEURONS).mean(axis=2)
    binned[:, 1:, 2], binned[:, 0, 2] = binned[:, :-1, 0].copy(), binned[:, -1, 0]
    one = described(np.repeat(binned, 12, axis=1))
    expected = np.corrcoef(binned[:, :-1].reshape(-1, NEURONS).T, binned[:, 1:].reshape(-1, NEURONS).T)[
        :NEURONS, NEURONS:
    ]
    found = dynamics_metrics.lagged_correlation(one, dynamics.Grid(RATE, TAU, GRID.origin, 252))[0]
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert found[0, 2] > 0.9 and abs(found[2, 0]) < 0.4


def test_dimensions_and_synchrony_of_independent_and_of_equal_neurons(spikes):
    independent = described(GENERATOR.normal(size=spikes.shape), spikes)
    assert dynamics_metrics.participation_ratio(independent, GRID)[0] == pytest.approx(NEURONS, rel=0.05)
    assert dynamics_metrics.synchrony(independent, GRID)[0] == pytest.approx(1, abs=0.15)
    same = np.repeat(spikes[:, :, 1:2], NEURONS, axis=2)
    equal = described(same + GENERATOR.normal(size=(40, FRAMES, 1)), same)
    assert dynamics_metrics.participation_ratio(equal, GRID)[0] == pytest.approx(1, abs=1e-3)
    assert dynamics_metrics.synchrony(equal, GRID)[0] == pytest.approx(NEURONS)


def test_all_dynamics_metrics_of_equal_sets_are_zero_and_of_others_positive(traces, spikes):
    one = described(traces, spikes)
    np.testing.assert_allclose(list(dynamics_metrics.compare(one, one, GRID).values()), 0, atol=1e-9)
    other = described(GENERATOR.normal(size=traces.shape), np.roll(spikes, 1, axis=2))
    assert min(dynamics_metrics.compare(one, other, GRID).values()) > 0


def test_shuffling_and_taking_windows_are_what_they_would_be_for_the_traces(traces, spikes):
    one, order = described(traces, spikes), GENERATOR.permuted(np.tile(np.arange(40), (NEURONS, 1)), axis=1).T
    again = described(*(np.take_along_axis(a, order[:, None], axis=0) for a in (traces, spikes)))
    for name, field in vars(one.shuffled(order)).items():
        np.testing.assert_allclose(field, getattr(again, name), atol=1e-5)
    np.testing.assert_array_equal(one.take(np.array([3, 3])).moments, one.moments[[3, 3]])


def points(shift=0.0, scale=1.0, count=100, seed=1):
    return np.random.default_rng(seed).normal(shift, scale, (count, 4))


def test_sliced_wasserstein_of_a_shift_is_the_shift_along_each_direction():
    one = points()
    groups = np.arange(200)
    measure = two_sample.SlicedWasserstein(np.concatenate([one, one + [3.0, 0, 0, 0]]), groups, seed=0)
    directions = np.random.default_rng(0).normal(size=(4, two_sample.PROJECTIONS))
    expected = np.abs(3 * (directions / np.linalg.norm(directions, axis=0))[0]).mean()
    assert measure(groups >= 100) == pytest.approx(expected)


def test_sliced_wasserstein_in_one_dimension_equals_scipys():
    one, other = GENERATOR.normal(size=60), GENERATOR.gamma(2.0, size=60)
    measure = two_sample.SlicedWasserstein(np.concatenate([one, other])[:, None], np.arange(120), seed=0)
    assert measure(np.arange(120) >= 60) == pytest.approx(scipy.stats.wasserstein_distance(one, other))


def test_mmd_equals_its_sums_written_out_and_is_unbiased():
    one, other = points(count=12), points(1.0, count=9, seed=2)
    both = np.concatenate([one, other])
    apart = ((both[:, None] - both) ** 2).sum(axis=2)
    kernel = np.exp(-apart / (2 * np.median(apart[np.triu_indices(21, 1)])))
    off = ~np.eye(21, dtype=bool)
    within = [kernel[a:b, a:b][off[a:b, a:b]].mean() for a, b in ((0, 12), (12, 21))]
    measure = two_sample.MaximumMeanDiscrepancy(both, np.repeat([0, 1, 2], [8, 4, 9]))
    assert measure(np.array([False, False, True])) == pytest.approx(sum(within) - 2 * kernel[:12, 12:].mean())
    null = [two_sample.MaximumMeanDiscrepancy(points(seed=s), np.repeat([0, 1], 50)) for s in range(1000, 1200)]
    values = [one(np.array([False, True])) for one in null]
    assert abs(np.mean(values)) < 4 * np.std(values) / 200**0.5


def test_classifier_tells_a_shift_and_not_nothing():
    groups = np.arange(200) // 5
    second = np.arange(40) >= 20
    assert two_sample.Classifier(np.concatenate([points(), points(6.0)]), groups)(second) == pytest.approx(0.5)
    assert abs(two_sample.Classifier(np.concatenate([points(), points(seed=3)]), groups)(second)) < 0.2


def test_p_values_are_small_for_a_difference_and_even_without_one():
    far = two_sample.compare(points(), points(1.0, seed=4), 5, 0, two_sample.PERMUTATIONS)
    assert all(p <= 1 / (1 + two_sample.PERMUTATIONS[name]) + 1e-9 for name, (_, p) in far.items())
    ps = [
        p
        for seed in range(12)
        for _, p in two_sample.compare(points(seed=seed), points(seed=100 + seed), 5, 0, ("mmd",)).values()
        if p is not None
    ]
    assert scipy.stats.kstest(ps, "uniform").pvalue > 0.001


def test_neighbouring_windows_that_are_alike_do_not_make_a_difference():
    """Each window ten times: a test that permutes windows would tell two such sets apart."""
    one, other = (np.repeat(points(count=10, seed=seed), 10, axis=0) for seed in (5, 6))
    assert two_sample.compare(one, other, 10, 0, ("mmd",))["mmd"][1] > 0.01
    assert two_sample.compare(one, other, 1, 0, ("mmd",))["mmd"][1] < 0.01


def test_coverage_of_a_copy_of_a_collapse_and_of_repeats():
    reference, spikes = points(count=200), np.ones(200)
    own = coverage.compare(reference, points(count=200, seed=7), spikes, spikes)
    assert own["uncovered"] == pytest.approx(1 / 32, abs=0.05) and own["density_difference"] < 0.25
    collapsed = coverage.compare(reference, points(scale=0.1, count=200), spikes, 0 * spikes)
    assert collapsed["uncovered"] > 0.5 and collapsed["silent_difference"] == 1
    assert collapsed["diversity_difference"] == pytest.approx(np.log(10), abs=0.15)
    half = points(count=100, seed=8)
    assert coverage.compare(reference, np.concatenate([half, half]), spikes, spikes)["repeated_difference"] == 1


def test_a_window_is_not_covered_by_what_overlaps_it():
    """Ten windows, each nearly the same as its neighbour in a block of ten: their balls reach to other blocks."""
    reference = np.repeat(points(count=12), 10, axis=0) + 1e-6 * points(count=120, seed=9)
    spikes = np.ones(120)
    assert coverage.compare(reference, points(count=120, seed=10), spikes, spikes, length=10)["uncovered"] < 0.5
    assert coverage.compare(reference, points(count=120, seed=10), spikes, spikes)["uncovered"] == 1


def test_decoding_error_equals_that_of_linear_regression():
    mixed = GENERATOR.normal(size=(2, 3, 4000, 1)) + 0.7 * GENERATOR.normal(size=(2, 3, 4000, 1)) @ np.ones(
        (1, 1, 1, 4)
    )
    test, training = mixed + 0.3 * GENERATOR.normal(size=mixed.shape[:-1] + (4,)) * [1, 2, 3, 4]
    errors = []
    for neuron in range(4):
        others = [i for i in range(4) if i != neuron]
        fitted = LinearRegression().fit(training.reshape(-1, 4)[:, others], training.reshape(-1, 4)[:, neuron])
        missed = test.reshape(-1, 4)[:, neuron] - fitted.predict(test.reshape(-1, 4)[:, others])
        errors.append((missed**2).mean() / test.reshape(-1, 4)[:, neuron].var())
    assert usefulness.decoding_error(test, training) == pytest.approx(np.mean(errors), rel=0.02)
    alone = GENERATOR.normal(size=test.shape)
    assert usefulness.decoding_error(alone, alone) == pytest.approx(1, abs=0.01)
    assert usefulness.decoding_error(alone, training) > 1.1


@pytest.fixture(scope="module")
def planted():
    """Evaluation and Trust of each fault, windows of 128 frames; all neurons strongly correlated.

    Without the classifier's permutations, which take most of the time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(two_sample.PERMUTATIONS, "classifier", 0)
        return {name: evaluated(name) for name in faults.FAULTS}


def evaluated(name):
    means, covariance = datasets.random_moments(5, 0, mean_rate=1.0)
    sd = np.sqrt(np.diag(covariance))
    truth = datasets.population(means, covariance + 0.35 * (np.outer(sd, sd) - np.diag(sd**2)))
    data = truth.recording(12000)
    parts = split_frames(data.frames, 128)
    windows = {p: RecordedWindows(data.traces, parts, getattr(parts, p), 100)[:] for p in ("training", "heldout")}
    generated = faults.plant(name, truth.windows(100, 128)[1], **windows)
    collected = assess.Collector(data, parts)
    evaluation = evaluate.evaluate(data, parts, generated, observe=collected)
    return evaluation, assess.assess(data, parts, generated, collected)


def telling(planted, fault):
    evaluation, trust = planted[fault]
    names = [*evaluation.rows, *trust.rows, "memorisation"]
    return {name for name in names if faults.tells(name, evaluation, trust)}


def test_no_fault_is_told_where_there_is_none(planted):
    assert len(telling(planted, "none")) <= 4  # of 34, at the 5 % level of the intervals


def test_copies_are_told_by_memorisation_and_held_out_windows_are_not(planted):
    assert planted["copies of training windows"][1].memorisation.p_value < 1e-6
    assert planted["held-out windows"][1].memorisation.p_value > 0.05


def test_shuffled_neurons_are_told_by_correlations_and_not_by_rates(planted):
    told = telling(planted, "neurons shuffled")
    assert {"correlation_rmse", "population_count_kl", "synchrony_difference", "decoding_error"} <= told
    assert not told & {"firing_rate_kl", "firing_rate_rmse", "isi_mean_rmse", "autocorrelation_rmse", "skewness_rmse"}


def test_reversed_time_is_told_by_asymmetry(planted):
    assert "asymmetry_rmse" in telling(planted, "time reversed")
    assert "skewness_rmse" not in telling(planted, "time reversed")


def test_white_noise_is_told_by_all_that_look_at_traces_and_correlations(planted):
    """As many of its peaks count as events as in the recording, by chance; what else can't tell is listed."""
    told = telling(planted, "white noise")
    evaluation, trust = planted["white noise"]
    unable = {name for name in [*evaluation.rows, *trust.rows] if name not in told}
    rates = {"firing_rate_rmse", "isi_mean_rmse", "isi_sd_rmse", "silent_difference", "repeated_difference"}
    assert unable <= rates | {
        "correlation_kl",
        "covariance_kl",
        "van_rossum_kl",
        "rise_time_rmse",
        "decay_time_rmse",
    } | {
        "classifier_traces",
        "classifier_spikes",
    }


def test_repeated_windows_are_told_by_coverage(planted):
    told = telling(planted, "half repeated")
    assert "repeated_difference" in told and "firing_rate_rmse" not in told


def test_unknown_fault():
    with pytest.raises(ValueError, match="fire"):
        faults.plant("fire", *[np.zeros((2, 4, 1))] * 3)


def test_table_of_faults_is_made():
    """Its one fault at tiny size; the table itself is docs/metrics.md."""
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["metrics"] > 20
    text = (ROOT / "docs" / "metrics.md").read_text()
    named = [*metrics.UNITS, *dynamics_metrics.STATISTICS, *coverage.UNITS, assess.DECODING, "memorisation"]
    assert all(f"`{name}`" in text for name in named)


def test_coverage_is_undefined_where_all_windows_overlap():
    found = coverage.compare(points(), points(seed=2), np.ones(100), np.ones(100), length=60)
    assert np.isnan(found["uncovered"]) and np.isnan(found["density_difference"])
    assert found["repeated_difference"] == 0


def test_no_p_value_where_there_are_too_few_blocks():
    found = two_sample.compare(points(), points(1.0, seed=4), 34, 0, two_sample.PERMUTATIONS)
    assert all(p is None for _, p in found.values())
