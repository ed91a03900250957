import dataclasses

import numpy as np
import pytest

from calciumgan_tf.config import Config
from calciumgan_tf.dataset.training_data import TrainingData
from calciumgan_tf.synthetic import surrogate


@pytest.mark.parametrize("validation", [False, True])
def test_windows_stay_within_trials(validation):
    """Of the surrogate recording, a row of trials of six frames that do not continue each other."""
    data = TrainingData.prepare(surrogate.recording(), Config.of(model="mlp", window_frames=6), validation)
    for part in (data.split.training, data.split.heldout):
        starts = data.split.starts(part)
        assert len(starts) > 100 and not (starts % 6).any()


def test_validation_part_is_cut_from_the_training_part(recording):
    config = Config.of(window_frames=64, phase_shuffle=2)
    whole, chosen = (TrainingData.prepare(recording, config, validation) for validation in (False, True))
    frames = [np.zeros(recording.frames, bool) for _ in range(3)]
    parts = (whole.split.heldout, chosen.split.heldout, chosen.split.training)
    for inside, blocks in zip(frames, parts):
        for start, stop in blocks:
            inside[start:stop] = True
    heldout, validation, training = frames
    assert validation.any() and training.any()
    assert not (heldout & (validation | training)).any() and not (validation & training).any()
    assert (chosen.scaling.shift != whole.scaling.shift).any()  # measured on what is left of the training part


def test_only_the_physiological_model_has_neuron_statistics(recording):
    plain = TrainingData.prepare(recording, Config.of(window_frames=64, phase_shuffle=2))
    own = TrainingData.prepare(recording, Config.of(window_frames=64, phase_shuffle=2, model="physiological"))
    assert plain.neuron_statistics is None and plain.oasis is None
    assert own.neuron_statistics.noise.shape == (3,) and own.oasis.noise.shape == (3,)


def test_nothing_is_measured_outside_a_share(recording):
    """Frames after the first quarter of the training part may change without changing what was measured."""
    config = Config.of(window_frames=64, phase_shuffle=2, model="physiological")
    quarter = TrainingData.prepare(recording, config, share=0.25)
    last = quarter.split.training[-1][1]
    changed = recording.traces.copy()
    changed[last:] = 3 * changed[last:] + 1
    again = TrainingData.prepare(dataclasses.replace(recording, traces=changed), config, share=0.25)
    assert again.to_json() == quarter.to_json() != TrainingData.prepare(recording, config).to_json()
