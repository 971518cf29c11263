"""What people type for times and numbers, read in the house that a word works in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, Final

import click

from gateway.diary import Diary
from gateway.errors import BadRequest
from gateway.services.house import House
from mappings.moments import Calendar
from mappings.reach import Reach

NUMBER = click.IntRange(1, 2**31 - 1)
NUMBER_OR_NONE = click.IntRange(0, 2**31 - 1)
WHEN = "WHEN is '2026-12-01 10:00', '2026-12-01', 'today 10:00', '+3d 10:00', '+1w mon 10:00' … on the CRM's clock."

appointment = click.argument("appointment", type=NUMBER)
acting_as = click.option("--as", "login", required=True, metavar="LOGIN", help="Who acts.")


@dataclass(frozen=True, slots=True)
class Meant:
    """Which occurrences of a series somebody means: another one than the named, and how far from there."""

    occurrence: str | None
    reach: Reach

    def row(self, house: House, diary: Diary, appointment: int) -> int:
        """Give the row that is meant; raises BadRequest for an occurrence that there is not."""
        if self.occurrence is None:
            return appointment
        try:
            return diary.occurrence(appointment, when(house, "--occurrence", self.occurrence))
        except BadRequest as error:
            raise BadRequest("--occurrence", error.rule) from error


def of_series(*modes: Reach) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a word the options by which it is told which occurrences it is meant for, as `meant`."""

    def decorate(word: Callable[..., None]) -> Callable[..., None]:
        @wraps(word)
        def read(*, occurrence: str | None, **rest: Any) -> None:
            chosen = [mode for mode in modes if rest.pop(_NAMES[mode])]
            if len(chosen) > 1:
                raise BadRequest(_OPTIONS[chosen[1]][0], f"does not go with {_OPTIONS[chosen[0]][0]}")
            word(meant=Meant(occurrence, *chosen or [Reach.ONLY_THIS]), **rest)

        options = [click.option(name, _NAMES[mode], is_flag=True, help=about)
                   for mode, (name, about) in _OPTIONS.items() if mode in modes]  # fmt: skip
        options.insert(0, click.option("--occurrence", metavar="WHEN", help="Of a series the one that begins then."))
        for option in reversed(options):
            read = option(read)
        return read

    return decorate


_OPTIONS: Final = {
    Reach.THIS_AND_FORWARD: ("--and-forward", "This occurrence of a series and all later ones."),
    Reach.STOP: ("--stop", "The later occurrences of a series; this one stays."),
    Reach.SERIES: ("--series", "The whole series."),
}
_NAMES: Final = {mode: f"reach_{mode.name.lower()}" for mode in _OPTIONS}
FORWARD_OR_ALL: Final = (Reach.THIS_AND_FORWARD, Reach.SERIES)


def when(house: House, option: str, words: str) -> date:
    """Read a time or a day; raises BadRequest, naming the option and the forms there are."""
    try:
        return Calendar(house.today(), house.settings.timezone).read(words)
    except ValueError as error:
        raise BadRequest(option, str(error)) from error


def day_after(day: date) -> date:
    """Give the day after a last day, which people name; a time is left as it is."""
    return day if isinstance(day, datetime) else day + timedelta(days=1)


def between(house: House, start: str, end: str) -> tuple[date, date]:
    """Read --from and --to; a day alone is meant whole."""
    return when(house, "--from", start), day_after(when(house, "--to", end))
