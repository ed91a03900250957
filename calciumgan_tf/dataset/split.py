"""The split of a recording into a training part and a held-out part."""

import dataclasses
import itertools

import numpy as np

from calciumgan_tf.errors import InputError

PARTS = ("training", "heldout", "validation")
ROW = 5  # blocks of which one is held out
FEWEST_HELDOUT = 12  # held-out windows that share no frame, below which a diagnosis says nothing
WINDOWS_PER_BLOCK = 4  # smallest length of a block in windows, if the recording allows more than one row of blocks


@dataclasses.dataclass(frozen=True)
class Split:
    """Frames for training and held-out frames.

    Attributes:
      kind: 'blocks' or 'end'.
      window_frames: frames per window.
      training, heldout: blocks as (first frame, frame after the last).
      trial_frames: frames per trial, if the recording consists of trials; no window crosses their borders.
      validation: blocks that are for choices alone; none but with --keep_best.
    """

    kind: str
    window_frames: int
    training: tuple
    heldout: tuple
    trial_frames: int | None = None
    validation: tuple = ()

    def starts(self, blocks):
        """First frames of all windows inside `blocks`, int32, ascending."""
        inside = [np.arange(start, stop - self.window_frames + 1) for start, stop in blocks]
        starts = np.concatenate(inside).astype(np.int32) if inside else np.zeros(0, np.int32)
        if self.trial_frames:
            starts = starts[starts % self.trial_frames <= self.trial_frames - self.window_frames]
        return starts

    def apart(self, block):
        """First frames of windows of a block that share no frame, int (window,)."""
        chosen, free = [], -1
        for start in self.starts([block]):
            if start >= free:
                chosen.append(int(start))
                free = start + self.window_frames
        return np.array(chosen, int)

    @property
    def heldout_windows(self) -> int:
        """Number of held-out windows that share no frame."""
        return sum(len(self.apart(block)) for block in self.heldout)

    def frames(self, part) -> int:
        """Number of frames in the blocks of a part, one of PARTS."""
        return sum(stop - start for start, stop in getattr(self, part))

    def halves(self):
        """The training blocks in two interleaved halves; the second is empty if there is a single block."""
        return self.training[::2], self.training[1::2]

    def correlation_noise(self, frame_rate, bin_seconds=0.5):
        """Expected sampling error of the difference of a correlation between training and held-out part.

        It is the standard error for independent bins; the error is larger if activity changes slowly.

        Args:
          frame_rate: Hz.
          bin_seconds: bin of the spike counts, s.
        """
        frames_per_bin = max(1, round(bin_seconds * frame_rate))
        return sum(frames_per_bin / self.frames(part) for part in ("training", "heldout")) ** 0.5

    def first(self, share) -> "Split":
        """This split with the first frames of the training part alone; the held-out part stays.

        Blocks are kept whole but for the last, which is cut, or left out where less than a window would remain of it.

        Args:
          share: of the frames of the training part, above 0 and up to 1.

        Raises:
          InputError: a share in which no window fits.
        """
        left, kept = round(share * self.frames("training")), []
        for start, stop in self.training:
            stop = min(stop, start + left)
            left -= stop - start
            if len(self.starts([(start, stop)])):
                kept.append((start, stop))
        if not kept:
            raise InputError(
                f"no window of {self.window_frames} frames fits in the first {100 * share:g} % of the training part",
                "choose a smaller --window_frames or a longer recording",
            )
        return dataclasses.replace(self, training=tuple(kept))

    def with_validation(self) -> "Split":
        """Splits the training part once more, for choices that must not depend on the held-out part.

        The validation part is every fourth training block, beginning with the last of a row. Every training block that
        borders on it is shortened by a window.

        Raises:
          InputError: there is only one training block.
        """
        if len(self.training) < 2:
            raise InputError(
                "the training part is a single block, too short for a validation part",
                "choose a smaller --window_frames",
            )
        chosen = self.training[ROW - 2 :: ROW - 1] or self.training[-1:]
        starts, stops = {start for start, _ in chosen}, {stop for _, stop in chosen}
        kept = [
            (start + self.window_frames * (start in stops), stop - self.window_frames * (stop in starts))
            for start, stop in self.training
            if (start, stop) not in chosen
        ]
        inner = _split(self.kind, self.window_frames, kept, chosen, self.trial_frames)
        return dataclasses.replace(inner, heldout=self.heldout, validation=inner.heldout)

    def choosing(self) -> "Split":
        """This split, in which the validation part stands for the held-out part."""
        return dataclasses.replace(self, heldout=self.validation, validation=())

    def to_json(self) -> dict:
        """Plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values) -> "Split":
        """The split that `to_json` describes."""
        blocks = {part: tuple(map(tuple, values.get(part, ()))) for part in PARTS}
        return cls(values["kind"], values["window_frames"], **blocks, trial_frames=values.get("trial_frames"))

    def __str__(self):
        chosen = f"{self.frames('validation')} in {len(self.validation)} for the choice of the best checkpoint, "
        return (
            f"split={self.kind}: {self.frames('training')} frames in {len(self.training)} blocks for training, "
            f"{chosen if self.validation else ''}"
            f"{self.frames('heldout')} frames in {len(self.heldout)} blocks held out ({self.heldout_windows} windows "
            "that share no frame), "
            f"{self.window_frames} frames unused at every border between the parts"
        )


@dataclasses.dataclass(frozen=True)
class Fold:
    """One of the splits of a cross-fit, in which every block is held out once.

    Attributes:
      number: which block of each row is held out, from 0 on.
      folds: how many blocks a row has.
    """

    number: int
    folds: int


def split_frames(
    frames: int,
    window_frames: int,
    kind: str = "auto",
    trial_frames: int | None = None,
    fold: Fold | None = None,
    joins: tuple = (),
    borders: tuple = (),
) -> Split:
    """Splits a recording in time.

    'blocks' divides it into rows of five blocks and holds out the middle block of each row; 'end' holds out the last
    fifth; 'auto' means 'blocks' if each block holds at least two windows, else 'end'. A gap of one window around every
    held-out block stays unused, so that no training window overlaps with a held-out window or borders on it.

    Args:
      frames: frames of the recording.
      window_frames: frames per window.
      kind: 'blocks', 'end' or 'auto'.
      trial_frames: frames per trial, or None for a continuous recording.
      fold: of a cross-fit, which needs blocks; None for the usual split.
      joins: first frames of parts that do not continue the one before; blocks end there.
      borders: frames in ascending order at which inner blocks begin where one is near, so that no response is divided.

    Raises:
      InputError: a recording too short for a training window, a gap and a held-out window, or for a fold; a fold of the
        recording's end; windows longer than a trial.
    """
    if frames < 3 * window_frames:
        raise InputError(
            f"the recording has {frames} frames, less than a training window, a gap and a held-out window of "
            f"{window_frames} frames each",
            "choose a smaller --window_frames or a longer recording",
        )
    if trial_frames and window_frames > trial_frames:
        raise InputError(
            f"--window_frames={window_frames} is longer than a trial of {trial_frames} frames",
            f"choose {trial_frames}",
        )
    if fold and kind == "end":
        raise InputError(
            f"--cross_fit={fold.folds} holds out every part once, but --split=end the end alone",
            "leave one of them out",
        )
    row, place = (fold.folds, fold.number) if fold else (ROW, ROW // 2)  # the held-out block of a row
    rows = max(1, frames // (row * WINDOWS_PER_BLOCK * window_frames))
    edges = np.linspace(0, frames, row * rows + 1).astype(int)
    edges -= edges % (trial_frames or 1)
    edges = _at_borders(edges, borders)
    long_enough = frames >= 2 * row * window_frames
    if fold and not long_enough:
        raise InputError(
            f"--cross_fit={row} needs {2 * row} windows of {window_frames} frames, the recording has {frames} frames",
            "use a smaller --window_frames, or leave --cross_fit out",
        )
    if kind == "blocks" and not long_enough:
        raise InputError(
            f"--split=blocks needs {2 * ROW} windows of {window_frames} frames, the recording has {frames} frames",
            "use --split=end or a smaller --window_frames",
        )
    if kind == "end" or not long_enough:
        cut = frames - max(frames // ROW, window_frames)
        inner = [edge for edge in edges[1:-1] if edge <= cut - 2 * window_frames]
        starts, stops = [0, *inner], [*inner, cut - window_frames]
        return _split("end", window_frames, zip(starts, stops), [(cut, frames)], trial_frames, joins)
    blocks = list(itertools.pairwise(edges))
    heldout = [(start, stop) for start, stop in blocks[place::row] if stop > start]
    training = [_apart(block, heldout, window_frames) for index, block in enumerate(blocks) if index % row != place]
    return _split("blocks", window_frames, training, heldout, trial_frames, joins)


def _at_borders(edges, borders):
    """Edges of blocks, inner ones moved to the nearest of some borders if it is nearer than a quarter of a block."""
    if not borders:
        return edges
    inner, near = edges[1:-1], np.diff(edges).min() / 4
    nearest = np.array(borders)[np.abs(inner[:, None] - np.array(borders)).argmin(axis=1)]
    return np.concatenate([edges[:1], np.where(np.abs(nearest - inner) < near, nearest, inner), edges[-1:]])


def _apart(block, heldout, gap):
    """A block without the frames that are nearer to a held-out block than `gap`."""
    start, stop = block
    for first, last in heldout:
        if last <= start < last + gap:
            start = last + gap
        if first - gap < stop <= first:
            stop = first - gap
    return start, stop


def _split(kind, window_frames, training, heldout, trial_frames, joins=()):
    def pieces(blocks):
        return tuple(
            (a, b) for start, stop in blocks for a, b in _between(start, stop, joins) if b - a >= window_frames
        )

    split = Split(kind, window_frames, pieces(training), pieces(heldout), trial_frames)
    for which, blocks in (("training", split.training), ("heldout", split.heldout)):
        if not blocks or not len(split.starts(blocks)):
            limits = f" between the joins at frames {joins}" if joins else ""
            limits += f" into trials of {trial_frames} frames" if trial_frames else ""
            raise InputError(
                f"no {which} window of {window_frames} frames fits{limits}",
                "choose a smaller --window_frames or a longer recording",
            )
    return split


def _between(start, stop, joins):
    """The pieces of a block between joins."""
    edges = [int(start), *(one for one in joins if start < one < stop), int(stop)]
    return itertools.pairwise(edges)
