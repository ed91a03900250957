"""Scripts that are killed and started again leave what an undisturbed run leaves; benchmarks/reliability.py does more.

They are killed before a change to a file: one in the middle, and of prepare.py also an early one and the last. For
reproduce.py, which takes longest, see reproduction/test_reproduction.py.
"""

import interrupted
import pytest

FAST, SLOW = ("prepare", "generate"), ("train", "evaluate", "search")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """`whole(stage)`: its undisturbed run, once."""
    known = {}

    def of(stage):
        if stage.script not in known:
            known[stage.script] = interrupted.undisturbed(stage, tmp_path_factory.mktemp(stage.script) / "whole")
        return known[stage.script]

    return of


@pytest.mark.parametrize("script", [*FAST, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)])
def test_a_killed_script_ends_as_if_it_had_not_been_killed(tmp_path, whole, script):
    stage = interrupted.STAGES[script]
    undisturbed = whole(stage)
    assert undisturbed.changes >= 2 and undisturbed.result
    for part in (0.1, 0.5, 1) if script == "prepare" else (0.5,):
        found = interrupted.disturbed(stage, tmp_path / str(part), max(1, round(part * undisturbed.changes)))
        assert found["killed"] and found["result"] == undisturbed.result


def test_harness_notices_a_difference(tmp_path, whole):
    """A second start with another seed is told from the first: so the comparison can fail."""
    stage = interrupted.STAGES["generate"]
    other = interrupted.dataclasses.replace(stage, flags=f"{stage.flags} --seed=1")
    assert interrupted.undisturbed(other, tmp_path / "other").result != whole(stage).result
