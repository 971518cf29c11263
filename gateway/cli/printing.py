"""What the command line prints: one JSON object a line for programs, lines and tables for people.

A table on a terminal is folded to its width; into a pipe every row is one line, whatever its length, and there is no
colour in it. A number to act on stands first and is never cut.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.diary.values import Answer, Item
from mappings.status import ACCEPTED, DECLINED

ENDLESS: Final = 100_000  # cells: as wide as any row of a pipe
# The CRM's own signs in its list of participants: a tick, a cross, an eye.
ACCEPTS, DECLINES, SEES = "✓", "✗", "👁"
REPEATS: Final = "↻"
_WORDS: Final = {"NEEDS-ACTION": "not answered"}
_STATES: Final = {
    1: "accepted",
    2: "started",
    3: "completed",
    5: "not seen",
    6: "moved, not seen",
    7: "seen",
    8: "moved, seen",
    9: "declined",
    10: "cancelled",
    11: "assigned, not seen",
    12: "assigned, seen",
    13: "assignment declined",
}
_SIGNS: Final = {1: ACCEPTS, 2: ACCEPTS, 3: ACCEPTS, 7: SEES, 8: SEES, 9: DECLINES, 12: SEES, 13: DECLINES}


def say(text: str, *, as_json: bool = False, **values: Any) -> None:
    """Print one line for people, or one JSON object."""
    print(json.dumps(values, ensure_ascii=False, default=plain) if as_json else text, flush=True)


def say_value(value: Any) -> None:
    """Print a value as one JSON object."""
    say("", as_json=True, **asdict(value))


def plain(value: object) -> object:
    """Give what JSON has for a value it does not know: times as ISO 8601 has them."""
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def say_table(headers: Sequence[str], rows: Iterable[Sequence[str | int]], *, none: str) -> None:
    """Print a table whose first column is a number to act on, or the words for one without rows."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(headers[0], justify="right", no_wrap=True, style="bold")
    for header in headers[1:]:
        table.add_column(header, overflow="fold")
    for number, *rest in rows:
        table.add_row(str(number) if number else "", *(Text(clean(str(cell))) for cell in rest))
    if not table.row_count:
        print(none, flush=True)
        return
    terminal = Console()
    if terminal.is_terminal:
        _fitted(table, terminal, headers)
        terminal.print(table)
        return
    written = io.StringIO()
    Console(file=written, width=ENDLESS, color_system=None, force_terminal=False).print(table)
    print("\n".join(line.rstrip() for line in written.getvalue().splitlines()), flush=True)


def _fitted(table: Table, terminal: Console, headers: Sequence[str]) -> None:
    """Keep the numbers whole on a terminal so narrow that every other column folds."""
    table.columns[0].min_width = max(len(headers[0]), *(len(str(cell)) for cell in table.columns[0].cells))
    for column in table.columns[1:]:
        column.min_width = 1 if terminal.width < 40 else None


def clean(words: str) -> str:
    """Give words on one line without what a terminal would obey, and without signs that it cannot show."""
    shown = "".join(c if c.isprintable() else " " for c in words)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    for sign in (ACCEPTS, DECLINES, SEES, REPEATS):
        try:
            sign.encode(encoding)
        except (UnicodeEncodeError, LookupError):
            shown = shown.replace(f"{sign} ", "")
    return shown


def when(it: Item, base: str) -> str:
    """Give day and time in the event's zone, which is named where it is not the base zone; deadlines of to-dos.

    An occurrence of a series has a sign before it, and tells when it was planned where it was moved by itself.
    """
    planned = f", planned {_moment(it.planned)}" if it.planned else ""
    return f"{REPEATS} {_when(it, base)}{planned}" if it.repeating else _when(it, base)


def _moment(start: date) -> str:
    return f"{_day(start)} {start:%H:%M}" if isinstance(start, datetime) else _day(start)


def _when(it: Item, base: str) -> str:
    if not isinstance(it.start, datetime):
        last = it.end - timedelta(days=1)
        return f"{_day(it.start)}, all day" if last <= it.start else f"{_day(it.start)} to {_day(last)}, all day"
    text = _moment(it.start)
    if isinstance(it.end, datetime) and it.end > it.start:
        text += f"-{it.end:%H:%M}" if it.end.date() == it.start.date() else f" to {_day(it.end)} {it.end:%H:%M}"
    zone = str(it.start.tzinfo)
    return text if zone == base else f"{text} ({zone})"


def _day(day: date) -> str:
    # Not by strftime: the names of days are the same words in every locale.
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[day.weekday()]} {day:%Y-%m-%d}"


def span(start: datetime, end: datetime) -> str:
    """Give a free time."""
    return f"{_day(start)} {start:%H:%M}-{end:%H:%M}"


def state(status: int) -> str:
    """Say a status with the CRM's sign."""
    word = _STATES.get(status, "")
    return f"{_SIGNS[status]} {word}" if status in _SIGNS else word


def answer(it: Answer) -> str:
    """Say an answer with the CRM's sign: a tick, a cross, an eye, or none."""
    word = it.partstat.lower()
    if it.partstat in (ACCEPTED, DECLINED):
        return f"{ACCEPTS if it.partstat == ACCEPTED else DECLINES} {word}"
    if it.partstat in _WORDS:
        return state(it.status) if it.kind == "associate" else _WORDS[it.partstat]
    return f"{SEES} {word}" if it.seen else word
