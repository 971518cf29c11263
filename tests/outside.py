"""What stands outside the house: the CRM's own session, a client that follows by tokens, and people who reply by mail.

`crm_session` is another program's connection, each statement a transaction of its own; `statements` are the CRM's own
sequences; a `Follower` knows only what `objects.since` told it; `reply` writes a mail; `shown` is all that is shown.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from time import gmtime, monotonic, strftime
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Table, make_url, select

from gateway.crm.tables import associate
from gateway.services.house import House
from gateway.store import objects
from gateway.store import tables as t
from mappings.identity import DIARY, TASKS

SAMPLES = Path(__file__).parents[1] / "samples" / "raw-sql"


@contextmanager
def crm_session(url: str) -> Iterator[Any]:
    """Open another program's connection in autocommit, which finds the CRM's tables under the name CRM."""
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(":memory:", isolation_level=None, timeout=30, check_same_thread=False)
        connection.execute("ATTACH ? AS CRM", (make_url(url).database,))
    else:
        connection = psycopg.connect(_plain(url), autocommit=True)
    with closing(connection):
        yield connection


def statements(name: str) -> list[str]:
    """Give the statements of one of the CRM's sequences in samples/raw-sql, in their order."""
    script = re.sub(r"^--.*\n", "", (SAMPLES / name).read_text(), flags=re.MULTILINE)
    return [statement for statement in script.split(";\n") if statement.strip()]


def _plain(url: str, database: str | None = None) -> str:
    changed = make_url(url).set(drivername="postgresql")
    return (changed.set(database=database) if database else changed).render_as_string(hide_password=False)


@contextmanager
def copied(house: House) -> Iterator[str]:
    """Give the URL of a copy of a house's database as it is at this moment: what a backup would hold."""
    url = house.store.url
    house.store.close()
    if url.startswith("sqlite"):
        source = str(make_url(url).database)
        with closing(sqlite3.connect(source)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(source, f"{source}.copy")
        yield f"sqlite:///{source}.copy"
        return
    name = f"copy_{uuid4().hex}"
    with closing(psycopg.connect(_plain(url, "postgres"), autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}".encode())
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def contents(house: House, table: Table, **where: object) -> list[dict[str, Any]]:
    """Give the rows of a table as they stand, in the order of their keys."""
    wanted = select(table).order_by(*table.primary_key.columns)
    for name, value in where.items():
        wanted = wanted.where(table.c[name] == value)
    return [dict(r._mapping) for r in house.store.rows(wanted)]


def calendars(house: House, name: str = DIARY) -> dict[str, int]:
    """Give the ids of everybody's calendars of one name, by login."""
    wanted = select(associate.c.name, t.calendar.c.calendar_id).join(
        t.calendar, (t.calendar.c.associate_id == associate.c.associate_id) & (t.calendar.c.name == name)
    )
    return {r.name: r.calendar_id for r in house.store.rows(wanted)}


def shown(house: House) -> dict[str, dict[str, str]]:
    """Give everything that is published: login -> resource name -> text, unfolded; what is nowhere twice."""
    found = {login: held(house, calendar) for login, calendar in calendars(house).items()}
    for login, calendar in calendars(house, TASKS).items():
        to_dos = held(house, calendar)
        assert found[login].keys().isdisjoint(to_dos), "one object in two calendars"
        found[login] |= to_dos
    return found


def held(house: House, calendar: int) -> dict[str, str]:
    """Give one calendar: resource name -> text, unfolded."""
    return {b.name: _unfolded(b.data) for b in objects.everything(house.store, calendar)}


def _unfolded(data: bytes) -> str:
    return data.decode().replace("\r\n ", "")


def timeless(published: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Give what is published without its DTSTAMP and LAST-MODIFIED, which say when it was written and not what."""
    stamps = re.compile(r"(DTSTAMP|LAST-MODIFIED):\w+")
    return {login: {n: stamps.sub("", text) for n, text in c.items()} for login, c in published.items()}


@dataclass
class Clock:
    """A clock whose hands are set by the test; its ticks are real."""

    moment: int

    def now(self) -> int:
        return self.moment

    def ticks(self) -> float:
        return monotonic()


def until(moment: float) -> Iterator[int]:
    """Count up until a moment of the monotonic clock."""
    count = 0
    while monotonic() < moment:
        yield count
        count += 1


@dataclass
class Follower:
    """A client that only ever learns by tokens what changed, and holds ETags and texts by name."""

    house: House
    calendar: int
    limit: int = 0
    token: str = ""
    held: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    refused: int = 0

    def sync(self) -> int:
        """Ask until there is no more, and give the number of pages; a client that is sent in circles fails."""
        for page in range(1, 2_000):
            changes = objects.since(self.house.store, self.calendar, self.token, self.limit)
            if changes is None:
                assert self.token, "the empty token was refused"
                self.token, self.held, self.texts, self.refused = "", {}, {}, self.refused + 1
                continue
            for item in changes.items:
                self.held.pop(item.name, None)
                self.texts.pop(item.name, None)
            self.held |= {i.name: i.etag for i in changes.items if not i.gone}
            some = objects.bodies(self.house.store, self.calendar, [i.name for i in changes.items])
            self.texts |= {b.name: _unfolded(b.data) for b in some}
            assert changes.token != self.token or not changes.more, "a page that leads nowhere"
            self.token = changes.token
            if not changes.more:
                return page
        raise AssertionError("the pages never ended")

    def agrees(self) -> bool:
        """Tell whether what this client holds is what is published, by ETag and by text."""
        tags = {i.name: i.etag for i in objects.listing(self.house.store, self.calendar)}
        return self.held == tags and self.texts == held(self.house, self.calendar)


def reply(
    uid: str,
    attendee: str,
    partstat: str,
    *,
    sequence: int | None = 0,
    stamp: int | None = None,
    comment: str = "",
    organizer: str = "",
    message: str = "",
    sender: str = "",
    method: str = "REPLY",
    extra: str = "",
) -> bytes:
    """Write the mail by which somebody answers an invitation, as common clients do."""
    lines = [f"UID:{uid}", f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee}", "SUMMARY:Answer"]
    lines += [f"ORGANIZER:mailto:{organizer}"] if organizer else []
    lines += [f"SEQUENCE:{sequence}"] if sequence is not None else []
    lines += [f"DTSTAMP:{strftime('%Y%m%dT%H%M%SZ', gmtime(stamp))}"] if stamp is not None else []
    lines += [f"COMMENT:{comment}"] if comment else []
    lines += [extra] if extra else []
    calendar = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//Else//EN", f"METHOD:{method}", "BEGIN:VEVENT"),
        *(*lines, "END:VEVENT", "END:VCALENDAR", ""),
    ]
    mail = [
        *(f"From: <{sender or attendee}>", "To: calendar@hillside.example", "Subject: Answer"),
        *(f"Message-ID: <{message or uuid4().hex}@elsewhere.example>", "MIME-Version: 1.0"),
        *([f"Date: {formatdate(stamp)}"] if stamp is not None else []),
        *(f'Content-Type: text/calendar; method={method}; charset="utf-8"', "", *calendar),
    ]
    return "\r\n".join(mail).encode()
