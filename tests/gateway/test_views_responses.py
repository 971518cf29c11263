"""Who was invited to a meeting, and what each of them answered."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from gateway.crm import tables
from gateway.errors import Forbidden, NotFound, UnknownPerson
from gateway.services.ingest import ingest
from gateway.services.views.responses import Response, responses
from gateway.store import tables as own
from mappings.model import Kind, Outcome
from tests.outside import contents, reply
from tests.planned import EVA, GROUP, at, change, planned, row_of, series, visible_to
from tests.seed import ADA, BO, CARLA, DAG, MAILBOXES, ROOM, Seeded

_a = tables.appointment.c


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = planned(database_url)
    yield seeded
    seeded.close()


def of(seeded: Seeded, mother: int, row: int) -> Response:
    return next(r for r in responses(seeded.house, mother).participants if r.row == row)


def mailed(seeded: Seeded, mother: int, who: int, partstat: str, comment: str = "", sequence: int = 0) -> None:
    (event,) = contents(seeded.house, own.event, mother_id=mother)
    raw = reply(event["uid"], MAILBOXES[who], partstat, comment=comment, sequence=sequence)
    assert ingest(seeded.house, raw, door="mail", vouched=True).outcome is Outcome.APPLIED


def test_the_owner_first_and_each_with_kind_status_and_answer(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO, DAG, EVA), SendEmail=1, rejectCounter=1)
    bo, dag, eva = (row_of(seeded, mother, who) for who in (BO, DAG, EVA))
    carla, room = row_of(seeded, mother, 0, CARLA), row_of(seeded, mother, ROOM)
    seeded.answer(mother, DAG, status=9, reason="Ill")
    seeded.answer(mother, EVA, status=7)
    shown = responses(seeded.house, mother)
    assert (shown.meeting.title, shown.meeting.row, shown.reject_counter) == ("Pressing", mother, 1)
    assert [(r.row, r.kind, r.status, r.status_name, r.partstat, r.seen, r.reason) for r in shown.participants] == [
        (mother, Kind.OWNER, 1, "NotStarted", "ACCEPTED", False, ""),
        (bo, Kind.ASSOCIATE, 5, "Booking", "NEEDS-ACTION", False, ""),
        (dag, Kind.ASSOCIATE, 9, "BookingDeclined", "DECLINED", False, "Ill"),
        (eva, Kind.ASSOCIATE, 7, "BookingSeen", "NEEDS-ACTION", True, ""),
        (carla, Kind.EXTERNAL, 1, "NotStarted", "NEEDS-ACTION", False, ""),
        (room, Kind.ROOM, 1, "NotStarted", "ACCEPTED", False, ""),
    ]
    assert [r.name for r in shown.participants][:2] == ["Ada Lindqvist", "Bo Tangen"]
    assert shown.participants[1].address == "mailto:bo@hillside.example"
    assert shown.participants[5].address.startswith("urn:uuid:")
    assert {responses(seeded.house, row) for row in (bo, carla, room)} == {shown}


def test_a_live_answer_speaks_with_its_comment(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing")
    mailed(seeded, mother, BO, "TENTATIVE", "Perhaps late")
    bo = of(seeded, mother, row_of(seeded, mother, BO))
    assert (bo.status, bo.partstat, bo.seen, bo.comment) == (7, "TENTATIVE", True, "Perhaps late")
    assert bo.received == seeded.house.clock.now()
    assert (bo.acknowledged, bo.overwritten) == (False, "")
    with seeded.crm() as connection:
        connection.execute(update(own.answer).values(acknowledged_at=1))
    assert of(seeded, mother, bo.row).acknowledged


def test_an_answer_that_the_crm_writes_over_is_told_until_somebody_answers_again(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing")
    mailed(seeded, mother, BO, "ACCEPTED", "Gladly")
    bo = row_of(seeded, mother, BO)
    with seeded.crm() as connection:  # not published yet: the view does that
        connection.execute(update(tables.appointment).where(_a.appointment_id == bo).values(type=6, status=5))
    lost = of(seeded, mother, bo)
    assert (lost.partstat, lost.overwritten, lost.comment, lost.received) == ("NEEDS-ACTION", "ACCEPTED", "", None)
    change(seeded, bo, status=7)
    assert of(seeded, mother, bo).overwritten == "ACCEPTED"
    mailed(seeded, mother, BO, "TENTATIVE")
    assert of(seeded, mother, bo).overwritten == ""


def test_who_was_asked_again_or_answered_in_the_crm_has_lost_nothing(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO, DAG))
    for who in (BO, DAG):
        mailed(seeded, mother, who, "ACCEPTED")
    bo, dag = row_of(seeded, mother, BO), row_of(seeded, mother, DAG)
    change(seeded, bo, type=6, status=6)
    change(seeded, dag, type=6, status=9)  # Dag answered in the CRM
    assert [of(seeded, mother, row).overwritten for row in (bo, dag)] == ["", ""]


def test_an_occurrence_has_its_own_answers(seeded: Seeded) -> None:
    first, second, _ = series(seeded, "Daily")
    seeded.answer(second, BO, status=1)
    (one, other) = (responses(seeded.house, mother) for mother in (first, second))
    assert [r.partstat for r in one.participants[:2]] == ["ACCEPTED", "NEEDS-ACTION"]
    assert [r.partstat for r in other.participants[:2]] == ["ACCEPTED", "ACCEPTED"]
    assert other.meeting.begins == at(2, 10)


def test_a_plain_appointment_has_its_owner_only(seeded: Seeded) -> None:
    shown = responses(seeded.house, seeded.appointment("Alone"), "ada")
    assert [(r.name, r.partstat) for r in shown.participants] == [("Ada Lindqvist", "ACCEPTED")]


def test_who_was_removed_takes_part_no_more_and_what_is_gone_is_not_found(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO, DAG))
    seeded.answer(mother, BO, status=10)
    removed = row_of(seeded, mother, BO)
    assert removed not in {r.row for r in responses(seeded.house, mother).participants}
    with pytest.raises(Forbidden):
        responses(seeded.house, mother, "BO")
    with seeded.crm() as connection:
        connection.execute(delete(tables.appointment).where(_a.mother_id == mother, _a.appointment_id != removed))
    for row in (mother, removed, 999_999, 0, -1):
        with pytest.raises(NotFound):
            responses(seeded.house, row)


def test_only_owner_and_participants_see_answers(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", invited=(BO,), rooms=(ROOM,))
    for login in ("", "ADA", "Bo"):
        assert responses(seeded.house, mother, login).meeting.title == "Pressing"
    with pytest.raises(Forbidden):
        responses(seeded.house, mother, "DAG")
    with pytest.raises(NotFound):  # a resource reads nothing
        responses(seeded.house, mother, "TASTING ROOM")
    with pytest.raises(UnknownPerson):
        responses(seeded.house, mother, "FAY")


def test_that_there_is_a_private_meeting_is_not_told(seeded: Seeded) -> None:
    mother = seeded.meeting("Secret", invited=(BO,))
    visible_to(seeded, mother, group=GROUP)
    assert responses(seeded.house, mother, "BO").meeting.private == 2
    with pytest.raises(Forbidden):  # of Ada's group: may read it, and is not in it
        responses(seeded.house, mother, "Eva.Moen")
    with pytest.raises(NotFound) as told:
        responses(seeded.house, mother, "DAG")
    with pytest.raises(NotFound) as nothing:
        responses(seeded.house, 999_999, "DAG")
    assert str(told.value) == str(nothing.value)


def test_a_document_has_no_answers(seeded: Seeded) -> None:
    row = seeded.appointment("A letter", type=4)
    with pytest.raises(NotFound):
        responses(seeded.house, row)


def test_an_owner_of_another_kind_is_still_first(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing", owner=DAG, invited=(ADA,))
    with seeded.crm() as connection:  # its daughters came first
        connection.execute(update(tables.appointment).where(_a.mother_id == mother).values(mother_id=9_000))
        connection.execute(update(tables.appointment).where(_a.appointment_id == mother).values(appointment_id=9_000))
    assert responses(seeded.house, 9_000).participants[0].kind is Kind.OWNER
