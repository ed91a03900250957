"""An evaluation as files: one self-contained HTML page with verdict, table, figures and settings, and its parts."""

import base64
import html
import pathlib

from calciumgan_tf import files
from calciumgan_tf.evaluation import diagnostics_table as trust_table
from calciumgan_tf.evaluation import spike_table
from calciumgan_tf.plotting import spike_figures, style

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: .25rem .5rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; }
figure { margin: 1.5rem 0; break-inside: avoid; }
figcaption, dd, .small { color: #555; font-size: 14px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
h1, dd, li { overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } .wide { overflow: visible; } table { font-size: 8px; } }
"""
EXPLANATION = """
The generated windows are meant to look like short pieces of a calcium recording. CalciumGAN makes them with two
networks: one (the generator) turns random numbers into traces, another (the critic) learns to tell them from recorded
ones, and each improves against the other. To see how far the result can be trusted, spikes were inferred from
recorded and generated traces in the same way (by OASIS), and their statistics compared with a part of the recording
that training never saw. A number means little alone: compare it with the <em>floor</em>, which is how far the
recording's own training part is from that held-out part, and with two methods that need no network. A generated
recording is as good as the data can tell where it is near the floor; where a baseline is better, use it for nothing
that depends on that statistic.
"""


def write(evaluation, folder, title, trust=None, trust_pictures=None) -> None:
    """Writes metrics.json, table.txt, the figures and report.html to `folder`, which appears whole or not at all.

    Args:
      evaluation: evaluation.evaluate.Evaluation.
      folder: where to; what was there is replaced.
      title: heading of the page.
      trust: trust.assess.Trust, or None.
      trust_pictures: its figures, {file name without suffix: (figure, caption)}.
    """
    with files.replacing_folder(folder) as partial:
        values, words = {"settings": evaluation.settings, "metrics": evaluation.rows}, spike_table.text(evaluation.rows)
        if trust is not None:
            values["trust"] = trust.rows
            values["memorisation"] = {"p": trust.memorisation.p_value, "effect": trust.memorisation.effect}
            words += "\n\n" + trust_table.text(trust)
        files.write_json(partial / "metrics.json", values)
        (partial / "table.txt").write_text(words + "\n", encoding="utf-8")
        pictures = _saved(spike_figures.all_figures(evaluation), partial)
        section = _trust_section(trust, _saved(trust_pictures, partial)) if trust is not None else ""
        (partial / "report.html").write_text(html_page(evaluation, pictures, title, section), encoding="utf-8")


def _saved(drawings, folder):
    """Saves figures; returns {PNG file: caption}."""
    pictures = {}
    for name, (drawing, caption) in drawings.items():
        style.save(drawing, folder / f"{name}.png")
        pictures[folder / f"{name}.png"] = caption
    return pictures


def _html_table(cells):
    header, *lines = cells
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    body = "\n".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody> {body} </tbody></table></div>'


def _definitions(meanings):
    items = "".join(f"<dt>{name}</dt><dd>{html.escape(meaning)}</dd>" for name, meaning in meanings.items())
    return f"<dl>{items}</dl>"


def _trust_section(trust, pictures):
    """Trust metrics as HTML: verdict, a table a section, figures."""
    verdict = "".join(f"<li>{html.escape(line)}</li>" for line in trust_table.verdict(trust))
    tables = "".join(
        f"<h3>{section.capitalize()}</h3><p class=small>{html.escape(meaning)}</p>"
        f"{_html_table(trust_table.cells(trust.rows, section))}{_definitions(trust_table.definitions(section))}"
        for section, meaning in trust_table.SECTIONS.items()
    )
    figures = "\n".join(_figure(path, caption) for path, caption in pictures.items())
    return f"<h2>Can it be trusted?</h2><ul>{verdict}</ul>{tables}{figures}"


def html_page(evaluation, pictures: dict, title: str, trust: str = "") -> str:
    """The report as HTML with its pictures inside.

    Args:
      evaluation: evaluation.evaluate.Evaluation.
      pictures: {PNG file: caption}.
      title: heading.
      trust: HTML of the trust metrics.
    """
    verdict = "".join(f"<li>{html.escape(line)}</li>" for line in spike_table.verdict(evaluation.rows))
    notes = "".join(
        f"<li>{name}: {html.escape(row['note'])}</li>" for name, row in evaluation.rows.items() if row["note"]
    )
    figures = "\n".join(_figure(path, caption) for path, caption in pictures.items())
    settings = "\n".join(f"{name}: {value}" for name, value in evaluation.settings.items())
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><style>{STYLE}</style></head><body> <h1>{html.escape(title)}</h1> <h2>What this
page shows</h2><p>{EXPLANATION}</p> <h2>In short</h2><ul>{verdict}</ul> <h2>Spike statistics</h2><p class="small">All
lower is better, 0 is equal.</p> {_html_table(spike_table.cells(evaluation.rows))} {_definitions(spike_table.LEGEND)}
<h3>The rows</h3><p class="small">KL is the Kullback-Leibler divergence, in nats: 0 for equal
distributions.</p>{_definitions(spike_table.DEFINITIONS)} <ul class="small">{notes}</ul> <h2>Figures</h2> {figures}
{trust}
<h2>Settings</h2><pre>{html.escape(settings)}</pre> </body></html>
"""


def _figure(path, caption):
    encoded = base64.b64encode(pathlib.Path(path).read_bytes()).decode("ascii")
    caption = html.escape(caption)
    image = f'<img alt="{caption}" src="data:image/png;base64,{encoded}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
