"""What somebody deleted from their calendar comes back when they are asked again or take it up again, and only then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.dismissal import ASKED, IN, OUT, returns, standing
from mappings.status import DAUGHTER

STATUSES = st.integers(-1, 20)
SEQUENCES = st.integers(0, 9)
STANDINGS = {OUT: (0, 4, 9, 10), ASKED: (5, 6, 7, 8, 11, 12), IN: (1, 2, 3, 13)}


def test_every_status_of_the_crm_has_a_standing() -> None:
    assert {s: standing(s) for s in DAUGHTER} == {s: place for place, some in STANDINGS.items() for s in some}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, 5),  # another row: invited anew
        (None, 1),
        (10, 5),  # cancelled, and invited anew in the same row
        (9, 1),  # declined, and accepted after all
        (9, 7),  # declined, and tentative after all
        (9, 5),
        (5, 1),  # dismissed without an answer, and accepted elsewhere
        (8, 1),
        (4, 5),
    ],
)
def test_a_row_that_comes_closer_to_taking_part_brings_the_copy_back(before: int | None, now: int) -> None:
    assert returns(3, 0, before, now)


@pytest.mark.parametrize(
    ("before", "now"),
    [(None, 9), (None, 10), (1, 1), (1, 9), (1, 3), (3, 1), (5, 7), (6, 8), (7, 9), (9, 9), (9, 10), (5, 10), (10, 9)],
)
def test_everything_else_leaves_it_away(before: int | None, now: int) -> None:
    assert not returns(3, 3, before, now)


@pytest.mark.parametrize("now", [1, 2, 3, 5, 6, 7, 8])
def test_a_later_question_brings_it_back_and_the_one_that_was_dismissed_does_not(now: int) -> None:
    assert returns(3, 4, now, now)
    assert not returns(3, 3, now, now)


@given(SEQUENCES, SEQUENCES, st.none() | STATUSES, STATUSES)
def test_nothing_brings_back_what_its_holder_takes_no_part_in(
    dismissed: int, reset: int, before: int | None, now: int
) -> None:
    if standing(now) == OUT:
        assert not returns(dismissed, reset, before, now)


@given(SEQUENCES, st.integers(0, 9), STATUSES)
def test_what_stays_as_it_was_stays_away(dismissed: int, earlier: int, status: int) -> None:
    assert not returns(dismissed, max(0, dismissed - earlier), status, status)
