"""The notebooks run from top to bottom, at small size."""

import pathlib
import re

import pytest

NOTEBOOKS = sorted((pathlib.Path(__file__).parents[1] / "docs" / "notebooks").glob("*.ipynb"))
TINY = "dict(units=2, critic_units=2, noise_dim=4, phase_shuffle=1, batch_size=4, window_frames=64, calibration=2)"


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, tmp_path, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    notebook = nbformat.read(path, as_version=4)
    changed = 0
    for cell in notebook.cells:
        source = re.sub(r"^(STEPS, WINDOWS = ).*$", r"\g<1>2, 60", cell.source, flags=re.MULTILINE)
        source = re.sub(r"^(OPTIONS = )\{\}", rf"\g<1>{TINY}", source, flags=re.MULTILINE)
        changed += source != cell.source
        cell.source = source
    assert changed == 1
    root = str(path.parents[2])
    monkeypatch.setenv("PYTHONPATH", root)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs if "data" in output
    ]
    assert any("image/png" in output.data for output in pictures)


def test_there_are_two_and_they_hold_no_output():
    assert [path.stem for path in NOTEBOOKS] == ["mouse", "tutorial"]
    assert all('"outputs": []' in path.read_text() and "image/png" not in path.read_text() for path in NOTEBOOKS)
