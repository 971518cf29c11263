"""The outside is told what it has to know, once, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.model import Announced, Event, Header, Instance, Kind, Notice, Participant, Person
from mappings.notices import announced, plan, significant

HOUR, WEEK = 3_600, 604_800
START = 1_794_304_800
UID = "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f"

ANNA = Participant(1, Kind.OWNER, "Anna", "mailto:anna@crm.test", "ACCEPTED", associate=1)
BO = Participant(2, Kind.ASSOCIATE, "Bo", "mailto:bo@crm.test", "NEEDS-ACTION", rsvp=True, associate=2)
ED = Participant(3, Kind.EXTERNAL, "Ed", "mailto:ed@north.test", "NEEDS-ACTION", rsvp=True, mailed=True)
FAY = Participant(4, Kind.BARE, "Fay", "mailto:fay@south.test", "NEEDS-ACTION", rsvp=True, mailed=True)
ROOM = Participant(5, Kind.ROOM, "Room 9", "urn:uuid:room", "ACCEPTED", associate=9)

MEETING = Instance(
    0, START, START + HOUR, "Europe/Berlin", all_day=False, summary="Review",
    organizer=Person("Anna", "mailto:anna@crm.test"), participants=(ANNA, BO, ED, ROOM),
)  # fmt: skip


def event(*instances: Instance, sequence: int = 0) -> Event:
    return Event(Header(UID, sequence, START), instances)


def meeting(*people: Participant, sequence: int = 0, **changes: Any) -> Event:
    it = replace(MEETING, **changes)
    return event(replace(it, participants=people) if people else it, sequence=sequence)


def told_of(now: Event) -> Announced:
    found = announced(None, now)
    assert found is not None
    return found


def brief(notices: tuple[Notice, ...]) -> list[tuple[str, int]]:
    return [(n.method, n.row) for n in notices]


def answered(it: Instance, answers: Mapping[int, str]) -> Instance:
    return replace(it, participants=tuple(replace(p, partstat=answers.get(p.row, p.partstat)) for p in it.participants))


# --- who is told -----------------------------------------------------------------------------------------------------


def test_a_new_meeting_is_sent_to_those_whom_we_mail_and_to_nobody_else() -> None:
    (notice,) = plan(None, meeting(ANNA, BO, ED, ROOM, sequence=4))
    assert (notice.method, notice.row, notice.uid, notice.sequence) == ("REQUEST", 3, UID, 4)
    assert notice.to == Person("Ed", "mailto:ed@north.test")
    assert notice.instances == meeting(ANNA, BO, ED, ROOM).instances


def test_a_meeting_without_anybody_to_mail_is_told_to_nobody() -> None:
    assert plan(None, meeting(ANNA, BO, ROOM)) == ()
    assert announced(None, meeting(ANNA, BO, ROOM)) is None
    assert plan(None, None) == ()


def test_a_new_guest_is_invited_and_the_others_hear_nothing() -> None:
    told = told_of(meeting(ANNA, ED))
    assert brief(plan(told, meeting(ANNA, ED, FAY))) == [("REQUEST", 4)]


def test_who_is_mailed_from_now_on_is_invited() -> None:
    told = told_of(meeting(ANNA, ED, replace(FAY, mailed=False)))
    assert brief(plan(told, meeting(ANNA, ED, FAY))) == [("REQUEST", 4)]


def test_a_guest_removed_gets_cancel_with_a_higher_sequence_and_the_others_hear_nothing() -> None:
    told = told_of(meeting(ANNA, ED, FAY, sequence=2))
    (notice,) = plan(told, meeting(ANNA, ED, sequence=2))
    assert (notice.method, notice.row, notice.sequence) == ("CANCEL", 4, 3)
    assert notice.to == Person("Fay", "mailto:fay@south.test")
    assert [i.status for i in notice.instances] == ["CANCELLED"]
    assert notice.instances[0].participants == (ANNA, ED, FAY)


def test_a_cancel_is_never_below_the_events_own_sequence() -> None:
    told = told_of(meeting(ANNA, FAY, sequence=2))
    assert [n.sequence for n in plan(told, meeting(ANNA, sequence=9))] == [9]


def test_an_event_that_is_gone_is_cancelled_for_all_who_were_told() -> None:
    told = told_of(meeting(ANNA, BO, ED, FAY, sequence=5))
    notices = plan(told, None)
    assert brief(notices) == [("CANCEL", 3), ("CANCEL", 4)]
    assert {n.sequence for n in notices} == {6}
    assert announced(told, None) is None


def test_who_was_told_and_is_mailed_no_more_still_gets_the_cancel() -> None:
    unmailed = meeting(ANNA, ED, replace(FAY, mailed=False))
    told = announced(told_of(meeting(ANNA, ED, FAY)), unmailed)
    assert told is not None
    assert told.told == (3, 4)
    assert plan(told, unmailed) == ()
    assert brief(plan(told, meeting(ANNA, ED))) == [("CANCEL", 4)]
    assert brief(plan(told, None)) == [("CANCEL", 3), ("CANCEL", 4)]


@pytest.mark.parametrize(
    "changes",
    [
        {"start": START + HOUR, "end": START + 2 * HOUR},
        {"end": START + 2 * HOUR},
        {"zone": "Europe/Oslo"},
        {"summary": "Else"},
        {"location": "Elsewhere"},
        {"description": "More"},
        {"video": "https://v.test/1"},
        {"status": "TENTATIVE"},
    ],
)
def test_what_changes_what_is_seen_is_sent_to_all_who_were_told(changes: dict[str, Any]) -> None:
    told = told_of(meeting(ANNA, BO, ED, FAY))
    now = meeting(ANNA, BO, ED, FAY, sequence=1, **changes)
    notices = plan(told, now)
    assert brief(notices) == [("REQUEST", 3), ("REQUEST", 4)]
    assert {n.sequence for n in notices} == {1}


@pytest.mark.parametrize(
    "people",
    [
        (ANNA, replace(BO, partstat="ACCEPTED", rsvp=False), ED),
        (ANNA, BO, replace(ED, partstat="DECLINED")),
        (ANNA, replace(BO, name="Bob"), replace(ED, name="Edward")),
        (ANNA, BO, replace(ED, address="mailto:edward@north.test")),
        (replace(ANNA, name="Anna Berg"), BO, ED),
        (ANNA, BO, ED, ROOM),
        (ANNA, ED),
    ],
)
def test_answers_names_addresses_and_unmailed_people_announce_nothing(people: tuple[Participant, ...]) -> None:
    assert plan(told_of(meeting(ANNA, BO, ED)), meeting(*people)) == ()


def test_a_renamed_organizer_announces_nothing() -> None:
    now = meeting(ANNA, BO, ED, organizer=Person("Anna Berg", "mailto:berg@crm.test"), created=7)
    assert plan(told_of(meeting(ANNA, BO, ED)), now) == ()


def test_a_meeting_handed_over_to_a_new_owner_is_told_to_all_who_were_told_and_raises_the_sequence() -> None:
    told = told_of(meeting(ANNA, BO, ED, FAY, ROOM))
    dora = replace(ANNA, name="Dora", address="mailto:dora@crm.test", associate=8)
    handed_over: dict[str, Any] = {"organizer": Person("Dora", "mailto:dora@crm.test"), "sequence": 1}
    now = meeting(dora, BO, ED, FAY, ROOM, **handed_over)
    assert significant(told.event.instances, now.instances)
    notices = plan(told, now)
    assert brief(notices) == [("REQUEST", 3), ("REQUEST", 4)]
    assert {n.instances[0].organizer for n in notices} == {Person("Dora", "mailto:dora@crm.test")}


MAILED_BO = replace(BO, mailed=True)
DAN = replace(MAILED_BO, name="Dan", address="mailto:dan@crm.test", associate=12)


def test_somebody_else_in_the_same_row_is_one_person_cancelled_and_another_invited() -> None:
    told = told_of(meeting(ANNA, MAILED_BO, ED))
    now = meeting(ANNA, DAN, ED, sequence=1)
    assert significant(told.event.instances, now.instances)
    gone, new = plan(told, now)
    assert (gone.method, gone.to, gone.sequence) == ("CANCEL", Person("Bo", "mailto:bo@crm.test"), 1)
    assert (new.method, new.to, new.sequence) == ("REQUEST", Person("Dan", "mailto:dan@crm.test"), 1)
    assert brief(plan(announced(told, now), meeting(ANNA, ED, sequence=2))) == [("CANCEL", 2)]


def test_who_took_a_row_over_without_being_mailed_was_never_told_and_is_not_cancelled() -> None:
    told = told_of(meeting(ANNA, MAILED_BO, ED))
    now = meeting(ANNA, replace(DAN, mailed=False), ED, sequence=1)
    assert brief(plan(told, now)) == [("CANCEL", 2)]
    told_now = announced(told, now)
    assert told_now is not None
    assert told_now.told == (3,)
    assert plan(told_now, meeting(ANNA, ED, sequence=2)) == ()


def test_a_corrected_name_and_address_of_an_associate_make_nobody_else() -> None:
    bob = replace(MAILED_BO, name="Bob", address="mailto:bob@crm.test")
    before, now = meeting(ANNA, MAILED_BO, ED), meeting(ANNA, bob, ED)
    assert not significant(before.instances, now.instances)
    assert plan(told_of(before), now) == ()


def test_of_a_meeting_that_another_calendar_owns_nothing_is_ours_to_announce() -> None:
    told = told_of(meeting(ANNA, ED, FAY))
    elsewhere = meeting(replace(ANNA, kind=Kind.ASSOCIATE), ED, owned_externally=True, summary="Else")
    assert plan(told, elsewhere) == plan(None, elsewhere) == ()
    assert announced(told, elsewhere) is None
    assert brief(plan(None, meeting(ANNA, ED))) == [("REQUEST", 3)]


def test_people_without_a_row_here_are_told_apart_by_their_addresses() -> None:
    one, other = (Participant(0, Kind.BARE, n, f"mailto:{n}@north.test", "ACCEPTED") for n in ("one", "other"))
    both, less = (replace(MEETING, participants=people, owned_externally=True) for people in ((one, other), (one,)))
    assert significant((both,), (less,))
    assert not significant((less,), (both,))
    assert not significant((both,), (replace(both, participants=(other, replace(one, partstat="DECLINED"))),))
    assert significant((both,), (replace(both, organizer=Person("Anna", "mailto:other@crm.test")),))


def test_a_higher_sequence_by_itself_announces_nothing() -> None:
    assert plan(told_of(meeting(ANNA, ED)), meeting(ANNA, ED, sequence=7)) == ()


# --- series ----------------------------------------------------------------------------------------------------------

MASTER = replace(MEETING, rdates=(START + WEEK, START + 2 * WEEK), participants=(ANNA, BO, ED))


def occurrence(week: int, *, guests: tuple[Participant, ...] = (ANNA, BO, ED), **changes: Any) -> Instance:
    """Give the override of a week; its people are the same ones in rows of their own."""
    start = START + week * WEEK
    people = tuple(replace(p, row=100 * week + p.row) for p in guests)
    it = replace(MEETING, key=start, start=start, end=start + HOUR, participants=people)
    return replace(it, **changes)


def on_the_clock_of_its_series(it: Instance) -> Instance:
    """Give an override as the projection makes it: its key is read on the clock of the series."""
    return replace(it, key_zone=it.zone, key_all_day=it.all_day)


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
@pytest.mark.parametrize("who", [2, 3])
def test_an_answer_to_one_occurrence_announces_nothing_neither_when_given_nor_when_taken_back(
    partstat: str, who: int
) -> None:
    folded = event(MASTER)
    apart = event(MASTER, on_the_clock_of_its_series(answered(occurrence(1), {100 + who: partstat})))
    for before, now in ((folded, apart), (apart, folded)):
        assert not significant(before.instances, now.instances)
        assert plan(told_of(before), now) == ()


def test_a_corrected_address_in_a_series_makes_nobody_another_person() -> None:
    ned = replace(ED, address="mailto:edward@north.test")
    now = event(replace(MASTER, participants=(ANNA, BO, ned)), occurrence(1, guests=(ANNA, BO, ned)))
    assert not significant((MASTER,), now.instances)
    assert plan(told_of(event(MASTER)), now) == ()
    assert plan(told_of(now), event(MASTER)) == ()


def test_an_occurrence_that_moves_is_told_once_to_each_person() -> None:
    now = event(MASTER, occurrence(1, start=START + WEEK + HOUR, end=START + WEEK + 2 * HOUR), sequence=1)
    (notice,) = plan(told_of(event(MASTER)), now)
    assert (notice.method, notice.row, notice.sequence) == ("REQUEST", 3, 1)
    assert notice.instances == now.instances[1:]  # by itself: Outlook misreads it beside its series
    assert significant((MASTER,), now.instances)
    assert significant(now.instances, (MASTER,))


def test_when_many_occurrences_are_others_the_series_is_told_anew() -> None:
    some = [occurrence(n, start=START + n * WEEK + HOUR, end=START + n * WEEK + 2 * HOUR) for n in range(1, 6)]
    long = replace(MASTER, rdates=tuple(START + n * WEEK for n in range(1, 9)))
    (notice,) = plan(told_of(event(long)), event(long, *some, sequence=1))
    assert [i.key for i in notice.instances][:2] == [0, some[0].key]


def test_who_is_invited_to_one_occurrence_is_sent_that_one_alone() -> None:
    one = occurrence(1, guests=(ANNA, BO, ED, FAY))
    (notice,) = plan(told_of(event(MASTER)), event(MASTER, one))
    assert (notice.method, notice.row, notice.instances) == ("REQUEST", 104, (one,))
    (back,) = plan(told_of(event(MASTER, one)), event(MASTER))
    assert (back.method, back.row) == ("CANCEL", 104)
    assert [(i.key, i.status) for i in back.instances] == [(START + WEEK, "CANCELLED")]


WITHOUT_ED = occurrence(1, guests=(ANNA, BO))


def test_a_guest_taken_out_of_one_occurrence_raises_the_sequence_and_gets_a_cancel_for_that_one() -> None:
    now = event(MASTER, WITHOUT_ED, sequence=1)
    assert significant((MASTER,), now.instances)
    (notice,) = plan(told_of(event(MASTER)), now)
    assert (notice.method, notice.to, notice.sequence) == ("CANCEL", Person("Ed", "mailto:ed@north.test"), 1)
    (gone,) = notice.instances
    assert (gone.key, gone.start, gone.end, gone.status) == (
        START + WEEK,
        START + WEEK,
        START + WEEK + HOUR,
        "CANCELLED",
    )
    assert (gone.rdates, gone.key_zone, gone.key_all_day) == ((), "Europe/Berlin", False)


def test_the_first_occurrence_can_be_cancelled_for_one_guest_too() -> None:
    rest = [occurrence(week) for week in (1, 2)]
    now = event(replace(MASTER, participants=(ANNA, BO)), *rest, sequence=1)
    (notice,) = plan(told_of(event(MASTER)), now)
    assert [(notice.method, i.key, i.rdates) for i in notice.instances] == [("CANCEL", START, ())]


def test_an_occurrence_that_stood_out_is_cancelled_as_it_stood() -> None:
    moved = occurrence(1, start=START + WEEK + HOUR, end=START + WEEK + 2 * HOUR)
    (notice,) = plan(told_of(event(MASTER, moved)), event(MASTER, replace(moved, participants=(ANNA,)), sequence=1))
    assert (notice.method, notice.row, notice.instances) == ("CANCEL", 3, (replace(moved, status="CANCELLED"),))


def test_who_sees_something_else_as_well_is_sent_the_series_without_the_occurrence_that_is_not_theirs() -> None:
    now = event(replace(MASTER, summary="Else"), replace(WITHOUT_ED, summary="Else"), sequence=1)
    (notice,) = plan(told_of(event(MASTER)), now)
    assert (notice.method, notice.row) == ("REQUEST", 3)
    assert [(i.key, i.exdates) for i in notice.instances] == [(0, (START + WEEK,))]


def test_who_is_invited_to_all_but_one_occurrence_is_not_sent_that_one() -> None:
    guests = (ANNA, BO, ED, FAY)
    (notice,) = plan(told_of(event(MASTER)), event(replace(MASTER, participants=guests), occurrence(2)))
    assert (notice.method, notice.row) == ("REQUEST", 4)
    assert [i.exdates for i in notice.instances] == [(START + 2 * WEEK,)]


def test_who_holds_single_occurrences_is_told_of_the_one_that_goes_and_of_the_one_that_changes() -> None:
    guests = (ANNA, BO, ED, FAY)
    one, other = occurrence(1, guests=guests), occurrence(2, guests=guests)
    now = event(MASTER, replace(other, summary="Else"), sequence=1)
    cancel, request = (n for n in plan(told_of(event(MASTER, one, other)), now) if n.to.name == "Fay")
    assert (cancel.method, [i.key for i in cancel.instances]) == ("CANCEL", [START + WEEK])
    assert (request.method, [i.key for i in request.instances]) == ("REQUEST", [START + 2 * WEEK])


def test_somebody_else_in_one_occurrence_is_one_cancelled_for_it_and_another_invited_to_it() -> None:
    master = replace(MASTER, participants=(ANNA, MAILED_BO, ED))
    one = occurrence(1, guests=(ANNA, DAN, ED))
    notices = plan(told_of(event(master)), event(master, one, sequence=1))
    assert [(n.method, n.to.name, [i.key for i in n.instances]) for n in notices] == [
        ("CANCEL", "Bo", [START + WEEK]),
        ("REQUEST", "Dan", [START + WEEK]),
    ]


def test_an_occurrence_reworded_is_told_and_raises_no_sequence() -> None:
    now = event(MASTER, occurrence(2, summary="Special"))
    assert not significant((MASTER,), now.instances)
    assert brief(plan(told_of(event(MASTER)), now)) == [("REQUEST", 3)]


@pytest.mark.parametrize("rdates", [(), (START + WEEK,), (START + WEEK, START + 2 * WEEK, START + 3 * WEEK)])
def test_another_recurrence_is_told_and_raises_the_sequence(rdates: tuple[int, ...]) -> None:
    now = replace(MASTER, rdates=rdates)
    assert significant((MASTER,), (now,))
    assert brief(plan(told_of(event(MASTER)), event(now))) == [("REQUEST", 3)]


def test_an_occurrence_taken_out_of_a_series_is_told_and_raises_the_sequence() -> None:
    now = replace(MASTER, exdates=(START + WEEK,))
    assert significant((MASTER,), (now,))
    assert brief(plan(told_of(event(MASTER)), event(now))) == [("REQUEST", 3)]


# --- SEQUENCE --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rises", "now"),
    [
        (False, {}),
        (True, {"start": START + 60}),
        (True, {"end": START + 2 * HOUR}),
        (True, {"zone": "Europe/Oslo"}),
        (True, {"all_day": True}),
        (True, {"rdates": (START + WEEK,)}),
        (True, {"exdates": (START + WEEK,)}),
        (True, {"organizer": None, "participants": ()}),
        (True, {"participants": (replace(ANNA, row=9), BO, ED, ROOM, ANNA)}),  # another owner
        (True, {"participants": (ANNA, BO, ROOM)}),  # somebody was removed
        (False, {"participants": (ANNA, BO, ED, ROOM, FAY)}),  # somebody was added
        (False, {"participants": (ANNA, replace(BO, partstat="DECLINED"), ED, ROOM)}),
        (False, {"participants": (replace(ANNA, name="Berg", address="mailto:berg@crm.test"), BO, ED, ROOM)}),
        (False, {"organizer": Person("Anna Berg", "mailto:berg@crm.test")}),
        (False, {"summary": "Else", "description": "More", "location": "Elsewhere", "video": "https://v.test/1"}),
        (False, {"classification": "PRIVATE", "categories": ("Meeting",), "status": "TENTATIVE", "created": 9}),
    ],
)
def test_sequence_rises_for_what_a_guest_must_answer_again(rises: bool, now: dict[str, Any]) -> None:
    changed = replace(MEETING, **now)
    assert significant((MEETING,), (changed,)) is rises


def test_what_was_never_shown_has_no_sequence_to_raise() -> None:
    assert not significant((), (MEETING,))


def test_an_event_that_vanishes_raises_its_sequence() -> None:
    assert significant((MEETING,), ())


# --- laws ------------------------------------------------------------------------------------------------------------

PARTSTATS = st.sampled_from(("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"))


@st.composite
def people(draw: st.DrawFn, home: str = "x") -> tuple[Participant, ...]:
    """The owner and some guests, each in any state; a guest's row is theirs in every draw."""
    guests = []
    for row in sorted(draw(st.sets(st.integers(2, 7)))):
        kind = (Kind.ASSOCIATE, Kind.EXTERNAL, Kind.BARE)[row % 3]
        associate = row if kind is Kind.ASSOCIATE else 0
        mailed = draw(st.booleans())
        guests.append(
            Participant(row, kind, f"G{row}", f"mailto:g{row}@{home}.test", draw(PARTSTATS), True, mailed, associate)
        )
    return (ANNA, *guests)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """A meeting, or a series with overrides; everybody has one address in it."""
    home = draw(st.sampled_from(("x", "y")))
    here = draw(people(home))
    master = replace(
        MEETING, participants=here, summary=draw(st.sampled_from(("Review", "Else"))),
        start=START + draw(st.integers(0, 2)) * HOUR, end=START + 3 * HOUR,
        rdates=draw(st.sampled_from(((), (START + WEEK,), (START + WEEK, START + 2 * WEEK)))),
    )  # fmt: skip
    weeks = draw(st.sets(st.integers(1, len(master.rdates)))) if master.rdates else set()
    places = st.sampled_from(("", "X"))
    odd = [occurrence(w, guests=draw(st.just(here) | people(home)), location=draw(places)) for w in sorted(weeks)]
    return event(master, *odd, sequence=draw(st.integers(0, 5)))


EVENTS = events()
MAYBE = st.none() | EVENTS


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_what_was_told_is_not_told_again(now: Event) -> None:
    assert plan(announced(None, now), now) == ()
    assert not significant(now.instances, now.instances)


@settings(max_examples=80, deadline=None)
@given(st.lists(MAYBE, min_size=1, max_size=4))
def test_once_a_plan_is_carried_out_nothing_is_left_to_plan(history: list[Event | None]) -> None:
    told: Announced | None = None
    for now in history:
        told = announced(told, now)
        assert plan(told, now) == ()


@settings(max_examples=80, deadline=None)
@given(MAYBE, MAYBE)
def test_each_notice_goes_to_one_who_was_or_is_part_of_all_it_speaks_of(
    before: Event | None, now: Event | None
) -> None:
    told = announced(None, before)
    was = {p.row: p for i in (before.instances if before else ()) for p in i.participants}
    present = {p.row: p for i in (now.instances if now else ()) for p in i.participants}
    notices = plan(told, now)
    assert len({(n.method, n.to.address) for n in notices}) == len(notices)
    for n in notices:
        assert n.instances
        for it in n.instances:
            assert n.to.address in {p.address for p in it.participants}
        if n.method == "CANCEL":
            assert was[n.row].mailed
            assert n.row not in present or all(i.key for i in n.instances)
            assert before is not None
            assert n.sequence > before.header.sequence
            assert n.sequence >= (now.header.sequence if now else 0)
        else:
            assert now is not None
            assert present[n.row].mailed
            assert n.sequence == now.header.sequence


Days = dict[int, tuple[int, int, str, str]]  # what a guest's calendar shows, by the time first planned


def as_shown(instances: Sequence[Instance]) -> Days:
    """Expand instances as a client does: the overrides stand in the place of what the master says."""
    found: Days = {}
    for it in sorted(instances, key=lambda i: i.key):
        for start in [it.start, *it.rdates]:
            if start not in it.exdates:
                found[it.key or start] = (start, start + it.end - it.start, it.summary, it.location)
    return found


def carried_out(days: Days, notice: Notice) -> Days:
    """Give a guest's calendar after a message: the series as a whole, or some of its occurrences."""
    whole = any(not i.key for i in notice.instances)
    if notice.method == "CANCEL":
        return {} if whole else {k: v for k, v in days.items() if k not in {i.key for i in notice.instances}}
    return as_shown(notice.instances) if whole else days | as_shown(notice.instances)


def mailed_as(name: str, now: Event | None) -> bool:
    """Tell whether somebody is mailed as a guest of the whole event and of each occurrence alike."""
    return now is not None and all(p.mailed for i in now.instances for p in i.participants if p.name == name)


@settings(max_examples=150, deadline=None)
@given(st.lists(MAYBE, min_size=1, max_size=5))
def test_who_follows_the_notices_has_in_their_calendar_what_they_take_part_in(history: list[Event | None]) -> None:
    told: Announced | None = None
    calendars: dict[str, Days] = {f"G{row}": {} for row in range(2, 8)}
    followers = {name for name in calendars if all(now is None or mailed_as(name, now) for now in history)}
    for now in history:
        for notice in plan(told, now):
            calendars[notice.to.name] = carried_out(calendars[notice.to.name], notice)
        told = announced(told, now)
        for name in followers:
            every = as_shown(now.instances) if now else {}
            theirs = {i.key for i in (now.instances if now else ()) if name in {p.name for p in i.participants}}
            odd = {i.key for i in (now.instances if now else ()) if i.key}
            mine = {k: v for k, v in every.items() if (k in theirs if k in odd else 0 in theirs)}
            assert calendars[name] == mine


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.dictionaries(st.integers(1, 210), PARTSTATS))
def test_whatever_anybody_answers_nothing_is_announced_and_no_sequence_rises(
    now: Event, answers: dict[int, str]
) -> None:
    after = replace(now, instances=tuple(answered(i, answers) for i in now.instances))
    assert plan(announced(None, now), after) == ()
    assert not significant(now.instances, after.instances)
