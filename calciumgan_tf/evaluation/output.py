"""Writes an evaluation: metrics.json, table.txt, figures and report.html, in one folder."""

from calciumgan_tf import files
from calciumgan_tf.evaluation import table
from calciumgan_tf.evaluation.evaluate import Evaluation


def write(evaluation: Evaluation, folder, title: str) -> None:
    """Writes all files to `folder`, which appears whole or not at all."""
    from calciumgan_tf.plotting import report, spike_figures, style

    with files.replacing_folder(folder) as partial:
        files.write_json(partial / "metrics.json", {"settings": evaluation.settings, "metrics": evaluation.rows})
        (partial / "table.txt").write_text(table.text(evaluation.rows) + "\n", encoding="utf-8")
        pictures = {}
        for name, (drawing, caption) in spike_figures.all_figures(evaluation).items():
            style.save(drawing, partial / f"{name}.png")
            pictures[partial / f"{name}.png"] = caption
        (partial / "report.html").write_text(report.html_page(evaluation, pictures, title), encoding="utf-8")
