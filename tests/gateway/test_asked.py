"""Invitations by mail from elsewhere: into the diary of who is invited, and their answers back to the organizer."""

from __future__ import annotations

from typing import Any

import icalendar
import pytest

from gateway.crm.tables import appointment
from gateway.services.announce import take_as_told
from gateway.services.ingest import Ended, ingest
from gateway.services.verbs.accept import accept
from gateway.services.verbs.decline import decline
from mappings.model import Outcome
from tests.mailing import CARLA_MAIL, Scene, opened
from tests.outside import contents
from tests.sink import Sink

BO_MAIL, ADA_MAIL = "bo@hillside.example", "ada@hillside.example"


@pytest.fixture
def scene(database_url: str, server: Sink) -> Any:
    it = opened(database_url, server, mail_invitations=True)
    yield it
    it.seeded.house.store.close()


def message(  # what a message says
    method: str = "REQUEST",
    sequence: int = 0,
    start: str = "20261201T100000Z",
    more: str = "",
    guests: tuple[str, ...] = (BO_MAIL,),
    title: str = "Orchard walk",
    stamp: int = 0,
) -> bytes:
    people = "".join(f"ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{g}\r\n" for g in guests)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:walk-1\r\n"
        f"DTSTAMP:20260901T0000{stamp:02}Z\r\nSEQUENCE:{sequence}\r\nDTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:{title}\r\n"
        f"ORGANIZER;CN=Carla:mailto:{CARLA_MAIL}\r\n{people}{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def take(scene: Scene, raw: bytes) -> Ended:
    return ingest(scene.seeded.house, raw, door="test", vouched=True)


def rows(scene: Scene, **which: Any) -> list[dict[str, Any]]:
    return [r for r in contents(scene.seeded.house, appointment, **which) if r["owned_externally"]]


def test_an_invitation_comes_into_the_diary_and_its_answer_goes_back(scene: Scene) -> None:
    ended = take(scene, message())
    assert ended.outcome is Outcome.APPLIED, ended
    (row,) = rows(scene)
    assert (row["type"], row["status"], row["mother_id"]) == (6, 5, row["appointment_id"])
    assert scene.told() == []
    accept(scene.seeded.house, "BO", row["appointment_id"])
    (mail,) = scene.told()
    it: Any
    (it,) = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert (it["UID"], it["SEQUENCE"], it["ATTENDEE"].params["PARTSTAT"]) == ("walk-1", 0, "ACCEPTED")
    assert it["ORGANIZER"].lower() == f"mailto:{CARLA_MAIL}"
    assert "METHOD:REPLY" in mail.calendar
    assert scene.told() == []
    decline(scene.seeded.house, "BO", row["appointment_id"])
    assert len(scene.told()) == 1


def test_a_move_asks_again_and_a_cancellation_is_shown(scene: Scene) -> None:
    take(scene, message())
    (row,) = rows(scene)
    accept(scene.seeded.house, "BO", row["appointment_id"])
    scene.told()
    assert take(scene, message(sequence=1, start="20261202T100000Z", stamp=1)).outcome is Outcome.APPLIED
    (moved,) = rows(scene)
    assert (moved["type"], moved["status"], moved["do_by"] - row["do_by"]) == (6, 6, 86_400)
    assert take(scene, message()).outcome is Outcome.DUPLICATE
    assert take(scene, message("CANCEL", sequence=2, start="20261202T100000Z", stamp=2)).outcome is Outcome.APPLIED
    (off,) = rows(scene)
    assert off["status"] == 10
    assert scene.told() == []


def test_a_series_is_followed(scene: Scene) -> None:
    take(scene, message(more="RRULE:FREQ=WEEKLY;COUNT=4\r\n"))
    assert len(rows(scene)) == 4
    take(scene, message(sequence=1, stamp=1, more="RRULE:FREQ=WEEKLY;COUNT=3\r\n", title="Orchard run"))
    assert sorted(r["status"] for r in rows(scene)) == [5, 5, 5, 10]


def test_nothing_is_taken_in_unless_wanted(database_url: str, server: Sink) -> None:
    it = opened(database_url, server)
    assert take(it, message()).outcome is Outcome.REFUSED_UNKNOWN
    assert rows(it) == []
    it.seeded.house.store.close()


def test_what_is_not_proved_waits_and_enters_no_diary(scene: Scene) -> None:
    ended = ingest(scene.seeded.house, message(), door="test", vouched=False)
    assert ended.outcome is Outcome.HELD
    assert rows(scene) == []


def test_who_is_invited_by_a_mail_of_their_own_joins_the_others(scene: Scene) -> None:
    take(scene, message(guests=(BO_MAIL,)))
    take(scene, message(guests=(ADA_MAIL,)))
    found = rows(scene)
    assert [(r["mother_id"], r["status"]) for r in found] == [(found[0]["appointment_id"], 5)] * 2
    take(scene, message("CANCEL", sequence=1, stamp=1, guests=(ADA_MAIL,)))
    assert [r["status"] for r in rows(scene)] == [5, 10]


def test_answers_of_the_time_before_adoption_are_replied_to_nobody(scene: Scene) -> None:
    take(scene, message())
    (row,) = rows(scene)
    accept(scene.seeded.house, "BO", row["appointment_id"])
    with scene.seeded.house.store.publishing() as connection:
        take_as_told(scene.seeded.house, connection)
    assert scene.told() == []
