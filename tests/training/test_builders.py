import keras
import numpy as np
import pytest
import tensorflow as tf

from calciumgan_tf.config import MODELS, Config
from calciumgan_tf.dataset.scaling import Scaling
from calciumgan_tf.errors import InputError
from calciumgan_tf.randomness import draw_noise
from calciumgan_tf.training.builders import Builder

SCALING = Scaling(np.array([1, 2, 3], np.float32), np.array([10, 20, 30], np.float32))
OPTIONS = [
    {},
    {"scaling": "neuron"},
    {"upsample": "nearest"},
    {"generator_norm": "batch"},
    {"generator_norm": "none", "noise": "uniform"},
    {"representation": "fourier"},
    {"post_filter": 9},
]


def run(model, examples=5):
    """Outputs for random inputs; a critic is given zeros as windows."""
    drawn = model.random.draw(examples, [0, 0])
    windows = [tf.zeros([examples, *x.shape[1:]]) for x in model.keras.inputs[: len(model.keras.inputs) - len(drawn)]]
    return model.keras([*windows, *drawn])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("model", [name for name in MODELS if name != "physiological"])
@pytest.mark.parametrize("neurons", [1, 3])
def test_shapes(tiny_of, model, neurons, options):
    if model == "mlp" and "upsample" in options:
        pytest.skip("mlp has no convolutions")
    shuffle = {} if model == "mlp" else {"phase_shuffle": 0 if model == "calciumgan2d" else 1}
    builder = Builder(Config.of(**tiny_of(model) | options | shuffle), neurons)
    windows = run(builder.generator())
    assert windows.shape == (5, 64, neurons) and windows.dtype == tf.float32
    if options.get("scaling") == "neuron":
        assert tf.reduce_min(windows) >= 0 and tf.reduce_max(windows) <= 1
    assert run(builder.critic()).shape == (5,)


@pytest.mark.parametrize("noise", ["normal", "uniform"])
@pytest.mark.parametrize("model", MODELS)
def test_saved_generator_equals_the_trained_and_needs_nothing_of_ours(
    tiny_of, neuron_statistics, model, noise, tmp_path
):
    """In dF/F, read without this package's layers; noise is the same, since dropout, if any, comes last."""
    keras.utils.set_random_seed(0)
    builder = Builder(Config.of(**tiny_of(model), noise=noise), 3, neuron_statistics)
    trained, exported = builder.generator(), builder.exported_generator(SCALING)
    exported.set_weights(trained.keras.get_weights())
    exported.save(tmp_path / "generator.keras")
    restored = keras.saving.load_model(tmp_path / "generator.keras")
    assert all(type(layer).__module__.startswith("keras.") for layer in restored.layers)
    noise = draw_noise(restored, 2, [0, 0])
    unused = [tf.zeros([2, *x.shape[1:]], x.dtype) for x in trained.random.inputs[len(noise) :]]
    scaled = trained.keras([*noise, *unused], training=False)
    np.testing.assert_allclose(SCALING.scaled(restored(noise).numpy()), scaled, atol=1e-5)


def test_every_noise_input_and_example_has_its_own_numbers(tiny_of, neuron_statistics):
    generator = Builder(Config.of(**tiny_of("physiological")), 3, neuron_statistics).generator()
    drawn = generator.random.draw(6, [0, 0])
    assert [part.shape[1:] for part in drawn] == [x.shape[1:] for x in generator.keras.inputs]
    numbers = np.concatenate([part.numpy().ravel() for part in drawn])
    assert len(np.unique(numbers)) > 0.99 * len(numbers)  # float32 numbers meet by chance
    again, different = (generator.random.draw(6, [0, seed])[0] for seed in (0, 1))
    np.testing.assert_array_equal(again, drawn[0])
    assert np.isin(different, drawn[0]).mean() < 0.01


def test_a_saved_generator_is_given_the_noise_of_the_trained(tiny_of, neuron_statistics):
    builder = Builder(Config.of(**tiny_of("physiological")), 3, neuron_statistics)
    trained = builder.generator().random.draw(4, [0, 7])
    for mine, theirs in zip(draw_noise(builder.exported_generator(SCALING), 4, [0, 7]), trained):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("model, number", [("calciumgan", 4), ("calciumgan2d", 3 + 4), ("wavegan", 3), ("mlp", 0)])
def test_critic_uses_the_shift_of_every_layer(tiny_of, model, number):
    options = {} if model == "mlp" else {"phase_shuffle": 1, "window_frames": 256, "critic_stride": 2}
    critic = Builder(Config.of(**tiny_of(model) | options), 3).critic()
    shifts = [place for place, drawn in enumerate(critic.random.drawn) if drawn.kind == "shift"]
    assert len(shifts) == number
    windows = tf.random.stateless_normal([4, *critic.keras.inputs[0].shape[1:]], [0, 0])
    inputs = critic.without_effect(4)
    scores = [critic.keras([windows, *inputs]).numpy()]
    for place in shifts:
        scores.append(critic.keras([windows, *inputs[:place], inputs[place] + 1, *inputs[place + 1 :]]).numpy())
    assert len({tuple(score) for score in scores}) == number + 1


def test_an_odd_number_of_neurons_is_an_even_number_less_the_last(tiny_of):
    shapes = [Builder(Config.of(**tiny_of("calciumgan2d")), count).generator().keras for count in (3, 4)]
    assert shapes[0].count_params() == shapes[1].count_params() and shapes[0].output_shape == (None, 64, 3)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"window_frames": 100}, "--window_frames=100 is not divisible by 32: take 96 or 128"),
        ({"window_frames": 8}, "--window_frames=8 is not divisible by 32: take 32 or 64"),
        ({"model": "wavegan", "window_frames": 74}, "--window_frames=74 is not divisible by 4: take 72 or 76"),
        ({"representation": "fourier", "window_frames": 96}, "--window_frames=96 is not divisible by 64"),
        ({"phase_shuffle": 16}, "--phase_shuffle=16 reaches beyond the 16 frames that --window_frames=256 leaves"),
        ({"phase_shuffle": 100}, "--phase_shuffle=100 reaches beyond the 16 frames"),
        ({"model": "calciumgan2d", "phase_shuffle": 4}, "--phase_shuffle=4 reaches beyond the 4 frames"),
    ],
)
def test_windows_that_the_layers_cannot_make_are_refused(wrong, message):
    with pytest.raises(InputError) as error:
        Builder(Config.of(**wrong), 3).critic()
    assert str(error.value).startswith(message)
