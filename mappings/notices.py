"""What the outside is owed: from what it was last told and what is so now (RFC 5546 2.1.4, 3.2.2, 3.2.5).

People are compared by their row, never by address, and never by what anybody answered: a corrected address or another
guest's answer announces nothing. In a series each occurrence has rows of its own, and an answer to one of them makes an
override come or go: there, occurrences are compared as they are shown, by whichever instance shows them, and rows of
one associate or one address are one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mappings.model import Announced, Event, Instance, Notice, Participant, Person

REQUEST = "REQUEST"
CANCEL = "CANCEL"

Who = Mapping[int, int]  # rows -> the person, who is known by one of them


def significant(before: Sequence[Instance], now: Sequence[Instance]) -> bool:
    """Tell whether SEQUENCE rises: other times, recurrence or owner, an occurrence or a participant removed.

    And so it does where an event becomes a to-do, or a to-do an event.
    """
    if not before:
        return False
    who = _persons(before, now)
    was, present = _occurrences(before), _occurrences(now)
    if {k: _when(i) for k, i in was.items()} != {k: _when(i) for k, i in present.items()}:
        return True
    return any(
        _owner(i, who) != _owner(present[k], who) or not _in(i, who) <= _in(present[k], who) for k, i in was.items()
    )


def plan(told: Announced | None, now: Event | None) -> tuple[Notice, ...]:
    """Give the notices that lead from `told` to `now`, in the order of the rows; `plan(x, x)` is empty.

    `now` is None when nothing is left of the event. Who was told and is gone gets CANCEL with what they were told
    last; who is new, or sees something else than before, gets REQUEST.
    """
    before, after = told.event.instances if told else (), now.instances if now else ()
    who = _persons(before, after)
    known = _mailed(before, who, told.told if told else ())
    listed = {who[row] for row in _rows(after)}
    notices = [_cancel(told.event, known[p], who, now) for p in known if told and p not in listed]
    was, present = _occurrences(before), _occurrences(after)
    for person, participant in _mailed(after, who).items():
        if now and (person not in known or _view(person, was, who) != _view(person, present, who)):
            seen = _seen_by(person, after, who)
            notices.append(_notice(REQUEST, participant, now, seen, now.header.sequence))
    return tuple(sorted(notices, key=lambda n: n.row))


def announced(told: Announced | None, now: Event | None) -> Announced | None:
    """Give what has been told once the plan is carried out; None when nobody outside knows of the event."""
    if now is None:
        return None
    rows = {p.row for i in now.instances for p in i.participants if p.mailed}
    still = set(told.told) & _rows(now.instances) if told else set()
    everyone = tuple(sorted(still | rows))
    return Announced(now, everyone) if everyone else None


def _persons(before: Sequence[Instance], now: Sequence[Instance]) -> Who:
    """Give the person of each row: in a series all rows that share an associate or an address, then or now."""
    leader = {p.row: p.row for it in (*before, *now) for p in it.participants}
    if not (_series(before) or _series(now)):
        return leader

    def person(row: int) -> int:
        while leader[row] != row:
            row = leader[row]
        return row

    first: dict[str, int] = {}
    for p in (p for it in (*before, *now) for p in it.participants):
        name = f"associate {p.associate}" if p.associate else p.address
        leader[person(p.row)] = person(first.setdefault(name, p.row))
    return {row: person(row) for row in leader}


def _series(instances: Sequence[Instance]) -> bool:
    return any(i.key or i.rdates for i in instances)


def _occurrences(instances: Sequence[Instance]) -> dict[int, Instance]:
    """Give each occurrence as it is shown; the master stands before its overrides."""
    if not _series(instances):
        return {i.key: i for i in instances}
    found: dict[int, Instance] = {}
    for it in instances:
        starts = (it.start,) if it.key else (it.start, *(w for w in it.rdates if w not in it.exdates))
        for start in starts:
            one = replace(it, key=0, start=start, end=start + it.end - it.start, rdates=(), exdates=())
            found[it.key or start] = one
    return found


def _mailed(instances: Iterable[Instance], who: Who, also: Iterable[int] = ()) -> dict[int, Participant]:
    keep = set(also)
    found: dict[int, Participant] = {}
    for it in instances:
        for p in it.participants:
            if p.mailed or p.row in keep:
                found.setdefault(who[p.row], p)
    return found


def _rows(instances: Iterable[Instance]) -> set[int]:
    return {p.row for i in instances for p in i.participants}


def _in(it: Instance, who: Who) -> set[int]:
    return {who[p.row] for p in it.participants}


def _owner(it: Instance, who: Who) -> int | None:
    return who[it.participants[0].row] if it.organizer and it.participants else None


def _when(it: Instance) -> tuple[object, ...]:
    return (it.start, it.end, it.zone, it.all_day, it.exdates, it.todo)


def _view(person: int, occurrences: Mapping[int, Instance], who: Who) -> dict[int, Instance]:
    mine = {k: i for k, i in occurrences.items() if person in _in(i, who)}
    return {k: replace(i, participants=(), organizer=None, created=0) for k, i in mine.items()}


def _seen_by(person: int, instances: Sequence[Instance], who: Who) -> tuple[Instance, ...]:
    return tuple(i for i in instances if person in _in(i, who))


def _cancel(told: Event, person: Participant, who: Who, now: Event | None) -> Notice:
    sequence = max(told.header.sequence + 1, now.header.sequence if now else 0)
    gone = tuple(replace(i, status="CANCELLED") for i in _seen_by(who[person.row], told.instances, who))
    return _notice(CANCEL, person, told, gone, sequence)


def _notice(method: str, p: Participant, event: Event, seen: Sequence[Instance], sequence: int) -> Notice:
    return Notice(method, p.row, Person(p.name, p.address), event.header.uid, sequence, tuple(seen))
