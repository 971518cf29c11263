"""Invitations from elsewhere to people here: which are taken in, and what their organizers hear (RFC 5546 3.2.2-3.2.5).

The organizer alone says when and what; who is invited here says only whether they come. What the organizer knows of
that is what they said of it themselves, or what we replied: the reply to anything else is owed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mappings import address, status, times, trusting
from mappings.model import (
    Event,
    Instance,
    Invitee,
    Item,
    Itip,
    Kind,
    Notice,
    Outcome,
    Participant,
    Person,
    Proofs,
    Stamp,
    Trust,
    Verdict,
)
from mappings.notices import CANCEL, REPLY, REQUEST

METHODS: Final = frozenset({REQUEST, CANCEL})
WHOLE: Final = 0  # the moment that stands for an event as a whole


@dataclass(frozen=True, slots=True)
class Asked:
    """What an organizer elsewhere last said of one event, by the moment (an instant) of an occurrence, or WHOLE.

    `organizer` is a mailbox; `versions` are (SEQUENCE, DTSTAMP), and `said` tells by mailbox which PARTSTAT the
    organizer knows of.
    """

    uid: str
    organizer: str
    versions: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    said: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Here:
    """Who there is here for a message: the mailboxes in it of people with a diary, and whether we know its organizer.

    `ours` tells that the organizer it names is ourselves.
    """

    guests: frozenset[str]
    acquainted: bool
    ours: bool = False


def weigh(itip: Itip, known: Asked | None, here: Here, proofs: Proofs, enough: Collection[Trust]) -> Verdict:
    """Judge a REQUEST or a CANCEL of an event that is not ours; total, and without effect.

    APPLIED means that the rows are to follow it. A person who vouches for it knows the organizer, too.
    """
    organizer = organizer_of(itip)
    refused = _refused(itip, organizer, known, here)
    if refused is not None:
        return refused
    trust = trusting.trust(proofs, Invitee(0, Kind.BARE, frozenset({organizer}), 0, answerable=True), ())
    asks = f"{itip.method} of {organizer}"
    if trust not in enough:
        said = "nothing vouches for its sender" if trust is Trust.NONE else f"its sender is {trust} and no more"
        return Verdict(Outcome.HELD, f"{asks}, but {said}", trust=trust)
    if not here.acquainted and trust is not Trust.VOUCHED:
        return Verdict(Outcome.HELD, f"{asks}, whom the CRM does not know", trust=trust)
    return Verdict(Outcome.APPLIED, f"{asks} for {', '.join(sorted(here.guests))}", trust=trust)


def organizer_of(itip: Itip) -> str:
    """Give the organizer's mailbox; empty where none is named, or more than one."""
    named = {address.normalise(item.organizer) for item in itip.items}
    return named.pop() if len(named) == 1 else ""


def _refused(itip: Itip, organizer: str, known: Asked | None, here: Here) -> Verdict | None:
    """Give the first reason why a message is not followed, whoever sent it."""
    reasons = (
        (
            not organizer or organizer.startswith("urn:"),
            Verdict(Outcome.REFUSED_ORGANIZER, "an invitation names one ORGANIZER whom an answer could reach"),
        ),
        (here.ours, Verdict(Outcome.REFUSED_ORGANIZER, "its organizer is ourselves, and we have no such event")),
        (
            known is not None and known.organizer != organizer,
            Verdict(Outcome.NEEDS_HUMAN, "another organizer sent it so far"),
        ),
        (
            itip.method == CANCEL and known is None,
            Verdict(Outcome.REFUSED_UNKNOWN, "what it cancels was never here"),
        ),
        (not here.guests, Verdict(Outcome.REFUSED_NOT_INVITED, "it invites nobody who has a diary here")),
        (
            any(item.this_and_future for item in itip.items),
            Verdict(Outcome.NEEDS_HUMAN, "RANGE=THISANDFUTURE is not followed in invitations from elsewhere"),
        ),
        (
            known is not None and all(_stale(known, item) for item in itip.items),
            Verdict(Outcome.STALE, "the organizer has said something later"),
        ),
    )
    return next((verdict for holds, verdict in reasons if holds), None)


def _stale(known: Asked, item: Item) -> bool:
    """Tell whether an item is older than what we know; of an occurrence that has none, the event's SEQUENCE counts."""
    mine = _version(item)
    standing = known.versions.get(moment(item.recurrence))
    if standing is not None:
        return mine < standing
    return mine[0] < known.versions.get(WHOLE, (0, 0))[0]


def _version(item: Item) -> tuple[int, int]:
    return item.sequence or 0, item.dtstamp or 0


def moment(stamp: Stamp | None) -> int:
    """Give the instant by which an occurrence is known; WHOLE for the event."""
    if stamp is None:
        return WHOLE
    return times.instant(stamp.wall, "UTC" if stamp.date_only else stamp.zone or "UTC")


def heard(known: Asked | None, itip: Itip, guests: Collection[str]) -> Asked:
    """Give what is known once a message has been followed."""
    before = known or Asked(itip.uid, organizer_of(itip))
    versions = dict(before.versions)
    said = {who: dict(some) for who, some in before.said.items()}
    for item in sorted(itip.items, key=lambda one: moment(one.recurrence)):
        at = moment(item.recurrence)
        versions[at] = max(_version(item), versions.get(at, (0, 0)))
        for guest in item.attendees if itip.method == REQUEST else ():
            if guest.address in guests:
                # Whoever is asked about the event as a whole is asked anew about all that is not said by itself.
                standing = said.get(guest.address, {}) if at else {}
                said[guest.address] = {**standing, at: guest.partstat or status.NEEDS_ACTION}
    return Asked(before.uid, before.organizer, versions, said)


def replies(known: Asked, now: Event) -> tuple[Notice, ...]:
    """Give the replies that are owed: of each person here who says something else than the organizer knows."""
    found: dict[tuple[str, int], list[tuple[Participant, Instance]]] = {}
    for it in now.instances:
        for p in _answering(it):
            mailbox, at = address.normalise(p.address), _moment(it)
            if p.partstat in status.ACT_OF and _known(known, mailbox, at) != p.partstat:
                sequence = known.versions.get(at, known.versions.get(WHOLE, (0, 0)))[0]
                found.setdefault((mailbox, sequence), []).append((p, it))
    notices = []
    for (_, sequence), some in found.items():
        organizer = some[0][1].organizer
        name = organizer.name if organizer else ""
        to = Person(name, address.mailto(known.organizer))
        seen = tuple(it for _, it in some)
        notices.append(Notice(REPLY, some[0][0].row, to, now.header.uid, sequence, seen))
    return tuple(notices)


def settled(known: Asked, now: Event) -> Asked:
    """Give what is known once everything that is owed has been replied, or is to be left unsaid."""
    said = {who: dict(some) for who, some in known.said.items()}
    for it in now.instances:
        for p in _answering(it):
            if p.partstat in status.ACT_OF:
                said.setdefault(address.normalise(p.address), {})[_moment(it)] = p.partstat
    return Asked(known.uid, known.organizer, known.versions, said)


def _answering(it: Instance) -> Iterable[Participant]:
    """Give those with a diary here, whom their address can be answered for."""
    return (p for p in it.participants if p.row and p.associate and p.address.startswith("mailto:"))


def _known(known: Asked, mailbox: str, at: int) -> str:
    own = known.said.get(mailbox, {})
    return own.get(at, own.get(WHOLE, status.NEEDS_ACTION))


def _moment(it: Instance) -> int:
    return times.instant(it.key, "UTC" if it.key_all_day else it.key_zone or it.zone) if it.key else WHOLE
