"""The surrogate experiment of the original CalciumGAN: trials so small that every spike pattern can be counted.

Two neurons, six frames, spikes of a dichotomised Gaussian with probabilities .6 and .8 and a latent correlation of .3;
9,192 trials train. Calcium is 0 before a trial.
"""

import itertools
import math

import numpy as np
from scipy import special

from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.synthetic.calcium import fluorescence
from calciumgan_tf.synthetic.dichotomized_gaussian import DichotomizedGaussian
from calciumgan_tf.synthetic.populations import AMPLITUDE, FRAME_RATE, NOISE, S_MIN, TAU_DECAY

TRIAL_FRAMES, PROBABILITIES, LATENT = 6, (0.6, 0.8), 0.3
TRIALS = 13_128  # of which 9,192 train
_RECORDING, _FRESH = range(10, 12)  # purposes of random numbers


def spiking() -> DichotomizedGaussian:
    """The ground truth."""
    return DichotomizedGaussian(special.ndtri(PROBABILITIES), np.array([[1, LATENT], [LATENT, 1]]))


def trials(count, seed=0, purpose=_FRESH):
    """Further trials: spikes uint8 and traces float32, both (trial, frame, neuron)."""
    key = np.random.SeedSequence([seed, purpose]).generate_state(2) >> 1
    spikes = spiking().sample(count * TRIAL_FRAMES, key).reshape(count, TRIAL_FRAMES, -1)
    decay = math.exp(-1 / (TAU_DECAY * FRAME_RATE))
    return spikes, fluorescence(spikes, decay, AMPLITUDE, NOISE, np.random.default_rng([seed, purpose]))


def recording() -> Recording:
    """All trials in sequence."""
    spikes, traces = trials(TRIALS, purpose=_RECORDING)
    return Recording(
        traces=traces.reshape(-1, traces.shape[2]),
        frame_rate=FRAME_RATE,
        tau_decay=TAU_DECAY,
        tau_rise=0.0,
        source="surrogate",
        spikes=spikes.reshape(-1, spikes.shape[2]),
        spikes_kind="ground_truth",
        s_min=S_MIN,
        trial_frames=TRIAL_FRAMES,
        description="dichotomised Gaussian spikes in trials of six frames, AR(1) calcium from 0, seed 0",
    )


def pattern_probabilities():
    """Probability of every pattern of true spikes, float64 (2 ** 12,), in the order of evaluation.patterns.numbers."""
    spikes = spiking()
    joint = spikes.covariance()[0, 1] + np.prod(spikes.means)  # both neurons active in a frame
    first, second = spikes.means
    of_frame = np.array([1 - first - second + joint, second - joint, first - joint, joint])
    return np.array([np.prod(of_frame[list(frames)]) for frames in itertools.product(range(4), repeat=TRIAL_FRAMES)])
