"""`catch_up`: the one function that publishes (DESIGN section 4).

Take marks, read rows, project, store what differs under the next revision, note what has to be announced, delete
exactly those marks, commit. A publisher never writes a CRM table. Publishing twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from gateway.crm import rows as crm
from gateway.crm import touched
from gateway.services import naming, series
from gateway.services.house import House
from gateway.services.light import Light
from gateway.services.projecting import Fresh, moved, times_of, write_event
from gateway.store import adopting, announcing, answers, dismissing, marks, published, quarantined
from gateway.store.marks import Lane, Mark
from gateway.store.published import Draft, Stored
from gateway.store.unit import PATIENCE, Connection
from mappings import identity
from mappings.errors import NotWhole
from mappings.model import Header
from mappings.projection import Projection, Row, project

MARKS = 2_000  # marks read at once
Key = tuple[str, int]  # ("rule", recurrenceRuleId) or ("mother", mother_id or appointment_id)


@dataclass(slots=True)
class Report:
    """What a catch-up did: how many events it looked at and changed, and whether more is marked."""

    looked: int = 0
    changed: int = 0
    revision: int = 0
    waiting: int = 0
    quarantined: int = 0
    more: bool = False

    def __iadd__(self, other: Report) -> Self:
        for name in ("looked", "changed", "waiting", "quarantined"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.revision = max(self.revision, other.revision)
        self.more = other.more
        return self


def catch_up(
    house: House,
    lane: Lane = Lane.NOW,
    *,
    events: int | None = None,
    seconds: float = 3600.0,
    wait: float = PATIENCE,
) -> Report:
    """Publish what a lane has marked, until it is empty, `events` were looked at or `seconds` have passed.

    `wait` is how long, in seconds, to wait for other writers; raises DatabaseBusy after that.
    """
    report = Report()
    end = house.clock.ticks() + seconds
    while True:
        report += _once(house, lane, min(MARKS, events or MARKS), wait)
        if not report.more or house.clock.ticks() >= end or (events and report.looked >= events):
            return report


def _once(house: House, lane: Lane, limit: int, wait: float) -> Report:
    _ = house.reader  # read before the transaction, because it takes a connection of its own
    with house.store.publishing(wait) as connection:
        report = aloud(house, connection) if lane is Lane.LATER else Report()
        if not report.more:
            report += _drain(house, connection, lane, limit)
        return report


def aloud(house: House, connection: Connection, limit: int = MARKS) -> Report:
    """Publish what the CRM's rows have marked, before anything is published in silence from the same snapshot.

    Otherwise silence would swallow news. `more` in what it gives tells that there is more of it: come again first.
    """
    return _drain(house, connection, Lane.NOW, limit)


def _drain(house: House, connection: Connection, lane: Lane, limit: int) -> Report:
    batch = marks.take(connection, lane, limit)
    if not batch.marks:
        return Report()
    publication = Publication(house, house.reader, connection, silent=lane is Lane.LATER)
    publication.marked(batch.marks)
    if lane is not Lane.WAITING:
        marks.done(connection, batch)
    report = publication.run()
    report.more = (batch.full or publication.spread) and lane is not Lane.WAITING
    return report


@dataclass
class Publication:
    """One transaction of publishing: what was marked, grouped into events, projected and written."""

    house: House
    reader: crm.Reader
    connection: Connection
    silent: bool
    ids: set[int] = field(default_factory=set)
    keys: set[Key] = field(default_factory=set)
    event_ids: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)
    spread: bool = False
    report: Report = field(default_factory=Report)

    def marked(self, some: Iterable[Mark]) -> None:
        """Take in marks: of rows, of texts and rules, of our own events; of names by way of further marks."""
        texts: set[int] = set()
        takers: dict[str, Callable[[int], None]] = {
            "appointment": self.ids.add,
            "text": texts.add,
            "rule": lambda ref: self.keys.add(("rule", ref)),
            "mother": lambda ref: self.keys.add(("mother", ref)),
            "event": self.event_ids.add,
            "shown": self.named.add,
            "truncate": lambda _: self._everything(),
        }
        for mark in some:
            taker = takers.get(mark.source)
            if taker is not None:
                taker(mark.ref)
            else:
                self._named(mark)
        self.ids |= touched.of_texts(self.connection, texts) if texts else set()

    def _named(self, mark: Mark) -> None:
        """Turn a changed name, address or type into marks of the events that show it, by one statement."""
        which = touched.NAMED.get(mark.source)
        if which is not None:
            marks.add_shown(self.connection, Lane.LATER, which(mark.ref))
            self.spread = True

    def _everything(self) -> None:
        marks.add_every_event(self.connection)
        self.spread = True

    def run(self) -> Report:
        """Project and write everything taken in."""
        now = self.house.clock.now()
        draft = Draft(self.connection, now)
        seen = published.members(self.connection, self.ids)
        self.named |= {s.event_id for s in seen.values()} if self.silent else set()
        asked = self.event_ids | self.named
        events = published.events(self.connection, ids={s.event_id for s in seen.values()} | asked)
        self.keys |= {e.crm_key for e in events.values() if e.event_id in asked}
        light = Light(self.connection, self.reader, draft, now)
        standing = touched.keys(self.connection, self.ids)
        quarantined.release(self.connection, [("mother", row) for row in self.ids - standing.keys() - seen.keys()])
        self.keys |= light.sort_out(standing, self.ids, seen, events, self.keys)
        light.run()
        if self.keys:
            _Full(self, draft, now).run()
        self.report.looked += light.looked
        self.report.changed += light.changed
        self.report.revision = draft.flush()
        if light.news and not self.silent:
            announcing.note(self.connection, light.news, now, self.house.settings.settle_seconds)
        return self.report


class _Full:
    """Whole events: all their rows are read, projected and compared."""

    def __init__(self, publication: Publication, draft: Draft, now: int) -> None:
        self.p = publication
        self.connection = publication.connection
        self.draft = draft
        self.now = now
        self.settle = publication.house.settings.settle_seconds

    def run(self) -> None:
        groups = self._groups()
        events = self._events(groups)
        rows = [r.row for some in groups.values() for r in some]
        known = {e.event_id: e for e in events.values()}
        before = published.members(self.connection, rows) | published.members_of(self.connection, known)
        everyone = [r for some in groups.values() for r in some]
        published.load_parts(self.connection, known)
        published.load_copies(self.connection, known)
        self.elsewhere = times_of(known, before, everyone)
        vanished = set(before) - set(rows)
        self.live = answers.live(self.connection, everyone, vanished, self.draft, self.now, self.elsewhere)
        self.known = series.known(self.connection, self.p.reader.zone, groups, events, before)
        projections = self._project(groups, self.live)
        events |= self._created(projections, groups, events)
        self._renamed(projections, groups, events)
        self._write(projections, groups, events, before)
        self.p.report.looked += len(groups)

    def _groups(self) -> dict[Key, list[Row]]:
        """Read all rows of the marked events; a group without rows is an event that has vanished."""
        keys = self.p.keys
        mothers = {k for kind, k in keys if kind == "mother" and k}
        rules = {k for kind, k in keys if kind == "rule" and k}
        groups: dict[Key, list[Row]] = {k: [] for k in keys if k[1]}
        # A meeting that has just become a series is found by its mother and by its rule: each row counts once.
        found = {r.row: r for r in self.p.reader.by_key(self.connection, mothers, rules)}
        for row in found.values():
            key: Key = ("rule", row.rule) if row.rule else ("mother", row.mother or row.row)
            groups.setdefault(key, []).append(row)
        stray = {k for kind, k in groups if kind == "rule"} - rules
        if stray:  # a meeting has become part of a series: read the rest of it
            for key in [k for k in groups if k[0] == "rule" and k[1] in stray]:
                del groups[key]
            for row in self.p.reader.by_key(self.connection, (), stray):
                groups.setdefault(("rule", row.rule), []).append(row)
        return groups

    def _events(self, groups: Mapping[Key, list[Row]]) -> dict[Key, Stored]:
        mothers = {k for kind, k in groups if kind == "mother"}
        rules = {k for kind, k in groups if kind == "rule"}
        found = published.events(self.connection, mothers=mothers, rules=rules)
        events = {e.crm_key: e for e in found.values()}
        moved = self._rekeyed(groups, events)
        taken_along = {e.event_id for e in moved.values()}
        return {k: e for k, e in events.items() if e.event_id not in taken_along} | moved

    def _rekeyed(self, groups: Mapping[Key, list[Row]], events: Mapping[Key, Stored]) -> dict[Key, Stored]:
        """Find the events of meetings that became a series, or stopped being one: they keep their event."""
        homeless = [k for k, some in groups.items() if some and k not in events]
        if not homeless:
            return {}
        # What is left of a cancelled meeting has no lead: any of its rows will do.
        known = {r.row: k for k in homeless for r in ([r for r in groups[k] if r.leads] or groups[k])}
        seen = published.members(self.connection, known)
        old = published.events(self.connection, ids={s.event_id for s in seen.values()})
        moved: dict[Key, Stored] = {}
        for row, was in sorted(seen.items()):
            event, key = old.get(was.event_id), known[row]
            if event is None or key in moved or any(e is event for e in moved.values()):
                continue
            # It stays where it is for whoever has it still; for who was only told that it is off, if all have been.
            left = groups.get(event.crm_key, [])
            if left and (all(r.called_off for r in groups[key]) or not all(r.called_off for r in left)):
                continue
            moved[key] = event
            rule, mother = (key[1], None) if key[0] == "rule" else (None, key[1])
            published.rekey(self.connection, event, rule, mother)
        return moved

    def _project(self, groups: Mapping[Key, list[Row]], live: Mapping[int, str]) -> dict[Key, Projection]:
        found: dict[Key, Projection] = {}
        whole: list[Mark] = []
        waiting: list[Mark] = []
        failed: dict[Key, str] = {}
        for key, some in groups.items():
            try:
                found[key] = project(some, live, self.known[key])
                whole.append(Mark(*key))
            except NotWhole:
                waiting.append(Mark(*key))
            except Exception as error:  # noqa: BLE001 - one event that cannot be projected must not stop the others
                failed[key] = f"{type(error).__name__}: {error}"
        marks.settled(self.connection, whole + [Mark(*k) for k in failed])
        new = set(waiting) - marks.waiting(self.connection, waiting) if waiting else set()
        marks.add(self.connection, Lane.WAITING, new, self.now)
        quarantined.put(self.connection, failed, self.now)
        quarantined.release(self.connection, list(found))
        self.p.report.waiting += len(waiting)
        self.p.report.quarantined += len(failed)
        return found

    def _created(
        self,
        projections: Mapping[Key, Projection],
        groups: Mapping[Key, list[Row]],
        events: Mapping[Key, Stored],
    ) -> dict[Key, Stored]:
        reach = self.p.house.reach(self.now)
        new = [k for k, p in projections.items() if k not in events and p.holdings and _reaches(p, groups[k], reach)]
        if not new:
            return {}
        uids = naming.free_uids(self.connection, self.p.reader.house, new)
        made = published.create(
            self.connection, [naming.fresh_event(k, uids[k], self.now, self.known[k].related) for k in new]
        )
        stored = published.events(self.connection, ids=made.values())
        return {e.crm_key: e for e in stored.values()}

    def _renamed(
        self,
        projections: Mapping[Key, Projection],
        groups: Mapping[Key, list[Row]],
        events: dict[Key, Stored],
    ) -> None:
        """Let the CRM's own UID win (its `invitation` row), and read the SEQUENCE it demands."""
        self.floors: dict[Key, int] = {}
        leads = {r.row: k for k in projections if k in events for r in groups[k] if r.leads}
        given = crm.identities(self.connection, leads)
        wanted = {uid for uid, _ in given.values() if identity.usable(uid)}
        used = published.taken(self.connection, wanted)
        for lead, (uid, sequence) in sorted(given.items()):
            key = leads[lead]
            if key in self.floors:
                continue
            self.floors[key] = sequence
            if identity.usable(uid) and uid != events[key].uid and used.setdefault(uid, 0) == 0:
                used[uid] = events[key].event_id
                events[key] = self._with_uid(events[key], key, uid)

    def _with_uid(self, old: Stored, key: Key, uid: str) -> Stored:
        """Give an event another UID: as a new event under a new name, while the old one vanishes."""
        if not published.has_copies(self.connection, old.event_id):
            published.rename(self.connection, old, uid, identity.resource_name(uid))
            return old
        dissolved = {old.event_id: old}
        published.load_parts(self.connection, dissolved)
        published.load_copies(self.connection, dissolved)
        published.rekey(self.connection, old, None, None)
        header = write_event(self.draft, old, Fresh((), Projection((), {}, {}, {}), {}, {}, 0, self.now))
        if header is not None:
            silent = self.p.silent
            announcing.vanished(self.connection, header, old.event_id, self.now, self.settle, silent=silent)
        row = naming.fresh_event(key, uid, self.now, old.related) | {"sequence": old.sequence, "dtstamp": old.dtstamp}
        made = published.create(self.connection, [row])
        answers.follow(self.connection, old.event_id, made[uid])
        dismissing.follow(self.connection, old.event_id, made[uid], identity.resource_name(uid))
        renamed = published.events(self.connection, ids=made.values())
        published.load_copies(self.connection, renamed)
        return renamed[made[uid]]

    def _write(
        self,
        projections: Mapping[Key, Projection],
        groups: Mapping[Key, list[Row]],
        events: Mapping[Key, Stored],
        before: Mapping[int, published.Seen],
    ) -> None:
        adopted, adopted_below = published.adoption(self.connection)
        associates = {a for p in projections.values() for a in p.holdings}
        calendars = published.calendars(self.connection, associates, adopted=adopted)
        unadopted = frozenset() if adopted else adopting.unfinished(self.connection)
        news: list[announcing.News] = []
        for key, first_look in projections.items():
            event = events.get(key)
            if event is None:
                continue
            rows = tuple(groups[key])
            again = moved(rows, self.elsewhere, first_look, self.now)
            projection = self._asked_anew(again, first_look, key, rows)
            seen = {r: s for r, s in before.items() if s.event_id == event.event_id or r in projection.keys}
            old = not _reaches(projection, rows, self.p.house.reach(self.now))
            fresh = Fresh(rows, projection, seen, calendars, self.floors.get(key, 0), self.now, old, again)
            stood_there = key[1] <= adopted_below and not event.parts and not event.copies
            first = stood_there and not fresh.held_in().isdisjoint(unadopted)
            header = self._written(key, event, fresh)
            if header is not None:
                self.p.report.changed += 1
                silent, named = self.p.silent or first, event.event_id in self.p.named and self.p.silent
                news.append(announcing.News(event.event_id, header, silent, projection.instances, named))
        announcing.after(self.connection, news, self.now, self.settle)

    def _written(self, key: Key, event: Stored, fresh: Fresh) -> Header | None:
        """Write one event; one that cannot be written is set aside, and nothing of it is written."""
        place = self.draft.place()
        try:
            return write_event(self.draft, event, fresh)
        except Exception as error:  # noqa: BLE001 - as in `_project`
            self.draft.back_to(place, event.event_id)
            quarantined.put(self.connection, {key: f"{type(error).__name__}: {error}"}, self.now)
            self.p.report.quarantined += 1
            return None

    def _asked_anew(self, again: frozenset[int], projection: Projection, key: Key, rows: tuple[Row, ...]) -> Projection:
        """End what was answered for a former time, and show who gave it as not having answered."""
        if not again & set(self.live):
            return projection
        answers.end(self.connection, again, self.now, "moved")
        still = {row: partstat for row, partstat in self.live.items() if row not in again}
        return project(rows, still, self.known[key])


def _reaches(projection: Projection, rows: Iterable[Row], reach: int) -> bool:
    """Tell whether any of it ends after the instant with which calendars begin."""
    ends = [end for _, end in projection.spans.values()] or [r.last for r in rows]
    return max(ends, default=reach) >= reach
