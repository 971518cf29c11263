"""The words that show: lists of invitations, answers, diaries, activities, free time, conflicts."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gateway.cli import printing
from gateway.cli.asking import NUMBER_OR_NONE, WHEN, appointment, between
from gateway.cli.group import as_json, here, words
from gateway.diary import Diary, clocks, values
from gateway.diary.values import Answers, Clash, Item, Slot
from gateway.errors import NotFound
from gateway.services.house import House
from gateway.services.views import activities as involved
from gateway.services.views import diary as diaries
from gateway.services.views import free_time
from gateway.services.views import responses as answering
from gateway.services.views.invitations import View
from mappings.status import ASSIGNMENT_DECLINED, NOT_STARTED

since = click.option("--from", "start", required=True, metavar="WHEN", help="From this time or day on.")
until = click.option("--to", "end", required=True, metavar="WHEN", help="Until this time; a day alone is meant whole.")
viewed_as = click.option("--as", "login", default="", metavar="LOGIN", help="Who looks; without it nothing is hidden.")


@words.command()
@click.argument("login")
@click.option("--view", default=View.PENDING.value, show_default=True, type=click.Choice([v.value for v in View]),
              help="Which list.")  # fmt: skip
@as_json
def invitations(login: str, *, view: str, as_json: bool) -> None:
    """List what waits for LOGIN's answer, or what was cancelled, rejected, answered with no, or repeats."""
    house = here()
    found = Diary(house, login).invitations(view)
    if view == View.RESPONSE:
        headers = ["number", "when", "title", "who", "answer", "reason"]
        rows = [_row(house, it, _decliner(it), printing.state(it.status), it.reason) for it in found]
    else:
        headers = ["number", "when", "title", "from", "state", "place"]
        rows = [_row(house, it, it.assigned_by or it.owner, printing.state(it.status), it.place) for it in found]
    _say(found, headers, rows, as_json=as_json, none=f"Nothing {_NOTHING[View(view)]}.")


_NOTHING = {
    View.PENDING: "waits for an answer",
    View.CANCELLED: "was cancelled",
    View.REJECTED: "was declined",
    View.RESPONSE: "was answered with no",
    View.REPEATING: "that repeats waits for an answer",
}


def _decliner(it: Item) -> str:
    # An assignment that was declined is its assigner's own row again, and says no more who declined it.
    return "" if it.status == ASSIGNMENT_DECLINED else it.name


def _row(house: House, it: Item, *more: str) -> list[str | int]:
    return [it.appointment, printing.when(it, house.settings.timezone), it.title, *more]


def _say(
    found: Sequence[Item | Clash | Slot],
    headers: Sequence[str],
    rows: Sequence[Sequence[str | int]],
    *,
    as_json: bool,
    none: str,
) -> None:
    if as_json:
        for it in found:
            printing.say_value(it)
        return
    printing.say_table(headers, rows, none=none)


@words.command()
@appointment
@viewed_as
@as_json
def responses(appointment: int, *, login: str, as_json: bool) -> None:
    """Show a meeting, named by any of its rows, and what everybody answered."""
    house = here()
    found = answers_to(house, appointment, login)
    if as_json:
        printing.say_value(found)
        return
    say_answers(house, found)


def answers_to(house: House, appointment: int, login: str = "") -> Answers:
    """Give what everybody answered; without a login the house itself looks."""
    if login:
        return Diary(house, login).responses(appointment)
    try:
        return values.answers(answering.responses(house, appointment), house.settings.timezone)
    except NotFound as error:
        raise NotFound(f"There is no appointment {appointment}.") from error


def say_answers(house: House, found: Answers, what: str = "") -> None:
    """Print what became of a meeting, the meeting, and everybody's answer."""
    it = found.meeting
    declined = f"{found.declined} declined" if found.declined else ""
    facts = (it.title, printing.when(it, house.settings.timezone), it.place, declined)
    printing.say(f"{it.appointment}  {what}" + "  ".join(printing.clean(fact) for fact in facts if fact))
    rows = [
        (
            a.appointment,
            a.name or a.address.removeprefix("mailto:"),
            printing.answer(a),
            a.reason or a.comment,
            _remark(a),
        )
        for a in found.people
    ]
    printing.say_table(["number", "who", "answer", "said", ""], rows, none="")


def _remark(it: values.Answer) -> str:
    if it.delivery == "5.1":
        return "no mail reaches them"
    if it.overwritten:
        return f"had answered {it.overwritten.lower()}, which the CRM wrote over"
    if it.acknowledged:
        return "noted"
    return it.kind if it.kind in ("owner", "room", "resource") else ""


@words.command(epilog=WHEN)
@click.argument("login")
@since
@until
@click.option("--as", "viewer", default="", metavar="LOGIN", help="Who looks; without it nothing is hidden.")
@click.option("--todos", is_flag=True, help="The to-do list too.")
@as_json
def diary(login: str, *, start: str, end: str, viewer: str, todos: bool, as_json: bool) -> None:
    """Show what stands in LOGIN's diary, pending invitations included."""
    house = here()
    begins, ends = _instants(house, start, end)
    found = [values.item(it) for it in diaries.diary(house, login, begins, ends, viewer=viewer, todos=todos)]
    rows = [_row(house, it, _state(it), it.owner, it.place) for it in found]
    headers = ["number", "when", "title", "state", "owner", "place"]
    _say(found, headers, rows, as_json=as_json, none="Nothing stands there.")


def _state(it: Item) -> str:
    """Say where an answer stands; who planned something need not accept it."""
    settled = it.status == NOT_STARTED and it.mother in (0, it.appointment)
    return "" if it.cloaked or settled else printing.state(it.status)


def _instants(house: House, start: str, end: str) -> tuple[int, int]:
    begins, ends = between(house, start, end)
    zone = house.settings.timezone
    return clocks.instant("--from", begins, zone), clocks.instant("--to", ends, zone)


@words.command(epilog=WHEN)
@click.option("--company", type=NUMBER_OR_NONE, default=0, help="A company, by the CRM's number.")
@click.option("--person", type=NUMBER_OR_NONE, default=0, help="A person, by the CRM's number.")
@since
@until
@viewed_as
@as_json
def activities(*, company: int, person: int, start: str, end: str, login: str, as_json: bool) -> None:
    """Show what a company or a person is involved in: planned about them, or with them invited."""
    house = here()
    begins, ends = _instants(house, start, end)
    some = involved.activities(house, start=begins, end=ends, contact=company, person=person, viewer=login)
    found = [values.item(it) for it in some]
    rows = [_row(house, it, it.owner, it.task, it.place) for it in found]
    headers = ["number", "when", "title", "owner", "what", "place"]
    _say(found, headers, rows, as_json=as_json, none="Nothing is planned.")


@words.command(epilog=WHEN)
@click.argument("logins", metavar="LOGIN...", nargs=-1, required=True)
@since
@until
@click.option("--minutes", required=True, type=int, metavar="N", help="How long they want to meet.")
@click.option("--count", default=1, show_default=True, metavar="N", help="How many times to offer.")
@as_json
def free(logins: Sequence[str], *, start: str, end: str, minutes: int, count: int, as_json: bool) -> None:
    """Find times within office hours when nobody of these is busy; rooms are logins too."""
    house = here()
    begins, ends = _instants(house, start, end)
    begins = max(begins, house.clock.now())  # nobody meets in the past
    slots = free_time.next_free(house, logins, begins, ends, minutes, count=count)
    found = [values.slot(span, house.settings.timezone) for span in slots]
    rows = [(number, printing.span(it.start, it.end)) for number, it in enumerate(found, 1)]
    _say(found, ["", "free"], rows, as_json=as_json, none="No time suits them all.")


@words.command()
@appointment
@viewed_as
@as_json
def conflicts(appointment: int, *, login: str, as_json: bool) -> None:
    """Show what else stands in the participants' diaries at the time of a meeting; with --as to its owner only."""
    house = here()
    if login:
        found = Diary(house, login).conflicts(appointment)
    else:
        answers_to(house, appointment)
        found = [values.clash(c) for c in free_time.conflicts(house, appointment)]
    rows = [
        (
            c.appointment,
            c.name,
            printing.when(c.other, house.settings.timezone),
            c.other.title,
            c.other.appointment or "",
        )
        for c in found
    ]
    headers = ["number", "who", "busy", "with", "its number"]
    _say(found, headers, rows, as_json=as_json, none="Nothing stands in the way.")
