"""What the CRM writes is published whole, at the next read, once, and under tokens that never lie."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.crm import tables as crm
from gateway.ports import SystemClock
from gateway.services import doctor, moving_in, publish, reading
from gateway.services.announce import announce
from gateway.services.house import DAY, House
from gateway.services.reconcile import reconcile
from gateway.settings import load_settings
from gateway.store import feeding, marks, objects
from gateway.store import tables as t
from gateway.store.marks import Lane
from gateway.store.tables import metadata as ours
from gateway.store.values import kept
from tests.outside import (
    Clock,
    Follower,
    calendars,
    contents,
    copied,
    crm_session,
    held,
    shown,
    statements,
    timeless,
)
from tests.seed import ADA, BO, DAG, HOUR, ROOM, Seeded, seed

THEN = 1_164_800_000  # November 2006, some time before the appointments of the raw sequences
LOGINS = ("ADA", "BO", "TASTING ROOM")


# --- the CRM's own sequences, statement by statement -----------------------------------------------------------------


@dataclass
class Beside:
    """An empty house beside a CRM whose session is not ours, at the time of the raw sequences."""

    house: House
    crm: Any
    clock: Clock

    def revision(self) -> int:
        return max((r["revision"] for r in contents(self.house, t.tick)), default=0)


@pytest.fixture
def beside(database_url: str) -> Iterator[Beside]:
    clock = Clock(THEN)
    house = House(load_settings(environ={}, database_url=database_url), clock)
    moving_in.init(house)
    with closing(house.store), crm_session(database_url) as session:
        for statement in statements("people.sql"):
            session.execute(statement)
        publish.catch_up(house)
        publish.catch_up(house, Lane.LATER)
        yield Beside(house, session, clock)


def test_an_invitation_is_published_whole_or_not_at_all_after_each_statement_that_makes_it(beside: Beside) -> None:
    seen_whole = False
    for statement in statements("create-invitation.sql"):
        beside.crm.execute(statement)
        publish.catch_up(beside.house)
        now = shown(beside.house)
        copies = {login: list(copy.values()) for login, copy in now.items() if copy}
        seen_whole |= 'INTO CRM."text"' in statement
        if not seen_whole:
            assert copies == {}
            assert contents(beside.house, t.part) == contents(beside.house, t.object_) == []
            continue
        assert set(copies) == set(LOGINS)
        for (text,) in copies.values():
            assert len(re.findall("^ATTENDEE;", text, re.MULTILINE)) == 4 or "SUMMARY:Busy" in text
    assert seen_whole
    assert contents(beside.house, t.dirty) == []
    (text,) = shown(beside.house)["BO"].values()
    assert "SUMMARY:Orchard planning" in text
    assert "DTSTART;TZID=Europe/Oslo:20061130T121500" in text
    assert "DTEND;TZID=Europe/Oslo:20061130T134500" in text


def test_what_is_not_whole_is_listed_by_the_doctor_after_it_should_have_settled_and_no_sooner(beside: Beside) -> None:
    def incomplete() -> list[str]:
        return [f.detail for f in doctor.examine(beside.house) if f.what == "incomplete"]

    first, *rest = statements("create-invitation.sql")
    beside.crm.execute(first)
    publish.catch_up(beside.house)
    assert incomplete() == []
    beside.clock.moment += beside.house.settings.settle_seconds
    publish.catch_up(beside.house, Lane.WAITING)  # looking again does not make it younger
    assert incomplete() == ["mother 739 has waited 20 s for the rest of its rows"]
    assert publish.catch_up(beside.house).looked == 0  # nothing is marked for readers
    for statement in rest:
        beside.crm.execute(statement)
    publish.catch_up(beside.house)
    assert incomplete() == []
    assert len(shown(beside.house)["BO"]) == 1


def test_statements_after_the_last_that_matters_change_nothing_that_is_published(beside: Beside) -> None:
    sequence = statements("create-invitation.sql")
    text = next(n for n, s in enumerate(sequence) if 'INTO CRM."text"' in s)
    for statement in sequence[: text + 1]:
        beside.crm.execute(statement)
    publish.catch_up(beside.house)
    before = beside.revision()
    assert before
    for statement in sequence[text + 1 :]:
        beside.crm.execute(statement)
        publish.catch_up(beside.house)
        assert beside.revision() == before


def test_bo_accepts_as_the_crm_writes_it_and_everybody_sees_it_after_the_first_statement(beside: Beside) -> None:
    for statement in statements("create-invitation.sql"):
        beside.crm.execute(statement)
    publish.catch_up(beside.house)
    assert {partstat(text, "bo@") for text in shown(beside.house)["ADA"].values()} == {"NEEDS-ACTION"}
    before = beside.revision()
    for statement in statements("accept-invitation.sql"):
        beside.crm.execute(statement)
        publish.catch_up(beside.house)
        assert beside.revision() == before + 1
        for login in ("ADA", "BO"):
            (text,) = shown(beside.house)[login].values()
            assert partstat(text, "bo@") == "ACCEPTED"
            assert "SEQUENCE:0" in text
    assert {e["reset_sequence"] for e in contents(beside.house, t.member)} == {0}


def test_a_plain_appointment_is_published_whole_or_not_at_all(beside: Beside) -> None:
    for statement in statements("create-appointment.sql"):
        beside.crm.execute(statement)
        publish.catch_up(beside.house)
        texts = list(shown(beside.house).get("DAG", {}).values())
        written = contents(beside.house, crm.text)
        assert len(texts) == len(written)
        assert all("ATTENDEE" not in text and "SUMMARY:" in text for text in texts)
    assert len(shown(beside.house)["DAG"]) == 1


# --- every kind of change shows at the next read ---------------------------------------------------------------------


def partstat(text: str, address: str) -> str:
    found = re.search(rf"^ATTENDEE[^\n]*?;PARTSTAT=([A-Z-]+)[^\n]*:mailto:{re.escape(address)}", text, re.MULTILINE)
    return found[1] if found else ""


def line(text: str, name: str) -> str:
    found = re.search(rf"^{name}[;:]([^\r\n]*)", text.partition("BEGIN:VEVENT")[2], re.MULTILINE)
    return found[1] if found else ""


@dataclass
class Scene:
    """A meeting of Ada's with Bo, Dag, Carla and the room; the CRM's session; and those who read."""

    seeded: Seeded
    crm: Any
    clock: Clock
    mother: int = 0
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.seeded.house

    def sql(self, statement: str) -> None:
        self.crm.execute(statement)

    def read(self, login: str) -> dict[str, str]:
        """Read a calendar as a client does: by a token, through the gate."""
        if login not in self.secrets:
            self.secrets[login] = self.seeded.token(login)
        return held(self.house, reading.enter(self.house, self.secrets[login], "caldav").calendar_id)

    def one(self, login: str) -> str:
        (text,) = self.read(login).values()
        return text

    def later(self) -> None:
        publish.catch_up(self.house, Lane.LATER)

    def etags(self) -> dict[str, dict[str, str]]:
        return {
            login: {i.name: i.etag for i in objects.listing(self.house.store, calendar)}
            for login, calendar in calendars(self.house).items()
        }

    def row(self, associate: int) -> int:
        (found,) = contents(self.house, crm.appointment, mother_id=self.mother, associate_id=associate)
        return int(found["appointment_id"])

    def rows(self, of: int = 0) -> str:
        return f'"mother_id" = {of or self.mother}'

    def announcing(self) -> int:
        return len(contents(self.house, t.announce))


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    with closing(seeded.house.store), crm_session(database_url) as session:
        scene = Scene(seeded, session, clock)
        scene.mother = seeded.meeting("Orchard planning", invited=(BO, DAG))
        yield scene


def test_a_new_title_shows_at_the_next_read(scene: Scene) -> None:
    scene.sql('UPDATE CRM."text" SET "text" = \'Cellar planning\nBring boots\'')
    assert line(scene.one("BO"), "SUMMARY") == "Cellar planning"
    assert line(scene.one("ADA"), "DESCRIPTION") == "Bring boots"
    assert line(scene.one("ADA"), "SEQUENCE") == "0"


def test_a_new_place_shows_at_the_next_read(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "location" = \'Press house\' WHERE {scene.rows()}')
    assert line(scene.one("BO"), "LOCATION") == "Press house"
    assert line(scene.one("BO"), "SEQUENCE") == "0"


def test_a_new_time_shows_and_raises_sequence_and_asks_anew_whoever_has_not_answered(scene: Scene) -> None:
    before = line(scene.one("BO"), "DTSTART")
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 1, "status" = 1 WHERE "associate_id" = {DAG}')
    scene.sql(f'UPDATE CRM."appointment" SET "do_by" = "do_by" + 3600, "endDate" = "endDate" + 3600'
              f" WHERE {scene.rows()}")  # fmt: skip
    assert line(scene.one("BO"), "DTSTART") != before
    assert line(scene.one("BO"), "SEQUENCE") == "1"
    assert {m["associate_id"] for m in contents(scene.house, t.member) if m["reset_sequence"]} == {0, BO}


def test_another_room_shows_at_the_next_read_and_the_former_room_loses_its_copy(scene: Scene) -> None:
    scene.sql('INSERT INTO CRM."associate" ("associate_id", "name", "type", "isLocation")'
              " VALUES (55, 'BARN', 1, 1)")  # fmt: skip
    scene.sql(f'UPDATE CRM."appointment" SET "associate_id" = 55 WHERE "appointment_id" = {scene.row(ROOM)}')
    assert 'CN="BARN"' in scene.one("BO")
    assert "TASTING ROOM" not in scene.one("BO")
    assert scene.read("TASTING ROOM") == {}
    assert line(scene.one("BARN"), "SUMMARY") == "Orchard planning"


def test_an_answer_written_by_sql_shows_at_the_next_read_in_every_calendar(scene: Scene) -> None:
    assert partstat(scene.one("ADA"), "bo@") == "NEEDS-ACTION"
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 1, "status" = 1 WHERE "appointment_id" = {scene.row(BO)}')
    for login in ("ADA", "BO", "DAG"):
        assert partstat(scene.one(login), "bo@") == "ACCEPTED"
        assert partstat(scene.one(login), "dag@") == "NEEDS-ACTION"
        assert line(scene.one(login), "SEQUENCE") == "0"


def test_a_decline_written_by_sql_shows_everywhere_and_stays_transparent_in_the_holders_calendar(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 9 WHERE "appointment_id" = {scene.row(BO)}')
    assert partstat(scene.one("ADA"), "bo@") == "DECLINED"
    assert line(scene.one("BO"), "TRANSP") == "TRANSPARENT"
    assert line(scene.one("ADA"), "TRANSP") == "OPAQUE"
    feed, _ = feeding.feed(scene.house.store, calendars(scene.house)["BO"], busy=False)
    assert feed == []


def test_seen_touches_the_holders_own_object_and_no_other(scene: Scene) -> None:
    before, bodies = scene.etags(), contents(scene.house, t.part)
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 7 WHERE "appointment_id" = {scene.row(BO)}')
    assert line(scene.one("BO"), "X-PARTSTAT-STATUS") == "7"
    after = scene.etags()
    assert {login for login in after if after[login] != before[login]} == {"BO"}
    assert contents(scene.house, t.part) == bodies


def test_moved_raises_sequence_and_the_reset_sequence_of_everybody_asked_again(scene: Scene) -> None:
    scene.seeded.answer(scene.mother, BO, status=1)
    scene.sql(f'UPDATE CRM."appointment" SET "do_by" = "do_by" + 3600, "endDate" = "endDate" + 3600'
              f" WHERE {scene.rows()}")  # fmt: skip
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 6 WHERE {scene.rows()}'
              f' AND "associate_id" IN ({BO}, {DAG})')  # fmt: skip
    assert line(scene.one("BO"), "SEQUENCE") == "1"
    assert partstat(scene.one("ADA"), "bo@") == "NEEDS-ACTION"
    resets = {m["associate_id"]: m["reset_sequence"] for m in contents(scene.house, t.member)}
    assert (resets[ADA], resets[BO], resets[DAG], resets[ROOM]) == (0, 1, 1, 0)


def test_who_is_removed_keeps_a_frozen_copy_that_says_cancelled_until_the_row_goes(scene: Scene) -> None:
    client = Follower(scene.house, calendars(scene.house)["BO"])
    client.sync()
    bo = scene.row(BO)
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE "appointment_id" = {bo}')
    text = scene.one("BO")
    assert line(text, "STATUS") == "CANCELLED"
    assert line(text, "SUMMARY") == "Orchard planning"
    assert partstat(scene.one("ADA"), "bo@") == ""
    assert line(scene.one("ADA"), "SEQUENCE") == "1"
    client.sync()
    assert client.agrees()
    scene.sql('UPDATE CRM."text" SET "text" = \'Not for Bo\'')
    assert scene.one("BO") == text
    assert line(scene.one("DAG"), "SUMMARY") == "Not for Bo"
    scene.sql(f'DELETE FROM CRM."appointment" WHERE "appointment_id" = {bo}')
    assert scene.read("BO") == {}
    client.sync()
    assert client.held == {}
    assert contents(scene.house, t.frozen) == []


def test_who_was_removed_and_is_invited_again_has_a_living_copy_again(scene: Scene) -> None:
    bo = scene.row(BO)
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE "appointment_id" = {bo}')
    assert line(scene.one("BO"), "STATUS") == "CANCELLED"
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 5 WHERE "appointment_id" = {bo}')
    assert line(scene.one("BO"), "STATUS") == "CONFIRMED"
    assert partstat(scene.one("ADA"), "bo@") == "NEEDS-ACTION"
    scene.sql('UPDATE CRM."text" SET "text" = \'Both again\'')
    assert line(scene.one("BO"), "SUMMARY") == "Both again"


def test_a_row_that_vanishes_without_a_word_takes_its_copy_along(scene: Scene) -> None:
    client = Follower(scene.house, calendars(scene.house)["DAG"])
    client.sync()
    scene.sql(f'DELETE FROM CRM."appointment" WHERE "appointment_id" = {scene.row(DAG)}')
    assert scene.read("DAG") == {}
    client.sync()
    assert client.held == {}
    assert partstat(scene.one("ADA"), "dag@") == ""


def test_a_deleted_meeting_leaves_every_calendar_and_a_tombstone_in_each(scene: Scene) -> None:
    clients = [Follower(scene.house, calendar) for calendar in calendars(scene.house).values()]
    for client in clients:
        client.sync()
    assert sum(len(c.held) for c in clients) == 4
    scene.sql(f'DELETE FROM CRM."appointment" WHERE {scene.rows()}')
    assert scene.read("ADA") == scene.read("BO") == {}
    for client in clients:
        client.sync()
        assert client.held == {}


def test_an_owner_who_cancels_as_the_crm_does_leaves_cancelled_copies_to_the_invited(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE {scene.rows()} AND "associate_id" IN ({BO}, {DAG})')
    scene.sql(f'DELETE FROM CRM."appointment" WHERE {scene.rows()} AND "status" <> 10')
    assert scene.read("ADA") == scene.read("TASTING ROOM") == {}
    for login in ("BO", "DAG"):
        assert line(scene.one(login), "STATUS") == "CANCELLED"
        assert line(scene.one(login), "SUMMARY") == "Orchard planning"


NAMES = {
    "a person's name": ('UPDATE CRM."person" SET "lastname" = \'Bakke\' WHERE "person_id" = 18', 'CN="Bo Bakke"'),
    "an address": (
        'UPDATE CRM."email" SET "email_address" = \'carla@barrels.example\' WHERE "email_id" = 342',
        "mailto:carla@barrels.example",
    ),
    "a type of meeting": ('UPDATE CRM."task" SET "name" = \'Tasting\' WHERE "Task_id" = 8', "CATEGORIES:Tasting"),
    "a room's name": (
        f'UPDATE CRM."associate" SET "name" = \'LOFT\' WHERE "associate_id" = {ROOM}',
        'CN="LOFT"',
    ),
}


@pytest.mark.parametrize("what", NAMES)
def test_a_correction_of_names_shows_when_the_worker_comes_and_announces_nothing(scene: Scene, what: str) -> None:
    scene.seeded.meeting("Harvest", SendEmail=1, days=2)
    scene.clock.moment += 60
    assert announce(scene.house) == 1
    statement, expected = NAMES[what]
    scene.sql(statement)
    before = timeless(shown(scene.house))
    publish.catch_up(scene.house)
    assert timeless(shown(scene.house)) == before
    scene.later()
    texts = shown(scene.house)["ADA"].values()
    assert len(texts) == 2
    assert all(expected in text for text in texts)
    assert all(line(text, "SEQUENCE") == "0" for text in texts)
    assert scene.announcing() == 0
    assert contents(scene.house, t.dirty) == []


def test_privacy_shows_at_the_next_read_whichever_way_the_crm_says_it(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "private" = 1 WHERE {scene.rows()}')
    assert line(scene.one("BO"), "CLASS") == "PRIVATE"
    scene.sql(f'INSERT INTO CRM."visiblefor" ("VisibleFor_id", "tableId", "recordId", "forAll")'
              f" VALUES (1, 9, {scene.mother}, 1)")  # fmt: skip
    assert line(scene.one("BO"), "CLASS") == "PUBLIC"
    scene.sql('UPDATE CRM."visiblefor" SET "forAll" = 0, "forAssocId" = 7')
    assert line(scene.one("BO"), "CLASS") == "PRIVATE"
    assert line(scene.one("TASTING ROOM"), "SUMMARY") == "Busy"
    scene.sql(f'UPDATE CRM."appointment" SET "private" = 0 WHERE {scene.rows()}')
    scene.sql('DELETE FROM CRM."visiblefor"')
    assert line(scene.one("BO"), "CLASS") == "PUBLIC"
    assert line(scene.one("TASTING ROOM"), "SUMMARY") == "Orchard planning"


def test_a_meeting_under_new_numbers_is_there_once_and_under_no_other_name(scene: Scene) -> None:
    clients = [Follower(scene.house, calendar) for calendar in calendars(scene.house).values()]
    for client in clients:
        client.sync()
    scene.sql(f'UPDATE CRM."appointment" SET "appointment_id" = "appointment_id" + 5000,'
              f' "mother_id" = "mother_id" + 5000 WHERE {scene.rows()}')  # fmt: skip
    for login in ("ADA", "BO", "DAG"):
        assert line(scene.one(login), "SUMMARY") == "Orchard planning"
    for client in clients:
        client.sync()
        assert client.agrees()
        assert len(client.held) == 1
    assert {m["mother_id"] for m in contents(scene.house, t.member)} == {scene.mother + 5000}


def test_a_plain_appointment_under_a_new_number_is_there_once(scene: Scene) -> None:
    number = scene.seeded.appointment("Dentist", owner=DAG)
    assert len(scene.read("DAG")) == 2
    scene.sql(f'UPDATE CRM."appointment" SET "appointment_id" = 9001 WHERE "appointment_id" = {number}')
    titles = sorted(line(text, "SUMMARY") for text in scene.read("DAG").values())
    assert titles == ["Dentist", "Orchard planning"]


def test_a_row_that_is_replaced_shows_what_replaced_it(scene: Scene) -> None:
    bo = scene.row(BO)
    columns = '"appointment_id", "mother_id", "associate_id", "type", "status", "text_id", "do_by", "endDate"'
    (row,) = contents(scene.house, crm.appointment, appointment_id=bo)
    values = f"{bo}, {scene.mother}, {BO}, 1, 1, {row['text_id']}, {row['do_by']}, {row['endDate']}"
    if scene.house.store.sqlite:
        scene.sql(f'INSERT OR REPLACE INTO CRM."appointment" ({columns}) VALUES ({values})')
    else:
        scene.sql(f'INSERT INTO CRM."appointment" ({columns}) VALUES ({values}) ON CONFLICT ("appointment_id")'
                  ' DO UPDATE SET "type" = excluded."type", "status" = excluded."status"')  # fmt: skip
    assert partstat(scene.one("ADA"), "bo@") == "ACCEPTED"
    assert len(scene.read("BO")) == 1


def test_a_row_replaced_by_somebody_elses_moves_the_copy_to_them(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "associate_id" = {BO}, "mother_id" = 0'
              f' WHERE "appointment_id" = {scene.row(DAG)}')  # fmt: skip
    assert scene.read("DAG") == {}
    assert len(scene.read("BO")) == 2
    assert partstat(scene.one("ADA"), "dag@") == ""


def test_a_daughter_who_goes_over_to_another_meeting_is_of_that_one_from_then_on(scene: Scene) -> None:
    dag = scene.row(DAG)
    others = [scene.seeded.meeting(f"Meeting {n}", days=n) for n in range(2, 6)]
    for other in (*others, scene.mother):
        scene.sql(f'UPDATE CRM."appointment" SET "mother_id" = {other} WHERE "appointment_id" = {dag}')
        scene.one("DAG")
        (seen,) = contents(scene.house, t.member, appointment_id=dag)
        (event,) = contents(scene.house, t.event, mother_id=other)
        assert seen["event_id"] == event["event_id"]
        for status in (1, 7):
            scene.sql(f'UPDATE CRM."appointment" SET "status" = {status} WHERE "appointment_id" = {dag}')
            assert partstat(scene.one("DAG"), "dag@") == {1: "ACCEPTED", 7: "NEEDS-ACTION"}[status]


def test_a_meeting_keeps_its_event_and_uid_as_it_becomes_a_series_and_stops_being_one(scene: Scene) -> None:
    uid, names = line(scene.one("BO"), "UID"), set(scene.read("BO"))
    events = {e["event_id"] for e in contents(scene.house, t.event)}
    scene.sql('INSERT INTO CRM."recurrencerule" ("RecurrenceRule_id", "pattern") VALUES (3, 2)')
    scene.sql(f'UPDATE CRM."appointment" SET "recurrenceRuleId" = 3 WHERE {scene.rows()}')
    second = scene.seeded.meeting("Orchard planning", invited=(BO, DAG), days=8, recurrenceRuleId=3)
    for login in ("ADA", "BO", "DAG"):
        text = scene.one(login)
        assert line(text, "UID") == uid
        assert line(text, "RRULE").startswith("FREQ=WEEKLY;UNTIL=")
    assert len(contents(scene.house, t.member)) == 10
    for part in contents(scene.house, t.part):
        rows = [p.row for p in kept(part["value"])[0].participants]
        assert sorted(rows) == sorted(set(rows))
    scene.sql(f'DELETE FROM CRM."appointment" WHERE {scene.rows(second)}')
    scene.sql(f'UPDATE CRM."appointment" SET "recurrenceRuleId" = 0 WHERE {scene.rows()}')
    for login in ("ADA", "BO", "DAG"):
        text = scene.one(login)
        assert line(text, "UID") == uid
        assert "RRULE" not in text
    assert set(scene.read("BO")) == names
    assert {e["event_id"] for e in contents(scene.house, t.event)} == events
    assert len(contents(scene.house, t.member)) == 5


def test_a_series_of_one_that_stops_being_one_in_the_same_breath_stays_itself(scene: Scene) -> None:
    uid = line(scene.one("BO"), "UID")
    for rule in (4, 0, 5, 6, 0):
        scene.sql(f'UPDATE CRM."appointment" SET "recurrenceRuleId" = {rule} WHERE {scene.rows()}')
        assert line(scene.one("BO"), "UID") == uid
        assert len(contents(scene.house, t.member)) == 5
        (part,) = contents(scene.house, t.part)
        assert len(kept(part["value"])[0].participants) == 5
    assert len(contents(scene.house, t.event)) == 1


def test_what_is_left_of_a_cancelled_meeting_keeps_its_event_under_another_rule(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE {scene.rows()} AND "associate_id" IN ({BO}, {DAG})')
    scene.sql(f'DELETE FROM CRM."appointment" WHERE {scene.rows()} AND "status" <> 10')
    text = scene.one("BO")
    for rule in (4, 0, 5):
        scene.sql(f'UPDATE CRM."appointment" SET "recurrenceRuleId" = {rule} WHERE {scene.rows()}')
        assert scene.one("BO") == text
        assert {m["associate_id"] for m in contents(scene.house, t.member)} == {BO, DAG}
    assert len(contents(scene.house, t.event)) == 1
    scene.sql('DELETE FROM CRM."appointment"')
    assert scene.read("BO") == scene.read("DAG") == {}


def test_an_answer_and_a_move_of_two_meetings_are_published_together_whichever_comes_first(scene: Scene) -> None:
    other = scene.seeded.meeting("Harvest", days=2)
    for mine, moved in ((scene.mother, other), (other, scene.mother)):
        scene.clock.moment += 60
        for status in (1, 7):
            scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = {status} WHERE {scene.rows(mine)}'
                      f' AND "associate_id" = {BO}')  # fmt: skip
            scene.sql(f'UPDATE CRM."appointment" SET "do_by" = "do_by" + 60, "endDate" = "endDate" + 60'
                      f" WHERE {scene.rows(moved)}")  # fmt: skip
            assert publish.catch_up(scene.house).changed == 2
        assert {e["dtstamp"] for e in contents(scene.house, t.event)} == {scene.clock.moment}
    for event in contents(scene.house, t.event):
        (spans,) = contents(scene.house, t.instant, event_id=event["event_id"])
        assert (event["first"], event["last"]) == (spans["start"], spans["end"])


def test_the_crms_own_uid_wins_when_it_is_there_before_the_first_publication(scene: Scene) -> None:
    scene.sql('INSERT INTO CRM."invitation" ("invitation_id", "event_uid", "event_sequence", "appointment_id")'
              " VALUES (1, 'from-the-crm@there', 4, 9000)")  # fmt: skip
    scene.sql('INSERT INTO CRM."text" ("text_id", "text") VALUES (9000, \'Harvest\')')
    start = scene.house.today() + DAY
    scene.sql(f'INSERT INTO CRM."appointment" ("appointment_id", "associate_id", "type", "status", "text_id", "do_by",'
              f' "endDate") VALUES (9000, {BO}, 1, 1, 9000, {start}, {start + HOUR})')  # fmt: skip
    copies = scene.read("BO")
    assert "from-the-crm@there.ics" in copies
    assert line(copies["from-the-crm@there.ics"], "SEQUENCE") == "4"


def test_the_crms_own_uid_wins_when_it_comes_after_the_first_publication(scene: Scene) -> None:
    clients = {login: Follower(scene.house, calendar) for login, calendar in calendars(scene.house).items()}
    for client in clients.values():
        client.sync()
    scene.seeded.move(scene.mother, days=2, hour=11)
    assert line(scene.one("BO"), "SEQUENCE") == "1"
    scene.sql(f'INSERT INTO CRM."invitation" ("invitation_id", "event_uid", "event_sequence", "appointment_id")'
              f" VALUES (1, 'from-the-crm@there', 0, {scene.mother})")  # fmt: skip
    for login in ("ADA", "BO", "DAG"):
        text = scene.one(login)
        assert line(text, "UID") == "from-the-crm@there"
        assert line(text, "SEQUENCE") == "1"
    for client in clients.values():
        client.sync()
        assert set(client.held) == {"from-the-crm@there.ics"}
        assert client.agrees()
    scene.seeded.answer(scene.mother, BO, status=1)
    assert partstat(scene.one("ADA"), "bo@") == "ACCEPTED"
    assert len(contents(scene.house, t.member)) == 5


def test_two_meetings_to_which_the_crm_gave_one_uid_stay_two(scene: Scene) -> None:
    other = scene.seeded.meeting("Harvest", days=3)
    for number, mother in enumerate((scene.mother, other), start=1):
        scene.sql(f'INSERT INTO CRM."invitation" ("invitation_id", "event_uid", "appointment_id")'
                  f" VALUES ({number}, 'twice@there', {mother})")  # fmt: skip
        publish.catch_up(scene.house)
    assert sorted(line(text, "SUMMARY") for text in scene.read("BO").values()) == ["Harvest", "Orchard planning"]


EVERYTHING = ("appointment", "text", "person", "email", "associate")


@pytest.mark.parametrize("table", EVERYTHING)
@pytest.mark.parametrize("how", ["DELETE FROM", "TRUNCATE"])
def test_a_table_that_is_emptied_is_noticed_and_everything_reported_by_tokens(
    scene: Scene, table: str, how: str
) -> None:
    if how == "TRUNCATE" and scene.house.store.sqlite:
        how = "DELETE FROM"  # SQLite's own truncation, which is a DELETE without WHERE
    whose = calendars(scene.house)
    clients = [Follower(scene.house, calendar) for calendar in whose.values()]
    for client in clients:
        client.sync()
    scene.sql(f'{how} CRM."{table}"')
    publish.catch_up(scene.house)
    scene.later()
    texts = [text for calendar in whose.values() for text in held(scene.house, calendar).values()]
    assert len(texts) == (0 if table == "appointment" else 4)
    for text in texts:
        assert line(text, "SUMMARY") == "Orchard planning"  # without its text it is not whole: the last state stays
        assert ("mailto:bo@" in text) == (table == "text")
    for client in clients:
        client.sync()
        assert client.agrees()
    assert [m for m in contents(scene.house, t.dirty) if m["lane"] != Lane.WAITING] == []


# --- what is not published -------------------------------------------------------------------------------------------


def test_what_ended_before_calendars_reach_back_is_not_published_until_it_is_moved_within_reach(scene: Scene) -> None:
    reach = scene.house.settings.history_days
    old = scene.seeded.appointment("Long ago", owner=DAG, days=-reach - 2)
    edge = scene.seeded.appointment("Just so", owner=DAG, days=-reach + 2)
    titles = [line(text, "SUMMARY") for text in scene.read("DAG").values()]
    assert sorted(titles) == ["Just so", "Orchard planning"], edge
    assert len(contents(scene.house, t.event)) == 2
    day = scene.house.today() + DAY
    scene.sql(f'UPDATE CRM."appointment" SET "do_by" = {day}, "endDate" = {day + HOUR} WHERE "appointment_id" = {old}')
    assert "Long ago" in [line(text, "SUMMARY") for text in scene.read("DAG").values()]


def test_hidden_rows_and_other_types_are_in_nobodys_calendar(scene: Scene) -> None:
    bo = scene.row(BO)
    for type_, status in ((6, 0), (6, 4), (99, 5), (6, 77)):
        scene.sql(f'UPDATE CRM."appointment" SET "type" = {type_}, "status" = {status} WHERE "appointment_id" = {bo}')
        assert scene.read("BO") == {}
        assert partstat(scene.one("ADA"), "bo@") == ""
        scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 5 WHERE "appointment_id" = {bo}')
        assert partstat(scene.one("BO"), "bo@") == "NEEDS-ACTION"


BAD: dict[str, Callable[[Scene], str]] = {
    "an absurd time": lambda s: f'UPDATE CRM."appointment" SET "do_by" = {10**15} WHERE {s.rows()}',
    "an absurd time in another zone": lambda s: (
        f'UPDATE CRM."appointment" SET "do_by" = {10**15}, "preferredTZLocation" = 77 WHERE {s.rows()}'
    ),
    "an absurd end": lambda s: f'UPDATE CRM."appointment" SET "endDate" = {10**17} WHERE {s.rows()}',
}


def quarantined(house: House) -> list[str]:
    return [f.detail for f in doctor.examine(house) if f.what == "quarantine"]


@pytest.mark.parametrize("what", BAD)
def test_a_bad_event_is_set_aside_by_itself_keeps_its_last_good_state_and_comes_back_mended(
    scene: Scene, what: str
) -> None:
    scene.sql('INSERT INTO CRM."tzlocation" ("TZLocation_id", "locationCode") VALUES (77, \'JP\')')
    good = contents(scene.house, crm.appointment, appointment_id=scene.mother)[0]
    last = scene.one("BO")
    other = scene.seeded.meeting("Harvest", days=2, external=())
    scene.sql(BAD[what](scene))
    scene.sql(f'UPDATE CRM."appointment" SET "location" = \'Barn\' WHERE {scene.rows(other)}')
    titles = {line(text, "SUMMARY"): text for text in scene.read("BO").values()}
    assert titles["Orchard planning"] == last
    assert line(titles["Harvest"], "LOCATION") == "Barn"
    (said,) = quarantined(scene.house)
    assert f"mother {scene.mother}" in said
    scene.sql(f'UPDATE CRM."appointment" SET "do_by" = {good["do_by"]}, "endDate" = {good["endDate"]},'
              f' "preferredTZLocation" = 0 WHERE {scene.rows()}')  # fmt: skip
    assert last in scene.read("BO").values()
    assert quarantined(scene.house) == []
    assert not any(e["quarantined"] for e in contents(scene.house, t.event))
    scene.seeded.answer(scene.mother, BO, status=1)
    titles = {line(text, "SUMMARY"): text for text in scene.read("ADA").values()}
    assert partstat(titles["Orchard planning"], "bo@") == "ACCEPTED"


def test_a_cancelled_row_with_an_absurd_time_stops_nobody_else(scene: Scene) -> None:
    scene.sql('INSERT INTO CRM."text" ("text_id", "text") VALUES (9000, \'Harvest\')')
    scene.sql(f'INSERT INTO CRM."appointment" ("appointment_id", "mother_id", "associate_id", "type", "status",'
              f' "text_id", "do_by", "endDate")'
              f" VALUES (9001, 9000, {BO}, 6, 10, 9000, {10**15}, {10**15})")  # fmt: skip
    scene.sql(f'UPDATE CRM."appointment" SET "location" = \'Barn\' WHERE {scene.rows()}')
    assert line(scene.one("BO"), "LOCATION") == "Barn"
    (said,) = quarantined(scene.house)
    assert "mother 9000" in said
    assert [e for e in contents(scene.house, t.object_) if e["last"] > 10**12] == []


def test_nothing_is_written_of_an_event_that_turns_out_bad_while_it_is_written(scene: Scene) -> None:
    first = scene.seeded.meeting("Weekly", days=3, recurrenceRuleId=3)
    second = scene.seeded.meeting("Weekly", days=10, recurrenceRuleId=3, location="Barn")
    before = {table.name: contents(scene.house, table) for table in (t.part, t.object_, t.sync, t.instant, t.member)}
    scene.crm.execute("BEGIN")
    scene.sql(f'UPDATE CRM."appointment" SET "location" = \'Loft\' WHERE {scene.rows(first)}')
    scene.sql(f'UPDATE CRM."appointment" SET "original_start_date" = {10**15} WHERE {scene.rows(second)}')
    scene.crm.execute("COMMIT")
    assert publish.catch_up(scene.house).quarantined == 1
    (said,) = quarantined(scene.house)
    assert "rule 3" in said
    assert {table.name: contents(scene.house, table)
            for table in (t.part, t.object_, t.sync, t.instant, t.member)} == before  # fmt: skip
    scene.sql(f'UPDATE CRM."appointment" SET "original_start_date" = 0 WHERE {scene.rows(second)}')
    assert publish.catch_up(scene.house).changed == 1
    assert quarantined(scene.house) == []


def test_a_bad_event_that_nobody_ever_saw_is_forgotten_when_its_rows_go(scene: Scene) -> None:
    scene.sql(f'INSERT INTO CRM."appointment" ("appointment_id", "associate_id", "type", "status", "do_by", "endDate")'
              f" VALUES (9001, {BO}, 1, 1, {10**15}, {10**15})")  # fmt: skip
    assert line(scene.one("BO"), "SUMMARY") == "Orchard planning"
    assert len(quarantined(scene.house)) == 1
    scene.sql('DELETE FROM CRM."appointment" WHERE "appointment_id" = 9001')
    scene.one("BO")
    assert quarantined(scene.house) == []


# --- readers and their bounds ----------------------------------------------------------------------------------------


def test_a_reader_publishes_no_more_than_it_may_and_serves_whole_events_meanwhile(database_url: str) -> None:
    seeded = seed(database_url, read_catch_up_events=5, read_catch_up_ms=60_000)
    with closing(seeded.house.store), crm_session(database_url) as session:
        secret = seeded.token("BO")
        start = seeded.house.today() + DAY
        for number in range(9001, 9021):
            session.execute(f'INSERT INTO CRM."appointment" ("appointment_id", "associate_id", "type", "status",'
                            f' "text_id", "do_by", "endDate") VALUES ({number}, {BO}, 1, 1, 0, {start},'
                            f" {start + HOUR})")  # fmt: skip
        counts = []
        for _ in range(5):
            entry = reading.enter(seeded.house, secret, "caldav")
            counts.append(len(held(seeded.house, entry.calendar_id)))
            assert entry.marked or counts[-1] == 20
        assert counts[-1] == 20
        assert 0 < counts[0] < counts[1] < counts[2] < 20
        assert all(b - a <= 5 for a, b in zip([0, *counts], counts, strict=False))


def test_a_reader_who_cannot_have_the_writer_serves_the_last_state_in_time_and_leaves_the_marks(scene: Scene) -> None:
    before = scene.one("BO")
    scene.sql(f'UPDATE CRM."appointment" SET "location" = \'Barn\' WHERE {scene.rows()}')
    with crm_session(scene.house.store.url) as holder:
        if scene.house.store.sqlite:
            holder.execute("BEGIN IMMEDIATE")
            holder.execute('UPDATE CRM."task" SET "rank" = 1')
        else:
            holder.execute("BEGIN")
            holder.execute("LOCK TABLE tick IN EXCLUSIVE MODE")
        start = monotonic()
        assert scene.one("BO") == before
        assert monotonic() - start < 2
        assert marks.marked(scene.house.store, Lane.NOW)
        holder.execute("ROLLBACK")
    assert line(scene.one("BO"), "LOCATION") == "Barn"
    assert not marks.marked(scene.house.store, Lane.NOW)


# --- twice is once ---------------------------------------------------------------------------------------------------


def everything(house: House) -> dict[str, list[dict[str, Any]]]:
    return {table.name: contents(house, table) for table in ours.sorted_tables if table is not t.dirty}


def test_projecting_everything_again_changes_no_table_and_keeps_the_revision(scene: Scene) -> None:
    scene.seeded.answer(scene.mother, BO, status=1)
    scene.seeded.appointment("Dentist", owner=DAG, hasAlarm=1, alarm=15)
    scene.seeded.meeting("Weekly", recurrenceRuleId=3, days=2)
    scene.seeded.meeting("Weekly", recurrenceRuleId=3, days=9, hour=12)
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE "appointment_id" = {scene.row(DAG)}')
    scene.seeded.publish()
    before = everything(scene.house)
    for lane in (Lane.LATER, Lane.NOW):
        with scene.house.store.writing() as connection:
            marks.add_events(connection, lane, select(t.event.c.event_id))
        report = publish.catch_up(scene.house, lane)
        assert (report.looked, report.changed, report.revision) == (3, 0, 0)
        scene.sql(f'UPDATE CRM."appointment" SET "updatedCount" = "updatedCount" + 1 WHERE "type" <> {lane + 90}')
        report = publish.catch_up(scene.house)
        assert (report.changed, report.revision) == (0, 0)
    assert everything(scene.house) == before


def test_catching_up_a_lane_goes_on_until_the_lane_is_empty(scene: Scene) -> None:
    scene.sql('UPDATE CRM."person" SET "firstname" = \'Beata\' WHERE "person_id" = 18')
    assert publish.catch_up(scene.house, Lane.LATER).changed == 1
    assert not marks.marked(scene.house.store, Lane.LATER)
    assert 'CN="Beata Tangen"' in shown(scene.house)["ADA"].popitem()[1]


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_tokens_that_are_not_ours_are_refused(scene: Scene) -> None:
    calendar = calendars(scene.house)["BO"]
    found = objects.since(scene.house.store, calendar, "")
    assert found is not None
    revision, _, nonce = found.token.partition("-")
    assert int(revision) > 0
    again = objects.since(scene.house.store, calendar, found.token)
    assert again == objects.Changes((), found.token, more=False)
    strange = ["nonsense", "5", "5-", "-", "0-1", "é-ü", f"{revision}-0", f"{int(revision) + 1}-{nonce}"]
    strange += [f"-{revision}-{nonce}", f"{revision}-{int(nonce, 16) + 1:x}", f"{2**70}-{nonce}"]
    strange += [
        f"{revision}-{nonce}.{rest}" for rest in ("x", "-1", "1", "1.", "1.2.", "1.2.x", f"{2**70}.2", "1.2.3.4")
    ]
    for given in strange:
        assert objects.since(scene.house.store, calendar, given) is None, given


def test_no_token_of_a_lost_future_is_honoured_after_a_restore(database_url: str) -> None:
    seeded = seed(database_url)
    seeded.meeting("Orchard planning")
    past = Follower(seeded.house, calendars(seeded.house)["BO"])
    past.sync()
    with copied(seeded.house) as backup:
        future = Follower(seeded.house, past.calendar, token=past.token, held=dict(past.held), texts=dict(past.texts))
        seeded.meeting("Of a lost future", days=3)
        future.sync()
        seeded.house.store.close()
        assert len(future.held) == 2
        restored = Seeded(backup, House(load_settings(environ={}, database_url=backup)))
        with closing(restored.house.store):
            restored.meeting("Of another future", days=4)
            for client in (past, future):
                client.house = restored.house
                client.sync()
                assert client.agrees()
            assert (past.refused, future.refused) == (0, 1)


def test_a_first_token_never_passes_over_what_is_published_while_it_is_made(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.sql('INSERT INTO CRM."associate" ("associate_id", "name", "person_id") VALUES (60, \'EVE\', 0)')
    scene.read("EVE")
    client = Follower(scene.house, calendars(scene.house)["EVE"])
    store, first = scene.house.store, scene.house.store.fetch

    def meanwhile(*arguments: Any, **more: Any) -> Any:
        found = first(*arguments, **more)
        monkeypatch.setattr(store, "fetch", first)
        scene.seeded.appointment("Just then", owner=60)
        return found

    token = objects.since(store, client.calendar, "")
    assert token is not None
    monkeypatch.setattr(store, "fetch", meanwhile)
    changes = objects.since(store, client.calendar, "")
    assert changes is not None
    assert changes.items == ()
    client.token = changes.token
    client.sync()
    assert client.agrees()
    assert len(client.held) == 1


@pytest.mark.parametrize("seed_number", range(3))
def test_a_client_that_follows_by_tokens_holds_what_is_published_at_any_time_and_by_pages_of_any_size(
    scene: Scene, seed_number: int
) -> None:
    chance = random.Random(seed_number)
    clients = [
        Follower(scene.house, calendar, limit) for calendar in calendars(scene.house).values() for limit in (0, 1, 2, 7)
    ]
    mothers = [scene.mother]
    acts: list[Callable[[int], object]] = [
        lambda m: mothers.append(scene.seeded.meeting(f"Meeting {m}", invited=(BO, DAG), days=chance.randint(1, 9))),
        lambda m: scene.seeded.answer(m, chance.choice((BO, DAG)), status=chance.choice((1, 7, 9, 10))),
        lambda m: scene.seeded.move(m, days=chance.randint(1, 9), hour=chance.randint(6, 18)),
        scene.seeded.delete,
        lambda m: scene.seeded.appointment(f"Plain {m}", owner=chance.choice((ADA, BO, DAG))),
    ]
    for _ in range(25):
        chance.choice(acts)(chance.choice(mothers))
        for client in chance.sample(clients, 8):
            pages = client.sync()
            assert client.agrees(), (seed_number, client)
            assert not client.limit or pages <= len(client.held) + 60
    for client in clients:
        client.sync()
        assert client.agrees(), (seed_number, client)
        assert client.refused == 0


def test_pages_that_are_asked_for_while_things_change_skip_nothing_and_come_to_an_end(scene: Scene) -> None:
    mothers = [scene.seeded.meeting(f"Meeting {n}", days=n + 1) for n in range(6)]
    calendar = calendars(scene.house)["BO"]
    token, known = "", dict[str, str]()
    for page in range(40):
        changes = objects.since(scene.house.store, calendar, token, 2)
        assert changes is not None
        for item in changes.items:
            known.pop(item.name, None)
            known |= {} if item.gone else {item.name: item.etag}
        token = changes.token
        if page < len(mothers):
            scene.seeded.answer(mothers[page], BO, status=1 if page % 2 else 9)
            if page == 3:
                scene.seeded.delete(mothers[0])
        elif not changes.more:
            break
    else:
        raise AssertionError("the pages never ended")
    assert known == {i.name: i.etag for i in objects.listing(scene.house.store, calendar)}


def test_a_count_of_what_is_marked_never_grows_while_nothing_is_written(scene: Scene) -> None:
    scene.sql(f'DELETE FROM CRM."text" WHERE "owner_id" = {scene.mother}')
    scene.sql(f'UPDATE CRM."appointment" SET "updatedCount" = 5 WHERE {scene.rows()}')
    counted = []
    for _ in range(3):
        for lane in Lane:
            publish.catch_up(scene.house, lane)
        counted.append(scene.house.store.rows(select(func.count()).select_from(t.dirty))[0][0])
    assert counted == [1, 1, 1]


def test_a_meeting_that_was_hidden_before_it_was_cancelled_tells_of_the_cancellation_all_the_same(
    database_url: str,
) -> None:
    with closing(seed(database_url)) as seeded, crm_session(database_url) as session:
        mother = seeded.meeting("Orchard planning", external=(), rooms=())
        for which, number in ((f'appointment_id" = {mother}', 0), (f'associate_id" = {BO}', 10)):
            assert len(shown(seeded.house)["BO"]) == (number == 0)
            session.execute(f'UPDATE CRM."appointment" SET "status" = {number} WHERE "{which}')
            seeded.publish()
        (text,) = shown(seeded.house)["BO"].values()
        assert "STATUS:CANCELLED" in text
        reconcile(seeded.house, rebuild=True)
        assert list(shown(seeded.house)["BO"].values()) == [text]
