"""The lists around invitations: what waits, what was cancelled, what I declined, who declined mine."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, update

from gateway.crm import tables
from gateway.errors import BadRequest, UnknownPerson
from gateway.services.ingest import ingest
from gateway.services.verbs.note import note
from gateway.services.views.invitations import View, invitations
from gateway.store import tables as own
from mappings import times
from mappings.entry import Entry
from mappings.model import Outcome
from tests.outside import contents, reply
from tests.planned import (
    EVA,
    FAY,
    HOUR,
    MIDNIGHT,
    NEW_YORK,
    OSLO,
    assigned,
    at,
    change,
    planned,
    row_of,
    series,
    visible_to,
)
from tests.seed import ADA, BO, CARLA, DAG, MAILBOXES, ROOM, Seeded

_a = tables.appointment.c


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = planned(database_url)
    yield seeded
    seeded.close()


def titles(seeded: Seeded, login: str, view: View, **more: int) -> list[str]:
    return [it.title for it in invitations(seeded.house, login, view, **more)]


def only(entries: list[Entry]) -> Entry:
    (it,) = entries
    return it


def test_what_waits_is_told_with_the_meetings_times_and_texts(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning\nBring boots", invited=(BO,), location="Barn", hour=10)
    mine = row_of(seeded, mother, BO)
    assert invitations(seeded.house, "BO", View.PENDING) == [
        Entry(
            row=mine, mother=mother, rule=0, todo=False, title="Orchard planning", description="Bring boots",
            location="Barn", start=MIDNIGHT + 34 * HOUR, end=MIDNIGHT + 34 * HOUR + 5_400, zone=OSLO, all_day=False,
            begins=at(1, 10), ends=at(1, 11.5), type=6, status=5, status_name="Booking", free=False, private=0,
            owner="Ada Lindqvist", owner_login="ADA", assigned_by="", reason="", category="Meeting", name="Bo Tangen",
        )
    ]  # fmt: skip
    assert invitations(seeded.house, "ADA", View.PENDING) == []


def test_the_crms_default_list_is_of_six_statuses(seeded: Seeded) -> None:
    row = row_of(seeded, seeded.meeting("Pressing", days=2), BO)
    for status in range(14):
        change(seeded, row, status=status)
        assert bool(titles(seeded, "BO", View.PENDING)) is (status in {5, 6, 7, 8, 11, 12})


def test_a_login_knows_no_case_and_who_retired_is_unknown(seeded: Seeded) -> None:
    seeded.meeting("Pressing", invited=(BO, EVA))
    assert titles(seeded, "bo", View.PENDING) == titles(seeded, "eva.MOEN", View.PENDING) == ["Pressing"]
    for login in ("FAY", "nobody", "", "B\u00d8"):
        with pytest.raises(UnknownPerson):
            invitations(seeded.house, login, View.PENDING)


def test_a_login_beyond_ascii_knows_no_case_either_and_the_exact_one_goes_first(seeded: Seeded) -> None:
    with seeded.crm() as connection:
        for number, name in ((BO, "Bj\u00f8RN"), (DAG, "bj\u00f8rn")):
            where = tables.associate.c.associate_id == number
            connection.execute(update(tables.associate).where(where).values(name=name))
    seeded.meeting("Pressing", invited=(BO,))
    seeded.meeting("Racking", invited=(DAG,))
    assert titles(seeded, "BJ\u00d8RN", View.PENDING) == titles(seeded, "Bj\u00f8RN", View.PENDING) == ["Pressing"]
    assert titles(seeded, "bj\u00f8rn", View.PENDING) == ["Racking"]


def test_a_to_do_and_an_assignment_wait_too(seeded: Seeded) -> None:
    todo = seeded.meeting("Wash barrels", days=1)
    change(seeded, row_of(seeded, todo, BO), type=7)
    row = assigned(seeded, "Call the cooper", BO, days=2)
    change(seeded, row, type=2, status=12)
    wash, call = invitations(seeded.house, "BO", View.PENDING)
    assert (wash.title, wash.todo, wash.assigned_by, wash.owner_login) == ("Wash barrels", True, "", "ADA")
    assert (call.title, call.todo, call.assigned_by, call.owner_login) == ("Call the cooper", True, "ADA", "BO")
    assert (call.status_name, call.mother) == ("AssignmentSeen", 0)


def test_only_what_belongs_to_a_series_repeats(seeded: Seeded) -> None:
    seeded.meeting("Once")
    series(seeded, "Daily", 3)
    repeating = invitations(seeded.house, "BO", View.REPEATING)
    assert [(it.title, it.begins) for it in repeating] == [("Daily", at(1 + n, 10)) for n in range(3)]
    assert len({it.rule for it in repeating} - {0}) == 1
    assert sorted(titles(seeded, "BO", View.PENDING)) == ["Daily", "Daily", "Daily", "Once"]


def test_the_earliest_come_first_and_never_more_than_asked_for(seeded: Seeded) -> None:
    for days in (3, 1, 2):
        seeded.meeting(f"Day {days}", days=days)
    assert titles(seeded, "BO", View.PENDING) == ["Day 1", "Day 2", "Day 3"]
    assert titles(seeded, "BO", View.PENDING, limit=2) == ["Day 1", "Day 2"]
    for limit in (0, -1, 10_001):
        with pytest.raises(BadRequest):
            invitations(seeded.house, "BO", View.PENDING, limit=limit)


def test_the_mothers_times_are_told_where_a_daughters_differ(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", days=1, hour=10)
    later = MIDNIGHT + 50 * HOUR
    change(seeded, mother, do_by=later, activeDate=later, endDate=later + HOUR)
    it = only(invitations(seeded.house, "BO", View.PENDING))
    assert (it.begins, it.ends) == (at(2, 2), at(2, 3))


def test_all_day_and_another_zone(seeded: Seeded) -> None:
    seeded.meeting("Harvest", days=1, hour=0, minutes=2 * 1_440 - 1, alldayEvent=1, preferredTZLocation=NEW_YORK)
    seeded.meeting("Export call", days=4, hour=16, minutes=60, preferredTZLocation=NEW_YORK)
    harvest, call = invitations(seeded.house, "BO", View.PENDING)
    day = 24 * HOUR
    assert (harvest.all_day, harvest.zone, harvest.start, harvest.end) == (
        True, OSLO, MIDNIGHT + day, MIDNIGHT + 3 * day,
    )  # fmt: skip
    assert (harvest.begins, harvest.ends) == (at(1), at(3))
    assert (call.zone, call.start, call.begins) == ("America/New_York", MIDNIGHT + 4 * day + 10 * HOUR, at(4, 16))


def test_a_missing_text_is_no_title_and_a_retired_owner_is_still_named(seeded: Seeded) -> None:
    mother = seeded.meeting("Lost", owner=FAY)
    with seeded.crm() as connection:
        connection.execute(delete(tables.text).where(tables.text.c.owner_id == mother))
    it = only(invitations(seeded.house, "BO", View.PENDING))
    assert (it.title, it.owner, it.owner_login) == ("", "Fay Old", "FAY")


def test_what_is_mine_is_never_cloaked(seeded: Seeded) -> None:
    mother = seeded.meeting("Secret", invited=(BO,))
    visible_to(seeded, mother, associate=ADA)
    it = only(invitations(seeded.house, "BO", View.PENDING))
    assert (it.title, it.private, it.cloaked) == ("Secret", 1, False)


def test_a_row_that_no_calendar_can_show_does_not_hide_the_others(seeded: Seeded) -> None:
    mother = seeded.meeting("Some day")
    change(seeded, mother, row_of(seeded, mother, BO), do_by=times.LATEST, endDate=times.LATEST + 1)
    seeded.meeting("Pressing")
    assert titles(seeded, "BO", View.PENDING) == ["Pressing"]


OVERDUE = (  # days, hour, minutes, listed when cancelled, listed when declined
    (1, 10, 60, True, True),
    (0, 8, 60, True, True),  # ended this morning
    (0, 0, 0, True, True),
    (-1, 23, 60, False, True),  # ended at midnight
    (-1, 23, 61, True, True),
    (-1, 0, 30, False, True),
    (-2, 23, 60, False, False),
    (-2, 10, 60, False, False),
)


def test_what_was_cancelled_or_declined_leaves_when_it_is_overdue(seeded: Seeded) -> None:
    for n, (days, hour, minutes, _, _) in enumerate(OVERDUE):
        seeded.answer(seeded.meeting(f"Gone {n}", days=days, hour=hour, minutes=minutes), BO, status=10)
        refused = seeded.meeting(f"Refused {n}", days=days, hour=hour, minutes=minutes)
        seeded.answer(refused, BO, status=9, reason="Ill")
    gone = {f"Gone {n}" for n, row in enumerate(OVERDUE) if row[3]}
    declined = {(f"Refused {n}", "Ill") for n, row in enumerate(OVERDUE) if row[4]}
    assert set(titles(seeded, "BO", View.CANCELLED)) == gone
    assert {(it.title, it.reason) for it in invitations(seeded.house, "BO", View.REJECTED)} == declined
    assert titles(seeded, "BO", View.PENDING) == []


def test_a_cancelled_meeting_without_its_mother_still_says_what_it_was(seeded: Seeded) -> None:
    mother = seeded.meeting("Gone", mother_associate_id=ADA, location="Barn")
    with seeded.crm() as connection:
        where = (_a.mother_id == mother) & (_a.associate_id != BO)
        connection.execute(delete(tables.appointment).where(where))
        connection.execute(update(tables.appointment).where(_a.mother_id == mother).values(status=10))
    seeded.publish()
    it = only(invitations(seeded.house, "BO", View.CANCELLED))
    assert (it.title, it.location, it.owner, it.mother) == ("Gone", "Barn", "Ada Lindqvist", mother)


def test_my_responses_are_who_declined_what_is_mine_from_today_on(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", invited=(BO, DAG), days=0, hour=8)
    theirs = seeded.meeting("Tasting", owner=BO, invited=(ADA, DAG))
    old = seeded.meeting("Yesterday", days=-1)
    for meeting, who in ((mother, BO), (theirs, DAG), (old, BO)):
        seeded.answer(meeting, who, status=9, reason="Ill")
    change(seeded, row_of(seeded, mother, 0, CARLA), status=9, rejectReason="Away")
    shown = invitations(seeded.house, "ADA", View.RESPONSE)
    assert [(it.title, it.row, it.reason) for it in shown] == [
        ("Orchard planning", row_of(seeded, mother, BO), "Ill"),
        ("Orchard planning", row_of(seeded, mother, 0, CARLA), "Away"),
    ]
    assert {it.owner_login for it in shown} == {"ADA"}
    assert titles(seeded, "BO", View.RESPONSE) == ["Tasting"]
    assert titles(seeded, "ADA", View.REJECTED) == []


def test_a_declined_assignment_is_told_to_who_made_it(seeded: Seeded) -> None:
    back = assigned(seeded, "Back with Ada", ADA, by=ADA, status=13)
    left = assigned(seeded, "Left with Bo", BO, by=ADA, status=13, hour=16)
    assigned(seeded, "Accepted", BO, by=BO, status=1)
    assigned(seeded, "Of Dag", DAG, by=DAG, status=13)
    shown = invitations(seeded.house, "ADA", View.RESPONSE)
    assert [(it.row, it.title, it.status) for it in shown] == [(back, "Back with Ada", 13), (left, "Left with Bo", 13)]
    assert titles(seeded, "BO", View.RESPONSE) == []


def declined_by_mail(seeded: Seeded, mother: int, who: int) -> None:
    (event,) = contents(seeded.house, own.event, mother_id=mother)
    raw = reply(event["uid"], MAILBOXES[who], "DECLINED", comment="Ill")
    assert ingest(seeded.house, raw, door="mail", vouched=True).outcome is Outcome.APPLIED


def test_a_response_goes_when_it_is_acknowledged_and_comes_with_the_next(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO, DAG))
    for who in (BO, DAG):
        declined_by_mail(seeded, mother, who)
    assert len(invitations(seeded.house, "ADA", View.RESPONSE)) == 2
    mine = row_of(seeded, mother, BO)
    note(seeded.house, "ADA", mine)
    assert [it.row for it in invitations(seeded.house, "ADA", View.RESPONSE)] == [row_of(seeded, mother, DAG)]
    # Bo is asked again and declines again: that is news, though the row looks the same.
    change(seeded, mine, type=6, status=5)
    change(seeded, mine, type=6, status=9)
    assert len(invitations(seeded.house, "ADA", View.RESPONSE)) == 2


def test_a_decline_in_the_crm_and_a_declined_assignment_are_noted_too(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing")
    seeded.answer(mother, BO, status=9)
    back = assigned(seeded, "Back with Ada", ADA, by=ADA, status=13)
    assert len(invitations(seeded.house, "ADA", View.RESPONSE)) == 2
    for row in (row_of(seeded, mother, BO), back):
        note(seeded.house, "ADA", row)
    assert invitations(seeded.house, "ADA", View.RESPONSE) == []


def test_what_waits_to_be_published_ends_an_acknowledgement_first(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing")
    declined_by_mail(seeded, mother, BO)
    mine = row_of(seeded, mother, BO)
    note(seeded.house, "ADA", mine)
    with seeded.crm() as connection:
        connection.execute(update(tables.appointment).where(_a.appointment_id == mine).values(type=1, status=1))
    assert titles(seeded, "ADA", View.RESPONSE) == []
    with seeded.crm() as connection:
        ended = connection.scalars(select(own.answer.c.ended_at).where(own.answer.c.appointment_id == mine)).all()
        connection.execute(update(tables.appointment).where(_a.appointment_id == mine).values(type=6, status=9))
    assert None not in ended
    assert titles(seeded, "ADA", View.RESPONSE) == ["Pressing"]


def test_a_resource_has_nothing_to_answer(seeded: Seeded) -> None:
    seeded.meeting("Pressing", rooms=(ROOM,))
    assert [titles(seeded, "tasting room", view) for view in View] == [[]] * 5
