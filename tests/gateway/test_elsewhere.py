"""Meetings that Outlook or Google owns are shown as they are: somebody else asks, and nobody here does or mails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import icalendar
import pytest
from sqlalchemy import insert, update

from gateway.crm import tables as crm
from gateway.ports import SystemClock
from gateway.services.announce import announce
from gateway.services.ingest import ingest
from gateway.services.reconcile import reconcile
from gateway.store import feeding, objects
from gateway.store import tables as t
from mappings.ics.writing import envelope
from mappings.model import Outcome
from tests.outside import Clock, calendars, contents, held, reply, shown, timeless
from tests.seed import BO, CARLA, DAG, Seeded, seed

VERA, ZOE = "vera@north.example", "zoe@south.example"
NAMED: list[dict[str, Any]] = [
    {"EmailAddress": VERA, "Description": "Vera Nord", "ExternallyOwnedType": "Organizer"},
    {"EmailAddress": ZOE, "Description": "Zoë", "ExternallyOwnedType": 3, "ExternallyOwnedStatus": 1},
    {"EmailAddress": "BO@hillside.example", "ExternallyOwnedType": "Optional", "ExternallyOwnedStatus": "Declined"},
    {"EmailAddress": "hall@north.example", "Description": "Hall", "ExternallyOwnedType": "Resource"},
    {"EmailAddress": "", "Description": "Nobody"},
]
OUTLOOK: dict[str, Any] = {"owned_externally": 2, "SendEmail": 1, "external_participants": json.dumps(NAMED)}
UID = "040000008200E00074C5B7101A82E008-vera"


@dataclass
class Scene:
    """A house, and the meetings of Vera's that somebody here has been asked to."""

    seeded: Seeded
    clock: Clock

    def meeting(self, *, named: bool = True, **columns: Any) -> int:
        """Let the CRM learn of a meeting of Vera's with Ada and Bo; `named` writes the CRM's identity row too."""
        mother = self.seeded.meeting("North by south", external=(), rooms=(), **{**OUTLOOK, **columns})
        if named:
            self.identity(mother)
        return mother

    def identity(self, mother: int, **columns: Any) -> None:
        row = {"organizer_email": "Vera@North.example", "organizer_fullname": "Vera Nord", "event_uid": UID}
        with self.seeded.crm() as connection:
            row |= {"invitation_id": mother, "appointment_id": mother, "event_sequence": 3} | columns
            connection.execute(insert(crm.invitation).values(**row))
        self.seeded.publish()

    def write(self, appointment: int, **columns: Any) -> None:
        with self.seeded.crm() as connection:
            which = crm.appointment.c.appointment_id == appointment
            connection.execute(update(crm.appointment).where(which).values(**columns))
        self.seeded.publish()

    def event(self, login: str) -> icalendar.Event:
        """Give the one event of a calendar as `icalendar` reads it."""
        (body,) = objects.everything(self.seeded.house.store, calendars(self.seeded.house)[login])
        (event,) = icalendar.Calendar.from_ical(body.data).walk("VEVENT")
        assert isinstance(event, icalendar.Event)
        return event

    def fed(self, login: str) -> list[str]:
        """Give the STATUS of each event in a feed."""
        house = self.seeded.house
        components, zones = feeding.feed(house.store, calendars(house)[login], busy=False)
        return [str(e["STATUS"]) for e in icalendar.Calendar.from_ical(envelope(components, zones)).walk("VEVENT")]

    def owed(self) -> list[tuple[str, str]]:
        self.clock.moment += 3_600
        while announce(self.seeded.house):
            pass
        return [(o["method"], o["recipient"]) for o in contents(self.seeded.house, t.outbox)]


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock, outbound="all")
    with closing(seeded.house.store):
        yield Scene(seeded, clock)


def people(event: icalendar.Event) -> dict[str, tuple[str, str, str]]:
    """Give (ROLE, PARTSTAT, RSVP) by address."""
    found = event.get("ATTENDEE", [])
    several = found if isinstance(found, list) else [found]
    assert len({str(a) for a in several}) == len(several)
    return {
        str(a).removeprefix("mailto:"): (a.params["ROLE"], a.params["PARTSTAT"], a.params.get("RSVP", "FALSE"))
        for a in several
    }


def test_everybody_sees_who_asks_and_who_is_asked_with_the_answers_given_here_and_elsewhere(scene: Scene) -> None:
    scene.meeting()
    for login in ("ADA", "BO"):
        event = scene.event(login)
        assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == (f"mailto:{VERA}", "Vera Nord")
        assert people(event) == {
            "ada@hillside.example": ("REQ-PARTICIPANT", "ACCEPTED", "FALSE"),
            "bo@hillside.example": ("OPT-PARTICIPANT", "NEEDS-ACTION", "TRUE"),
            VERA: ("CHAIR", "NEEDS-ACTION", "FALSE"),
            ZOE: ("OPT-PARTICIPANT", "TENTATIVE", "FALSE"),
            "hall@north.example": ("NON-PARTICIPANT", "NEEDS-ACTION", "FALSE"),
        }
        assert (str(event["UID"]), event["SEQUENCE"]) == (UID, 3)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(
    ("status", "partstat", "feed", "transparent"),
    [(1, "ACCEPTED", ["CONFIRMED"], False), (5, "NEEDS-ACTION", ["TENTATIVE"], False), (9, "DECLINED", [], True)],
)
def test_a_row_that_leads_here_is_shown_as_a_guests(
    scene: Scene, plain: bool, status: int, partstat: str, feed: list[str], transparent: bool
) -> None:
    if plain:
        mother = scene.seeded.appointment("North by south", **OUTLOOK)
        scene.identity(mother)
    else:
        mother = scene.meeting()
    scene.write(mother, status=status, type=1 if status == 1 else 6)
    event = scene.event("ADA")
    assert people(event)["ada@hillside.example"][:2] == ("REQ-PARTICIPANT", partstat)
    assert scene.fed("ADA") == feed
    assert str(event["TRANSP"]) == ("TRANSPARENT" if transparent else "OPAQUE")


def test_who_leads_it_here_and_is_its_organizer_elsewhere_is_in_the_chair(scene: Scene) -> None:
    mother = scene.meeting(named=False)
    scene.identity(mother, organizer_email="ada@hillside.example", organizer_fullname="Ada Lindqvist")
    assert people(scene.event("BO"))["ada@hillside.example"][0] == "CHAIR"


def test_an_answer_here_is_seen_by_all_and_changes_nothing_else(scene: Scene) -> None:
    mother = scene.meeting()
    before = scene.event("ADA")
    scene.seeded.answer(mother, BO, status=1)
    after = scene.event("ADA")
    assert people(after)["bo@hillside.example"] == ("OPT-PARTICIPANT", "ACCEPTED", "FALSE")
    assert after["SEQUENCE"] == before["SEQUENCE"]
    assert scene.fed("BO") == ["CONFIRMED"]
    published = timeless(shown(scene.seeded.house))
    reconcile(scene.seeded.house)
    assert timeless(shown(scene.seeded.house)) == published


def test_an_answer_given_elsewhere_is_seen_when_the_crm_learns_of_it(scene: Scene) -> None:
    mother = scene.meeting()
    later = [dict(NAMED[0]), {**NAMED[1], "ExternallyOwnedStatus": "Accepted"}]
    scene.write(mother, external_participants=json.dumps({"Participants": later}))
    found = people(scene.event("BO"))
    assert found[ZOE] == ("OPT-PARTICIPANT", "ACCEPTED", "FALSE")
    assert "hall@north.example" not in found


@pytest.mark.parametrize("text", [None, "", "[{", '{"a": 1}', "7"])
def test_what_cannot_be_read_of_the_others_leaves_the_event_with_those_who_are_here(
    scene: Scene, text: str | None
) -> None:
    scene.meeting(external_participants=text)
    assert set(people(scene.event("ADA"))) == {"ada@hillside.example", "bo@hillside.example"}
    assert contents(scene.seeded.house, t.quarantine) == []


def test_without_the_crms_word_the_others_name_the_organizer_and_without_anybodys_nobody_is_asked(scene: Scene) -> None:
    mother = scene.meeting(named=False)
    assert str(scene.event("BO")["ORGANIZER"]) == f"mailto:{VERA}"
    scene.write(mother, external_participants=json.dumps(NAMED[1:]))
    event = scene.event("BO")
    assert "ORGANIZER" not in event
    assert people(event) == {}
    scene.identity(mother)  # an identity row that comes late is enough
    assert str(scene.event("BO")["ORGANIZER"]) == f"mailto:{VERA}"


def test_an_identity_beside_one_occurrence_names_the_organizer_of_the_whole_series(scene: Scene) -> None:
    first = scene.meeting(named=False, recurrenceRuleId=77, external_participants=None)
    scene.meeting(named=False, recurrenceRuleId=77, external_participants=None, days=8)
    scene.identity(first)
    event = scene.event("BO")
    assert str(event["ORGANIZER"]) == f"mailto:{VERA}"
    assert str(event["UID"]) == UID
    assert "RDATE" in event


def test_nothing_is_announced_or_owed_whatever_becomes_of_it(scene: Scene) -> None:
    mother = scene.meeting()
    assert scene.owed() == []
    scene.seeded.move(mother, days=2, hour=14)
    assert scene.owed() == []
    assert contents(scene.seeded.house, t.announced) == []
    scene.seeded.delete(mother)
    assert scene.owed() == []


def test_what_was_ours_and_announced_is_silent_from_when_another_calendar_owns_it(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", invited=(BO, DAG), rooms=(), SendEmail=1)
    told = scene.owed()
    assert sorted(told) == [("REQUEST", f"mailto:{who}") for who in sorted(("bo@hillside.example",
                            "carla@moreau.example", "dag@hillside.example"))]  # fmt: skip
    scene.write(mother, owned_externally=3, external_participants=json.dumps(NAMED))
    assert scene.owed() == told
    scene.seeded.delete(mother)
    assert scene.owed() == told


@pytest.mark.parametrize("who", ["ada@hillside.example", "bo@hillside.example", ZOE])
@pytest.mark.parametrize("organizer", ["", VERA, "calendar@hillside.example"])
def test_a_mailed_answer_to_it_is_refused_and_changes_no_row(scene: Scene, who: str, organizer: str) -> None:
    scene.meeting()
    rows, published = contents(scene.seeded.house, crm.appointment), shown(scene.seeded.house)
    ended = ingest(
        scene.seeded.house, reply(UID, who, "DECLINED", organizer=organizer, sequence=3), door="mail", vouched=True
    )
    assert (ended.outcome, ended.reason[:34]) == (Outcome.REFUSED_ORGANIZER, "another calendar owns the meeting;")
    assert contents(scene.seeded.house, crm.appointment) == rows
    assert shown(scene.seeded.house) == published
    assert contents(scene.seeded.house, t.answer) == []


def test_a_mailed_answer_is_refused_also_before_the_daughters_own_row_says_whose_it_is(scene: Scene) -> None:
    mother = scene.meeting()
    with scene.seeded.crm() as connection:
        daughters = (crm.appointment.c.mother_id == mother) & (crm.appointment.c.appointment_id != mother)
        connection.execute(update(crm.appointment).where(daughters).values(owned_externally=0))
    scene.seeded.publish()
    assert people(scene.event("BO"))[VERA][0] == "CHAIR"
    ended = ingest(scene.seeded.house, reply(UID, "bo@hillside.example", "ACCEPTED"), door="mail", vouched=True)
    assert ended.outcome is Outcome.REFUSED_ORGANIZER
    scene.seeded.answer(mother, BO, status=9)
    assert people(scene.event("ADA"))["bo@hillside.example"][:2] == ("OPT-PARTICIPANT", "DECLINED")
    assert scene.owed() == []


def test_a_person_outside_who_has_a_row_here_is_shown_once_with_what_they_answered_elsewhere(scene: Scene) -> None:
    named = [*NAMED, {"EmailAddress": "carla@moreau.example", "ExternallyOwnedStatus": "Declined"}]
    mother = scene.seeded.meeting(
        "North by south", external=(CARLA,), rooms=(), **{**OUTLOOK, "external_participants": json.dumps(named)}
    )
    scene.identity(mother)
    assert people(scene.event("ADA"))["carla@moreau.example"] == ("REQ-PARTICIPANT", "DECLINED", "FALSE")


def test_who_leads_it_here_can_be_left_out_of_it_alone(scene: Scene) -> None:
    mother = scene.meeting()
    scene.write(mother, status=10)
    assert str(scene.event("ADA")["STATUS"]) == "CANCELLED"
    assert "ada@hillside.example" not in people(scene.event("BO"))
    assert str(scene.event("BO")["STATUS"]) == "CONFIRMED"
    with scene.seeded.crm() as connection:
        connection.execute(update(crm.appointment).where(crm.appointment.c.mother_id == mother).values(status=10))
    scene.seeded.publish()
    assert {str(scene.event(login)["STATUS"]) for login in ("ADA", "BO")} == {"CANCELLED"}
    scene.seeded.delete(mother)
    house = scene.seeded.house
    assert [held(house, calendar) for calendar in calendars(house).values()] == [{}] * len(calendars(house))


def test_taken_back_into_our_own_calendar_it_has_an_owner_here_again(scene: Scene) -> None:
    mother = scene.meeting(named=False, SendEmail=0)
    scene.write(mother, owned_externally=0)
    event = scene.event("BO")
    assert str(event["ORGANIZER"]) == "mailto:ada@hillside.example"
    assert people(event) == {
        "ada@hillside.example": ("CHAIR", "ACCEPTED", "FALSE"),
        "bo@hillside.example": ("REQ-PARTICIPANT", "NEEDS-ACTION", "TRUE"),
    }
