"""The figure of the surrogate experiment."""

import numpy as np

from calciumgan_tf.plotting.style import GENERATED, RECORDED, figure


def scatter(patterns):
    """Generated against true probability of each spike pattern, and all of them from the most to the least probable.

    Args:
      patterns: evaluation.patterns.Patterns.
    """
    drawing, axes = figure(3.4, 1, 2)
    seen, least = patterns.truth > 0, 0.5 / patterns.windows
    truth, generated = patterns.truth[seen], np.maximum(patterns.generated[seen], least)
    against, ranked = axes[0]
    against.loglog(truth, generated, ".", color=GENERATED, markersize=2)
    against.loglog([least, truth.max()], [least, truth.max()], color="grey", linewidth=1, label="equal")
    against.set_xlabel("true probability")
    against.set_ylabel("generated probability")
    order = np.argsort(-truth)
    ranked.semilogy(generated[order], ".", color=GENERATED, markersize=2, label="generated")
    ranked.semilogy(truth[order], color=RECORDED, label="truth")
    ranked.set_xlabel("patterns, the most probable first")
    ranked.set_ylabel("probability")
    for axis in (against, ranked):
        axis.axhline(least, color="grey", linestyle=":", linewidth=1, label="never generated")
        axis.legend(fontsize=7, frameon=False)
    return drawing
