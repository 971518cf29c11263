"""The event that a message speaks of, as the weighing sees it: found by UID, then only the rows that may be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from gateway.crm import answers as crm_answers
from gateway.crm import rows as crm
from gateway.services.house import House
from gateway.store import marks, published
from gateway.store.marks import Mark
from gateway.store.published import Seen, Stored
from gateway.store.unit import Connection
from mappings import times
from mappings.model import Instance, Invitation, Invitee, Itip, Occurrence, Sender
from mappings.projection import Row
from mappings.status import BOOKING_MOVED, UNASKED


@dataclass(frozen=True, slots=True)
class Known:
    """An event of ours: its id, what the weighing needs, the rows that may answer, and their reset SEQUENCEs.

    `unseen_move` tells that the CRM asks somebody again and that this is not published yet; `stuck`, that it cannot be
    published as it is: the meeting is not whole, or in quarantine.
    """

    event_id: int
    invitation: Invitation
    rows: Mapping[int, Row]
    resets: Mapping[int, int]
    unseen_move: bool
    stuck: bool = False


def find(house: House, connection: Connection, itip: Itip, sender: Sender) -> Known | None:
    """Find the event of a message by its UID: the one we publish, or the one that the CRM gave its mails.

    Of a single meeting only the rows are read whose address the message names, or whose person the CRM knows by it.
    """
    event = _event(connection, itip.uid.strip())
    if event is None:
        return None
    stored = {event.event_id: event}
    published.load_parts(connection, stored)
    named = _named(itip, sender)
    if event.rule_id:
        members = published.members_of(connection, stored)
        rows = house.reader.by_row(connection, members)
        aliases = crm_answers.rows_of_addresses(connection, {r.mother for r in rows}, named)
    else:
        mothers = [event.mother_id] if event.mother_id else []  # none: dissolved, when the CRM gave it another UID
        aliases = crm_answers.rows_of_addresses(connection, mothers, named)
        members = published.members(connection, _meant(event, named) | set(aliases))
        rows = house.reader.by_row(connection, members)
    resets = {r: m.reset_sequence for r, m in members.items()}
    moved = any(r.status == BOOKING_MOVED != members[r.row].status for r in rows)
    invitation = _invitation(event, rows, aliases, members)
    stuck = moved and (event.quarantined or bool(marks.waiting(connection, [Mark(*event.crm_key)])))
    return Known(event.event_id, invitation, {r.row: r for r in rows}, resets, moved, stuck)


def _event(connection: Connection, uid: str) -> Stored | None:
    found = published.taken(connection, [uid])
    if uid not in found:
        mother = crm.mother_of_uid(connection, uid)
        seen = published.members(connection, [mother]) if mother else {}
        found = {str(row): s.event_id for row, s in seen.items()}
    events = published.events(connection, ids=found.values())
    return next(iter(events.values()), None)


def _named(itip: Itip, sender: Sender) -> set[str]:
    attendees = {name for i in itip.items for a in i.attendees for name in (a.address, a.sent_by)}
    return {a for a in attendees | set(sender.addresses) if a}


def _meant(event: Stored, named: Iterable[str]) -> set[int]:
    """Give the stored participants under an address that the message names, plus-tags left aside."""
    wanted = {_bare(a) for a in named}
    people = (p for i in event.instances() for p in i.participants)
    return {p.row for p in people if _bare(p.address.removeprefix("mailto:")) in wanted}


def _bare(mailbox: str) -> str:
    local, _, domain = mailbox.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _invitation(
    event: Stored, rows: Collection[Row], aliases: Mapping[int, set[str]], seen: Mapping[int, Seen]
) -> Invitation:
    by_mother: dict[int, list[Row]] = {}
    for row in rows:
        by_mother.setdefault(row.mother or row.row, []).append(row)
    if event.rule_id:
        clock = _clock(rows)
        occurrences = tuple(_of_series(some, aliases, seen, clock) for some in by_mother.values() if _datable(some))
    else:
        invitees = tuple(_invitee(r, aliases, seen) for some in by_mother.values() for r in some)
        occurrences = (_single(event, invitees),)
    organizers = frozenset(event.organizers.split())
    elsewhere = any(i.owned_externally for i in event.instances()) or any(r.owned_externally for r in rows)
    return Invitation(event.uid, event.sequence, organizers, occurrences, elsewhere)


def _single(event: Stored, invitees: tuple[Invitee, ...]) -> Occurrence:
    it = event.parts.get(0)
    if it is None:  # nothing of it is left: cancelled
        return Occurrence(0, event.first, "UTC", all_day=False, invitees=invitees, cancelled=True)
    return Occurrence(0, _start(it), it.zone, it.all_day, invitees, length=it.end - it.start)


def _start(it: Instance) -> int:
    return times.instant(it.start, "UTC" if it.all_day else it.zone)


def _clock(rows: Iterable[Row]) -> str:
    """Give the zone on which the keys of a series are read: that of its first occurrence, if any row is left."""
    first = min(rows, key=lambda r: (r.original or r.start, r.row), default=None)
    return first.zone if first else "UTC"


def _datable(some: Iterable[Row]) -> bool:
    """Tell whether a calendar can show these rows at all; an event with others is in quarantine."""
    return all(times.EARLIEST <= r.start < times.LATEST for r in some)


def _of_series(some: list[Row], aliases: Mapping[int, set[str]], seen: Mapping[int, Seen], clock: str) -> Occurrence:
    lead = next((r for r in some if r.leads), some[0])
    start = times.instant(lead.start, "UTC" if lead.all_day else lead.zone)
    invitees = tuple(_invitee(r, aliases, seen) for r in some)
    return Occurrence(
        seen[lead.row].key, start, clock, lead.all_day, invitees, not lead.leads, max(0, lead.end - lead.start)
    )


def _invitee(row: Row, aliases: Mapping[int, set[str]], seen: Mapping[int, Seen]) -> Invitee:
    own = {row.address} if row.address.startswith("mailto:") else set()
    addresses = frozenset(own | aliases.get(row.row, set()))
    answerable = row.kind not in UNASKED and row.mother != 0
    return Invitee(row.row, row.kind, addresses, row.status, answerable, seen[row.row].reset_sequence)
