"""The files of an evaluation."""

import dataclasses
import json
import re

import numpy as np
import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation import headline, output, tables
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.plotting import report, style
from calciumgan_tf.synthetic import populations


@pytest.fixture(scope="module")
def evaluation():
    """Spike statistics of 40 windows, in which a neuron is silent."""
    truth = populations.population(neurons=5, seed=3)
    data = truth.recording(3000)
    generated = truth.windows(40, 64)[1]
    generated[:, :, 1] = 0
    return Reference.fit(data, split_frames(data.frames, 64), 40).compare(generated, model="wavegan", source="x.h5")


@pytest.fixture(scope="module")
def folder(evaluation, tmp_path_factory):
    path = tmp_path_factory.mktemp("output") / "evaluation"
    report.write(evaluation, path, "a <b> against c & d")
    return path


def test_values_and_table_are_written(folder, evaluation):
    assert json.loads((folder / "metrics.json").read_text()) == json.loads(json.dumps(tables.plain(evaluation)))
    assert (folder / "table.txt").read_text() == tables.text(evaluation) + "\n"


def test_a_written_evaluation_may_be_replaced(folder):
    assert output.is_replaceable(folder)
    assert json.loads((folder / "metrics.json").read_text())["format"] == output.FORMAT


def test_figures_are_png_and_name_the_model(folder, evaluation, monkeypatch, tmp_path):
    pictures = sorted(folder.glob("*.png"))
    drawn = ["divergences", "rasters", "rate_histograms", "scatters", "traces", "transients", "van_rossum_maps"]
    assert [path.stem for path in pictures] == drawn
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n") for path in pictures)
    titles = []

    def save(drawing, path):
        titles.append(drawing.get_suptitle())
        path.write_bytes(b"")

    monkeypatch.setattr(report.style, "save", save)
    report.write(evaluation, tmp_path / "again", "title")
    assert titles == ["model: wavegan"] * len(drawn)


def test_report_stands_alone(folder, evaluation):
    page = (folder / "report.html").read_text()
    sources = re.findall(r'\bsrc="([^"]*)"', page)
    assert len(sources) == page.count("<img ") == len(list(folder.glob("*.png")))
    links, anchors = (re.findall(rf'\b{name}="([^"]*)"', page) for name in ("href", "id"))
    assert set(links) == {f"#{anchor}" for anchor in anchors if f"#{anchor}" in links} and len(links) > 15
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "<script" not in page and "<link" not in page
    assert "<h1>a &lt;b&gt; against c &amp; d</h1>" in page
    assert "<strong>Model: wavegan; 40 windows of x.h5 against synthetic</strong>" in page and "CalciumGAN" not in page
    assert "frame_rate (Hz): 24" in page and "A trial" not in page
    assert all(
        f'<td><a href="#{name}">{name}' in page and f'<dt id="{name}">{name}</dt>' in page for name in evaluation.rows
    )


@pytest.mark.parametrize("steps, is_trial", [(5, True), (399, True), (400, False), (None, False)])
def test_an_evaluation_of_few_training_steps_is_called_a_trial(evaluation, steps, is_trial):
    settings = evaluation.settings | {"model": "physiological", "training_steps": steps}
    judged = dataclasses.replace(evaluation, settings=settings)
    said = [headline.headline(judged)[1], tables.text(judged)]
    assert ["A trial: " in text for text in said] == [is_trial, is_trial]


def test_neurons_have_their_names_on_the_axis():
    drawing, axes = style.figure(2)
    axes[0, 0].plot([0, 2], [0, 2])
    style.name_neurons(axes[0, 0], ("3", "5", "11"))
    drawing.canvas.draw()
    labels = {label.get_position()[1]: label.get_text() for label in axes[0, 0].get_yticklabels()}
    assert {0: "3", 1: "5", 2: "11"}.items() <= labels.items()
    assert not any(text for place, text in labels.items() if place not in (0, 1, 2))


def test_writing_again_replaces_the_folder(evaluation, tmp_path):
    folder = tmp_path / "evaluation"
    folder.mkdir()
    (folder / "old.png").write_bytes(b"")
    report.write(evaluation, folder, "title")
    assert not (folder / "old.png").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation"]


def test_further_figures_are_part_of_the_report(evaluation, tmp_path):
    drawing, axes = report.style.figure(2)
    axes[0, 0].plot(np.arange(3))
    report.write(evaluation, tmp_path / "e", "title", {"further": (drawing, "a further caption")})
    assert (tmp_path / "e" / "further.png").stat().st_size > 1000
    assert "a further caption" in (tmp_path / "e" / "report.html").read_text()


def test_headline_says_what_differs(tmp_path):
    from calciumgan_tf.evaluation import headline

    truth = populations.population(neurons=5, seed=3)
    data = truth.recording(12000)
    silent = 0.01 * truth.windows(100, 64)[1]
    found = Reference.fit(data, split_frames(data.frames, 64), 100).compare(silent)
    word, sentence = headline.headline(found)
    assert word == headline.TOLD and "firing_rate_" in sentence
    report.write(found, tmp_path / "e", "title")
    page = (tmp_path / "e" / "report.html").read_text()
    assert f'<p class="headline told"><strong>Told apart.</strong> {sentence}</p>' in page
    words = headline.of_metrics(found)
    assert words["firing_rate_rmse"] == headline.TOLD
    assert page.count('<td class="told">told apart</td>') == list(words.values()).count(headline.TOLD)


def test_headline_of_the_recording_itself_is_not_that_it_differs(evaluation):
    from calciumgan_tf.evaluation import headline

    data = populations.population(neurons=5, seed=3).recording(6000)
    split = split_frames(data.frames, 64)
    fresh = populations.population(neurons=5, seed=3).windows(40, 64)[1]
    word, sentence = headline.headline(Reference.fit(data, split, 40).compare(fresh))
    assert word in (headline.GOOD, headline.DOUBTFUL) and "of 9" in sentence
