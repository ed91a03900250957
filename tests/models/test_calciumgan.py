import keras
import numpy as np
import pytest

from calciumgan_tf import flagfile
from calciumgan_tf.config import Config
from calciumgan_tf.models import calciumgan
from calciumgan_tf.randomness import RandomInputs
from calciumgan_tf.training.builders import Builder


@pytest.fixture(scope="module")
def paper():
    return Builder(Config.of(**flagfile.read(flagfile.PAPER)), 102)


def test_parameters_of_the_paper(paper):
    """Counted by the original at (2048, 102): its README's training command."""
    assert paper.generator().keras.count_params() == 4_375_740
    assert paper.critic().keras.count_params() == 4_110_273


def test_layers_of_the_paper(paper):
    """The table of layers: (kind, frames, channels), in order."""
    generator = paper.generator().keras
    upsampled = [
        layer.output.shape[1:] for layer in generator.layers if isinstance(layer, keras.layers.Conv1DTranspose)
    ]
    assert upsampled == [(128, 320), (256, 256), (512, 192), (1024, 128), (2048, 102)]
    kinds = [type(layer).__name__ for layer in generator.layers]
    block = ["Conv1DTranspose", "LayerNormalization", "LeakyReLU"]
    assert kinds == ["InputLayer", "Dense", "LeakyReLU", "Reshape", *block * 5, "Dense", "Activation"]
    assert generator.layers[-1].activation is keras.activations.sigmoid
    critic = paper.critic().keras
    downsampled = [layer.output.shape[1:] for layer in critic.layers if isinstance(layer, keras.layers.Conv1D)]
    assert downsampled == [(1024, 64), (512, 128), (256, 192), (128, 256), (64, 320)]
    kinds = [type(layer).__name__ for layer in critic.layers if not isinstance(layer, keras.layers.InputLayer)]
    block = ["PairedConv1D", "LeakyReLU", "PhaseShuffle"]
    assert kinds[: 3 * 4 + 2] == [*block * 4, "PairedConv1D", "LeakyReLU"] and kinds[14:16] == ["Flatten", "Dense"]
    slopes = [layer.negative_slope for layer in critic.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert slopes == pytest.approx([0.3] * 5)


@pytest.mark.parametrize("normalize_last, norms", [(False, 4), (True, 5)])
def test_last_convolution_is_normalised_on_request(tiny, normalize_last, norms):
    config = Config.of(**tiny, normalize_last=normalize_last)
    random = RandomInputs()
    model = keras.Model(random.inputs, calciumgan.generator(random, config.generator, 64, 3))
    assert sum(isinstance(layer, keras.layers.LayerNormalization) for layer in model.layers) == norms


def test_stride_1_takes_windows_of_any_length(tiny):
    config = Config.of(**tiny | {"window_frames": 6, "stride": 1, "critic_stride": 1, "phase_shuffle": 1})
    builder = Builder(config, 2)
    assert builder.generator().keras.output_shape == (None, 6, 2)
    assert builder.critic().keras.output_shape == (None,)


def test_last_convolution_may_be_wider_than_there_are_neurons(tiny):
    random = RandomInputs()
    config = Config.of(**tiny, last_units=7).generator
    model = keras.Model(random.inputs, calciumgan.generator(random, config, 64, 3))
    assert model.get_layer("upsample5").output.shape == (None, 64, 7) and model.output_shape == (None, 64, 3)


def test_injected_noise_has_a_level_for_each_neuron(tiny):
    random = RandomInputs()
    config = Config.of(**tiny, noise_injection=True).generator
    model = keras.Model(random.inputs, calciumgan.generator(random, config, 64, 3))
    generator = np.random.default_rng(0)
    noise = [generator.standard_normal((200, *one.shape[1:])).astype(np.float32) for one in random.inputs]
    without = [one * (random.inputs[i].name != "injected_noise") for i, one in enumerate(noise)]
    model.get_layer("noise_level").set_weights([np.array([0.1, 1.0, 2.0], np.float32)])
    added = model.predict(noise, verbose=0) - model.predict(without, verbose=0)
    np.testing.assert_allclose(added.std(axis=(0, 1)), [0.1, 1.0, 2.0], rtol=0.03)
    assert np.abs(np.corrcoef(added.reshape(-1, 3).T) - np.eye(3)).max() < 0.03
