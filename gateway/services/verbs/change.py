"""Change what a meeting is, or what one's own row of it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from gateway.crm import writing
from gateway.services.house import House
from gateway.services.verbs import acting, planning
from gateway.services.verbs.acting import Desk, Done
from mappings.errors import RefusedAct
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


def change(house: House, login: str, appointment: int, changes: Changes) -> Done:
    """Let the owner change a meeting, or anybody their own row; nobody is asked again.

    What is the same already is no change. Raises UnknownPerson, NotFound, BadRequest naming the field, and RefusedAct
    where the life of the row does not allow it, or for making a to-do of a meeting with participants.
    """
    with acting.at(house, login, appointment) as desk:
        wanted = changes.given()
        written = desk.allow(Act.CHANGE if wanted - OWN else Act.ADJUST)
        if wanted & OWN:
            desk.allow(Act.ADJUST)
        changed = [_own(desk, changes)] if wanted & OWN else []
        if wanted - OWN:
            changed += [step(desk, changes) for step in _SHARED]
        say = desk.led if wanted - OWN else desk.done
        return say(written, changed=any(changed))


def _own(desk: Desk, changes: Changes) -> bool:
    values: dict[str, Any] = {}
    if changes.free is not None:
        values["freeBusy"] = int(changes.free)
    if changes.priority is not None:
        values["priority_idx"] = planning.number("priority", changes.priority)
    if changes.alarm == NO_ALARM:
        values |= {"hasAlarm": 0, "alarm": 0}
    elif changes.alarm is not None:
        values |= {"hasAlarm": 1, "alarm": planning.minutes("alarm", changes.alarm)}
    return _write(desk, values, only_own=True)


def _columns(desk: Desk, changes: Changes) -> bool:
    values: dict[str, Any] = {}
    if changes.place is not None:
        values["location"] = planning.within("place", changes.place.strip(), planning.PLACE)
    if changes.video is not None:
        values["join_videomeet_url"] = planning.within("video", changes.video.strip(), planning.LINK)
    if changes.task is not None:
        values["task_idx"] = planning.number("task", changes.task)
    return _write(desk, values)


def _write(desk: Desk, values: dict[str, Any], *, only_own: bool = False) -> bool:
    """Write what differs into the actor's own row, or into every row of the meeting that still follows it."""
    about = desk.row if only_own else desk.lead
    standing = writing.standing(desk.connection, about.row)
    values = {name: value for name, value in values.items() if standing[name] != value}
    rows = [about] if only_own else [about, *desk.following]
    if values:
        writing.change(desk.connection, rows, values, desk.author)
    return bool(values)


def _kind(desk: Desk, changes: Changes) -> bool:
    type_ = desk.lead.type if changes.todo is None else IN_CHECKLIST if changes.todo else IN_DIARY
    if type_ == desk.lead.type:
        return False
    if desk.following:
        raise RefusedAct(Act.CHANGE, "a meeting with participants stays what it is")
    writing.change(desk.connection, [desk.lead], {"type": type_}, desk.author)
    return True


def _privacy(desk: Desk, changes: Changes) -> bool:
    if changes.private is None or planning.privacy(changes.private) == desk.lead.private:
        return False
    writing.show(desk.connection, [desk.lead, *desk.daughters], planning.privacy(changes.private), desk.author)
    return True


def _words(desk: Desk, changes: Changes) -> bool:
    if changes.title is None and changes.description is None:
        return False
    title, _, description = writing.words_of(desk.connection, desk.lead.text).replace("\r\n", "\n").partition("\n")
    title = title if changes.title is None else changes.title
    description = description if changes.description is None else changes.description
    return _text(desk, "text_id", desk.lead.text, planning.words(title, description))


def _agenda(desk: Desk, changes: Changes) -> bool:
    if changes.agenda is None:
        return False
    words = planning.within("agenda", changes.agenda.strip(), planning.TEXT)
    return _text(desk, "agenda_text_id", desk.lead.agenda, words)


def _text(desk: Desk, column: str, text: int, words: str) -> bool:
    """Change a text that all rows of the meeting share, or give them one where they have none."""
    if writing.words_of(desk.connection, text) == words:
        return False
    if text:
        writing.reword(desk.connection, text, words, desk.author)
        return True
    return _write(desk, {column: writing.add_text(desk.connection, words, desk.lead.row, desk.author)})


_SHARED: Final[tuple[Callable[[Desk, Changes], bool], ...]] = (_columns, _kind, _privacy, _words, _agenda)
