import pytest

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import indicators


def test_known_indicators_have_a_source_and_a_kernel():
    assert list(indicators.INDICATORS) == ["gcamp6f", "gcamp6s", "gcamp7f", "gcamp8f", "gcamp8m", "gcamp8s"]
    for name, one in indicators.INDICATORS.items():
        assert one.name == name and one.source.startswith("DS")
        assert 0 <= one.tau_rise < one.tau_decay and one.amplitude > 0


def test_fast_indicators_decay_faster():
    decay = {name: one.tau_decay for name, one in indicators.INDICATORS.items()}
    assert decay["gcamp8f"] < decay["gcamp8m"] < decay["gcamp8s"] and decay["gcamp6f"] < decay["gcamp6s"]


@pytest.mark.parametrize(
    "text, name",
    [("GCaMP6f", "gcamp6f"), ("jGCaMP 8m (AAV)", "gcamp8m"), ("GCaMP6s, GCaMP6f", ""), ("tdTomato", ""), (None, "")],
)
def test_an_indicator_is_found_in_a_text(text, name):
    assert indicators.mentioned(text) == name


def test_an_unknown_indicator_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="--indicator=gcamp3 is unknown: choose one of gcamp6f, gcamp6s, .*gcamp8s"):
        indicators.named("gcamp3")
