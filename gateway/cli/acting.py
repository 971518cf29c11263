"""The words that act: one for each verb, each saying what the row is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final

import click

from gateway.cli import viewing
from gateway.cli.asking import (  # fmt: skip
    FORWARD_OR_ALL,
    NUMBER_OR_NONE,
    WHEN,
    Meant,
    acting_as,
    appointment,
    day_after,
    of_series,
    when,
)
from gateway.cli.group import as_json, here, words
from gateway.cli.printing import plain, say
from gateway.diary import NO_ALARM, Diary
from gateway.errors import BadRequest
from gateway.services import moving_in
from gateway.services.house import House
from gateway.services.verbs import reapply as reapplying
from gateway.services.verbs.acting import Done
from gateway.services.verbs.planning import PRIVATE
from mappings.entry import status_name
from mappings.ics.lines import MAX_BYTES
from mappings.reach import Reach

PRIVACY: Final = click.Choice(list(PRIVATE))


def _diary(login: str) -> tuple[House, Diary]:
    house = here()
    moving_in.check(house)  # under another base zone every time would be written wrong
    return house, Diary(house, login)


def _say(done: Done, what: str, *, as_json: bool, **more: Any) -> None:
    name = status_name(done.status)
    said = f"{what}, and gone" if done.gone else f"{what} ({done.status} {name})"
    if done.occurrences > 1:
        said += f", {done.occurrences} occurrences"
    if not done.changed:
        said = f"no change ({done.status} {name})"
    values = {"appointment": done.appointment, "changed": done.changed, "type": done.type, "status": done.status}
    values["occurrences"] = done.occurrences
    say(f"{done.appointment}  {said}", as_json=as_json, **values, status_name=name, gone=done.gone, **more)


# --- inviting -----------------------------------------------------------------------------------------------------


@words.command(epilog=WHEN)
@acting_as
@click.option("--title", required=True, help="What it is about, in one line.")
@click.option("--start", required=True, metavar="WHEN", help="When it begins; a day alone means the whole day.")
@click.option("--end", metavar="WHEN", help="When it ends; of whole days, the last one. Else it takes an hour.")
@click.option("--minutes", type=int, metavar="N", help="How long it takes, instead of --end.")
@click.option("--all-day", is_flag=True, help="Whole days; said by --start with a day alone too.")
@click.option("--with", "guests", multiple=True, metavar="WHO",
              help="A login, a room, person:42, an address or a full name; more than once.")  # fmt: skip
@click.option("--place", help="Where; else a room gives its name.")
@click.option("--description", default="", help="What else there is to say.")
@click.option("--agenda", default="", help="The agenda.")
@click.option("--video", default="", metavar="URL", help="Where to join from afar.")
@click.option(
    "--private", type=PRIVACY, default="no", show_default=True, help="Who may read it: everybody, me, my group."
)
@click.option("--free", is_flag=True, help="It does not block time.")
@click.option("--todo", is_flag=True, help="A to-do; --start is its deadline.")
@click.option("--task", default="", metavar="NAME|ID", help="What kind of meeting, from the CRM's list.")
@click.option("--priority", default="", metavar="NAME|ID", help="How urgent, from the CRM's list.")
@click.option("--alarm", type=int, metavar="MIN", help="Minutes before the start, for the owner.")
@click.option("--company", type=NUMBER_OR_NONE, default=0, help="The company it is about, by the CRM's number.")
@click.option("--person", type=NUMBER_OR_NONE, default=0, help="The person it is about, by the CRM's number.")
@click.option("--rrule", default="", metavar="RULE", help="How it recurs, as in FREQ=WEEKLY;COUNT=10 (RFC 5545).")
@click.option("--no-mail", is_flag=True, help="Mark nobody to be mailed.")
@as_json
def invite(login: str, *, start: str, end: str | None, as_json: bool, **plan: Any) -> None:
    """Plan a meeting and invite people; without --with, note an appointment or a to-do."""
    house, diary = _diary(login)
    begins, ends = when(house, "--start", start), None if end is None else day_after(when(house, "--end", end))
    if plan.pop("all_day") and isinstance(begins, datetime):
        raise BadRequest("--all-day", "goes with --start as a day alone")
    done = diary.invite(start=begins, end=ends, mail=not plan.pop("no_mail"), **plan)
    _with_answers(house, done, "invited" if plan["guests"] else "planned", as_json=as_json)


@words.command()
@appointment
@click.argument("guests", metavar="WHO...", nargs=-1, required=True)
@acting_as
@of_series(*FORWARD_OR_ALL)
@click.option("--no-mail", is_flag=True, help="Mark nobody to be mailed.")
@as_json
def add(appointment: int, guests: Sequence[str], *, login: str, meant: Meant, no_mail: bool, as_json: bool) -> None:
    """Invite more people to a meeting, named as for `invite`."""
    house, diary = _diary(login)
    done = diary.add(meant.row(house, diary, appointment), guests, mail=not no_mail, reach=meant.reach)
    _with_answers(house, done, "invited", as_json=as_json)


@words.command()
@appointment
@click.argument("guests", metavar="WHO...", nargs=-1, required=True)
@acting_as
@of_series(*FORWARD_OR_ALL)
@as_json
def remove(appointment: int, guests: Sequence[str], *, login: str, meant: Meant, as_json: bool) -> None:
    """Uninvite people, named as for `invite` or by their row, row:741."""
    house, diary = _diary(login)
    done = diary.remove(meant.row(house, diary, appointment), guests, reach=meant.reach)
    _with_answers(house, done, "uninvited", as_json=as_json)


def _with_answers(house: House, done: Done, what: str, *, as_json: bool) -> None:
    found = viewing.answers_to(house, done.appointment)
    if as_json:
        _say(done, what, as_json=True, answers=plain(found))
        return
    many = f", {done.occurrences} occurrences" if done.occurrences > 1 else ""
    viewing.say_answers(house, found, f"{what}{many}: " if done.changed else "no change: ")


# --- one row, and nothing more to say -----------------------------------------------------------------------------

Act = Callable[..., Done]
SIMPLE: Final[dict[str, tuple[Act, str, str, tuple[Reach, ...]]]] = {
    "seen": (Diary.seen, "seen", "Look at an invitation without answering it; nobody else's calendar shows it.",
             FORWARD_OR_ALL),
    "acknowledge": (Diary.acknowledge, "acknowledged", "Take note of a cancellation: the row that told of it goes.",
                    FORWARD_OR_ALL),
    "note": (Diary.note, "noted", "Take note that somebody declined: it is not listed again.", ()),
    "complete": (Diary.complete, "completed", "Say that one's own row is done.", ()),
    "reopen": (Diary.reopen, "reopened", "Say that it is not done after all.", ()),
    "cancel": (Diary.cancel, "cancelled", "Call a meeting off, or delete an appointment of one's own.",
               (*FORWARD_OR_ALL, Reach.STOP)),
}  # fmt: skip


def _simple(name: str, act: Act, what: str, about: str, modes: tuple[Reach, ...]) -> None:
    @words.command(name, help=about)
    @appointment
    @acting_as
    @of_series(*modes)
    @as_json
    def word(appointment: int, *, login: str, meant: Meant, as_json: bool) -> None:
        house, diary = _diary(login)
        reach = {"reach": meant.reach} if modes else {}
        done = act(diary, meant.row(house, diary, appointment), **reach)
        _say(done, "stopped" if meant.reach is Reach.STOP else what, as_json=as_json)


for _name, (_act, _what, _about, _modes) in SIMPLE.items():
    _simple(_name, _act, _what, _about, _modes)


# --- answering ----------------------------------------------------------------------------------------------------

comment = click.option("--comment", default="", help="A word to the owner, kept with the answer.")


@words.command()
@appointment
@acting_as
@of_series(*FORWARD_OR_ALL)
@comment
@as_json
def accept(appointment: int, *, login: str, meant: Meant, comment: str, as_json: bool) -> None:
    """Accept an invitation, also one that was declined, or an assignment."""
    house, diary = _diary(login)
    done = diary.accept(meant.row(house, diary, appointment), comment, reach=meant.reach)
    _say(done, "accepted", as_json=as_json)


@words.command()
@appointment
@acting_as
@of_series(*FORWARD_OR_ALL)
@click.option("--reason", default="", help="Why, for the owner to read.")
@as_json
def decline(appointment: int, *, login: str, meant: Meant, reason: str, as_json: bool) -> None:
    """Decline an invitation, also one that was accepted, or an assignment."""
    house, diary = _diary(login)
    done = diary.decline(meant.row(house, diary, appointment), reason, reach=meant.reach)
    _say(done, "declined", as_json=as_json)


@words.command()
@appointment
@acting_as
@of_series(*FORWARD_OR_ALL)
@comment
@as_json
def tentative(appointment: int, *, login: str, meant: Meant, comment: str, as_json: bool) -> None:
    """Answer with perhaps: the CRM's row becomes seen, and calendars say TENTATIVE."""
    house, diary = _diary(login)
    done = diary.tentative(meant.row(house, diary, appointment), comment, reach=meant.reach)
    _say(done, "tentative", as_json=as_json)


@words.command()
@appointment
@acting_as
@of_series(*FORWARD_OR_ALL)
@click.option("--silently", is_flag=True, help="The answer stays as it was.")
@as_json
def dismiss(appointment: int, *, silently: bool, login: str, meant: Meant, as_json: bool) -> None:
    """Delete a meeting from one's calendar: it is declined, and stays away until one is asked again."""
    house, diary = _diary(login)
    done = diary.dismiss(meant.row(house, diary, appointment), silently=silently, reach=meant.reach)
    _say(done, "dismissed", as_json=as_json)


@words.command()
@appointment
@click.option("--as", "login", default="", metavar="LOGIN", help="Who acts: the owner; else whoever's row it is.")
@as_json
def reapply(appointment: int, *, login: str, as_json: bool) -> None:
    """Answer once more what was written over unread (see `partstat doctor`)."""
    house = here()
    moving_in.check(house)
    _say(reapplying.reapply(house, appointment, login), "answered again", as_json=as_json)


@words.command()
@click.argument("file", type=click.File("rb"))
@acting_as
@click.option("--no-mail", is_flag=True, help="Mark nobody to be mailed.")
@as_json
def book(file: BinaryIO, *, login: str, no_mail: bool, as_json: bool) -> None:
    """Take in an event as a calendar program wrote it: FILE is iCalendar, - for standard input."""
    _, diary = _diary(login)
    for done in diary.book(file.read(MAX_BYTES + 1), mail=not no_mail):
        _say(done, "booked", as_json=as_json)


# --- the owner's ----------------------------------------------------------------------------------------------------


@words.command(epilog=WHEN)
@appointment
@click.option("--start", required=True, metavar="WHEN", help="When it begins from now on.")
@click.option("--end", metavar="WHEN", help="When it ends; else it takes as long as before.")
@acting_as
@of_series(*FORWARD_OR_ALL)
@as_json
def move(appointment: int, *, start: str, end: str | None, login: str, meant: Meant, as_json: bool) -> None:
    """Give a meeting another time: everybody is asked again."""
    house, diary = _diary(login)
    ends = None if end is None else day_after(when(house, "--end", end))
    row = meant.row(house, diary, appointment)
    _say(diary.move(row, when(house, "--start", start), ends, reach=meant.reach), "moved", as_json=as_json)


@words.command()
@appointment
@click.argument("rrule", metavar="RULE")
@acting_as
@of_series(Reach.THIS_AND_FORWARD)
@as_json
def repeat(appointment: int, rrule: str, *, login: str, meant: Meant, as_json: bool) -> None:
    """Make a series of a meeting, or let a series recur by another rule, as in FREQ=WEEKLY;COUNT=10 (RFC 5545)."""
    house, diary = _diary(login)
    reach = Reach.SERIES if meant.reach is Reach.ONLY_THIS else meant.reach
    _say(diary.repeat(meant.row(house, diary, appointment), rrule, reach=reach), "repeats", as_json=as_json)


@words.command()
@appointment
@acting_as
@click.option("--title", help="Another title.")
@click.option("--description", help="What else there is to say.")
@click.option("--agenda", help="Another agenda.")
@click.option("--place", help="Another place.")
@click.option("--video", metavar="URL", help="Where to join from afar.")
@click.option("--private", type=PRIVACY, help="Who may read it: everybody (no), me, my group.")
@click.option("--task", metavar="NAME|ID", help="What kind of meeting; 0 for none.")
@click.option("--todo/--no-todo", default=None, help="A to-do, or an appointment.")
@click.option("--free/--busy", default=None, help="Whether one's own row blocks time.")
@click.option("--priority", metavar="NAME|ID", help="How urgent one's own row is; 0 for not at all.")
@click.option("--alarm", metavar="MIN|none", help="Minutes before the start, for one's own row.")
@of_series(*FORWARD_OR_ALL)
@as_json
def change(appointment: int, *, login: str, alarm: str | None, meant: Meant, as_json: bool, **changes: Any) -> None:
    """Change what a meeting is; --free, --priority and --alarm are of one's own row, and everybody's to choose."""
    if alarm is None and all(value is None for value in changes.values()):
        raise BadRequest("change", "names nothing to change; see --help")
    house, diary = _diary(login)
    row = meant.row(house, diary, appointment)
    _say(diary.change(row, alarm=_minutes(alarm), reach=meant.reach, **changes), "changed", as_json=as_json)


def _minutes(alarm: str | None) -> int | None:
    if alarm is None:
        return None
    if alarm.strip().lower() == "none":
        return NO_ALARM
    if not (alarm.isascii() and alarm.isdecimal() and len(alarm) < 10):
        raise BadRequest("--alarm", "is a number of minutes, or none")
    return int(alarm)


@words.command()
@appointment
@click.option("--to", "other", required=True, metavar="LOGIN", help="Who is to do it.")
@acting_as
@as_json
def assign(appointment: int, *, other: str, login: str, as_json: bool) -> None:
    """Hand a single appointment or to-do over to somebody, who accepts it or gives it back."""
    _, diary = _diary(login)
    _say(diary.assign(appointment, other), f"assigned to {other}", as_json=as_json)


@words.command("hand-over")
@appointment
@click.option("--to", "other", required=True, metavar="LOGIN", help="Who owns it from now on.")
@click.option("--stay", is_flag=True, help="The former owner takes part, accepted.")
@acting_as
@as_json
def hand_over(appointment: int, *, other: str, stay: bool, login: str, as_json: bool) -> None:
    """Make somebody else the owner of a meeting; nobody is asked again."""
    _, diary = _diary(login)
    _say(diary.hand_over(appointment, other, stay=stay), f"handed over to {other}", as_json=as_json)
