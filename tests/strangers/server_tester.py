"""caldav-server-tester's features, and what it is to find of each: the rows that its scores are held against.

It is pointed at a calendar that is there, as its manual says for servers where none can be made, and runs every check
but one. Most of them store objects of their own and then look for those; on a server that only reads they find nothing
or stop. Their score is *no* whatever the server could answer, and what they are about is tried by the other programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.strangers.scores import ASKS_FOR_NOTHING, READ_ONLY, Row

PROGRAM: Final = "caldav-server-tester"
# Where it may not store, this one ends the whole run by an assertion about itself.
STOPS: Final = "CheckDuplicateEvent"

_SCHEDULING: Final = "no scheduling by CalDAV (RFC 6638) yet, and OPTIONS claims none"
_STORES: Final = f"the check stores something and then looks at it; {READ_ONLY}"
_SEARCHES: Final = (
    f"the check searches for objects that it has stored itself; {READ_ONLY}. What it is about is tried by the other "
    "programs of this page"
)

# Features that are wholly there.
YES: Final = frozenset(
    {
        "auth.www-authenticate",
        "auth.www-authenticate.usable-scheme",
        "freebusy-query",
        "get-current-user-principal",
        "get-current-user-principal.has-calendar",
        "non-existing-raises-not-found.collection",
        "non-existing-raises-not-found.object",
        "propfind",
        "propfind.allprop",
        "propfind.allprop.resourcetype",
        "propfind.displayname",
        "propfind.principal-depth-1",
        "well-known",
    }
)
# Reason -> features that are not there, or that it cannot look at; one that ends with a dot stands for all below it.
NO: Final[Mapping[str, tuple[str, ...]]] = {
    f"the check sets a property and reads it back; {READ_ONLY}": (
        *("calendar-color", "calendar-color.name", "calendar-order", "synchronous-write.proppatch"),
    ),
    READ_ONLY: (
        *("create-calendar", "create-calendar.auto", "delete-calendar", "delete-calendar.free-namespace"),
        *("synchronous-write.create-calendar", "synchronous-write.delete-calendar"),
    ),
    _STORES: ("save-load.", "save.", "synchronous-write", "sync-token", "sync-token.", "url.encode-at."),
    ASKS_FOR_NOTHING: ("principal-search.by-name.self",),
    "a search that names nobody is refused with 400: people are looked up in the directory, and it is not read out": (
        *("principal-search", "principal-search.list-all"),
    ),
    _SCHEDULING: ("scheduling",),
    "RFC 4791 9.7 allows a time-range only inside a component, so such a filter is refused by name": (
        "search.time-range.comp-type-optional",
    ),
    f"calendars reach back one year, or as far as a setting says, which `min-date-time` tells; besides, {READ_ONLY}": (
        *("search.time-range.event.old-dates", "search.unlimited-time-range"),
    ),
    _SEARCHES: (
        *("search.combined-is-logical-and", "search.comp-type", "search.comp-type.optional", "search.is-not-defined"),
        *("search.is-not-defined.", "search.recurrences.", "search.text.", "search.time-range.alarm"),
        *("search.time-range.event", "search.time-range.open.", "search.time-range.todo", "search.time-range.todo."),
    ),
}


def reason(feature: str) -> str | None:
    """Tell why a feature is not there; None where nobody has said."""
    for why, features in NO.items():
        if feature in features or any(f.endswith(".") and feature.startswith(f) for f in features):
            return why
    return None


def is_there(found: Mapping[str, Any]) -> bool:
    """Tell whether a score is a *yes*: full support, and nothing less."""
    return found.get("support") == "full" or found.get("value") is True


def rows() -> list[Row]:
    """Give the rows of the table: each feature that is there, and the others by their reason."""
    told = [Row(PROGRAM, f"`{name}`") for name in sorted(YES)]
    for why, features in NO.items():
        told.append(Row(PROGRAM, ", ".join(f"`{f}*`" if f.endswith(".") else f"`{f}`" for f in features), why))
    return told
