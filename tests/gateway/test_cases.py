"""The acceptance cases of a reply once more, from the octets of a mail to the CRM's rows, by their numbers.

`tests/mappings/test_weighing.py` has them at the level of judgement; here each goes through the inbox into a database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import insert, update

from gateway.crm import tables as crm
from gateway.services.house import House
from gateway.services.ingest import Ended, ingest
from gateway.services.verbs import cancel, change, remove
from gateway.services.verbs.change import Changes
from gateway.store import tables as t
from mappings.model import Outcome
from tests.outside import Clock, calendars, contents, held, reply
from tests.seed import BO, DAG, Seeded, seed

VECTORS = Path(__file__).parents[1] / "vectors"
UID = "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f"
SENT = 1_793_610_000  # 2026-11-02T09:00Z, the vectors' DTSTAMP
GRETE, ALIAS, OTHER, OWNER = "grete@north.test", "holm@south.test", "igrete@north.test", "calendar@crm.test"
ACCEPTED, TENTATIVE, DECLINED, ASKED, MOVED = (1, 1), (6, 7), (6, 9), (6, 5), (6, 6)
HOUR, DAY, WEEK = 3_600, 86_400, 604_800


@dataclass
class Scene:
    """A meeting on 2026-11-10 at 09:00Z with Grete (an associate) and one whose address contains hers."""

    seeded: Seeded
    clock: Clock
    mother: int = 0

    @property
    def house(self) -> House:
        return self.seeded.house

    def take(self, raw: bytes, *, vouched: bool = True) -> Ended:
        return ingest(self.house, raw, door="cli", vouched=vouched)

    def said(self, partstat: str, who: str = GRETE, **more: Any) -> Outcome:
        chosen: dict[str, Any] = {"stamp": SENT, "sender": GRETE} | more
        return self.take(reply(UID, who, partstat, **chosen)).outcome

    def row(self, associate: int = BO) -> dict[str, Any]:
        (found,) = contents(self.house, crm.appointment, mother_id=self.mother, associate_id=associate)
        return found

    def state(self, associate: int = BO) -> tuple[int, int]:
        found = self.row(associate)
        return found["type"], found["status"]

    def shown(self, who: str = GRETE) -> str:
        (text,) = held(self.house, calendars(self.house)["ADA"]).values()
        found = re.search(rf"^ATTENDEE[^\n]*?;PARTSTAT=([A-Z-]+)[^\n]*:mailto:{re.escape(who)}", text, re.MULTILINE)
        return found[1] if found else ""

    def answers(self) -> list[str]:
        return [a["partstat"] for a in contents(self.house, t.answer)]

    def named(self) -> None:
        """Give the event the vectors' UID, as the CRM would, and the organizer that they name."""
        with self.seeded.crm() as connection:
            values = {"invitation_id": 1, "event_uid": UID, "appointment_id": self.mother}
            connection.execute(insert(crm.invitation).values(**values))
        self.seeded.publish()
        with self.seeded.crm() as connection:
            mine = t.event.c.uid == UID
            both = f"mailto:{OWNER} mailto:ada@hillside.example"
            connection.execute(update(t.event).where(mine).values(organizers=both))

    def asked_again(self) -> None:
        """Let the CRM move the meeting by an hour and ask everybody again."""
        with self.seeded.crm() as connection:
            a = crm.appointment.c
            times = {name: a[name] + HOUR for name in ("do_by", "activeDate", "endDate")}
            connection.execute(update(crm.appointment).where(a.mother_id == self.mother).values(**times))
            mine = (a.mother_id == self.mother) & a.associate_id.in_((BO, DAG))
            connection.execute(update(crm.appointment).where(mine).values(type=6, status=6))
        self.seeded.publish()


@pytest.fixture
def empty(database_url: str) -> Iterator[Scene]:
    clock = Clock(SENT + 60)
    seeded = seed(database_url, clock=clock)
    with closing(seeded):
        with seeded.crm() as connection:
            e = crm.email.c
            connection.execute(update(crm.email).where(e.person_id == 18).values(email_address=GRETE))
            connection.execute(update(crm.email).where(e.person_id == 149).values(email_address=OTHER))
            alias = {"email_id": 900, "contact_id": 2, "person_id": 18, "email_address": ALIAS, "rank": 2}
            connection.execute(insert(crm.email).values(**alias))
        seeded.publish()
        yield Scene(seeded, clock)


@pytest.fixture
def scene(empty: Scene) -> Scene:
    empty.mother = empty.seeded.meeting("Harbour plans", invited=(BO, DAG), days=8, minutes=60, SendEmail=1)
    empty.named()
    return empty


@pytest.fixture
def series(empty: Scene) -> list[Scene]:
    """Give a weekly series, a scene for each occurrence."""
    mothers = empty.seeded.series("Harbour round", 6, days=8, minutes=60, invited=(BO,), external=(), rooms=())
    empty.mother = mothers[0]
    empty.named()
    return [Scene(empty.seeded, empty.clock, mother) for mother in mothers]


# --- as clients send them --------------------------------------------------------------------------------------------

APPLIED = [
    (1, "outlook-no-organizer.eml", ACCEPTED), (2, "google-two-parts.eml", DECLINED),
    (3, "apple-nested.eml", ACCEPTED), (4, "root-calendar.eml", ACCEPTED), (5, "android-no-charset.eml", ACCEPTED),
    (11, "alarm-with-attendee.ics", ACCEPTED), (12, "yahoo-status-twice.ics", ACCEPTED),
    (14, "octet-stream-named.eml", ACCEPTED), (15, "raw-line-feeds.eml", ACCEPTED), (16, "qp-twice.eml", ACCEPTED),
    (18, "signed.eml", ACCEPTED), (28, "two-attendees.eml", ACCEPTED), (70, "google-two-parts.eml", DECLINED),
]  # fmt: skip
NOT_APPLIED = [
    (8, "partstat-missing.ics", Outcome.NO_CHANGE), (17, "two-different.eml", Outcome.REFUSED_AMBIGUOUS),
    (18, "sealed.eml", Outcome.NEEDS_HUMAN), (19, "winmail.eml", Outcome.NEEDS_HUMAN),
    (20, "forwarded.eml", Outcome.NO_CHANGE), (21, "words-only.eml", Outcome.NO_CHANGE),
    (69, "bounced.eml", Outcome.NO_CHANGE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "name", "state"), APPLIED)
def test_a_client_s_answer_reaches_the_row(scene: Scene, case: int, name: str, state: tuple[int, int]) -> None:
    before = scene.row()
    assert scene.take((VECTORS / name).read_bytes()).outcome is Outcome.APPLIED
    assert scene.state() == state
    assert len(scene.answers()) == 1
    kept = ("do_by", "endDate", "text_id", "location")
    assert {k: scene.row()[k] for k in kept} == {k: before[k] for k in kept}
    assert scene.state(DAG) == ASKED


@pytest.mark.parametrize(("case", "name", "outcome"), NOT_APPLIED)
def test_what_is_no_answer_reaches_no_row(scene: Scene, case: int, name: str, outcome: Outcome) -> None:
    assert scene.take((VECTORS / name).read_bytes()).outcome is outcome
    assert (scene.state(), scene.answers()) == (ASKED, [])


@pytest.mark.parametrize("name", ["reply-outside-counter-inside.eml", "proposal-in-parameter.ics"])
def test_13_59_a_hidden_proposal_is_one(scene: Scene, name: str) -> None:
    assert scene.take((VECTORS / name).read_bytes()).outcome is Outcome.PROPOSAL
    assert scene.state() == TENTATIVE
    assert len(contents(scene.house, t.proposal)) == 1


# --- what is said ----------------------------------------------------------------------------------------------------


def test_06_tentative_is_kept_beside_a_row_that_cannot_hold_it(scene: Scene) -> None:
    assert scene.said("TENTATIVE") is Outcome.APPLIED
    assert (scene.state(), scene.shown()) == (TENTATIVE, "TENTATIVE")
    scene.asked_again()
    assert (scene.state(), scene.shown()) == (MOVED, "NEEDS-ACTION")
    assert scene.said("TENTATIVE", sequence=1, stamp=SENT + 1) is Outcome.APPLIED
    assert (scene.state(), scene.shown()) == ((6, 8), "TENTATIVE")


def test_07_a_changed_mind_is_applied_and_both_are_kept(scene: Scene) -> None:
    scene.said("DECLINED")
    assert scene.said("ACCEPTED", stamp=SENT + 300) is Outcome.APPLIED
    assert (scene.state(), scene.answers()) == (ACCEPTED, ["DECLINED", "ACCEPTED"])


def test_09_a_comment_is_kept_trimmed(scene: Scene) -> None:
    scene.said("DECLINED", comment="see you \\n")
    scene.said("DECLINED", who=OTHER, sender=OTHER, comment="\\n")
    assert [a["comment"] for a in contents(scene.house, t.answer)] == ["see you", ""]


def test_10_what_a_reply_says_of_the_event_is_not_believed(scene: Scene) -> None:
    before = scene.row()
    assert scene.said("ACCEPTED", extra="LOCATION:Elsewhere\r\nDTSTART:20261111T090000Z") is Outcome.APPLIED
    assert (scene.row()["location"], scene.row()["do_by"]) == (before["location"], before["do_by"])


@pytest.mark.parametrize("raw", [
    b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\n" * 300 + b"END:VCALENDAR\r\n",
    b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nX-A:" + b"x" * (2 << 20) + b"\r\nEND:VCALENDAR\r\n",
])  # fmt: skip
def test_22_what_is_too_large_is_refused(scene: Scene, raw: bytes) -> None:
    assert scene.take(raw).outcome is Outcome.REFUSED_LIMIT


# --- who says it -----------------------------------------------------------------------------------------------------


def test_23_the_case_of_an_address_makes_no_second_guest(scene: Scene) -> None:
    raw = reply(UID, GRETE, "ACCEPTED", stamp=SENT).replace(b":mailto:grete@north.test", b":MAILTO:Grete@North.TEST")
    rows = len(contents(scene.house, crm.appointment))
    assert scene.take(raw).outcome is Outcome.APPLIED
    assert (scene.state(), len(contents(scene.house, crm.appointment))) == (ACCEPTED, rows)


def test_24_an_address_within_another_is_somebody_else(scene: Scene) -> None:
    assert scene.said("DECLINED", who=OTHER, sender=OTHER) is Outcome.APPLIED
    assert (scene.state(DAG), scene.state(BO)) == (DECLINED, ASKED)


def test_25_every_address_of_a_person_is_that_person(scene: Scene) -> None:
    assert scene.said("ACCEPTED", who=ALIAS, sender=ALIAS) is Outcome.APPLIED
    assert scene.state() == ACCEPTED


def test_28_of_two_attendees_without_a_sender_among_them_neither_is_meant(scene: Scene) -> None:
    two = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{OTHER}"
    assert scene.said("ACCEPTED", sender="pia@else.test", extra=two) is Outcome.NEEDS_HUMAN
    assert (scene.state(), scene.state(DAG)) == (ASKED, ASKED)


def test_29_a_reply_without_an_attendee_needs_a_person(scene: Scene) -> None:
    raw = re.sub(rb"ATTENDEE[^\r]*\r\n", b"", reply(UID, GRETE, "ACCEPTED", sender=GRETE))
    ended = scene.take(raw)
    assert (ended.outcome, GRETE in ended.reason) == (Outcome.NEEDS_HUMAN, True)


@pytest.mark.parametrize("who", ["pia@else.test", "north.test", "rete@north.test"])
def test_30_who_is_not_invited_changes_nothing(scene: Scene, who: str) -> None:
    rows = contents(scene.house, crm.appointment)
    assert scene.said("ACCEPTED", who=who, sender="pia@else.test") is not Outcome.APPLIED
    assert contents(scene.house, crm.appointment) == rows


def test_32_who_was_removed_is_refused(scene: Scene) -> None:
    remove.remove(scene.house, "ada", scene.mother, [GRETE])
    assert scene.said("ACCEPTED") is Outcome.NO_CHANGE
    assert scene.answers() == []


def test_34_who_delegates_is_recorded_and_the_delegate_is_nobody_yet(scene: Scene) -> None:
    delegate = 'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:grete@north.test":mailto:pia@else.test'
    scene.said("DELEGATED", extra=delegate)
    rows = contents(scene.house, crm.appointment, mother_id=scene.mother)
    assert len([r for r in rows if r["associate_id"] not in (BO, DAG)]) == 3
    assert scene.answers() == ["DELEGATED"]


def test_35_a_reply_to_somebody_else_s_event_is_refused(scene: Scene) -> None:
    assert scene.said("ACCEPTED", organizer="eve@else.test") is Outcome.REFUSED_ORGANIZER
    assert scene.said("ACCEPTED", organizer=OWNER.upper()) is Outcome.APPLIED


# --- in which order --------------------------------------------------------------------------------------------------


def test_36_the_same_again_is_a_duplicate_also_under_another_name(scene: Scene) -> None:
    raw = reply(UID, GRETE, "ACCEPTED", stamp=SENT, message="one")
    assert scene.take(raw).outcome is Outcome.APPLIED
    rows = contents(scene.house, crm.appointment)
    assert scene.take(raw).outcome is Outcome.DUPLICATE
    assert scene.take(reply(UID, GRETE, "ACCEPTED", stamp=SENT, message="two")).outcome is Outcome.DUPLICATE
    assert (contents(scene.house, crm.appointment), scene.answers()) == (rows, ["ACCEPTED"])


def test_37_an_earlier_answer_that_comes_later_is_stale(scene: Scene) -> None:
    scene.said("DECLINED", stamp=SENT + 50)
    assert scene.said("ACCEPTED", stamp=SENT) is Outcome.STALE
    assert scene.state() == DECLINED


def test_38_a_guest_s_clock_may_be_behind(scene: Scene) -> None:
    assert scene.said("ACCEPTED", stamp=SENT - 3 * HOUR) is Outcome.APPLIED


def test_39_of_two_answers_of_one_stamp_the_later_mail_counts(scene: Scene) -> None:
    for partstat, date in (("ACCEPTED", b"10:00:10"), ("DECLINED", b"10:00:40")):
        raw = reply(UID, GRETE, partstat, stamp=SENT)
        raw = re.sub(rb"Date: [^\r]*", b"Date: Mon, 02 Nov 2026 " + date + b" +0100", raw)
        assert scene.take(raw).outcome is Outcome.APPLIED
    assert scene.state() == DECLINED


def test_40_a_stamp_of_the_future_silences_nobody(scene: Scene) -> None:
    assert scene.said("ACCEPTED", stamp=4_070_908_800) is Outcome.APPLIED
    scene.clock.moment += HOUR
    assert scene.said("DECLINED", stamp=scene.clock.moment) is Outcome.APPLIED
    assert scene.state() == DECLINED


def test_41_an_answer_to_the_former_time_is_stale(scene: Scene) -> None:
    scene.asked_again()
    assert scene.said("ACCEPTED", sequence=0) is Outcome.STALE
    assert scene.state() == MOVED
    assert scene.said("ACCEPTED", sequence=1) is Outcome.APPLIED


def test_42_new_words_void_no_answer(scene: Scene) -> None:
    change.change(scene.house, "ada", scene.mother, Changes(title="Harbour and quay"))
    assert scene.said("ACCEPTED", sequence=0) is Outcome.APPLIED


@pytest.mark.parametrize(("start", "outcome"), [("090000", Outcome.STALE), ("100000", Outcome.APPLIED)])
def test_43_without_a_sequence_the_time_that_is_echoed_tells(scene: Scene, start: str, outcome: Outcome) -> None:
    scene.asked_again()
    assert scene.said("ACCEPTED", sequence=None, extra=f"DTSTART:20261110T{start}Z") is outcome


def test_44_a_sequence_that_we_never_made_is_believed_no_further(scene: Scene) -> None:
    assert scene.said("ACCEPTED", sequence=9) is Outcome.APPLIED
    (event,) = contents(scene.house, t.event, uid=UID)
    assert event["sequence"] == 0
    assert scene.said("DECLINED", sequence=0, stamp=SENT + 10) is Outcome.APPLIED


def test_45_what_is_called_off_is_not_answered(scene: Scene) -> None:
    cancel.cancel(scene.house, "ada", scene.mother)
    assert scene.said("ACCEPTED") is Outcome.NO_CHANGE
    assert scene.row()["status"] == 10


def test_46_what_is_unknown_or_deleted_is_not_made(scene: Scene) -> None:
    assert scene.take(reply("unknown@there.test", GRETE, "ACCEPTED")).outcome is Outcome.REFUSED_UNKNOWN
    scene.seeded.delete(scene.mother)
    rows = contents(scene.house, crm.appointment)
    assert scene.said("ACCEPTED") is not Outcome.APPLIED
    assert contents(scene.house, crm.appointment) == rows


def test_47_two_that_answer_at_one_moment_are_weighed_one_after_the_other(scene: Scene) -> None:
    other, start = House(scene.house.settings, scene.clock), Barrier(2)
    ended: list[Outcome] = []

    def work(house: House, raw: bytes) -> None:
        start.wait(20)
        ended.append(ingest(house, raw, door="cli", vouched=True).outcome)
        house.store.release()

    said = [reply(UID, GRETE, partstat, stamp=SENT + n) for n, partstat in enumerate(("ACCEPTED", "DECLINED"))]
    threads = [Thread(target=work, args=pair) for pair in zip((scene.house, other), said, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    other.store.close()
    assert Outcome.APPLIED in ended
    assert set(ended) <= {Outcome.APPLIED, Outcome.STALE}
    assert scene.state() == DECLINED


# --- series ----------------------------------------------------------------------------------------------------------


def states(series: list[Scene]) -> list[tuple[int, int]]:
    return [one.state() for one in series]


@pytest.mark.parametrize("written", [":20261117T090000Z", ";TZID=America/New_York:20261117T040000"])
def test_49_50_one_occurrence_is_found_however_its_instant_is_written(series: list[Scene], written: str) -> None:
    assert series[0].said("DECLINED", extra=f"RECURRENCE-ID{written}") is Outcome.APPLIED
    assert states(series) == [ASKED, DECLINED, *[ASKED] * 4]


def test_52_an_occurrence_that_there_is_not_is_refused(series: list[Scene]) -> None:
    assert series[0].said("DECLINED", extra="RECURRENCE-ID:20261118T090000Z") is Outcome.REFUSED_INSTANCE


def test_53_one_mail_may_answer_the_series_and_single_occurrences(series: list[Scene]) -> None:
    assert series[0].take((VECTORS / "series-and-instances.ics").read_bytes()).outcome is Outcome.APPLIED
    assert states(series) == [ACCEPTED, TENTATIVE, DECLINED, *[ACCEPTED] * 3]


def test_54_of_a_series_and_an_occurrence_the_later_answer_counts(series: list[Scene]) -> None:
    one = "RECURRENCE-ID:20261117T090000Z"
    series[0].said("DECLINED", extra=one, stamp=SENT)
    assert series[0].said("ACCEPTED", stamp=SENT + 10) is Outcome.APPLIED
    assert states(series) == [ACCEPTED] * 6
    series[0].said("DECLINED", extra=one, stamp=SENT + 30)
    series[0].said("ACCEPTED", stamp=SENT + 20)
    assert series[1].state() == DECLINED


def test_56_a_series_that_began_long_ago_is_answered_today(series: list[Scene]) -> None:
    series[0].clock.moment += 30 * DAY
    assert series[0].said("ACCEPTED", stamp=series[0].clock.moment) is Outcome.APPLIED
    assert series[5].state() == ACCEPTED


def test_57_this_and_future_is_never_this_alone(series: list[Scene]) -> None:
    onward = "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000Z"
    assert series[0].said("DECLINED", extra=onward) is Outcome.APPLIED
    assert states(series) == [ASKED, ASKED, *[DECLINED] * 4]


# --- other messages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["20261110T090000Z", "20261101T090000Z"])
def test_60_a_proposal_of_the_same_time_or_of_the_past_is_none(scene: Scene, start: str) -> None:
    times = f"DTSTART:{start}\r\nDTEND:{start[:9]}100000Z"
    assert scene.said("TENTATIVE", method="COUNTER", extra=times) is Outcome.APPLIED
    assert contents(scene.house, t.proposal) == []


def test_61_a_proposal_to_a_former_version_says_so(scene: Scene) -> None:
    scene.asked_again()
    assert scene.said("TENTATIVE", method="COUNTER", sequence=0, extra="DTSTART:20261111T090000Z") is Outcome.PROPOSAL
    (one,) = contents(scene.house, t.proposal)
    assert bool(one["former"])
    assert scene.state() == MOVED


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "ADD", "PUBLISH"])
def test_63_only_the_organizer_sends_these_and_nobody_else_is_believed_to_be_them(scene: Scene, method: str) -> None:
    rows = contents(scene.house, crm.appointment)
    assert scene.said("ACCEPTED", method=method, organizer=OWNER, sender=OWNER) is Outcome.REFUSED_ROLE
    assert contents(scene.house, crm.appointment) == rows


def test_71_what_is_hostile_in_a_comment_is_text(scene: Scene) -> None:
    text = '=cmd|"/c calc"!A1 <script>alert(1)</script>'
    assert scene.said("DECLINED", comment=text) is Outcome.APPLIED
    assert scene.row()["rejectReason"] == text
