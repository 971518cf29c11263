"""The worker: what nobody waits for gets done, and what goes wrong once does not end it."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from gateway import worker as working
from gateway.crm import tables as crm
from gateway.services import ingest, publish, sweep
from gateway.services.house import DAY
from gateway.services.reconcile import reconcile
from gateway.store import inbox
from gateway.store import tables as t
from gateway.store.marks import Lane, marked
from gateway.worker import Worker
from tests.outside import Clock, Follower, calendars, contents, reply, shown
from tests.seed import BO, MAILBOXES, Seeded, seed


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    made = seed(database_url, clock=Clock(int(time.time())))
    yield made
    made.close()


def hands(seeded: Seeded) -> Clock:
    assert isinstance(seeded.house.clock, Clock)
    return seeded.house.clock


def test_what_the_crm_marks_is_published_though_nobody_reads(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning")
    with seeded.crm() as connection:
        mine = (crm.appointment.c.mother_id == mother) & (crm.appointment.c.associate_id == BO)
        connection.execute(update(crm.appointment).where(mine).values(type=1, status=1))
        connection.execute(update(crm.person).where(crm.person.c.person_id == 18).values(firstname="Robert"))
    worker = Worker(seeded.house)
    worker.turn()
    worker.turn()
    assert not marked(seeded.house.store, Lane.NOW)
    assert not marked(seeded.house.store, Lane.LATER)
    (text,) = shown(seeded.house)["ADA"].values()
    assert 'CN="Robert Tangen"' in text
    assert "PARTSTAT=ACCEPTED:mailto:bo@hillside.example" in text


def test_a_message_whose_bearer_died_is_finished(seeded: Seeded) -> None:
    seeded.meeting("Orchard planning")
    (event,) = contents(seeded.house, t.event)
    raw = reply(event["uid"], MAILBOXES[BO], "ACCEPTED")
    with seeded.house.store.writing() as connection:
        inbox.keep(connection, raw, received=seeded.house.clock.now(), door="mail", trust="vouched")
    worker = Worker(seeded.house)
    worker.turn()
    assert contents(seeded.house, t.inbox)[0]["outcome"] is None  # somebody may be at it still
    hands(seeded).moment += working.ABANDONED + 1
    Worker(seeded.house).turn()
    assert contents(seeded.house, t.inbox)[0]["outcome"] == "APPLIED"
    assert len(contents(seeded.house, t.answer)) == 1


def test_a_job_that_fails_does_not_keep_the_others_from_theirs(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.services.adopt.adopt_some", broken)
    mother = seeded.meeting("Orchard planning")
    with seeded.crm() as connection:
        where = crm.appointment.c.mother_id == mother
        connection.execute(update(crm.appointment).where(where).values(location="Press house"))
    Worker(seeded.house).turn()
    assert "LOCATION:Press house" in next(iter(shown(seeded.house)["BO"].values()))


def test_a_cancelled_copy_leaves_a_week_after_its_end_and_its_leaving_is_told(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", days=1)
    with seeded.crm() as connection:
        a = crm.appointment.c
        connection.execute(update(crm.appointment).where(a.mother_id == mother, a.associate_id == BO).values(status=10))
    seeded.publish()
    follower = Follower(seeded.house, calendars(seeded.house)["BO"])
    follower.sync()
    assert len(shown(seeded.house)["BO"]) == 1
    hands(seeded).moment += 7 * DAY
    assert sweep.sweep(seeded.house) == 0
    hands(seeded).moment += 2 * DAY
    assert sweep.sweep(seeded.house) == 1
    assert shown(seeded.house).get("BO", {}) == {}
    follower.sync()
    assert follower.held == {}
    assert sweep.sweep(seeded.house) == 0
    reconcile(seeded.house, rebuild=True)
    assert shown(seeded.house).get("BO", {}) == {}


def test_what_is_older_than_calendars_reach_leaves_and_does_not_come_back(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", days=1)
    hands(seeded).moment += 367 * DAY
    assert sweep.sweep(seeded.house) == 3
    assert not any(shown(seeded.house).values())
    with seeded.crm() as connection:
        where = crm.appointment.c.mother_id == mother
        connection.execute(update(crm.appointment).where(where).values(location="Press house"))
    publish.catch_up(seeded.house)
    assert not any(shown(seeded.house).values())


def test_a_message_that_kills_whoever_reads_it_is_given_up(seeded: Seeded) -> None:
    with seeded.house.store.writing() as connection:
        kept = inbox.keep(connection, b"From: x\n\nhello", received=0, door="mail", trust="none")
        for _ in range(ingest.ATTEMPTS):
            inbox.attempted(connection, kept.inbox_id)
    assert ingest.finish(seeded.house, kept.inbox_id).outcome == "NEEDS-HUMAN"


def test_rows_that_vanish_while_they_wait_are_forgotten(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning")
    with seeded.crm() as connection:
        connection.execute(delete(crm.appointment).where(crm.appointment.c.appointment_id == mother))
    seeded.publish()
    assert marked(seeded.house.store, Lane.WAITING)
    with seeded.crm() as connection:
        connection.execute(delete(crm.appointment).where(crm.appointment.c.mother_id == mother))
    Worker(seeded.house).turn()
    assert not marked(seeded.house.store, Lane.WAITING)
    assert not any(shown(seeded.house).values())
