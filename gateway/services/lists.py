"""From the words of people to the numbers of the CRM's lists, and to companies and persons that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.crm import lists, viewing
from gateway.errors import BadRequest
from gateway.services.house import House
from gateway.store.unit import Connection

_SHOWN: Final = 20  # names of a list that an error tells
_LARGEST: Final = 2**31


def task(house: House, word: str | int) -> int:
    """Give the number of a kind of follow-up, named without regard to case or by number; 0 is none.

    Raises BadRequest with the names that there are.
    """
    return _number(house, lists.tasks, "task", word)


def priority(house: House, word: str | int) -> int:
    """Give the number of a priority, as `task` does."""
    return _number(house, lists.priorities, "priority", word)


def _number(house: House, items: Callable[[Connection], dict[int, str]], field: str, word: str | int) -> int:
    said = str(word).strip()
    if said in ("", "0"):
        return 0
    with house.store.reading() as connection:
        known = items(connection)
    for number, name in known.items():
        if name.casefold() == said.casefold():
            return number
    if said.isascii() and said.isdecimal() and len(said) < 10 and int(said) in known:
        return int(said)
    names = ", ".join(list(known.values())[:_SHOWN]) or "none"
    more = ", …" if len(known) > _SHOWN else ""
    raise BadRequest(field, f"the CRM's list has no {said!r}; it has: {names}{more}")


def about(house: House, company: int, person: int) -> None:
    """See that the company and the person that a meeting is about are there; raises BadRequest."""
    for field, number in (("company", company), ("person", person)):
        if not 0 <= number < _LARGEST:
            raise BadRequest(field, "is no number of the CRM")
    with house.store.reading() as connection:
        if company and not viewing.exists(connection, contact=company):
            raise BadRequest("company", f"the CRM has no company {company}")
        if person and not viewing.exists(connection, person=person):
            raise BadRequest("person", f"the CRM has no person {person}")
