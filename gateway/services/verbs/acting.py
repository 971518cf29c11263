"""The frame of every verb: who acts, on which rows, under the mother's lock; and publishing what they did.

A verb commits the CRM's rows first and publishes in a second transaction (DESIGN section 4). What may not be done is
refused before anything is written; who may not even read a row is told that there is none. An act on one occurrence of
a series may reach others too (`mappings.reach`): then there is a desk for each occurrence, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from gateway.crm import bookings, people, writing
from gateway.crm.bookings import Booking
from gateway.crm.journal import Author
from gateway.crm.people import Somebody
from gateway.errors import DatabaseBusy, NotFound, UnknownPerson
from gateway.services import publish
from gateway.services.house import House
from gateway.store import marks
from gateway.store.marks import Lane
from gateway.store.unit import Connection
from mappings import reach as reaches
from mappings import status
from mappings.errors import RefusedAct
from mappings.model import Kind
from mappings.reach import Reach
from mappings.recurrence.shifting import Place
from mappings.status import TODO_TYPES, Act, By, Written

SECONDS: Final = 2.0  # how long whoever acts waits for the publication of it; the worker carries on
ATTEMPTS: Final = 3  # a row may change its series while that is being locked

_WHOLE: Final = frozenset({Act.MOVE, Act.CANCEL})  # acts that all rows of a meeting have to allow

ELSEWHERE: Final = "another calendar owns the meeting: change it there"
OWNER: Final = "only the owner of the meeting may do that"
HOLDER: Final = "only whoever's row it is may do that"


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did: the row it was about, whether anything changed, and the (type, status) the row has now.

    A row that is gone has the type and status that it had. `occurrences` tells in how many occurrences of a series
    something changed.
    """

    appointment: int
    changed: bool
    type: int
    status: int
    gone: bool = False
    occurrences: int = 1


@dataclass(eq=False)
class Desk:
    """One verb at work on one event: the open transaction, who acts, the row that is meant, and its mother (or itself).

    Of a series `reach` says how far the act goes, `series` are the desks of all its occurrences in order, this one
    among them, and `reached` those that the act is meant for. `held` tells that the row is of whoever was named; at an
    occurrence where they have none, `row` is the mother.
    """

    house: House
    connection: Connection
    actor: Somebody
    row: Booking
    lead: Booking
    author: Author
    reach: Reach = Reach.ONLY_THIS
    held: bool = True
    series: list[Desk] = field(default_factory=list, repr=False)
    reached: list[Desk] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.series = self.series or [self]
        self.reached = self.reached or [self]

    @property
    def owns(self) -> bool:
        """Tell whether who acts owns the meeting; nobody here owns what another calendar does."""
        return self.lead.leads and self.lead.associate == self.actor.associate

    @property
    def holds(self) -> bool:
        """Tell whether it is the actor's own row; rows of who has no diary are in the owner's hands."""
        if self.row.kind in status.OUTSIDE:
            return self.owns
        return self.row.associate == self.actor.associate

    @cached_property
    def daughters(self) -> list[Booking]:
        """Give the daughters, as they stand under the lock."""
        return bookings.daughters(self.connection, self.lead.row) if self.lead.meeting else []

    @property
    def following(self) -> list[Booking]:
        """Give the daughters who take part; who was uninvited keeps what they were told last."""
        return [d for d in self.daughters if d.kind is not Kind.ASSOCIATE or d.status != status.BOOKING_DELETED]

    @property
    def place(self) -> Place:
        """Give where the occurrence stands in its series."""
        return Place(self.lead.original, self.lead.start, self.lead.end, self.lead.all_day)

    @property
    def over(self) -> bool:
        """Tell whether it has ended; a to-do is never over before it is done."""
        lead = self.lead
        todo = lead.type in TODO_TYPES
        return not todo and reaches.over(lead.start, lead.end, self.author.wall, all_day=lead.all_day)

    def allow(self, act: Act) -> Written:
        """See that the actor may do this to the row, and give what becomes of it; raises RefusedAct."""
        self._permit(act)
        about = self.lead if status.MAY[act] is By.OWNER and act is not Act.NOTE else self.row
        return status.write(about.kind, about.type, about.status, act)

    def each(self, act: Act) -> dict[Desk, Written]:
        """Give what becomes of the row at each occurrence in reach at which the actor may do this.

        Others are passed over, and so are those that are over, where somebody is asked or answers; this one and later
        ones begin with this one all the same. Raises the RefusedAct of the row that was named where nothing is left.
        """
        if self.reach is Reach.ONLY_THIS:
            return {self: self.allow(act)}
        some = [d for d in self.reached if d.held or status.MAY[act] is By.OWNER]
        if act in reaches.FORWARD_LOOKING:
            some = [d for d in some if self.asks(d)]
        found: dict[Desk, Written] = {}
        for desk in some:
            with suppress(RefusedAct):
                written = desk.allow(act)
                if act in _WHOLE:
                    for row in desk.daughters:
                        desk.becomes(row, act)
                found[desk] = written
        if not found:
            self.allow(act)
            raise RefusedAct(act, "all of it is over, or none of it allows it")
        return found

    def asks(self, other: Desk) -> bool:
        """Tell whether somebody is asked, or answers, at an occurrence: what is over is left as it is.

        That where a part of a series begins is meant by itself.
        """
        return not other.over or (other is self and self.reach is not Reach.SERIES)

    def _permit(self, act: Act) -> None:
        by_owner = status.MAY[act] is By.OWNER
        if by_owner and not self.lead.leads:
            raise RefusedAct(act, "the meeting is cancelled")
        if by_owner and self.lead.elsewhere:
            raise RefusedAct(act, ELSEWHERE)
        if not (self.owns if by_owner else self.holds):
            raise RefusedAct(act, OWNER if by_owner else HOLDER)

    def becomes(self, row: Booking, act: Act) -> Written:
        """Give what an act on the meeting leaves of one of its rows."""
        return status.write(row.kind, row.type, row.status, act)

    def done(self, written: Written | None, *, changed: bool | None = None, occurrences: int = 1) -> Done:
        """Say what came of the row that was named; it is as it was where nothing was `written`."""
        return _done(self.row, written, changed=changed, occurrences=occurrences)

    def led(self, written: Written | None, *, changed: bool, occurrences: int = 1) -> Done:
        """Say what came of the meeting, whichever row of it was named."""
        return _done(self.lead, written, changed=changed, occurrences=occurrences)


def _done(row: Booking, written: Written | None, *, changed: bool | None, occurrences: int) -> Done:
    written = written or Written(row.type, row.status, touched=False)
    changed = written.touched if changed is None else changed
    return Done(row.row, changed, written.type, written.status, written.gone, occurrences if changed else 0)


@contextmanager
def at(
    house: House, login: str, appointment: int, act: Act | None = None, reach: Reach = Reach.ONLY_THIS
) -> Iterator[Desk]:
    """Open the transaction in which somebody acts on an appointment, its mother locked; publish when it is over.

    Of a series whose other occurrences the `act` is to `reach`, all mothers are locked. Raises UnknownPerson for who
    acts, NotFound for a row that there is not or that they have no part in, and RefusedAct for an act that does not
    reach so far.
    """
    with house.store.writing() as connection:
        actor = acting(connection, login)
        found, wide = _locked(connection, appointment, reach)
        row = next((b for b in found if b.row == appointment), None)
        lead = next((b for b in found if row is not None and b.row == row.event), row)
        if row is None or lead is None or not part_of(connection, actor, row, lead):
            raise NotFound(f"There is no appointment {appointment} that {actor.name} has a part in.")
        desk = Desk(house, connection, actor, row, lead, house.author(actor.associate))
        if act is not None:
            reach = reaches.taken(act, reach, repeats=bool(row.rule))
        if wide:
            spread(desk, found, reach)
        yield desk
    published(house)


def _locked(connection: Connection, appointment: int, reach: Reach) -> tuple[list[Booking], bool]:
    """Lock and read the rows that an act may concern; tells whether they are a whole series."""
    for _ in range(ATTEMPTS if reach is not Reach.ONLY_THIS and 0 < appointment <= bookings.HIGHEST else 0):
        row = next(iter(bookings.of_rows(connection, [appointment])), None)
        if row is None or not row.rule:
            break
        found = bookings.locked_series(connection, row.rule)
        if any(b.row == appointment for b in found):
            return found, True
    return bookings.locked(connection, appointment), False


def spread(desk: Desk, rows: Collection[Booking], reach: Reach) -> None:
    """Put a desk at every occurrence of a series."""
    mine = same_person(desk.connection, desk.row, rows)
    by_event: dict[int, list[Booking]] = {}
    for row in rows:
        by_event.setdefault(row.event, []).append(row)
    desks: dict[int, Desk] = {}
    for event, some in by_event.items():
        lead = next((b for b in some if b.row == event), some[0])
        # Of several rows of one person the one that is not cancelled.
        own = sorted((b for b in some if b.row in mine), key=lambda b: (b.status == status.BOOKING_DELETED, b.row))
        one = desk
        if event != desk.row.event:
            row = own[0] if own else lead
            one = Desk(desk.house, desk.connection, desk.actor, row, lead, desk.author, held=bool(own))
        one.__dict__["daughters"] = [b for b in some if b.row != event] if lead.meeting else []
        desks[event] = one
    planned = {event: one.place.planned for event, one in desks.items()}
    series = [desks[event] for event in reaches.ordered(planned)]
    reached = [desks[event] for event in reaches.reached(planned, desk.row.event, reach)]
    for one in series:
        one.reach, one.series, one.reached = reach, series, reached


def same_person(connection: Connection, named: Booking, rows: Collection[Booking]) -> set[int]:
    """Give the rows that are of the same person as one of them: by associate, by person, or by address."""
    if named.associate:
        return {b.row for b in rows if b.associate == named.associate}
    if named.person:
        return {b.row for b in rows if not b.associate and b.person == named.person}
    addresses = people.addresses_of(connection, [b.row for b in rows if not b.associate and not b.person])
    known = addresses.get(named.row)
    return {row for row, address in addresses.items() if address == known} | {named.row}


def acting(connection: Connection, login: str) -> Somebody:
    """Give who acts; raises UnknownPerson for a login that nobody has, who has it has retired, or a room's."""
    actor = people.by_login(connection, login)
    if actor is None or actor.kind is not Kind.ASSOCIATE:
        raise UnknownPerson(login)
    return actor


def part_of(connection: Connection, actor: Somebody, row: Booking, lead: Booking) -> bool:
    """Tell whether somebody has a part in a meeting that `lead` stands for; nobody else hears that there is one."""
    if actor.associate in (row.associate, lead.associate):
        return True
    return lead.meeting and writing.takes_part(connection, lead.row, actor.associate)


def published(house: House) -> None:
    """Publish what is marked, within bounds; the marks of what takes longer stay, and the worker carries on."""
    if marks.marked(house.store, Lane.NOW):
        with suppress(DatabaseBusy):
            publish.catch_up(house, seconds=SECONDS, wait=SECONDS)
