import numpy as np
import pytest

from calciumgan_tf.dataset import sources
from calciumgan_tf.hyperparameters import DataConfig
from calciumgan_tf.synthetic import populations
from calciumgan_tf.synthetic.calcium import fluorescence

G = 0.95


@pytest.fixture(scope="module")
def population():
    return populations.population(neurons=4, seed=5)


@pytest.fixture(scope="module")
def default():
    return populations.population().recording()


def generator(seed=0):
    return np.random.default_rng(seed)


def test_impulse_response_is_a_power_of_g():
    spikes = np.zeros((2, 100, 3), np.uint8)
    spikes[0, 10, 1] = 1
    expected = np.zeros((2, 100, 3))
    expected[0, 10:, 1] = 2 * G ** np.arange(90)
    traces = fluorescence(spikes, G, 2, 0, generator())
    assert traces.dtype == np.float32
    np.testing.assert_allclose(traces, expected, atol=1e-6)


def test_response_is_linear():
    first, second = (generator().random((2, 200, 3)) < 0.1).astype(np.uint8)
    both = fluorescence(first + second, G, 1, 0, generator())
    parts = [fluorescence(spikes, G, 1, 0, generator()) for spikes in (first, second)]
    np.testing.assert_allclose(both, sum(parts), atol=1e-5)


def test_noise_has_the_given_sd():
    """Within 4 standard errors, SD / sqrt(2 frames)."""
    sd = np.array([0.1, 0.3, 2])
    traces = fluorescence(np.zeros((50_000, 3), np.uint8), G, 1, sd, generator())
    np.testing.assert_allclose(traces.std(axis=0), sd, rtol=4 / np.sqrt(100_000))
    np.testing.assert_array_less(np.abs(traces.mean(axis=0)), 4 * sd / np.sqrt(50_000))
    assert np.abs(np.corrcoef(traces.T)[np.triu_indices(3, 1)]).max() < 4 / np.sqrt(50_000)


def test_amplitude_and_baseline_of_each_neuron():
    spikes = np.zeros((20, 3), np.uint8)
    spikes[5] = 1
    traces = fluorescence(spikes, G, [1, 2, 3], 0, generator(), baseline=[0, 5, -1])
    np.testing.assert_allclose(traces[4], [0, 5, -1])
    np.testing.assert_allclose(traces[5], [1, 7, 2])


def test_default_recording(default):
    assert default.traces.shape == (21556, 16) and default.frame_rate == 24
    assert default.g == pytest.approx(0.95, abs=1e-4)
    assert default.spikes.mean() * 24 == pytest.approx(0.4, rel=0.05)
    assert default.spikes_kind == "ground_truth" and default.s_min == 0.55
    assert set(np.unique(default.spikes)) == {0, 1}


def test_dataset_synthetic_is_the_default_recording(default):
    assert sources.load(DataConfig(dataset="synthetic")).sha256() == default.sha256()


def test_recording_is_the_same_twice(default):
    again = populations.population().recording()
    np.testing.assert_array_equal(again.traces, default.traces)
    np.testing.assert_array_equal(again.spikes, default.spikes)


def test_another_seed_gives_another_population(default):
    other = populations.population(seed=1).recording(2000)
    assert (other.spikes != default.spikes[:2000]).any()
    assert not np.allclose(populations.population(seed=1).spiking.means, populations.population().spiking.means)


def test_traces_are_the_fluorescence_of_the_spikes(population):
    """The part that the spikes do not explain is white noise of the stated SD."""
    recording = population.recording(5000)
    innovation = (
        recording.traces[1:] - recording.g * recording.traces[:-1] - recording.spikes[1:] * populations.AMPLITUDE
    )
    expected = populations.NOISE * np.sqrt(1 + recording.g**2)
    np.testing.assert_allclose(innovation.std(axis=0), expected, rtol=0.05)


def test_calcium_is_stationary_from_the_first_frame():
    """Its mean is rate / (1 - g) in every frame; 4 standard errors of 1000 windows."""
    population = populations.population(neurons=4, seed=5, noise=0.0)
    spikes, traces = population.windows(1000, 4)
    g, p = np.exp(-1 / (population.tau_decay * 24)), population.spiking.means
    error = np.sqrt(p * (1 - p) / (1 - g**2) / 1000)
    np.testing.assert_array_less(np.abs(traces.mean(axis=0) - p / (1 - g)), np.broadcast_to(4 * error, (4, 4)))
    assert spikes.shape == traces.shape == (1000, 4, 4)


@pytest.mark.parametrize("first, count", [(0, 1), (0, 7), (3, 5), (19, 1)])
def test_window_depends_on_its_number_alone(population, first, count):
    everything, part = population.windows(20, 64), population.windows(count, 64, first)
    for whole, some in zip(everything, part):
        np.testing.assert_array_equal(some, whole[first : first + count])


def test_windows_are_different(population):
    spikes, traces = population.windows(20, 64)
    assert len(np.unique(traces[:, 0, 0])) == 20
    assert len(np.unique(spikes.reshape(20, -1), axis=0)) == 20


def test_windows_share_nothing_with_the_recording(population):
    recording = population.recording(512)
    spikes, traces = population.windows(1, 512)
    assert (spikes[0] != recording.spikes).any()
    residuals = [traces[0] - traces[0].mean(axis=0), recording.traces - recording.traces.mean(axis=0)]
    noise = [(x[1:] - recording.g * x[:-1]).ravel() for x in residuals]
    assert abs(np.corrcoef(noise)[0, 1]) < 5 / np.sqrt(noise[0].size)


def test_windows_and_recording_have_the_same_statistics(population):
    spikes, _ = population.windows(100, 512)
    p = population.spiking.means
    np.testing.assert_array_less(np.abs(spikes.mean(axis=(0, 1)) - p), 4 * np.sqrt(p * (1 - p) / 51200))


def test_given_moments_are_used():
    means = np.array([0.01, 0.05, 0.1])
    covariance = np.diag(means * (1 - means))
    covariance[0, 1] = covariance[1, 0] = 0.004
    population = populations.population(means, covariance, seed=2, frame_rate=30.0, tau_decay=0.5, baseline=1.0)
    np.testing.assert_allclose(population.spiking.means, means, atol=1e-12)
    np.testing.assert_allclose(population.spiking.covariance(), covariance, atol=1e-8)
    recording = population.recording(100)
    assert (recording.frame_rate, recording.tau_decay, recording.neurons) == (30, 0.5, 3)


@pytest.mark.parametrize("neurons", [1, 16, 100])
def test_random_moments(neurons):
    means, covariance = populations.random_moments(neurons, seed=0)
    assert means.mean() * 24 == pytest.approx(populations.MEAN_RATE)
    np.testing.assert_allclose(np.diag(covariance), means * (1 - means))
    assert np.linalg.eigvalsh(covariance)[0] > 0
    sd = np.sqrt(np.diag(covariance))
    pairs = (covariance / np.outer(sd, sd))[np.triu_indices(neurons, 1)]
    assert neurons == 1 or np.sqrt(np.mean(pairs**2)) == pytest.approx(0.1, abs=0.05)
