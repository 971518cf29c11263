"""What is published, as one batch of events: read together, written together.

A `Draft` collects what a publication changes and writes it with a fixed number of statements, whatever the number of
events or holders; the revision it stands under is drawn only when something changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Connection, Table, bindparam, delete, exists, false, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.chunks import chunks
from gateway.ports import nonce
from gateway.store import tables as t
from gateway.store.values import kept
from mappings.identity import COMPONENTS
from mappings.model import Instance

Whose = tuple[int, str]  # (associate_id, name of one of their calendars)


@dataclass(slots=True)
class Copy:
    """One calendar's stored copy of an event; `live` tells that it follows whatever changes in its event."""

    calendar_id: int
    associate_id: int
    calendar: str
    name: str
    shows: str
    gone: bool
    frozen: bool
    cloaked: bool
    dismissed_sequence: int | None
    live: bool = True
    personal: dict[int, tuple[bytes, str]] = field(default_factory=dict)

    @property
    def whose(self) -> Whose:
        """Give whose calendar it is in, and which of them."""
        return self.associate_id, self.calendar


@dataclass(slots=True)
class Stored:
    """One event as it is published now; `stale` tells that another version of the writing rendered it."""

    event_id: int
    rule_id: int | None
    mother_id: int | None
    uid: str
    name: str
    sequence: int
    dtstamp: int
    quarantined: bool
    organizers: str
    first: int
    last: int
    related: str
    parts: dict[int, Instance] = field(default_factory=dict)
    stale: bool = False
    copies: dict[Whose, Copy] = field(default_factory=dict)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def crm_key(self) -> tuple[str, int]:
        """Give the CRM's key of this event: its rule, else its mother or plain row; ("mother", 0) when dissolved."""
        return ("rule", self.rule_id) if self.rule_id else ("mother", self.mother_id or 0)

    def instances(self) -> tuple[Instance, ...]:
        """Give the stored instances, the master first."""
        return tuple(self.parts[k] for k in sorted(self.parts))

    def copies_of(self, associate: int) -> list[Copy]:
        """Give the copies in an associate's calendars, those that are gone too; at most one of them is not."""
        return [self.copies[associate, name] for name in COMPONENTS if (associate, name) in self.copies]


@dataclass(frozen=True, slots=True)
class Seen:
    """One CRM row as it was when we last projected it."""

    event_id: int
    key: int
    mother_id: int
    associate_id: int
    type: int
    status: int
    reset_sequence: int


def members(connection: Connection, rows: Iterable[int]) -> dict[int, Seen]:
    """Read what we last saw of CRM rows, by appointment_id."""
    m = t.member.c
    columns = (m.appointment_id, m.event_id, m.key, m.mother_id, m.associate_id, m.type, m.status, m.reset_sequence)
    found: dict[int, Seen] = {}
    for some in chunks(rows):
        for r in connection.execute(select(*columns).where(m.appointment_id.in_(some))):
            found[r.appointment_id] = Seen(*r[1:])
    return found


def members_of(connection: Connection, events: Iterable[int]) -> dict[int, Seen]:
    """Read every CRM row that events were last made of."""
    found: dict[int, Seen] = {}
    m = t.member.c
    for some in chunks(events):
        ids = list(connection.scalars(select(m.appointment_id).where(m.event_id.in_(some))))
        found.update(members(connection, ids))
    return found


def events(
    connection: Connection,
    *,
    ids: Iterable[int] = (),
    mothers: Iterable[int] = (),
    rules: Iterable[int] = (),
) -> dict[int, Stored]:
    """Read events by their own ids or by the CRM's keys, without their parts and copies."""
    e = t.event.c
    columns: tuple[Any, ...] = (
        *(e.event_id, e.rule_id, e.mother_id, e.uid, e.name, e.sequence, e.dtstamp, e.quarantined, e.organizers),
        *(e.first, e.last, e.related),
    )
    found: dict[int, Stored] = {}
    for column, wanted in ((e.event_id, ids), (e.mother_id, mothers), (e.rule_id, rules)):
        for some in chunks(wanted):
            for r in connection.execute(select(*columns).where(column.in_(some))):
                found[r.event_id] = Stored(*r)
    return found


def load_parts(connection: Connection, some: dict[int, Stored]) -> None:
    """Read the values of the parts of events."""
    p = t.part.c
    for ids in chunks(some):
        for event_id, key, value in connection.execute(select(p.event_id, p.key, p.value).where(p.event_id.in_(ids))):
            instance, current = kept(value)
            some[event_id].parts[key] = instance
            some[event_id].stale |= not current


def load_copies(connection: Connection, some: dict[int, Stored], associates: Iterable[int] = ()) -> None:
    """Read the copies of events with what is personal in them; of `associates` only, where some are named."""
    o, c, p, i = t.object_.c, t.calendar.c, t.personal.c, t.instant.c
    only = sorted(set(associates))
    for ids in chunks(some):
        copies = (
            select(o.event_id, o.calendar_id, c.associate_id, c.name, o.name.label("resource"), o.shows, o.gone,
                   o.frozen, o.cloaked, o.dismissed_sequence, func.coalesce(_y.live, false()))
            .join(t.calendar, c.calendar_id == o.calendar_id)
            .outerjoin(t.sync, (_y.event_id == o.event_id) & (_y.calendar_id == o.calendar_id))
            .where(o.event_id.in_(ids))
        )  # fmt: skip
        mine = select(p.event_id, c.associate_id, c.name, p.key, p.body, p.feed).join(
            t.calendar, c.calendar_id == p.calendar_id
        ).where(p.event_id.in_(ids))  # fmt: skip
        if only:
            copies, mine = copies.where(c.associate_id.in_(only)), mine.where(c.associate_id.in_(only))
        for held in connection.execute(copies):
            copy = Copy(*held[1:])
            some[held.event_id].copies[copy.whose] = copy
        for event_id, associate, name, key, body, feed in connection.execute(mine):
            some[event_id].copies[associate, name].personal[key] = (body, feed)
        if not only:
            for r in connection.execute(select(i.event_id, i.key, i.start, i.end).where(i.event_id.in_(ids))):
                some[r.event_id].spans[r.key] = (r.start, r.end)


class Draft:
    """What one publication writes; `flush` writes it and gives the revision, or 0 when nothing changed."""

    def __init__(self, connection: Connection, now: int) -> None:
        self._connection = connection
        self._now = now
        self._revision = 0
        self._nonce = nonce()
        self._lists: dict[str, list[dict[str, Any]]] = {name: [] for name in _WRITES}
        self._sync: dict[tuple[int, int], bool] = {}

    @property
    def revision(self) -> int:
        """Draw the revision of this publication, at the first need of it."""
        if not self._revision:
            last = self._connection.scalar(select(func.max(t.tick.c.revision))) or 0
            self._revision = last + 1
        return self._revision

    def add(self, what: str, **values: Any) -> None:
        """Note one write of the kind `what` (a key of the table at the end of this module)."""
        self._lists[what].append(values)

    def place(self) -> dict[str, int]:
        """Give the place up to which `back_to` keeps what was noted."""
        return {name: len(rows) for name, rows in self._lists.items()}

    def back_to(self, place: dict[str, int], event_id: int) -> None:
        """Forget what was noted since a place, all of it about one event."""
        for name, length in place.items():
            del self._lists[name][length:]
        self._sync = {which: live for which, live in self._sync.items() if which[0] != event_id}

    def moved(self, event_id: int) -> None:
        """Note that every copy that follows this event has changed."""
        self.add("sync_event", b_event=event_id, revision=self.revision, nonce=self._nonce)

    def touched(self, event_id: int, calendar_id: int, *, live: bool = True) -> None:
        """Note that one copy has changed."""
        self._sync[(event_id, calendar_id)] = live

    def flush(self) -> int:
        """Write everything noted, kinds in their order, each by one statement."""
        for (event_id, calendar_id), live in self._sync.items():
            values = {"revision": self.revision, "nonce": self._nonce, "live": live}
            self.add("sync", event_id=event_id, calendar_id=calendar_id, **values)
        for name, make in _WRITES.items():
            rows = self._lists[name]
            if rows:
                self._connection.execute(make(self._connection), rows)
        if self._revision:
            self._connection.execute(
                insert(t.tick), {"revision": self._revision, "nonce": self._nonce, "at": self._now}
            )
        return self._revision


def create(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert events and give their ids by UID."""
    connection.execute(insert(t.event), list(rows))
    e = t.event.c
    return dict(connection.execute(select(e.uid, e.event_id).where(e.uid.in_([r["uid"] for r in rows]))).all())


def calendars(connection: Connection, associates: Iterable[int], *, adopted: bool) -> dict[Whose, int]:
    """Give the calendar ids of associates, making the calendars of those who lack one."""
    c = t.calendar.c
    wanted = sorted(set(associates))
    found: dict[Whose, int] = {}
    for some in chunks(wanted):
        standing = select(c.associate_id, c.name, c.calendar_id).where(c.associate_id.in_(some))
        found |= {(associate, name): number for associate, name, number in connection.execute(standing)}
    lacking = [(a, name) for a in wanted for name in COMPONENTS if (a, name) not in found]
    if not lacking:
        return found
    new = [{"associate_id": a, "name": name, "adopted": adopted} for a, name in lacking]
    connection.execute(insert(t.calendar), new)
    return calendars(connection, wanted, adopted=adopted)


def rekey(connection: Connection, event: Stored, rule: int | None, mother: int | None) -> None:
    """Give an event another key of the CRM's; neither: it is dissolved."""
    connection.execute(
        update(t.event).where(t.event.c.event_id == event.event_id).values(rule_id=rule, mother_id=mother)
    )
    event.rule_id, event.mother_id = rule, mother


def rename(connection: Connection, event: Stored, uid: str, name: str) -> None:
    """Give an event that nobody has seen yet another UID and resource name."""
    connection.execute(update(t.event).where(t.event.c.event_id == event.event_id).values(uid=uid, name=name))
    event.uid, event.name = uid, name


def adoption(connection: Connection) -> tuple[bool, int]:
    """Tell whether everything that stood here before us is published, and below which CRM key it stood."""
    row = connection.execute(select(t.house.c.adopted, t.house.c.adopted_below)).one()
    return bool(row.adopted), row.adopted_below


def has_copies(connection: Connection, event_id: int) -> bool:
    """Tell whether any calendar has, or had, a copy of an event."""
    return connection.scalar(select(t.object_.c.event_id).where(t.object_.c.event_id == event_id).limit(1)) is not None


def taken(connection: Connection, uids: Iterable[str]) -> dict[str, int]:
    """Tell which UIDs are used, and by which event."""
    e = t.event.c
    wanted = list(uids)
    return dict(connection.execute(select(e.uid, e.event_id).where(e.uid.in_(wanted))).all()) if wanted else {}


def also_organized_by(connection: Connection, event_id: int, address: str) -> None:
    """Remember that mails about an event named an address as its organizer's."""
    known = connection.scalar(select(t.event.c.organizers).where(t.event.c.event_id == event_id))
    names = set((known or "").split())
    if known is not None and address not in names:
        text = " ".join(sorted({*names, address}))
        connection.execute(update(t.event).where(t.event.c.event_id == event_id).values(organizers=text))


def upsert(connection: Connection, table: Table) -> Any:
    """Give an INSERT of the connection's own dialect, which can say ON CONFLICT."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _upsert(table: Table, keys: str, values: str) -> Any:
    """Insert rows with `keys` and `values`, or set the values where the keys stand already; nothing else is touched."""

    def make(connection: Connection) -> Any:
        statement = upsert(connection, table)
        changed = {name: statement.excluded[name] for name in values.split()}
        return statement.on_conflict_do_update(index_elements=keys.split(), set_=changed)

    return make


def _plain(statement: Any) -> Any:
    return lambda _: statement


def _at(table: Table, *keys: str) -> list[Any]:
    return [table.c[k] == bindparam(f"b_{k}") for k in keys]


_e, _o, _y = t.event.c, t.object_.c, t.sync.c


def _follows() -> Any:
    live = exists().where(_y.event_id == _o.event_id, _y.calendar_id == _o.calendar_id, _y.live.is_(True))
    return bindparam("b_all", type_=Boolean) & live


# Each kind of write, in the order in which they are carried out; all of one kind name the same columns.
_WRITES: dict[str, Any] = {
    "event": _plain(update(t.event).where(*_at(t.event, "event_id"))),
    "stamp": _plain(update(t.event).where(*_at(t.event, "event_id"))),
    "extent": _plain(update(t.event).where(*_at(t.event, "event_id"))),
    "part": _upsert(t.part, "event_id key", "value body busy status zone private"),
    "words": _plain(update(t.part).where(*_at(t.part, "event_id", "key"))),
    "part_gone": _plain(delete(t.part).where(*_at(t.part, "event_id", "key"))),
    "object": _upsert(t.object_, "event_id calendar_id", "name shows gone frozen cloaked many first last schedule"),
    "object_gone": _plain(update(t.object_).where(*_at(t.object_, "event_id", "calendar_id")).values(gone=True)),
    "asked_anew": _plain(
        update(t.object_).where(*_at(t.object_, "event_id", "calendar_id")).values(dismissed_sequence=None)
    ),
    "object_span": _plain(update(t.object_).where(*_at(t.object_, "event_id")).where(_o.gone.is_(False))),
    "schedule": _plain(
        update(t.object_)
        .where(*_at(t.object_, "event_id"), or_(_o.calendar_id == bindparam("b_calendar"), _follows()))
        .values(schedule=bindparam("schedule"))
    ),
    "thaw": _plain(delete(t.frozen).where(*_at(t.frozen, "event_id", "calendar_id"))),
    "frozen": _upsert(t.frozen, "event_id calendar_id", "body zones spans"),
    "personal": _upsert(t.personal, "event_id calendar_id key", "body feed free"),
    "personal_gone": _plain(delete(t.personal).where(*_at(t.personal, "event_id", "calendar_id", "key"))),
    "instants_gone": _plain(delete(t.instant).where(*_at(t.instant, "event_id"))),
    "instant": _plain(insert(t.instant)),
    "member": _upsert(t.member, "appointment_id", "event_id key mother_id associate_id type status reset_sequence"),
    # A row that has gone over to another event is that one's by now.
    "member_gone": _plain(delete(t.member).where(*_at(t.member, "appointment_id", "event_id"))),
    "answer_ended": _plain(update(t.answer).where(*_at(t.answer, "answer_id"))),
    "sync_event": _plain(
        update(t.sync)
        .where(_y.event_id == bindparam("b_event"), _y.live.is_(True))
        .values(revision=bindparam("revision"), nonce=bindparam("nonce"))
    ),
    "sync": _upsert(t.sync, "event_id calendar_id", "revision nonce live"),
}


def demolish(connection: Connection, now: int) -> None:
    """Throw away what can be made again; events, answers, frozen and dismissed copies stay.

    Every calendar's floor rises to a revision of its own, so that no client carries on from before.
    """
    revision, drawn = (connection.scalar(select(func.max(t.tick.c.revision))) or 0) + 1, nonce()
    connection.execute(insert(t.tick), {"revision": revision, "nonce": drawn, "at": now})
    connection.execute(update(t.calendar).values(floor=revision))
    kept = select(_o.event_id).where(_o.event_id == _y.event_id, _o.calendar_id == _y.calendar_id, _keeps())
    connection.execute(delete(t.sync).where(~kept.exists()))
    # What stays is told anew as well: a token from before the floor would be refused for ever.
    connection.execute(update(t.sync).values(revision=revision, nonce=drawn))
    connection.execute(delete(t.object_).where(~_keeps()))
    for table in (t.part, t.personal, t.instant):
        connection.execute(delete(table))


def _keeps() -> Any:
    return _o.frozen.is_(True) | _o.dismissed_sequence.is_not(None)


def outlived(connection: Connection, reach: int, cancelled: int, limit: int) -> list[tuple[int, int]]:
    """List (event_id, calendar_id) of copies that ended before `reach`, and of frozen ones before `cancelled`."""
    old = (_o.last < reach) | (_o.frozen.is_(True) & (_o.last < cancelled))
    wanted = select(_o.event_id, _o.calendar_id).where(_o.gone.is_(False), old).limit(limit)
    return [(e, c) for e, c in connection.execute(wanted)]
