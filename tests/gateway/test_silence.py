"""What stood there before, what is looked at again and what was restored announces nothing; real news does, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert

from gateway.crm import tables as crm
from gateway.errors import NotAdopted
from gateway.ports import SystemClock
from gateway.services import adopt, moving_in, publish, reading, tokens
from gateway.services.announce import announce
from gateway.services.house import DAY, House
from gateway.services.ingest import ingest
from gateway.services.reconcile import reconcile
from gateway.settings import load_settings
from gateway.store import tables as t
from gateway.store.marks import Lane
from gateway.store.values import notice
from mappings.ics.writing import closed, component
from mappings.model import Header, Outcome, Person
from tests.outside import Clock, Follower, calendars, contents, copied, crm_session, held, reply, shown, timeless
from tests.seed import ADA, BO, CARLA, DAG, PEOPLE, Seeded, seed

MAILED: dict[str, Any] = {"SendEmail": 1}


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
        self.crm.execute(statement)
        publish.catch_up(self.house)
        publish.catch_up(self.house, Lane.LATER)

    def owed(self) -> list[tuple[str, str, str]]:
        """Let an hour pass and the worker announce; give what is in the outbox."""
        self.clock.moment += 3_600
        while announce(self.house):
            pass
        assert contents(self.house, t.announce) == []
        return [(o["method"], o["recipient"], o["state"]) for o in contents(self.house, t.outbox)]

    def sequences(self) -> dict[str, int]:
        return {e["uid"]: e["sequence"] for e in contents(self.house, t.event)}


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    with closing(seeded.house.store), crm_session(database_url) as session:
        yield Scene(seeded, session, clock)


REQUEST, CANCEL = ((method, "mailto:carla@moreau.example", "withheld") for method in ("REQUEST", "CANCEL"))


# --- what is owed ----------------------------------------------------------------------------------------------------


def test_an_invitation_of_somebody_outside_owes_them_one_request_which_is_withheld(scene: Scene) -> None:
    scene.seeded.meeting("Orchard planning", **MAILED)
    assert scene.owed() == [REQUEST]
    assert scene.owed() == [REQUEST]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_real_change_owes_exactly_one_request_with_what_is_so_now(scene: Scene, quiet: bool) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.owed()
    for hour in (9, 11, 14):
        scene.seeded.move(mother, days=2, hour=hour)
        if not quiet:
            scene.clock.moment += 3
            assert announce(scene.house) == 0
    assert scene.owed() == [REQUEST, REQUEST]
    last = notice(contents(scene.house, t.outbox)[-1]["payload"])
    assert [i.start % DAY for i in last.instances] == [14 * 3_600]
    assert last.sequence == scene.sequences().popitem()[1] > 0


def test_nothing_is_owed_before_an_event_has_been_quiet_and_no_restlessness_puts_it_off_for_ever(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    settle = scene.house.settings.settle_seconds
    scene.clock.moment += settle - 1
    assert announce(scene.house) == 0
    for step in range(40):
        scene.seeded.move(mother, days=2, hour=8 + step % 2)
        scene.clock.moment += settle - 1
        if announce(scene.house):
            break
    else:
        raise AssertionError("news that never came")
    assert step >= 10


def test_what_was_invited_and_cancelled_within_the_time_of_settling_owes_nothing(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.clock.moment += 5
    scene.seeded.delete(mother)
    assert scene.owed() == []
    assert contents(scene.house, t.announced) == []


def test_a_cancellation_owes_one_cancel_with_a_higher_sequence_although_every_row_is_gone(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.owed()
    scene.seeded.delete(mother)
    assert scene.owed() == [REQUEST, CANCEL]
    first, last = (notice(o["payload"]) for o in contents(scene.house, t.outbox))
    assert last.sequence > first.sequence
    assert (last.uid, last.instances[0].summary) == (first.uid, "Orchard planning")
    assert contents(scene.house, t.announced) == []


def test_a_meeting_handed_over_owes_its_guests_a_request_from_its_new_owner_with_a_higher_sequence(
    scene: Scene,
) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.owed()
    scene.sql(f'UPDATE CRM."appointment" SET "associate_id" = {DAG} WHERE "appointment_id" = {mother}')
    assert scene.owed() == [REQUEST, REQUEST]
    last = notice(contents(scene.house, t.outbox)[-1]["payload"])
    assert (last.sequence, last.instances[0].organizer) == (1, Person("Dag Whitfield", "mailto:dag@hillside.example"))
    assert {login: len(copies) for login, copies in shown(scene.house).items()} == {
        "ADA": 0, "BO": 1, "DAG": 1, "TASTING ROOM": 1,
    }  # fmt: skip


def test_an_associates_row_given_to_another_owes_one_a_cancel_and_the_other_a_request(database_url: str) -> None:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock, outbound="all")
    with closing(seeded.house.store), crm_session(database_url) as session:
        scene = Scene(seeded, session, clock)
        mother = seeded.meeting("Orchard planning", external=(), **MAILED)
        assert scene.owed() == [("REQUEST", "mailto:bo@hillside.example", "withheld")]
        scene.sql(f'UPDATE CRM."appointment" SET "associate_id" = {DAG} '
                  f'WHERE "mother_id" = {mother} AND "associate_id" = {BO}')  # fmt: skip
        assert scene.owed()[1:] == [
            ("CANCEL", "mailto:bo@hillside.example", "withheld"),
            ("REQUEST", "mailto:dag@hillside.example", "withheld"),
        ]
        assert [o["sequence"] for o in contents(scene.house, t.outbox)] == [0, 1, 1]


def weekly(scene: Scene) -> int:
    """Plan three occurrences that are alike, so that they are one master; gives the last one's mother."""
    series: dict[str, Any] = {"rooms": (), "recurrenceRuleId": 3, **MAILED}
    *_, last = [scene.seeded.meeting("Weekly", days=days, **series) for days in (3, 10, 17)]
    assert len(contents(scene.house, t.part)) == 1
    return last


def test_who_is_taken_out_of_one_occurrence_is_owed_a_cancel_for_that_one(scene: Scene) -> None:
    last = weekly(scene)
    assert scene.owed() == [REQUEST]
    scene.sql(f'DELETE FROM CRM."appointment" WHERE "mother_id" = {last} AND "invitedPersonId" = {CARLA}')
    assert scene.owed() == [REQUEST, CANCEL]
    (gone,) = notice(contents(scene.house, t.outbox)[-1]["payload"]).instances
    assert (gone.key, gone.status, gone.key_zone) == (gone.start, "CANCELLED", scene.house.settings.timezone)
    text = closed(component(Header("x", 1, 0), gone), gone.status)
    assert b"RECURRENCE-ID;TZID=" in text
    assert b"RDATE" not in text


def test_another_guests_answer_to_one_occurrence_of_a_series_owes_nothing(scene: Scene) -> None:
    last = weekly(scene)
    assert scene.owed() == [REQUEST]
    scene.seeded.answer(last, BO, status=9)
    assert scene.owed() == [REQUEST]


@pytest.mark.parametrize("door", ["sql", "mail", "outsider"])
def test_an_answer_owes_nothing(scene: Scene, door: str) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    assert scene.owed() == [REQUEST]
    uid = next(iter(scene.sequences()))
    if door == "sql":
        scene.seeded.answer(mother, BO, status=9, reason="No")
    else:
        who = "bo@hillside.example" if door == "mail" else "carla@moreau.example"
        ended = ingest(scene.house, reply(uid, who, "DECLINED"), door="mail", vouched=True)
        assert ended.outcome is Outcome.APPLIED
    assert scene.owed() == [REQUEST]
    assert scene.sequences() == {uid: 0}


def test_who_can_be_mailed_only_since_an_address_was_entered_is_owed_the_request_then(scene: Scene) -> None:
    scene.sql('DELETE FROM CRM."email" WHERE "person_id" = 42')
    scene.seeded.meeting("Orchard planning", **MAILED)
    assert scene.owed() == []
    scene.sql('INSERT INTO CRM."email" ("email_id", "person_id", "email_address") VALUES (900, 42,'
              " 'carla@moreau.example')")  # fmt: skip
    assert scene.owed() == [REQUEST]


def test_a_change_that_comes_together_with_a_correction_of_names_is_not_swallowed_by_silence(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.owed()
    scene.crm.execute('UPDATE CRM."person" SET "lastname" = \'Lind\' WHERE "person_id" = 15')
    scene.crm.execute(f'UPDATE CRM."appointment" SET "do_by" = "do_by" + 900 WHERE "mother_id" = {mother}')
    publish.catch_up(scene.house, Lane.LATER)  # the silent lane, before anybody looked at the other
    assert scene.owed() == [REQUEST, REQUEST]


def test_an_invitation_that_comes_while_calendars_are_adopted_is_not_swallowed_by_silence(database_url: str) -> None:
    with filled(database_url) as scene:
        moving_in.init(scene.house)
        number = 9_000
        start = scene.house.today() + DAY
        for mother, associate, person in ((number, ADA, 0), (number, 0, CARLA)):
            scene.crm.execute(
                'INSERT INTO CRM."appointment" ("appointment_id", "mother_id", "associate_id", "invitedPersonId",'
                ' "type", "status", "do_by", "activeDate", "endDate", "SendEmail")'
                f" VALUES ({number + (not associate)}, {mother}, {associate}, {person}, 1, 1, {start}, {start},"
                f" {start + 3_600}, 1)"
            )
        adopt.adopt(scene.house)
        publish.catch_up(scene.house)
        assert scene.owed() == [REQUEST]


# --- what is silent --------------------------------------------------------------------------------------------------


@contextmanager
def filled(url: str) -> Iterator[Scene]:
    """Give a CRM that stands filled before we come: people, meetings with mailed outsiders, a series, and no house."""
    clock = Clock(SystemClock().now())
    beside = load_settings(environ={}, database_url=url, crm_embedded=False, outbound="external")
    house = House(beside, clock)
    with closing(house.store), crm_session(url) as session:
        with house.store.writing() as connection:
            crm.create_tables(connection)
            for table, rows in PEOPLE.items():
                connection.execute(insert(table), rows)
            connection.execute(insert(crm.text), [{"text_id": n, "text": f"Meeting {n}"} for n in range(1, 8)])
            start = house.today() - house.today() % DAY
            for n in range(1, 8):
                times = {"do_by": start + n * DAY, "activeDate": start + n * DAY, "endDate": start + n * DAY + 3_600}
                rule = 3 if n in (5, 6) else 0
                shared = {"mother_id": 10 * n, "text_id": n, "SendEmail": 1, "recurrenceRuleId": rule, **times}
                people = ({"associate_id": ADA, "type": 1, "status": 1}, {"associate_id": BO, "type": 6, "status": 5},
                          {"associate_id": 0, "invitedPersonId": CARLA, "type": 1, "status": 1})  # fmt: skip
                for place, row in enumerate(people):
                    connection.execute(insert(crm.appointment).values(appointment_id=10 * n + place, **shared, **row))
        yield Scene(Seeded(url, house), session, clock)


def test_adopting_a_filled_crm_announces_nothing_and_publishes_everything(database_url: str) -> None:
    with filled(database_url) as scene:
        assert moving_in.init(scene.house) is True
        publish.catch_up(scene.house)
        done = adopt.adopt(scene.house)
        assert done.calendars == 2 * 4  # everybody has a diary and tasks
        assert len(shown(scene.house)["BO"]) == 6
        assert scene.owed() == []
        scene.seeded.move(10, days=4, hour=9)
        assert scene.owed() == [REQUEST]


def test_a_change_of_what_stood_there_before_owes_a_cancel_to_who_was_told_by_others(database_url: str) -> None:
    with filled(database_url) as scene:
        moving_in.init(scene.house)
        adopt.adopt(scene.house)
        scene.seeded.delete(10)
        assert scene.owed() == [CANCEL]


QUIETLY: dict[str, Callable[[Scene], object]] = {
    "reconcile": lambda s: reconcile(s.house),
    "rebuild": lambda s: reconcile(s.house, rebuild=True),
    "adoption again": lambda s: adopt.adopt(s.house),
    "init again": lambda s: moving_in.init(s.house),
    "restored": lambda s: moving_in.restored(s.house),
    "restored and rebuilt": lambda s: (moving_in.restored(s.house), reconcile(s.house, rebuild=True)),
    "a person renamed": lambda s: s.sql('UPDATE CRM."person" SET "lastname" = \'Lind\''),
    "an address corrected": lambda s: s.sql('UPDATE CRM."email" SET "email_address" = \'x\' || "email_address"'),
    "a login renamed": lambda s: s.sql('UPDATE CRM."associate" SET "name" = "name" || \'X\''),
    "a task renamed": lambda s: s.sql('UPDATE CRM."task" SET "name" = \'Tasting\''),
}


@pytest.mark.parametrize("what", QUIETLY)
@pytest.mark.parametrize("told", [True, False])
def test_what_is_done_quietly_owes_nothing_new(scene: Scene, what: str, told: bool) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.seeded.meeting("Weekly", days=3, recurrenceRuleId=3, **MAILED)
    scene.seeded.meeting("Weekly", days=10, recurrenceRuleId=3, **MAILED)
    scene.seeded.answer(mother, BO, status=1)
    uids = set(scene.sequences())
    owed = scene.owed() if told else []
    QUIETLY[what](scene)
    if told:
        assert scene.owed() == owed == [REQUEST, REQUEST]
    else:
        # What waited still is news, once; unless somebody came back from a backup.
        said = [(method, state) for method, _, state in scene.owed()]
        assert said == ([] if "restored" in what else [("REQUEST", "withheld")] * 2)
    QUIETLY[what](scene)
    assert len(scene.owed()) == (2 if told or "restored" not in what else 0)
    assert set(scene.sequences()) == uids


def test_who_was_told_before_a_backup_was_restored_is_still_owed_the_cancel(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    moving_in.restored(scene.house)  # the mail may have gone out after the backup was taken
    assert scene.owed() == []
    scene.seeded.delete(mother)
    assert scene.owed() == [CANCEL]


def test_what_waited_to_be_sent_is_withheld_for_ever_after_a_restore(scene: Scene) -> None:
    scene.seeded.meeting("Orchard planning", **MAILED)
    scene.owed()
    with scene.house.store.writing() as connection:
        connection.execute(t.outbox.update().values(state="owed"))
    moving_in.restored(scene.house)
    assert scene.owed() == [REQUEST]


def test_sequence_never_steps_back_across_a_restore_whatever_the_outside_was_told_in_between(database_url: str) -> None:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    mother = seeded.meeting("Orchard planning", **MAILED)
    with copied(seeded.house) as backup:
        for hour in range(7, 19):
            seeded.move(mother, days=2, hour=hour)
        (before,) = contents(seeded.house, t.event)
        seeded.house.store.close()
        assert before["sequence"] == 12
        again = Seeded(backup, House(load_settings(environ={}, database_url=backup), clock))
        with closing(again.house.store):
            assert moving_in.restored(again.house) == 1
            assert moving_in.restored(again.house) == 1
            again.move(mother, days=3, hour=9)
            (after,) = contents(again.house, t.event)
            assert after["sequence"] > before["sequence"]
            assert after["uid"] == before["uid"]
            (text,) = held(again.house, calendars(again.house)["BO"]).values()
            assert f"SEQUENCE:{after['sequence']}\r\n" in text


# --- rebuilding ------------------------------------------------------------------------------------------------------


def test_a_rebuild_makes_the_same_again_under_the_same_uids_and_sequences(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", invited=(BO, DAG), hasAlarm=1, alarm=10, **MAILED)
    scene.seeded.appointment("Dentist", owner=DAG)
    scene.seeded.meeting("Weekly", days=3, recurrenceRuleId=3)
    scene.seeded.meeting("Weekly", days=10, recurrenceRuleId=3, location="Barn")
    scene.seeded.move(mother, days=2, hour=9)
    scene.seeded.answer(mother, DAG, status=10)
    uid = next(u for u, sequence in scene.sequences().items() if sequence)
    assert ingest(scene.house, reply(uid, "bo@hillside.example", "TENTATIVE", sequence=9), door="mail",
                  vouched=True).outcome is Outcome.APPLIED  # fmt: skip
    clients = [Follower(scene.house, calendar) for calendar in calendars(scene.house).values()]
    for client in clients:
        client.sync()
    before, sequences = timeless(shown(scene.house)), scene.sequences()
    answers, announced = contents(scene.house, t.answer), contents(scene.house, t.announced)
    for _ in range(2):
        reconcile(scene.house, rebuild=True)
        assert timeless(shown(scene.house)) == before
        assert scene.sequences() == sequences
        assert contents(scene.house, t.answer) == answers
        assert contents(scene.house, t.announced) == announced
    assert any("PARTSTAT=TENTATIVE" in text for text in before["ADA"].values())
    assert any("STATUS:CANCELLED" in text for text in before["DAG"].values())
    for client in clients:
        client.sync()
        assert client.agrees()
        assert client.refused == 1
        client.sync()
        assert client.refused == 1  # the new token is good


def test_the_token_of_a_calendar_with_nothing_but_a_cancelled_copy_is_good_after_a_rebuild(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", invited=(BO, DAG))
    scene.seeded.answer(mother, DAG, status=10)
    client = Follower(scene.house, calendars(scene.house)["DAG"])
    client.sync()
    reconcile(scene.house, rebuild=True)
    for _ in range(3):
        client.sync()
        assert client.agrees()
        assert len(client.held) == client.refused == 1


def test_reconcile_finds_what_no_trigger_saw_and_then_nothing_more(scene: Scene) -> None:
    mother = scene.seeded.meeting("Orchard planning", **MAILED)
    scene.owed()
    scene.crm.execute('INSERT INTO CRM."text" ("text_id", "text") VALUES (9000, \'Unseen\')')
    start = scene.house.today() + DAY
    scene.crm.execute(f'UPDATE CRM."appointment" SET "location" = \'Barn\' WHERE "mother_id" = {mother}')
    scene.crm.execute('INSERT INTO CRM."appointment" ("appointment_id", "associate_id", "type", "status", "text_id",'
                      f' "do_by", "endDate") VALUES (9000, {BO}, 1, 1, 9000, {start}, {start + 60})')  # fmt: skip
    with scene.house.store.writing() as connection:
        connection.execute(t.dirty.delete())
    assert reconcile(scene.house).changed == 2
    texts = held(scene.house, calendars(scene.house)["BO"]).values()
    assert sorted(re.findall(r"SUMMARY:(\w+)|LOCATION:(\w+)", "".join(texts))) == [
        ("", "Barn"), ("Orchard", ""), ("Unseen", "")
    ]  # fmt: skip
    report = reconcile(scene.house)
    assert (report.changed, report.revision) == (0, 0)
    assert scene.owed() == [REQUEST]


# --- calendars that are not adopted ----------------------------------------------------------------------------------


def test_a_calendar_that_is_not_adopted_is_refused_and_goes_next_in_line(database_url: str) -> None:
    with filled(database_url) as scene:
        moving_in.init(scene.house)
        secrets = {login: tokens.grant(scene.house, login, "caldav") for login in ("ADA", "BO", "DAG")}
        for login in ("DAG", "BO"):
            with pytest.raises(NotAdopted) as refused:
                reading.enter(scene.house, secrets[login], "caldav")
            assert refused.value.retry_after > 0
            scene.clock.moment += 1
        for login in ("DAG", "BO"):
            assert adopted(scene) == ({"DAG"} if login == "BO" else set())
            step = adopt.adopt_some(scene.house)
            assert step is not None
            assert step.finished
        assert adopted(scene) == {"BO", "DAG"}
        entry = reading.enter(scene.house, secrets["BO"], "caldav")
        assert len(held(scene.house, entry.calendar_id)) == 6
        with pytest.raises(NotAdopted):
            reading.enter(scene.house, secrets["ADA"], "caldav")
        while adopt.adopt_some(scene.house):
            pass
        assert reading.enter(scene.house, secrets["ADA"], "caldav").adopted
        assert contents(scene.house, t.house)[0]["adopted"]


def adopted(scene: Scene) -> set[str]:
    ready = {c["calendar_id"] for c in contents(scene.house, t.calendar) if c["adopted"]}
    return {login for login, calendar in calendars(scene.house).items() if calendar in ready}


def test_a_diary_opened_after_adoption_is_whole_at_once_and_empty(scene: Scene) -> None:
    scene.sql('INSERT INTO CRM."associate" ("associate_id", "name") VALUES (60, \'EVE\')')
    secret = scene.seeded.token("EVE")
    entry = reading.enter(scene.house, secret, "caldav")
    assert (entry.adopted, entry.token) == (True, "0-0")
    assert held(scene.house, entry.calendar_id) == {}
