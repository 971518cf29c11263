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
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, and_, bindparam, exists, literal, or_, select, union_all

from gateway.store.prepared import Prepared
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

    rows: Sequence[tuple[Any, ...]]
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


# A copy that changed: the columns of `objects.Item`, in its order.
_CHANGED: Final = (_o.name, _y.revision, _y.nonce, _o.schedule, _o.gone, _o.event_id)
_REVISION, _EVENT = 1, 5
_PLACE: Final = itemgetter(_REVISION, _EVENT)


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _newest(column: Any) -> Any:
    newest = select(column).where(_y.calendar_id == _k.calendar_id).order_by(_y.revision.desc()).limit(1)
    return newest.scalar_subquery()


# One row in the same columns, without an event: what is published in the calendar, its floor, and whether the
# publication that a token names is known. The newest change of a calendar is never pruned, so that its own token stays
# above its floor.
_STANDING = select(
    *(literal(""), _newest(_y.revision), _newest(_y.nonce), _k.floor),
    exists().where(tick.c.revision == _number("seen"), tick.c.nonce == _number("nonce")),
    literal(0, BigInteger),
).where(_k.calendar_id == _number("calendar"))
_AFTER = (
    select(*_CHANGED)
    .select_from(object_.join(sync, and_(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id)))
    .where(
        _y.calendar_id == _number("calendar"),
        # Twice the same, so that the index gives where to begin.
        _y.revision >= _number("place"),
        or_(_y.revision > _number("place"), _y.event_id > _number("event")),
        or_(_o.gone.is_(False), _y.revision > _number("begun")),
    )
    .order_by(_y.revision, _y.event_id)
    .limit(_number("most"))
    .subquery("changed")
)
_FOLLOWS: Final = Prepared(union_all(_STANDING, select(_AFTER)))


def follow(store: Store, calendar_id: int, given: str, limit: int = 0) -> Followed | None:
    """Give what changed in a calendar after a token, at most `limit` copies (0: all); None where it does not hold."""
    it = read(given)
    if it is None:
        return None
    found = store.fetch(_FOLLOWS, calendar=calendar_id, most=limit + 1 if limit else _HIGHEST, **_asked(it))
    # A database may give the rows of a union in any order; as they mostly come in this one, sorting costs little.
    found.sort(key=_PLACE)
    at = next((n for n, row in enumerate(found) if not row[_EVENT]), None)
    if at is None:  # there is no such calendar
        return Followed((), write(0, 0), more=False) if it is NOTHING else None
    _, revision, nonce, floor, known, _ = found.pop(at)
    newest = revision or 0, nonce or 0
    if it is not NOTHING and not (known and it.oldest >= floor):
        return None
    if not limit or len(found) <= limit:
        # Whose token is newer than the calendar's has it from another one: it stays good, and tells of nothing.
        return Followed(found, write(*max(newest, (it.revision, it.nonce))), more=False)
    last = found[limit - 1]
    begun = newest[0] if it is NOTHING else it.begun
    return Followed(found[:limit], page(*newest, last[_REVISION], last[_EVENT], begun), more=True)


def _asked(it: Cursor) -> dict[str, int]:
    # A token that is no page's stands before the next publication, not behind the last event of its own.
    place, event = (it.place + 1, 0) if it.event == _HIGHEST else (it.place, it.event)
    begun = -1 if it.begun is None else it.begun
    return {"seen": it.revision, "nonce": it.nonce, "place": place, "event": event, "begun": begun}
