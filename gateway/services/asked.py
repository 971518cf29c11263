"""Invitations by mail from elsewhere to people here: judged, and followed (off unless a setting wants them)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.crm import people
from gateway.crm import rows as crm
from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.services.verbs import elsewhere, sheets
from gateway.services.verbs.elsewhere import Said
from gateway.services.verbs.recurring import horizon
from gateway.store import asked as store
from gateway.store.unit import Connection
from mappings import address, asked, imip, times
from mappings.asked import Asked, Here
from mappings.drafts import Draft, Sheet
from mappings.errors import MappingError, Unmappable
from mappings.ics.drafting import draft
from mappings.model import Itip, Kind, Outcome, Person, Proofs, Trust, Verdict
from mappings.notices import CANCEL
from mappings.recurrence.planning import CANCELLED, Planned, planned


@dataclass(frozen=True, slots=True)
class Found:
    """What is known here of a message: what its organizer said before, and who of its guests has a diary."""

    itip: Itip
    known: Asked | None
    guests: tuple[people.Somebody, ...]


def concerns(house: House, connection: Connection, itip: Itip, *, ours: bool) -> bool:
    """Tell whether a message is an invitation from elsewhere; `ours` tells that an event of its UID is published."""
    settings = house.settings
    if not settings.mail_invitations or not settings.writes_identity or itip.method not in asked.METHODS:
        return False
    return not ours or bool(store.known(connection, [itip.uid.strip()]))


def weighed(
    house: House, connection: Connection, itip: Itip, proofs: Proofs, enough: set[Trust]
) -> tuple[Verdict, Found]:
    """Judge an invitation from elsewhere; nothing is written."""
    organizer = asked.organizer_of(itip)
    mailboxes = sorted({a.address for item in itip.items for a in item.attendees if a.address})
    found = (people.by_mailbox(connection, mailbox) for mailbox in mailboxes)
    guests = tuple(one for one in found if one is not None and one.kind is Kind.ASSOCIATE)
    known = store.known(connection, [itip.uid.strip()]).get(itip.uid.strip())
    here = Here(
        frozenset(one.mailbox for one in guests),
        acquainted=bool(organizer) and bool(crm.mailboxes_like(connection, [organizer])),
        ours=address.same(address.tagless(organizer), house.settings.mail_address),
    )
    return asked.weigh(itip, known, here, proofs, enough), Found(itip, known, guests)


def follow(house: House, connection: Connection, raw: bytes, found: Found, verdict: Verdict) -> Verdict:
    """Let the CRM's rows be as a message says that was judged APPLIED; gives what came of it."""
    itip = found.itip
    try:
        with connection.begin_nested():
            written = draft(imip.calendar(raw), house.settings.timezone)
            if written.todo:
                return Verdict(Outcome.NEEDS_HUMAN, "a to-do from elsewhere", trust=verdict.trust)
            off = itip.method == CANCEL or (written.master is not None and written.master.status == CANCELLED)
            changed = _cancel(house, connection, found) if off else _invite(house, connection, found, written)
            guests = [one.mailbox for one in found.guests]
            store.keep(connection, asked.heard(found.known, itip, guests), house.clock.now())
    except (BadRequest, MappingError) as error:
        return Verdict(Outcome.NEEDS_HUMAN, f"the CRM cannot hold it: {error}"[:400], trust=verdict.trust)
    return verdict if changed else Verdict(Outcome.NO_CHANGE, f"{verdict.reason}: nothing is new", trust=verdict.trust)


def _invite(house: House, connection: Connection, found: Found, written: Draft) -> bool:
    sheet = written.master or written.overrides[0].sheet
    (plan,) = _planned(house, _held(written))
    organizer = _organizer(connection, asked.organizer_of(found.itip), sheet)
    sequence = max((item.sequence or 0 for item in found.itip.items), default=0)
    said = Said(found.itip.uid.strip(), organizer, sequence, found.guests)
    return elsewhere.follow(house, connection, said, plan, whole=written.master is not None)


def _organizer(connection: Connection, mailbox: str, sheet: Sheet) -> Person:
    """Give the organizer by the name that the message or the CRM has for them."""
    said = next((g.name for g in sheet.guests if g.address == mailbox and g.name), "")
    known = people.by_mailbox(connection, mailbox)
    return Person(said or (known.name if known else ""), mailbox)


def _held(written: Draft) -> Draft:
    """Give as much of what was written as the CRM can hold."""
    master = sheets.held(written.master) if written.master else None
    overrides = tuple(replace(one, sheet=sheets.held(one.sheet)) for one in written.overrides)
    return replace(written, master=master, overrides=overrides)


def _planned(house: House, written: Draft) -> tuple[Planned, ...]:
    limits = {"horizon": horizon(house), "most": house.settings.max_occurrences}
    parts = planned(written, base=house.settings.timezone, **limits)
    if len(parts) > 1:
        raise Unmappable("RECURRENCE-ID", "is another series from there on")
    return parts


def _cancel(house: House, connection: Connection, found: Found) -> bool:
    """Call off what a CANCEL names, for those whom it names; whole where it names no occurrence."""
    base = house.settings.timezone
    walls = {
        item.recurrence.wall if item.recurrence.date_only else times.wall(asked.moment(item.recurrence), base)
        for item in found.itip.items
        if item.recurrence is not None
    }
    whole = any(item.recurrence is None for item in found.itip.items)
    named = {one.associate for one in found.guests}
    desks = elsewhere.standing(house, connection, found.itip.uid.strip())
    rows = {
        d: [row for row in (d.lead, *d.daughters) if row.associate in named]
        for d in desks
        if whole or d.place.planned in walls
    }
    return bool(rows) and elsewhere.call_off(connection, rows, desks[0].author)
