"""To-dos in a calendar of their own: what is shown there, what moves there and back, and what each holder has done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, update

from gateway.crm import tables as crm
from gateway.errors import NotAdopted
from gateway.ports import SystemClock
from gateway.services import adopt, doctor, moving_in, publish, reading, sweep
from gateway.services.announce import announce
from gateway.services.house import DAY, House
from gateway.services.ingest import ingest
from gateway.services.reconcile import reconcile
from gateway.settings import load_settings
from gateway.store import objects
from gateway.store import tables as t
from gateway.store.marks import Lane
from mappings.identity import DIARY, TASKS
from mappings.model import Outcome
from tests.outside import Clock, Follower, calendars, contents, crm_session, held, reply, shown, timeless
from tests.seed import ADA, BO, CARLA, DAG, PEOPLE, Seeded, seed


@dataclass
class Scene:
    """A house with a clock that a test can set, and its CRM's session."""

    seeded: Seeded
    crm: Any
    clock: Clock

    @property
    def house(self) -> House:
        return self.seeded.house

    def sql(self, statement: str) -> None:
        """Let the CRM write, and publish it as the next reader would."""
        self.crm.execute(statement)
        publish.catch_up(self.house)

    def set(self, row: int, **values: int) -> None:
        cells = ", ".join(f'"{name}" = {value}' for name, value in values.items())
        self.sql(f'UPDATE CRM."appointment" SET {cells} WHERE "appointment_id" = {row}')

    def retype(self, mother: int, type_: int) -> None:
        """Let the owner turn an event into another type, all of its rows as the CRM would."""
        asked = {1: 6, 2: 7}[type_]
        kind = f'CASE WHEN "type" IN (6, 7) THEN {asked} ELSE {type_} END'
        self.sql(f'UPDATE CRM."appointment" SET "type" = {kind} WHERE {mother} IN ("mother_id", "appointment_id")')

    def row(self, mother: int, associate: int) -> int:
        (found,) = contents(self.house, crm.appointment, mother_id=mother, associate_id=associate)
        return int(found["appointment_id"])

    def texts(self, login: str, calendar: str = TASKS) -> list[str]:
        return list(held(self.house, calendars(self.house, calendar)[login]).values())

    def one(self, login: str, calendar: str = TASKS) -> str:
        (text,) = self.texts(login, calendar)
        return text

    def etags(self, calendar: str = TASKS) -> dict[str, list[str]]:
        return {
            login: [i.etag for i in objects.listing(self.house.store, number)]
            for login, number in calendars(self.house, calendar).items()
        }

    def followers(self, limit: int = 0) -> list[Follower]:
        numbers = [n for name in (DIARY, TASKS) for n in calendars(self.house, name).values()]
        return [Follower(self.house, n, limit) for n in numbers]

    def revision(self) -> int:
        return max(int(r["revision"]) for r in contents(self.house, t.tick))


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    with seeded.house.store.publishing() as connection:
        adopt.open_calendars(connection)
    with closing(seeded.house.store), crm_session(database_url) as session:
        yield Scene(seeded, session, clock)


def line(text: str, name: str) -> str:
    found = re.search(rf"^{name}([;:][^\r\n]*)", re.split("BEGIN:V(?:TODO|EVENT)", text)[1], re.MULTILINE)
    return found[1][1:] if found else ""


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_a_to_do_is_in_its_holders_tasks_and_in_no_diary(scene: Scene) -> None:
    scene.seeded.to_do("Order corks", invited=(BO,), external=(CARLA,), hour=16, location="Barn")
    for login in ("ADA", "BO"):
        text = scene.one(login)
        assert "BEGIN:VTODO" in text
        assert "VEVENT" not in text
        assert "DTSTART" not in text.partition("BEGIN:VTODO")[2]
        assert line(text, "DUE").endswith("T160000")
        assert (line(text, "SUMMARY"), line(text, "LOCATION"), line(text, "STATUS")) == (
            "Order corks", "Barn", "NEEDS-ACTION",
        )  # fmt: skip
        assert "PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bo@hillside.example" in text
        assert scene.texts(login, DIARY) == []
    assert scene.texts("DAG") == []


def test_an_event_stays_in_the_diary_and_out_of_the_tasks(scene: Scene) -> None:
    scene.seeded.meeting("Pressing")
    assert "BEGIN:VEVENT" in scene.one("BO", DIARY)
    assert scene.texts("BO") == scene.texts("ADA") == []


def test_completing_is_each_holder_s_own_and_touches_nobody_else_s_copy(scene: Scene) -> None:
    mother = scene.seeded.to_do("Order corks", invited=(BO, DAG))
    bo = scene.row(mother, BO)
    scene.set(bo, type=2, status=1)
    before = scene.etags()
    done = scene.house.today()
    scene.set(bo, status=3, done=done)
    after = scene.etags()
    assert {login for login in after if after[login] != before[login]} == {"BO"}
    assert (line(scene.one("BO"), "STATUS"), line(scene.one("BO"), "PERCENT-COMPLETE")) == ("COMPLETED", "100")
    assert line(scene.one("BO"), "COMPLETED").endswith("Z")
    assert "PARTSTAT=ACCEPTED:mailto:bo@" in scene.one("ADA")
    assert (line(scene.one("ADA"), "STATUS"), line(scene.one("DAG"), "STATUS")) == ("NEEDS-ACTION", "NEEDS-ACTION")
    scene.set(mother, status=3)
    assert line(scene.one("ADA"), "STATUS") == "COMPLETED"
    assert line(scene.one("ADA"), "COMPLETED") == ""
    scene.set(mother, status=2)
    assert line(scene.one("ADA"), "STATUS") == "IN-PROCESS"
    assert line(scene.one("ADA"), "PERCENT-COMPLETE") == ""
    assert line(scene.one("ADA"), "SEQUENCE") == "0"


def test_what_an_answer_to_a_to_do_leaves_is_what_looking_at_everything_anew_shows(scene: Scene) -> None:
    mother = scene.seeded.to_do("Order corks", invited=(BO, DAG), external=(CARLA,))
    uid = contents(scene.house, t.event)[0]["uid"]
    assert ingest(scene.house, reply(uid, "bo@hillside.example", "ACCEPTED"), door="mail", vouched=True).outcome is (
        Outcome.APPLIED
    )
    (row,) = contents(scene.house, crm.appointment, mother_id=mother, associate_id=BO)
    assert (row["type"], row["status"]) == (2, 1)
    scene.set(scene.row(mother, DAG), status=9)
    assert line(scene.one("DAG"), "STATUS") == "NEEDS-ACTION"
    assert "PARTSTAT=DECLINED:mailto:dag@" in scene.one("ADA")
    tags, texts = scene.etags(), timeless(shown(scene.house))
    reconcile(scene.house)
    assert (scene.etags(), timeless(shown(scene.house))) == (tags, texts)
    reconcile(scene.house, rebuild=True)
    assert timeless(shown(scene.house)) == texts


def test_a_series_of_to_dos_starts_at_its_first_deadline(scene: Scene) -> None:
    for week in range(3):
        scene.seeded.to_do("Count bottles", days=1 + 7 * week, recurrenceRuleId=3, hasAlarm=1, alarm=10)
    text = scene.one("ADA")
    assert line(text, "DTSTART").endswith("T150000")
    assert line(text, "DUE").endswith("T150100")
    assert len(line(text, "RDATE").split(",")) == 2
    assert line(text, "TRIGGER") == "-PT10M"
    scene.seeded.to_do("Once", hasAlarm=1, alarm=10)
    assert sorted(line(x, "TRIGGER") for x in scene.texts("ADA")) == ["-PT10M", "RELATED=END:-PT10M"]


# --- from one calendar to the other ----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 2])
def test_a_change_of_type_moves_the_object_in_one_revision_and_back_again(scene: Scene, limit: int) -> None:
    mother = scene.seeded.meeting("Order corks", invited=(BO, DAG))
    scene.seeded.meeting("Pressing")
    clients = scene.followers(limit)
    for client in clients:
        client.sync()
    (before,) = [e for e in contents(scene.house, t.event) if e["mother_id"] == mother]
    for round_, (type_, there, gone) in enumerate(((2, TASKS, DIARY), (1, DIARY, TASKS), (2, TASKS, DIARY)), start=1):
        last = scene.revision()
        scene.retype(mother, type_)
        assert scene.revision() == last + 1
        for login in ("ADA", "BO", "DAG", "TASTING ROOM"):
            assert before["name"] in held(scene.house, calendars(scene.house, there)[login])
            assert before["name"] not in held(scene.house, calendars(scene.house, gone)[login])
            text = held(scene.house, calendars(scene.house, there)[login])[before["name"]]
            assert line(text, "UID") == before["uid"]
            assert line(text, "SEQUENCE") == str(round_)
            assert (f"BEGIN:{'VTODO' if type_ == 2 else 'VEVENT'}") in text
        moments = contents(scene.house, t.sync, event_id=before["event_id"])
        assert {m["revision"] for m in moments} == {last + 1}
        assert sum(m["live"] for m in moments) == 4
        for client in clients:
            client.sync()
            assert client.agrees()
    assert {c.refused for c in clients} == {0}


def test_a_change_of_type_of_one_row_alone_moves_nobody_but_the_mother_s(scene: Scene) -> None:
    mother = scene.seeded.meeting("Order corks")
    scene.set(scene.row(mother, BO), type=7)
    assert "BEGIN:VEVENT" in scene.one("BO", DIARY)
    scene.set(mother, type=2)
    assert scene.texts("BO", DIARY) == scene.texts("ADA", DIARY) == []
    assert "BEGIN:VTODO" in scene.one("BO")


def test_what_was_cancelled_stays_where_it_was_whatever_becomes_of_the_rest(scene: Scene) -> None:
    mother = scene.seeded.to_do("Order corks", invited=(BO, DAG))
    bo = scene.row(mother, BO)
    scene.set(bo, status=10)
    gone = scene.one("BO")
    assert (line(gone, "STATUS"), line(gone, "TRANSP"), "END:VTODO" in gone) == ("CANCELLED", "", True)
    scene.retype(mother, 1)
    assert scene.one("BO") == gone
    assert scene.texts("BO", DIARY) == []
    assert "BEGIN:VEVENT" in scene.one("DAG", DIARY)
    reconcile(scene.house)
    assert scene.one("BO") == gone
    scene.set(bo, type=6, status=5)  # asked anew, to what is an event now
    assert scene.texts("BO") == []
    assert "BEGIN:VEVENT" in scene.one("BO", DIARY)
    scene.sql(
        f'UPDATE CRM."appointment" SET "status" = 10 WHERE "mother_id" = {mother} AND "appointment_id" <> {mother}'
    )
    scene.sql(f'DELETE FROM CRM."appointment" WHERE "appointment_id" = {mother}')
    for login in ("BO", "DAG"):
        assert line(scene.one(login, DIARY), "STATUS") == "CANCELLED"
        assert scene.texts(login) == []
    client = Follower(scene.house, calendars(scene.house)["BO"])
    client.sync()
    scene.sql(f'DELETE FROM CRM."appointment" WHERE "mother_id" = {mother}')
    client.sync()
    assert client.held == {}
    assert contents(scene.house, t.frozen) == []


def test_a_cancelled_to_do_that_we_never_saw_before_is_frozen_among_the_tasks(scene: Scene) -> None:
    mother = scene.seeded.to_do("Order corks", invited=(BO,), owner=DAG)
    with scene.seeded.crm() as connection:
        row = dict(contents(scene.house, crm.appointment, appointment_id=scene.row(mother, BO))[0])
        row |= {"appointment_id": 9_001, "mother_id": 9_000, "status": 10}
        connection.execute(insert(crm.appointment).values(**row))
    scene.seeded.publish()
    cancelled = [x for x in scene.texts("BO") if line(x, "STATUS") == "CANCELLED"]
    assert len(cancelled) == 1
    assert "BEGIN:VTODO" in cancelled[0]


def test_a_dismissed_to_do_comes_back_only_when_its_holder_is_asked_again(scene: Scene) -> None:
    mother = scene.seeded.to_do("Order corks", invited=(BO, DAG))
    bo = calendars(scene.house, TASKS)["BO"]
    with scene.seeded.crm() as connection:
        mine = t.object_.c.calendar_id == bo
        connection.execute(update(t.object_).where(mine).values(gone=True, dismissed_sequence=0))
        connection.execute(update(t.sync).where(t.sync.c.calendar_id == bo).values(live=False))
    scene.set(mother, location=7)
    scene.set(scene.row(mother, BO), status=7)
    assert scene.texts("BO") == scene.texts("BO", DIARY) == []
    scene.retype(mother, 1)
    assert scene.texts("BO") == scene.texts("BO", DIARY) == []
    scene.set(scene.row(mother, BO), status=6)
    assert "BEGIN:VEVENT" in scene.one("BO", DIARY)
    assert scene.texts("BO") == []


# --- limits, faults, time --------------------------------------------------------------------------------------------


def test_time_ranges_look_at_the_deadline_alone(scene: Scene) -> None:
    scene.seeded.to_do("Order corks", days=2, hour=12, endDate=0)
    due = contents(scene.house, t.object_)[0]["first"]
    ada = calendars(scene.house, TASKS)["ADA"]

    def within(start: int, end: int) -> int:
        return len(objects.within(scene.house.store, ada, start, end, due=True))

    # RFC 4791 9.9, a VTODO with DUE and no DTSTART: start < DUE and end >= DUE.
    spans = ((due - 5, due - 1), (due - 5, due), (due - 1, due + 1), (due, due + 5))
    assert [within(*span) for span in spans] == [0, 1, 1, 0]
    assert contents(scene.house, t.object_)[0]["last"] == due


def test_a_time_range_finds_the_occurrences_of_a_series(scene: Scene) -> None:
    for week in range(3):
        scene.seeded.to_do("Count bottles", days=1 + 7 * week, recurrenceRuleId=3)
    spans = sorted((r["start"], r["end"]) for r in contents(scene.house, t.instant))
    ada = calendars(scene.house, TASKS)["ADA"]

    def within(start: int, end: int) -> int:
        return len(objects.within(scene.house.store, ada, start, end, due=True))

    assert [within(s - 1, s + 1) for s, _ in spans] == [1, 1, 1]
    assert within(spans[0][1], spans[1][0]) == 0


def test_an_old_to_do_without_an_end_is_reached_by_its_deadline_and_leaves_by_it(scene: Scene) -> None:
    scene.seeded.to_do("Long overdue", days=-300)
    scene.seeded.to_do("Too old", days=-400)
    assert line(scene.one("ADA"), "SUMMARY") == "Long overdue"
    reconcile(scene.house, rebuild=True)
    assert line(scene.one("ADA"), "SUMMARY") == "Long overdue"
    clients = scene.followers()
    for client in clients:
        client.sync()
    scene.clock.moment += 100 * DAY
    assert sweep.sweep(scene.house) == 1
    assert scene.texts("ADA") == []
    for client in clients:
        client.sync()
        assert client.agrees()


def test_a_bad_to_do_is_set_aside_by_itself_and_comes_back_mended(scene: Scene) -> None:
    scene.seeded.to_do("Fine")
    bad = scene.seeded.to_do("Bad")
    right = contents(scene.house, crm.appointment, appointment_id=bad)[0]["do_by"]
    scene.set(bad, do_by=10**15)
    assert [f.what for f in doctor.examine(scene.house) if f.what == "quarantine"] == ["quarantine"]
    assert len(scene.texts("ADA")) == 2
    scene.set(bad, do_by=right + 60, done=10**15, status=3)
    assert [f for f in doctor.examine(scene.house) if f.what == "quarantine"] == []
    (text,) = [x for x in scene.texts("ADA") if "SUMMARY:Bad" in x]
    assert (line(text, "STATUS"), line(text, "COMPLETED")) == ("COMPLETED", "")


def test_a_to_do_owes_an_outsider_one_request_and_its_change_of_type_another(scene: Scene) -> None:
    mother = scene.seeded.to_do("Order corks", external=(CARLA,), SendEmail=1)

    def owed() -> list[tuple[str, int]]:
        scene.clock.moment += 3_600
        announce(scene.house)
        return [(o["method"], o["sequence"]) for o in contents(scene.house, t.outbox)]

    assert owed() == [("REQUEST", 0)]
    scene.set(mother, status=3)
    assert owed() == [("REQUEST", 0)]
    scene.retype(mother, 1)
    assert owed() == [("REQUEST", 0), ("REQUEST", 1)]


# --- adoption --------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(database_url: str) -> Iterator[House]:
    """A CRM that stands filled before we come: events, to-dos, and rows whose mother is of another type."""
    house = House(load_settings(environ={}, database_url=database_url, crm_embedded=False, outbound="external"))
    with closing(house.store):
        with house.store.writing() as connection:
            crm.create_tables(connection)
            for table, rows in PEOPLE.items():
                connection.execute(insert(table), rows)
            start = house.today() - house.today() % DAY + DAY
            for n in range(1, 13):
                of_mother, of_bo = ((1, 6), (2, 7), (1, 7), (2, 6))[n % 4]
                when = {"do_by": start + n * 900, "activeDate": start, "endDate": 0 if of_mother == 2 else start + DAY}
                for place, (who, type_) in enumerate(((ADA, of_mother), (BO, of_bo))):
                    row = {"appointment_id": 10 * n + place, "mother_id": 10 * n, "associate_id": who, "type": type_}
                    connection.execute(insert(crm.appointment).values(status=1 + 4 * place, **row, **when))
        yield house


def test_each_calendar_is_adopted_by_itself_and_whole(filled: House) -> None:
    moving_in.init(filled)
    seeded = Seeded(filled.store.url, filled)
    secret = seeded.token("BO")
    for name in (TASKS, DIARY):
        with pytest.raises(NotAdopted):
            reading.enter(filled, secret, calendar=name)
        step = adopt.adopt_some(filled)
        assert step is not None
        assert step.finished
        # Whole, although some of its rows are of the other type: their mothers decide.
        entry = reading.enter(filled, secret, calendar=name)
        assert entry.calendar == name
        assert len(held(filled, entry.calendar_id)) == 6
    done = adopt.adopt(filled)
    assert (done.calendars, done.events) == (6, 0)
    assert {len(held(filled, n)) for who in ("ADA", "BO") for n in (calendars(filled)[who],)} == {6}
    assert len(held(filled, calendars(filled, TASKS)["ADA"])) == 6
    assert contents(filled, t.announce) == contents(filled, t.outbox) == []


def test_who_asks_for_tasks_first_gets_them_first(filled: House) -> None:
    moving_in.init(filled)
    secret = Seeded(filled.store.url, filled).token("DAG")
    with pytest.raises(NotAdopted):
        reading.enter(filled, secret, calendar=TASKS)
    (wanted,) = [c for c in contents(filled, t.calendar) if c["wanted_at"] is not None]
    assert (wanted["associate_id"], wanted["name"]) == (DAG, TASKS)


def test_a_to_do_that_no_trigger_saw_is_found_by_reconcile(scene: Scene) -> None:
    scene.seeded.to_do("Order corks")
    with scene.seeded.crm() as connection:
        row = dict(contents(scene.house, crm.appointment)[0]) | {"appointment_id": 9_001, "endDate": 0}
        connection.execute(insert(crm.appointment).values(**row))
        connection.execute(t.dirty.delete())
    publish.catch_up(scene.house)
    assert len(scene.texts("ADA")) == 1
    reconcile(scene.house)
    assert len(scene.texts("ADA")) == 2
    assert contents(scene.house, t.dirty, lane=int(Lane.NOW)) == []
