"""The frame of every verb: who acts, on which rows, under the mother's lock; and publishing what they did.

A verb commits the CRM's rows first and publishes in a second transaction (DESIGN section 4). What may not be done is
refused before anything is written; who may not even read a row is told that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
from mappings import status
from mappings.errors import RefusedAct
from mappings.model import Kind
from mappings.status import Act, By, Written

SECONDS: Final = 2.0  # how long whoever acts waits for the publication of it; the worker carries on

ELSEWHERE: Final = "another calendar owns the meeting: change it there"
OWNER: Final = "only the owner of the meeting may do that"
HOLDER: Final = "only whoever's row it is may do that"


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did: the row it was about, whether anything changed, and the (type, status) the row has now.

    A row that is gone has the type and status that it had.
    """

    appointment: int
    changed: bool
    type: int
    status: int
    gone: bool = False


@dataclass
class Desk:
    """One verb at work: the open transaction, who acts, the row that was named, and its mother (or itself)."""

    house: House
    connection: Connection
    actor: Somebody
    row: Booking
    lead: Booking
    author: Author

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

    def allow(self, act: Act) -> Written:
        """See that the actor may do this to the row, and give what becomes of it; raises RefusedAct."""
        self._permit(act)
        about = self.lead if status.MAY[act] is By.OWNER and act is not Act.NOTE else self.row
        return status.write(about.kind, about.type, about.status, act)

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

    def done(self, written: Written, *, changed: bool | None = None) -> Done:
        """Say what came of the row that was named."""
        return _done(self.row, written, changed=written.touched if changed is None else changed)

    def led(self, written: Written, *, changed: bool) -> Done:
        """Say what came of the meeting, whichever row of it was named."""
        return _done(self.lead, written, changed=changed)


def _done(row: Booking, written: Written, *, changed: bool) -> Done:
    return Done(row.row, changed, written.type, written.status, written.gone)


@contextmanager
def at(house: House, login: str, appointment: int) -> Iterator[Desk]:
    """Open the transaction in which somebody acts on an appointment, its mother locked; publish when it is over.

    Raises UnknownPerson for who acts, and NotFound for a row that there is not or that they have no part in.
    """
    with house.store.writing() as connection:
        actor = acting(connection, login)
        found = bookings.locked(connection, appointment)
        row = next((b for b in found if b.row == appointment), None)
        if row is None or not _part_of(connection, actor, row, found[0]):
            raise NotFound(f"There is no appointment {appointment} that {actor.name} has a part in.")
        yield Desk(house, connection, actor, row, found[0], house.author(actor.associate))
    published(house)


def acting(connection: Connection, login: str) -> Somebody:
    """Give who acts; raises UnknownPerson for a login that nobody has, who has it has retired, or a room's."""
    actor = people.by_login(connection, login)
    if actor is None or actor.kind is not Kind.ASSOCIATE:
        raise UnknownPerson(login)
    return actor


def _part_of(connection: Connection, actor: Somebody, row: Booking, lead: Booking) -> bool:
    if actor.associate in (row.associate, lead.associate):
        return True
    return lead.meeting and writing.takes_part(connection, lead.row, actor.associate)


def published(house: House) -> None:
    """Publish what is marked, within bounds; the marks of what takes longer stay, and the worker carries on."""
    if marks.marked(house.store, Lane.NOW):
        with suppress(DatabaseBusy):
            publish.catch_up(house, seconds=SECONDS, wait=SECONDS)
