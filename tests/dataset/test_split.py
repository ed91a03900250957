import numpy as np
import pytest

from calciumgan_tf.dataset.split import Fold, Split, split_frames
from calciumgan_tf.errors import InputError

SIZES = [(21556, 256), (24600, 256), (4245, 128), (21556, 2048), (2560, 256), (2559, 256), (768, 256), (100_000, 32)]


@pytest.mark.parametrize("kind", ["auto", "end"])
@pytest.mark.parametrize("frames, window", SIZES)
def test_no_training_window_comes_near_a_heldout_one(frames, window, kind):
    """Between any frame of a training window and any held-out frame lies at least one whole window."""
    split = split_frames(frames, window, kind)
    training, heldout = np.zeros(frames, bool), np.zeros(frames, bool)
    for mask, blocks in ((training, split.training), (heldout, split.heldout)):
        for start in split.starts(blocks):
            mask[start : start + window] = True
    near = np.convolve(heldout, np.ones(2 * window + 1), "same") > 0.5
    assert training.any() and heldout.any()
    assert not (training & near).any()


@pytest.mark.parametrize("frames, window", SIZES)
def test_a_fifth_is_held_out(frames, window):
    split = split_frames(frames, window)
    held = sum(stop - start for start, stop in split.heldout)
    assert held == pytest.approx(max(frames / 5, window), rel=0.02)


def test_blocks_are_spread_over_a_long_recording():
    split = split_frames(21556, 256)
    assert split.kind == "blocks" and len(split.heldout) == 4
    middles = [(start + stop) / 2 / 21556 for start, stop in split.heldout]
    np.testing.assert_allclose(middles, [0.125, 0.375, 0.625, 0.875], atol=0.01)


def test_short_recordings_hold_out_their_end():
    split = split_frames(2559, 256)
    assert split.kind == "end" and split.heldout[-1][1] == 2559


def test_too_short():
    with pytest.raises(InputError, match="767 frames, less than a training window, a gap and a held-out window"):
        split_frames(767, 256)


def test_blocks_asked_for_but_impossible():
    with pytest.raises(InputError, match="--split=blocks needs 10 windows of 256 frames"):
        split_frames(2559, 256, "blocks")


def test_starts_lie_inside_blocks():
    split = Split("end", 4, ((0, 10), (20, 24)), ((30, 40),))
    assert split.starts(split.training).tolist() == [0, 1, 2, 3, 4, 5, 6, 20]


def test_halves_share_no_block():
    split = split_frames(21556, 256)
    first, second = split.halves()
    assert sorted(first + second) == sorted(split.training) and not set(first) & set(second)


def test_json_round_trip():
    split = split_frames(21556, 256)
    for one in (split, split.with_validation()):
        assert Split.from_json(one.to_json()) == one
    earlier = {name: value for name, value in split.to_json().items() if name != "validation"}
    assert Split.from_json(earlier) == split


@pytest.mark.parametrize("frames, window, kind", [(21556, 256, "auto"), (4245, 128, "auto"), (3000, 64, "end")])
def test_validation_is_a_part_of_the_training_part_with_gaps(frames, window, kind):
    whole = split_frames(frames, window, kind)
    part = whole.with_validation()
    assert part.heldout == whole.heldout
    assert part.choosing().heldout == part.validation and part.choosing().training == part.training

    def all_frames(blocks):
        return {frame for start, stop in blocks for frame in range(start, stop)}

    training, validation = all_frames(part.training), all_frames(part.validation)
    assert training and validation and training | validation <= all_frames(whole.training)
    assert min(abs(a - b) for _, a in part.training for b, _ in part.validation) >= window
    assert not {frame + shift for frame in training for shift in (-window, window)} & validation
    assert 0.15 < len(validation) / len(all_frames(whole.training)) < 0.45


def test_validation_of_a_single_block():
    with pytest.raises(InputError, match="the training part is a single block"):
        Split("end", 64, ((0, 500),), ((600, 700),)).with_validation()


def test_noise_of_correlations_is_the_scatter_between_the_parts():
    """Of independent bins; the measured scatter of 45 pairs has an error of a tenth."""
    parts = split_frames(20_000, 64)
    bins = np.random.default_rng(0).normal(size=(20_000 // 5, 10))
    traces = np.repeat(bins, 5, 0)

    def correlations(blocks):
        inside = np.concatenate([traces[start - start % 5 : stop - stop % 5 : 5] for start, stop in blocks])
        return np.corrcoef(inside.T)[np.triu_indices(10, 1)]

    scatter = np.std(correlations(parts.training) - correlations(parts.heldout))
    assert abs(scatter / parts.correlation_noise(10.0) - 1) < 0.35


FOLDS = [(21556, 256, 5, None), (4245, 128, 5, None), (2560, 256, 5, None), (9000, 64, 2, None), (20000, 100, 3, 200)]


@pytest.mark.parametrize("frames, window, folds, trial", FOLDS)
def test_every_frame_is_held_out_by_one_fold(frames, window, folds, trial):
    held = np.zeros(frames, int)
    for number in range(folds):
        split = split_frames(frames, window, "auto", trial, Fold(number, folds))
        for start, stop in split.heldout:
            held[start:stop] += 1
    last = frames - frames % (trial or 1)
    assert (held[:last] == 1).all() and not held[last:].any()


@pytest.mark.parametrize("frames, window, folds, trial", FOLDS)
def test_folds_have_gaps_at_every_border_and_nowhere_else(frames, window, folds, trial):
    for number in range(folds):
        split = split_frames(frames, window, "auto", trial, Fold(number, folds))
        assert split.kind == "blocks" and split.training
        assert min(max(a, c) - min(b, d) for a, b in split.training for c, d in split.heldout) >= window
        used = split.frames("training") + split.frames("heldout")
        borders = 2 * len(split.heldout) - (split.heldout[0][0] == 0) - (split.heldout[-1][1] > frames - (trial or 1))
        assert used >= frames - (trial or 1) + 1 - borders * window - (window - 1) * len(split.heldout)


def test_the_usual_split_is_the_middle_fold():
    assert split_frames(21556, 256, fold=Fold(2, 5)) == split_frames(21556, 256)


def test_folds_that_are_impossible():
    with pytest.raises(InputError, match="--cross_fit=5 holds out every part once, but --split=end the end alone"):
        split_frames(21556, 256, "end", fold=Fold(0, 5))
    with pytest.raises(InputError, match="--cross_fit=5 needs 10 windows of 256 frames, the recording has 2559"):
        split_frames(2559, 256, fold=Fold(0, 5))


def test_blocks_begin_at_borders():
    borders = tuple(range(17, 10000, 50))
    plain, moved = split_frames(10000, 64), split_frames(10000, 64, borders=borders)
    for part in ("training", "heldout"):
        for (start, stop), (first, last) in zip(getattr(plain, part), getattr(moved, part)):
            assert abs(start - first) <= 25 and abs(stop - last) <= 25
    assert all(first in borders and last in borders for first, last in moved.heldout)


def test_edges_without_a_border_nearby_stay():
    plain, moved = split_frames(10000, 64), split_frames(10000, 64, borders=(plain_edge() + 3,))
    changed = [(a, b) for a, b in zip(plain.heldout, moved.heldout) if a != b]
    assert [(a[0] + 3, a[1]) for a, _ in changed] == [b for _, b in changed] and len(changed) == 1


def plain_edge():
    return split_frames(10000, 64).heldout[1][0]


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9, 1.0])
def test_first_share_of_the_training_part(share):
    """Frames from the beginning on; the held-out part stays, and less than a window is lost at the end."""
    split = split_frames(28_800, 256)
    first = split.first(share)
    inside, whole = (np.concatenate([np.arange(*block) for block in one.training]) for one in (first, split))
    np.testing.assert_array_equal(inside, whole[: len(inside)])
    assert 0 <= round(share * len(whole)) - len(inside) < 256
    assert first.heldout == split.heldout and min(stop - start for start, stop in first.training) >= 256
    assert (first == split) == (share == 1)


def test_a_share_in_which_no_window_fits():
    with pytest.raises(InputError, match="no window of 256 frames fits in the first 1 % of the training part"):
        split_frames(21556, 256).first(0.01)


def test_first_share_of_trials_has_whole_trials_to_draw_from():
    split = split_frames(2000, 10, trial_frames=20).first(0.1)
    starts = split.starts(split.training)
    assert len(starts) and (starts % 20 <= 10).all()
