"""From stored state and a fresh projection to what has to be written: the difference of one event (pure of SQL).

Comparing looks at values, never at bytes, so that an unchanged event keeps its bytes, its DTSTAMP and its revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gateway.store.published import Copy, Draft, Seen, Stored
from gateway.store.values import keep
from mappings import notices, roles, times
from mappings.ics import writing
from mappings.model import Header, Instance, Personal
from mappings.projection import Holding, Projection, Row, orphan
from mappings.status import BOOKING_MOVED, OUTSIDE, PENDING

LONG = 8 * 86_400  # seconds; a longer instance is found by its end, not by its start
CANCELLED_FOR = 7 * 86_400  # seconds a cancelled copy stays after its end


@dataclass(frozen=True, slots=True)
class Fresh:
    """One event as the CRM's rows have it now, and what it needs to be compared with what is stored.

    `calendars` gives calendar ids by associate; `floor` is the SEQUENCE that the CRM's own identity row demands;
    `old` tells that all of it ended before calendars begin; `moved` are rows that another time asks again.
    """

    rows: tuple[Row, ...]
    projection: Projection
    before: Mapping[int, Seen]
    calendars: Mapping[int, int]
    floor: int
    now: int
    old: bool = False
    moved: frozenset[int] = frozenset()


def moved(stored: Stored, projection: Projection, rows: Iterable[Row]) -> frozenset[int]:
    """Give those whose occurrence has another time than when they were asked: what they answered has ended.

    An outsider's row has no status that would tell; and an associate whom an earlier move asked again has it already.
    """
    spans = projection.spans
    elsewhere = {k for k in spans if k in stored.spans and stored.spans[k] != spans[k]}
    asked = (r.row for r in rows if r.kind in OUTSIDE or r.status in PENDING)
    return frozenset(row for row in asked if projection.keys.get(row, -1) in elsewhere)


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
    changed = _write_parts(draft, stored, header, now)
    _write_copies(draft, stored, fresh, header)
    _write_spans(draft, stored, fresh)
    _write_members(draft, stored, fresh, asked_again, header.sequence)
    if changed and stored.copies:
        draft.moved(stored.event_id)
        if _plain(stored.instances()) != _plain(now) or header.sequence != stored.sequence:
            draft.add("schedule", b_event_id=stored.event_id, b_calendar=0, b_all=True, schedule=draft.revision)
        else:
            for associate in _answered(stored, fresh):
                own_schedule(draft, stored.event_id, fresh.calendars[associate])
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


def _write_parts(draft: Draft, stored: Stored, header: Header, now: tuple[Instance, ...]) -> bool:
    afresh = header.sequence != stored.sequence or stored.stale
    wanted = {i.key: i for i in now}
    gone = [k for k in stored.parts if k not in wanted]
    for key in gone:
        draft.add("part_gone", b_event_id=stored.event_id, b_key=key)
    written = [i for i in now if afresh or stored.parts.get(i.key) != i]
    for it in written:
        write_part(draft, stored.event_id, header, it)
    return bool(gone or written)


def write_part(draft: Draft, event_id: int, header: Header, it: Instance) -> None:
    """Note one rendered part."""
    draft.add(
        "part",
        event_id=event_id,
        key=it.key,
        value=keep(it),
        body=writing.component(header, it),
        busy=writing.busy(header, it),
        status=it.status,
        zone=" ".join(sorted(writing.zones(it))),
        private=it.classification != roles.PUBLIC,
    )


def _write_copies(draft: Draft, stored: Stored, fresh: Fresh, header: Header) -> None:
    holdings = fresh.projection.holdings
    for associate, holding in holdings.items():
        calendar = fresh.calendars[associate]
        copy = stored.copies.get(associate)
        if fresh.old and (copy is None or copy.gone):
            continue
        if holding.cancelled:
            _freeze(draft, stored, fresh, header, calendar, copy, cloaked=holding.cloaked)
        elif copy is None or copy.dismissed_sequence is None or header.sequence > copy.dismissed_sequence:
            _write_copy(draft, stored, fresh, calendar, copy, holding)
    for associate, copy in stored.copies.items():
        if associate not in holdings and not copy.gone:  # a frozen one too: its holder has acknowledged it
            remove_copy(draft, stored.event_id, copy)


def remove_copy(draft: Draft, event_id: int, copy: Copy) -> None:
    """Note that a copy has vanished: a tombstone stays, so that its vanishing is published too."""
    draft.add("object_gone", b_event_id=event_id, b_calendar_id=copy.calendar_id)
    for key in copy.personal:
        draft.add("personal_gone", b_event_id=event_id, b_calendar_id=copy.calendar_id, b_key=key)
    if copy.frozen:
        draft.add("thaw", b_event_id=event_id, b_calendar_id=copy.calendar_id)
    draft.touched(event_id, copy.calendar_id, live=False)


def _write_copy(draft: Draft, stored: Stored, fresh: Fresh, calendar: int, copy: Copy | None, holding: Holding) -> None:
    keys = {i.key for i in fresh.projection.instances}
    shows = "" if set(holding.shows) == keys else " ".join(map(str, sorted(holding.shows)))
    alive = copy is not None and not copy.gone and not copy.frozen
    if copy is None or not alive or (copy.shows, copy.cloaked) != (shows, holding.cloaked):
        spans = fresh.projection.spans.values()
        _write_object(draft, stored, calendar, spans, shows=shows, cloaked=holding.cloaked)
        if copy is not None and copy.frozen:
            draft.add("thaw", b_event_id=stored.event_id, b_calendar_id=calendar)
        draft.touched(stored.event_id, calendar)
    write_personal(draft, stored.event_id, calendar, copy.personal if copy else {}, holding.personal)


def write_personal(
    draft: Draft,
    event_id: int,
    calendar: int,
    before: Mapping[int, tuple[bytes, str]],
    now: Mapping[int, Personal],
) -> None:
    """Note what is personal in one copy, where it differs."""
    for key, mine in now.items():
        body = writing.personal(mine)
        if before.get(key) != (body, mine.feed_status):
            draft.add("personal", event_id=event_id, calendar_id=calendar, key=key, body=body,
                      feed=mine.feed_status, free=mine.free)  # fmt: skip
            draft.touched(event_id, calendar)
    for key in before:
        if key not in now:
            draft.add("personal_gone", b_event_id=event_id, b_calendar_id=calendar, b_key=key)
            draft.touched(event_id, calendar)


def _freeze(
    draft: Draft, stored: Stored, fresh: Fresh, header: Header, calendar: int, copy: Copy | None, *, cloaked: bool
) -> None:
    """Note the holder's copy as it was, cancelled, and nothing later (DESIGN section 4: frozen).

    One that had vanished before, because the CRM had hidden the meeting, tells of the cancellation all the same; one
    whose time has passed does not come back.
    """
    if copy is not None and (copy.frozen or copy.dismissed_sequence is not None):
        return
    last = _last_shown(stored, fresh, copy)
    if (copy is None or copy.gone) and _extent(map(_instants, last))[1] < fresh.now - CANCELLED_FOR:
        return
    quiet = writing.personal(Personal(True, 0, None, 10, "CANCELLED"))
    texts = (writing.busy if cloaked and i.classification != roles.PUBLIC else writing.component for i in last)
    body = b"".join(writing.closed(text(header, i), "CANCELLED", quiet) for text, i in zip(texts, last, strict=True))
    zones = " ".join(sorted({zone for i in last for zone in writing.zones(i)}))
    _write_object(draft, stored, calendar, [_instants(i) for i in last], frozen=True)
    draft.add("frozen", event_id=stored.event_id, calendar_id=calendar, body=body, zones=zones)
    for key in copy.personal if copy else ():
        draft.add("personal_gone", b_event_id=stored.event_id, b_calendar_id=calendar, b_key=key)
    draft.touched(stored.event_id, calendar, live=False)


def _last_shown(stored: Stored, fresh: Fresh, copy: Copy | None) -> tuple[Instance, ...]:
    shows = {int(k) for k in copy.shows.split()} if copy else set()
    last = stored.instances() or fresh.projection.instances
    if not last:
        first = min(fresh.rows, key=lambda r: (r.start, r.row))
        last = (orphan(first),)
    return tuple(replace(i, status="CANCELLED") for i in last if not shows or i.key in shows)


def _write_object(
    draft: Draft,
    stored: Stored,
    calendar: int,
    spans: Iterable[tuple[int, int]],
    *,
    shows: str = "",
    cloaked: bool = False,
    frozen: bool = False,
) -> None:
    first, last, many = _extent(spans)
    draft.add("object", event_id=stored.event_id, calendar_id=calendar, name=stored.name, shows=shows, gone=False,
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
        again = sequence if row.row in asked_again else seen.reset_sequence if seen else 0
        write_member(draft, row, seen, stored.event_id, keys.get(row.row, 0), again)
    present = {r.row for r in fresh.rows}
    for gone, seen in fresh.before.items():
        if gone not in present and seen.event_id == stored.event_id:
            draft.add("member_gone", b_appointment_id=gone, b_event_id=stored.event_id)


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
