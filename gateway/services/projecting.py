"""From stored state and a fresh projection to what has to be written: the difference of one event (pure of SQL).

Comparing looks at values, never at bytes, so that an unchanged event keeps its bytes, its DTSTAMP and its revision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from gateway.services.parts import sealed, write_parts
from gateway.store import shows
from gateway.store.published import Copy, Draft, Seen, Stored, Whose
from mappings import dismissal, identity, notices, roles, times
from mappings.errors import Unmappable
from mappings.ics import writing
from mappings.model import Header, Instance, Personal
from mappings.projection import Holding, Projection, Row, cancelled, orphan, published, span
from mappings.status import BOOKING_MOVED, OUTSIDE, PENDING

LONG = 8 * 86_400  # seconds; a longer instance is found by its end, not by its start
CANCELLED_FOR = 7 * 86_400  # seconds a cancelled copy stays after its end


@dataclass(frozen=True, slots=True)
class Fresh:
    """One event as the CRM's rows have it now, and what it needs to be compared with what is stored.

    `calendars` gives calendar ids; `floor` is the SEQUENCE that the CRM's own identity row demands;
    `old` tells that all of it ended before calendars begin; `moved` are rows that another time asks again.
    """

    rows: tuple[Row, ...]
    projection: Projection
    before: Mapping[int, Seen]
    calendars: Mapping[Whose, int]
    floor: int
    now: int
    old: bool = False
    moved: frozenset[int] = frozenset()

    def calendar(self, associate: int, *, todo: bool) -> int:
        """Give the calendar in which an associate sees this event."""
        return self.calendars[associate, identity.calendar_of(todo=todo)]

    def held_in(self) -> frozenset[int]:
        """Give every calendar that this event is for."""
        now = self.projection
        return frozenset(self.calendar(associate, todo=now.todo) for associate in now.holdings)


def moved(rows: Iterable[Row], elsewhere: Callable[[Row], bool], projection: Projection, now: int) -> frozenset[int]:
    """Give those whose occurrence has another time than when they were asked: what they answered has ended.

    An outsider's row has no status that would tell; and an associate whom an earlier move asked again has it already.
    Nobody is asked about what is over, unless it is a to-do.
    """
    ended = {k for k, (_, end) in projection.spans.items() if end <= now and not projection.todo}
    asked = (r for r in rows if r.kind in OUTSIDE or r.status in PENDING)
    return frozenset(r.row for r in asked if projection.keys.get(r.row, -1) not in ended and elsewhere(r))


def times_of(events: Mapping[int, Stored], before: Mapping[int, Seen], rows: Iterable[Row]) -> Callable[[Row], bool]:
    """Give what tells of a row whether its meeting has another time than is published."""
    leads = {r.row: r for r in rows if r.leads}

    def elsewhere(row: Row) -> bool:
        seen, lead = before.get(row.row), leads.get(row.mother)
        event = events.get(seen.event_id) if seen else None
        if seen is None or lead is None or event is None or seen.key not in event.spans:
            return False
        try:
            return event.spans[seen.key] != span(lead)
        except Unmappable:  # a time that no calendar shows: the projection will say so
            return True

    return elsewhere


def reset(fresh: Fresh) -> frozenset[int]:
    """Give the rows whose answer is asked for again: those of another time, and those that turned to *moved*."""
    return fresh.moved | {
        r.row
        for r in fresh.rows
        if r.status == BOOKING_MOVED and r.row in fresh.before and fresh.before[r.row].status != BOOKING_MOVED
    }


def write_event(draft: Draft, stored: Stored, fresh: Fresh) -> Header | None:
    """Note everything that differs between `stored` and `fresh`; gives the new header if the shared part changed."""
    now = fresh.projection.instances
    asked_again = reset(fresh)
    header = _header(stored, fresh, asked_again=bool(asked_again))
    changed, outside = write_parts(draft, stored, header, now)
    _write_copies(draft, stored, fresh, header, asked_again, outside=outside)
    _write_spans(draft, stored, fresh)
    _write_members(draft, stored, fresh, asked_again, header.sequence)
    if changed and stored.copies:
        draft.moved(stored.event_id)
        if _plain(stored.instances()) != _plain(now) or header.sequence != stored.sequence:
            draft.add("schedule", b_event_id=stored.event_id, b_calendar=0, b_all=True, schedule=draft.revision)
        else:
            for associate in _answered(stored, fresh):
                own_schedule(draft, stored.event_id, fresh.calendar(associate, todo=fresh.projection.todo))
    _write_header(draft, stored, header, now)
    return header if changed else None


def _header(stored: Stored, fresh: Fresh, *, asked_again: bool) -> Header:
    before, now = stored.instances(), fresh.projection.instances
    rises = asked_again or notices.significant(before, now)
    sequence = max(stored.sequence + rises, fresh.floor)
    changed = before != now or sequence != stored.sequence
    return Header(stored.uid, sequence, max(fresh.now, stored.dtstamp) if changed else stored.dtstamp)


def _write_header(draft: Draft, stored: Stored, header: Header, now: tuple[Instance, ...]) -> None:
    names = sorted({i.organizer.address for i in now if i.organizer} | set(stored.organizers.split()))
    organizers = " ".join(names)
    after = (header.sequence, header.dtstamp, organizers, False)
    if after != (stored.sequence, stored.dtstamp, stored.organizers, stored.quarantined):
        values = dict(zip(("sequence", "dtstamp", "organizers", "quarantined"), after, strict=True))
        draft.add("event", b_event_id=stored.event_id, **values)


def _write_copies(
    draft: Draft, stored: Stored, fresh: Fresh, header: Header, asked_again: frozenset[int], *, outside: bool
) -> None:
    """Note every holder's copy; what became a to-do leaves the diary in the revision in which it comes to the tasks.

    `outside` tells that a cloaked form has changed.
    """
    standing: set[Whose] = set()
    for associate, holding in fresh.projection.holdings.items():
        copies = stored.copies_of(associate)
        live = next((c for c in copies if not c.gone), None)
        whose = (associate, identity.calendar_of(todo=fresh.projection.todo))
        if live is not None and holding.cancelled:
            whose = live.whose  # frozen where it is, whatever the rows that are left would be
        if (fresh.old and live is None) or _stays_away(draft, stored, fresh, copies, asked_again, header):
            continue
        standing.add(whose)
        if not holding.cancelled:
            calendar = fresh.calendar(associate, todo=fresh.projection.todo)
            _write_copy(draft, stored, fresh, calendar, stored.copies.get(whose), holding, outside=outside)
        elif live is None or not live.frozen:
            _freeze(draft, stored, fresh, header, holding, live)
    for whose, copy in stored.copies.items():
        if whose not in standing and not copy.gone:  # a frozen one too: its holder has acknowledged it
            remove_copy(draft, stored.event_id, copy)


def _stays_away(
    draft: Draft, stored: Stored, fresh: Fresh, copies: list[Copy], asked_again: frozenset[int], header: Header
) -> bool:
    """Tell whether the holder has dismissed the event and nothing brings it back; what does is noted."""
    for copy in copies:
        if copy.dismissed_sequence is None:
            continue
        rows = [r for r in fresh.rows if r.associate == copy.associate_id and published(r)]
        if not _returns(fresh, rows, copy.dismissed_sequence, asked_again, header.sequence):
            return True
        draft.add("asked_anew", b_event_id=stored.event_id, b_calendar_id=copy.calendar_id)
    return False


def _returns(fresh: Fresh, rows: Iterable[Row], dismissed: int, asked_again: frozenset[int], sequence: int) -> bool:
    """Tell whether any of its holder's rows brings a dismissed copy back."""
    seen = ((row, fresh.before.get(row.row)) for row in rows)
    return any(
        dismissal.returns(dismissed, _reset_of(row, was, asked_again, sequence), _former(row, was), row.status)
        for row, was in seen
    )


def _former(row: Row, was: Seen | None) -> int | None:
    """Give the status that a row had when last published; None if it was another person's or meeting's, or none."""
    if was is None or was.associate_id != row.associate or (was.mother_id or row.row) != (row.mother or row.row):
        return None
    return was.status


def remove_copy(draft: Draft, event_id: int, copy: Copy) -> None:
    """Note that a copy has vanished: a tombstone stays, so that its vanishing is published too."""
    draft.add("object_gone", b_event_id=event_id, b_calendar_id=copy.calendar_id)
    for key in copy.personal:
        draft.add("personal_gone", b_event_id=event_id, b_calendar_id=copy.calendar_id, b_key=key)
    if copy.frozen:
        draft.add("thaw", b_event_id=event_id, b_calendar_id=copy.calendar_id)
    draft.touched(event_id, copy.calendar_id, live=False)


def _write_copy(
    draft: Draft, stored: Stored, fresh: Fresh, calendar: int, copy: Copy | None, holding: Holding, *, outside: bool
) -> None:
    keys = {i.key for i in fresh.projection.instances}
    whole = set(holding.shows) == keys and not holding.without
    shown = "" if whole else shows.write(holding.shows, holding.without)
    alive = copy is not None and not copy.gone and not copy.frozen
    live = not (holding.cloaked and sealed(fresh.projection.instances))
    if copy is None or not alive or (copy.shows, copy.cloaked) != (shown, holding.cloaked):
        spans = fresh.projection.spans.values()
        _write_object(draft, stored, calendar, spans, shown=shown, cloaked=holding.cloaked)
        if copy is not None and copy.frozen:
            draft.add("thaw", b_event_id=stored.event_id, b_calendar_id=calendar)
        draft.touched(stored.event_id, calendar, live=live)
    elif copy.live is not live or (outside and not live):
        draft.touched(stored.event_id, calendar, live=live)
        own_schedule(draft, stored.event_id, calendar)
    write_personal(draft, stored.event_id, calendar, copy.personal if copy else {}, holding.personal, live=live)


def write_personal(
    draft: Draft,
    event_id: int,
    calendar: int,
    before: Mapping[int, tuple[bytes, str]],
    now: Mapping[int, Personal],
    *,
    live: bool,
) -> None:
    """Note what is personal in one copy, where it differs; `live` tells whether it follows its event."""
    for key, mine in now.items():
        body = writing.personal(mine)
        if before.get(key) != (body, mine.feed_status):
            draft.add("personal", event_id=event_id, calendar_id=calendar, key=key, body=body,
                      feed=mine.feed_status, free=mine.free)  # fmt: skip
            draft.touched(event_id, calendar, live=live)
    for key in before:
        if key not in now:
            draft.add("personal_gone", b_event_id=event_id, b_calendar_id=calendar, b_key=key)
            draft.touched(event_id, calendar, live=live)


def _freeze(draft: Draft, stored: Stored, fresh: Fresh, header: Header, holding: Holding, copy: Copy | None) -> None:
    """Note the holder's copy as it was, cancelled, and nothing later (DESIGN section 4: frozen).

    One that had vanished before (`copy` is None), because the CRM had hidden the meeting, tells of the cancellation all
    the same; one whose time has passed does not come back.
    """
    last = _last_shown(stored, fresh, copy)
    spans = _last_spans(stored, copy, last)
    extent = [(start, end) for _, start, end in spans]
    if copy is None and _extent(extent)[1] < fresh.now - CANCELLED_FOR:
        return
    todo = last[0].todo
    calendar = copy.calendar_id if copy else fresh.calendar(holding.associate, todo=todo)
    quiet = writing.personal(cancelled(todo=todo))
    texts = (writing.busy if holding.cloaked and i.classification != roles.PUBLIC else writing.component for i in last)
    told = "" if todo else "CANCELLED"
    body = b"".join(writing.closed(text(header, i), told, quiet) for text, i in zip(texts, last, strict=True))
    zones = " ".join(sorted({zone for i in last for zone in writing.zones(i)}))
    _write_object(draft, stored, calendar, extent, frozen=True)
    kept = json.dumps(spans).encode("ascii")
    draft.add("frozen", event_id=stored.event_id, calendar_id=calendar, body=body, zones=zones, spans=kept)
    for key in copy.personal if copy else ():
        draft.add("personal_gone", b_event_id=stored.event_id, b_calendar_id=calendar, b_key=key)
    draft.touched(stored.event_id, calendar, live=False)


def _last_spans(stored: Stored, copy: Copy | None, last: tuple[Instance, ...]) -> list[tuple[int, int, int]]:
    """Give the instances of a copy that is frozen: key, first and last instant."""
    seen = shows.read(copy.shows if copy else "")
    known = [(k, *span) for k, span in sorted(stored.spans.items()) if seen.occurrence(k)]
    return known or [(i.key, *_instants(i)) for i in last]


def _last_shown(stored: Stored, fresh: Fresh, copy: Copy | None) -> tuple[Instance, ...]:
    seen = shows.read(copy.shows if copy else "")
    last = stored.instances() or fresh.projection.instances
    if not last:
        first = min(fresh.rows, key=lambda r: (r.start, r.row))
        last = (orphan(first),)
    return tuple(replace(i, status="CANCELLED") for i in last if seen.component(i.key))


def _write_object(
    draft: Draft,
    stored: Stored,
    calendar: int,
    spans: Iterable[tuple[int, int]],
    *,
    shown: str = "",
    cloaked: bool = False,
    frozen: bool = False,
) -> None:
    first, last, many = _extent(spans)
    draft.add("object", event_id=stored.event_id, calendar_id=calendar, name=stored.name, shows=shown, gone=False,
              frozen=frozen, cloaked=cloaked, many=many, first=first, last=last,
              schedule=draft.revision)  # fmt: skip


def _instants(it: Instance) -> tuple[int, int]:
    zone = "UTC" if it.all_day else it.zone
    return times.instant(it.start, zone), times.instant(it.end, zone)


def _extent(spans: Iterable[tuple[int, int]]) -> tuple[int, int, bool]:
    some = list(spans)
    first, last = min(s for s, _ in some), max(e for _, e in some)
    return first, last, len(some) > 1 or last - first > LONG


def _write_spans(draft: Draft, stored: Stored, fresh: Fresh) -> None:
    spans = dict(fresh.projection.spans)
    if spans == stored.spans:
        return
    if stored.spans:
        draft.add("instants_gone", b_event_id=stored.event_id)
    for key, (start, end) in spans.items():
        draft.add("instant", event_id=stored.event_id, key=key, start=start, end=end)
    if spans:
        first, last, many = _extent(spans.values())
        draft.add("extent", b_event_id=stored.event_id, first=first, last=last)
        if stored.copies:
            draft.add("object_span", b_event_id=stored.event_id, first=first, last=last, many=many)


def _write_members(draft: Draft, stored: Stored, fresh: Fresh, asked_again: frozenset[int], sequence: int) -> None:
    keys = fresh.projection.keys
    for row in fresh.rows:
        seen = fresh.before.get(row.row)
        again = _reset_of(row, seen, asked_again, sequence)
        write_member(draft, row, seen, stored.event_id, keys.get(row.row, 0), again)
    present = {r.row for r in fresh.rows}
    for gone, seen in fresh.before.items():
        if gone not in present and seen.event_id == stored.event_id:
            draft.add("member_gone", b_appointment_id=gone, b_event_id=stored.event_id)


def _reset_of(row: Row, seen: Seen | None, asked_again: frozenset[int], sequence: int) -> int:
    if row.row in asked_again:
        return sequence
    # A row that has come from another event brings a number along that this one may not have reached.
    return min(seen.reset_sequence, sequence) if seen else 0


def write_member(draft: Draft, row: Row, seen: Seen | None, event_id: int, key: int, reset_sequence: int) -> None:
    """Note what we saw of one CRM row, where it differs from last time."""
    now = Seen(event_id, key, row.mother, row.associate, row.type, row.status, reset_sequence)
    if now != seen:
        draft.add("member", appointment_id=row.row, event_id=event_id, key=key, mother_id=row.mother,
                  associate_id=row.associate, type=row.type, status=row.status,
                  reset_sequence=reset_sequence)  # fmt: skip


def own_schedule(draft: Draft, event_id: int, calendar: int) -> None:
    """Note that one copy's Schedule-Tag changes: its holder, or the organizer for its holder, has acted on it."""
    draft.add("schedule", b_event_id=event_id, b_calendar=calendar, b_all=False, schedule=draft.revision)


def _answered(stored: Stored, fresh: Fresh) -> set[int]:
    """Give the associates whose own answer is what changed."""
    before = {(i.key, p.row): p.partstat for i in stored.instances() for p in i.participants}
    now = {(i.key, p.row): p.partstat for i in fresh.projection.instances for p in i.participants}
    rows = {row for key, row in now if before.get((key, row)) != now[(key, row)]}
    return {r.associate for r in fresh.rows if r.row in rows and r.associate in fresh.projection.holdings}


def _plain(instances: Iterable[Instance]) -> list[Instance]:
    """Give what the organizer said: everything but anybody's answer (RFC 6638 3.2.10, the Schedule-Tag)."""
    return [
        replace(i, participants=tuple(replace(p, partstat="", rsvp=False) for p in i.participants)) for i in instances
    ]
