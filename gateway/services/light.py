"""The light way to publish an answer: one row read, one part rendered, nobody else's row touched.

A daughter whose meeting is published and whose mark can only concern herself is projected by putting her into the
stored value of the instance. Whatever could mean more (a move, a cancellation, another mother) goes the full way; both
ways lead to the same value, which `reconcile` shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gateway.crm.rows import Reader
from gateway.services import parts, projecting
from gateway.store import answers, published
from gateway.store.published import Draft, Seen, Stored
from gateway.store.unit import Connection
from mappings.model import Header, Instance, Participant
from mappings.projection import Row, mine, participant
from mappings.projection import published as takes_part
from mappings.status import BOOKING_DELETED, BOOKING_MOVED, PUBLISHED_TYPES, shown

Key = tuple[str, int]


@dataclass
class Light:
    """The rows of one publication that can go the light way."""

    connection: Connection
    reader: Reader
    draft: Draft
    now: int
    news: list[int] = field(default_factory=list)
    looked: int = 0
    changed: int = 0
    _rows: dict[int, list[tuple[Row, Seen]]] = field(default_factory=dict)
    _events: dict[int, Stored] = field(default_factory=dict)

    def sort_out(
        self,
        keys: Mapping[int, tuple[int, int]],
        ids: Iterable[int],
        seen: Mapping[int, Seen],
        events: Mapping[int, Stored],
        full: set[Key],
    ) -> set[Key]:
        """Take the rows that can go the light way, and give the keys of the events that must go the full way.

        `keys` are (mother or own id, rule) of the rows that exist; `full` are keys that go the full way already.
        """
        heavy = set(full)
        candidates: list[int] = []
        for row in ids:
            if self._may(row, keys.get(row), seen.get(row), events):
                candidates.append(row)
                continue
            if row in keys:
                mother, rule = keys[row]
                heavy.add(("rule", rule) if rule else ("mother", mother))
            if row in seen:
                heavy.add(events[seen[row].event_id].crm_key)
        light = [r for r in candidates if ("mother", keys[r][0]) not in heavy]
        if light:
            heavy |= self._read(light, seen, events)
        return heavy

    def _may(self, row: int, key: tuple[int, int] | None, was: Seen | None, events: Mapping[int, Stored]) -> bool:
        if key is None or was is None:
            return False
        mother, rule = key
        event = events[was.event_id]
        return (
            not rule and mother not in (0, row) and was.mother_id == mother == event.mother_id and not event.quarantined
        )

    def _read(self, light: list[int], seen: Mapping[int, Seen], events: Mapping[int, Stored]) -> set[Key]:
        rows = self.reader.by_row(self.connection, light)
        self._events = {seen[r.row].event_id: events[seen[r.row].event_id] for r in rows}
        published.load_parts(self.connection, self._events)
        published.load_copies(self.connection, self._events, {r.associate for r in rows if r.associate} or {-1})
        heavy: set[Key] = set()
        for row in rows:
            was = seen[row.row]
            event = self._events[was.event_id]
            if _only_herself(row, was, event):
                self._rows.setdefault(was.event_id, []).append((row, was))
            else:
                heavy.add(event.crm_key)
        for event_id in [e for e in self._rows if self._events[e].crm_key in heavy]:
            del self._rows[event_id]
        return heavy

    def run(self) -> None:
        """Put the rows taken into their instances and note what differs."""
        rows = [row for some in self._rows.values() for row, _ in some]
        if not rows:
            return
        # Whose meeting has another time goes the full way.
        live = answers.live(self.connection, rows, (), self.draft, self.now, lambda _: False)
        for event_id, some in self._rows.items():
            self.looked += 1
            self.changed += self._event(self._events[event_id], some, live)

    def _event(self, event: Stored, some: list[tuple[Row, Seen]], live: Mapping[int, str]) -> bool:
        before = it = event.parts[0]
        for row, was in some:
            now = participant(row, live)
            old = _of(it, row.row)
            if old is not None and now != old:
                it = replace(it, participants=tuple(now if p.row == row.row else p for p in it.participants))
                self._own(event, row, old, now)
            for copy in event.copies_of(row.associate):
                if not copy.gone and not copy.frozen:
                    now_mine = {0: mine(row, todo=it.todo)}
                    projecting.write_personal(
                        self.draft, event.event_id, copy.calendar_id, copy.personal, now_mine, live=copy.live
                    )
            projecting.write_member(self.draft, row, was, event.event_id, 0, was.reset_sequence)
        if it == before:
            return False
        header = Header(event.uid, event.sequence, max(self.now, event.dtstamp))
        parts.write_part(self.draft, event.event_id, header, it, cloak=False)
        self.draft.add("stamp", b_event_id=event.event_id, dtstamp=header.dtstamp)
        self.draft.moved(event.event_id)
        return True

    def _own(self, event: Stored, row: Row, old: Participant, now: Participant) -> None:
        if old.mailed != now.mailed:
            self.news.append(event.event_id)
        for copy in event.copies_of(row.associate) if old.partstat != now.partstat else ():
            projecting.own_schedule(self.draft, event.event_id, copy.calendar_id)


def _of(it: Instance, row: int) -> Participant | None:
    return next((p for p in it.participants if p.row == row), None)


def _dismissed(row: Row, event: Stored) -> bool:
    return any(c.dismissed_sequence is not None for c in event.copies_of(row.associate))


def _only_herself(row: Row, was: Seen, event: Stored) -> bool:
    """Tell whether the change of a daughter can be seen in her own ATTENDEE and her own copy alone."""
    it = event.parts.get(0)
    if it is None or len(event.parts) != 1 or event.stale or _of(it, row.row) is None:
        return False
    if it.owned_externally or row.owned_externally or _dismissed(row, event):  # more than her row decides
        return False
    if not takes_part(row) or was.type not in PUBLISHED_TYPES or not shown(was.status).published:
        return False
    if BOOKING_DELETED in (row.status, was.status) or (row.status == BOOKING_MOVED != was.status):
        return False
    if row.associate != was.associate_id or (row.associate and not event.copies_of(row.associate)):
        return False
    return sum(p.associate == row.associate for p in it.participants) == 1 or not row.associate
