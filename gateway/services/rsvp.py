"""The page on which somebody answers who has no buttons: what it shows, and what becomes of the form (itip-imip 3.3).

Looking changes nothing, for programs look at every link in a mail. A form is good for one answer to what it showed: its
stamp is another as soon as somebody has answered or the meeting has changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import DatabaseBusy, NotFound, PreconditionFailed
from gateway.services import holders, ingest
from gateway.services.house import DAY, House
from gateway.services.respond import Evidence, Unsettled, respond
from gateway.store import answers, proposals, published
from gateway.store.published import Seen, Stored
from gateway.store.unit import Connection
from mappings import plus_address, times
from mappings.model import Answer, Instance, Proposal, Trust
from mappings.projection import Row
from mappings.status import BOOKING_DELETED, BOOKING_MOVED

DOOR: Final = "web"
ATTEMPTS: Final = 5
EXPIRES: Final = 90 * DAY  # seconds after the end of an event for which its links say what they were
COMMENT_LENGTH: Final = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Invited:
    """What the holder of a link may see: the event as it stands, their own answer, and the stamp of a form for it.

    `shown` is None where they are no longer invited; `over` tells that nothing can be answered any more.
    """

    shown: Instance | None
    partstat: str
    stamp: str
    over: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What a form says; `other` is a time that is proposed, from and to (instants)."""

    partstat: str
    comment: str = ""
    other: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """The event of a link, its row, and the rows of the same person that are not over."""

    event: Stored
    row: int
    mine: Sequence[Row]
    seen: Mapping[int, Seen]


def look(house: House, text: str) -> Invited:
    """Give what a link shows; raises NotFound for a token that is none, or long out of use."""
    ingest.catch_up(house)
    with house.store.reading() as connection:
        return _invited(house, connection, _place(house, connection, text))


def answer(house: House, text: str, stamp: str, said: Answered) -> None:
    """Answer for the holder of a link, for all of the event that is not over.

    Raises NotFound as `look`, PreconditionFailed where the form was of something that has changed, and RefusedAct.
    """
    for _ in range(ATTEMPTS):
        ingest.catch_up(house)
        try:
            with house.store.writing() as connection:
                _answer(house, connection, _place(house, connection, text), stamp, said)
        except Unsettled:
            continue
        ingest.catch_up(house)
        return
    raise DatabaseBusy("The CRM keeps changing the rows that are answered.")


def _answer(house: House, connection: Connection, place: _Place, stamp: str, said: Answered) -> None:
    if any(row.status == BOOKING_MOVED != place.seen[row.row].status for row in place.mine):
        raise Unsettled
    invited = _invited(house, connection, place)
    if invited.shown is None or invited.over or not hmac.compare_digest(stamp.encode(), invited.stamp.encode()):
        raise PreconditionFailed("The form is of something that has changed.")
    now, comment = house.clock.now(), said.comment.strip()[:COMMENT_LENGTH]
    sequence = place.event.sequence
    given = [
        Answer(place.seen[one.row].key, one.row, said.partstat, sequence, now, now, now, comment) for one in place.mine
    ]
    rows = {row.row: row for row in place.mine}
    resets = {row: place.seen[row].reset_sequence for row in rows}
    respond(house, connection, place.event.event_id, given, rows, resets, Evidence(DOOR, Trust.TOKEN.value))
    if said.other:
        first = min(rows)
        other = Proposal(place.seen[first].key, first, *said.other, comment)
        proposals.keep(connection, place.event.event_id, [other], received=now, inbox_id=None)


def _place(house: House, connection: Connection, text: str) -> _Place:
    token = plus_address.read(text)
    event = holders.event_of(house, connection, token, plus_address.LINK) if token else None
    if token is None or event is None or event.last + EXPIRES < house.clock.now():
        raise NotFound
    stored = {event.event_id: event}
    published.load_parts(connection, stored)
    seen = published.members_of(connection, stored)
    rows = house.reader.by_row(connection, seen)
    holder = next((row for row in rows if row.row == token.row), None)
    mine = [row for row in rows if holder and _same(row, holder) and _ahead(house, row)]
    return _Place(event, token.row, mine, seen)


def _same(row: Row, holder: Row) -> bool:
    """Tell whether two rows of a series are one person's, and can be answered."""
    if row.status == BOOKING_DELETED or row.leads:
        return False
    return (row.kind, row.associate, row.address) == (holder.kind, holder.associate, holder.address)


def _ahead(house: House, row: Row) -> bool:
    zone = "UTC" if row.all_day else row.zone
    return times.instant(max(row.start, row.end), zone) > house.clock.now()


def _invited(house: House, connection: Connection, place: _Place) -> Invited:
    instances = place.event.instances() if place.event.parts else ()
    everybody = {p.row: p for it in instances for p in it.participants}
    here = everybody.get(place.row) or next((everybody[r.row] for r in place.mine if r.row in everybody), None)
    over = not place.mine or place.event.last < house.clock.now()
    if not instances or here is None:
        return Invited(None, "", "", over)
    former = answers.former(connection, place.event.event_id, {place.row, *(row.row for row in place.mine)})
    event = place.event
    said = f"form {event.uid} {event.sequence} {event.dtstamp} {place.row} {len(former)}"
    stamp = hmac.new(house.key, said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
    return Invited(instances[0], here.partstat, stamp, over)
