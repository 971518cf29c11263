"""CRM rows -> the rows that `mappings.projection` understands; with `tables`, the only place that knows CRM columns.

Statements are few and fixed, whatever the number of rows asked for: appointments with the people they name, e-mail
addresses, texts, and what hangs on a mother. Sources: the CRM's table pages; DESIGN section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.engine import Row as Record

from gateway.chunks import chunks
from gateway.crm import tables as t
from mappings import address, crm_zones, elsewhere, identity, times
from mappings.model import Kind, Participant, Person
from mappings.projection import Row

_APPOINTMENTS = 9
_RESOURCE = 1
_a, _s, _p, _e = t.appointment.c, t.associate.c, t.person.c, t.email.c
_x, _v, _k, _z, _i = t.text.c, t.visiblefor.c, t.task.c, t.tzlocation.c, t.invitation.c

_COLUMNS = (
    *(_a.appointment_id, _a.mother_id, _a.recurrenceRuleId, _a.associate_id, _a.invitedPersonId, _a.type, _a.status),
    *(_a.do_by, _a.endDate, _a.done, _a.original_start_date, _a.alldayEvent, _a.freeBusy, _a.priority_idx, _a.private),
    *(_a.hasAlarm, _a.alarm, _a.text_id, _a.agenda_text_id, _a.location, _a.join_videomeet_url, _a.task_idx),
    *(_a.registered, _a.emailId, _a.SendEmail, _a.preferredTZLocation, _a.owned_externally),
    *(_s.type.label("associate_type"), _s.name.label("login"), _s.isLocation),
    *(_p.person_id, _p.firstname, _p.lastname),
)
PEOPLE = t.appointment.outerjoin(t.associate, and_(_s.associate_id == _a.associate_id, _a.associate_id != 0)).outerjoin(
    t.person,
    or_(
        and_(_a.associate_id != 0, _p.person_id == _s.person_id),
        and_(_a.associate_id == 0, _p.person_id == _a.invitedPersonId),
    )
    & (_p.person_id != 0),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read rows: this house's identity, the CRM's base zone (IANA), and who is mailed (DESIGN 5)."""

    house: UUID
    zone: str
    outbound: str

    def by_key(self, connection: Connection, mothers: Iterable[int], rules: Iterable[int]) -> list[Row]:
        """Read all rows of the meetings and plain appointments `mothers` and of the series `rules`."""
        found: list[Record[Any]] = []
        for some in chunks(mothers):
            leads = _a.appointment_id.in_(some) & ((_a.mother_id == 0) | (_a.mother_id == _a.appointment_id))
            found += _read(connection, or_(leads, _a.mother_id.in_(some)))
        for some in chunks(rules):
            found += _read(connection, _a.recurrenceRuleId.in_(some))
        return self._resolve(connection, found)

    def by_row(self, connection: Connection, ids: Iterable[int]) -> list[Row]:
        """Read single rows by their appointment_id, and no other participant's."""
        found = [r for some in chunks(ids) for r in _read(connection, _a.appointment_id.in_(some))]
        return self._resolve(connection, found)

    def _resolve(self, connection: Connection, found: list[Record[Any]]) -> list[Row]:
        if not found:
            return []
        side = _Side.of(connection, found)
        return [self._row(r, side) for r in found]

    def _row(self, r: Record[Any], side: _Side) -> Row:
        kind = kind_of(r)
        mailbox, spoken = side.mailbox(r)
        asked = bool(r.SendEmail) and bool(mailbox)
        zoned = not r.alldayEvent and _datable(r)
        where = crm_zones.zone_of(side.zones.get(r.preferredTZLocation, ""), self.zone) if zoned else self.zone
        summary, description = side.words(r)
        organizer, there = side.meetings.get(r.appointment_id, (None, ()))
        return Row(
            row=r.appointment_id,
            mother=r.mother_id,
            rule=r.recurrenceRuleId,
            associate=r.associate_id,
            kind=kind,
            name=_name(r) or spoken,
            address=address.mailto(mailbox) if mailbox else self._unspoken(r),
            type=r.type,
            status=r.status,
            start=times.rezone(r.do_by, self.zone, where),
            end=times.rezone(r.endDate, self.zone, where),
            original=times.rezone(r.original_start_date, self.zone, where) if r.original_start_date else 0,
            zone=where,
            all_day=bool(r.alldayEvent),
            free=bool(r.freeBusy),
            priority=r.priority_idx,
            private=side.private(r),
            alarm=r.alarm if r.hasAlarm else None,
            asked=asked,
            mailed=asked and covered(self.outbound, kind),
            summary=summary,
            description=description,
            location=r.location or "",
            video=r.join_videomeet_url or "",
            category=side.tasks.get(r.task_idx, ""),
            created=r.registered,
            done=times.instant(r.done, self.zone) if r.done and times.EARLIEST <= r.done < times.LATEST else 0,
            owned_externally=bool(r.owned_externally),
            organizer=organizer,
            elsewhere=there,
        )

    def _unspoken(self, r: Record[Any]) -> str:
        """Give the calendar-user address of who has no mailbox."""
        for kind, number in (("associate", r.associate_id), ("person", r.invitedPersonId)):
            if r.recurrenceRuleId and number:
                return identity.seat_address(self.house, r.recurrenceRuleId, kind, number)
        return identity.row_address(self.house, r.appointment_id)


def covered(outbound: str, kind: Kind) -> bool:
    """Tell whether a setting of PARTSTAT_OUTBOUND makes us mail this kind of participant (DESIGN section 5)."""
    if kind in (Kind.EXTERNAL, Kind.BARE):
        return outbound in ("external", "all")
    return kind is Kind.ASSOCIATE and outbound == "all"


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Record[Any]]:
    return list(connection.execute(select(*_COLUMNS).select_from(PEOPLE).where(which)))


def kind_of(r: Record[Any]) -> Kind:
    """Tell what the holder of an appointment row is; `r` has the columns that say so (see `PEOPLE`)."""
    if _leads(r) and not r.owned_externally:
        return Kind.OWNER
    if r.associate_id:
        if r.associate_type is not None and r.associate_type & _RESOURCE and not r.person_id:
            return Kind.ROOM if r.isLocation else Kind.RESOURCE
        return Kind.ASSOCIATE
    return Kind.EXTERNAL if r.invitedPersonId else Kind.BARE


def _leads(r: Record[Any]) -> bool:
    return r.mother_id in (0, r.appointment_id)


def _datable(r: Record[Any]) -> bool:
    """Tell whether the times can be read on another clock; those that cannot are left for the projection to refuse."""
    return all(times.EARLIEST <= s < times.LATEST for s in (r.do_by, r.endDate, r.original_start_date))


def _name(r: Record[Any]) -> str:
    full = f"{r.firstname or ''} {r.lastname or ''}".strip()
    return full or r.login or ""


@dataclass(frozen=True, slots=True)
class _Side:
    """What the rows point at, each read by one statement for all of them."""

    chosen: Mapping[int, tuple[str, str]]
    of_person: Mapping[int, tuple[str, str]]
    of_row: Mapping[int, tuple[str, str]]
    texts: Mapping[int, str]
    tasks: Mapping[int, str]
    privacy: Mapping[int, int]
    zones: Mapping[int, str]
    meetings: Mapping[int, tuple[Person | None, tuple[Participant, ...]]]

    @classmethod
    def of(cls, connection: Connection, found: list[Record[Any]]) -> _Side:
        leads = [r for r in found if _leads(r)]
        chosen, of_person, of_row = _mailboxes(connection, found)
        return cls(
            chosen,
            of_person,
            of_row,
            _texts(connection, {i for r in found for i in (r.text_id, r.agenda_text_id)}),
            _names(connection, _k.Task_id, _k.name, {r.task_idx for r in found}),
            _privacy(connection, {r.appointment_id for r in leads}),
            _zones(connection, {r.preferredTZLocation for r in found}),
            _elsewhere(connection, [r for r in leads if r.owned_externally]),
        )

    def mailbox(self, r: Record[Any]) -> tuple[str, str]:
        """Give (mailbox, name beside it) of a row: its emailId, else its own, else the person's first by rank."""
        person = r.person_id or 0
        return self.chosen.get(r.emailId) or self.of_row.get(r.appointment_id) or self.of_person.get(person) or ("", "")

    def words(self, r: Record[Any]) -> tuple[str | None, str]:
        """Give (title, description): the text's first line, and the rest with the agenda; no title: text missing."""
        if r.text_id and r.text_id not in self.texts:
            return None, ""
        first, _, rest = self.texts.get(r.text_id, "").strip().replace("\r\n", "\n").partition("\n")
        agenda = self.texts.get(r.agenda_text_id, "").strip()
        return first, "\n\n".join(p for p in (rest.strip("\n"), agenda) if p)

    def private(self, r: Record[Any]) -> int:
        return self.privacy.get(r.appointment_id, r.private)


def _mailboxes(connection: Connection, found: list[Record[Any]]) -> tuple[dict[int, tuple[str, str]], ...]:
    chosen: dict[int, tuple[str, str]] = {}
    of_person: dict[int, tuple[str, str]] = {}
    of_row: dict[int, tuple[str, str]] = {}
    columns = (_e.email_id, _e.person_id, _e.appointment_id, _e.email_address, _e.description)
    wanted = (
        (_e.email_id, {r.emailId for r in found if r.emailId}),
        (_e.person_id, {r.person_id for r in found if r.person_id}),
        (_e.appointment_id, {r.appointment_id for r in found if not r.associate_id and not r.person_id}),
    )
    for column, ids in wanted:
        for some in chunks(ids):
            for r in connection.execute(select(*columns).where(column.in_(some)).order_by(_e.rank, _e.email_id)):
                entry = (address.normalise(r.email_address or ""), r.description or "")
                if not entry[0]:
                    continue
                if column is _e.email_id:
                    chosen[r.email_id] = entry
                elif column is _e.person_id:
                    of_person.setdefault(r.person_id, entry)
                else:
                    of_row.setdefault(r.appointment_id, entry)
    return chosen, of_person, of_row


def _texts(connection: Connection, ids: set[int]) -> dict[int, str]:
    return _names(connection, _x.text_id, _x.text, ids)


def _names(connection: Connection, key: Any, value: Any, ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in chunks(ids - {0}):
        found.update((k, v or "") for k, v in connection.execute(select(key, value).where(key.in_(some))))
    return found


def _privacy(connection: Connection, ids: set[int]) -> dict[int, int]:
    """Give AppointmentPrivate of rows from `visiblefor`, which rules over the legacy column (CRM: visiblefor)."""
    found: dict[int, int] = {}
    for some in chunks(ids):
        wanted = select(_v.recordId, _v.forAll, _v.forGroupId).where(_v.tableId == _APPOINTMENTS, _v.recordId.in_(some))
        for record, everyone, group in connection.execute(wanted):
            found[record] = 0 if everyone else 2 if group else 1
    return found


def _zones(connection: Connection, ids: set[int]) -> dict[int, str]:
    """Give the CRM's location codes."""
    return _names(connection, _z.TZLocation_id, _z.locationCode, ids)


def _elsewhere(
    connection: Connection, leads: list[Record[Any]]
) -> dict[int, tuple[Person | None, tuple[Participant, ...]]]:
    """Give organizer and participants of meetings that another calendar owns, by the row that leads.

    The CRM keeps one identity for a series: it stands beside any of its mothers, and speaks for all of them.
    """
    texts: dict[int, str] = {}
    named: dict[int, Person] = {}
    rules = {r.appointment_id: r.recurrenceRuleId for r in leads}
    of_rule: dict[int, Person] = {}
    for some in chunks(rules):
        wanted = select(_a.appointment_id, _a.external_participants, _i.organizer_email, _i.organizer_fullname)
        joined = wanted.outerjoin_from(t.appointment, t.invitation, _i.appointment_id == _a.appointment_id)
        for r in connection.execute(joined.where(_a.appointment_id.in_(some)).order_by(_i.invitation_id)):
            texts[r.appointment_id] = r.external_participants or ""
            spelt = address.mailto(r.organizer_email or "")
            if spelt:
                person = named.setdefault(r.appointment_id, Person(r.organizer_fullname or "", spelt))
                of_rule.setdefault(rules[r.appointment_id], person)
    of_rule.pop(0, None)
    return {row: (named.get(row) or of_rule.get(rules[row]), elsewhere.read(text)) for row, text in texts.items()}


def identities(connection: Connection, mothers: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Read (UID, SEQUENCE) that the CRM keeps for mothers; of several rows of one mother the first counts.

    Source: the CRM's `invitation` table; a lookup by appointment takes the lowest invitation_id.
    """
    found: dict[int, tuple[str, int]] = {}
    for some in chunks(mothers):
        wanted = select(_i.appointment_id, _i.event_uid, _i.event_sequence).where(_i.appointment_id.in_(some))
        for mother, uid, sequence in connection.execute(wanted.order_by(_i.invitation_id)):
            found.setdefault(mother, (uid or "", sequence or 0))
    return found


def mailboxes_like(connection: Connection, wanted: Iterable[str]) -> dict[int, set[str]]:
    """Find the persons whom the CRM knows under one of these mailboxes, and those mailboxes (normalised)."""
    lowered = sorted({w.lower() for w in wanted if w})
    found: dict[int, set[str]] = {}
    if lowered:
        like = select(_e.person_id, _e.email_address).where(
            func.lower(_e.email_address).in_(lowered), _e.person_id != 0
        )
        for person, mailbox in connection.execute(like):
            found.setdefault(person, set()).add(address.normalise(mailbox))
    return found


def mother_of_uid(connection: Connection, uid: str) -> int:
    """Find the mother to whom the CRM gave a UID (its `invitation` table); 0 where there is none."""
    wanted = select(_i.appointment_id).where(_i.event_uid == uid).order_by(_i.invitation_id).limit(1)
    return connection.scalar(wanted) or 0
