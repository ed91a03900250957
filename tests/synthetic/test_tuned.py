"""The tuned population: its data have the rates, the tuning, the noise correlations and the protocol that it states."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from calciumgan_tf.dataset import sources
from calciumgan_tf.hyperparameters import DataConfig
from calciumgan_tf.synthetic import dichotomized_gaussian, populations, protocol, tuned

RATE = populations.FRAME_RATE


@pytest.fixture(scope="module")
def population():
    return tuned.population()


@pytest.fixture(scope="module")
def recording(population):
    return population.recording()


@pytest.fixture(scope="module")
def long(population):
    """Spikes and conditions of 40 windows of two minutes."""
    spikes, _, conditions = population.windows(40, 2880)
    return spikes.reshape(-1, spikes.shape[-1]), conditions.reshape(-1, 2)


def test_spikes_have_the_stated_probability_given_the_conditions(population, long):
    """The number of spikes under each level and each third of the speed: 4.5 standard errors of independent frames."""
    spikes, conditions = long
    probability = population.rates(conditions) / RATE
    fast = np.digitize(conditions[:, 1], [0.01, 10])
    for level in range(9):
        for speed in range(3):
            chosen = (conditions[:, 0] == level) & (fast == speed)
            expected = probability[chosen].sum(axis=0)
            error = np.sqrt((probability * (1 - probability))[chosen].sum(axis=0))
            assert (np.abs(spikes[chosen].sum(axis=0) - expected) < 4.5 * error).all()


def test_tuning_is_the_average_of_the_rates_over_the_speed(population):
    """By quadrature over the Gaussian behind the speed, which stands still for half of the time."""
    for level in (0, 3, 8):
        for neuron in (0, 7):

            def rate(x, level=level, neuron=neuron):
                conditions = np.array([[level, protocol.SPEED_SD * x]])
                return population.rates(conditions)[0, neuron] * stats.norm.pdf(x)

            still = population.rates(np.array([[level, 0.0]]))[0, neuron] / 2
            expected = still + integrate.quad(rate, 0, 10)[0]
            assert population.tuning()[neuron, level] == pytest.approx(expected, rel=1e-7)


def test_mean_and_evoked_rates(population):
    tuning = population.tuning()
    assert tuning.shape == (16, 9)
    assert (tuning[:, 0].mean() + tuning[:, 1:].mean()) / 2 == pytest.approx(tuned.MEAN_RATE)
    assert 2 < tuning.max() < 4
    assert set(tuning[:, 1:].argmax(axis=1)) == set(range(8))  # every direction is someone's preferred one


def test_noise_correlations_are_those_of_the_latents(population, long):
    """Joint spikes of a pair given the conditions: the bivariate normal distribution, 4.5 standard errors of it."""
    spikes, conditions = long
    spikes, threshold = spikes[::7], special.ndtri(population.rates(conditions[::7]) / RATE)
    for i, j in ((1, 3), (5, 9), (0, 2)):
        rho = np.full(len(spikes), population.spiking.latent[i, j])
        joint = dichotomized_gaussian.bivariate_normal_cdf(threshold[:, i], threshold[:, j], rho)
        counted = np.count_nonzero(spikes[:, i] & spikes[:, j])
        independent = np.prod(special.ndtr(threshold[:, [i, j]]), axis=1).sum()
        assert abs(counted - joint.sum()) < 4.5 * math.sqrt(joint.sum())
        assert joint.sum() > independent


def test_protocol_of_the_recording(recording):
    """2 s of nothing and 2 s of a direction, each direction once in every block of eight."""
    stimulus, speed = recording.conditions.T
    presentations = stimulus.reshape(-1, 96)
    assert recording.condition_names == ("stimulus", "speed") and recording.minutes == 20
    assert not presentations[:, :48].any() and (presentations[:, 48:] == presentations[:, 48:49]).all()
    order = presentations[: len(presentations) // 8 * 8, 48].reshape(-1, 8)
    assert (np.sort(order, axis=1) == np.arange(1, 9)).all()
    assert len(np.unique(order, axis=0)) > len(order) / 2
    assert speed.min() == 0 and len(np.unique(speed)) > 1000


def test_distribution_of_the_speed(long):
    """A Gaussian cut at 0: half of the frames stand still, and the mean is SD / sqrt(2 pi)."""
    speed = long[1][:, 1]
    error = protocol.SPEED_SD / math.sqrt(len(speed) / (4 * protocol.SPEED_TAU * RATE))  # few independent frames
    assert speed.mean() == pytest.approx(protocol.SPEED_SD / math.sqrt(2 * math.pi), abs=4 * error)
    assert np.mean(speed == 0) == pytest.approx(0.5, abs=4 * error / protocol.SPEED_SD)
    assert np.mean(np.exp(-speed / 10)) == pytest.approx(protocol.mean_decayed(10), abs=4 * error / protocol.SPEED_SD)


def test_speed_is_slow():
    """Autocorrelation of two equal filters, (1 + t / tau) exp(-t / tau), seen where the speed is not cut."""
    speed = protocol.conditions(200_000, RATE, np.random.default_rng(3))[:, 1]
    lag = round(protocol.SPEED_TAU * RATE)
    assert stats.spearmanr(speed[:-1], speed[1:]).statistic > 0.99
    positive = (speed[:-lag] > 0) & (speed[lag:] > 0)
    agreeing = np.mean(positive)  # the probability that two Gaussians with that correlation are both positive
    assert agreeing == pytest.approx(0.25 + math.asin(2 / math.e) / (2 * math.pi), abs=0.02)


def test_traces_are_the_fluorescence_of_the_spikes(recording):
    innovation = recording.traces[1:] - recording.g * recording.traces[:-1] - recording.spikes[1:]
    np.testing.assert_allclose(innovation.std(axis=0), populations.NOISE * math.sqrt(1 + recording.g**2), rtol=0.03)


def test_a_window_depends_on_its_number_alone_and_not_on_the_recording(population, recording):
    everything, part = population.windows(6, 64), population.windows(2, 64, 3)
    for whole, some in zip(everything, part):
        np.testing.assert_array_equal(some, whole[3:5])
    spikes, traces, conditions = population.windows(1, 2880)
    assert (conditions[0] != recording.conditions[:2880]).any() and (spikes[0] != recording.spikes[:2880]).any()
    noise = [x[1:] - recording.g * x[:-1] for x in (traces[0], recording.traces[:2880])]
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 5 / math.sqrt(noise[0].size)


def test_dataset_synthetic_tuned_is_the_default_recording(recording):
    config = DataConfig(dataset="synthetic_tuned")
    assert sources.load(config).sha256() == recording.sha256()
    assert sources.load(DataConfig(dataset="synthetic_tuned", synthetic_neurons=5)).neurons == 5
