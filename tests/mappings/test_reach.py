"""How far an act reaches: the literal tables, and the laws of what is in reach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import reach
from mappings.errors import RefusedAct
from mappings.reach import REACHES, UPDATE_MODES, Reach
from mappings.status import Act
from mappings.times import DAY

series = st.dictionaries(st.integers(1, 50), st.integers(-5, 5), min_size=1)


def test_the_crms_numbers() -> None:
    assert {number: mode.value for number, mode in UPDATE_MODES.items()} == {
        1: "only this",
        2: "this and forward",
        9: "stop",
    }


TABLE = """
                    only this   this and forward   stop   series
invite              x           x                         x
seen                x           x                         x
accept              x           x                         x
decline             x           x                         x
tentative           x           x                         x
delegate            x
move                x           x                         x
change              x           x                         x
adjust              x           x                         x
remove              x           x                         x
cancel              x           x                  x      x
acknowledge         x           x                         x
note                x
dismiss             x           x                         x
dismiss silently    x           x                         x
complete            x
reopen              x
assign              x
hand over           x
"""


def test_which_act_reaches_how_far() -> None:
    head, *lines = TABLE.strip("\n").splitlines()
    columns = {mode: head.index(mode.value) for mode in Reach}
    columns[Reach.THIS_AND_FORWARD] = head.index(Reach.THIS_AND_FORWARD.value)
    said = {line[:20].strip(): {mode for mode, at in columns.items() if line[at : at + 1] == "x"} for line in lines}
    assert said == {act.value: set(REACHES[act]) for act in Act}


@given(series, st.data())
def test_every_reach_is_a_stretch_of_the_series(planned: dict[int, int], data: st.DataObject) -> None:
    named = data.draw(st.sampled_from(sorted(planned)))
    everything = reach.ordered(planned)
    found = {mode: reach.reached(planned, named, mode) for mode in Reach}

    assert found[Reach.SERIES] == everything
    assert found[Reach.ONLY_THIS] == [named]
    assert found[Reach.THIS_AND_FORWARD] == [named, *found[Reach.STOP]]
    before = [n for n in everything if n not in found[Reach.THIS_AND_FORWARD]]
    assert [*before, *found[Reach.THIS_AND_FORWARD]] == everything
    assert all((planned[n], n) < (planned[named], named) for n in before)
    assert sorted(everything) == sorted(planned)


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("mode", list(Reach))
def test_what_is_no_series_is_reached_alone_and_cannot_be_stopped(act: Act, mode: Reach) -> None:
    if mode not in REACHES[act]:
        for repeats in (True, False):
            with pytest.raises(RefusedAct, match="does not reach"):
                reach.taken(act, mode, repeats=repeats)
        return
    assert reach.taken(act, mode, repeats=True) is mode
    if mode is Reach.STOP:
        with pytest.raises(RefusedAct, match="no series"):
            reach.taken(act, mode, repeats=False)
    else:
        assert reach.taken(act, mode, repeats=False) is Reach.ONLY_THIS


@pytest.mark.parametrize(
    ("start", "end", "all_day", "over"),
    [(0, 10, False, True), (0, 11, False, False), (10, 0, False, True), (11, 0, False, False), (0, 5, True, False)],
)
def test_what_is_over(start: int, end: int, all_day: bool, over: bool) -> None:
    assert reach.over(start, end, 10, all_day=all_day) is over


def test_a_whole_day_is_over_at_its_midnight() -> None:
    assert not reach.over(0, DAY - 60, DAY - 1, all_day=True)
    assert reach.over(0, DAY - 60, DAY, all_day=True)


def test_an_occurrence_is_found_by_its_start_before_it_is_found_by_its_plan() -> None:
    starts = {1: (100,), 2: (DAY + 5, 200), 3: (200,), 4: (DAY + 50, 300)}
    assert reach.found(starts, 100, day=False) == [1]
    assert reach.found(starts, 200, day=False) == [3]
    assert reach.found(starts, 300, day=False) == [4]
    assert reach.found(starts, 0, day=True) == [1, 3]
    assert reach.found(starts, DAY, day=True) == [2, 4]
    assert reach.found(starts, 7, day=False) == []
    assert reach.near(starts, 190, 2) == [100, 200]
