"""The acceptance cases of a reply, by their numbers in the list of cases that the gateway is held to, and the laws."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import imip, status, times, trusting
from mappings.model import (
    Answer,
    Attendee,
    Invitation,
    Invitee,
    Item,
    Itip,
    Kind,
    Occurrence,
    Outcome,
    Proofs,
    Sender,
    Stamp,
    Trust,
    Verdict,
)
from mappings.weighing import METHODS, weigh

VECTORS = Path(__file__).parent.parent / "vectors"
UID = "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f"
HOUR, DAY, WEEK = 3_600, 86_400, 604_800
START = 1_794_301_200  # 2026-11-10T09:00Z, ten o'clock in Berlin
SENT = 1_793_610_000  # 2026-11-02T09:00Z, the vectors' DTSTAMP
NOW = SENT + 60
GRETE, ALIAS, OWNER, OTHER = "grete@north.test", "holm@south.test", "otto@crm.test", "igrete@north.test"
BERLIN = "Europe/Berlin"
VOUCHED = Proofs(vouched=True)

G = Invitee(12, Kind.ASSOCIATE, frozenset({GRETE, ALIAS}), 5, answerable=True)
O = Invitee(11, Kind.OWNER, frozenset({OWNER}), 1, answerable=False)  # noqa: E741 -- the letter of the cases
H = Invitee(13, Kind.EXTERNAL, frozenset({OTHER}), 1, answerable=True)
ROOM = Invitee(14, Kind.ROOM, frozenset({"room@crm.test"}), 1, answerable=False)


def event(guest: Invitee = G, *others: Invitee, sequence: int = 0, cancelled: bool = False) -> Invitation:
    one = Occurrence(0, START, BERLIN, all_day=False, invitees=(O, guest, H, ROOM, *others), cancelled=cancelled)
    return Invitation(UID, sequence, frozenset({"calendar@crm.test", OWNER}), (one,))


def series(count: int = 6, sequence: int = 0, *, all_day: bool = False, zone: str = BERLIN) -> Invitation:
    """A weekly series from START on; each occurrence has rows of its own, G's are 112, 212, 312 and so on."""
    first = times.wall(START, zone)
    keys = [(first - first % DAY if all_day else first) + n * WEEK for n in range(count)]
    ones = tuple(
        Occurrence(key, times.instant(key, zone), zone, all_day, (replace(O, row=n + 11), replace(G, row=n + 12)))
        for n, key in zip(range(100, 100 * count + 100, 100), keys, strict=True)
    )
    return Invitation(UID, sequence, frozenset({"calendar@crm.test"}), ones)


def item(
    partstat: str = "ACCEPTED",
    who: str = GRETE,
    *,
    sequence: int | None = 0,
    dtstamp: int | None = SENT,
    recurrence: Stamp | None = None,
    onward: bool = False,
    start: Stamp | None = None,
    comment: str = "",
) -> Item:
    return Item(recurrence, onward, (Attendee(who, partstat),), sequence, dtstamp, "", comment, start)


def reply(*items: Item) -> Itip:
    return Itip("REPLY", UID, items or (item(),))


GRETE_SENDS = Sender((GRETE,))


def judge(
    itip: Itip,
    invitation: Invitation | None,
    *former: Answer,
    sender: Sender = GRETE_SENDS,
    proofs: Proofs = VOUCHED,
    received: int = NOW,
) -> Verdict:
    return weigh(itip, invitation, former, sender, proofs, received)


def from_vector(name: str, invitation: Invitation | None) -> Verdict:
    mail = imip.from_bytes((VECTORS / name).read_bytes())
    return imip.unanswered(mail) or judge(mail.messages[0], invitation, sender=mail.sender)


def rows(verdict: Verdict) -> dict[int, str]:
    assert verdict.outcome is Outcome.APPLIED, verdict
    return {answer.row: answer.partstat for answer in verdict.answers}


def utc(moment: int) -> Stamp:
    return Stamp(moment, "UTC", date_only=False)


# --- plain answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "name", "partstat"),
    [
        (1, "outlook-no-organizer.eml", "ACCEPTED"),
        (2, "google-two-parts.eml", "DECLINED"),
        (3, "apple-nested.eml", "ACCEPTED"),
        (4, "root-calendar.eml", "ACCEPTED"),
        (5, "android-no-charset.eml", "ACCEPTED"),
        (10, "outlook-no-sequence.ics", "ACCEPTED"),
        (11, "alarm-with-attendee.ics", "ACCEPTED"),
        (12, "yahoo-status-twice.ics", "ACCEPTED"),
        (14, "octet-stream-named.eml", "ACCEPTED"),
        (15, "raw-line-feeds.eml", "ACCEPTED"),
        (16, "qp-twice.eml", "ACCEPTED"),
        (18, "signed.eml", "ACCEPTED"),
        (28, "two-attendees.eml", "ACCEPTED"),
        (70, "google-two-parts.eml", "DECLINED"),
    ],
)
def test_a_client_s_answer_is_applied(case: int, name: str, partstat: str) -> None:
    assert rows(from_vector(name, event())) == {12: partstat}


@pytest.mark.parametrize(
    ("case", "name", "outcome"),
    [
        (8, "partstat-missing.ics", Outcome.NO_CHANGE),
        (17, "two-different.eml", Outcome.REFUSED_AMBIGUOUS),
        (18, "sealed.eml", Outcome.NEEDS_HUMAN),
        (19, "winmail.eml", Outcome.NEEDS_HUMAN),
        (20, "forwarded.eml", Outcome.NO_CHANGE),
        (21, "words-only.eml", Outcome.NO_CHANGE),
        (52, "this-and-future-bare.ics", Outcome.REFUSED_INSTANCE),
        (69, "bounced.eml", Outcome.NO_CHANGE),
    ],
)
def test_what_is_no_answer_is_not_applied(case: int, name: str, outcome: Outcome) -> None:
    assert from_vector(name, event()).outcome is outcome


@pytest.mark.parametrize("before", [5, 6, 7, 8, 1, 9])
def test_06_tentative_keeps_its_raw_word(before: int) -> None:
    assert rows(judge(reply(item("TENTATIVE")), event(replace(G, crm_status=before)))) == {12: "TENTATIVE"}


def test_07_a_changed_mind_is_applied() -> None:
    no, yes = reply(item("DECLINED")), reply(item("ACCEPTED", dtstamp=SENT + 300))
    first = judge(no, event())
    assert rows(judge(yes, event(replace(G, crm_status=9)), *first.answers)) == {12: "ACCEPTED"}


@pytest.mark.parametrize("partstat", ["", "NEEDS-ACTION", "COMPLETED", "IN-PROCESS", "X-MAYBE", "accepted"])
def test_08_what_says_nothing_changes_nothing(partstat: str) -> None:
    assert judge(reply(item(partstat)), event()).outcome is Outcome.NO_CHANGE


def test_09_a_comment_is_kept_trimmed() -> None:
    (answer,) = judge(reply(item(comment="see you \n")), event()).answers
    assert answer == Answer(0, 12, "ACCEPTED", 0, SENT, NOW, None, "see you")


def test_10_a_reply_s_own_times_do_not_matter_while_its_sequence_is_right() -> None:
    assert rows(judge(reply(item(start=utc(START + DAY))), event())) == {12: "ACCEPTED"}


def test_the_same_answer_with_a_newer_stamp_is_recorded() -> None:
    first = judge(reply(), event())
    again = judge(reply(item(dtstamp=SENT + 1)), event(replace(G, crm_status=1)), *first.answers)
    assert rows(again) == {12: "ACCEPTED"}


# --- who answers -----------------------------------------------------------------------------------------------------


def test_24_equality_only() -> None:
    assert rows(judge(reply(item(who=OTHER)), event(), sender=Sender((OTHER,)))) == {13: "ACCEPTED"}
    assert rows(judge(reply(), event())) == {12: "ACCEPTED"}


@pytest.mark.parametrize("who", [ALIAS, "grete+crm@north.test", GRETE])
def test_25_every_address_of_a_person_is_that_person(who: str) -> None:
    assert rows(judge(reply(item(who=who)), event(), sender=Sender((ALIAS,)))) == {12: "ACCEPTED"}


def test_25_an_unknown_alias_is_told_by_the_known_mailbox_it_came_from() -> None:
    unknown = reply(item(who="grete@old-north.test"))
    assert rows(judge(unknown, event(), sender=Sender((GRETE,)))) == {12: "ACCEPTED"}
    assert rows(judge(unknown, event(), sender=Sender(("x@y.test", ALIAS)))) == {12: "ACCEPTED"}


def test_25_a_tag_is_no_bridge_between_two_people() -> None:
    one = replace(G, addresses=frozenset({"desk+a@x.test"}))
    two = replace(H, row=15, addresses=frozenset({"desk+b@x.test"}))
    verdict = judge(reply(item(who="desk@x.test")), event(one, two), sender=Sender(()))
    assert verdict.outcome is Outcome.REFUSED_NOT_INVITED
    verdict = judge(reply(item(who="desk+b@x.test")), event(one), sender=Sender(()))
    assert verdict.outcome is Outcome.REFUSED_NOT_INVITED


def test_26_without_trust_an_answer_is_held() -> None:
    verdict = judge(reply(), event(), sender=Sender(("mallory@else.test",)), proofs=Proofs())
    assert verdict.outcome is Outcome.HELD
    assert verdict.answers == ()


def test_28_of_several_attendees_the_sender_s_is_meant() -> None:
    both = replace(item(), attendees=(Attendee(GRETE, "ACCEPTED"), Attendee(OWNER, "DECLINED")))
    assert rows(judge(reply(both), event(), sender=Sender((ALIAS,)))) == {12: "ACCEPTED"}
    assert judge(reply(both), event(), sender=Sender(("x@y.test",))).outcome is Outcome.NEEDS_HUMAN
    assert judge(reply(both), event(), sender=Sender()).outcome is Outcome.NEEDS_HUMAN


def test_28_one_line_for_each_own_address_is_one_answer() -> None:
    mine = (Attendee(ALIAS, "DECLINED"), Attendee(GRETE, "DECLINED"))
    assert rows(judge(reply(replace(item(), attendees=mine)), event(), sender=Sender())) == {12: "DECLINED"}
    torn = (Attendee(ALIAS, "DECLINED"), Attendee(GRETE, "ACCEPTED"))
    assert judge(reply(replace(item(), attendees=torn)), event()).outcome is Outcome.REFUSED_AMBIGUOUS


def test_28_a_delegate_who_is_named_stands_for_the_principal() -> None:
    two = (Attendee(GRETE, "ACCEPTED", sent_by="pa@north.test"), Attendee(OWNER, "ACCEPTED"))
    verdict = judge(reply(replace(item(), attendees=two)), event(), sender=Sender(("pa@north.test",)))
    assert rows(verdict) == {12: "ACCEPTED"}


def test_29_no_attendee_needs_a_human_and_names_whom_it_came_from() -> None:
    verdict = judge(reply(replace(item(), attendees=())), event())
    assert verdict.outcome is Outcome.NEEDS_HUMAN
    assert GRETE in verdict.reason


def test_30_who_is_not_invited_changes_nothing() -> None:
    verdict = judge(reply(item(who="pia@else.test")), event(), sender=Sender(("pia@else.test",)))
    assert verdict.outcome is Outcome.REFUSED_NOT_INVITED


def test_34_a_delegation_is_kept_raw_and_the_delegate_waits() -> None:
    two = (Attendee(GRETE, "DELEGATED"), Attendee("dan@else.test", "ACCEPTED"))
    verdict = judge(reply(replace(item(), attendees=two)), event())
    assert rows(verdict) == {12: "DELEGATED"}


def test_35_a_stranger_s_event_is_not_ours() -> None:
    verdict = judge(reply(replace(item(), organizer="stranger@else.test")), event())
    assert verdict.outcome is Outcome.REFUSED_ORGANIZER
    assert rows(judge(reply(replace(item(), organizer="OTTO@CRM.test")), event())) == {12: "ACCEPTED"}


@pytest.mark.parametrize("organizer", [OWNER, "", "vera@north.test"])
def test_an_answer_to_a_meeting_that_another_calendar_owns_is_not_for_us(organizer: str) -> None:
    elsewhere = replace(event(), owned_externally=True)
    verdict = judge(reply(replace(item(), organizer=organizer)), elsewhere)
    assert verdict.outcome is Outcome.REFUSED_ORGANIZER
    assert "another calendar owns the meeting" in verdict.reason
    assert verdict.answers == ()


@pytest.mark.parametrize("who", [OWNER, "room@crm.test"])
def test_owners_and_resources_do_not_answer(who: str) -> None:
    verdict = judge(reply(item(who=who)), event(), sender=Sender((who,)))
    assert verdict.outcome is Outcome.REFUSED_NOT_INVITED


def test_of_two_rows_with_one_address_the_answerable_one_is_meant() -> None:
    double = replace(O, row=15, addresses=frozenset({GRETE}))
    gone = replace(G, row=16, crm_status=10)
    assert rows(judge(reply(), event(G, double, gone))) == {12: "ACCEPTED"}


def test_two_people_who_share_an_address_are_told_apart_by_the_sender_or_by_a_human() -> None:
    twin = replace(G, row=15, addresses=frozenset({GRETE, "gunnar@north.test"}))
    assert judge(reply(), event(G, twin)).outcome is Outcome.NEEDS_HUMAN
    assert rows(judge(reply(), event(G, twin), sender=Sender(("gunnar@north.test",)))) == {15: "ACCEPTED"}


# --- order -----------------------------------------------------------------------------------------------------------


def test_36_the_same_message_twice_is_a_duplicate() -> None:
    first = judge(reply(), event(), sender=Sender((GRETE,), NOW, "<1@x.test>"))
    for again in (Sender((GRETE,), NOW, "<1@x.test>"), Sender((GRETE,), NOW + 9, "<2@x.test>")):
        verdict = judge(reply(), event(replace(G, crm_status=1)), *first.answers, sender=again, received=NOW + 99)
        assert verdict.outcome is Outcome.DUPLICATE


def test_36_without_stamps_the_date_tells_a_copy_from_an_answer_given_anew() -> None:
    bare = reply(item(sequence=None, dtstamp=None))
    first = judge(bare, event(), sender=Sender((GRETE,), SENT)).answers
    assert judge(bare, event(), *first, sender=Sender((GRETE,), SENT)).outcome is Outcome.DUPLICATE
    assert rows(judge(bare, event(), *first, sender=Sender((GRETE,), SENT + 9))) == {12: "ACCEPTED"}


def test_37_an_older_answer_that_comes_later_is_stale() -> None:
    first = judge(reply(item("DECLINED", dtstamp=SENT + 300)), event())
    assert judge(reply(), event(replace(G, crm_status=9)), *first.answers).outcome is Outcome.STALE


def test_38_a_guest_s_clock_may_be_behind() -> None:
    assert rows(judge(reply(item(dtstamp=SENT - 10 * DAY)), event())) == {12: "ACCEPTED"}


def test_39_between_equal_stamps_the_date_decides_then_the_arrival() -> None:
    no, yes = reply(item("DECLINED")), reply(item("ACCEPTED"))
    first = judge(no, event(), sender=Sender((GRETE,), SENT + 5)).answers
    later, earlier = Sender((GRETE,), SENT + 6), Sender((GRETE,), SENT + 4)
    second = judge(yes, event(), *first, sender=later)
    assert rows(second) == {12: "ACCEPTED"}
    assert judge(yes, event(), *first, sender=earlier).outcome is Outcome.STALE
    assert rows(judge(yes, event(), *first)) == {12: "ACCEPTED"}
    # The first mind again, mailed anew after the second: an answer; mailed with the old Date: a copy.
    both = (*first, *second.answers)
    assert rows(judge(no, event(), *both, sender=Sender((GRETE,), SENT + 7))) == {12: "DECLINED"}
    assert judge(no, event(), *both, sender=Sender((GRETE,), SENT + 5)).outcome is Outcome.DUPLICATE


def test_40_a_stamp_in_the_far_future_silences_nobody() -> None:
    first = judge(reply(item(dtstamp=SENT + 70 * 366 * DAY)), event())
    assert rows(first) == {12: "ACCEPTED"}
    later = judge(reply(item("DECLINED", dtstamp=NOW + 30)), event(), *first.answers, received=NOW + 60)
    assert rows(later) == {12: "DECLINED"}


MOVED = event(replace(G, crm_status=6, reset_sequence=2), sequence=2)


def test_41_an_answer_to_the_former_time_is_stale() -> None:
    verdict = judge(reply(item(sequence=1)), MOVED)
    assert verdict.outcome is Outcome.STALE
    assert "answered the former time" in verdict.reason
    assert rows(judge(reply(item(sequence=2)), MOVED)) == {12: "ACCEPTED"}


def test_42_a_reset_that_never_was_voids_nothing() -> None:
    assert rows(judge(reply(item(sequence=1)), event(sequence=2))) == {12: "ACCEPTED"}


def test_43_without_sequence_the_start_tells_which_time_was_meant() -> None:
    assert judge(reply(item(sequence=None, start=utc(START - DAY))), MOVED).outcome is Outcome.STALE
    assert rows(judge(reply(item(sequence=None, start=utc(START))), MOVED)) == {12: "ACCEPTED"}
    berlin = Stamp(START + HOUR, BERLIN, date_only=False)
    assert rows(judge(reply(item(sequence=None, start=berlin)), MOVED)) == {12: "ACCEPTED"}
    assert rows(judge(reply(item(sequence=None)), MOVED)) == {12: "ACCEPTED"}
    assert rows(judge(reply(item(sequence=None, start=utc(START - DAY))), event())) == {12: "ACCEPTED"}


def test_44_a_sequence_that_we_never_made_applies_and_silences_nobody() -> None:
    first = judge(reply(item(sequence=9)), event(sequence=2))
    assert rows(first) == {12: "ACCEPTED"}
    later = judge(reply(item("DECLINED", sequence=2, dtstamp=SENT + 9)), event(sequence=2), *first.answers)
    assert rows(later) == {12: "DECLINED"}


@pytest.mark.parametrize("invitation", [event(cancelled=True), event(replace(G, crm_status=10))])
def test_45_a_cancelled_event_stays_cancelled(invitation: Invitation) -> None:
    verdict = judge(reply(), invitation)
    assert verdict.outcome is Outcome.NO_CHANGE
    assert "ANSWERED-CANCELLED" in verdict.reason


@pytest.mark.parametrize("method", ["REPLY", "REQUEST", "CANCEL", "COUNTER", "X-OTHER"])
def test_46_an_unknown_event_is_refused(method: str) -> None:
    assert judge(replace(reply(), method=method), None).outcome is Outcome.REFUSED_UNKNOWN


@pytest.mark.parametrize("crm_status", [0, 4, 11, 12, 13])
def test_what_the_life_of_a_row_does_not_allow_is_for_a_human(crm_status: int) -> None:
    assert judge(reply(), event(replace(G, crm_status=crm_status))).outcome is Outcome.NEEDS_HUMAN


# --- series ----------------------------------------------------------------------------------------------------------


def test_49_an_instance_is_found_by_its_instant() -> None:
    verdict = judge(reply(item("DECLINED", recurrence=utc(START + WEEK))), series())
    assert rows(verdict) == {212: "DECLINED"}
    assert verdict.answers[0].key == START + HOUR + WEEK


@pytest.mark.parametrize(
    "named",
    [
        utc(1_774_873_800),
        Stamp(1_774_881_000, "Europe/Berlin", date_only=False),
        Stamp(1_774_859_400, "America/New_York", date_only=False),
        Stamp(1_774_881_000, "", date_only=False),
        Stamp(1_774_828_800, "", date_only=True),
    ],
)
def test_50_across_the_clock_change_and_from_another_continent(named: Stamp) -> None:
    # Mondays at 14:30 in Berlin, from 2026-03-23; the clock goes forward on Sunday 29 March.
    keys = [1_774_276_200, 1_774_881_000]
    ones = tuple(
        Occurrence(key, times.instant(key, BERLIN), BERLIN, all_day=False, invitees=(replace(G, row=row),))
        for row, key in enumerate(keys, 1)
    )
    spring = Invitation(UID, 0, frozenset(), ones)
    assert rows(judge(reply(item(recurrence=named)), spring)) == {2: "ACCEPTED"}


@pytest.mark.parametrize(
    ("zone", "named"),
    [
        (BERLIN, Stamp(START - 9 * HOUR + WEEK, "", date_only=True)),
        (BERLIN, utc(START - 10 * HOUR + WEEK)),
        (BERLIN, utc(START - 9 * HOUR + WEEK)),
        (BERLIN, utc(START + 14 * HOUR + HOUR // 2 + WEEK)),
        ("America/New_York", utc(START - 9 * HOUR + WEEK)),
        ("America/New_York", utc(START - 4 * HOUR + WEEK)),
        ("Asia/Tokyo", Stamp(START - 9 * HOUR + WEEK, "Asia/Tokyo", date_only=False)),
    ],
)
def test_51_an_all_day_series_may_be_answered_with_a_time(zone: str, named: Stamp) -> None:
    assert rows(judge(reply(item(recurrence=named)), series(all_day=True, zone=zone))) == {212: "ACCEPTED"}


@pytest.mark.parametrize("named", [utc(START + DAY), utc(START + HOUR), utc(START + 99 * WEEK), utc(-(10**15)),
                                   Stamp(START, "No/Where", date_only=False)])  # fmt: skip
def test_52_what_is_no_occurrence_is_refused(named: Stamp) -> None:
    assert judge(reply(item(recurrence=named)), series()).outcome is Outcome.REFUSED_INSTANCE
    two = reply(item(), item("DECLINED", recurrence=named))
    assert judge(two, series()).outcome is Outcome.REFUSED_INSTANCE


def test_52_a_day_with_two_occurrences_names_neither() -> None:
    first = event().occurrences[0]
    second = replace(first, key=START + 3 * HOUR, start=START + 2 * HOUR)
    twice = replace(event(), occurrences=(first, second))
    day = Stamp(START - 9 * HOUR, "", date_only=True)
    assert judge(reply(item(recurrence=day)), twice).outcome is Outcome.REFUSED_INSTANCE


def test_53_series_and_instances_are_applied_together_or_not_at_all() -> None:
    verdict = from_vector("series-and-instances.ics", series(4))
    assert rows(verdict) == {112: "ACCEPTED", 212: "TENTATIVE", 312: "DECLINED", 412: "ACCEPTED"}
    torn = reply(item(), item("DECLINED", who=OTHER, recurrence=utc(START + WEEK)))
    assert judge(torn, series()).outcome is Outcome.REFUSED_AMBIGUOUS
    twice = reply(item(recurrence=utc(START)), item("DECLINED", recurrence=utc(START)))
    assert judge(twice, series()).outcome is Outcome.REFUSED_AMBIGUOUS


def test_53_an_instance_that_is_not_answered_is_left_out_of_the_series_answer() -> None:
    verdict = judge(reply(item(), item("NEEDS-ACTION", recurrence=utc(START + WEEK))), series(3))
    assert rows(verdict) == {112: "ACCEPTED", 312: "ACCEPTED"}


def test_54_a_series_answer_takes_what_is_older_and_leaves_what_is_newer() -> None:
    older = judge(reply(item("DECLINED", dtstamp=SENT - 9, recurrence=utc(START))), series(3)).answers
    newer = judge(reply(item("DECLINED", dtstamp=SENT + 9, recurrence=utc(START + WEEK))), series(3)).answers
    verdict = judge(reply(), series(3), *older, *newer)
    assert rows(verdict) == {112: "ACCEPTED", 312: "ACCEPTED"}
    again = judge(reply(), series(3), *older, *newer, *verdict.answers)
    assert again.outcome is Outcome.DUPLICATE


def test_55_a_moved_instance_keeps_waiting() -> None:
    all_of_it = series(3, 3)
    first, second, third = all_of_it.occurrences
    moved = replace(second, start=second.start + DAY, invitees=(replace(G, row=212, crm_status=6, reset_sequence=3),))
    verdict = judge(reply(item(sequence=2)), replace(all_of_it, occurrences=(first, moved, third)))
    assert rows(verdict) == {112: "ACCEPTED", 312: "ACCEPTED"}


def test_55_a_moved_instance_is_still_named_by_its_first_time() -> None:
    all_of_it = series(2)
    moved = replace(all_of_it.occurrences[1], start=START + 9 * DAY)
    one = replace(all_of_it, occurrences=(all_of_it.occurrences[0], moved))
    assert rows(judge(reply(item(recurrence=utc(START + WEEK))), one)) == {212: "ACCEPTED"}


def test_56_a_series_that_began_long_ago_is_answered_today() -> None:
    assert len(rows(judge(reply(), series(104), received=START + 103 * WEEK))) == 104


def test_57_this_and_future_is_never_only_this() -> None:
    verdict = judge(reply(item("DECLINED", recurrence=utc(START + 4 * WEEK), onward=True)), series(6))
    assert rows(verdict) == {512: "DECLINED", 612: "DECLINED"}
    one = item("ACCEPTED", recurrence=utc(START + 5 * WEEK))
    both = judge(reply(item("DECLINED", recurrence=utc(START + 4 * WEEK), onward=True), one), series(6))
    assert rows(both) == {512: "DECLINED", 612: "ACCEPTED"}


def test_an_event_that_happens_once_may_be_named_by_its_start() -> None:
    assert rows(judge(reply(item(recurrence=utc(START))), event())) == {12: "ACCEPTED"}
    assert judge(reply(item(recurrence=utc(START + 1))), event()).outcome is Outcome.REFUSED_INSTANCE


def test_who_is_in_some_occurrences_answers_those() -> None:
    all_of_it = series(3)
    first, second, third = all_of_it.occurrences
    without = replace(all_of_it, occurrences=(first, replace(second, invitees=(H,)), replace(third, cancelled=True)))
    assert rows(judge(reply(), without)) == {112: "ACCEPTED"}
    named = judge(reply(item(recurrence=utc(START + WEEK))), without)
    assert named.outcome is Outcome.REFUSED_NOT_INVITED
    both = judge(reply(item(), item(recurrence=utc(START + WEEK))), without)
    assert both.outcome is Outcome.REFUSED_NOT_INVITED
    assert judge(reply(item(recurrence=utc(START + 2 * WEEK))), without).outcome is Outcome.NO_CHANGE


# --- methods and trust -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_63_no_other_method_applies(method: str) -> None:
    verdict = judge(replace(reply(), method=method), event())
    assert verdict == METHODS[method]
    assert verdict.outcome in (Outcome.REFUSED_ROLE, Outcome.NEEDS_HUMAN)


@pytest.mark.parametrize("itip", [Itip("", UID, (item(),)), Itip("X-OTHER", UID, (item(),)), Itip("REPLY", UID, ())])
def test_what_is_no_scheduling_message_is_unreadable(itip: Itip) -> None:
    assert judge(itip, event()).outcome is Outcome.REFUSED_UNREADABLE


def test_every_trust_but_none_has_a_proof() -> None:
    assert [*trusting.PROOFS, Trust.NONE] == list(Trust)


# --- proposals ----------------------------------------------------------------------------------------------------


def counter(start: Stamp | None, partstat: str = "TENTATIVE", **more: Any) -> Itip:
    return Itip("COUNTER", UID, (item(partstat, start=start, **more),))


@pytest.mark.parametrize("name", ["proposal-in-parameter.ics", "reply-outside-counter-inside.eml"])
def test_13_59_another_time_is_a_proposal_wherever_a_client_hides_it(name: str) -> None:
    verdict = from_vector(name, event())
    (proposal,) = verdict.proposals
    assert (verdict.outcome, [a.partstat for a in verdict.answers]) == (Outcome.PROPOSAL, ["TENTATIVE"])
    assert (proposal.row, times.wall(proposal.start, "UTC") // DAY) == (12, (START + DAY) // DAY)


def test_58_a_proposal_has_the_length_that_it_says_or_that_the_meeting_has() -> None:
    stated = replace(item("DECLINED", start=utc(START + DAY)), end=utc(START + DAY + 3 * HOUR))
    (said,) = judge(Itip("COUNTER", UID, (stated,)), event()).proposals
    assert said.end - said.start == 3 * HOUR
    one = event()
    long = replace(one, occurrences=(replace(one.occurrences[0], length=2 * HOUR),))
    (silent,) = judge(counter(utc(START + DAY)), long).proposals
    assert silent.end - silent.start == 2 * HOUR


def test_who_proposes_another_time_does_not_accept_this_one() -> None:
    verdict = judge(counter(utc(START + DAY), "ACCEPTED"), event())
    assert (verdict.outcome, verdict.answers) == (Outcome.PROPOSAL, ())


@pytest.mark.parametrize("start", [START, NOW, NOW - DAY])
def test_60_a_proposal_of_the_same_time_or_of_one_that_is_over_is_its_answer_alone(start: int) -> None:
    verdict = judge(counter(utc(start)), event())
    assert (verdict.outcome, verdict.proposals) == (Outcome.APPLIED, ())


def test_61_a_proposal_to_a_former_version_says_so() -> None:
    verdict = judge(counter(utc(START + DAY)), event(sequence=2))
    assert "former version" in verdict.reason
    assert [p.former for p in verdict.proposals] == [True]


def test_a_proposal_that_comes_again_is_a_duplicate_and_one_that_nobody_vouches_for_is_held() -> None:
    verdict = judge(counter(utc(START + DAY)), event())
    assert judge(counter(utc(START + DAY)), event(), *verdict.answers).outcome is Outcome.DUPLICATE
    assert judge(counter(utc(START + DAY)), event(), proofs=Proofs()).outcome is Outcome.HELD


def test_62_a_refresh_is_for_who_is_invited() -> None:
    asked = Itip("REFRESH", UID, (item("", sequence=None, dtstamp=None),))
    assert judge(asked, event(), proofs=Proofs()).again == G.row
    stranger = Itip("REFRESH", UID, (item("", who="pia@else.test"),))
    verdict = judge(stranger, event(), sender=Sender(("pia@else.test",)))
    assert (verdict.outcome, verdict.again) == (Outcome.REFUSED_NOT_INVITED, 0)


# --- laws ------------------------------------------------------------------------------------------------------------

PEOPLE = st.sampled_from([GRETE, ALIAS, OWNER, OTHER, "room@crm.test", "pia@else.test", "grete+x@north.test", ""])
STAMPS = st.none() | st.builds(
    Stamp,
    st.sampled_from([START, START + HOUR, START + WEEK, START - 9 * HOUR, 0, -1, 10**18]) | st.integers(),
    st.sampled_from(["UTC", BERLIN, "", "America/New_York", "No/Where"]),
    st.booleans(),
)
ATTENDEES = st.builds(
    Attendee, PEOPLE, st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "", "X"]), sent_by=PEOPLE
)
SEQUENCES = st.none() | st.integers(-1, 4)
MOMENTS = st.none() | st.integers(SENT - 5, SENT + 5) | st.integers()
ITEMS = st.builds(
    Item,
    STAMPS,
    st.booleans(),
    st.lists(ATTENDEES, max_size=3).map(tuple),
    SEQUENCES,
    MOMENTS,
    st.sampled_from(["", "", "calendar@crm.test", "else@x.test"]),
    st.sampled_from(["", "hello"]),
    STAMPS,
)
MESSAGES = st.builds(
    Itip,
    st.sampled_from(["REPLY", "REPLY", "REPLY", "REQUEST", "", "X"]),
    st.just(UID),
    st.lists(ITEMS, max_size=3).map(tuple),
)
INVITATIONS = st.sampled_from([
    None, event(), MOVED, event(cancelled=True), series(), series(4, 2), series(3, all_day=True),
    Invitation(UID, 0, frozenset(), ()),
])  # fmt: skip
PROOFS = st.builds(Proofs, st.booleans(), st.sampled_from([0, 12, 112]), PEOPLE, PEOPLE, PEOPLE, PEOPLE, st.booleans())
SENDERS = st.builds(Sender, st.lists(PEOPLE, max_size=2).map(tuple), MOMENTS)


@settings(max_examples=300, deadline=None)
@given(MESSAGES, INVITATIONS, SENDERS, PROOFS, st.integers(SENT, SENT + DAY))
def test_weighing_is_total_and_idempotent(
    itip: Itip, invitation: Invitation | None, sender: Sender, proofs: Proofs, received: int
) -> None:
    verdict = weigh(itip, invitation, (), sender, proofs, received)
    assert verdict.reason
    assert bool(verdict.answers) <= (verdict.outcome in (Outcome.APPLIED, Outcome.PROPOSAL))
    assert bool(verdict.proposals) == (verdict.outcome is Outcome.PROPOSAL)
    if verdict.answers:
        again = weigh(itip, invitation, verdict.answers, sender, proofs, received + 1)
        assert again.outcome is Outcome.DUPLICATE


VERSIONS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(SENT - 9, SENT), st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE"])),
    min_size=2,
    max_size=6,
    unique_by=lambda version: version[:2],
)


def end_of(versions: list[tuple[int, int, str]], invitation: Invitation, at: Stamp | None) -> dict[int, str]:
    kept: list[Answer] = []
    for sequence, dtstamp, partstat in versions:
        said = reply(item(partstat, sequence=sequence, dtstamp=dtstamp, recurrence=at))
        kept += judge(said, invitation, *kept).answers
    return {answer.row: answer.partstat for answer in kept}


@settings(max_examples=100, deadline=None)
@given(
    VERSIONS.flatmap(lambda versions: st.tuples(st.just(versions), st.permutations(versions))),
    st.sampled_from([None, utc(START)]),
    st.integers(0, 2),
)
def test_the_end_does_not_depend_on_the_order(
    orders: tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]], at: Stamp | None, reset: int
) -> None:
    versions, shuffled = orders
    for invitation in (event(replace(G, reset_sequence=reset), sequence=2), series(3, 2)):
        assert end_of(versions, invitation, at) == end_of(shuffled, invitation, at)


@given(st.integers(0, 13), st.sampled_from(sorted(status.ACT_OF)))
def test_what_is_applied_the_row_can_take(crm_status: int, partstat: str) -> None:
    verdict = judge(reply(item(partstat)), event(replace(G, crm_status=crm_status)))
    if verdict.answers:
        status.write(G.kind, status.BOOKING_FOR_DIARY, crm_status, status.ACT_OF[partstat])
