"""A vector autoregression of all neurons, driven by resampled residuals.

    z[t] = c + A_1 z[t-1] + ... + A_p z[t-p] + e[t]

z are principal components of the standardised traces: all of them where the training part is long enough, which is the
same as the traces themselves, else as many as it allows. The coefficients are least squares, and the order p has the
least Schwarz information criterion (Luetkepohl 2005, New Introduction to Multiple Time Series Analysis, sections 3.2
and 4.3). No row of the regression reaches across the border of two blocks. Windows are simulated with residuals e that
are drawn from the recorded ones with replacement, all neurons of a frame at a time (Luetkepohl 2005, appendix D.3),
together with what the principal components leave of the same frame. A simulation begins at random recorded frames and
runs for the length of a window before its first frame is used.

Kept: means, variances, auto- and cross-covariances up to p frames, hence approximately the spectra; the joint
distribution of the residuals. Destroyed: everything nonlinear, such as states with dynamics of their own; slow activity
and drift beyond what p frames predict; the dynamics of what the principal components leave, which becomes white.

statsmodels fits the same model to a single block, and the tests compare both. It takes neither several blocks nor
recorded residuals, so that only the least squares of a design matrix would remain for it to do.
"""

import dataclasses

import numpy as np

LARGEST_ORDER = 5
FRAMES_PER_COEFFICIENT = 20  # frames for every coefficient of an equation at the largest order
MOST_COMPONENTS = 200  # limits the time of a simulation
LARGEST_RADIUS = 0.999  # of the eigenvalues; from 1 on the process is not stationary
NEGLIGIBLE = 1e-6  # variance of a component, in units of a neuron's; constant neurons leave such components
CHUNK = 4096  # rows of the regression at a time


@dataclasses.dataclass(frozen=True)
class VectorAutoregression:
    """A fitted model of N neurons in K components; R rows of the regression.

    Attributes:
      intercept: float64 (K,).
      coefficients: float64 (p, K, K), A_1 to A_p.
      components: float64 (frame, K), of all training frames.
      rows: int (R,), training frames with a history of the largest order.
      residuals: float64 (R, K).
      remainder: float32 (R, N), what the components leave of the standardised traces.
      loadings: float64 (K, N), principal axes.
      mean, sd: float64 (N,), dF/F.
    """

    intercept: np.ndarray
    coefficients: np.ndarray
    components: np.ndarray
    rows: np.ndarray
    residuals: np.ndarray
    remainder: np.ndarray
    loadings: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    def windows(self, count, frames, seed):
        """Simulated windows, dF/F, float32 (window, frame, neuron)."""
        generator = np.random.default_rng(seed)
        size = len(self.intercept)
        stacked = np.concatenate([matrix.T for matrix in self.coefficients])  # (p * K, K)
        state = _history(self.components, generator.choice(self.rows, count), len(self.coefficients))
        result = np.empty((count, frames, len(self.mean)), np.float32)
        for frame in range(-frames, frames):
            drawn = generator.integers(len(self.rows), size=count)
            now = self.intercept + state @ stacked + self.residuals[drawn]
            state = np.concatenate([now, state[:, :-size]], axis=1)
            if frame >= 0:
                result[:, frame] = (now @ self.loadings + self.remainder[drawn]) * self.sd + self.mean
        return result


def fit(traces, blocks, largest_order=LARGEST_ORDER) -> VectorAutoregression:
    """Fits the model to blocks of a recording.

    Args:
      traces: (frame, neuron), dF/F, the whole recording.
      blocks: (first, after last) frames of continuous blocks, at least one of two frames.
      largest_order: of the models that are compared, at most half the longest block. Blocks that are not longer have
        no rows.
    """
    lengths = [stop - start for start, stop in blocks]
    largest_order = max(1, min(largest_order, max(lengths) // 2))
    frames = np.concatenate([np.asarray(traces[start:stop], np.float32) for start, stop in blocks])
    rows = np.flatnonzero(np.concatenate([np.arange(length) for length in lengths]) >= largest_order)
    mean, sd = frames.mean(axis=0, dtype=np.float64), frames.std(axis=0, dtype=np.float64)
    standardised = (frames - mean) / np.where(sd > 0, sd, 1)
    loadings = principal_axes(standardised, len(rows) // (FRAMES_PER_COEFFICIENT * largest_order))
    components = standardised @ loadings.T
    intercept, coefficients = least_squares(components, rows, largest_order)
    predicted = intercept + sum(components[rows - lag] @ matrix.T for lag, matrix in enumerate(coefficients, 1))
    remainder = standardised[rows] - components[rows] @ loadings
    return VectorAutoregression(
        intercept, stationary(coefficients), components, rows, components[rows] - predicted,
        remainder.astype(np.float32), loadings, mean, sd,
    )  # fmt: skip


def principal_axes(standardised, most):
    """The axes of largest variance, float64 (component, neuron), at least one and at most `most`.

    Standardised traces are (frame, neuron).
    """
    variance, axes = np.linalg.eigh(standardised.T @ standardised / len(standardised))
    number = max(1, min(np.count_nonzero(variance > NEGLIGIBLE), MOST_COMPONENTS, most))
    return axes[:, : -number - 1 : -1].T


def least_squares(components, rows, largest_order):
    """Intercept (K,) and coefficients (p, K, K) of the order with the least Schwarz criterion.

    All orders are fitted to the same rows, from sums of products that are the same for all of them.

    Args:
      components: (frame, K).
      rows: (R,), frames with a history of the largest order.
      largest_order: whole number.
    """
    size = components.shape[1]
    width = 1 + size * largest_order
    products, targets, squares = np.zeros((width, width)), np.zeros((width, size)), np.zeros((size, size))
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        design = np.concatenate([np.ones((len(part), 1)), _history(components, part, largest_order)], axis=1)
        products += design.T @ design
        targets += design.T @ components[part]
        squares += components[part].T @ components[part]
    fits, criteria = [], []
    for order in range(1, largest_order + 1):
        width = 1 + size * order
        solution = np.linalg.lstsq(products[:width, :width], targets[:width], rcond=None)[0]
        covariance = (squares - solution.T @ targets[:width]) / len(rows)
        criteria.append(np.linalg.slogdet(covariance)[1] + np.log(len(rows)) / len(rows) * size * width)
        fits.append((solution[0], solution[1:].reshape(order, size, size).transpose(0, 2, 1)))
    return fits[int(np.argmin(criteria))]


def stationary(coefficients):
    """Coefficients (p, K, K) whose process is stationary: the same, or all eigenvalues made smaller by one factor."""
    order, size, _ = coefficients.shape
    companion = np.eye(order * size, k=-size)
    companion[:size] = np.concatenate(coefficients, axis=1)
    radius = np.abs(np.linalg.eigvals(companion)).max()
    factor = min(1.0, LARGEST_RADIUS / max(radius, LARGEST_RADIUS))
    return coefficients * factor ** np.arange(1, order + 1)[:, None, None]


def _history(components, frames, order):
    """The `order` frames before each frame, the latest first, (frame, order * K)."""
    return np.concatenate([components[frames - lag] for lag in range(1, order + 1)], axis=1)
