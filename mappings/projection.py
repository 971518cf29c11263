"""The CRM's rows of one event -> what every calendar shows of it (DESIGN sections 3 and 5).

A *group* is all rows of one event: one plain appointment, one meeting (a mother and her daughters), or one series (all
rows of a recurrence rule). Published are the mother's times and texts and the daughters' statuses, as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mappings import elsewhere, roles, status, times
from mappings.errors import NotWhole, Unmappable
from mappings.model import Instance, Kind, Participant, Person, Personal, Progress
from mappings.status import BOOKING_DECLINED, BOOKING_DELETED, CANCELLED, COMPLETED, PUBLISHED_TYPES, TODO, TODO_TYPES

MAX_INSTANCES = 1_000
ASSIGNMENTS = frozenset({11, 12})
MOMENT = 60  # seconds from the deadline of a recurring to-do to its DUE, which has to be later than its DTSTART


@dataclass(frozen=True, slots=True)
class Row:
    """One CRM appointment row with what it points at already looked up.

    `start`, `end` and `original` are wall seconds in `zone`; `summary` is None while the text row is missing;
    `associate` is 0 for people without a diary; `alarm` is minutes or None; `created` and `done` are
    instants (0: never, or nobody knows). `asked` tells that somebody mails this person, `mailed` that we do.
    `owned_externally` tells that another calendar owns the meeting; then a leading row has the `organizer` whom the CRM
    names, and those who take part by that calendar's word (`elsewhere`).
    """

    row: int
    mother: int
    rule: int
    associate: int
    kind: Kind
    name: str
    address: str
    type: int
    status: int
    start: int
    end: int
    original: int
    zone: str
    all_day: bool
    free: bool
    priority: int
    private: int
    alarm: int | None
    asked: bool
    mailed: bool
    summary: str | None
    description: str
    location: str
    video: str
    category: str
    created: int
    done: int = 0
    owned_externally: bool = False
    organizer: Person | None = None
    elsewhere: tuple[Participant, ...] = ()

    @property
    def leads(self) -> bool:
        """Tell whether this row stands for the event itself: a mother, or a plain appointment."""
        return self.mother in (0, self.row)

    @property
    def last(self) -> int:
        """Give the last wall second that this row speaks of: nothing of a to-do is later than its deadline."""
        return self.start if self.type in TODO_TYPES else self.end

    @property
    def invited(self) -> bool:
        """Tell whether somebody else asks whoever holds this row: its mother, or the owner in another calendar."""
        return not self.leads or self.owned_externally


@dataclass(frozen=True, slots=True)
class Holding:
    """One calendar's copy: the instances it shows, what is personal in each, and whether it was cancelled."""

    associate: int
    shows: tuple[int, ...]
    personal: Mapping[int, Personal]
    cancelled: bool = False
    cloaked: bool = False


@dataclass(frozen=True, slots=True)
class Projection:
    """What one group of rows is to the outside: its instances, its holders by associate, and each row's instance.

    `instances` is empty when nothing is left but copies of what was cancelled. `todo` tells which calendar it is for.
    """

    instances: tuple[Instance, ...]
    holdings: Mapping[int, Holding]
    keys: Mapping[int, int]
    spans: Mapping[int, tuple[int, int]]
    todo: bool = False


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


def project(rows: Sequence[Row], answers: Mapping[int, str]) -> Projection:
    """Project one group; raises NotWhole while the CRM is still writing it and Unmappable for what no calendar shows.

    Hidden mothers, post-its and other types project to nothing.
    """
    shown = sorted((r for r in rows if published(r)), key=lambda r: (not r.leads, r.row))
    by_mother: dict[int, list[Row]] = {}
    for row in shown:
        by_mother.setdefault(row.mother or row.row, []).append(row)
    groups = [g for m, g in by_mother.items() if g[0].leads or not _hidden(m, rows)]
    # One iCalendar object holds one kind of component (RFC 4791 4.1): the first row that leads says which.
    todo = bool(shown) and shown[0].type in TODO_TYPES
    occurrences = _numbered([g for g in map(_alive, groups) if g], answers, todo=todo)
    keys = {r.row: o.instance.key for o in occurrences for r in o.rows}
    instances, everyone = _folded(occurrences)
    holdings = _holdings(occurrences, everyone, todo=todo)
    instances += _singled_out(occurrences, holdings, {i.key for i in instances})
    instances = tuple(sorted(instances, key=lambda i: i.key))
    for row in shown:
        keys.setdefault(row.row, _key_of(row, by_mother))
        if _cancelled(row):
            cloaked = row.kind in (Kind.RESOURCE, Kind.ROOM)
            holdings.setdefault(row.associate, Holding(row.associate, (), {}, cancelled=True, cloaked=cloaked))
    spans = {o.instance.key: _instants(o.instance) for o in occurrences}
    return Projection(instances, holdings, keys, spans, todo)


def orphan(row: Row) -> Instance:
    """Give the last that can be said of a cancelled row whose meeting was gone before we ever saw it."""
    return replace(_instance([row], {}, todo=row.type in TODO_TYPES), participants=(), organizer=None)


def span(lead: Row) -> tuple[int, int]:
    """Give the instants between which a lead's own times put its meeting."""
    start, end = _deadline(lead) if lead.type in TODO_TYPES else _span(lead)
    zone = "UTC" if lead.all_day else lead.zone
    return times.instant(start, zone), times.instant(end, zone)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    instance: Instance
    rows: tuple[Row, ...]


def _hidden(mother: int, rows: Iterable[Row]) -> bool:
    return any(r.row == mother and not published(r) for r in rows)


def _cancelled(row: Row) -> bool:
    return called_off(row) and row.associate != 0


def called_off(row: Row) -> bool:
    """Tell whether a row says no more than that its holder was uninvited, or that the meeting is off."""
    return row.invited and row.status == BOOKING_DELETED


def _alive(group: list[Row]) -> list[Row]:
    """Leave out who was cancelled; what remains must have its mother and its text (DESIGN section 4: whole).

    A lead that another calendar cancelled for its holder alone still says when and what.
    """
    rest = [r for r in group if r.leads or not called_off(r)]
    if all(map(called_off, rest)):
        return []
    lead = rest[0]
    if not lead.leads:
        raise NotWhole(f"appointment {lead.row} waits for its mother {lead.mother}")
    if lead.summary is None:
        raise NotWhole(f"appointment {lead.row} waits for its text")
    return rest


def _numbered(groups: list[list[Row]], answers: Mapping[int, str], *, todo: bool) -> list[_Occurrence]:
    if len(groups) > MAX_INSTANCES:
        raise Unmappable("recurrenceRuleId", f"more than {MAX_INSTANCES} occurrences")
    ordered = sorted(groups, key=lambda g: (g[0].original or g[0].start, g[0].row))
    clock = ordered[0][0] if ordered and any(g[0].rule for g in groups) else None
    found: dict[int, _Occurrence] = {}
    for group in ordered:
        it = _instance(group, answers, todo=todo)
        if clock is not None:
            key = _recurrence_id(group[0], clock)
            it = replace(it, key=key, key_zone=clock.zone, key_all_day=clock.all_day)
            while it.key in found:  # two occurrences planned for one moment: a second later keeps both
                it = replace(it, key=it.key + (times.DAY if it.key_all_day else 1))
        found[it.key] = _Occurrence(it, tuple(r for r in group if not called_off(r)))
    return list(found.values())


def _recurrence_id(lead: Row, clock: Row) -> int:
    """Give when an occurrence was first planned, on the clock of the series' first one."""
    planned = lead.original or lead.start
    if clock.all_day:
        return planned - planned % times.DAY
    return planned if lead.all_day else times.rezone(planned, lead.zone, clock.zone)


def _key_of(row: Row, by_mother: Mapping[int, list[Row]]) -> int:
    if not row.rule:
        return 0
    lead = by_mother[row.mother or row.row][0]
    return _recurrence_id(lead, lead)


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
    here = tuple(participant(r, answers) for r in group if not called_off(r))
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


def _holdings(occurrences: Sequence[_Occurrence], everyone: Sequence[int], *, todo: bool) -> dict[int, Holding]:
    """Give each associate's copy; who holds every occurrence is shown the master and its overrides (`everyone`)."""
    held: dict[int, dict[int, Personal]] = {}
    cloaked: set[int] = set()
    for it in occurrences:
        for row in it.rows:
            if row.associate:
                held.setdefault(row.associate, {}).setdefault(it.instance.key, mine(row, todo=todo))
            if row.kind in (Kind.RESOURCE, Kind.ROOM):
                cloaked.add(row.associate)
    return {a: _holding(a, p, occurrences, everyone, cloaked=a in cloaked) for a, p in held.items()}


def _holding(
    associate: int,
    held: dict[int, Personal],
    occurrences: Sequence[_Occurrence],
    everyone: Sequence[int],
    *,
    cloaked: bool,
) -> Holding:
    if len(held) < len(occurrences):
        return Holding(associate, tuple(held), held, cloaked=cloaked)
    first = held[occurrences[0].instance.key]
    return Holding(associate, tuple(everyone), {k: held.get(k, first) for k in everyone}, cloaked=cloaked)


def _singled_out(
    occurrences: Sequence[_Occurrence], holdings: Mapping[int, Holding], written: set[int]
) -> tuple[Instance, ...]:
    """Write out the occurrences that somebody holds without holding the series (RFC 4791 4.1: overrides alone)."""
    wanted = {k for h in holdings.values() for k in h.shows} - written
    return tuple(o.instance for o in occurrences if o.instance.key in wanted)


def _folded(occurrences: Sequence[_Occurrence]) -> tuple[tuple[Instance, ...], tuple[int, ...]]:
    """Make one master with RDATEs and an override wherever an occurrence is not like the first; and their keys."""
    if not occurrences:
        return (), ()
    first = occurrences[0].instance
    if first.key == 0:
        return (first,), (0,)
    length = first.end - first.start
    later = tuple(o.instance.key for o in occurrences[1:])
    master = replace(
        first, key=0, key_zone="", key_all_day=False, start=first.key, end=first.key + length, rdates=later
    )
    overrides = tuple(o.instance for o in occurrences if not _alike(o.instance, master))
    return (master, *overrides), (0, *(o.key for o in overrides))


def _alike(it: Instance, master: Instance) -> bool:
    length = master.end - master.start
    plain = replace(
        master, key=it.key, key_zone=it.key_zone, key_all_day=it.key_all_day, start=it.key, end=it.key + length,
        rdates=(), created=it.created,
    )  # fmt: skip
    same = replace(plain, participants=()) == replace(it, participants=())
    return same and _people(it) == _people(master)


def _people(it: Instance) -> list[Participant]:
    return sorted((replace(p, row=0) for p in it.participants), key=lambda p: (p.kind, p.associate, p.address, p.name))


def _instants(it: Instance) -> tuple[int, int]:
    zone = "UTC" if it.all_day else it.zone
    return times.instant(it.start, zone), times.instant(it.end, zone)
