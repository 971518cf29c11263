"""Mail that answers invitations: one named outcome each, the evidence kept, and the row written as the CRM would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.crm import tables as crm
from gateway.errors import TooLarge
from gateway.ports import SystemClock
from gateway.services import ingest as service
from gateway.services import publish
from gateway.services.house import House
from gateway.services.ingest import Ended, ingest
from gateway.store import tables as t
from mappings import times, weighing
from mappings.model import Outcome
from tests.outside import Clock, calendars, contents, crm_session, held, reply
from tests.seed import ADA, BO, CARLA, DAG, ROOM, Seeded, seed

VECTORS = Path(__file__).parents[1] / "vectors"
BO_MAIL, CARLA_MAIL = "bo@hillside.example", "carla@moreau.example"


@dataclass
class Scene:
    """A meeting of Ada's with Bo, Dag, Carla (mailed) and the room, and the mails that come in about it."""

    seeded: Seeded
    crm: Any
    clock: Clock
    mother: int = 0

    @property
    def house(self) -> House:
        return self.seeded.house

    @property
    def uid(self) -> str:
        (found,) = contents(self.house, t.event, mother_id=self.mother)
        return str(found["uid"])

    def take(self, raw: bytes, *, vouched: bool = True) -> Ended:
        return ingest(self.house, raw, door="mail", vouched=vouched)

    def answer(self, partstat: str, who: str = BO_MAIL, **more: Any) -> Ended:
        return self.take(reply(self.uid, who, partstat, **more))

    def row(self, associate: int = BO) -> dict[str, Any]:
        where = {"associate_id": associate} if associate != CARLA else {"invitedPersonId": CARLA}
        (found,) = contents(self.house, crm.appointment, mother_id=self.mother, **where)
        return found

    def state(self, associate: int = BO) -> tuple[int, int]:
        found = self.row(associate)
        return found["type"], found["status"]

    def seen(self, who: str = BO_MAIL, login: str = "ADA") -> str:
        (text,) = held(self.house, calendars(self.house)[login]).values()
        found = re.search(rf"^ATTENDEE[^\n]*?;PARTSTAT=([A-Z-]+)[^\n]*:mailto:{re.escape(who)}", text, re.MULTILINE)
        return found[1] if found else ""

    def answers(self) -> list[dict[str, Any]]:
        return contents(self.house, t.answer)

    def inbox(self) -> list[dict[str, Any]]:
        return contents(self.house, t.inbox)

    def log(self) -> list[tuple[int, int, int]]:
        rows = contents(self.house, crm.traveltransactionlog)
        return [(r["type"], r["record_id"], r["associate_id"]) for r in rows]

    def sql(self, statement: str) -> None:
        self.crm.execute(statement)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    clock = Clock(SystemClock().now())
    seeded = seed(database_url, clock=clock)
    with closing(seeded.house.store), crm_session(database_url) as session:
        scene = Scene(seeded, session, clock)
        scene.mother = seeded.meeting("Orchard planning", invited=(BO, DAG), SendEmail=1)
        yield scene


# --- what an answer does ---------------------------------------------------------------------------------------------


def test_an_accept_is_written_as_the_crm_would_and_everybody_sees_it(scene: Scene) -> None:
    before = {r["appointment_id"]: r for r in contents(scene.house, crm.appointment)}
    ended = scene.answer("ACCEPTED", stamp=scene.clock.moment)
    assert (ended.outcome, ended.reason) == (Outcome.APPLIED, "ACCEPTED")
    bo = scene.row()
    assert (bo["type"], bo["status"], bo["rejectReason"]) == (1, 1, "")
    assert (bo["updated"], bo["updated_associate_id"], bo["updatedCount"]) == (scene.clock.moment, BO, 1)
    assert scene.log() == [(4608, bo["appointment_id"], BO)]
    after = {r["appointment_id"]: r for r in contents(scene.house, crm.appointment)}
    assert {k for k in after if after[k] != before[k]} == {bo["appointment_id"]}
    assert [scene.seen(login=login) for login in ("ADA", "BO", "DAG")] == ["ACCEPTED"] * 3


def test_a_decline_keeps_its_reason_and_is_counted_on_the_mother(scene: Scene) -> None:
    assert scene.answer("DECLINED", comment="On the ferry\\, sorry").outcome is Outcome.APPLIED
    bo, ada = scene.row(), scene.row(ADA)
    assert (bo["type"], bo["status"], bo["rejectReason"]) == (6, 9, "On the ferry, sorry")
    assert (ada["rejectCounter"], ada["updated_associate_id"], ada["updatedCount"]) == (1, BO, 1)
    assert scene.log() == [(4608, bo["appointment_id"], BO), (4608, scene.mother, BO)]
    assert scene.answers()[0]["comment"] == "On the ferry, sorry"
    assert scene.answer("DECLINED", CARLA_MAIL).outcome is Outcome.APPLIED
    assert scene.row(ADA)["rejectCounter"] == 2
    assert scene.answer("ACCEPTED", sequence=None).outcome is Outcome.APPLIED
    bo = scene.row()
    assert (bo["type"], bo["status"], bo["rejectReason"]) == (1, 1, "")
    assert scene.row(ADA)["rejectCounter"] == 1


def test_a_long_comment_is_kept_whole_and_cut_only_where_the_crm_has_no_room(scene: Scene) -> None:
    assert scene.answer("DECLINED", comment="x" * 400).outcome is Outcome.APPLIED
    assert scene.row()["rejectReason"] == "x" * 254
    assert scene.answers()[0]["comment"] == "x" * 400


def test_tentative_survives_being_published_again_until_the_crm_changes_the_row_and_stays_ended(scene: Scene) -> None:
    assert scene.answer("TENTATIVE").outcome is Outcome.APPLIED
    assert scene.state() == (6, 7)
    for _ in range(2):
        assert scene.seen() == "TENTATIVE"
        scene.sql(f'UPDATE CRM."appointment" SET "updatedCount" = 9 WHERE "mother_id" = {scene.mother}')
        scene.sql('UPDATE CRM."text" SET "text" = \'Another title\'')
        publish.catch_up(scene.house)
    assert scene.answers()[0]["ended_at"] is None
    number = scene.row()["appointment_id"]
    scene.clock.moment += 5
    scene.sql(f'UPDATE CRM."appointment" SET "status" = 5 WHERE "appointment_id" = {number}')
    publish.catch_up(scene.house)
    assert scene.seen() == "NEEDS-ACTION"
    (answer,) = scene.answers()
    assert (answer["ended_at"], answer["end_reason"]) == (scene.clock.moment, "overwritten")
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 7 WHERE "appointment_id" = {number}')
    publish.catch_up(scene.house)
    assert scene.seen() == "NEEDS-ACTION"  # the row looks as the answer left it, but the answer has ended for ever
    assert scene.answers() == [answer]


def test_tentative_of_somebody_outside_leaves_the_row_and_lives_until_the_meeting_is_moved(scene: Scene) -> None:
    before = scene.row(CARLA)
    assert scene.seen(CARLA_MAIL) == "NEEDS-ACTION"
    assert scene.answer("TENTATIVE", CARLA_MAIL).outcome is Outcome.APPLIED
    assert scene.row(CARLA) == before
    assert scene.log() == []
    assert scene.seen(CARLA_MAIL) == "TENTATIVE"
    scene.seeded.move(scene.mother, days=3, hour=9)
    assert scene.seen(CARLA_MAIL) == "NEEDS-ACTION"
    assert scene.answers()[0]["ended_at"] == scene.clock.moment


def test_an_accept_of_somebody_outside_is_an_answer_although_the_row_looks_the_same(scene: Scene) -> None:
    assert scene.seen(CARLA_MAIL) == "NEEDS-ACTION"
    assert scene.answer("ACCEPTED", CARLA_MAIL).outcome is Outcome.APPLIED
    assert scene.state(CARLA) == (1, 1)
    assert scene.seen(CARLA_MAIL) == "ACCEPTED"
    assert scene.answer("DECLINED", CARLA_MAIL, comment="No").outcome is Outcome.APPLIED
    assert (scene.state(CARLA), scene.row(CARLA)["rejectReason"]) == ((1, 9), "No")
    assert scene.seen(CARLA_MAIL) == "DECLINED"
    assert [a["end_reason"] for a in scene.answers()] == ["superseded", None]


def test_outlook_replies_without_organizer_and_without_sequence_are_understood(scene: Scene) -> None:
    raw = (VECTORS / "outlook-no-organizer.eml").read_text()
    uid = re.search(r"UID:(\S+)", raw)
    assert uid is not None
    mended = raw.replace(uid[1], scene.uid).replace("grete@north.test", BO_MAIL)
    ended = scene.take(mended.encode())
    assert ended.outcome is Outcome.APPLIED, ended
    assert scene.state() == (1, 1)
    without = re.sub(r"^SEQUENCE:0\n", "", mended.replace("=ACCEPTED", "=DECLINED"), flags=re.MULTILINE)
    assert scene.take(without.encode()).outcome is Outcome.APPLIED
    assert scene.state() == (6, 9)


def test_an_alias_that_the_crm_knows_of_the_person_answers_for_them(scene: Scene) -> None:
    scene.sql('INSERT INTO CRM."email" ("email_id", "person_id", "email_address", "rank")'
              " VALUES (900, 18, 'B.Tangen@private.example', 2), (901, 42, 'cm@private.example', 2)")  # fmt: skip
    assert scene.answer("ACCEPTED", "b.tangen@private.example").outcome is Outcome.APPLIED
    assert scene.state() == (1, 1)
    assert scene.answer("DECLINED", "CM@private.example").outcome is Outcome.APPLIED
    assert scene.state(CARLA) == (1, 9)
    assert scene.answer("DECLINED", "stranger@private.example").outcome is Outcome.REFUSED_NOT_INVITED


def test_the_evidence_says_what_came_how_it_was_judged_and_what_it_wrote(scene: Scene) -> None:
    stamp = scene.clock.moment - 100
    raw = reply(scene.uid, BO_MAIL, "ACCEPTED", stamp=stamp, comment="Gladly", message="one")
    ended = scene.take(raw)
    (kept,), (answer,) = scene.inbox(), scene.answers()
    (event,) = contents(scene.house, t.event)
    assert kept["inbox_id"] == ended.inbox_id == answer["inbox_id"]
    assert (bytes(kept["raw"]), kept["door"], kept["trust"]) == (raw, "mail", "vouched")
    assert (kept["outcome"], kept["reason"], kept["attempts"]) == ("APPLIED", "ACCEPTED", 1)
    assert (kept["message_id"], kept["event_id"]) == ("<one@elsewhere.example>", event["event_id"])
    assert (kept["received"], kept["judged_at"]) == (scene.clock.moment, scene.clock.moment)
    assert json.loads(kept["verdict"])["outcome"] == "APPLIED"
    assert {k: answer[k] for k in ("event_id", "key", "appointment_id", "partstat", "sequence", "dtstamp")} == {
        "event_id": event["event_id"], "key": 0, "appointment_id": scene.row()["appointment_id"],
        "partstat": "ACCEPTED", "sequence": 0, "dtstamp": stamp,
    }  # fmt: skip
    assert (answer["type"], answer["status"], answer["door"], answer["trust"]) == (1, 1, "mail", "vouched")
    assert (answer["comment"], answer["received"], answer["date"]) == ("Gladly", scene.clock.moment, stamp)


# --- what is no answer, or none any more -----------------------------------------------------------------------------


def unchanged(scene: Scene, before: list[dict[str, Any]], ended: Ended, outcome: Outcome) -> None:
    assert ended.outcome is outcome, ended
    assert contents(scene.house, crm.appointment) == before
    (kept,) = [i for i in scene.inbox() if i["inbox_id"] == ended.inbox_id]
    assert kept["outcome"] == outcome
    assert kept["reason"] == ended.reason
    assert kept["judged_at"] == scene.clock.moment


def test_what_concerns_nothing_of_ours_is_refused_by_name_and_kept(scene: Scene) -> None:
    rows = contents(scene.house, crm.appointment)
    room = contents(scene.house, crm.appointment, associate_id=ROOM)[0]
    assert room["status"] == 1
    for raw, outcome in (
        (reply("unknown@there", BO_MAIL, "ACCEPTED"), Outcome.REFUSED_UNKNOWN),
        (reply(scene.uid, "stranger@there.example", "ACCEPTED"), Outcome.REFUSED_NOT_INVITED),
        (reply(scene.uid, BO_MAIL, "ACCEPTED", organizer="eve@there.example"), Outcome.REFUSED_ORGANIZER),
        (reply(scene.uid, BO_MAIL, "ACCEPTED", method="CANCEL"), Outcome.REFUSED_ROLE),
        (reply(scene.uid, BO_MAIL, "ACCEPTED", method="COUNTER"), Outcome.NO_CHANGE),
        (reply(scene.uid, BO_MAIL, "ACCEPTED", method="DECLINECOUNTER"), Outcome.NEEDS_HUMAN),
        (reply(scene.uid, BO_MAIL, "NEEDS-ACTION"), Outcome.NO_CHANGE),
        (b"From: x@there.example\r\n\r\nnothing but words", Outcome.NO_CHANGE),
        (b"BEGIN:VCALENDAR\r\ngarbage", Outcome.REFUSED_UNREADABLE),
        (b"\x00\xff\xfe garbage \x00", Outcome.REFUSED_UNREADABLE),
        (b"", Outcome.REFUSED_UNREADABLE),
    ):
        unchanged(scene, rows, scene.take(raw), outcome)
    assert scene.answers() == []
    assert len(scene.inbox()) == 11


def test_the_owner_cannot_answer_their_own_invitation(scene: Scene) -> None:
    rows = contents(scene.house, crm.appointment)
    ended = scene.answer("DECLINED", "ada@hillside.example")
    assert ended.outcome is not Outcome.APPLIED
    unchanged(scene, rows, ended, ended.outcome)


def test_an_answer_to_a_time_that_was_moved_meanwhile_is_stale(scene: Scene) -> None:
    early = reply(scene.uid, BO_MAIL, "ACCEPTED", sequence=0)
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 6, "do_by" = "do_by" + 3600'
              f' WHERE "mother_id" = {scene.mother} AND "associate_id" IN ({BO}, {DAG})')  # fmt: skip
    rows = contents(scene.house, crm.appointment)  # nobody has published the move yet
    unchanged(scene, rows, scene.take(early), Outcome.STALE)
    assert scene.seen() == "NEEDS-ACTION"
    assert scene.answer("ACCEPTED", sequence=1).outcome is Outcome.APPLIED
    assert scene.state() == (1, 1)


def test_an_answer_to_the_first_of_two_moves_is_stale(scene: Scene) -> None:
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 6 WHERE "associate_id" = {BO}')
    for days in (3, 4):
        scene.seeded.move(scene.mother, days=days, hour=9)
    assert scene.state() == (6, 6)
    assert scene.answer("ACCEPTED", sequence=1).outcome is Outcome.STALE
    assert scene.seen() == "NEEDS-ACTION"
    assert scene.answer("ACCEPTED", sequence=2).outcome is Outcome.APPLIED


def test_a_move_between_weighing_and_applying_is_seen(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    weigh, number = weighing.weigh, scene.row()["appointment_id"]
    moves = [f'UPDATE CRM."appointment" SET "type" = 6, "status" = 6 WHERE "appointment_id" = {number}']

    def meanwhile(*arguments: Any) -> Any:
        if moves:
            scene.sql(moves.pop())
        return weigh(*arguments)

    if scene.house.store.sqlite:  # there nobody can write between the two: the move comes before the transaction
        attempt = service._once

        def moved_first(*arguments: Any) -> Ended:
            for move in moves[:]:
                scene.sql(move)
                moves.remove(move)
            return attempt(*arguments)

        monkeypatch.setattr(service, "_once", moved_first)
    else:
        monkeypatch.setattr(weighing, "weigh", meanwhile)
    ended = scene.answer("ACCEPTED", sequence=0)
    assert moves == []
    assert ended.outcome is Outcome.STALE, ended
    assert scene.state() == (6, 6)
    assert scene.answers() == []


def test_the_same_bytes_again_are_a_duplicate_and_stored_once(scene: Scene) -> None:
    raw = reply(scene.uid, BO_MAIL, "ACCEPTED")
    first = scene.take(raw)
    scene.sql(f'UPDATE CRM."appointment" SET "type" = 6, "status" = 7 WHERE "associate_id" = {BO}')
    again = scene.take(raw)
    assert (again.outcome, again.inbox_id) == (Outcome.DUPLICATE, first.inbox_id)
    assert scene.state() == (6, 7)
    assert [i["outcome"] for i in scene.inbox()] == ["APPLIED"]
    assert len(scene.answers()) == 1


def test_a_message_that_two_judge_at_once_is_judged_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt, others = service._once, [service.finish]

    def quicker(house: House, inbox_id: int, *more: Any) -> Ended:
        while others:
            assert others.pop()(house, inbox_id).outcome is Outcome.APPLIED
        return attempt(house, inbox_id, *more)

    monkeypatch.setattr(service, "_once", quicker)
    ended = scene.answer("ACCEPTED")
    assert (ended.outcome, ended.reason) == (Outcome.APPLIED, "judged meanwhile")
    assert (len(scene.answers()), len(scene.log())) == (1, 1)
    assert [i["outcome"] for i in scene.inbox()] == ["APPLIED"]


def test_the_same_answer_under_a_new_message_id_is_a_duplicate_and_kept(scene: Scene) -> None:
    stamp = scene.clock.moment
    assert scene.answer("ACCEPTED", stamp=stamp, message="one").outcome is Outcome.APPLIED
    rows = contents(scene.house, crm.appointment)
    unchanged(scene, rows, scene.answer("ACCEPTED", stamp=stamp, message="two"), Outcome.DUPLICATE)
    assert [i["outcome"] for i in scene.inbox()] == ["APPLIED", "DUPLICATE"]


def test_an_older_answer_that_comes_late_does_not_undo_a_newer_one(scene: Scene) -> None:
    stamp = scene.clock.moment
    assert scene.answer("DECLINED", stamp=stamp).outcome is Outcome.APPLIED
    rows = contents(scene.house, crm.appointment)
    unchanged(scene, rows, scene.answer("ACCEPTED", stamp=stamp - 60), Outcome.STALE)


@pytest.mark.parametrize("how", ["one is removed", "the meeting is deleted"])
def test_an_answer_to_what_is_cancelled_changes_nothing(scene: Scene, how: str) -> None:
    uid = scene.uid
    if how == "one is removed":
        scene.sql(f'UPDATE CRM."appointment" SET "status" = 10 WHERE "associate_id" = {BO}')
    else:
        scene.sql('DELETE FROM CRM."appointment"')
    rows = contents(scene.house, crm.appointment)
    ended = scene.take(reply(uid, BO_MAIL, "ACCEPTED"))
    assert ended.outcome in (Outcome.NO_CHANGE, Outcome.REFUSED_NOT_INVITED)
    unchanged(scene, rows, ended, ended.outcome)


def test_what_nobody_vouches_for_is_held_until_somebody_does(scene: Scene) -> None:
    raw = reply(scene.uid, BO_MAIL, "ACCEPTED")
    rows = contents(scene.house, crm.appointment)
    unchanged(scene, rows, scene.take(raw, vouched=False), Outcome.HELD)
    assert scene.take(raw, vouched=False).outcome is Outcome.DUPLICATE
    ended = scene.take(raw)
    assert ended.outcome is Outcome.APPLIED
    assert scene.state() == (1, 1)
    (kept,) = scene.inbox()
    assert (kept["outcome"], kept["trust"], kept["inbox_id"]) == ("APPLIED", "vouched", ended.inbox_id)
    assert [a["trust"] for a in scene.answers()] == ["vouched"]


def test_what_is_larger_than_we_read_is_not_even_stored(scene: Scene) -> None:
    with pytest.raises(TooLarge):
        scene.take(b"x" * (scene.house.settings.max_mail_bytes + 1))
    assert scene.inbox() == []


def test_a_message_that_killed_who_judged_it_again_and_again_is_left_to_people(scene: Scene) -> None:
    ended = scene.take(reply(scene.uid, BO_MAIL, "ACCEPTED"), vouched=False)
    with scene.house.store.writing() as connection:
        connection.execute(t.inbox.update().values(outcome=None, trust="vouched", attempts=5))
    again = service.finish(scene.house, ended.inbox_id)
    assert again.outcome is Outcome.NEEDS_HUMAN
    assert scene.state() == (6, 5)


def test_an_answer_ends_when_its_row_goes_and_the_next_answer_ends_the_one_before(scene: Scene) -> None:
    scene.answer("TENTATIVE", stamp=scene.clock.moment)
    scene.answer("ACCEPTED", stamp=scene.clock.moment + 5)
    assert [a["end_reason"] for a in scene.answers()] == ["superseded", None]
    scene.sql(f'DELETE FROM CRM."appointment" WHERE "associate_id" = {BO}')
    publish.catch_up(scene.house)
    assert [a["end_reason"] for a in scene.answers()] == ["superseded", "row gone"]


def test_one_occurrence_of_a_series_is_answered_without_touching_the_others(scene: Scene) -> None:
    first = scene.seeded.meeting("Weekly", days=3, recurrenceRuleId=3)
    second = scene.seeded.meeting("Weekly", days=10, recurrenceRuleId=3)
    (event,) = contents(scene.house, t.event, rule_id=3)
    start = contents(scene.house, crm.appointment, appointment_id=second)[0]["do_by"]
    extra = f"RECURRENCE-ID;TZID=Europe/Oslo:{wall(start)}"
    assert scene.take(reply(event["uid"], BO_MAIL, "DECLINED", extra=extra)).outcome is Outcome.APPLIED
    states = {
        mother: contents(scene.house, crm.appointment, mother_id=mother, associate_id=BO)[0]["status"]
        for mother in (first, second)
    }
    assert states == {first: 5, second: 9}
    assert scene.take(reply(event["uid"], BO_MAIL, "ACCEPTED")).outcome is Outcome.APPLIED
    assert scene.answers()[0]["key"] == start


def test_a_reply_to_a_series_of_which_nothing_is_left_is_refused_by_name(scene: Scene) -> None:
    scene.seeded.meeting("Weekly", days=3, recurrenceRuleId=3)
    (event,) = contents(scene.house, t.event, rule_id=3)
    scene.sql('DELETE FROM CRM."appointment" WHERE "recurrenceRuleId" = 3')
    rows = contents(scene.house, crm.appointment)
    ended = scene.take(reply(event["uid"], BO_MAIL, "ACCEPTED"))
    unchanged(scene, rows, ended, Outcome.REFUSED_NOT_INVITED)


def test_a_reply_to_a_series_with_an_occurrence_that_no_calendar_can_show_is_judged_by_the_others(scene: Scene) -> None:
    first = scene.seeded.meeting("Weekly", days=3, recurrenceRuleId=3)
    bad = scene.seeded.meeting("Weekly", days=10, recurrenceRuleId=3)
    (event,) = contents(scene.house, t.event, rule_id=3)
    scene.sql(f'UPDATE CRM."appointment" SET "do_by" = {10**15} WHERE "mother_id" = {bad}')
    assert scene.take(reply(event["uid"], BO_MAIL, "ACCEPTED")).outcome is Outcome.APPLIED
    (bo,) = contents(scene.house, crm.appointment, mother_id=first, associate_id=BO)
    assert bo["status"] == 1


def wall(seconds: int) -> str:
    return times.naive(seconds).strftime("%Y%m%dT%H%M%S")


@pytest.mark.parametrize("why", ["no mother", "quarantine"])
def test_an_answer_to_what_was_moved_and_cannot_be_published_is_left_to_people(scene: Scene, why: str) -> None:
    uid, mother = scene.uid, f'"appointment_id" = {scene.mother}'
    if why == "no mother":
        scene.crm.execute(f'DELETE FROM CRM."appointment" WHERE {mother}')
    else:
        scene.crm.execute(f'UPDATE CRM."appointment" SET "do_by" = 99999999999, "endDate" = 99999999999 WHERE {mother}')
    scene.crm.execute(f'UPDATE CRM."appointment" SET "status" = 6 WHERE "associate_id" = {BO}')
    ended = scene.take(reply(uid, BO_MAIL, "ACCEPTED"))
    assert (ended.outcome, ended.reason) == (
        Outcome.NEEDS_HUMAN,
        "the CRM has moved the meeting, and it cannot be published as it is",
    )
    assert scene.state() == (6, 6)
    assert scene.answers() == []
