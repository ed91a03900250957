"""The report in headless Chromium: nothing sticks out, every picture is there, nothing is fetched."""

import json
import re
import shutil
import subprocess

import pytest

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.evaluation.reference import Reference
from calciumgan_tf.plotting import diagnostic_figures, report
from calciumgan_tf.synthetic import populations

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LOOK = """<script>
const images = [...document.images];
document.title = JSON.stringify({
  width: window.innerWidth,
  needed: document.documentElement.scrollWidth,
  images: images.length,
  loaded: images.filter(image => image.complete && image.naturalWidth > 0).length,
  fetched: performance.getEntriesByType('resource').map(entry => entry.name).filter(name => !name.startsWith('data:')),
});
</script>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A report with diagnostics; the script that measures it is added afterwards, the report itself has none."""
    truth = populations.population(neurons=3)
    data = truth.recording(3000)
    parts = split_frames(data.frames, 64)
    generated = truth.windows(40, 64)[1]
    evaluation = Reference.fit(data, parts, 40, diagnostics=True).compare(generated, model="calciumgan")
    folder = tmp_path_factory.mktemp("report") / "evaluation"
    report.write(evaluation, folder, "a title", diagnostic_figures.all_figures(evaluation, generated, data))
    text = (folder / "report.html").read_text()
    assert "<script" not in text and not re.search(r"(src|href)=.?https?:", text)
    (folder / "looked_at.html").write_text(text.replace("</body>", LOOK + "</body>"))
    return folder / "looked_at.html"


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_sticks_out_and_every_picture_is_loaded(page, tmp_path, width):
    # Chromium's window is not narrower than 500 pixels; a frame is as narrow as it is told to be.
    frame = tmp_path / "frame.html"
    frame.write_text(f'<iframe src="file://{page}" width="{width}" height="3000" style="border:0"></iframe>')
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,3000"]
    command += [
        "--allow-file-access-from-files",
        "--virtual-time-budget=5000",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    frame.write_text(frame.read_text() + "<script>onload = () => document.title = frames[0].document.title</script>")
    done = subprocess.run([*command, "--dump-dom", f"file://{frame}"], capture_output=True, text=True, timeout=120)
    seen = json.loads(re.search(r"<title>(.*?)</title>", done.stdout).group(1).replace("&quot;", '"'))
    assert seen["width"] == width and seen["needed"] <= width
    assert seen["images"] == seen["loaded"] == 9
    assert seen["fetched"] == []
    picture = tmp_path / "shot.png"
    subprocess.run([*command, f"--screenshot={picture}", f"file://{frame}"], capture_output=True, timeout=120)
    assert picture.stat().st_size > 20_000


def test_tables_of_the_page_hold_every_metric(page):
    text = page.read_text()
    for name in ("firing_rate_kl", "neuron_classifier", "coherence", "undetermined"):
        assert name in text
    assert text.count("<table>") == 2
