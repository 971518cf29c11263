"""Instances that take time -> periods: nothing overlaps, nothing is lost, and what is sure hides what is not."""

from hypothesis import given
from hypothesis import strategies as st

from mappings.free_busy import BUSY, TENTATIVE, Period, Taken, periods
from mappings.ics import writing

MOMENTS = st.integers(0, 60)
SOME = st.lists(st.builds(lambda a, n, t: Taken(a, a + n, t), MOMENTS, st.integers(0, 20), st.booleans()), max_size=12)


def covered(taken: list[Taken], *, tentative: bool) -> set[int]:
    return {moment for t in taken if t.tentative is tentative for moment in range(t.start, t.end)}


@given(SOME, MOMENTS, st.integers(1, 60))
def test_each_moment_is_told_once_and_as_what_it_is(taken: list[Taken], start: int, length: int) -> None:
    end = start + length
    found = periods(taken, start, end)
    told = [(moment, p.type) for p in found for moment in range(p.start, p.end)]
    assert len(told) == len({moment for moment, _ in told})
    here = set(range(start, end))
    sure = covered(taken, tentative=False) & here
    assert {m for m, kind in told if kind == BUSY} == sure
    assert {m for m, kind in told if kind == TENTATIVE} == (covered(taken, tentative=True) & here) - sure
    assert found == sorted(found)


@given(SOME)
def test_neighbours_of_one_kind_are_one(taken: list[Taken]) -> None:
    found = periods(taken, 0, 100)
    ends = {(p.end, p.type) for p in found}
    assert not [p for p in found if (p.start, p.type) in ends]


def test_it_is_written_as_a_component_of_its_own() -> None:
    text = writing.free_busy([Period(3_600, 7_200, BUSY), Period(7_200, 9_000, TENTATIVE)], 0, 86_400, 60)
    assert text == (
        b"BEGIN:VFREEBUSY\r\nDTSTAMP:19700101T000100Z\r\nDTSTART:19700101T000000Z\r\nDTEND:19700102T000000Z\r\n"
        b"FREEBUSY;FBTYPE=BUSY:19700101T010000Z/19700101T020000Z\r\n"
        b"FREEBUSY;FBTYPE=BUSY-TENTATIVE:19700101T020000Z/19700101T023000Z\r\nEND:VFREEBUSY\r\n"
    )
