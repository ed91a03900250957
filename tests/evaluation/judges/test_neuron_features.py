"""Features of a neuron by closed form, and what leaves them unchanged."""

import numpy as np
import pytest

from calciumgan_tf.evaluation.judges import neuron_features
from calciumgan_tf.evaluation.judges.neuron_features import NAMES

RATE = 32.0
IN_UNITS = {
    name for name in NAMES if name.startswith(("mean", "median", "minimum", "maximum", "quantile", "log_power"))
}
IN_UNITS |= {"sd", "step_sd", "largest_step_up", "largest_step_down"}


def of(trace, frame_rate=RATE):
    """Features of one trace (frame,) by name."""
    found = neuron_features.features(np.asarray(trace)[None, :, None], frame_rate)
    return dict(zip(NAMES, found[0, 0].tolist()))


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape)


def test_a_sine_of_whole_periods():
    frames = np.arange(256)
    found = of(1 + 2 * np.sin(2 * np.pi * frames / 16 + 0.1))
    assert found["mean"] == pytest.approx(1, abs=1e-6)
    assert found["sd"] == pytest.approx(2**0.5)
    assert found["skewness"] == pytest.approx(0, abs=1e-5)
    assert found["kurtosis"] == pytest.approx(-1.5)
    # Of the sum over 256 - 8 products of values half a period apart, -sin^2, that average a half.
    assert found["autocorrelation_8"] == pytest.approx(-248 / 256, abs=1e-5)


def test_the_power_of_a_sine_is_in_its_octave():
    """A period of 16 frames is 1/8 of the Nyquist frequency, the upper end of octave 4, which holds 8 frequencies."""
    found = of(np.sin(2 * np.pi * np.arange(256) / 16))
    power = [found[f"log_power_octave_{octave}"] for octave in range(1, 7)]
    resolution = RATE / 256  # Hz; the sine's variance of a half falls on one frequency of eight
    assert power[3] == pytest.approx(np.log(0.5 / resolution / 8), abs=1e-4)
    assert max(power[:3] + power[4:]) < np.log(1e-9)


def test_white_noise_has_its_variance_as_power_in_each_octave():
    """A one-sided density of variance / Nyquist frequency; 80 traces of 64 frequencies each: SE of the mean 1.4 %."""
    found = neuron_features.features(noise(20, 256, 4), RATE)
    place = NAMES.index("log_power_octave_1")
    np.testing.assert_allclose(np.exp(found[..., place]).mean(), 1 / (RATE / 2), rtol=0.06)


def test_a_step():
    found = of(np.repeat([0.0, 3.0], 50))
    assert (found["minimum"], found["maximum"], found["median"]) == (0, 3, 1.5)
    assert (found["largest_step_up"], found["largest_step_down"]) == (3, 0)
    assert (found["quantile_0.05"], found["quantile_0.75"]) == (0, 3)


def test_crossings_of_rare_pulses():
    trace = np.zeros(320)
    trace[[20, 21, 100, 250]] = 1.0
    found = of(trace)
    assert found["crossings"] == pytest.approx(3 / 10)  # in 10 s
    assert found["share_above"] == pytest.approx(4 / 320)


def test_a_decaying_transient_is_asymmetric_and_its_reversal_the_opposite():
    trace = np.zeros(256)
    trace[100:] = 0.9 ** np.arange(156)
    ahead, back = of(trace), of(trace[::-1])
    assert ahead["decay_asymmetry_0.25"] == pytest.approx(1)
    for name in ("decay_asymmetry_0.25", "decay_asymmetry_1.0", "reversal_1", "reversal_4", "step_skewness"):
        assert ahead[name] == pytest.approx(-back[name], rel=1e-5)
        assert ahead[name] > 0.5


def test_a_trace_that_equals_its_reversal_is_reversible():
    half = noise(60)
    found = of(np.append(half, half[::-1]))
    assert [found[f"reversal_{lag}"] for lag in neuron_features.REVERSAL_LAGS] == pytest.approx([0] * 3, abs=1e-6)


def test_a_peak_at_either_end_has_one_side():
    assert of([3.0, 1, 0, 0, 0])["decay_asymmetry_1.0"] == 1
    assert of([0.0, 0, 0, 1, 3])["decay_asymmetry_1.0"] == -1


def test_only_named_features_depend_on_scale_and_offset():
    trace = noise(200)
    plain, changed = of(trace), of(5 + 4 * trace)
    for name in set(NAMES) - IN_UNITS:
        assert changed[name] == pytest.approx(plain[name], rel=1e-3, abs=1e-4), name
    assert changed["sd"] == pytest.approx(4 * plain["sd"], rel=1e-5)
    assert changed["log_power_octave_2"] == pytest.approx(plain["log_power_octave_2"] + np.log(16), rel=1e-5)


def test_a_neuron_does_not_depend_on_the_others_or_the_chunk(monkeypatch):
    windows = noise(6, 64, 3)
    together = neuron_features.features(windows, RATE)
    monkeypatch.setattr(neuron_features, "CHUNK_VALUES", 100)
    alone = neuron_features.features(windows[:, :, 1:2], RATE)
    assert together.shape == (6, 3, len(NAMES))
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together[:, 1], alone[:, 0])


@pytest.mark.parametrize("frames", [2, 3, 7, 40])
@pytest.mark.parametrize("value", [0.0, 0.1, -3e4])
def test_finite_for_constants_and_short_windows(frames, value):
    constant = neuron_features.features(np.full((1, frames, 1), value), RATE)
    assert np.isfinite(constant).all()
    found = dict(zip(NAMES, constant[0, 0]))
    assert [found[name] for name in ("sd", "skewness", "kurtosis", "crossings", "decay_asymmetry_1.0")] == [0] * 5
    assert np.isfinite(neuron_features.features(noise(3, frames, 2), 2.2)).all()


def test_a_window_of_one_frame_has_no_features():
    with pytest.raises(ValueError, match="not 1"):
        neuron_features.features(np.zeros((2, 1, 3)), RATE)
