"""Area under the ROC curve of scores, for many resamples of the blocks of windows at once."""

import numpy as np


class Areas:
    """Probability that a candidate window scores higher than a recorded one of the same fold; ties count half.

    Only windows of one fold are compared: their scores come from one model, which has seen neither. The area is then .5
    on average where both sets have one distribution, whatever their sizes. Scores of different folds come from models
    that have seen each other's windows; comparing those gives areas below .5 on average where windows are few (Forman
    and Scholz 2010, SIGKDD Explorations 12(1); Airola et al. 2011, Computational Statistics and Data Analysis 55).
    """

    def __init__(self, scores, recorded_blocks, candidate_blocks):
        """Counts the pairs of each recorded block with each candidate block.

        Args:
          scores: judge.Scores, (window,) or (window, neuron).
          recorded_blocks, candidate_blocks: int (window,), as given to judge.scores.
        """
        recorded, candidate = (np.reshape(side, (len(side), -1)) for side in (scores.recorded, scores.candidate))
        rows, columns = _indicators(recorded_blocks), _indicators(candidate_blocks)  # (block, window)
        neurons = recorded.shape[1]
        self._wins, self._pairs = np.zeros((2, len(rows), len(columns)))
        self._neurons = np.zeros(neurons)
        for fold in np.unique(scores.recorded_folds):
            first, second = scores.recorded_folds == fold, scores.candidate_folds == fold
            higher = np.zeros((first.sum(), second.sum()))
            for neuron in range(neurons):
                one, other = recorded[first, neuron, None], candidate[None, second, neuron]
                won = (other > one) + 0.5 * (other == one)
                self._neurons[neuron] += won.sum()
                higher += won
            self._wins += rows[:, first] @ (higher / neurons) @ columns[:, second].T
            self._pairs += rows[:, first].sum(axis=1)[:, None] * columns[:, second].sum(axis=1)

    def __call__(self, recorded_weights, candidate_weights):
        """The area for given weights of the blocks, the mean over neurons of each neuron's area.

        All neurons have the same windows and weights, so that the mean over neurons is taken before the weighting.

        Args:
          recorded_weights, candidate_weights: (resample, block), how often each block occurs; the blocks are in
            ascending order of their numbers.

        Returns:
          float64 (resample,), 0..1; NaN where no fold has windows of both sets.
        """
        wins, pairs = (
            ((recorded_weights @ counts) * candidate_weights).sum(axis=1) for counts in (self._wins, self._pairs)
        )
        return np.divide(wins, pairs, out=np.full(len(wins), np.nan), where=pairs > 0)

    def per_neuron(self):
        """The area of each neuron, with each block once, float64 (neuron,)."""
        return self._neurons / self._pairs.sum()

    def area(self) -> float:
        """The area with each block once."""
        return float(self._wins.sum() / self._pairs.sum())


def _indicators(blocks):
    """Whether a window is in a block, float64 (block, window)."""
    return (np.unique(blocks)[:, None] == np.asarray(blocks)).astype(np.float64)
