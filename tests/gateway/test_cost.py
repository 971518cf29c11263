"""What an answer costs does not depend on how many others were invited, whichever door it comes through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event, insert

from gateway.crm import tables as crm
from gateway.services import publish
from gateway.services.house import House
from gateway.services.ingest import ingest
from gateway.store import tables as t
from mappings.ics import writing
from mappings.model import Outcome
from tests.outside import calendars, contents, crm_session, held, reply
from tests.seed import ADA, BO, Seeded, seed

_ROWS = re.compile(r"(?:FROM|JOIN) (?:\"?\w+\"?\.)?\"?appointment\b")
SIZES = (3, 300)


@dataclass
class Ledger:
    """What was asked of the database, and which CRM rows came back."""

    statements: list[str] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    fetched: int = 0
    rows: set[int] = field(default_factory=set)
    rendered: int = 0

    @property
    def updates_of_sync(self) -> int:
        counted = zip(self.statements, self.times, strict=True)
        return sum(times for statement, times in counted if statement.startswith("UPDATE sync"))

    def kinds(self) -> list[str]:
        return [" ".join(s.split()[:3]) for s in self.statements]


@contextmanager
def counted(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Write down every statement, ask each question a second time to see its rows, and count what is rendered."""
    ledger, component = Ledger(), writing.component

    def rendered(*arguments: Any) -> bytes:
        ledger.rendered += 1
        return component(*arguments)

    def asked(connection: Any, _: Any, statement: str, parameters: Any, __: Any, many: bool) -> None:
        ledger.statements.append(statement)
        ledger.times.append(len(parameters) if many else 1)
        if statement.startswith("SELECT"):
            cursor = connection.connection.cursor()
            cursor.execute(statement, parameters)
            found = cursor.fetchall()
            ledger.fetched += len(found)
            names = [d[0] for d in cursor.description]
            if _ROWS.search(statement) and "appointment_id" in names:
                ledger.rows |= {row[names.index("appointment_id")] for row in found}
            cursor.close()

    event.listen(house.store.engine, "before_cursor_execute", asked)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(writing, "component", rendered)
            yield ledger
    finally:
        event.remove(house.store.engine, "before_cursor_execute", asked)


def crowded(seeded: Seeded, size: int) -> int:
    """Let Ada invite Bo and so many others that `size` people take part; gives the mother."""
    others = [1_000 * size + n for n in range(size - 2)]
    with seeded.crm() as connection:
        if others:
            connection.execute(insert(crm.person), [{"person_id": o, "lastname": f"P{o}"} for o in others])
            connection.execute(
                insert(crm.associate), [{"associate_id": o, "name": f"A{o}", "person_id": o} for o in others]
            )
            connection.execute(
                insert(crm.email),
                [{"email_id": o, "person_id": o, "email_address": f"p{o}@hillside.example"} for o in others],
            )
    return seeded.meeting(f"Meeting of {size}", invited=(BO, *others), external=(), rooms=())


@dataclass
class Meeting:
    """One meeting, by what an answer needs to know of it."""

    house: House
    crm: Any
    mother: int
    bo: int
    uid: str


Answer = Callable[[Meeting], None]


def by_sql(meeting: Meeting) -> None:
    meeting.crm.execute(f'UPDATE CRM."appointment" SET "type" = 1, "status" = 1 WHERE "appointment_id" = {meeting.bo}')
    assert publish.catch_up(meeting.house).changed == 1


def by_mail(meeting: Meeting) -> None:
    raw = reply(meeting.uid, "bo@hillside.example", "ACCEPTED")
    assert ingest(meeting.house, raw, door="mail", vouched=True).outcome is Outcome.APPLIED


DOORS: dict[str, Answer] = {"sql": by_sql, "mail": by_mail}
THEIRS = (t.object_, t.personal, t.member, t.instant, t.frozen, t.calendar, t.announce, t.announced, t.outbox)


def others(house: House, meeting: Meeting) -> dict[str, list[dict[str, Any]]]:
    """Give every row of ours that is not of Bo's copy or of the event itself."""
    own = calendars(house)["BO"]
    return {
        table.name: [
            r for r in contents(house, table) if r.get("calendar_id") != own and r.get("appointment_id") != meeting.bo
        ]
        for table in THEIRS
    }


def moments(house: House) -> dict[tuple[int, int], int]:
    return {(r["event_id"], r["calendar_id"]): r["revision"] for r in contents(house, t.sync)}


@pytest.mark.parametrize("door", DOORS)
def test_an_answer_costs_the_same_among_three_and_among_three_hundred(
    database_url: str, door: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    seeded = seed(database_url)
    house = seeded.house
    ledgers: dict[int, Ledger] = {}
    with closing(house.store), crm_session(database_url) as session:
        for size in SIZES:
            mother = crowded(seeded, size)
            (bo,) = contents(house, crm.appointment, mother_id=mother, associate_id=BO)
            (kept,) = contents(house, t.event, mother_id=mother)
            meeting = Meeting(house, session, mother, bo["appointment_id"], kept["uid"])
            before, revisions = others(house, meeting), moments(house)
            with counted(house, monkeypatch) as ledger:
                DOORS[door](meeting)
            ledgers[size] = ledger
            assert others(house, meeting) == before
            moved = {pair for pair, revision in moments(house).items() if revision != revisions[pair]}
            assert {event_id for event_id, _ in moved} == {kept["event_id"]}
            assert len(moved) == size  # every holder's ETag
            assert ledger.updates_of_sync == 1
            assert ledger.rendered == 1
            assert ledger.rows <= {meeting.bo, mother}
            assert meeting.bo in ledger.rows
            texts = held(house, calendars(house)["ADA"]).values()
            assert any(f"SUMMARY:Meeting of {size}" in x and "PARTSTAT=ACCEPTED:mailto:bo@" in x for x in texts)
    few, many = (ledgers[size] for size in SIZES)
    assert few.kinds() == many.kinds()
    assert few.times == many.times
    assert few.fetched == many.fetched
    record_property("statements", len(few.statements))
    print(f"{door} on {database_url.partition(':')[0]}: {len(few.statements)} statements, {few.fetched} rows")
    assert len(few.statements) < (45 if door == "sql" else 75)


def test_the_ledger_sees_the_rows_of_others_when_they_are_fetched(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = seed(database_url)
    with closing(seeded.house.store):
        mother = crowded(seeded, 5)
        with counted(seeded.house, monkeypatch) as ledger:
            seeded.move(mother, days=3, hour=9)
        assert len(ledger.rows) == 5
        assert ledger.rendered == 1
        assert contents(seeded.house, crm.appointment, associate_id=ADA)
