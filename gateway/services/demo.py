"""The demonstration: a sample company on an embedded database, and a way in for each of its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gateway.services import moving_in, tokens
from gateway.services.house import House
from gateway.services.load import load
from gateway.store import access
from mappings.identity import COMPONENTS

COMPANY = "company.json"


@dataclass(frozen=True, slots=True)
class Guest:
    """One person, room or thing of the sample company and how to reach their calendar."""

    login: str
    name: str
    secret: str
    calendar_url: str
    tasks_url: str
    feed_url: str


def prepare(house: House, say: Callable[[str], None]) -> None:
    """Move in and load the sample company, unless somebody lives in this database already."""
    say("making the tables and triggers")
    if moving_in.init(house):
        say("loading the sample company")
        loaded = load(house, company().read_bytes())
        say(f"published {loaded.rows['appointment']} appointment rows as calendars, and told nobody")


def company() -> Path:
    """Find the sample company: inside an installed package, or in the samples of a checkout."""
    here = Path(__file__).parent.parent
    packed = here / COMPANY
    return packed if packed.exists() else here.parent / "samples" / COMPANY


def guests(house: House, base_url: str) -> list[Guest]:
    """Make new tokens for everybody with a diary and give the addresses they open."""
    with house.store.writing() as connection:
        people = access.people(connection)
    found: list[Guest] = []
    for one in people:
        login = one["name"]
        name = f"{one['firstname'] or ''} {one['lastname'] or ''}".strip() or login
        secret = tokens.grant(house, login, "caldav", label="demo")
        feed = tokens.grant(house, login, "feed", label="demo")
        diary, tasks = (f"{base_url}/dav/calendars/{quote(login)}/{it}/" for it in COMPONENTS)
        found.append(Guest(login, name, secret, diary, tasks, f"{base_url}/feeds/{feed}.ics"))
    return found
