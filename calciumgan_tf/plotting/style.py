"""What all figures share: colours that colour-blind readers can tell apart (Okabe and Ito 2008), sizes, saving."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from calciumgan_tf import files

RECORDED, GENERATED, OTHER = "#0072B2", "#D55E00", "#009E73"  # blue, vermillion, green
WIDTH = 7.2  # inches, a text column
DPI = 110


def figure(height, rows=1, columns=1, **options):
    """A figure of column width and its axes, as an array (row, column)."""
    drawing = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots(rows, columns, squeeze=False, **options)
    for axis in axes.ravel():
        axis.spines[["top", "right"]].set_visible(False)
    return drawing, axes


def save(drawing, path):
    """Writes a PNG, whole or not at all."""
    with files.replacing(path) as partial:
        drawing.savefig(partial, format="png")


def pixels(drawing):
    """The picture as uint8 (row, column, RGBA)."""
    drawing.canvas.draw()
    return np.asarray(drawing.canvas.buffer_rgba()).copy()
