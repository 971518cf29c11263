"""Change what a meeting is, or what one's own row of it says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from gateway.crm import bookings, writing
from gateway.services.house import House
from gateway.services.verbs import acting, planning
from gateway.services.verbs.acting import Desk, Done
from mappings.errors import RefusedAct
from mappings.reach import Reach
from mappings.status import IN_CHECKLIST, IN_DIARY, Act

NO_ALARM: Final = -1


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed; None leaves a thing as it is.

    `todo` tells whether it becomes a to-do (True) or an appointment (False). `free`, `priority` (the CRM's number) and
    `alarm` (minutes before the start, NO_ALARM for none) are whoever's row it is; all else is the owner's.
    """

    title: str | None = None
    description: str | None = None
    agenda: str | None = None
    place: str | None = None
    video: str | None = None
    private: str | None = None
    task: int | None = None
    todo: bool | None = None
    free: bool | None = None
    priority: int | None = None
    alarm: int | None = None

    def given(self) -> set[str]:
        """Give the names of what is to be changed."""
        return {f.name for f in fields(self) if getattr(self, f.name) is not None}


OWN: Final = frozenset({"free", "priority", "alarm"})


def change(house: House, login: str, appointment: int, changes: Changes, *, reach: Reach = Reach.ONLY_THIS) -> Done:
    """Let the owner change a meeting, or anybody their own row; nobody is asked again.

    What is the same already is no change. Occurrences of a series share their words: those that are not in reach keep
    theirs. Raises UnknownPerson, NotFound, BadRequest naming the field, and RefusedAct where the life of the row does
    not allow it, or for making a to-do of a meeting with participants.
    """
    wanted = changes.given()
    act = Act.CHANGE if wanted - OWN else Act.ADJUST
    with acting.at(house, login, appointment, act, reach) as desk:
        given = desk.each(act)
        own = desk.each(Act.ADJUST) if wanted & OWN else {}
        changed = _own(desk, own, changes)
        if wanted - OWN:
            changed |= shared(desk, list(given), changes)
        say = desk.led if wanted - OWN else desk.done
        return say(given.get(desk), changed=bool(changed), occurrences=len(changed))


def shared(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    """Change what all rows of meetings have in common; gives the meetings that are another then."""
    return {d for step in _SHARED for d in step(desk, meetings, changes)}


def _own(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    values: dict[str, Any] = {}
    if changes.free is not None:
        values["freeBusy"] = int(changes.free)
    if changes.priority is not None:
        values["priority_idx"] = planning.number("priority", changes.priority)
    if changes.alarm == NO_ALARM:
        values |= {"hasAlarm": 0, "alarm": 0}
    elif changes.alarm is not None:
        values |= {"hasAlarm": 1, "alarm": planning.minutes("alarm", changes.alarm)}
    return _write(desk, dict.fromkeys(meetings, values), only_own=True)


def _columns(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    values: dict[str, Any] = {}
    if changes.place is not None:
        values["location"] = planning.within("place", changes.place.strip(), planning.PLACE)
    if changes.video is not None:
        values["join_videomeet_url"] = planning.within("video", changes.video.strip(), planning.LINK)
    if changes.task is not None:
        values["task_idx"] = planning.number("task", changes.task)
    return _write(desk, dict.fromkeys(meetings, values))


def _write(desk: Desk, wanted: Mapping[Desk, Mapping[str, Any]], *, only_own: bool = False) -> set[Desk]:
    """Write what differs into the actor's own rows, or into every row of the meetings that still follows them."""
    about = {d: d.row if only_own else d.lead for d, values in wanted.items() if values}
    standing = writing.standing(desk.connection, [row.row for row in about.values()])
    changed: set[Desk] = set()
    written: dict[int, dict[str, Any]] = {}
    for d, row in about.items():
        values = {name: value for name, value in wanted[d].items() if standing[row.row][name] != value}
        if values:
            changed.add(d)
            written |= {r.row: values for r in ([row] if only_own else [row, *d.following])}
    writing.rewrite(desk.connection, written, desk.author)
    return changed


def _kind(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    if changes.todo is None:
        return set()
    type_ = IN_CHECKLIST if changes.todo else IN_DIARY
    others = [d for d in meetings if d.lead.type != type_]
    alone = [d for d in others if not d.following]
    if others and not alone:
        raise RefusedAct(Act.CHANGE, "a meeting with participants stays what it is")
    writing.change(desk.connection, [d.lead for d in alone], {"type": type_}, desk.author)
    return set(alone)


def _privacy(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    if changes.private is None:
        return set()
    private = planning.privacy(changes.private)
    others = [d for d in meetings if d.lead.private != private]
    rows = [row for d in others for row in (d.lead, *d.daughters)]
    if rows:
        writing.show(desk.connection, rows, private, desk.author)
    return set(others)


def _words(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    if changes.title is None and changes.description is None:
        return set()

    def reworded(words: str) -> str:
        title, _, description = words.replace("\r\n", "\n").partition("\n")
        title = title if changes.title is None else changes.title
        description = description if changes.description is None else changes.description
        return planning.words(title, description)

    return _text(desk, "text_id", {d: d.lead.text for d in meetings}, reworded)


def _agenda(desk: Desk, meetings: Collection[Desk], changes: Changes) -> set[Desk]:
    if changes.agenda is None:
        return set()
    words = planning.within("agenda", changes.agenda.strip(), planning.TEXT)
    return _text(desk, "agenda_text_id", {d: d.lead.agenda for d in meetings}, lambda _: words)


def _text(desk: Desk, column: str, texts: Mapping[Desk, int], reworded: Callable[[str], str]) -> set[Desk]:
    """Change texts that the rows of meetings share, or give them one where they have none.

    A text that somebody shows beside the meetings in reach stays as it is: those in reach get one of their own.
    """
    standing = writing.words_of(desk.connection, texts.values())
    words = {text: reworded(standing.get(text, "")) for text in dict.fromkeys(texts.values())}
    others = {text for text, says in words.items() if says != standing.get(text, "")}
    mine = {row.row for d in texts for row in (d.lead, *d.daughters)}
    shown = bookings.showing(desk.connection, others)
    apart = {text for text in others if not text or shown[text] - mine}
    writing.reword(desk.connection, {text: words[text] for text in others - apart}, desk.author)
    new: dict[Desk, dict[str, Any]] = {}
    for text in sorted(apart):
        some = [d for d, its in texts.items() if its == text]
        number = writing.add_text(desk.connection, words[text], some[0].lead.row, desk.author)
        new |= {d: {column: number} for d in some}
    _write(desk, new)
    return {d for d, text in texts.items() if text in others}


Step = Callable[[Desk, Collection[Desk], Changes], set[Desk]]
_SHARED: Final[tuple[Step, ...]] = (_columns, _kind, _privacy, _words, _agenda)
