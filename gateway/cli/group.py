"""The group of words, and what all of them share: where a word works, and how it says things to programs."""

from __future__ import annotations

import click

from gateway.services.house import House
from gateway.settings import load_settings

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, for programs.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="partstat")
def words() -> None:
    """Partstat: a CRM's invitations as calendars that everybody can read, and their answers back as the CRM's rows."""


def here() -> House:
    """Give the house that a word works in: the one handed over as click's object, else that of the settings."""
    given = click.get_current_context().find_object(House)
    return given or House(load_settings())
