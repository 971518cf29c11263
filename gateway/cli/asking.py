"""What people type for times and numbers, read in the house that a word works in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from gateway.errors import BadRequest
from gateway.services.house import House
from mappings.moments import Calendar

NUMBER = click.IntRange(1, 2**31 - 1)
NUMBER_OR_NONE = click.IntRange(0, 2**31 - 1)
WHEN = "WHEN is '2026-12-01 10:00', '2026-12-01', 'today 10:00', '+3d 10:00', '+1w mon 10:00' … on the CRM's clock."

appointment = click.argument("appointment", type=NUMBER)
acting_as = click.option("--as", "login", required=True, metavar="LOGIN", help="Who acts.")


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
