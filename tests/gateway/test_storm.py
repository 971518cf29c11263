"""Everybody writes at once, four publish, and in the end what is published is what the rows say.

`SOAK_SECONDS` makes it longer (default 4 for each engine), `SOAK_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import re
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest

from gateway.crm import tables as crm
from gateway.errors import DatabaseBusy
from gateway.services import publish
from gateway.services.announce import announce
from gateway.services.house import DAY, House
from gateway.services.ingest import ingest
from gateway.services.reconcile import reconcile
from gateway.store import tables as t
from gateway.store.marks import Lane
from gateway.store.tables import metadata as ours
from gateway.store.values import notice, told
from mappings.identity import DIARY, TASKS
from mappings.model import Instance, Kind, Outcome
from tests.outside import Follower, calendars, contents, crm_session, held, reply, shown, timeless
from tests.seed import ADA, BO, CARLA, DAG, ROOM, Seeded, seed

SECONDS = float(os.environ.get("SOAK_SECONDS", "4"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
PATIENCE = 60.0
MAILS = {BO: "bo@hillside.example", DAG: "dag@hillside.example", CARLA: "carla@moreau.example"}
GUESTS = (BO, DAG)


@dataclass
class Storm:
    """The threads of one run, what they did, and what went wrong."""

    seeded: Seeded
    other: House
    end: float
    done: Counter[str] = field(default_factory=Counter)
    pace: threading.Event = field(default_factory=threading.Event)  # never set: writers draw breath
    wrong: list[str] = field(default_factory=list)

    @property
    def house(self) -> House:
        return self.seeded.house

    def on(self) -> bool:
        return monotonic() < self.end and not self.wrong

    def thread(self, name: str, number: int, work: Callable[[random.Random], None]) -> threading.Thread:
        def run() -> None:
            chance = random.Random(f"{SEED} {name} {number}")
            try:
                while self.on():
                    try:
                        work(chance)
                        self.done[name] += 1
                    except DatabaseBusy:
                        self.done["busy"] += 1
            except BaseException:  # noqa: BLE001 - whatever it was, the test is told
                self.wrong.append(f"{name} {number}: {traceback.format_exc()}")
            finally:
                for house in (self.house, self.other):
                    house.store.release()

        return threading.Thread(target=run, name=f"{name} {number}", daemon=True)


class Writer:
    """The CRM's own program: one session, each statement a transaction of its own."""

    def __init__(self, storm: Storm, session: Any, number: int) -> None:
        self.storm, self.sql = storm, session.execute
        self.next_id = 10_000 * (number + 1)
        self.mothers: list[int] = []
        self.today = storm.house.today() - storm.house.today() % DAY

    def work(self, chance: random.Random) -> None:
        self.storm.pace.wait(0.004)
        if len(self.mothers) < 4 or (len(self.mothers) < 40 and chance.random() < 0.15):
            self.invite(chance)
        else:
            mother = chance.choice(self.mothers)
            chance.choice(ACTS)(self, chance, mother, chance.choice(GUESTS))

    def invite(self, chance: random.Random) -> None:
        """Make a whole invitation in the CRM's order: daughters, mother, text."""
        mother, self.next_id = self.next_id, self.next_id + 10
        start = self.today + chance.randrange(1, 20) * DAY + chance.randrange(8, 18) * 3_600
        people = [(guest, 0, 6, 5) for guest in GUESTS] + [(0, CARLA, 1, 1), (ROOM, 0, 1, 1), (ADA, 0, 1, 1)]
        for place, (associate, person, kind, status) in enumerate(people, start=1):
            number = mother if associate == ADA else mother + place
            self.sql(
                'INSERT INTO CRM."appointment" ("appointment_id", "mother_id", "associate_id", "invitedPersonId",'
                ' "type", "status", "text_id", "do_by", "activeDate", "endDate", "SendEmail")'
                f" VALUES ({number}, {mother}, {associate}, {person}, {kind}, {status}, {mother}, {start}, {start},"
                f" {start + 3_600}, 1)"
            )
        self.sql(f'INSERT INTO CRM."text" ("text_id", "text") VALUES ({mother}, \'Title 0\')')
        self.mothers.append(mother)

    def answer(self, chance: random.Random, mother: int, guest: int) -> None:
        kind, status = chance.choice(((1, 1), (6, 9), (6, 7), (6, 8), (1, 2)))
        self.sql(f'UPDATE CRM."appointment" SET "type" = {kind}, "status" = {status} WHERE "mother_id" = {mother}'
                 f' AND "associate_id" = {guest} AND "status" <> 10')  # fmt: skip

    def move(self, chance: random.Random, mother: int, _: int) -> None:
        by = chance.choice((-3_600, 1_800, DAY))
        self.sql(f'UPDATE CRM."appointment" SET "do_by" = "do_by" + {by}, "activeDate" = "activeDate" + {by},'
                 f' "endDate" = "endDate" + {by} WHERE "mother_id" = {mother}')  # fmt: skip
        self.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 6 WHERE "mother_id" = {mother}'
                 f' AND "associate_id" IN ({BO}, {DAG}) AND "status" <> 10')  # fmt: skip

    def remove(self, chance: random.Random, mother: int, guest: int) -> None:
        to = chance.choice((10, 10, 5))
        self.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = {to} WHERE "mother_id" = {mother}'
                 f' AND "associate_id" = {guest} AND EXISTS'
                 f' (SELECT 1 FROM CRM."appointment" AS m WHERE m."appointment_id" = {mother})')  # fmt: skip

    def acknowledge(self, _: random.Random, mother: int, guest: int) -> None:
        self.sql(f'DELETE FROM CRM."appointment" WHERE "mother_id" = {mother} AND "associate_id" = {guest}'
                 ' AND "status" = 10')  # fmt: skip

    def delete(self, chance: random.Random, mother: int, _: int) -> None:
        if chance.random() < 0.5:
            self.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE "mother_id" = {mother}'
                     f' AND "associate_id" IN ({BO}, {DAG})')  # fmt: skip
        self.sql(f'DELETE FROM CRM."appointment" WHERE "mother_id" = {mother} AND "status" <> 10')
        self.mothers.remove(mother)

    def rename(self, chance: random.Random, mother: int, _: int) -> None:
        number = chance.randrange(1_000)
        self.sql(chance.choice((
            f"UPDATE CRM.\"text\" SET \"text\" = 'Title {number}' WHERE \"text_id\" = {mother}",
            f"UPDATE CRM.\"person\" SET \"firstname\" = 'F{number}' WHERE \"person_id\" IN (18, 42)",
            f"UPDATE CRM.\"email\" SET \"description\" = 'D{number}' WHERE \"person_id\" = 42",
            f"UPDATE CRM.\"appointment\" SET \"location\" = 'L{number}' WHERE \"mother_id\" = {mother}",
        )))  # fmt: skip

    def repeat(self, chance: random.Random, mother: int, _: int) -> None:
        rule = chance.choice((0, mother))
        self.sql(f'UPDATE CRM."appointment" SET "recurrenceRuleId" = {rule} WHERE "mother_id" = {mother}')

    def retype(self, chance: random.Random, mother: int, _: int) -> None:
        """Make a to-do of a meeting or a meeting of a to-do, now and then of its mother's row alone."""
        rows = "mother_id" if chance.random() < 0.7 else "appointment_id"
        booked, plain = chance.choice(((6, 1), (7, 2)))
        self.sql(f'UPDATE CRM."appointment" SET "type" = CASE WHEN "type" IN (6, 7) THEN {booked} ELSE {plain} END'
                 f' WHERE "{rows}" = {mother}')  # fmt: skip


ACTS: tuple[Callable[[Writer, random.Random, int, int], None], ...] = (
    Writer.answer, Writer.answer, Writer.move, Writer.remove, Writer.acknowledge, Writer.delete, Writer.rename,
    Writer.rename, Writer.repeat, Writer.retype,
)  # fmt: skip


def replier(storm: Storm) -> Callable[[random.Random], None]:
    def work(chance: random.Random) -> None:
        events = contents(storm.house, t.event)
        if events:
            one, who = chance.choice(events), MAILS[chance.choice((BO, DAG, CARLA))]
            partstat = chance.choice(("ACCEPTED", "DECLINED", "TENTATIVE"))
            sequence = one["sequence"] - chance.choice((0, 0, 0, 1))
            ended = ingest(storm.house, reply(one["uid"], who, partstat, sequence=max(0, sequence)), door="mail",
                           vouched=True)  # fmt: skip
            storm.done[f"reply {ended.outcome}"] += 1

    return work


def publisher(house: House) -> Callable[[random.Random], None]:
    def work(chance: random.Random) -> None:
        lane = chance.choice((Lane.NOW, Lane.NOW, Lane.LATER, Lane.WAITING))
        publish.catch_up(house, lane, events=chance.choice((None, 3, 50)), seconds=0.1, wait=5)

    return work


def whole(instances: tuple[Instance, ...], what: str) -> None:
    """Check that a notice or what was told is of an invitation that the CRM had finished."""
    assert instances, what
    for it in instances:
        assert it.summary.startswith("Title "), (what, it)
        kinds = Counter(p.kind for p in it.participants)
        assert kinds[Kind.OWNER] == kinds[Kind.EXTERNAL] == kinds[Kind.ROOM] == 1, (what, it)


def announcer(storm: Storm) -> Callable[[random.Random], None]:
    last = 0

    def work(_: random.Random) -> None:
        nonlocal last
        announce(storm.house)
        for row in contents(storm.house, t.announced):
            whole(told(row["value"]).event.instances, "told")
        for row in contents(storm.house, t.outbox):
            if row["outbox_id"] > last:
                whole(notice(row["payload"]).instances, row["method"])
                last = row["outbox_id"]
                storm.done["notices"] += 1

    return work


def watcher(storm: Storm, clients: list[Follower]) -> Callable[[random.Random], None]:
    def work(chance: random.Random) -> None:
        client = chance.choice(clients)
        client.sync()
        for text in held(storm.house, client.calendar).values():
            assert re.search(r"SUMMARY:(Title \d|Busy)", text), text
            if "STATUS:CANCELLED" not in text:
                assert "carla@" in text, text
                kinds = {kind for kind in ("VEVENT", "VTODO") if f"BEGIN:{kind}\r\n" in text}
                assert len(kinds) == 1, text
                assert all(text.count(f"BEGIN:{kind}\r\n") == text.count(f"END:{kind}\r\n") for kind in kinds)

    return work


@pytest.mark.soak
def test_in_the_end_of_a_storm_everything_published_is_what_the_rows_say(database_url: str) -> None:
    print(f"repeat with SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}")
    seeded = seed(database_url, settle_seconds=0)
    seeded.meeting("Title 1", invited=GUESTS, SendEmail=1)
    other = House(seeded.house.settings)  # a second process, as far as its locks go
    with ExitStack() as stack:
        stack.enter_context(closing(seeded.house.store))
        stack.enter_context(closing(other.store))
        sessions = [stack.enter_context(crm_session(database_url)) for _ in range(2)]
        storm = Storm(seeded, other, monotonic() + SECONDS)
        numbers = [n for name in (DIARY, TASKS) for n in calendars(other, name).values()]
        clients = [Follower(other, n, limit) for n in numbers for limit in (0, 3)]
        threads = [storm.thread("write", n, Writer(storm, s, n).work) for n, s in enumerate(sessions)]
        threads += [storm.thread("reply", n, replier(storm)) for n in range(2)]
        threads += [storm.thread("publish", n, publisher(seeded.house if n % 2 else other)) for n in range(4)]
        threads += [storm.thread("announce", 0, announcer(storm)), storm.thread("watch", 0, watcher(storm, clients))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS + PATIENCE)
        assert not [thread.name for thread in threads if thread.is_alive()]
        print(*storm.wrong, sep="\n")
        assert storm.wrong == []
        print(dict(storm.done))
        settled(storm, clients)


def settled(storm: Storm, clients: list[Follower]) -> None:
    """Drain everything and compare with a fresh projection, from the outside and from within."""
    house = storm.house
    for lane in (Lane.NOW, Lane.LATER, Lane.WAITING):
        publish.catch_up(house, lane)
    assert contents(house, t.dirty) == []
    while announce(house):
        pass
    announcer(storm)(random.Random(0))
    assert contents(house, t.quarantine) == []
    before = everything(house)
    report = reconcile(house)
    assert {name: rows for name, rows in everything(house).items() if rows != before[name]} == {}
    assert (report.changed, report.revision) == (0, 0)
    for client in clients:
        client.sync()
        assert client.agrees()
        assert client.refused == 0
    published = timeless(shown(house))
    reconcile(house, rebuild=True)
    assert timeless(shown(house)) == published
    assert storm.done["write"] > 20
    assert storm.done["publish"] > 5
    assert storm.done[f"reply {Outcome.APPLIED}"] > 0
    assert storm.done["notices"] > 0
    answered(house)


def everything(house: House) -> dict[str, list[dict[str, Any]]]:
    return {table.name: contents(house, table) for table in ours.sorted_tables if table is not t.dirty}


def answered(house: House) -> None:
    """Check that no answer is live whose row says something else, and no row has two that are live."""
    rows = {r["appointment_id"]: (r["type"], r["status"]) for r in contents(house, crm.appointment)}
    live = [a for a in contents(house, t.answer) if a["ended_at"] is None]
    assert max(Counter(a["appointment_id"] for a in live).values(), default=1) == 1
    for answer in live:
        assert rows.get(answer["appointment_id"]) == (answer["type"], answer["status"])
