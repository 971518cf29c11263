"""Take in an event as a calendar program wrote it: rows for every occurrence, and everybody it names invited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gateway.crm import answers, bookings, identities, people
from gateway.crm.people import Somebody
from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.services.verbs import acting, answering, guests, occurring, recurring, sheets, telling
from gateway.services.verbs.acting import Desk, Done
from gateway.services.verbs.occurring import Slot
from gateway.store import published
from gateway.store.unit import Connection
from mappings import identity, status
from mappings.drafts import Draft, Guest, Sheet
from mappings.errors import NotWhole, Unmappable
from mappings.model import Kind
from mappings.recurrence.planning import Planned, planned
from mappings.status import ACT_OF


def book(house: House, login: str, draft: Draft, *, mail: bool = True, answered: bool = False) -> list[Done]:
    """Let `login` own an event that a calendar program wrote; gives the first row of each series it becomes.

    Who declined is written so where they are people without a diary; of associates only where the whole of it is to be
    believed (`answered`), for they answer for themselves. Occurrences that are not like the others have their own
    words and guests. An event whose UID is known already is refused. Raises UnknownPerson, and BadRequest, naming the
    property, for what the CRM cannot hold.
    """
    parts = _planned(house, draft)
    done: list[Done] = []
    said: dict[int, str] = {}
    with house.store.writing() as connection:
        owner = acting.acting(connection, login)
        if published.taken(connection, [draft.uid]):
            raise BadRequest("UID", "is that of an event that is here already")
        for number, part in enumerate(parts):
            booking = _Booking(house, connection, owner, draft, mail, answered, said)
            lead = booking.run(part, draft.uid if not number else "")
            done.append(Done(lead.lead.row, True, lead.lead.type, lead.lead.status, occurrences=len(part.occurrences)))
    acting.published(house)
    if said:
        _answer(house, owner, said)
    return done


def _answer(house: House, owner: Somebody, said: Mapping[int, str]) -> None:
    """Write what was answered, each with its evidence, now that the event is there to keep it beside."""
    with house.store.writing() as connection:
        rows = bookings.of_rows(connection, said)
        desk = Desk(house, connection, owner, rows[0], rows[0], house.author(owner.associate))
        for partstat in sorted(set(said.values())):
            some = [row for row in rows if said[row.row] == partstat]
            becomes = {r: status.write(r.kind, r.type, r.status, ACT_OF[partstat]) for r in some}
            with suppress(NotWhole):  # what no row can hold, of an event that waits to be published
                answering.give(desk, becomes, partstat, "")
        answers.count(connection, {row.mother for row in rows}, desk.author)
    acting.published(house)


def _planned(house: House, draft: Draft) -> tuple[Planned, ...]:
    limits = {"horizon": recurring.horizon(house), "most": house.settings.max_occurrences}
    try:
        return planned(draft, base=house.settings.timezone, **limits)
    except Unmappable as error:
        raise BadRequest(error.field, error.rule) from error


@dataclass
class _Booking:
    house: House
    connection: Connection
    owner: Somebody
    draft: Draft
    mail: bool
    answered: bool
    said: dict[int, str]

    def run(self, part: Planned, uid: str) -> Desk:
        """Insert one series, or one event; gives its first occurrence."""
        author = self.house.author(self.owner.associate)
        more = occurring.ruled(self.connection, part, author)
        desks: dict[int, Desk] = {}
        # What has the same words and guests shares them, as it would in the CRM.
        for sheet, some in sheets.alike(part.occurrences).items():
            invited = self._guests(sheet)
            plan = sheets.plan(sheet, some[0], todo=self.draft.todo, mail=self.mail)
            slots = [Slot.of(one) for one in some]
            made = occurring.plant(self.house, self.connection, self.owner, plan, list(invited), slots, more)
            self._answers(made, invited)
            desks |= {one.planned: desk for one, desk in zip(some, made, strict=True)}
        first = desks[min(desks)]
        self._named(first, uid)
        return first

    def _guests(self, sheet: Sheet) -> dict[Somebody, Guest]:
        """Find who is meant by the addresses; the owner invites themselves to nothing."""
        found: dict[Somebody, Guest] = {}
        whom: set[tuple[str, int | str]] = {self.owner.who}
        for guest in sheet.guests:
            one = people.by_mailbox(self.connection, guest.address)
            if one is None:
                raise BadRequest("ATTENDEE", f"{guest.address!r} is no address that could be invited")
            if one.who not in whom:
                whom.add(one.who)
                found[one] = guest
        if len(found) > guests.MOST:
            raise BadRequest("ATTENDEE", f"names more than {guests.MOST} participants")
        return found

    def _answers(self, made: Sequence[Desk], invited: Mapping[Somebody, Guest]) -> None:
        """Note what guests have answered by the word of whoever wrote it, as far as that counts."""
        told = {one.who: g.partstat for one, g in invited.items() if g.partstat in ACT_OF and self._counts(one)}
        for rows in guests.seated(made[0], made).values() if told else ():
            self.said.update({row.row: told[who] for who, row in rows.items() if who in told})

    def _counts(self, one: Somebody) -> bool:
        return one.kind in status.OUTSIDE or (self.answered and one.kind is Kind.ASSOCIATE)

    def _named(self, first: Desk, uid: str) -> None:
        """Write down the identity of the event: the UID that it came with, else one of its own."""
        if not self.house.settings.writes_identity:
            return
        if not uid or not identity.usable(uid):
            telling.invited(first)
            return
        mailbox = people.mailbox_of(self.connection, self.owner.person), self.owner.name
        identities.give(self.connection, first.lead.row, first.lead.rule, uid, mailbox, first.author)
