"""The CRM's rows of one event -> what every calendar shows of it (DESIGN sections 3 and 5).

A *group* is all rows of one event: one plain appointment, one meeting (a mother and her daughters), or one series (all
rows of a recurrence rule). Published are the mother's times and texts and the daughters' statuses, as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mappings import elsewhere, roles, status, times
from mappings.errors import NotWhole, Unmappable
from mappings.model import Instance, Kind, Participant, Person, Personal, Progress
from mappings.recurrence.fitting import MOST
from mappings.rows import Holding, Projection, Row
from mappings.series import Recurrence, Series, folded, series
from mappings.status import BOOKING_DECLINED, BOOKING_DELETED, CANCELLED, COMPLETED, PUBLISHED_TYPES, TODO, TODO_TYPES

__all__ = [
    "Holding",
    "Projection",
    "Row",
    "cancelled",
    "mine",
    "orphan",
    "participant",
    "project",
    "published",
    "span",
]

ONCE = Recurrence()
ASSIGNMENTS = frozenset({11, 12})
MOMENT = 60  # seconds from the deadline of a recurring to-do to its DUE, which has to be later than its DTSTART


def participant(row: Row, answers: Mapping[int, str]) -> Participant:
    """Give one row as the participant everybody sees; `answers` are live raw PARTSTATs by row."""
    live = answers.get(row.row, "")
    partstat, rsvp = status.partstat(row.kind, row.status, live=live, mailed=row.asked)
    return Participant(row.row, row.kind, row.name, row.address, partstat, rsvp, row.mailed, row.associate)


def mine(row: Row, *, todo: bool = False) -> Personal:
    """Give what only the holder of this row's copy sees; a declined copy is transparent and left out of feeds.

    What kind the event is says its lead row (`todo`), not this one. A to-do takes nobody's time.
    """
    if todo:
        return _errand(row)
    feed = status.shown(row.status).feed if row.invited and row.kind not in status.UNASKED else "CONFIRMED"
    if row.leads and row.status in ASSIGNMENTS:
        feed = "TENTATIVE"
    free = row.free or (row.invited and row.status == BOOKING_DECLINED)
    return Personal(free, roles.priority(row.priority), row.alarm, row.status, feed)


def _errand(row: Row) -> Personal:
    own = TODO[row.status]
    left_out = row.status == BOOKING_DECLINED and not row.leads and row.kind not in status.UNASKED
    done = row.done if row.status == COMPLETED else 0
    # In a series there is a DTSTART, which is the deadline; DUE is only there to be later.
    progress = Progress(own, done, due_only=not row.rule)
    return Personal(True, roles.priority(row.priority), row.alarm, row.status, "" if left_out else own, progress)


def cancelled(*, todo: bool) -> Personal:
    """Give what the holder of a frozen copy sees beside it."""
    return Personal(True, 0, None, BOOKING_DELETED, CANCELLED, Progress(CANCELLED) if todo else None)


def published(row: Row) -> bool:
    """Tell whether a row takes part in what is shown at all (hidden rows, post-its and other types do not)."""
    return row.type in PUBLISHED_TYPES and status.shown(row.status).published


def project(rows: Sequence[Row], answers: Mapping[int, str], known: Recurrence = ONCE) -> Projection:
    """Project one group; raises NotWhole while the CRM is still writing it and Unmappable for what no calendar shows.

    Hidden mothers, post-its and other types project to nothing. `known` is what is known of how a series recurs.
    """
    shown = sorted((r for r in rows if published(r)), key=lambda r: (not r.leads, r.row))
    by_mother: dict[int, list[Row]] = {}
    for row in shown:
        by_mother.setdefault(row.mother or row.row, []).append(row)
    groups = [g for m, g in by_mother.items() if g[0].leads or not _hidden(m, rows)]
    # One iCalendar object holds one kind of component (RFC 4791 4.1): the first row that leads says which.
    todo = bool(shown) and shown[0].type in TODO_TYPES
    alive = [g for g in map(_alive, groups) if g]
    if len(alive) > MOST:
        raise Unmappable("recurrenceRuleId", f"more than {MOST} occurrences")
    found = series(alive, lambda group: _instance(group, answers, todo=todo), known)
    instances, holdings = folded(found, lambda row: mine(row, todo=todo))
    for row in shown:
        if _cancelled(row):
            cloaked = row.kind in (Kind.RESOURCE, Kind.ROOM)
            holdings.setdefault(row.associate, Holding(row.associate, (), {}, cancelled=True, cloaked=cloaked))
    spans = {o.instance.key: _instants(o.instance) for o in found.occurrences}
    return Projection(instances, holdings, _keys(found, by_mother), spans, todo)


def _keys(found: Series, by_mother: Mapping[int, list[Row]]) -> dict[int, int]:
    """Give each row's instance; of who was called off that of the occurrence, also where nothing else is left of it."""
    of_mother = {o.rows[0].mother or o.rows[0].row: o.instance.key for o in found.occurrences}
    return {
        row.row: of_mother[mother] if mother in of_mother else found.key_of(group[0])
        for mother, group in by_mother.items()
        for row in group
    }


def orphan(row: Row) -> Instance:
    """Give the last that can be said of a cancelled row whose meeting was gone before we ever saw it."""
    return replace(_instance([row], {}, todo=row.type in TODO_TYPES), participants=(), organizer=None)


def span(lead: Row) -> tuple[int, int]:
    """Give the instants between which a lead's own times put its meeting."""
    start, end = _deadline(lead) if lead.type in TODO_TYPES else _span(lead)
    zone = "UTC" if lead.all_day else lead.zone
    return times.instant(start, zone), times.instant(end, zone)


def _hidden(mother: int, rows: Iterable[Row]) -> bool:
    return any(r.row == mother and not published(r) for r in rows)


def _cancelled(row: Row) -> bool:
    return row.called_off and row.associate != 0


def _alive(group: list[Row]) -> list[Row]:
    """Leave out who was cancelled; what remains must have its mother and its text (DESIGN section 4: whole).

    A lead that another calendar cancelled for its holder alone still says when and what.
    """
    rest = [r for r in group if r.leads or not r.called_off]
    if all(r.called_off for r in rest):
        return []
    lead = rest[0]
    if not lead.leads:
        raise NotWhole(f"appointment {lead.row} waits for its mother {lead.mother}")
    if lead.summary is None:
        raise NotWhole(f"appointment {lead.row} waits for its text")
    return rest


def _instance(group: Sequence[Row], answers: Mapping[int, str], *, todo: bool) -> Instance:
    lead = group[0]
    start, end = _deadline(lead) if todo else _span(lead)
    organizer, people = _taking_part(group, answers)
    return Instance(
        key=0,
        start=start,
        end=end,
        zone=lead.zone,
        all_day=lead.all_day,
        summary=lead.summary or "",
        description=lead.description,
        location=lead.location,
        video=lead.video,
        categories=(lead.category,) if lead.category else (),
        classification=roles.classification(lead.private),
        status="" if todo else "TENTATIVE" if lead.status in ASSIGNMENTS and not lead.mother else "CONFIRMED",
        created=lead.created,
        organizer=organizer,
        participants=people,
        todo=todo,
        owned_externally=lead.owned_externally,
    )


def _taking_part(group: Sequence[Row], answers: Mapping[int, str]) -> tuple[Person | None, tuple[Participant, ...]]:
    """Give the organizer and who takes part; nobody in a plain appointment, or where no organizer is known."""
    lead = group[0]
    here = tuple(participant(r, answers) for r in group if not r.called_off)
    if not lead.owned_externally:
        return (Person(lead.name, lead.address), here) if lead.mother == lead.row else (None, ())
    organizer = elsewhere.organizer(lead.organizer, lead.elsewhere)
    return (organizer, elsewhere.together(organizer.address, here, lead.elsewhere)) if organizer else (None, ())


def _span(lead: Row) -> tuple[int, int]:
    times.naive(lead.start), times.naive(lead.end)
    if lead.all_day:
        return times.whole_days(lead.start, lead.end)
    return lead.start, max(lead.start, lead.end)


def _deadline(lead: Row) -> tuple[int, int]:
    """Give the deadline twice, so that nothing but the deadline counts; in a series the end has to be later."""
    times.naive(lead.start)
    due = lead.start - lead.start % times.DAY if lead.all_day else lead.start
    if not lead.rule:
        return due, due
    length = times.DAY if lead.all_day else max(lead.end - due, MOMENT)
    times.naive(due + length)
    return due, due + length


def _instants(it: Instance) -> tuple[int, int]:
    zone = "UTC" if it.all_day else it.zone
    return times.instant(it.start, zone), times.instant(it.end, zone)
