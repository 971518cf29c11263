"""Invitations from elsewhere: what is taken in, what waits for a person, and which replies are owed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.asked import WHOLE, Asked, Here, heard, replies, settled, weigh
from mappings.model import (
    Attendee,
    Event,
    Header,
    Instance,
    Item,
    Itip,
    Kind,
    Outcome,
    Participant,
    Person,
    Proofs,
    Stamp,
    Trust,
)
from mappings.trusting import ENOUGH

VERA, ADA, BO = "vera@north.test", "ada@hillside.test", "bo@hillside.test"
LATER = Stamp(1_800_000_000, "UTC", date_only=False)
HERE = Here(frozenset({ADA}), acquainted=True)
ALIGNED = Proofs(aligned=VERA)


def item(sequence: int = 0, dtstamp: int = 100, recurrence: Stamp | None = None, **who: str) -> Item:
    people = tuple(Attendee(f"{name}@hillside.test", partstat) for name, partstat in (who or {"ada": ""}).items())
    return Item(recurrence, False, people, sequence, dtstamp, VERA, "", LATER)


def request(*items: Item, method: str = "REQUEST") -> Itip:
    return Itip(method, "u-1", items or (item(),))


KNOWN = Asked("u-1", VERA, {WHOLE: (2, 100)}, {ADA: {WHOLE: "NEEDS-ACTION"}})


@pytest.mark.parametrize(
    ("itip", "known", "here", "proofs", "outcome"),
    [
        (request(), None, HERE, ALIGNED, Outcome.APPLIED),
        (request(), None, HERE, Proofs(aligned="mallory@south.test"), Outcome.HELD),
        (request(), None, HERE, Proofs(), Outcome.HELD),
        (request(), None, Here(frozenset({ADA}), acquainted=False), ALIGNED, Outcome.HELD),
        (request(), None, Here(frozenset({ADA}), acquainted=False), Proofs(vouched=True), Outcome.APPLIED),
        (request(), None, Here(frozenset(), acquainted=True), ALIGNED, Outcome.REFUSED_NOT_INVITED),
        (request(), None, replace(HERE, ours=True), ALIGNED, Outcome.REFUSED_ORGANIZER),
        (request(replace(item(), organizer="")), None, HERE, ALIGNED, Outcome.REFUSED_ORGANIZER),
        (request(replace(item(), this_and_future=True)), None, HERE, ALIGNED, Outcome.NEEDS_HUMAN),
        (request(method="CANCEL"), None, HERE, ALIGNED, Outcome.REFUSED_UNKNOWN),
        (request(item(3), method="CANCEL"), KNOWN, HERE, ALIGNED, Outcome.APPLIED),
        (request(item(2, 100)), KNOWN, HERE, ALIGNED, Outcome.APPLIED),
        (request(item(2, 99)), KNOWN, HERE, ALIGNED, Outcome.STALE),
        (request(item(1, 500)), KNOWN, HERE, ALIGNED, Outcome.STALE),
        (request(item(2, 1, LATER)), KNOWN, HERE, ALIGNED, Outcome.APPLIED),
        (request(item(1, 900, LATER)), KNOWN, HERE, ALIGNED, Outcome.STALE),
        (request(item(3)), replace(KNOWN, organizer="else@north.test"), HERE, ALIGNED, Outcome.NEEDS_HUMAN),
    ],
)
def test_what_becomes_of_a_message(
    itip: Itip, known: Asked | None, here: Here, proofs: Proofs, outcome: Outcome
) -> None:
    assert weigh(itip, known, here, proofs, ENOUGH).outcome is outcome


def test_a_deployment_may_want_more_proof() -> None:
    assert weigh(request(), None, HERE, Proofs(weak=VERA), {Trust.ALIGNED}).outcome is Outcome.HELD


def test_a_message_about_all_of_it_asks_anew_what_it_does_not_say() -> None:
    known = replace(KNOWN, said={ADA: {WHOLE: "ACCEPTED", 7: "DECLINED"}, BO: {WHOLE: "ACCEPTED"}})
    after = heard(known, request(item(3), item(3, 100, LATER, ada="TENTATIVE")), {ADA})
    assert after.said == {ADA: {WHOLE: "NEEDS-ACTION", LATER.wall: "TENTATIVE"}, BO: {WHOLE: "ACCEPTED"}}
    assert after.versions == {WHOLE: (3, 100), LATER.wall: (3, 100)}


def test_a_cancellation_says_nothing_of_answers() -> None:
    known = replace(KNOWN, said={ADA: {WHOLE: "ACCEPTED"}})
    assert heard(known, request(item(3), method="CANCEL"), {ADA}).said == known.said


def event(answer: str, key: int = 0, **more: str) -> Event:
    def shown(partstat: str, at: int) -> Instance:
        people = (
            Participant(4, Kind.ASSOCIATE, "Ada", f"mailto:{ADA}", partstat, associate=2),
            Participant(0, Kind.CHAIR, "Vera", f"mailto:{VERA}", "ACCEPTED"),
        )
        organizer = Person("Vera", f"mailto:{VERA}")
        return Instance(at, LATER.wall, LATER.wall + 60, "UTC", False, "Talk", organizer=organizer,
                        participants=people, key_zone="UTC", owned_externally=True)  # fmt: skip

    override = (shown(more["override"], key),) if more else ()
    return Event(Header("u-1", 9, 1), (shown(answer, 0), *override))


@pytest.mark.parametrize("answer", ["ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"])
def test_an_answer_is_replied_once_with_the_organizers_own_sequence(answer: str) -> None:
    (notice,) = replies(KNOWN, event(answer))
    assert (notice.method, notice.row, notice.to.address, notice.sequence) == ("REPLY", 4, f"mailto:{VERA}", 2)
    assert replies(settled(KNOWN, event(answer)), event(answer)) == ()


def test_nothing_is_replied_of_who_has_not_answered_or_said_so_themselves() -> None:
    assert replies(KNOWN, event("NEEDS-ACTION")) == ()
    assert replies(replace(KNOWN, said={ADA: {WHOLE: "ACCEPTED"}}), event("ACCEPTED")) == ()


def test_an_occurrence_answered_otherwise_is_replied_by_itself() -> None:
    known = replace(KNOWN, said={ADA: {WHOLE: "ACCEPTED"}})
    (notice,) = replies(known, event("ACCEPTED", LATER.wall, override="DECLINED"))
    assert [it.key for it in notice.instances] == [LATER.wall]
    both = replies(replace(known, said={}), event("ACCEPTED", LATER.wall, override="DECLINED"))
    assert [[it.key for it in n.instances] for n in both] == [[0, LATER.wall]]
