"""Whether generated windows are copies of stretches of the training part: the lead of their best match.

A window is compared with all stretches of a recording that are as long as it, at any start. The lead of a window is
z1 - z2: z1 belongs to its best match, z2 to the best match that shares no frame with that, and z = artanh r is Fisher's
transform of the correlation r. A copy matches its origin much better than anything else, while a window that is merely
smooth, quiet or near to the middle matches many stretches equally well. Therefore the lead, unlike the distance, does
not depend on how typical a window is. Blends of several training windows have no origin of their own and are not found.

The limit is the largest lead of windows that cannot be copies:

- recorded windows: held-out ones, and training windows for which their own surroundings are left out of the search;
- the generated windows themselves, compared with the part of the recording that the model was not trained on, without
  those that are plain copies of it.

If generated windows are no copies, their leads are exchangeable with these. The p value is then the probability that
the k largest of n + m leads all belong to the n generated windows (a precedence test), or, where leads are far above
the limit, the probability of so many that large in the exponential tail of the others.

Three kinds are searched: whole windows of all neurons, halves of windows, and single neurons.
"""

import dataclasses
import math
import typing

import numpy as np
import scipy.stats

from calciumgan_tf.dataset.windows import ChosenWindows, CutWindows, JoinedWindows, evenly
from calciumgan_tf.evaluation.diagnostics.matching import Standardised, best_two, correlations, energies, lead, possible
from calciumgan_tf.evaluation.diagnostics.sample import chunks

KINDS = ("whole", "half", "neuron")
SEARCHED = 200  # windows of a set that are searched, at most
NEURONS = 50  # neurons of which single windows are searched, at most
BATCH_VALUES = 24_000_000  # correlations held at a time
OUTSIDE = -(2**40)  # first frame of a window that is not from the training part
FAR = 3.0  # limits, above which a lead counts however many windows match the same stretch
PLAIN = 4.0  # lead of a window that is a copy beyond doubt: 1 - r of its second match is a thousand times larger
FEWEST = 4  # windows in the unseen part, below which it is not searched


@dataclasses.dataclass(frozen=True)
class Matches:
    """Best matches of windows in a part of a recording.

    Attributes:
      leads: float64 (window,), artanh r of the best match less that of the second; 0 where nothing matches.
      distances: float64 (window,), 1 - r of the best match, 0..1; 0 for a copy.
      starts: int64 (window,), first frame of the best match in the recording.
      places: int64 (window,), the half (0 or 1) or the neuron with the largest lead, which the other fields describe;
        0 for whole windows.
    """

    leads: np.ndarray
    distances: np.ndarray
    starts: np.ndarray
    places: np.ndarray


@dataclasses.dataclass(frozen=True)
class Kind:
    """The test of one kind of copies.

    Attributes:
      matches: Matches of the generated windows in the training part.
      null: float64 (null window,), leads of windows that cannot be copies.
      frames: of a window.
      unseen_copies: bool (window,), which generated windows are plain copies of the part that the model was not trained
        on, as held-out windows are; empty where that part is too short to be searched. A model with any was trained on
        more frames than the training part.
    """

    matches: Matches
    null: np.ndarray
    frames: int
    unseen_copies: np.ndarray

    @property
    def limit(self) -> float:
        """Largest lead of a window that cannot be a copy."""
        return float(self.null.max(initial=0.0))

    @property
    def copies(self):
        """Which windows have a lead above the limit, bool (window,)."""
        return self.matches.leads > self.limit

    @property
    def share(self) -> float:
        """Share of windows with a lead above the limit, 0..1; without copies about 1 / len(null)."""
        return float(self.copies.mean())

    @property
    def far(self):
        """Which windows have a lead above FAR limits, bool (window,)."""
        return self.matches.leads > FAR * self.limit

    @property
    def origins(self) -> int:
        """How many copies count: all that are far above the limit, and of the others one for each stretch.

        An exceptional stretch of the training part may be the best match of many windows that are no copies of it.
        """
        return int(self.far.sum()) + distinct(self.matches.starts[self.copies & ~self.far], self.frames)

    @property
    def p_value(self) -> float:
        """Twice the smaller of two p values (Bonferroni), 0..1.

        The first is `precedence` of the origins, which assumes nothing about the leads' distribution and therefore
        needs some ten copies. The second is for few but plain copies: the binomial probability of as many windows far
        above the limit, from different stretches. The largest of m leads is exceeded with probability 1 / (m + 1); as
        differences of maxima, leads have an exponential tail, so that twice the limit is exceeded with the square of
        this, and FAR limits less often.
        """
        count, null = len(self.copies), len(self.null)
        plain = distinct(self.matches.starts[self.far], self.frames)
        few = scipy.stats.binom.sf(plain - 1, count, (null + 1.0) ** -2)
        return min(1.0, 2 * min(precedence(self.origins, count, null), float(few)))


@dataclasses.dataclass(frozen=True)
class Copying:
    """The test for copies of each kind.

    Attributes:
      searched: int64 (window,), indices of the generated windows that were searched.
      whole, half, neuron: Kind.
    """

    searched: np.ndarray
    whole: Kind
    half: Kind
    neuron: Kind

    @property
    def p_value(self) -> float:
        """Smallest p value of the kinds times their number (Bonferroni), 0..1."""
        return min(1.0, len(KINDS) * min(getattr(self, kind).p_value for kind in KINDS))


def precedence(above: int, count: int, null: int) -> float:
    """Probability that the `above` largest of count + null exchangeable numbers all belong to the `count`.

    Source: Nelson 1963, Technometrics 5(4), tables for a precedence life test.

    Args:
      above: how many of the `count` numbers are larger than all null ones.
      count, null: how many numbers there are of either kind.
    """
    return math.prod((count - rank) / (count + null - rank) for rank in range(above))


def distinct(starts, frames) -> int:
    """How many stretches that share no frame can be chosen out of those that begin at `starts`."""
    number, free = 0, -np.inf
    for start in np.sort(starts):
        if start >= free:
            number, free = number + 1, start + frames
    return number


def unseen_blocks(blocks, frames, total):
    """The blocks of a recording that are at least a window away from the training part.

    Args:
      blocks: (first, after last) frames of the training part.
      frames: of a window.
      total: frames of the recording.

    Returns:
      list of (first, after last), each at least a window long.
    """
    ordered = sorted(blocks)
    starts = [0, *(stop + frames for _, stop in ordered)]
    stops = [*(start - frames for start, _ in ordered), total]
    return [(start, stop) for start, stop in zip(starts, stops) if stop - start >= frames]


class _Piece(typing.NamedTuple):
    """What of a window is compared: `frames` from `first` on, of the neurons `neurons`."""

    first: int
    frames: int
    neurons: slice


class CopyTest:
    """The recorded side of the test for copies, computed once."""

    def __init__(self, traces, blocks, heldout_windows, searched=SEARCHED, neurons=NEURONS):
        """Standardises the recording and finds the leads of windows that cannot be copies.

        Args:
          traces: (frame, neuron), dF/F, the recording.
          blocks: (first, after last) frames of the training part; no match reaches out of a block.
          heldout_windows: Windows, dF/F, that share no frame with each other.
          searched: how many windows of a set are searched at most, evenly chosen.
          neurons: how many neurons are searched one by one at most, evenly chosen. Copies of other neurons alone are
            not found.
        """
        sd, self._mean = np.zeros(traces.shape[1]), np.zeros(traces.shape[1])
        for neuron in range(traces.shape[1]):
            trace = np.concatenate([traces[start:stop, neuron] for start, stop in blocks])
            sd[neuron], self._mean[neuron] = trace.std(dtype=np.float64), trace.mean(dtype=np.float64)
        self._scale = np.divide(1, sd, out=np.zeros_like(sd), where=sd > 0)  # a constant neuron does not count
        self._scaled = Standardised(traces, self._mean, self._scale)
        self._blocks, self._searched = blocks, searched
        self._energies: dict[tuple, np.ndarray] = {}
        self._frames = frames = heldout_windows.shape[1]
        unseen = unseen_blocks(blocks, frames, len(traces))
        room = sum((stop - start) // frames for start, stop in unseen)
        self._parts = [blocks, unseen] if room >= FEWEST else [blocks]
        count = traces.shape[1]
        half = frames // 2
        everything = slice(0, count)
        self._pieces = {
            "whole": [_Piece(0, frames, everything)],
            "half": [_Piece(0, half, everything), _Piece(half, half, everything)],
            "neuron": [_Piece(0, frames, slice(one, one + 1)) for one in evenly(count, neurons)],
        }
        own = np.concatenate([np.arange(start, stop - frames + 1, frames) for start, stop in blocks])
        own = own[evenly(len(own), searched)]
        heldout = ChosenWindows(heldout_windows, evenly(heldout_windows.shape[0], searched))
        windows = self._standardised(JoinedWindows([CutWindows(traces, own, frames), heldout]))
        own = np.concatenate([own, np.full(heldout.shape[0], OUTSIDE)])
        self._recorded = {kind: self._matches(kind, windows, [blocks], own)[0].leads for kind in KINDS}

    def test(self, generated) -> Copying:
        """Searches generated windows in the training part.

        Args:
          generated: (window, frame, neuron), dF/F; up to `searched` of them are searched, evenly chosen.

        Returns:
          Copying.
        """
        chosen = evenly(generated.shape[0], self._searched)
        windows = self._standardised(ChosenWindows(generated, chosen))
        kinds = {}
        for kind in KINDS:
            matches, *unseen = self._matches(kind, windows, self._parts)
            recorded = self._recorded[kind]
            leads = unseen[0].leads if unseen else np.zeros(0)
            copies = leads > max(PLAIN, recorded.max(initial=0.0))
            kinds[kind] = Kind(matches, np.concatenate([recorded, leads[~copies]]), self._frames, copies)
        return Copying(chosen, **kinds)

    def _standardised(self, windows):
        """Windows in SDs of the training part, float32."""
        result = np.empty(windows.shape, np.float32)
        for part in chunks(windows.shape[0], math.prod(windows.shape[1:])):
            result[part] = (windows[part] - self._mean) * self._scale
        return result

    def _matches(self, kind, windows, parts, own=None) -> list:
        """Matches of standardised windows in each of some parts of the recording.

        Args:
          kind: of KINDS.
          windows: (window, frame, neuron).
          parts: list of parts, each a list of blocks.
          own: first frame of each window, int (window,), within a window of which nothing is searched; None for
            windows that are not from the recording.
        """
        pieces = [self._piece_matches(piece, windows, parts, own) for piece in self._pieces[kind]]
        names = [piece.neurons.start for piece in self._pieces[kind]] if kind == "neuron" else range(len(pieces))
        return [_largest(found, np.array(names)) for found in zip(*pieces)]

    def _piece_matches(self, piece, windows, parts, own):
        """Leads, distances and starts of one piece of the windows, [part][field], each (window,)."""
        traces = self._scaled.of(piece.neurons)
        energy = self._energy(piece)
        allowed = [possible(blocks, piece.frames, traces.shape[0]) for blocks in parts]
        batch = max(1, BATCH_VALUES // len(allowed[0]))
        found = [[] for _ in parts]
        for first in range(0, len(windows), batch):
            some = slice(first, first + batch)
            cut = windows[some, piece.first : piece.first + piece.frames, piece.neurons]
            alike = correlations(cut, traces, energy)
            for row, start in enumerate([] if own is None else own[some]):
                alike[row, max(0, start - 2 * self._frames + 1) : max(0, start + 2 * self._frames)] = -1
            for part, mask in zip(found, allowed):
                best, starts = best_two(alike, mask, piece.frames)
                part.append((lead(best), 1 - best[:, 0], starts))
        return [[np.concatenate(field) for field in zip(*part)] for part in found]

    def _energy(self, piece):
        """Energies of the stretches that a piece is compared with; those of recorded windows serve for all others."""
        key = piece.frames, piece.neurons.start, piece.neurons.stop
        if key not in self._energies:
            self._energies[key] = energies(self._scaled.of(piece.neurons), piece.frames)
        return self._energies[key]


def _largest(pieces, names) -> Matches:
    """Of each window the piece with the largest lead.

    Args:
      pieces: leads, distances and starts of each piece, each (window,).
      names: int (piece,), of the pieces.
    """
    leads, distances, starts = (np.stack(field) for field in zip(*pieces))  # (piece, window)
    largest = leads.argmax(axis=0)
    rows = np.arange(leads.shape[1])
    return Matches(leads[largest, rows], distances[largest, rows], starts[largest, rows], names[largest])
