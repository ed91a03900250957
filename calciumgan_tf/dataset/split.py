"""Which part of a recording trains and which is held out, and windows of either."""

import dataclasses

import numpy as np

from calciumgan_tf.errors import InputError

ROW = 5  # every fifth block is held out
WINDOWS_A_BLOCK = 4  # blocks are at least so long where the recording allows more than one row of them


@dataclasses.dataclass(frozen=True)
class Split:
    """Which frames train and which are held out.

    Attributes:
      kind: 'blocks' or 'end'.
      window_frames: frames a window.
      training, heldout: blocks as (first frame, frame after the last).
      trial_frames: frames of a trial that no window leaves; None where the recording is continuous.
    """

    kind: str
    window_frames: int
    training: tuple
    heldout: tuple
    trial_frames: int | None = None

    def starts(self, blocks):
        """First frames of all windows that lie inside one of `blocks`, int32, ascending."""
        inside = [np.arange(start, stop - self.window_frames + 1) for start, stop in blocks]
        found = np.concatenate(inside).astype(np.int32)
        return (
            found[found % self.trial_frames <= self.trial_frames - self.window_frames] if self.trial_frames else found
        )

    def frames(self, part) -> int:
        """Frames of the 'training' or the 'heldout' blocks."""
        return sum(stop - start for start, stop in getattr(self, part))

    def halves(self):
        """The training blocks in two halves, every second one; the second is empty where there is one block."""
        return self.training[::2], self.training[1::2]

    def correlation_noise(self, frame_rate, bin_seconds=0.5):
        """Difference that a correlation of two neurons has between training and held-out part by chance.

        Standard error for independent bins; where activity changes slowly, the difference is larger.

        Args:
          frame_rate: Hz.
          bin_seconds: of the spike counts.
        """
        a_bin = max(1, round(bin_seconds * frame_rate))
        return sum(a_bin / self.frames(part) for part in ("training", "heldout")) ** 0.5

    def validation(self) -> "Split":
        """The training part split once more: for choices, so that the held-out part is not looked at for them.

        Its `heldout` is every fourth training block, beginning with the last of a row; a training block that borders
        on one of them loses a window.

        Raises:
          InputError: a single training block.
        """
        if len(self.training) < 2:
            raise InputError(
                "the training part is a single block, too short for a validation part", "take a smaller --window_frames"
            )
        chosen = self.training[ROW - 2 :: ROW - 1] or self.training[-1:]
        starts, stops = {start for start, _ in chosen}, {stop for _, stop in chosen}
        kept = [
            (start + self.window_frames * (start in stops), stop - self.window_frames * (stop in starts))
            for start, stop in self.training
            if (start, stop) not in chosen
        ]
        return _split(self.kind, self.window_frames, kept, chosen, self.trial_frames)

    def to_json(self) -> dict:
        """Plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values) -> "Split":
        """The split that `to_json` gave."""
        blocks = {part: tuple(map(tuple, values[part])) for part in ("training", "heldout")}
        return cls(values["kind"], values["window_frames"], **blocks, trial_frames=values.get("trial_frames"))

    def __str__(self):
        return (
            f"split={self.kind}: {self.frames('training')} frames in {len(self.training)} blocks train, "
            f"{self.frames('heldout')} in {len(self.heldout)} are held out, "
            f"{self.window_frames} frames unused at every border between the two"
        )


def split_frames(frames: int, window_frames: int, kind: str = "auto", trial_frames: int | None = None) -> Split:
    """Splits a recording in time.

    'blocks' cuts it in rows of five blocks and holds out the middle one of each row; 'end' holds out the last fifth;
    'auto' takes blocks where each has at least two windows. Around what is held out, one window of the training part
    is left unused, so that no training window shares a frame with a held-out one or borders on it.

    Raises:
      InputError: a recording too short for a training window, a gap and a held-out window.
    """
    if frames < 3 * window_frames:
        raise InputError(
            f"the recording has {frames} frames, less than a training window, a gap and a held-out window of "
            f"{window_frames} frames each",
            "take a smaller --window_frames or a longer recording",
        )
    if trial_frames and window_frames > trial_frames:
        raise InputError(
            f"--window_frames={window_frames} is longer than a trial of {trial_frames} frames", f"take {trial_frames}"
        )
    rows = max(1, frames // (ROW * WINDOWS_A_BLOCK * window_frames))
    edges = np.linspace(0, frames, ROW * rows + 1).astype(int)
    edges -= edges % (trial_frames or 1)
    long_enough = frames >= 2 * ROW * window_frames
    if kind == "blocks" and not long_enough:
        raise InputError(
            f"--split=blocks needs {2 * ROW} windows of {window_frames} frames, the recording has {frames} frames",
            "use --split=end or a smaller --window_frames",
        )
    if kind == "end" or not long_enough:
        cut = frames - max(frames // ROW, window_frames)
        inner = [edge for edge in edges[1:-1] if edge <= cut - 2 * window_frames]
        starts, stops = [0, *inner], [*inner, cut - window_frames]
        return _split("end", window_frames, zip(starts, stops), [(cut, frames)], trial_frames)
    training, heldout = [], []
    for index, (start, stop) in enumerate(zip(edges, edges[1:])):
        place = index % ROW
        if place == ROW // 2:
            heldout.append((start, stop))
        else:
            before, after = place == ROW // 2 + 1, place == ROW // 2 - 1
            training.append((start + before * window_frames, stop - after * window_frames))
    return _split("blocks", window_frames, training, heldout, trial_frames)


def _split(kind, window_frames, training, heldout, trial_frames):
    fits = [(int(a), int(b)) for a, b in training if b - a >= window_frames]
    return Split(kind, window_frames, tuple(fits), tuple((int(a), int(b)) for a, b in heldout), trial_frames)


class RecordedWindows:
    """Evenly spaced windows of some blocks of a recording, cut when they are asked for.

    Behaves as an array (window, frame, neuron) that can be sliced along windows.
    """

    def __init__(self, traces, split, blocks, count, stride=1):
        """`count` windows, spread over those that start at a multiple of `stride` frames, which may overlap.

        Raises:
          InputError: a `stride` that leaves fewer windows than `count`.
        """
        possible = split.starts(blocks)
        possible = possible[possible % stride == 0]
        if stride > 1 and len(possible) < count:
            raise InputError(
                f"--window_stride={stride} leaves {len(possible)} windows of a part of the recording, not {count}",
                "take a smaller --window_stride or --num_windows",
            )
        self._traces = traces
        self._starts = possible[np.linspace(0, len(possible) - 1, count).round().astype(int)]
        self.shape = (count, split.window_frames, traces.shape[1])

    def independent(self):
        """Numbers of windows that share no frame with each other, from the first on: int (window,)."""
        chosen, free = [], -1
        for number, start in enumerate(self._starts):
            if start >= free:
                chosen.append(number)
                free = start + self.shape[1]
        return np.array(chosen)

    def __getitem__(self, part):
        frames = np.arange(self.shape[1])
        return self._traces[self._starts[part][:, None] + frames]
