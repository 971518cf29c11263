"""The tables of meaning: status <-> PARTSTAT, and what an answer does to a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import status
from mappings.errors import RefusedAct
from mappings.model import Kind

ANSWERS = tuple(status.ACT_OF)
STATUSES = range(14)
ALIVE = (1, 2, 3, 5, 6, 7, 8, 9)
KINDS = st.sampled_from(Kind)
NUMBERS = st.integers(min_value=-(2**31), max_value=2**31)
NO = ""


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "partstat", "rsvp", "feed"),
    [
        (1, "ACCEPTED", False, "CONFIRMED"),
        (2, "ACCEPTED", False, "CONFIRMED"),
        (3, "ACCEPTED", False, "CONFIRMED"),
        (5, "NEEDS-ACTION", True, "TENTATIVE"),
        (6, "NEEDS-ACTION", True, "TENTATIVE"),
        (7, "NEEDS-ACTION", True, "TENTATIVE"),
        (8, "NEEDS-ACTION", True, "TENTATIVE"),
        (9, "DECLINED", False, ""),
        (13, "ACCEPTED", False, "CONFIRMED"),
    ],
)
def test_an_associates_status_reads_as_the_table_says(number: int, partstat: str, rsvp: bool, feed: str) -> None:
    assert status.partstat(Kind.ASSOCIATE, number) == (partstat, rsvp)
    assert status.shown(number).feed == feed
    assert status.shown(number).published


@pytest.mark.parametrize("number", STATUSES)
@pytest.mark.parametrize("live", ["TENTATIVE", "DELEGATED"])
def test_only_a_seen_row_lets_a_live_answer_speak(number: int, live: str) -> None:
    spoken, rsvp = status.partstat(Kind.ASSOCIATE, number, live=live)
    assert (spoken == live) is (number in {7, 8})
    assert rsvp is (number in {5, 6, 7, 8})


@pytest.mark.parametrize("number", [7, 8])
@pytest.mark.parametrize("live", ["ACCEPTED", "DECLINED", "NEEDS-ACTION", "COMPLETED", "tentative", "X-MAYBE", NO])
def test_a_seen_row_is_undecided_and_no_other_answer_overrides_it(number: int, live: str) -> None:
    assert status.partstat(Kind.ASSOCIATE, number, live=live) == ("NEEDS-ACTION", True)


@pytest.mark.parametrize("number", STATUSES)
@pytest.mark.parametrize("kind", [Kind.OWNER, Kind.RESOURCE, Kind.ROOM])
@pytest.mark.parametrize("mailed", [True, False])
def test_who_was_not_asked_has_accepted(kind: Kind, number: int, mailed: bool) -> None:
    assert status.partstat(kind, number, live="DECLINED", mailed=mailed) == ("ACCEPTED", False)


@pytest.mark.parametrize("kind", [Kind.EXTERNAL, Kind.BARE])
@pytest.mark.parametrize(
    ("number", "live", "mailed", "expected"),
    [
        (1, NO, False, ("ACCEPTED", False)),
        (1, NO, True, ("NEEDS-ACTION", True)),
        (1, "ACCEPTED", True, ("ACCEPTED", True)),
        (1, "TENTATIVE", True, ("TENTATIVE", True)),
        (1, "DELEGATED", True, ("DELEGATED", True)),
        (9, NO, True, ("DECLINED", True)),
        (9, NO, False, ("DECLINED", False)),
        (9, "DECLINED", True, ("DECLINED", True)),
        (9, "TENTATIVE", True, ("TENTATIVE", True)),  # the row is untouched, so the live answer speaks
    ],
)
def test_an_outsider_reads_as_the_table_says(
    kind: Kind, number: int, live: str, mailed: bool, expected: tuple[str, bool]
) -> None:
    assert status.partstat(kind, number, live=live, mailed=mailed) == expected


@pytest.mark.parametrize("number", [0, 4, 14, 99, -1])
def test_hidden_and_undocumented_numbers_are_in_no_calendar(number: int) -> None:
    how = status.shown(number)
    assert not how.published
    assert not how.cancelled
    assert how.feed == ""


def test_only_a_deleted_booking_is_shown_as_cancelled() -> None:
    assert [n for n in STATUSES if status.shown(n).cancelled] == [10]
    assert status.shown(10).feed == "CANCELLED"


@pytest.mark.parametrize("number", [11, 12])
def test_an_assignment_is_tentative_in_the_feed(number: int) -> None:
    assert status.shown(number).feed == "TENTATIVE"
    assert not status.shown(number).rsvp


def test_every_documented_number_has_a_row_and_a_name_of_its_own() -> None:
    assert set(status.DAUGHTER) == set(STATUSES)
    assert len({how.name for how in status.DAUGHTER.values()}) == len(STATUSES)


@given(KINDS, NUMBERS | st.sampled_from(STATUSES), st.sampled_from(("", *ANSWERS)) | st.text(max_size=9), st.booleans())
def test_any_row_of_the_crm_reads_as_something(kind: Kind, number: int, live: str, mailed: bool) -> None:
    spoken, rsvp = status.partstat(kind, number, live=live, mailed=mailed)
    assert spoken
    assert isinstance(rsvp, bool)
    assert status.shown(number).feed in {"", "CONFIRMED", "TENTATIVE", "CANCELLED"}


@given(KINDS, st.integers(-5, 15), st.integers(-5, 15), st.sampled_from(tuple(status.ACT_OF.values())))
def test_any_act_on_any_row_is_written_or_refused_by_name(kind: Kind, type_: int, number: int, act: status.Act) -> None:
    refused = None
    try:
        written = status.write(kind, type_, number, status.Act(act))
    except RefusedAct as error:
        refused = error
    else:
        assert written.touched or (written.type, written.status) == (type_, number)
    assert refused is None or (refused.act == act and refused.rule)


# --- the law ---------------------------------------------------------------------------------------------------------


def kept(kind: Kind, type_: int, before: int, answer: str, *, mailed: bool = False, beside: bool = True) -> str:
    """Write an answer, read it back; `beside` tells whether the live answer beside the row is still there."""
    written = status.write(kind, type_, before, status.ACT_OF[answer])
    return status.partstat(kind, written.status, live=answer if beside else NO, mailed=mailed)[0]


def allowed(kind: Kind, before: int, answer: str) -> bool:
    try:
        status.write(kind, 6, before, status.ACT_OF[answer])
    except RefusedAct:
        return False
    return True


ASSOCIATES = [(s, a) for s in STATUSES for a in ANSWERS if allowed(Kind.ASSOCIATE, s, a)]


@pytest.mark.parametrize(("before", "answer"), ASSOCIATES)
@pytest.mark.parametrize("type_", [1, 2, 6, 7])
def test_an_associates_answer_reads_back_as_it_was_written(before: int, answer: str, type_: int) -> None:
    assert kept(Kind.ASSOCIATE, type_, before, answer) == answer


@pytest.mark.parametrize(("before", "answer"), ASSOCIATES)
def test_an_associates_row_alone_gives_back_what_is_not_lossy_and_nothing_else(before: int, answer: str) -> None:
    assert (kept(Kind.ASSOCIATE, 6, before, answer, beside=False) == answer) is (answer not in status.LOSSY)


@pytest.mark.parametrize("kind", [Kind.EXTERNAL, Kind.BARE])
@pytest.mark.parametrize("before", [1, 9])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("mailed", [True, False])
def test_an_outsiders_answer_reads_back_as_it_was_written(kind: Kind, before: int, answer: str, mailed: bool) -> None:
    assert kept(kind, 1, before, answer, mailed=mailed) == answer


@pytest.mark.parametrize("kind", [Kind.EXTERNAL, Kind.BARE])
@pytest.mark.parametrize("before", [1, 9])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_unmailed_outsiders_row_alone_gives_back_what_is_not_lossy(kind: Kind, before: int, answer: str) -> None:
    assert (kept(kind, 1, before, answer, beside=False) == answer) is (answer not in status.LOSSY)


def test_a_mailed_outsiders_acceptance_lives_in_the_answer_because_their_row_was_accepted_from_the_start() -> None:
    assert kept(Kind.EXTERNAL, 1, 1, "ACCEPTED", mailed=True) == "ACCEPTED"
    assert kept(Kind.EXTERNAL, 1, 1, "ACCEPTED", mailed=True, beside=False) == "NEEDS-ACTION"


def test_each_lossy_answer_says_what_is_kept_instead() -> None:
    assert set(status.LOSSY) == {"TENTATIVE", "DELEGATED"}
    assert all("kept in our `answer`" in instead for instead in status.LOSSY.values())


@given(KINDS, st.sampled_from((1, 2, 6, 7)), st.sampled_from(STATUSES), st.sampled_from(ANSWERS))
def test_the_same_answer_again_touches_nothing(kind: Kind, type_: int, before: int, answer: str) -> None:
    act = status.ACT_OF[answer]
    if kind is Kind.OWNER and before in status.ASSIGNED:
        return  # who took over an assignment has a plain row afterwards, which looks like any other
    try:
        first = status.write(kind, type_, before, status.Act(act))
    except RefusedAct:
        return
    again = status.write(kind, first.type, first.status, status.Act(act))
    assert not again.touched
    assert (again.type, again.status) == (first.type, first.status)


# --- the life of a row -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "life"),
    [
        ("accept", {1: 1, 2: 2, 3: 3, 5: 1, 6: 1, 7: 1, 8: 1, 9: 1}),
        ("decline", {1: 9, 2: 9, 3: 9, 5: 9, 6: 9, 7: 9, 8: 9, 9: 9}),
        ("tentative", {1: 7, 5: 7, 6: 8, 7: 7, 8: 8, 9: 7}),
        ("delegate", {5: 7, 6: 8, 7: 7, 8: 8}),
    ],
)
def test_an_associates_row_lives_as_the_table_says_and_no_other_way(act: status.Act, life: dict[int, int]) -> None:
    for before in (*STATUSES, -1, 14, 99):
        if before in life:
            assert status.write(Kind.ASSOCIATE, 6, before, status.Act(act)).status == life[before]
        else:
            with pytest.raises(RefusedAct) as refused:
                status.write(Kind.ASSOCIATE, 6, before, status.Act(act))
            assert refused.value.act == act


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("accept", (6, 5), (1, 1)),
        ("accept", (7, 5), (2, 1)),
        ("accept", (7, 9), (2, 1)),
        ("decline", (1, 1), (6, 9)),
        ("decline", (2, 3), (7, 9)),
        ("tentative", (1, 1), (6, 7)),
        ("tentative", (2, 1), (7, 7)),
        ("tentative", (7, 6), (7, 8)),
        ("delegate", (6, 6), (6, 8)),
    ],
)
def test_an_answer_keeps_a_diary_row_in_the_diary_and_a_to_do_on_the_checklist(
    act: status.Act, before: tuple[int, int], after: tuple[int, int]
) -> None:
    written = status.write(Kind.ASSOCIATE, *before, status.Act(act))
    assert (written.type, written.status) == after
    assert written.touched


@given(st.sampled_from((2, 7)), st.sampled_from(ALIVE), st.sampled_from(ANSWERS))
def test_a_to_do_never_becomes_an_appointment(type_: int, before: int, answer: str) -> None:
    if allowed(Kind.ASSOCIATE, before, answer):
        assert status.write(Kind.ASSOCIATE, type_, before, status.ACT_OF[answer]).type in {2, 7}


@pytest.mark.parametrize("kind", [Kind.EXTERNAL, Kind.BARE])
@pytest.mark.parametrize(
    ("act", "before", "after", "touched"),
    [
        ("accept", 9, 1, True),
        ("accept", 1, 1, False),
        ("decline", 1, 9, True),
        ("decline", 9, 9, False),
        ("tentative", 1, 1, False),
        ("tentative", 9, 9, False),
        ("delegate", 1, 1, False),
        ("delegate", 9, 9, False),
    ],
)
def test_an_outsiders_row_says_yes_or_no_and_is_else_left_alone(
    kind: Kind, act: status.Act, before: int, after: int, touched: bool
) -> None:
    assert status.write(kind, 1, before, status.Act(act)) == status.Written(1, after, touched=touched)


@pytest.mark.parametrize("act", list(status.ACT_OF.values()))
@pytest.mark.parametrize("kind", [Kind.OWNER, Kind.RESOURCE, Kind.ROOM])
def test_who_was_not_invited_cannot_answer(kind: Kind, act: status.Act) -> None:
    with pytest.raises(RefusedAct, match="only who was invited can answer"):
        status.write(kind, 1, 1, status.Act(act))


@pytest.mark.parametrize("act", list(status.ACT_OF.values()))
def test_a_cancelled_meeting_takes_no_answer(act: status.Act) -> None:
    with pytest.raises(RefusedAct, match="the meeting is cancelled"):
        status.write(Kind.ASSOCIATE, 6, 10, status.Act(act))


@pytest.mark.parametrize(("act", "before"), [("tentative", 3), ("delegate", 1), ("accept", 11), ("decline", 4)])
def test_a_refusal_names_the_status_that_does_not_allow_the_act(act: status.Act, before: int) -> None:
    with pytest.raises(RefusedAct, match=f"not allowed while the row's status is {before}"):
        status.write(Kind.ASSOCIATE, 1, before, status.Act(act))
