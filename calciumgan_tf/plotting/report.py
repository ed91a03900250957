"""An evaluation as files: metrics.json, table.txt, figures, and a self-contained HTML page with all of them."""

import base64
import html
import pathlib

from calciumgan_tf import files
from calciumgan_tf.evaluation import headline, output, tables
from calciumgan_tf.plotting import spike_figures, style

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: .25rem .5rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.good { background: #dff0d8; }
.doubtful { background: #fcf3d0; }
.told { background: #f2dede; }
.headline { padding: .75rem 1rem; font-size: 1.1rem; }
.headline strong { text-transform: uppercase; }
dt { scroll-margin-top: 1rem; }
img { max-width: 100%; }
figure { margin: 1.5rem 0; break-inside: avoid; }
figcaption, dd, .small { color: #555; font-size: 14px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
h1, dd, li { overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } .wide { overflow: visible; } table { font-size: 8px; } }
"""
FIGURES = {  # the figure that shows most of a metric or row
    "firing_rate_kl": "rate_histograms",
    "correlation_kl": "divergences",
    "covariance_kl": "divergences",
    "van_rossum_kl": "van_rossum_maps",
    "firing_rate_rmse": "scatters",
    "correlation_rmse": "scatters",
    "population_count_kl": "rasters",
    "isi_mean_rmse": "rasters",
    "isi_sd_rmse": "rasters",
    "rates": "scatters",
    "fano_factors": "rate_histograms",
    "tails": "transients",
    "transient": "curves",
    "neuron_classifier": "traces",
    "neuron_kernels": "traces",
    "population_classifier": "rasters",
} | dict.fromkeys(("amplitudes", "spectrum_slow", "spectrum_middle", "spectrum_fast"), "curves")
UNITS = {  # of the settings
    "frame_rate": "Hz",
    "tau_decay": "s",
    "g": "coefficients of each neuron's autoregressive kernel",
    "s_min": "smallest event, dF/F",
    "baseline": "dF/F",
    "noise": "SD, dF/F",
    "bin_seconds": "s, of spike counts",
    "van_rossum_tau": "s",
}
EXPLANATION = """
The generated windows are meant to look like short pieces of a calcium recording. To see how far they can be trusted,
spikes were inferred from recorded and generated traces in the same way (by OASIS), and statistics of both were compared
with those of a part of the recording that training never saw. A number means little alone: beside it stands the same
number for the recording's own training part, and for windows that are wrong in a known way. Each row of the tables
leads to its definition, and from there to a figure.
"""


def write(evaluation, folder, title, further=None) -> None:
    """Writes an evaluation to `folder`, which appears whole or not at all; what was there is replaced.

    Args:
      evaluation: evaluation.reference.Evaluation.
      folder: path.
      title: heading of the page.
      further: figures besides those of spike_figures, {file name without suffix: (figure, caption)}.
    """
    with files.replacing_folder(folder) as partial:
        write_files(evaluation, partial, title, further)


def write_files(evaluation, folder, title, further=None) -> None:
    """Writes metrics.json, table.txt, the figures and report.html into an existing folder; arguments as for `write`."""
    files.write_json(folder / output.METRICS, tables.plain(evaluation))
    (folder / output.TABLE).write_text(tables.text(evaluation) + "\n", encoding="utf-8")
    pictures = {}
    figures = spike_figures.all_figures(evaluation) if evaluation.summaries else {}
    for name, (drawing, caption) in (figures | (further or {})).items():
        style.name_model(drawing, evaluation.settings["model"])
        style.save(drawing, folder / f"{name}.png")
        pictures[folder / f"{name}.png"] = caption
    (folder / output.REPORT).write_text(html_page(evaluation, pictures, title), encoding="utf-8")


def html_page(evaluation, pictures: dict, title: str) -> str:
    """The report as an HTML page with its pictures inside.

    Args:
      evaluation: evaluation.reference.Evaluation.
      pictures: {PNG file: caption}.
      title: heading.
    """
    settings = "\n".join(_setting(name, value) for name, value in evaluation.settings.items())
    words = {tables.SPIKES: headline.of_metrics(evaluation), tables.DIAGNOSIS: headline.of_findings(evaluation)}
    drawn = {pathlib.Path(path).stem for path in pictures}
    cells = tables.cells(evaluation).items()
    sections = "\n".join(_section(title, lines, words[title], drawn) for title, lines in cells)
    figures = "\n".join(["<h2>Figures</h2>", *(_figure(path, caption) for path, caption in pictures.items())])
    word, sentence = headline.headline(evaluation)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{html.escape(title)}</h1>
<p class="headline {_kind(word)}"><strong>{word.capitalize()}.</strong> {html.escape(sentence)}</p>
<p><strong>{html.escape(tables.heading(evaluation))}</strong></p>
<h2>What this page shows</h2><p>{EXPLANATION}</p>
<h2>In short</h2>{_list(tables.sentences(evaluation))}
{_list(tables.notes(evaluation), "small")}
<h2>Tables</h2>{_definitions(headline.MEANINGS)}
<p class="small">{tables.LOWER_IS_BETTER} KL is the Kullback-Leibler divergence in nats.</p>
{sections}
{figures if pictures else ""}
<h2>Settings</h2><pre>{html.escape(settings)}</pre>
</body></html>
"""


def _section(title, lines, words, drawn):
    """The heading of a table, the table with a word for each row, its legend and the definitions of its rows."""
    header, *lines = lines
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in (header[0], "in short", *header[1:]))
    rows = []
    for (name, word), (first, *others) in zip(words.items(), lines):
        cells = [f'<td><a href="#{name}">{html.escape(first)}</a></td>', f'<td class="{_kind(word)}">{word}</td>']
        rows.append("<tr>" + "".join([*cells, *(f"<td>{html.escape(cell)}</td>" for cell in others)]) + "</tr>")
    body = "\n".join(rows)
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
    defined = _definitions(tables.definitions(title), drawn)
    return f"<h3>{title}</h3>{table}{_definitions(tables.LEGENDS[title])}{defined}"


def _setting(name, value):
    """A line of the settings, with the unit."""
    return f"{name} ({UNITS[name]}): {value}" if name in UNITS else f"{name}: {value}"


def _kind(word):
    """The class of a word."""
    return word.split()[0]


def _list(lines, kind=""):
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>' if lines else ""


def _definitions(meanings, drawn=None):
    """A list of definitions; with the names of the figures that were drawn, each has an anchor and leads to its own."""
    items = []
    for name, text in meanings.items():
        figure = FIGURES.get(name) if drawn else None
        link = f' <a href="#figure-{figure}">Figure</a>' if figure in (drawn or ()) else ""
        anchor = "" if drawn is None else f' id="{name}"'
        items.append(f"<dt{anchor}>{html.escape(name)}</dt><dd>{html.escape(text)}{link}</dd>")
    return f"<dl>{''.join(items)}</dl>"


def _figure(path, caption):
    path = pathlib.Path(path)
    encoded = base64.b64encode(path.read_bytes()).decode("ascii")
    caption = html.escape(caption)
    image = f'<img alt="{caption}" src="data:image/png;base64,{encoded}">'
    return f'<figure id="figure-{path.stem}">' + f"{image}<figcaption>{caption}</figcaption></figure>"
