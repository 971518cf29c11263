"""Whoever is killed while taking in replies leaves nothing half done, nothing done twice, and nothing forgotten."""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import select

from gateway.crm import tables as crm
from gateway.services import ingest, publish
from gateway.services.house import House
from gateway.services.reconcile import reconcile
from gateway.store import inbox
from gateway.store import tables as t
from gateway.store.marks import Lane
from mappings.model import Outcome
from tests.outside import Follower, calendars, contents, shown, timeless
from tests.seed import BO, CARLA, DAG, seed
from tests.toiler import message

ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("SOAK_SECONDS", "8"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
PATIENCE = 60.0


class Nursery:
    """The program that has one child after another, and what they tell."""

    def __init__(self, url: str, uids: list[str]) -> None:
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.toiler", url, *uids],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.told: queue.Queue[str] = queue.Queue()
        self.ended: dict[int, str] = {}
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.program.stdout is not None
        for line in self.program.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "ended":
                number, _, outcome = rest.partition(" ")
                self.ended[int(number)] = outcome
            else:
                self.told.put(line.strip())

    def hear(self, *words: str) -> dict[str, str]:
        """Wait until all these words were said."""
        heard: dict[str, str] = {}
        while set(words) - set(heard):
            word, _, rest = self.told.get(timeout=PATIENCE).partition(" ")
            heard[word] = rest
        return heard

    def life(self, number: int, seconds: float) -> None:
        """Let a child begin with a message, and kill it after so long."""
        assert self.program.stdin is not None
        self.program.stdin.write(f"{number}\n")
        self.program.stdin.flush()
        child = int(self.hear("child", "alive")["child"])
        sleep(seconds)  # this is how long it lives, not a wait for anything
        os.kill(child, signal.SIGKILL)
        self.hear("gone")

    def close(self) -> None:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.close()
        self.program.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.program.stdout.close()


def test_what_was_acknowledged_survives_every_kill_and_what_was_not_is_finished_once(database_url: str) -> None:
    print(f"repeat with SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}")
    chance = random.Random(SEED)
    seeded = seed(database_url)
    mothers = [seeded.meeting(f"Meeting {n}", invited=(BO, DAG), days=n, SendEmail=1) for n in range(1, 5)]
    with closing(seeded.house.store):
        clients = [Follower(seeded.house, calendar) for calendar in calendars(seeded.house).values()]
        for client in clients:
            client.sync()
        uids = [e["uid"] for e in contents(seeded.house, t.event)]
        seeded.house.store.close()
        with closing(Nursery(database_url, uids)) as nursery:
            kills, end = 0, monotonic() + SECONDS
            while monotonic() < end:
                nursery.life(max(nursery.ended, default=0) + chance.choice((1, 1, 2)), chance.uniform(0, 0.4))
                kills += 1
        finished(seeded.house)
        print(f"{kills} kills, {len(nursery.ended)} acknowledged, {inboxes(seeded.house)}")
        assert kills >= 5
        assert len(nursery.ended) >= 10
        judged(seeded.house, nursery.ended)
        written(seeded.house, mothers)
        for client in clients:
            client.sync()
            assert client.agrees()
            assert client.refused == 0
        assert reconcile(seeded.house).revision == 0
        before = timeless(shown(seeded.house))
        reconcile(seeded.house, rebuild=True)
        assert timeless(shown(seeded.house)) == before


def inboxes(house: House) -> Counter[str]:
    return Counter(i["outcome"] for i in contents(house, t.inbox))


def finished(house: House) -> None:
    """Do what the worker does when it comes back."""
    with house.store.writing() as connection:
        left = inbox.unjudged(connection, house.clock.now(), limit=10_000)
    for inbox_id in left:
        ingest.finish(house, inbox_id)
    for lane in Lane:
        publish.catch_up(house, lane)
    assert contents(house, t.dirty) == []


def judged(house: House, acknowledged: dict[int, str]) -> None:
    """Check that each message has one outcome, the one it was told, and one answer where it was applied."""
    messages = contents(house, t.inbox)
    numbers = {int(m["message_id"].strip("<>").partition("@")[0]): m for m in messages}
    assert len(numbers) == len(messages)
    assert {m["outcome"] for m in messages} <= {o.value for o in Outcome}
    for number, outcome in acknowledged.items():
        kept = numbers[number]["outcome"]
        assert outcome in (kept, Outcome.DUPLICATE), (number, outcome, kept)
    applied = sorted(m["inbox_id"] for m in messages if m["outcome"] == Outcome.APPLIED)
    assert sorted(a["inbox_id"] for a in contents(house, t.answer)) == applied
    assert len(applied) > 0


def written(house: House, mothers: list[int]) -> None:
    """Check that the rows, the log and the counters are those of the answers in their order, each once."""
    logged: Counter[int] = Counter()
    for row in contents(house, crm.traveltransactionlog):
        assert row["type"] == 4608
        logged[row["record_id"]] += 1
    rows = {r["appointment_id"]: r for r in contents(house, crm.appointment)}
    state: dict[int, tuple[int, int]] = {}
    expected: Counter[int] = Counter()
    for answer in house.store.rows(select(t.answer).order_by(t.answer.c.answer_id)):
        row = rows[answer.appointment_id]
        was = state.get(row["appointment_id"], (6, 5) if row["associate_id"] else (1, 1))
        now = (answer.type, answer.status)
        if now != was:
            expected[row["appointment_id"]] += 1
            if 9 in (was[1], now[1]):
                expected[row["mother_id"]] += 1
        state[row["appointment_id"]] = now
    assert logged == expected
    for number, now in state.items():
        assert (rows[number]["type"], rows[number]["status"]) == now
        assert rows[number]["updatedCount"] == expected[number]
    for mother in mothers:
        declined = [r for r in rows.values() if r["mother_id"] == mother and r["status"] == 9]
        assert rows[mother]["rejectCounter"] == len(declined)
        assert rows[mother]["updatedCount"] == expected[mother]
    assert {r["invitedPersonId"] for r in rows.values()} >= {CARLA}


@pytest.mark.parametrize("moment", ["after the bytes", "after the attempt", "after the rows"])
def test_a_message_whose_bearer_died_at_a_chosen_moment_is_finished_with_one_effect(
    database_url: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    seeded = seed(database_url)
    seeded.meeting("Meeting", invited=(BO, DAG), SendEmail=1)
    uids = [e["uid"] for e in contents(seeded.house, t.event)]
    with closing(seeded.house.store):
        with monkeypatch.context() as patched:
            where = {"after the bytes": "_read", "after the attempt": "_once", "after the rows": "catch_up"}[moment]
            calls = iter([None] if moment == "after the rows" else [])
            real = getattr(ingest, where)
            patched.setattr(ingest, where, lambda *a: real(*a) if next(calls, die) is None else die())
            with pytest.raises(Killed):
                ingest.ingest(seeded.house, message(1, uids), door="mail", vouched=True)
        finished(seeded.house)
        assert inboxes(seeded.house) == {"APPLIED": 1}
        again = ingest.ingest(seeded.house, message(1, uids), door="mail", vouched=True)
        assert again.outcome is Outcome.DUPLICATE
        judged(seeded.house, {1: "APPLIED"})
        assert len(contents(seeded.house, t.answer)) == 1
