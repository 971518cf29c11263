"""What the outside is owed: from what it was last told and what is so now (RFC 5546 2.1.4, 3.2.2, 3.2.5).

A person is a row and whose it is: another associate in the same row is one person gone and another invited. Nobody is
compared by address, unless an address is all there is of them, and never by what anybody answered: a corrected address
or another guest's answer announces nothing. In a series each occurrence has rows of its own, and an answer to one of
them makes an override come or go: there, occurrences are compared as they are shown, by whichever instance shows them,
and rows of one associate or one address are one person. Of what another calendar owns, nothing is ours to announce.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from mappings.model import Announced, Event, Instance, Notice, Participant, Person
from mappings.recurrence.expanding import endless
from mappings.recurrence.occurring import starts
from mappings.times import LATEST

REQUEST = "REQUEST"
CANCEL = "CANCEL"
REPLY = "REPLY"
DECLINECOUNTER = "DECLINECOUNTER"

APART: Final = 4  # occurrences that are told one by one; of more the whole series is told anew

Id = tuple[int, int] | str  # (row, associate), or the address of somebody who has no row here
# What a single occurrence has not: it is told by itself.
_ALONE: Final[dict[str, Any]] = {
    "key": 0, "key_zone": "", "key_all_day": False, "rrule": "", "rdates": (), "exdates": (), "related": "",
}  # fmt: skip
Who = Mapping[Id, Id]  # everybody, under each of their rows -> the person, who is known by one of them


def significant(before: Sequence[Instance], now: Sequence[Instance]) -> bool:
    """Tell whether SEQUENCE rises: other times, recurrence or owner, an occurrence or a participant removed.

    And so it does where an event becomes a to-do, or a to-do an event.
    """
    if not before:
        return False
    both = _Both(before, now)
    was, present = both.was, both.present
    if {k: o.when for k, o in was.items()} != {k: o.when for k, o in present.items()}:
        return True
    return any(o.owner != present[k].owner or not o.people <= present[k].people for k, o in was.items())


def plan(told: Announced | None, now: Event | None) -> tuple[Notice, ...]:
    """Give the notices that lead from `told` to `now`: CANCELs first, else by row; `plan(x, x)` is empty.

    `now` is None when nothing is left of the event. Who was told and is gone gets CANCEL with what they were told
    last, and who was taken out of single occurrences CANCEL for those; who is new, or sees something else than before,
    gets REQUEST; where a series is another in few occurrences alone, one for each of these.
    """
    if now and _elsewhere(now.instances):
        return ()
    both = _Both(told.event.instances if told else (), now.instances if now else ())
    known = _mailed(both.before, both.who, told.told if told else ())
    mailed = _mailed(both.after, both.who)
    notices: list[Notice] = []
    for person in {**known, **mailed}:
        out = both.taken_out(person)
        asked = person in mailed and (person not in known or both.sees_else(person, out))
        if told and person in known and out and not (asked and both.in_series(person)):
            notices.append(_cancel(known[person], told.event, both.last_seen(person, out), now))
        if now and asked:
            apart = both.apart(person, out) if person in known else ()
            seen = [[one] for one in apart] or [_seen_by(person, both.after, both.who)]
            notices += [_notice(REQUEST, mailed[person], now, some, now.header.sequence) for some in seen]
    # Cancellations first: who has another row and another address now must not lose what they are asked to.
    return tuple(sorted(notices, key=lambda n: (n.method != CANCEL, n.row)))


def once_more(told: Announced, row: int, method: str) -> Notice | None:
    """Give a message to one person of what they were last told; None where they were told nothing."""
    event = told.event
    who = _persons(event.instances, ())
    person = next((who[_id(p)] for i in event.instances for p in i.participants if p.row == row), None)
    known = _mailed(event.instances, who, told.told)
    if person is None or person not in known:
        return None
    return _notice(method, known[person], event, _seen_by(person, event.instances, who), event.header.sequence)


def announced(told: Announced | None, now: Event | None) -> Announced | None:
    """Give what has been told once the plan is carried out; None when nobody outside knows of the event from us."""
    if now is None or _elsewhere(now.instances):
        return None
    everyone = _ids(now.instances)
    before = set(told.told) if told else set()
    still = {p.row for i in (told.event.instances if told else ()) for p in i.participants if _id(p) in everyone}
    rows = {p.row for i in now.instances for p in i.participants if p.mailed}
    known = tuple(sorted((still & before) | rows))
    return Announced(now, known, told.organizer if told else None) if known else None


class _Shown(NamedTuple):
    """One occurrence as it is shown: who takes part, whose it is, when, and what each of them sees of it."""

    people: frozenset[Id]
    owner: Id | None
    when: tuple[object, ...]
    seen: Instance


class _Both:
    """An event as it was and as it is, occurrence by occurrence, and who is who in the two."""

    def __init__(self, before: Sequence[Instance], after: Sequence[Instance]) -> None:
        self.before, self.after = before, after
        self.who = _persons(before, after)
        last = _reach(before, after)
        self.was = {k: _shown(i, self.who) for k, i in _occurrences(before, last).items()}
        self.present = {k: _shown(i, self.who) for k, i in _occurrences(after, last).items()}

    def in_series(self, person: Id) -> bool:
        """Tell whether a person takes part in the event as a whole, not in single occurrences of it alone."""
        return any(person in _in(i, self.who) for i in self.after if not i.key)

    def taken_out(self, person: Id) -> list[int]:
        """Give the occurrences of which a person has to be told that they are none of theirs any more.

        Where the recurrence itself is another, the series says so to those who have it.
        """
        mine, now, series = _view(person, self.was), _view(person, self.present), self.in_series(person)
        return [k for k in mine if k not in now and (k in self.present or not series)]

    def sees_else(self, person: Id, out: Collection[int]) -> bool:
        """Tell whether a person sees anything else than before, leaving aside what they were taken out of."""
        mine = {k: v for k, v in _view(person, self.was).items() if k not in out}
        return mine != _view(person, self.present)

    def apart(self, person: Id, out: Collection[int]) -> list[Instance]:
        """Give the few occurrences in which alone a series is another, each to be told by itself; none where it is not.

        Mail programs follow a single occurrence in a message of its own better than one beside its series.
        """
        before, after = (_frame(person, some, self.who) for some in (self.before, self.after))
        mine, now = _view(person, self.was), _view(person, self.present)
        if before is None or before != after or not mine.keys() - set(out) <= now.keys():
            return []
        changed = [k for k, seen in now.items() if mine.get(k) != seen]
        return [_by_itself(self.after, k) for k in changed] if len(changed) <= APART else []

    def last_seen(self, person: Id, out: Iterable[int]) -> list[Instance]:
        """Give what a person is taken out of as they knew it: all of it, or the occurrences `out` by themselves."""
        if any(person in o.people for o in self.present.values()):
            return [_by_itself(self.before, key) for key in out]
        return _seen_by(person, self.before, self.who)


def _elsewhere(instances: Iterable[Instance]) -> bool:
    return any(i.owned_externally for i in instances)


def _id(p: Participant) -> Id:
    return (p.row, p.associate) if p.row else p.address


def _persons(before: Sequence[Instance], now: Sequence[Instance]) -> Who:
    """Give who everybody is: in a series all rows that share an associate or an address, then or now, are one."""
    everybody = [p for it in (*before, *now) for p in it.participants]
    leader: dict[Id, Id] = {_id(p): _id(p) for p in everybody}
    if not (_series(before) or _series(now)):
        return leader

    def person(one: Id) -> Id:
        while leader[one] != one:
            one = leader[one]
        return one

    first: dict[str, Id] = {}
    for p in everybody:
        name = f"associate {p.associate}" if p.associate else p.address
        leader[person(_id(p))] = person(first.setdefault(name, _id(p)))
    return {one: person(one) for one in leader}


def _series(instances: Sequence[Instance]) -> bool:
    return any(i.key or i.rdates or i.rrule for i in instances)


def _occurrences(instances: Sequence[Instance], last: int = LATEST) -> dict[int, Instance]:
    """Give each occurrence as it is shown, whichever instance shows it; the master stands before its overrides.

    Of a series without an end those that are planned until `last`.
    """
    if not _series(instances):
        return {i.key: i for i in instances}
    found: dict[int, Instance] = {}
    for it in instances:
        for start in (it.start,) if it.key else starts(it, last):
            one = replace(it, **_ALONE, start=start, end=start + it.end - it.start)
            found[it.key or start] = one
    return found


def _reach(before: Sequence[Instance], now: Sequence[Instance]) -> int:
    """Give until when two series are compared: one without an end is only looked at so far, and the other no further.

    Where neither recurs differently it does not matter how far.
    """
    ends = [starts(i)[-1:] for some in (before, now) for i in some if not i.key and i.rrule and endless(i.rrule)]
    return min((wall for some in ends for wall in some), default=LATEST)


def _by_itself(instances: Sequence[Instance], key: int) -> Instance:
    """Give one occurrence as an override, which is how a message speaks of it alone (RFC 5545 3.8.4.4)."""
    override = next((i for i in instances if i.key and i.key == key), None)
    if override is not None:
        return override
    master = next(i for i in instances if not i.key)
    return replace(_occurrences([master])[key], key=key, key_zone=master.zone, key_all_day=master.all_day)


def _mailed(instances: Iterable[Instance], who: Who, also: Iterable[int] = ()) -> dict[Id, Participant]:
    keep = set(also)
    found: dict[Id, Participant] = {}
    for it in instances:
        for p in it.participants:
            if p.mailed or p.row in keep:
                found.setdefault(who[_id(p)], p)
    return found


def _ids(instances: Iterable[Instance]) -> set[Id]:
    return {_id(p) for i in instances for p in i.participants}


def _in(it: Instance, who: Who) -> set[Id]:
    return {who[_id(p)] for p in it.participants}


def _shown(it: Instance, who: Who) -> _Shown:
    seen = replace(it, participants=(), organizer=None, created=0, related="")
    return _Shown(
        frozenset(_in(it, who)), _owner(it, who), (it.start, it.end, it.zone, it.all_day, it.exdates, it.todo), seen
    )


def _owner(it: Instance, who: Who) -> Id | None:
    """Give whose an occurrence is: the person who leads it here, or the address of an organizer elsewhere."""
    if it.organizer is None:
        return None
    if it.owned_externally:
        return it.organizer.address
    return who[_id(it.participants[0])] if it.participants else None


def _view(person: Id, occurrences: Mapping[int, _Shown]) -> dict[int, tuple[Id | None, Instance]]:
    """Give what a person sees of an event: the occurrences they take part in, and whose those are."""
    return {k: (o.owner, o.seen) for k, o in occurrences.items() if person in o.people}


def _seen_by(person: Id, instances: Sequence[Instance], who: Who) -> list[Instance]:
    """Give the instances that a person takes part in; a series is sent without the occurrences that are not theirs."""
    mine = [i for i in instances if person in _in(i, who)]
    others = {i.key for i in instances if i.key} - {i.key for i in mine}
    return [i if i.key or not others else replace(i, exdates=tuple(sorted(others | set(i.exdates)))) for i in mine]


def _frame(person: Id, instances: Sequence[Instance], who: Who) -> Instance | None:
    """Give the series as a person is told of it, whoever takes part; None where they have no series."""
    master = next((i for i in _seen_by(person, instances, who) if not i.key), None)
    if master is None or not _series([master]):
        return None
    return replace(master, participants=(), organizer=None, created=0, related="")


def _cancel(person: Participant, told: Event, gone: Iterable[Instance], now: Event | None) -> Notice:
    sequence = max(told.header.sequence + 1, now.header.sequence if now else 0)
    return _notice(CANCEL, person, told, [replace(i, status="CANCELLED") for i in gone], sequence)


def _notice(method: str, p: Participant, event: Event, seen: Sequence[Instance], sequence: int) -> Notice:
    return Notice(method, p.row, Person(p.name, p.address), event.header.uid, sequence, tuple(seen))
