"""Scores of planted data: better with more of the truth, worse with noise, and equal to what scikit-learn finds."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from calciumgan_tf.dataset.split import split_frames
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.reproduction.augmentation import heldout, series
from calciumgan_tf.reproduction.augmentation.series import Series
from calciumgan_tf.reproduction.augmentation.tasks import CONDITION, CORRELATIONS, NEURONS, Tasks
from calciumgan_tf.reproduction.augmentation.training_sets import RECORDED, TrainingSet
from calciumgan_tf.synthetic import tuned

POPULATION = tuned.population(neurons=8, seed=3)


@pytest.fixture(scope="module")
def recording():
    return POPULATION.recording(12_000)


@pytest.fixture(scope="module")
def split(recording):
    return split_frames(recording.frames, 256)


@pytest.fixture(scope="module")
def truth():
    """Much of the truth."""
    _, traces, conditions = POPULATION.windows(300, 256)
    return tuple(map(Series, traces, conditions[:, :, 0]))


@pytest.fixture(scope="module")
def scores(recording, split, truth):
    """Of little recorded data alone and with others."""
    tasks = Tasks(recording, split.first(0.1))
    sets = [TrainingSet(RECORDED), TrainingSet("truth", windows=truth)]
    sets += [TrainingSet("alone", recorded=False, windows=truth), TrainingSet("copies", copies=(tasks.recorded,) * 3)]
    sets += [TrainingSet("unconditional", windows=(Series(truth[0].traces),))]
    return tasks.scores(sets)


def test_more_of_the_truth_helps_who_has_little(scores):
    for task, sign in ((NEURONS, 1), (CONDITION, 1), (CORRELATIONS, -1)):
        recorded, more, alone = (scores[task][name][0] for name in (RECORDED, "truth", "alone"))
        assert sign * recorded < sign * more
        assert alone == pytest.approx(more, abs=0.03)


def test_what_is_wrong_harms_who_has_much(recording, split, truth):
    """Every second neuron upside down."""
    wrong = [Series(one.traces * np.tile([1, -1], 4), one.levels) for one in truth]
    scores = Tasks(recording, split).scores([TrainingSet(RECORDED), TrainingSet("wrong", windows=tuple(wrong))])
    for task, sign in ((NEURONS, 1), (CONDITION, 1), (CORRELATIONS, -1)):
        assert sign * scores[task]["wrong"][0] < sign * scores[task][RECORDED][0]


def test_exact_copies_change_no_score(scores):
    for task in (NEURONS, CONDITION, CORRELATIONS):
        np.testing.assert_allclose(scores[task]["copies"], scores[task][RECORDED], rtol=1e-9)


def test_shrinkage_improves_correlations_of_little_data(scores):
    assert scores[CORRELATIONS]["shrinkage"][0] < scores[CORRELATIONS][RECORDED][0]


def test_windows_without_conditions_are_left_out_where_conditions_are_learned(scores):
    assert "unconditional" in scores[NEURONS] and "unconditional" not in scores[CONDITION]


def test_scores_of_the_recorded_part_by_another_way(recording, split):
    """R2 of scikit-learn's ridge regression with one of the penalties, and correlations of NumPy."""
    tasks = Tasks(recording, split)
    scores = tasks.scores([TrainingSet(RECORDED)])
    learned, _ = series.binned(series.blocks_of(recording, split.training), 24.0)
    tested, _ = series.binned(series.blocks_of(recording, split.heldout), 24.0)
    learned, tested = learned / learned.std(axis=0), tested / learned.std(axis=0)
    found = []
    for penalty in 10.0 ** np.arange(-4, 2.5, 0.5):
        r2 = []
        for neuron in range(8):
            others = np.delete(np.arange(8), neuron)
            ridge = Ridge(alpha=penalty * len(learned)).fit(learned[:, others], learned[:, neuron])
            r2.append(ridge.score(tested[:, others], tested[:, neuron]))
        found.append(np.mean(r2))
    assert np.abs(np.array(found) - scores[NEURONS][RECORDED][0]).min() < 1e-9
    pairs = np.triu_indices(8, 1)
    error = np.corrcoef(learned.T)[pairs] - np.corrcoef(tested.T)[pairs]
    assert scores[CORRELATIONS][RECORDED][0] == pytest.approx(np.sqrt(np.mean(error**2)))


def test_every_score_is_resampled(scores, recording, split):
    assert Tasks(recording, split).pieces == 4  # two blocks of 50 s
    for of_task in scores.values():
        for values in of_task.values():
            assert values.shape == (1 + heldout.RESAMPLES,) and 0 < np.nanstd(values[1:]) < 0.5


def test_a_recording_without_levels_has_two_tasks(recording, split):
    for conditions in (None, recording.conditions[:, 1]):
        plain = Recording(recording.traces, 24.0, "x", conditions=conditions)
        assert set(Tasks(plain, split).scores([TrainingSet(RECORDED)])) == {NEURONS, CORRELATIONS}
