"""Whether a recording has trials of a fixed length that nobody wrote down, and the phase of the trial as a condition.

    python benchmarks/trial_period.py data/mouse.h5 data/mouse_phase.txt
    python prepare.py --recording=suite2p/plane0 --frame_rate=30.424 --conditions=data/mouse_phase.txt \
      --output=data/mouse_phase.h5

Epoch folding (Leahy et al. 1983, Astrophysical Journal 266, 160): the rises of each neuron's trace are averaged over
the phase of a trial, in the training part, and the length is taken at which these profiles vary most. Then the profiles
of the held-out part are correlated with those of the training part. The p value is the share of circular shifts of the
held-out part's phase with a correlation as high. The file has the tenth of the trial, 1 to 10, of each frame; which
tenth a stimulus begins in is not known.
"""

import argparse
import pathlib

import measure  # noqa: F401, makes the package known
import numpy as np

SHORTEST, LONGEST = 4.0, 30.0  # s
BINS, TENTHS = 20, 10
STEP = 0.25  # frames, between lengths that are tried
WINDOW_FRAMES = 256  # of the split


def profiles(rises, frames, length, shift=0.0):
    """Mean rises at each phase less their mean, (neuron, bin).

    Args:
      rises: (frame, neuron).
      frames: numbers of the frames, (frame,).
      length: of a trial, in frames.
      shift: of the phase, in frames.
    """
    phase = ((frames + shift) % length / length * BINS).astype(int)
    count = np.maximum(np.bincount(phase, minlength=BINS), 1)
    found = np.stack([np.bincount(phase, trace, BINS) / count for trace in rises.T])
    return found - found.mean(axis=1, keepdims=True)


def correlation(first, second):
    """Of two sets of profiles, all neurons together."""
    return float((first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum()))


def main():
    from calciumgan_tf.dataset import split
    from calciumgan_tf.recordings import recording

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    asked = parser.parse_args()
    data = recording.load(asked.recording)
    parts = split.split_frames(data.frames, WINDOW_FRAMES, joins=data.joins)
    rises = np.diff(data.traces, axis=0, prepend=data.traces[:1]).clip(0)
    rises = rises / rises.std(axis=0)
    training, heldout = (
        np.concatenate([np.arange(*block) for block in blocks]) for blocks in (parts.training, parts.heldout)
    )
    lengths = np.arange(SHORTEST * data.frame_rate, LONGEST * data.frame_rate, STEP)
    power = np.array([(profiles(rises[training], training, length) ** 2).sum() for length in lengths])
    best = lengths[power.argmax()]
    known = profiles(rises[training], training, best)
    shifts = np.arange(0, best, best / BINS)
    found = [correlation(known, profiles(rises[heldout], heldout, best, shift)) for shift in shifts]
    print(
        f"length {best:g} frames, {best / data.frame_rate:.2f} s, {data.frames / best:.1f} trials; profiles vary "
        f"{power.max() / np.median(power):.2f} times as much as at other lengths\n"
        f"correlation with the held-out part {found[0]:.2f}, p {np.mean(np.array(found) >= found[0]):.3f}"
    )
    tenths = 1 + (np.arange(data.frames) % best / best * TENTHS).astype(int)
    np.savetxt(asked.output, tenths, "%d", header="phase", comments="")


if __name__ == "__main__":
    main()
