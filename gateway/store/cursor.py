"""The one cursor: what changed in a calendar since a token, and the token to go on from (RFC 6578 3; DESIGN: tick).

A token says which publication its holder has seen: ``<revision>-<nonce>``. That of a page says more, because it stands
inside a listing: ``<revision>-<nonce>.<place>.<event>``, where the pair is what had been published when the page was
read, and the place is the last change that it told of. A listing from nothing adds ``.<begun>``, the publication from
which on whatever leaves the calendar has to be told: what left before was never in the listing.

A token holds while its publication is known here, which after a restore one of a lost future is not, and while nothing
that left after it is forgotten: `calendar.floor` is the highest tombstone that was pruned. Both are looked at by the
statement that finds the changes. Looked at before, they could be overtaken by a pruning, and a client would hold for
ever what it was never told had left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, and_, bindparam, false, literal, or_, select, union_all
from sqlalchemy.engine import Row

from gateway.store.tables import calendar, object_, sync, tick
from gateway.store.unit import Store

_o, _y, _k = object_.c, sync.c, calendar.c
_HIGHEST: Final = 2**63 - 1  # above every revision and every event
_TOKEN: Final = re.compile(r"([0-9]{1,19})-([0-9a-f]{1,16})(?:\.([0-9]{1,19})\.([0-9]{1,19})(?:\.([0-9]{1,19}))?)?\Z")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a client stands: it has seen the publication `revision`, and of it the changes up to (`place`, `event`).

    `begun` is the publication at which a listing from nothing began; None for a client that had something before.
    """

    revision: int
    nonce: int
    place: int
    event: int = _HIGHEST
    begun: int | None = None

    @property
    def oldest(self) -> int:
        """Give the publication after which nothing that left may have been forgotten."""
        if self.begun is not None:
            return self.begun
        # A page may end in the midst of a publication.
        return self.place if self.event == _HIGHEST else self.place - 1


# Who has nothing, and need not be told of what left before they came.
NOTHING: Final = Cursor(0, 0, 0, begun=_HIGHEST)


@dataclass(frozen=True, slots=True)
class Followed:
    """What follows a cursor: rows of copies, oldest change first, the token to go on from, whether there is more."""

    rows: Sequence[Row[Any]]
    token: str
    more: bool


def read(given: str) -> Cursor | None:
    """Read a token; None for one that is not ours. The empty one, and an empty calendar's, are of who has nothing."""
    if given in ("", "0-0"):
        return NOTHING
    found = _TOKEN.match(given)
    if found is None:
        return None
    revision, nonce = int(found[1]), int(found[2], 16)
    place, event = (int(found[3]), int(found[4])) if found[3] else (revision, _HIGHEST)
    begun = int(found[5]) if found[5] else None
    numbers = (revision, nonce, place, event, begun or 0)
    return Cursor(revision, nonce, place, event, begun) if revision and max(numbers) <= _HIGHEST else None


def write(revision: int, nonce: int) -> str:
    """Write the token of who has seen everything up to a publication."""
    return f"{revision}-{nonce:x}"


def page(revision: int, nonce: int, place: int, event: int, begun: int | None) -> str:
    """Write the token of a page that ends in the midst of things."""
    began = "" if begun is None else f".{begun}"
    return f"{write(revision, nonce)}.{place}.{event}{began}"


def stands(it: Cursor, nonce: int | None, floor: int) -> bool:
    """Tell whether a cursor holds: `nonce` is the one that its publication has here, None if there is none."""
    return it is NOTHING or (nonce == it.nonce and it.oldest >= floor)


# What is published in the calendar, and what is known of the publication that a token names. The newest change of a
# calendar is never pruned, so that its token stays above its floor.
def _newest(column: Any) -> Any:
    return (
        select(column).where(_y.calendar_id == _k.calendar_id).order_by(_y.revision.desc()).limit(1).scalar_subquery()
    )


def _nothing(name: str) -> Any:
    return literal(0, BigInteger).label(name)


_SEEN = select(tick.c.nonce).where(tick.c.revision == bindparam("seen")).scalar_subquery()
_STANDING = select(
    *(_nothing("event_id"), literal("").label("name"), _nothing("schedule"), false().label("gone")),
    *(_newest(_y.revision).label("revision"), _newest(_y.nonce).label("nonce")),
    *(_k.floor.label("floor"), _SEEN.label("known")),
).where(_k.calendar_id == bindparam("calendar"))
_AFTER = (
    select(
        *(_o.event_id, _o.name, _o.schedule, _o.gone, _y.revision, _y.nonce),
        *(_nothing("floor"), _nothing("known")),
    )
    .select_from(object_.join(sync, and_(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id)))
    .where(
        _y.calendar_id == bindparam("calendar"),
        # Twice the same, so that the index gives where to begin.
        _y.revision >= bindparam("place"),
        or_(_y.revision > bindparam("place"), _y.event_id > bindparam("event")),
        or_(_o.gone.is_(False), _y.revision > bindparam("begun")),
    )
    .order_by(_y.revision, _y.event_id)
    .limit(bindparam("limit"))
    .subquery("changed")
)
_FOLLOWS = union_all(_STANDING, select(_AFTER))


def follow(store: Store, calendar_id: int, given: str, limit: int = 0) -> Followed | None:
    """Give what changed in a calendar after a token, at most `limit` copies (0: all); None where it does not hold."""
    it = read(given)
    if it is None:
        return None
    # A token that is no page's stands before the next publication, not behind the last event of its own.
    place, event = (it.place + 1, 0) if it.event == _HIGHEST else (it.place, it.event)
    rows = store.rows(_FOLLOWS, {
        "calendar": calendar_id, "seen": it.revision, "place": place, "event": event,
        "begun": -1 if it.begun is None else it.begun, "limit": limit + 1 if limit else _HIGHEST,
    })  # fmt: skip
    # A database may give the halves of a union in any order, and only one of them has no event.
    standing = next((r for r in rows if not r.event_id), None)
    if standing is None:
        return Followed((), write(0, 0), more=False) if it is NOTHING else None
    if not stands(it, standing.known, standing.floor):
        return None
    found = sorted((r for r in rows if r.event_id), key=lambda r: (r.revision, r.event_id))
    newest = standing.revision or 0, standing.nonce or 0
    if not limit or len(found) <= limit:
        # Whose token is newer than the calendar's has it from another one: it stays good, and tells of nothing.
        return Followed(found, write(*max(newest, (it.revision, it.nonce))), more=False)
    last = found[limit - 1]
    begun = newest[0] if it is NOTHING else it.begun
    return Followed(found[:limit], page(*newest, last.revision, last.event_id, begun), more=True)
