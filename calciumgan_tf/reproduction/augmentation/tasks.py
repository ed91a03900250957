"""Three tasks that are learned from a training set and scored on the held-out part.

    neurons        each neuron's trace from the others' in the same bin of .5 s: mean R2 over neurons
    condition      which stimulus is shown, from the response to it: balanced accuracy
    correlations   the correlation of each pair in bins of .5 s: root mean square error over pairs

Every score is given for the whole held-out part and for each resample of its pieces. Neurons are measured in their SD
over the bins of the recorded part. A penalty is chosen on fifths of the recorded part; a fifth is left out together
with its classical copies. Generated windows come from a model that has seen all fifths, so that their penalty may be
chosen too small: the held-out part alone was seen by nobody.
"""

import numpy as np
from sklearn.covariance import ledoit_wolf

from calciumgan_tf.evaluation import discriminants
from calciumgan_tf.evaluation.discriminants import FOLDS
from calciumgan_tf.reproduction.augmentation import heldout, learners, moments, series
from calciumgan_tf.reproduction.augmentation.training_sets import SHRUNK

NEURONS, CONDITION, CORRELATIONS = "neurons", "condition", "correlations"
HIGHER_IS_BETTER = {NEURONS: True, CONDITION: True, CORRELATIONS: False}


class Tasks:
    """The tasks of a recorded part and a held-out part.

    Attributes:
      recorded: Series of the recorded part.
      condition: name of the condition that is decoded; None without one.
      pieces: how many the held-out part has.
    """

    def __init__(self, recording, split):
        """Measures both parts.

        Args:
          recording: Recording.
          split: Split, whose training part is the recorded part.
        """
        self.recorded, self._rate = series.blocks_of(recording, split.training), recording.frame_rate
        self.condition = series.condition_with_levels(recording)
        self._folds = np.linspace(0, series.frames(self.recorded), FOLDS + 1).astype(int)
        rows, starts = series.binned(self.recorded, self._rate)
        self._sd = rows.std(axis=0)
        self._rows = rows / self._sd
        self._of_folds = moments.of_groups(self._rows, heldout.groups(starts, self._folds), FOLDS)
        self._test = series.blocks_of(recording, split.heldout)
        self._edges = heldout.edges(split.heldout, split.window_frames, self._rate)
        self.pieces = len(self._edges) - 1
        self._weights = heldout.weights(self.pieces)
        rows, starts = series.binned(self._test, self._rate)
        self._of_pieces = moments.of_groups(rows / self._sd, heldout.groups(starts, self._edges), self.pieces)

    def scores(self, sets) -> dict:
        """The scores of training sets.

        Args:
          sets: list of TrainingSet.

        Returns:
          {task: {training set: float64 (1 + resample,)}}, the first value of the whole held-out part. A task that the
          recording has not, and a set that has nothing to learn a task from, are left out.
        """
        learned = {one.name: self._moments(one) for one in sets}
        found = {NEURONS: {name: self._neurons(*of_set) for name, of_set in learned.items()}}
        if self.condition is not None and len(series.responses(self._test, self._rate)[0]):
            examples = {one.name: self._examples(one) for one in sets}
            found[CONDITION] = {
                name: self._levels(*of_set) for name, of_set in examples.items() if of_set and len(of_set[1])
            }
        covariances = {name: total.covariance for name, (_, total) in learned.items()}
        return found | {CORRELATIONS: self._correlations(covariances | {SHRUNK: ledoit_wolf(self._rows)[0]})}

    def _moments(self, training_set):
        """Moments of the rows that are left out with each fold, and of all rows."""
        nothing = moments.Moments(0, np.zeros(len(self._sd)), np.zeros((len(self._sd),) * 2))
        left_out = self._of_folds if training_set.recorded else [nothing] * FOLDS
        for copy in training_set.copies:
            rows, starts = series.binned(copy, self._rate)
            more = moments.of_groups(rows / self._sd, heldout.groups(starts, self._folds), FOLDS)
            left_out = [one + other for one, other in zip(left_out, more)]
        everything = learners.total(left_out)
        if training_set.windows:
            everything += moments.Moments.of(series.binned(training_set.windows, self._rate)[0] / self._sd)
        return left_out, everything

    def _neurons(self, left_out, everything):
        penalty = learners.neurons_penalty([everything - one for one in left_out], self._of_folds)
        weights = learners.neuron_weights(everything.covariance, penalty)
        errors = np.array([learners.squared_errors(weights, everything.mean, one) for one in self._of_pieces])
        counts, totals, squares = (
            self._weights @ np.array(values)
            for values in (
                [[one.count] for one in self._of_pieces],
                [one.total for one in self._of_pieces],
                [np.diag(one.products) for one in self._of_pieces],
            )
        )
        return np.mean(1 - (self._weights @ errors) / (squares - totals**2 / counts), axis=1)

    def _examples(self, training_set):
        """Responses, levels and folds, -1 of what is in none; None without known conditions."""
        parts = [self.recorded] if training_set.recorded else []
        parts += training_set.copies
        found = []
        for part in parts:
            responses, levels, starts = series.responses(part, self._rate)
            found.append((responses, levels, heldout.groups(starts, self._folds)))
        if training_set.windows:
            if training_set.windows[0].levels is None:
                return None
            responses, levels, _ = series.responses(training_set.windows, self._rate)
            found.append((responses, levels, np.full(len(levels), -1)))
        responses, levels, folds = (np.concatenate(arrays) for arrays in zip(*found))
        return responses / self._sd, levels, folds

    def _levels(self, responses, levels, folds):
        recorded, true, starts = series.responses(self.recorded, self._rate)
        own = heldout.groups(starts, self._folds)
        validation = [(recorded[own == fold] / self._sd, true[own == fold]) for fold in range(FOLDS)]
        training = [(responses[folds != fold], levels[folds != fold]) for fold in range(FOLDS)]
        decoder = discriminants.LevelDecoder.fit(responses, levels, discriminants.level_penalty(training, validation))
        tested, true, starts = series.responses(self._test, self._rate)
        predicted = decoder.predict(tested / self._sd)
        pieces = heldout.groups(starts, self._edges)
        return np.array(
            [discriminants.balanced_accuracy(predicted, true, weights[pieces]) for weights in self._weights]
        )

    def _correlations(self, covariances):
        pairs = np.triu_indices(len(self._sd), 1)
        learned = {name: moments.correlation(covariance)[pairs] for name, covariance in covariances.items()}
        errors = {name: np.empty(len(self._weights)) for name in covariances}
        for number, weights in enumerate(self._weights):
            true = moments.correlation(moments.weighted(self._of_pieces, weights).covariance)[pairs]
            for name, estimated in learned.items():
                errors[name][number] = np.sqrt(np.mean((estimated - true) ** 2))
        return errors
