"""Tuning: recovered from events of a known one, and what starts from it."""

import itertools

import keras
import numpy as np
from scipy import special

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.physiological import tuning
from calciumgan_tf.sampling import sampler
from calciumgan_tf.synthetic import tuned

RATE = 24.0


def test_spans_cover_the_lags_without_gaps_at_any_frame_rate():
    for rate in (0.5, 2.2, 24, 60):
        found = tuning.spans(rate)
        assert found[0][0] == 0 and all(a[1] == b[0] < b[1] for a, b in itertools.pairwise(found))
        assert abs(found[-1][1] - 4 * rate) <= max(1, 4 - 4 * rate)


def test_lagged_conditions_are_means_over_spans():
    coded = np.random.default_rng(0).normal(size=(300, 2))
    found = tuning.lagged(coded, RATE)
    padded = np.concatenate([np.zeros((96, 2)), coded])
    for span, (first, last) in enumerate(tuning.spans(RATE)):
        for frame in (0, 5, 50, 299):
            expected = padded[96 + frame - last + 1 : 96 + frame - first + 1].mean(axis=0)
            np.testing.assert_allclose(found[frame, span], expected, atol=1e-12)


def test_a_known_tuning_is_recovered_and_silent_neurons_are_left_alone():
    generator = np.random.default_rng(1)
    given = tuning.lagged(generator.integers(0, 2, (400, 2)).repeat(100, axis=0).astype(float), RATE)
    weights = np.zeros((4, 2, 3))
    weights[0, 0, 0], weights[2, 1, 1] = 2.0, -1.5
    probability = special.expit(given.reshape(len(given), -1) @ weights.reshape(8, 3) - 2.5) * [1, 1, 0]
    events = generator.random(probability.shape) < probability
    found, intercepts, fitted = tuning.fit(events, given)
    np.testing.assert_allclose(found, weights, atol=0.35)
    np.testing.assert_allclose(intercepts[:2], -2.5, atol=0.15)
    assert not found[..., 2].any() and np.abs(fitted - probability).max() < 0.05


def test_the_layer_is_the_sum_over_lags():
    weights = np.random.default_rng(2).normal(size=(4, 2, 3))
    inputs = keras.Input((200, 2))
    model = keras.Model(inputs, tuning.tuning(inputs, weights, RATE))
    coded = np.random.default_rng(3).normal(size=(200, 2)).astype(np.float32)
    expected = np.einsum("tsc,scn->tn", tuning.lagged(coded, RATE), weights)
    np.testing.assert_allclose(model(coded[None])[0], expected, atol=1e-4)


def test_an_untrained_generator_has_the_tuning_of_its_recording(tmp_path):
    """Rates at preferred directions are well above the others, as in the recording, and the mean rate is kept."""
    import calciumgan_tf as cg

    population = tuned.population(neurons=4)
    recording, tiny = population.recording(14400), {"window_frames": 64, "units": 2, "critic_units": 2}
    options = tiny | {"model": "physiological", "phase_shuffle": 1, "condition": "stimulus,speed"}
    run = cg.train(recording, run=tmp_path / "run", steps=0, calibration=0, **options)._run
    model = sampler.with_events(sampler.load_generator(run))
    followed = sampler.conditions_of(run)
    events = np.concatenate([one[1] for one in sampler.windows(model, 600, 0, followed)]) > 0.3
    level = followed.windows(0, 600, 64)[0][..., 0]
    found = np.stack([events[level == number].mean(axis=0) for number in range(9)], axis=1)
    found /= found.mean(axis=1, keepdims=True)
    true = population.tuning() / population.tuning().mean(axis=1, keepdims=True)
    assert np.corrcoef(found.ravel(), true.ravel())[0, 1] > 0.8
    data = TrainingData.prepare(recording, Config.of(**options))
    share = data.neuron_statistics.event_probability
    np.testing.assert_allclose(events.mean(axis=(0, 1)), share, rtol=0.6)
