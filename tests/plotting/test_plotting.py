import numpy as np

from calciumgan_tf.evaluation import examples
from calciumgan_tf.plotting import comparison_figures, previews, spike_figures


def test_preview_shows_the_picture_it_saves(tmp_path):
    windows = np.random.default_rng(0).normal(size=(4, 64, 9))
    picture = previews.save(windows, windows, 24.0, tmp_path / "new" / "p.png")
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 4
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 10  # not blank
    assert (tmp_path / "new" / "p.png").read_bytes().startswith(b"\x89PNG")


def test_preview_of_one_neuron(tmp_path):
    assert previews.save(np.zeros((1, 64, 1)), np.zeros((1, 64, 1)), 2.2, tmp_path / "p.png").size


def test_the_key_of_the_riddle_says_which_traces_were_generated():
    """Recorded windows hold 1, generated ones 2; panel k of the figure is trace k of the key."""
    drawing, key = comparison_figures.riddle(np.ones((5, 64, 3)), np.full((6, 64, 3), 2.0), 24.0, 0)
    shown = [axis.lines[0].get_ydata()[0] for axis in drawing.axes]
    np.testing.assert_array_equal(np.array(shown) == 2, key)
    assert key.sum() == len(key) / 2
    assert [axis.get_title(loc="left") for axis in drawing.axes] == [str(k + 1) for k in range(len(key))]


def test_spectra_and_amplitudes_are_those_of_the_same_neuron():
    random = np.random.default_rng(0)
    recorded = random.normal(size=(20, 64, 3)) * [3, 1, 2]
    drawing = comparison_figures.spectra_and_amplitudes(recorded, recorded, 24.0)
    assert [axis.get_title() for axis in drawing.axes[:3]] == ["neuron 1", "neuron 2", "neuron 0"]
    for axis in drawing.axes:
        np.testing.assert_array_equal(axis.lines[0].get_ydata(), axis.lines[1].get_ydata())


def test_trace_figures_show_the_most_active_neurons_of_both_sides_by_their_names():
    spikes = {side: np.zeros((3, 50, 6), np.uint8) for side in ("recorded", "generated")}
    for side, counts in (("recorded", (0, 9, 0, 1, 7, 0)), ("generated", (0, 1, 8, 0, 0, 6))):
        for neuron, count in enumerate(counts):
            spikes[side][-1, :count, neuron] = 1
    traces = np.random.default_rng(0).normal(size=(3, 50, 6)).astype(np.float32)
    sides = {side: examples.Examples(traces, some, some) for side, some in spikes.items()}
    drawing = spike_figures.traces(sides, 24.0, list("abcdef"))
    labels = [axis.get_ylabel() for axis in drawing.axes]
    assert labels == 2 * ["neuron b", "neuron c", "neuron e", "neuron f"]
    maps = spike_figures.van_rossum_maps(sides, 24.0, list("abcdef"))
    assert [axis.get_title() for axis in maps.axes[:3]] == ["neuron b", "neuron c", "neuron e"]
