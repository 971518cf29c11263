"""The text of copies: what is fetched of them in one statement, and how it is put together (DESIGN section 4).

A copy's bytes are joined from the parts that everybody sees and the pieces that only its holder does, with the
VTIMEZONEs of its years before them. A calendar that is no reader of a private event gets the cloaked part, here and
nowhere later, so that no filter, search or size can tell of more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import CompoundSelect, Select, and_, bindparam, case, literal, null, select

from gateway.store import shows
from gateway.store.access import token
from gateway.store.prepared import Prepared, beside
from gateway.store.tables import frozen, instant, object_, part, personal, sync
from mappings.ics import writing

_o, _y, _p, _m, _f, _i = object_.c, sync.c, part.c, personal.c, frozen.c, instant.c
# How many names one statement takes; the last of fewer are repeated, so that few statements are ever compiled.
SIZES: Final = (1, 10, 100, 500)

Span = tuple[int, int, int]  # instance key, first and last instant


class Piece(NamedTuple):
    """One component of a copy: its instance key, what everybody sees, its STATUS, its zones, and what is personal."""

    key: int
    text: bytes
    status: str
    zone: str
    mine: bytes

    @property
    def closed(self) -> bytes:
        """Give the component whole."""
        return writing.closed(self.text, self.status, self.mine)


class Body:
    """One copy with its text; `spans` are its instances where they were asked for."""

    __slots__ = (
        "_data",
        "first",
        "frozen",
        "last",
        "name",
        "nonce",
        "pieces",
        "revision",
        "schedule",
        "shows",
        "spans",
    )

    def __init__(self, head: Sequence[Any]) -> None:
        self.name: str
        self.revision: int
        self.nonce: int
        self.schedule: int
        self.shows: str
        self.first: int
        self.last: int
        self.frozen: bool
        self.name, self.revision, self.nonce, self.schedule, self.shows, self.first, self.last, self.frozen = head
        self.pieces: list[Piece] = []
        self.spans: list[Span] = []
        self._data: bytes | None = None

    @property
    def etag(self) -> str:
        """Give the holder's own ETag, unquoted."""
        return token(self.revision, self.nonce)

    @property
    def schedule_tag(self) -> str:
        """Give the Schedule-Tag, unquoted; deaf to what others answer (RFC 6638 3.2.10)."""
        return str(self.schedule)

    @property
    def components(self) -> list[tuple[int, bytes]]:
        """Give instance key and text of each component; of a frozen copy one text with all that it had, under 0."""
        return [(p.key, p.text if self.frozen else p.closed) for p in self.pieces]

    @property
    def zones(self) -> list[tuple[str, int, int]]:
        """Name the zones that the text speaks of, with the first and the last year it needs of each."""
        return _zones(" ".join(p.zone for p in self.pieces), year(self.first), year(self.last))

    @property
    def data(self) -> bytes:
        """Give the whole object (octets)."""
        if self._data is None:
            names = self.pieces[0].zone if len(self.pieces) == 1 else " ".join([p.zone for p in self.pieces])
            head = _head(names, year(self.first), year(self.last))
            some = [p.text if self.frozen else writing.closed(p.text, p.status, p.mine) for p in self.pieces]
            self._data = b"".join((head, *some, writing.TAIL))
        return self._data

    def give(self, data: bytes) -> None:
        """Let the text be told in another form."""
        self._data = data

    def settle(self, instants: Sequence[Span] | None) -> None:
        """Put the pieces in order and leave out what this copy does not show; and take in its instances."""
        shown = shows.read(self.shows)
        if len(self.pieces) > 1 or shown.some:
            self.pieces = sorted(p for p in self.pieces if shown.component(p.key))
        if instants is None:
            return
        some = [s for s in instants if shown.occurrence(s[0])]
        # What was cancelled before its instances were kept with it has none; its own words tell.
        once = self.pieces[:1] if not self.frozen else []
        self.spans = some or [(p.key, self.first, self.last) for p in once]


# Everything of a copy but its instances; the same columns in the same order as `_INSTANTS`.
TEXT = case((_o.frozen.is_(True), _f.body), (_o.cloaked.is_(True) & _p.private.is_(True), _p.busy), else_=_p.body)
_COLUMNS = (
    *(_o.event_id, _o.name, _y.revision, _y.nonce, _o.schedule, _o.shows, _o.first, _o.last, _o.frozen),
    *(_p.key, TEXT.label("text"), _p.status, case((_o.frozen.is_(True), _f.zones), else_=_p.zone).label("zone")),
    _m.body.label("mine"),
)
_HEAD: Final = slice(1, 9)
_PIECE: Final = slice(9, 14)
_WORDS: Final = 10
_FROM = (
    object_.join(sync, and_(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id))
    .outerjoin(part, and_(_p.event_id == _o.event_id, _o.frozen.is_(False)))
    .outerjoin(personal, (_m.event_id == _o.event_id) & (_m.calendar_id == _o.calendar_id) & (_m.key == _p.key))
    .outerjoin(frozen, (_f.event_id == _o.event_id) & (_f.calendar_id == _o.calendar_id) & _o.frozen.is_(True))
)
WHERE = (_o.calendar_id == bindparam("calendar"), beside(_o.gone.is_(False)))


def wanted(*where: Any) -> Select[Any]:
    """Ask for the copies of a calendar (parameter `calendar`) that conditions on `object` name, without instances."""
    return select(*_COLUMNS).select_from(_FROM).where(*WHERE, *where)


def wanted_with_spans(*where: Any, among: Any = True) -> CompoundSelect[Any]:
    """Ask for the same and for their instances `among` some, in one statement and so in one snapshot."""
    spans = (
        select(
            *(_o.event_id, null(), _i.key, _i.start, _i.end, null(), literal(0), literal(0), _o.frozen),
            *(null(), _f.spans, null(), null(), null()),
        )
        .select_from(
            object_.outerjoin(instant, and_(_i.event_id == _o.event_id, _o.frozen.is_(False), among)).outerjoin(
                frozen, (_f.event_id == _o.event_id) & (_f.calendar_id == _o.calendar_id) & _o.frozen.is_(True)
            )
        )
        .where(*WHERE, beside(_o.many.is_(True)), *where)
    )
    return wanted(*where).union_all(spans)


def gathered(rows: Iterable[Sequence[Any]], *, spans: bool = False) -> list[Body]:
    """Put rows of `wanted` together, one body for each event, by first instant."""
    found: dict[int, Body] = {}
    instants: dict[int, list[Span]] = {}
    for row in rows:
        if row[1] is None:
            if row[8]:  # frozen: what it had then, written beside its bytes
                instants[row[0]] = [(key, start, end) for key, start, end in json.loads(row[_WORDS] or b"[]")]
            elif row[2] is not None:
                instants.setdefault(row[0], []).append((row[2], row[3], row[4]))
            continue
        body = found.get(row[0])
        if body is None:
            body = found[row[0]] = Body(row[_HEAD])
        if row[_WORDS] is not None:
            key, text, status, zone, mine = row[_PIECE]
            body.pieces.append(Piece(key or 0, text, status or "", zone or "", mine or b""))
    for event_id, body in found.items():
        body.settle(instants.get(event_id, ()) if spans else None)
    return [body for _, body in sorted(found.items(), key=lambda pair: (pair[1].first, pair[0]))]


def _zones(names: str, first: int, last: int) -> list[tuple[str, int, int]]:
    return [(name, first, last) for name in sorted(set(names.split()))]


@lru_cache(maxsize=1_024)
def _head(names: str, first: int, last: int) -> bytes:
    """Give all that stands before the components: the same for every event of a zone and its years."""
    return writing.envelope((), _zones(names, first, last)).removesuffix(writing.TAIL)


@lru_cache(maxsize=4_096)
def _year_of_day(day: int) -> int:
    return time.gmtime(day * 86_400).tm_year


def year(moment: int) -> int:
    """Give the year in which an instant lies, in UTC."""
    return _year_of_day(moment // 86_400)


@lru_cache(maxsize=len(SIZES) * 2)
def by_name(size: int, *, spans: bool) -> Prepared:
    """Give the question for `size` names, parameters `name_0` and on."""
    names = _o.name.in_([bindparam(f"name_{i}") for i in range(size)])
    return Prepared(wanted_with_spans(names) if spans else wanted(names))


def size_for(count: int) -> int:
    """Give how many names to ask for at once, where `count` are wanted."""
    return next((size for size in SIZES if size >= count), SIZES[-1])
