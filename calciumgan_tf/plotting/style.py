"""Shared by all figures: colours that colour-blind readers can tell apart (Okabe and Ito 2008), sizes, saving."""

import warnings

import matplotlib
import numpy as np
from matplotlib import ticker
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread

from calciumgan_tf import files

RECORDED, GENERATED, OTHER = "#0072B2", "#D55E00", "#009E73"  # blue, vermillion, green
WIDTH = 7.2  # inches, a text column
DPI = 110


def _literal():
    """Matplotlib's settings under which a dollar in the name of a neuron begins no formula."""
    return matplotlib.rc_context({"text.parse_math": False})


def figure(height, rows=1, columns=1, **options):
    """A figure of column width and its axes, as an array (row, column)."""
    with _literal():
        drawing = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(drawing)
        axes = drawing.subplots(rows, columns, squeeze=False, **options)
    for axis in axes.ravel():
        axis.spines[["top", "right"]].set_visible(False)
    return drawing, axes


def name_model(drawing, model: str) -> None:
    """Writes above a figure which model its generated windows come from."""
    drawing.suptitle(f"model: {model or 'unknown'}", fontsize=8, color="#555555")


def name_neurons(axis, ids) -> None:
    """Labels an upward axis of neurons, one a unit, with their names."""

    def named(place, _):
        return ids[int(place)] if place == int(place) and 0 <= place < len(ids) else ""

    axis.yaxis.get_major_locator().set_params(integer=True)
    axis.yaxis.set_major_formatter(named)
    axis.set_ylabel("neuron", fontsize=8)


def _plain_powers(drawing):
    """Labels logarithmic axes without formulas, which `_literal` would print as they are written."""
    for axis in [one for axes in drawing.axes for one in (axes.xaxis, axes.yaxis)]:
        if isinstance(axis.get_major_formatter(), ticker.LogFormatter):
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(ticker.NullFormatter())


def save(drawing, path):
    """Writes a PNG, whole or not at all."""
    _plain_powers(drawing)
    with files.replacing(path) as partial, _literal(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        drawing.savefig(partial, format="png")


def read(path):
    """The pixels of a PNG, uint8 (row, column, RGBA)."""
    return np.round(255 * imread(path)).astype(np.uint8)
