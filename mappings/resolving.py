"""Whom a reply speaks for, and which occurrences it speaks of (RFC 5546 2.1.5, 3.2.3; RFC 5545 3.8.4.4).

People are found by address equality alone, occurrences by instant and never by how the instant was written.
What cannot be told for sure is a verdict; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings import address, times
from mappings.errors import Unmappable
from mappings.model import Attendee, Invitation, Invitee, Item, Itip, Kind, Occurrence, Outcome, Sender, Stamp, Verdict
from mappings.status import BOOKING_DELETED


@dataclass(frozen=True, slots=True)
class Target:
    """One row that a reply is for: its occurrence and invitee, the item that says so, and its raw PARTSTAT.

    `current` is false where the item echoes a DTSTART that the occurrence no longer has.
    """

    occurrence: Occurrence
    invitee: Invitee
    item: Item
    partstat: str
    current: bool


def targets(itip: Itip, invitation: Invitation, sender: Sender) -> tuple[Target, ...] | Verdict:
    """Give the rows that a reply is for, by occurrence, or the verdict where that cannot be told.

    An item for one occurrence wins over one for this and future ones, and that over one for the whole series.
    """
    spoken = _speaker(itip, invitation, sender)
    if isinstance(spoken, Verdict):
        return spoken
    who, attendees = spoken
    said = _said(itip, attendees, invitation)
    return said if isinstance(said, Verdict) else _rows(said, who, sender)


# --- who -------------------------------------------------------------------------------------------------------------

_People = Mapping[str, frozenset[str]]


def _speaker(itip: Itip, invitation: Invitation, sender: Sender) -> tuple[str, list[Attendee]] | Verdict:
    """Give the known address of the one person whom all items speak for, and each item's ATTENDEE."""
    people = _people(invitation)
    attendees: list[Attendee] = []
    for item in itip.items:
        chosen = _attendee(item, people, sender)
        if isinstance(chosen, Verdict):
            return chosen
        attendees.append(chosen)
    named = {attendee.address for attendee in attendees}
    if not _one_person(named, people):
        return Verdict(Outcome.REFUSED_AMBIGUOUS, "the parts of the reply speak for different people")
    # An answer may come under an address that the CRM does not know, from a mailbox that it does know.
    who = next(filter(None, (_known(one, people) for one in (attendees[0].address, *sender.addresses))), "")
    if not who:
        return Verdict(Outcome.REFUSED_NOT_INVITED, f"{attendees[0].address} is not invited")
    return who, attendees


def _people(invitation: Invitation) -> _People:
    """Give for each address of an invitee all addresses of those who have it."""
    people: dict[str, frozenset[str]] = {}
    for occurrence in invitation.occurrences:
        for invitee in occurrence.invitees:
            own = _addresses(invitee)
            for one in own:
                people[one] = people.get(one, frozenset()) | own
    return people


def _addresses(invitee: Invitee) -> frozenset[str]:
    return frozenset(filter(None, map(address.normalise, invitee.addresses)))


def _known(one: str, people: _People) -> str:
    """Give the invitee's own address that this one is, with or without a plus-tag; empty for a stranger's."""
    if one in people:
        return one
    bare = address.tagless(one)
    own = {known for known in people if known == bare or address.tagless(known) == one} if one else set()
    return min(own) if own and _one_person(own, people) else ""


def _one_person(named: Iterable[str], people: _People) -> bool:
    own = {_known(one, people) or one for one in named}
    return len(own) < 2 or all(own <= people.get(one, frozenset()) for one in own)


def _attendee(item: Item, people: _People, sender: Sender) -> Attendee | Verdict:
    """Choose the ATTENDEE that the item speaks for: the only person named, else the one who sent it."""
    if not item.attendees:
        who = next(filter(None, (_known(one, people) for one in sender.addresses)), "")
        return Verdict(Outcome.NEEDS_HUMAN, "the reply names no attendee" + (f", but came from {who}" if who else ""))
    named = {one.address for one in item.attendees}
    senders = item.attendees if _one_person(named, people) else _sent(item.attendees, people, sender)
    if not senders or not _one_person({one.address for one in senders}, people):
        return Verdict(Outcome.NEEDS_HUMAN, "the reply names several attendees, and not one of them as its sender")
    if len({one.partstat for one in senders}) > 1:
        return Verdict(Outcome.REFUSED_AMBIGUOUS, f"{senders[0].address} answers in two ways")
    return senders[0]


def _sent(attendees: Sequence[Attendee], people: _People, sender: Sender) -> Sequence[Attendee]:
    for mailbox in sender.addresses:
        found = [one for one in attendees if one.sent_by == mailbox or _one_person({one.address, mailbox}, people)]
        if found:
            return found
    return []


# --- which occurrences -----------------------------------------------------------------------------------------------

_SERIES, _ONWARD, _SINGLE = range(3)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the reply says of one occurrence; `reach` tells how directly."""

    occurrence: Occurrence
    reach: int
    item: Item
    partstat: str
    current: bool


def _said(itip: Itip, attendees: list[Attendee], invitation: Invitation) -> list[_Said] | Verdict:
    """Give what is said of each occurrence by the item nearest to it."""
    ordered = tuple(sorted(invitation.occurrences, key=planned))
    said: list[tuple[int, int, list[_Said]]] = []
    for item, attendee in zip(itip.items, attendees, strict=True):
        concerned = _concerned(item, ordered)
        if not concerned:
            return Verdict(Outcome.REFUSED_INSTANCE, "the reply is for an occurrence that the event does not have")
        reach = _SERIES if item.recurrence is None else _ONWARD if item.this_and_future else _SINGLE
        current = item.start is None or any(_starts(item.start, one) for one in concerned)
        place = planned(concerned[0])
        said.append((reach, place, [_Said(o, reach, item, attendee.partstat, current) for o in concerned]))
    nearest: dict[int, _Said] = {}
    spans: dict[tuple[int, int], str] = {}
    for reach, place, ones in sorted(said, key=lambda one: one[:2]):
        partstat = ones[0].partstat
        if spans.setdefault((reach, place), partstat) != partstat:
            return Verdict(Outcome.REFUSED_AMBIGUOUS, "the reply answers one occurrence in two ways")
        nearest.update((one.occurrence.key, one) for one in ones)
    return sorted(nearest.values(), key=lambda one: planned(one.occurrence))


def _concerned(item: Item, ordered: tuple[Occurrence, ...]) -> tuple[Occurrence, ...]:
    """Give the occurrences that an item is for, from the first one on; none where there is no such one."""
    if item.recurrence is None:
        return ordered
    hit = _occurrence(item.recurrence, ordered)
    if hit is None:
        return ()
    return ordered[ordered.index(hit) :] if item.this_and_future else (hit,)


def planned(occurrence: Occurrence) -> int:
    """Give the instant for which an occurrence was first planned, which is its name for life."""
    if not occurrence.key:
        return occurrence.start
    moment = _instant(occurrence.key, occurrence.zone)
    return occurrence.start if moment is None else moment


def _instant(wall: int, zone: str) -> int | None:
    try:
        return times.instant(wall, zone or "UTC")
    except Unmappable:
        return None


def _day(moment: int | None, zone: str) -> int | None:
    """Give the midnight, as wall seconds, of the day on which an instant falls in a zone."""
    try:
        seconds = None if moment is None else times.wall(moment, zone or "UTC")
    except (Unmappable, ValueError, OverflowError):
        return None
    return None if seconds is None else seconds - seconds % times.DAY


def moment(stamp: Stamp, occurrence: Occurrence) -> int | None:
    """Give the instant of a stamp; one that floats, or whose zone nobody knows, is read on the event's own clock."""
    return _instant(stamp.wall, stamp.zone or occurrence.zone)


def _exactly(stamp: Stamp, one: Occurrence) -> bool:
    if stamp.date_only or one.all_day:
        return stamp.date_only and one.all_day and stamp.wall == _day(planned(one), one.zone)
    return moment(stamp, one) == planned(one)


def _day_as_written(stamp: Stamp, one: Occurrence) -> bool:
    if stamp.date_only is one.all_day or stamp.wall % times.DAY:
        return False
    return stamp.wall == _day(planned(one), one.zone)


def _day_in(zone: Callable[[Occurrence], str]) -> Callable[[Stamp, Occurrence], bool]:
    def falls(stamp: Stamp, one: Occurrence) -> bool:
        if stamp.date_only or not one.all_day:
            return False
        day = _day(moment(stamp, one), zone(one))
        return day is not None and day == _day(planned(one), one.zone)

    return falls


# How a RECURRENCE-ID may name an occurrence, the surest way first. Clients answer an all-day series with a
# time, and a timed one with a day; the day is meant as written, in the event's zone, or in UTC.
_READINGS: Final = (_exactly, _day_as_written, _day_in(lambda one: one.zone), _day_in(lambda _: "UTC"))


def _occurrence(stamp: Stamp, occurrences: Sequence[Occurrence]) -> Occurrence | None:
    for reading in _READINGS:
        found = [one for one in occurrences if reading(stamp, one)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _starts(stamp: Stamp, one: Occurrence) -> bool:
    """Tell whether a DTSTART is the start that an occurrence has now."""
    if one.all_day or stamp.date_only:
        day = stamp.wall if stamp.date_only else _day(moment(stamp, one), one.zone)
        return day == _day(one.start, one.zone)
    return moment(stamp, one) == one.start


# --- whose row -------------------------------------------------------------------------------------------------------


def _rows(said: list[_Said], who: str, sender: Sender) -> tuple[Target, ...] | Verdict:
    found: list[Target] = []
    refused = Verdict(Outcome.REFUSED_NOT_INVITED, f"{who} is not invited to this occurrence")
    for one in said:
        row = _row(one.occurrence, who, sender)
        if isinstance(row, Invitee):
            found.append(Target(one.occurrence, row, one.item, one.partstat, one.current))
        elif row is not None and row.outcome is Outcome.NEEDS_HUMAN:
            return row
        elif one.reach == _SINGLE:
            return row or refused
        else:
            refused = row or refused
    return tuple(found) or refused


def _row(occurrence: Occurrence, who: str, sender: Sender) -> Invitee | Verdict | None:
    """Give the one row of a person who can answer; None where they have no row in the occurrence."""
    mine = [one for one in occurrence.invitees if who in _addresses(one)]
    able = [one for one in mine if one.answerable]
    if not able:
        return Verdict(Outcome.REFUSED_NOT_INVITED, _cannot(mine[0].kind)) if mine else None
    able = [one for one in able if one.crm_status != BOOKING_DELETED] or able
    for mailbox in sender.addresses if len(able) > 1 else ():
        found = [one for one in able if mailbox in _addresses(one)]
        if len(found) == 1:
            return found[0]
    if len(able) > 1:
        return Verdict(Outcome.NEEDS_HUMAN, f"{who} is the address of more than one invitee")
    return able[0]


def _cannot(kind: Kind) -> str:
    if kind is Kind.OWNER:
        return "the owner of the event does not answer it"
    return "a resource does not answer" if kind in (Kind.RESOURCE, Kind.ROOM) else "this row cannot be answered"
