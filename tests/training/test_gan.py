import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import MODELS, Config
from calciumgan_tf.errors import InputError
from calciumgan_tf.hyperparameters import LOSSES
from calciumgan_tf.randomness import Purpose, Randomness
from calciumgan_tf.training.builders import Builder
from calciumgan_tf.training.distribution import make_strategy
from calciumgan_tf.training.gan import BETWEEN, GAN, REAL

WINDOWS = np.random.default_rng(0).normal(0, 1, (16, 64, 3)).astype(np.float32)
FIRST = tf.constant(0, tf.int64)


@pytest.fixture
def build(tiny_of, neuron_statistics):
    """`build(replicas, model, **options)`: a GAN; by default of WaveGAN, whose graph is small."""

    def make(replicas=1, model="wavegan", statistics_loss=None, **options):
        config = Config.of(**tiny_of(model) | options)
        weight = config.physiological.statistics_loss
        builder = Builder(config, 3, neuron_statistics)
        return GAN(config.optimization, builder, make_strategy(replicas), statistics_loss, weight)

    return make


def batches(gan):
    """An endless stream of the same windows."""
    parts = tf.data.Dataset.from_tensor_slices(WINDOWS).batch(gan.share, drop_remainder=True).repeat()
    return iter(gan.strategy.distribute_datasets_from_function(lambda _: parts))


def train(gan, steps, first=0):
    """Losses of the last step."""
    stream = batches(gan)
    for step in range(first, first + steps):
        named = gan.train_step(stream, tf.constant(step, tf.int64))
    return {name: float(value) for name, value in named.items()}


def states(gan):
    """Everything that training changes."""
    models, optimizers = (gan.generator, gan.critic), (gan.generator_optimizer, gan.critic_optimizer)
    return [variable for part in (*models, *optimizers) for variable in part.variables]


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_returns_named_losses_and_changes_both_models(build, loss):
    gan = build(loss=loss)
    before = [gan.generator.get_weights(), gan.critic.get_weights()]
    named = train(gan, 1)
    assert set(named) == {"critic_loss", "score_difference", "gradient_penalty", "generator_loss"}
    assert np.isfinite(list(named.values())).all() and (named["gradient_penalty"] > 0) == (loss == "wgan-gp")
    for model, weights in zip((gan.generator, gan.critic), before):
        assert any((mine != old).any() for mine, old in zip(model.get_weights(), weights))
    if loss == "wgan":
        assert max(np.abs(weights).max() for weights in gan.critic.get_weights()) <= gan.config.clip


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_every_model_trains(build, model):
    gan = build(model=model)
    before = gan.generator.get_weights()
    assert np.isfinite(list(train(gan, 2).values())).all()
    assert any((mine != old).any() for mine, old in zip(gan.generator.get_weights(), before))


def test_critic_gradients_are_those_of_the_loss_written_out(build):
    """Three separate passes, without phase shuffle, against the pass over real and generated windows together."""
    gan = build(phase_shuffle=0, gradient_penalty=7.0, critic_updates=5)
    update, random = tf.constant(6, tf.int64), Randomness(0)
    generated = gan.strategy.run(gan.windows_for_critic, (tf.constant(1, tf.int64),))[1]
    gradients, named = gan.strategy.run(gan.critic_gradients, (tf.constant(WINDOWS), generated, update))
    noise = gan._generator_inputs.draw(16, random.key(Purpose.CRITIC_NOISE, update))
    np.testing.assert_allclose(generated, gan.generator(noise), atol=1e-6)
    mix = tf.random.stateless_uniform([16], random.key(Purpose.INTERPOLATION, update))[:, None, None]
    real = tf.constant(WINDOWS)
    with tf.GradientTape() as tape:
        between = (1 - mix) * real + mix * generated
        with tf.GradientTape() as inner:
            inner.watch(between)
            score = tf.reduce_sum(gan.critic([between]))
        norm = tf.norm(tf.reshape(inner.gradient(score, between), [16, -1]), axis=1)
        wasserstein = tf.reduce_mean(gan.critic([real])) - tf.reduce_mean(gan.critic([generated]))
        penalty = tf.reduce_mean((norm - 1) ** 2)
        loss = -wasserstein + 7 * penalty
    for mine, theirs in zip(gradients, tape.gradient(loss, gan.critic.trainable_variables)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
    expected = {"critic_loss": loss, "score_difference": wasserstein, "gradient_penalty": penalty}
    assert {name: float(value) for name, value in named.items()} == pytest.approx(
        {name: float(value) for name, value in expected.items()}, rel=1e-4
    )


def test_generator_gradients_are_those_of_the_loss_written_out(build):
    """The windows are shifted as the draws of this step say; a stand-in for the statistics loss adds to the score."""

    def mean(windows, weights, total, key):
        return total(tf.reduce_mean(windows))

    gan = build(model="physiological", phase_shuffle=1, statistics_loss=mean)
    gan.statistics_weight = 3.0
    step, random = tf.constant(4, tf.int64), Randomness(0)
    gradients, named, made = gan.strategy.run(gan.generator_gradients, (step,))
    noise = gan._generator_inputs.draw(16, random.key(Purpose.GENERATOR_NOISE, step))
    shifts = gan._critic_inputs.draw(16, random.key(Purpose.GENERATOR_PASS, step))
    with tf.GradientTape() as tape:
        windows = gan.generator(noise)
        np.testing.assert_allclose(made, windows, atol=1e-5)
        adversarial, statistics = -tf.reduce_mean(gan.critic([windows, *shifts])), tf.reduce_mean(windows)
        loss = adversarial + 3 * statistics
    for mine, theirs in zip(gradients, tape.gradient(loss, gan.generator.trainable_variables)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)
    assert float(named["generator_loss"]) == pytest.approx(float(adversarial), rel=1e-4)
    assert float(named["statistics_loss"]) == pytest.approx(float(statistics), rel=1e-4)


def test_a_single_batch_trains_the_critic_on_the_windows_of_the_generators_update(build):
    """Those that the generator made before its update, in every update of the critic."""
    options = {"critic_batches": "single", "critic_updates": 3}
    gan, by_hand = build(**options), build(**options)
    train(gan, 1)
    noise = by_hand._generator_inputs.draw(16, Randomness(0).key(Purpose.GENERATOR_NOISE, FIRST))
    expected = by_hand.generator(noise).numpy()
    generated, _ = by_hand.strategy.run(by_hand.generator_step, (FIRST,))
    np.testing.assert_allclose(generated[0], expected, atol=1e-6)
    for number in range(3):
        number = tf.constant(number, tf.int64)
        by_hand.strategy.run(by_hand.critic_step, (tf.constant(WINDOWS), generated, number, number))
    for mine, theirs in zip(states(gan), states(by_hand)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_real_generated_and_mixed_windows_have_shifts_of_their_own(build):
    gan = build(phase_shuffle=10, window_frames=64)
    drawn = [
        tuple(
            int(values[0])
            for values in gan.strategy.run(
                lambda update, which: gan._draw(gan._critic_inputs, Purpose.CRITIC_PASS, update, which),
                (tf.constant(update, tf.int64), which),
            )
        )
        for update in range(10)
        for which in (REAL, BETWEEN)
    ]
    assert len(set(drawn)) > 10


def test_a_step_is_that_many_critic_updates(build):
    gan = build(critic_updates=4)
    train(gan, 1)
    assert gan.critic_optimizer.iterations.numpy() == 4 and gan.generator_optimizer.iterations.numpy() == 1


def test_options_of_adam(build):
    gan = build(beta_1=0.3, beta_2=0.7, learning_rate=1e-3, critic_learning_rate=2e-3, half_rate_step=100)
    for optimizer in (gan.critic_optimizer, gan.generator_optimizer):
        assert (optimizer.beta_1, optimizer.beta_2) == (0.3, 0.7)
    rates = [optimizer._learning_rate for optimizer in (gan.generator_optimizer, gan.critic_optimizer)]
    assert [float(rate(0)) for rate in rates] == pytest.approx([1e-3, 2e-3])
    updates = [100, 100 * gan.config.critic_updates]
    assert [float(rate(number)) for rate, number in zip(rates, updates)] == pytest.approx([5e-4, 1e-3])


def test_averaged_weights(build):
    """a <- m a + (1 - m) w, starting at the weights after the first step; training goes on untouched."""
    gan, average = build(ema=0.8), None
    for step in range(4):
        train(gan, 1, first=step)
        weights = gan.generator.get_weights()
        average = weights if average is None else [0.8 * a + 0.2 * w for a, w in zip(average, weights)]
    for mine, expected in zip(gan.averaged_weights(), average):
        np.testing.assert_allclose(mine, expected, atol=1e-6)
    for mine, before in zip(gan.generator.get_weights(), weights):
        np.testing.assert_array_equal(mine, before)


def test_without_averaging_the_weights_are_the_trained_ones(build):
    gan = build(ema=0.0)
    train(gan, 2)
    for mine, trained in zip(gan.averaged_weights(), gan.generator.get_weights()):
        np.testing.assert_array_equal(mine, trained)


def test_same_seed_same_weights(build):
    first, same, different = (build(seed=seed).generator.get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same))
    assert not np.array_equal(first[0], different[0])


@pytest.mark.parametrize("model, loss", [("mlp", "wgan-gp"), pytest.param("wavegan", "gan", marks=pytest.mark.slow)])
def test_training_again_or_from_its_middle_gives_the_same_bits(build, model, loss):
    whole, again, resumed = (build(model=model, loss=loss) for _ in range(3))
    train(whole, 10)
    for mine, saved in zip(states(resumed), [variable.numpy() for variable in states(whole)]):
        mine.assign(saved)
    train(whole, 10, first=10)
    train(again, 20)
    train(resumed, 10, first=10)
    for number, expected in enumerate(states(whole)):
        for gan in (again, resumed):
            np.testing.assert_array_equal(states(gan)[number], expected, err_msg=expected.path)


def test_dropout_is_a_function_of_seed_step_and_layer(build):
    gan = build(model="mlp", dropout=0.5)

    def noise(step):
        return gan.strategy.run(lambda: gan._draw(gan._generator_inputs, Purpose.GENERATOR_NOISE, step))

    first, again, later = noise(FIRST), noise(FIRST), noise(FIRST + 1)
    for mine, same, different in zip(first, again, later):
        np.testing.assert_array_equal(mine, same)
        assert (mine.numpy() != different.numpy()).any()
    dropout = [values for values, drawn in zip(first, gan._generator_inputs.drawn) if drawn.kind == "uniform"]
    assert len(dropout) == 3 and (dropout[0][..., :2].numpy() != dropout[1][..., :2].numpy()).all()
    windows = [gan.generator(first, training=training).numpy() for training in (True, True, False)]
    np.testing.assert_array_equal(windows[0], windows[1])
    assert (windows[0] != windows[2]).any()


@pytest.mark.parametrize(
    "replicas, options, message",
    [
        (2, {"batch_size": 15}, "--batch_size=15 can't be shared by 2 replicas: take 16"),
        (2, {"generator_norm": "batch"}, "--generator_norm=batch would normalise the windows of each of 2 replicas"),
        (1, {"batch_size": 1, "statistics_loss": tf.reduce_mean}, "--batch_size=1 has no two halves"),
    ],
)
def test_batches_that_cannot_be_shared_or_compared_are_refused(build, replicas, options, message):
    with pytest.raises(InputError) as error:
        build(replicas, **options)
    assert str(error.value).startswith(message)
