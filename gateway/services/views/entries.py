"""From rows found to entries shown: one way to names, texts, times and privacy, for every view."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from gateway.crm import viewing
from gateway.crm.viewing import Colleague, Found, Particulars
from gateway.errors import BadRequest, DatabaseBusy, UnknownPerson
from gateway.services import publish
from gateway.services.house import DAY, House
from gateway.store import access, marks
from gateway.store.marks import Lane
from gateway.store.unit import Connection
from mappings import times
from mappings.entry import Beside, Entry, cloak, entry
from mappings.errors import Unmappable
from mappings.privacy import Privacy, Viewer, may_read, privacy
from mappings.projection import Row

MOST: Final = 10_000  # rows that one view reads
SLACK: Final = DAY  # no clock is further than a day from UTC


def fresh(house: House) -> None:
    """Publish what waits, within a reader's bounds; a busy database leaves what was published last."""
    if marks.marked(house.store, Lane.NOW):
        settings = house.settings
        with suppress(DatabaseBusy):
            publish.catch_up(
                house,
                events=settings.read_catch_up_events,
                seconds=settings.read_catch_up_ms / 1000,
                wait=settings.writer_wait_ms / 1000,
            )


def associate(connection: Connection, login: str) -> int:
    """Give the associate of a login; raises UnknownPerson for one that nobody has, or who has it has retired."""
    found = access.associate_of(connection, login)
    if found is None:
        raise UnknownPerson(login)
    return found


def looking(connection: Connection, login: str) -> Viewer | None:
    """Give who looks; without a login it is the house itself, from which nothing is hidden."""
    if not login:
        return None
    number = associate(connection, login)
    return viewing.colleagues(connection, [number])[number].viewer


def between(house: House, start: int, end: int) -> tuple[int, int]:
    """Give two instants as base-zone walls with some slack; raises BadRequest where they make no time."""
    for name, moment in (("start", start), ("end", end)):
        if not times.EARLIEST + 2 * SLACK <= moment < times.LATEST - 2 * SLACK:
            raise BadRequest(name, "lies outside the years 1900 to 2199")
    if start >= end:
        raise BadRequest("end", "is not after start")
    zone = house.settings.timezone
    return times.wall(start, zone) - SLACK, times.wall(end, zone) + SLACK


def bounded(found: Collection[object], most: int = MOST) -> None:
    """Raise BadRequest where a view found more than it reads; finders are asked for one more than that."""
    if len(found) > most:
        raise BadRequest("end", f"more than {most} rows lie in that time: ask for a shorter one")


def entries(
    house: House, connection: Connection, found: Iterable[Found], looks: Viewer | None = None
) -> dict[int, Entry]:
    """Give the entries of rows, in order of their start; cloaked where who looks may not read them.

    A row whose times no calendar can show is left out: `doctor` lists it.
    """
    places = list(found)
    read = _Read.of(house, connection, places)
    hidden = read.hidden(connection, looks) if looks else frozenset()
    made: dict[int, Entry] = {}
    for row, lead in places:
        with suppress(Unmappable):
            if row in read.rows:
                it = read.entry(row, lead)
                made[row] = cloak(it, house.settings.timezone) if row in hidden else it
    return dict(sorted(made.items(), key=lambda pair: (pair[1].begins, pair[0])))


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows with all that is told of them, by appointment_id."""

    places: Sequence[Found]
    rows: Mapping[int, Row]
    particulars: Mapping[int, Particulars]
    colleagues: Mapping[int, Colleague]
    privacy: Mapping[int, Privacy]

    @classmethod
    def of(cls, house: House, connection: Connection, places: Sequence[Found]) -> _Read:
        wanted = {i for place in places for i in place}
        rows = {r.row: r for r in house.reader.by_row(connection, wanted)}
        particulars = viewing.particulars(connection, wanted)
        named = {a for p in particulars.values() for a in (p.associate, p.assigned_by, p.mother_associate)}
        colleagues = viewing.colleagues(connection, named)
        leads = {lead if lead in rows else row for row, lead in places} & set(rows)
        visible = viewing.visible(connection, leads)
        open_to = {
            lead: privacy(visible.get(lead, ()), particulars[lead].private, _group(particulars[lead], colleagues))
            for lead in leads
        }
        return cls(places, rows, particulars, colleagues, open_to)

    def lead(self, row: int, lead: int) -> Row:
        """Give the row that stands for the meeting; what was cancelled has lost it, and stands for itself."""
        return self.rows.get(lead) or self.rows[row]

    def entry(self, row: int, lead: int) -> Entry:
        own, leads = self.particulars[row], self.lead(row, lead)
        owner = self.colleagues.get(own.mother_associate if leads.row != lead else leads.associate)
        assigner = self.colleagues.get(own.assigned_by) if own.assigned_by != own.associate else None
        beside = Beside(
            owner=owner.name if owner else "",
            owner_login=owner.login if owner else "",
            assigned_by=assigner.login if assigner and not self.rows[row].mother else "",
            reason=own.reason,
            private=self.privacy[leads.row].private,
        )
        return entry(self.rows[row], leads, beside)

    def hidden(self, connection: Connection, looks: Viewer) -> frozenset[int]:
        """Give the rows that somebody may not read; one of their own they may, whatever became of it."""
        open_to = {p.row: self.privacy[self.lead(*p).row] for p in self.places if p.row in self.rows}
        closed = [p for p in self.places if p.row in open_to and not may_read(open_to[p.row], looks, takes_part=False)]
        mine = viewing.taking_part(connection, looks.associate, {p.lead for p in closed})
        own = {p.row for p in closed if p.lead in mine or self.rows[p.row].associate == looks.associate}
        return frozenset(p.row for p in closed if not may_read(open_to[p.row], looks, takes_part=p.row in own))


def _group(own: Particulars, colleagues: Mapping[int, Colleague]) -> int:
    owner = colleagues.get(own.associate)
    return own.group or (owner.group if owner else 0)
