"""Writing appointments and what hangs on them: visibility, texts, addresses of who is known by nothing else.

Sources: the CRM's create-invitation how-to (one `visiblefor` for each row, one `text` for all, owned by the mother);
its `visiblefor` and `text` table pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from gateway.chunks import chunks
from gateway.crm import bookings, journal
from gateway.crm import tables as t
from gateway.crm.bookings import Booking
from gateway.crm.journal import Author
from mappings.status import ASSIGNMENT_DECLINED, BOOKING_DECLINED, BOOKING_DELETED, COMPLETED, Written

APPOINTMENTS: Final = 9  # the number of the appointment table
TEXT: Final = 4  # the type of an appointment's text (CRM: TextType)
_DECLINED: Final = (BOOKING_DECLINED, ASSIGNMENT_DECLINED)
PUBLIC, PRIVATE, GROUP = 0, 1, 2  # CRM: AppointmentPrivate

_a, _v, _x, _e = t.appointment.c, t.visiblefor.c, t.text.c, t.email.c


def takes_part(connection: Connection, mother: int, associate: int) -> bool:
    """Tell whether an associate has a row of a meeting."""
    mine = select(func.count()).where(_a.mother_id == mother, _a.associate_id == associate)
    return bool(connection.scalar(mine))


def repeats_for(connection: Connection, rule: int, associate: int, row: int) -> bool:
    """Tell whether an associate has another row of a series that was not cancelled."""
    mine = (_a.recurrenceRuleId == rule) & (_a.associate_id == associate) & (_a.appointment_id != row)
    others = select(func.count()).select_from(t.appointment).where(mine, _a.status != BOOKING_DELETED)
    return bool(connection.scalar(others))


def add(connection: Connection, rows: Sequence[Mapping[str, Any]], by: Author) -> list[int]:
    """Insert appointment rows, each with its visibility, and give their ids in order.

    `private` of a row says who may see it; a row's own associate or group is meant.
    """
    numbers = journal.add(connection, t.appointment, rows, by)
    seen = [_seen_by(number, row) for number, row in zip(numbers, rows, strict=True)]
    journal.add(connection, t.visiblefor, seen, by)
    return numbers


def _seen_by(number: int, row: Mapping[str, Any]) -> dict[str, int]:
    private = row.get("private", PUBLIC)
    return {
        "tableId": APPOINTMENTS,
        "recordId": number,
        "appointmentId": number,
        "forAll": int(private == PUBLIC),
        "forGroupId": row.get("group_idx", 0) if private == GROUP else 0,
        "forAssocId": row.get("associate_id", 0) if private == PRIVATE else 0,
    }


def show(connection: Connection, rows: Iterable[Booking], private: int, by: Author) -> None:
    """Set who may see rows, in `visiblefor` and in the older column; a row without `visiblefor` gets one."""
    wanted = {r.row: _seen_by(r.row, _holder(r) | {"private": private}) for r in rows}
    standing: dict[int, int] = {}
    for some in chunks(wanted):
        records = select(_v.VisibleFor_id, _v.recordId).where(_v.tableId == APPOINTMENTS, _v.recordId.in_(some))
        standing.update(connection.execute(records).all())
    changed = {number: wanted[record] for number, record in standing.items()}
    journal.change(connection, t.visiblefor, changed, by)
    journal.add(connection, t.visiblefor, [wanted[r] for r in sorted(wanted.keys() - standing.values())], by)
    journal.change(connection, t.appointment, {row: {"private": private} for row in wanted}, by)


def _holder(row: Booking) -> dict[str, int]:
    return {"group_idx": row.group, "associate_id": row.associate}


def settle(
    connection: Connection,
    becomes: Mapping[Booking, Written],
    by: Author,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write what an act leaves of rows: their types and statuses, `more` columns for all that stay; others go.

    A reason for declining stays with a decline alone, and the moment of completion with what is completed.
    """
    values: dict[int, dict[str, Any]] = {}
    for row, written in becomes.items():
        if written.gone:
            continue
        changed: dict[str, Any] = dict(more or {})
        if written.touched:
            changed |= {"type": written.type, "status": written.status}
            if row.status in _DECLINED and written.status not in _DECLINED:
                changed["rejectReason"] = ""
            if row.status == COMPLETED != written.status:
                changed["done"] = 0
        if changed:
            values[row.row] = changed
    journal.change(connection, t.appointment, values, by)
    if more and "associate_id" in more:
        _handed_over(connection, values, more, by)
    remove(connection, [row for row, written in becomes.items() if written.gone], by)


def _handed_over(connection: Connection, rows: Iterable[int], to: Mapping[str, Any], by: Author) -> None:
    """Let what only its holder, or their group, sees be seen by whoever has the row from now on."""
    columns = (_v.VisibleFor_id, _v.forGroupId, _v.forAssocId)
    standing = select(*columns).where(_v.tableId == APPOINTMENTS, _v.recordId.in_(sorted(rows)))
    changed: dict[int, dict[str, int]] = {}
    for number, group, associate in connection.execute(standing):
        holder = {"forAssocId": to["associate_id"]} if associate else {}
        changed[number] = holder | ({"forGroupId": to.get("group_idx", group)} if group else {})
    journal.change(connection, t.visiblefor, {number: seen for number, seen in changed.items() if seen}, by)


def change(connection: Connection, rows: Iterable[Booking], values: Mapping[str, Any], by: Author) -> None:
    """Write the same values into rows."""
    journal.change(connection, t.appointment, {row.row: values for row in rows}, by)


def remove(connection: Connection, rows: Iterable[Booking], by: Author) -> None:
    """Delete appointment rows with what hangs on each: visibility, own addresses, and texts nobody shows any more."""
    some = list(rows)
    numbers = [r.row for r in some]
    journal.remove(connection, t.appointment, numbers, by)
    journal.remove(connection, t.visiblefor, sorted(_ours(connection, numbers)), by)
    journal.remove(connection, t.email, journal.found(connection, t.email, _e.appointment_id, numbers), by)
    texts = sorted({text for r in some for text in (r.text, r.agenda, r.notes) if text})
    shown = bookings.showing(connection, texts)
    journal.remove(connection, t.text, [x for x in texts if x not in shown], by)


def _ours(connection: Connection, numbers: Sequence[int]) -> set[int]:
    """Give the visibility of appointments; a record of the same number may be a sale's."""
    wanted = select(_v.VisibleFor_id).where(_v.tableId == APPOINTMENTS)
    return {v for some in chunks(numbers) for v in connection.scalars(wanted.where(_v.recordId.in_(some)))}


def add_text(connection: Connection, words: str, owner: int, by: Author) -> int:
    """Insert a text of an appointment and give its id; no words, no text."""
    if not words:
        return 0
    return journal.add(connection, t.text, [{"type": TEXT, "owner_id": owner, "text": words}], by)[0]


def words_of(connection: Connection, texts: Iterable[int]) -> dict[int, str]:
    """Give the words of texts, by their numbers; those that there are not have none."""
    found: dict[int, str] = {}
    for some in chunks(texts):
        for number, words in connection.execute(select(_x.text_id, _x.text).where(_x.text_id.in_(some))):
            found[number] = words or ""
    return found


def reword(connection: Connection, texts: Mapping[int, str], by: Author) -> None:
    """Change the words of texts."""
    journal.change(connection, t.text, {text: {"text": words} for text, words in texts.items()}, by)


def add_mailboxes(connection: Connection, mailboxes: Mapping[int, str], by: Author) -> None:
    """Write down the addresses of who is known by nothing else, by their rows (CRM: email.appointment_id)."""
    rows = [{"email_address": mailbox, "appointment_id": row, "rank": 1} for row, mailbox in mailboxes.items()]
    journal.add(connection, t.email, rows, by)


def rewrite(connection: Connection, values: Mapping[int, Mapping[str, Any]], by: Author) -> None:
    """Write columns of appointment rows, of each its own; those that get the same by one statement."""
    journal.change(connection, t.appointment, {row: columns for row, columns in values.items() if columns}, by)


def link(connection: Connection, rows: Iterable[int], values: Mapping[str, int], *, mothers: bool) -> None:
    """Fill in what rows just inserted point at: their texts, and themselves where they are mothers."""
    told: dict[str, Any] = dict(values) | ({"mother_id": _a.appointment_id} if mothers else {})
    for some in chunks(rows) if told else ():
        connection.execute(update(t.appointment).where(_a.appointment_id.in_(some)).values(**told))


def standing(connection: Connection, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Give every column of appointment rows, by their numbers."""
    found: dict[int, dict[str, Any]] = {}
    for some in chunks(rows):
        for values in connection.execute(select(t.appointment).where(_a.appointment_id.in_(some))).mappings():
            found[values["appointment_id"]] = dict(values)
    return found
