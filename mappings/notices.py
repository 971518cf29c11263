"""What the outside is owed: from what it was last told and what is so now (RFC 5546 2.1.4, 3.2.2, 3.2.5).

People are compared by their row, never by address, and never by what anybody answered: a corrected address or another
guest's answer announces nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mappings.model import Announced, Event, Instance, Notice, Participant, Person

REQUEST = "REQUEST"
CANCEL = "CANCEL"


def significant(before: Sequence[Instance], now: Sequence[Instance]) -> bool:
    """Tell whether SEQUENCE rises: other times, recurrence or owner, an occurrence or a participant removed."""
    if not before:
        return False
    if [_when(i) for i in before] != [_when(i) for i in now]:
        return True
    if [i.organizer is None for i in before] != [i.organizer is None for i in now]:
        return True
    return _owner(before) != _owner(now) or not _rows(before) <= _rows(now)


def plan(told: Announced | None, now: Event | None) -> tuple[Notice, ...]:
    """Give the notices that lead from `told` to `now`, in the order of the rows; `plan(x, x)` is empty.

    `now` is None when nothing is left of the event. Who was told and is gone gets CANCEL with what they were told
    last; who is new, or sees something else than before, gets REQUEST.
    """
    known = dict(_mailed(told.event.instances if told else (), told.told if told else ()))
    present = dict(_mailed(now.instances if now else ()))
    listed = _rows(now.instances if now else ())
    notices = [_cancel(told.event, row, known[row], now) for row in known if told and row not in listed]
    for row, person in present.items():
        seen = _seen_by(row, now.instances) if now else ()
        if now and (row not in known or not told or _plain(seen) != _plain(_seen_by(row, told.event.instances))):
            notices.append(_notice(REQUEST, person, now, seen, now.header.sequence))
    return tuple(sorted(notices, key=lambda n: n.row))


def announced(told: Announced | None, now: Event | None) -> Announced | None:
    """Give what has been told once the plan is carried out; None when nobody outside knows of the event."""
    if now is None:
        return None
    rows = dict(_mailed(now.instances))
    still = set(told.told) & _rows(now.instances) if told else set()
    everyone = tuple(sorted(still | set(rows)))
    return Announced(now, everyone) if everyone else None


def _mailed(instances: Iterable[Instance], also: Iterable[int] = ()) -> Iterable[tuple[int, Participant]]:
    keep = set(also)
    for it in instances:
        for p in it.participants:
            if p.mailed or p.row in keep:
                yield p.row, p


def _rows(instances: Iterable[Instance]) -> set[int]:
    return {p.row for i in instances for p in i.participants}


def _owner(instances: Sequence[Instance]) -> list[int]:
    return [i.participants[0].row if i.organizer and i.participants else 0 for i in instances]


def _when(it: Instance) -> tuple[object, ...]:
    return (it.key, it.start, it.end, it.zone, it.all_day, it.rdates, it.exdates)


def _seen_by(row: int, instances: Sequence[Instance]) -> tuple[Instance, ...]:
    mine = tuple(i for i in instances if any(p.row == row for p in i.participants))
    return mine or tuple(instances)


def _plain(instances: Sequence[Instance]) -> list[Instance]:
    return [replace(i, participants=(), organizer=None, created=0) for i in instances]


def _cancel(told: Event, row: int, person: Participant, now: Event | None) -> Notice:
    sequence = max(told.header.sequence + 1, now.header.sequence if now else 0)
    gone = tuple(replace(i, status="CANCELLED") for i in _seen_by(row, told.instances))
    return _notice(CANCEL, person, told, gone, sequence)


def _notice(method: str, p: Participant, event: Event, seen: Sequence[Instance], sequence: int) -> Notice:
    return Notice(method, p.row, Person(p.name, p.address), event.header.uid, sequence, tuple(seen))
