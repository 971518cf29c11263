"""A diary in Python: what somebody can do with invitations, and see of them, without HTTP in between.

    from datetime import datetime
    from gateway import open_diary

    with open_diary("ada", "partstat-demo.db") as diary:
        meeting = diary.invite("Cork or crown cap?", datetime(2026, 12, 1, 10), guests=["bo", "Tasting Room"])
        for answer in diary.responses(meeting.appointment).people:
            print(answer.name, answer.partstat)

Every verb is the one of `gateway.services.verbs`, every list the one of `gateway.services.views`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Final, Self

from gateway.diary import clocks, values
from gateway.diary.values import Answer, Answers, Clash, Item, Slot
from gateway.errors import BadRequest, Forbidden, NotFound
from gateway.services import lists, moving_in
from gateway.services.house import House
from gateway.services.verbs import (  # fmt: skip
    accept,
    acknowledge,
    add,
    assign,
    book,
    cancel,
    change,
    complete,
    decline,
    dismiss,
    hand_over,
    invite,
    move,
    note,
    occurrences,
    reapply,
    remove,
    repeat,
    seen,
    tentative,
)
from gateway.services.verbs.acting import Done
from gateway.services.verbs.planning import Plan, When
from gateway.services.views import activities, diary, entries, free_time, invitations, responses
from gateway.services.views.invitations import View
from gateway.services.views.responses import Responses
from gateway.settings import load_settings
from mappings import times
from mappings.ics.drafting import draft
from mappings.reach import Reach

__all__ = ["NO_ALARM", "Answer", "Answers", "Clash", "Diary", "Done", "Item", "Reach", "Slot", "View", "opened"]

NO_ALARM: Final = change.NO_ALARM
ONE: Final = Reach.ONLY_THIS


def opened(login: str, database_url: str | None = None, **settings: Any) -> Diary:
    """Open somebody's diary in the database of the settings, or in the one that is named.

    Raises UnknownPerson, SettingsError, and SchemaOutOfDate where nobody has moved in.
    """
    house = House(load_settings(database_url=database_url, **settings))
    try:
        moving_in.check(house)
        with house.store.reading() as connection:
            entries.associate(connection, login)
    except Exception:
        house.store.close()
        raise
    return Diary(house, login)


class Diary:
    """What one associate does and sees; a context manager that lets go of the database at its end.

    Times are datetimes, naive ones on the CRM's base clock, or dates for whole days. Of a series every verb but a few
    can `reach` other occurrences than the one whose row is named. Every verb gives what became of
    the row, and raises NotFound for a row that the associate has no part in, RefusedAct, saying the rule, where its
    life does not allow the verb, and BadRequest, naming the field, for what cannot be meant.
    """

    def __init__(self, house: House, login: str) -> None:
        self._house = house
        self.login = login

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._house.store.close()

    @property
    def zone(self) -> str:
        """Give the CRM's base time zone."""
        return self._house.settings.timezone

    def occurrence(self, appointment: int, start: date) -> int:
        """Give one's row at another occurrence of a series: the one that begins, or was planned, then, or on that day.

        Of an occurrence to which one is not invited it is the row that leads it.
        """
        wall = clocks.wall("occurrence", start, self.zone)
        day = not isinstance(start, datetime)
        return occurrences.occurrence(self._house, self.login, appointment, wall, day=day)

    # --- what the owner of a meeting does ------------------------------------------------------------------------

    def invite(  # noqa: PLR0913 - what a meeting is made of is a list of names
        self,
        title: str,
        start: date,
        end: date | None = None,
        *,
        guests: Sequence[str] = (),
        minutes: int | None = None,
        description: str = "",
        agenda: str = "",
        place: str | None = None,
        video: str = "",
        private: str = "no",
        free: bool = False,
        todo: bool = False,
        task: str | int = 0,
        priority: str | int = 0,
        alarm: int | None = None,
        company: int = 0,
        person: int = 0,
        mail: bool = True,
        rrule: str = "",
    ) -> Done:
        """Plan a meeting and invite guests: logins, rooms, ``person:42``, addresses or full names.

        Without guests it is an appointment of one's own. `task` and `priority` are names or numbers of the CRM's
        lists; `company` and `person` say whom it is about; without a `place` a room gives its name. `rrule` makes a
        series of it (RFC 5545 3.3.10), of which the first occurrence is given.
        """
        lists.about(self._house, company, person)
        plan = Plan(
            title=title,
            when=clocks.when(self.zone, start, end, minutes, todo=todo),
            guests=tuple(guests),
            description=description,
            agenda=agenda,
            place=place,
            video=video,
            private=private,
            free=free,
            todo=todo,
            task=lists.task(self._house, task),
            priority=lists.priority(self._house, priority),
            alarm=alarm,
            contact=company,
            person=person,
            mail=mail,
            rrule=rrule,
        )
        return invite.invite(self._house, self.login, plan)

    def book(self, data: bytes, *, mail: bool = True) -> list[Done]:
        """Take in an event as a calendar program wrote it (iCalendar), with everybody it names; gives what it became.

        It is more than one where a series is another from some occurrence on. Raises Unreadable, naming the line, too.
        """
        return book.book(self._house, self.login, draft(data, self.zone), mail=mail)

    def repeat(self, appointment: int, rrule: str, *, reach: Reach = Reach.SERIES) -> Done:
        """Make a series of a meeting, or let a series recur by another rule (RFC 5545 3.3.10)."""
        return repeat.repeat(self._house, self.login, appointment, rrule, reach=reach)

    def add(self, appointment: int, guests: Sequence[str], *, mail: bool = True, reach: Reach = ONE) -> Done:
        """Invite more guests; who is invited already stays as they are."""
        return add.add(self._house, self.login, appointment, guests, mail=mail, reach=reach)

    def remove(self, appointment: int, guests: Sequence[str], *, reach: Reach = ONE) -> Done:
        """Uninvite guests, named as for `invite` or by their row, ``row:741``."""
        return remove.remove(self._house, self.login, appointment, guests, reach=reach)

    def move(self, appointment: int, start: date, end: date | None = None, *, reach: Reach = ONE) -> Done:
        """Give a meeting another time, as long as it was where no end is named: everybody is asked again."""
        when = clocks.when(self.zone, start, end, None)
        if end is None:
            when = self._as_long(appointment, when)
        return move.move(self._house, self.login, appointment, when, reach=reach)

    def _as_long(self, appointment: int, when: When) -> When:
        it = self._responses(appointment).meeting
        if it.all_day is not when.all_day:
            return when
        walls = (it.start, it.end) if it.all_day else (times.wall(m, self.zone) for m in (it.begins, it.ends))
        start, end = walls
        return When(when.start, when.start + end - start, all_day=when.all_day)

    def change(  # noqa: PLR0913 - what can be changed is a list of names
        self,
        appointment: int,
        *,
        title: str | None = None,
        description: str | None = None,
        agenda: str | None = None,
        place: str | None = None,
        video: str | None = None,
        private: str | None = None,
        task: str | int | None = None,
        todo: bool | None = None,
        free: bool | None = None,
        priority: str | int | None = None,
        alarm: int | None = None,
        reach: Reach = ONE,
    ) -> Done:
        """Change what a meeting is, or `free`, `priority` and `alarm` (NO_ALARM for none) of one's own row."""
        changes = change.Changes(
            title=title,
            description=description,
            agenda=agenda,
            place=place,
            video=video,
            private=private,
            task=None if task is None else lists.task(self._house, task),
            todo=todo,
            free=free,
            priority=None if priority is None else lists.priority(self._house, priority),
            alarm=alarm,
        )
        return change.change(self._house, self.login, appointment, changes, reach=reach)

    def cancel(self, appointment: int, *, reach: Reach = ONE) -> Done:
        """Call a meeting off, or delete an appointment of one's own; Reach.STOP leaves this one of a series."""
        return cancel.cancel(self._house, self.login, appointment, reach=reach)

    def hand_over(self, appointment: int, to: str, *, stay: bool = False) -> Done:
        """Make another associate the owner; with `stay` one takes part from then on."""
        return hand_over.hand_over(self._house, self.login, appointment, to, stay=stay)

    def assign(self, appointment: int, to: str) -> Done:
        """Hand a single appointment or to-do over to another associate, who accepts it or gives it back."""
        return assign.assign(self._house, self.login, appointment, to)

    def note(self, appointment: int) -> Done:
        """Take note of a row that was declined: it is not listed again."""
        return note.note(self._house, self.login, appointment)

    # --- what whoever holds a row does -----------------------------------------------------------------------------

    def seen(self, appointment: int, *, reach: Reach = ONE) -> Done:
        """Look at an invitation without answering it."""
        return seen.seen(self._house, self.login, appointment, reach=reach)

    def accept(self, appointment: int, comment: str = "", *, reach: Reach = ONE) -> Done:
        """Accept an invitation, or an assignment."""
        return accept.accept(self._house, self.login, appointment, comment, reach=reach)

    def dismiss(self, appointment: int, *, silently: bool = False, reach: Reach = ONE) -> Done:
        """Delete a meeting from one's calendar: a decline, or (`silently`) no answer at all."""
        return dismiss.dismiss(self._house, self.login, appointment, silently=silently, reach=reach)

    def reapply(self, appointment: int) -> Done:
        """Answer once more what was written over unread."""
        return reapply.reapply(self._house, appointment, self.login)

    def decline(self, appointment: int, reason: str = "", *, reach: Reach = ONE) -> Done:
        """Decline an invitation, also one that was accepted, or an assignment."""
        return decline.decline(self._house, self.login, appointment, reason, reach=reach)

    def tentative(self, appointment: int, comment: str = "", *, reach: Reach = ONE) -> Done:
        """Answer with *perhaps*."""
        return tentative.tentative(self._house, self.login, appointment, comment, reach=reach)

    def acknowledge(self, appointment: int, *, reach: Reach = ONE) -> Done:
        """Take note of a cancellation: the row that told of it goes."""
        return acknowledge.acknowledge(self._house, self.login, appointment, reach=reach)

    def complete(self, appointment: int) -> Done:
        """Say that one's own row is done."""
        return complete.complete(self._house, self.login, appointment)

    def reopen(self, appointment: int) -> Done:
        """Say that it is not done after all."""
        return complete.reopen(self._house, self.login, appointment)

    # --- what one sees ---------------------------------------------------------------------------------------------

    def invitations(self, view: View | str = View.PENDING) -> list[Item]:
        """List what waits for an answer, or another of the lists around invitations."""
        if view not in list(View):
            raise BadRequest("view", f"is one of {', '.join(View)}")
        return [values.item(it) for it in invitations.invitations(self._house, self.login, View(view))]

    def responses(self, appointment: int) -> Answers:
        """Give a meeting, named by any of its rows, and what everybody answered."""
        return values.answers(self._responses(appointment), self.zone)

    def _responses(self, appointment: int) -> Responses:
        try:
            return responses.responses(self._house, appointment, self.login)
        except NotFound as error:
            raise NotFound(f"There is no appointment {appointment} that {self.login} may see.") from error

    def entries(self, start: date, end: date, *, of: str = "", todos: bool = False) -> list[Item]:
        """Give what stands in one's own diary, or in the one `of` a colleague, between two moments."""
        span = self._span(start, end)
        found = diary.diary(self._house, of or self.login, *span, viewer=self.login, todos=todos)
        return [values.item(it) for it in found]

    def activities(self, start: date, end: date, *, company: int = 0, person: int = 0) -> list[Item]:
        """Give what a company or a person is involved in between two moments."""
        begins, ends = self._span(start, end)
        found = activities.activities(
            self._house, start=begins, end=ends, contact=company, person=person, viewer=self.login
        )
        return [values.item(it) for it in found]

    def free(self, logins: Collection[str], start: date, end: date, minutes: int, *, count: int = 1) -> list[Slot]:
        """Give the first times within office hours in which nobody of these is busy."""
        found = free_time.next_free(self._house, logins, *self._span(start, end), minutes, count=count)
        return [values.slot(span, self.zone) for span in found]

    def conflicts(self, appointment: int) -> list[Clash]:
        """Give what else stands in the diaries of a meeting's participants at its time, to its owner."""
        owner = self._responses(appointment).meeting.owner_login
        if owner.casefold() != self.login.casefold():
            raise Forbidden("Only the owner of a meeting sees what its participants are busy with.")
        return [values.clash(c) for c in free_time.conflicts(self._house, appointment)]

    def _span(self, start: date, end: date) -> tuple[int, int]:
        return clocks.instant("start", start, self.zone), clocks.instant("end", end, self.zone)
