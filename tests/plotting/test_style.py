import pytest

from calciumgan_tf.plotting import style


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_logarithmic_axes_are_labelled_with_numbers(tmp_path, scale):
    """Nothing in a figure is read as a formula, so the powers of matplotlib's own labels would be printed as code."""
    drawing, axes = style.figure(2.0)
    axes[0, 0].plot([1, 10, 1000], [1, 20, 300])
    axes[0, 0].set_yscale(scale)
    style.save(drawing, tmp_path / "figure.png")
    labels = [label.get_text() for label in axes[0, 0].get_yticklabels(which="both")]
    assert {"1", "10", "100"} <= set(labels) and not any("$" in label for label in labels)
