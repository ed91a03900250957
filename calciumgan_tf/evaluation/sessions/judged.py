"""A session against the recording that its model was trained on."""

import dataclasses
import itertools

import numpy as np

from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation import tables
from calciumgan_tf.evaluation.sessions import seams, slow

SEAMS = {
    "stretches": "where one stretch that was made at once ends and the next begins",
    "rows": "where what one row of the projected noise becomes begins; windows have such places too",
}
FEWEST_WINDOWS = 16  # that a recording is long
WINDOWS = 500  # in which the same places are looked at


@dataclasses.dataclass(frozen=True)
class Judged:
    """What was found.

    Attributes:
      seams: list of Seam, of the kinds of places of which there are enough.
      windows: {name of a kind: Seam} within windows of the same model, of kinds that these have.
      slow: list of Slow.
      recorded: the traces that the session was compared with, (frame, neuron).
    """

    seams: list
    windows: dict
    slow: list
    recorded: np.ndarray

    def to_json(self) -> dict:
        """Plain values."""
        return {
            "seams": [dataclasses.asdict(one) for one in self.seams],
            "seams_of_windows": [dataclasses.asdict(one) for one in self.windows.values()],
            "slow": [
                {
                    "name": one.name,
                    "unit": one.unit,
                    "definition": one.definition,
                    "recorded": one.recorded,
                    "session_mean": float(one.pieces.mean()) if len(one.pieces) else None,
                    "session_sd": float(one.pieces.std(ddof=1)) if len(one.pieces) > 1 else None,
                    "pieces": len(one.pieces),
                    "p": one.p,
                    "verdict": one.verdict,
                }
                for one in self.slow
            ],
        }

    def text(self) -> str:
        """Both tables, and what their columns mean."""
        lines = ["What lasts longer than a window", ""]
        lines += tables.aligned(
            [("statistic", "unit", "recorded", "session", "SD", "p", "verdict")]
            + [
                (one.name, one.unit, _number(one.recorded), *_spread(one.pieces), _number(one.p), one.verdict)
                for one in self.slow
            ]
        )
        pieces = len(self.slow[0].pieces)
        lines += ["", *(f"{one.name}: {one.definition}" for one in self.slow)]
        lines += [
            f"session, SD: mean and SD over {pieces} pieces of the session, each as long as the recording.",
            f"p: of the recording being one more piece; below {slow.LEVEL:g} they differ. With fewer than "
            f"{slow.FEWEST_PIECES} pieces it can't be told: draw a longer session.",
        ]
        lines += ["", "Seams", ""]
        if not self.seams:
            return "\n".join([*lines, "The session has too few places where it was put together: draw a longer one."])
        lines += tables.aligned(
            [("places", "number", "AUC", "p", "in windows", "planted")]
            + [
                (one.name, str(one.places), *map(_number, (one.area, one.p, self._in_windows(one.name), one.planted)))
                for one in self.seams
            ]
        )
        lines += ["", *(f"{one.name}: {SEAMS[one.name]}." for one in self.seams)]
        lines += [
            "AUC: of a classifier of stretches around such places against others; .5 where it can't tell them apart.",
            "p: of an area like those where the labels of stretches are exchanged at random.",
            "in windows: the AUC of such places within windows of the same model.",
            "planted: the AUC where the pieces between the places are in another order, as a classifier has to see.",
        ]
        return "\n".join(lines)

    def _in_windows(self, name):
        return self.windows[name].area if name in self.windows else None


def judge(generated, recording, windows, seed: int = 0) -> Judged:
    """Compares a session with the longest part of a recording that is continuous.

    Args:
      generated: Samples, a session.
      recording: Recording.
      windows: windows of the same model, (window, frame, neuron).
      seed: of the classifiers.

    Raises:
      InputError: windows instead of a session, other neurons, or a recording of trials or short parts.
    """
    if not generated.session:
        raise InputError(f"{generated.source} holds windows", "draw a session with generate.py --minutes")
    if generated.traces.shape[1] != recording.neurons:
        raise InputError(
            f"{generated.source} has {generated.traces.shape[1]} neurons, the recording {recording.neurons}",
            "name the run that made it with --checkpoint",
        )
    window_frames = windows.shape[1]
    edges = [0, *recording.joins, recording.frames]
    start, stop = max(itertools.pairwise(edges), key=lambda part: part[1] - part[0])
    if recording.trial_frames or stop - start < FEWEST_WINDOWS * window_frames:
        raise InputError(
            f"{recording.source} has no continuous part of {FEWEST_WINDOWS} windows of {window_frames} frames",
            "nothing can be said of what lasts longer than a window",
        )
    recorded = recording.traces[start:stop]
    found, in_a_row = {}, windows.reshape(-1, recording.neurons)
    for name, (first, spacing) in generated.seams.items():
        places = seams.in_session(generated.traces.shape[0], first, spacing), seams.in_windows(windows.shape, spacing)
        sides = zip((generated.traces, in_a_row), places)
        found[name] = [seams.seam(name, traces, at, spacing, seed) for traces, at in sides]
    return Judged(
        [session for session, _ in found.values() if session is not None],
        {name: within for name, (_, within) in found.items() if within is not None},
        slow.compare(recorded, generated.traces, window_frames, recording.frame_rate),
        recorded,
    )


def _number(value):
    return tables.number(None if value is None or not np.isfinite(value) else value)


def _spread(pieces):
    return (
        _number(pieces.mean() if len(pieces) else None),
        _number(pieces.std(ddof=1) if len(pieces) > 1 else None),
    )
