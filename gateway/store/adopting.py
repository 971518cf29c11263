"""Which calendar is adopted next, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from gateway.store.tables import calendar

_k = calendar.c
BEGINNING = (-(2**62), 0)


@dataclass(frozen=True, slots=True)
class Unadopted:
    """A calendar on its way: `cursor_date` and `cursor_id` are the last row published, in that order."""

    calendar_id: int
    associate_id: int
    name: str
    cursor_date: int
    cursor_id: int


def next_in_line(connection: Connection) -> Unadopted | None:
    """Give the calendar to adopt next: who asked first goes first, then by number."""
    columns = (_k.calendar_id, _k.associate_id, _k.name, _k.cursor_date, _k.cursor_id)
    order = (_k.wanted_at.is_(None), _k.wanted_at, _k.calendar_id)
    found = connection.execute(select(*columns).where(_k.adopted.is_(False)).order_by(*order).limit(1)).first()
    return Unadopted(*found) if found else None


def advance(connection: Connection, it: Unadopted, place: tuple[int, int], *, finished: bool) -> None:
    """Write down how far a calendar has come."""
    values = {"cursor_date": place[0], "cursor_id": place[1], "adopted": finished}
    connection.execute(update(calendar).where(_k.calendar_id == it.calendar_id).values(**values))


def unfinished(connection: Connection) -> set[int]:
    """Give the calendars that are not adopted yet."""
    return set(connection.scalars(select(_k.calendar_id).where(_k.adopted.is_(False))))


def left(connection: Connection) -> int:
    """Count the calendars that are not adopted yet."""
    return connection.scalar(select(func.count()).where(_k.adopted.is_(False))) or 0


def begin_again(connection: Connection) -> None:
    """Let every calendar be adopted anew, from the beginning."""
    date, row = BEGINNING
    connection.execute(update(calendar).values(adopted=False, cursor_date=date, cursor_id=row, wanted_at=None))
