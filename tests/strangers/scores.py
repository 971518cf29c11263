"""What was tried with programs that we did not write: the rows of docs/compatibility.md.

    @tried("vdirsyncer", "finds both collections")
    @tried("vdirsyncer", "stores what was changed here", no=READ_ONLY)

A test that bears a *yes* passes only when the program gets what it wants; one that bears a *no* passes only when the
program is refused as the reason says. So the rows are what the last run of the tests gave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

# Why something is not there, where several rows share the reason.
READ_ONLY: Final = (
    "nothing can be written by CalDAV yet; the privileges say so, and what is sent all the same is refused with 403"
)
ASKS_FOR_NOTHING: Final = (
    "its query writes the properties that it wants beside `DAV:prop` and not inside, so it asks for none; the "
    "principal is found, comes without a name as asked, and python-caldav 3.6 passes over it"
)


@dataclass(frozen=True)
class Row:
    """One line of the table: what a program tried, and why it did not get it."""

    program: str
    tried: str
    no: str = ""


TRIED: Final[dict[tuple[str, str], Row]] = {}


def tried(program: str, what: str, *, no: str = "") -> Callable[[Test], Test]:
    """Make a row of the test below."""
    TRIED[program, what] = Row(program, what, no)

    def unchanged(test: Test) -> Test:
        return test

    return unchanged
