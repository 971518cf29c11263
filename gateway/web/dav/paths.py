"""URL <-> resource, by one table; the only place where a path is taken apart (RFC 3986 3.3, RFC 4918 8.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from gateway.errors import NotFound
from mappings.identity import COMPONENTS

LONGEST: Final = 2_000  # characters of a path
SAFE: Final = "-._~!$&'()*+,;=:@"  # what stands unencoded in a segment: RFC 3986's pchar


_UNESCAPED: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~@+-]{0,254}\Z")


class Kind(Enum):
    """What a resource is."""

    ROOT = "root"
    PRINCIPALS = "principals"
    PRINCIPAL = "principal"
    COLLEAGUE = "colleague"  # the principal of somebody else, of which little is told
    HOMES = "homes"
    HOME = "home"
    CALENDAR = "calendar"
    OBJECT = "object"


LOGIN, CALENDAR, NAME = "<login>", "<calendar>", "<name>"
PATTERNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ROOT: ("dav",),
    Kind.PRINCIPALS: ("dav", "principals"),
    Kind.PRINCIPAL: ("dav", "principals", LOGIN),
    Kind.HOMES: ("dav", "calendars"),
    Kind.HOME: ("dav", "calendars", LOGIN),
    Kind.CALENDAR: ("dav", "calendars", LOGIN, CALENDAR),
    Kind.OBJECT: ("dav", "calendars", LOGIN, CALENDAR, NAME),
}
# How an address is written; a colleague's is one of the principals' like one's own.
_WRITTEN: Final = {**PATTERNS, Kind.COLLEAGUE: PATTERNS[Kind.PRINCIPAL]}
# Collections of collections, and what a listing of depth 1 finds in each; of calendars all that there are.
INSIDE: Final[Mapping[Kind, tuple[Kind, ...]]] = {
    Kind.ROOT: (Kind.PRINCIPALS, Kind.HOMES),
    Kind.PRINCIPALS: (Kind.PRINCIPAL,),
    Kind.HOMES: (Kind.HOME,),
    Kind.HOME: (Kind.CALENDAR,),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One resource by its address; `login`, `name` and `calendar` are empty where its kind has none."""

    kind: Kind
    login: str = ""
    name: str = ""
    calendar: str = ""


def place(path: str) -> Place:
    """Find the resource at a path that is decoded already; a trailing slash does not matter.

    Raises NotFound for everything that no pattern knows: `..`, empty or over-long segments, control characters.
    """
    if len(path) > LONGEST:
        raise NotFound
    return _found(path.strip("/").split("/") if "//" not in path else [])


def from_wsgi(path_info: str) -> Place:
    """Find the resource of a request: PATH_INFO is octets read as Latin-1, percent-decoded once by the server."""
    try:
        return place(path_info.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        raise NotFound from None


def from_href(href: str, prefix: str, hosts: frozenset[str]) -> Place | None:
    """Find the resource that a DAV:href names, absolute or relative to the host; None for a foreign or damaged one.

    A segment is decoded by itself, so that an encoded slash stays part of a name, which no name has.
    """
    if len(href) > LONGEST:
        return None
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    if parts.query or parts.fragment or (parts.netloc and parts.netloc.lower() not in hosts):
        return None
    path = parts.path
    if not path.startswith(f"{prefix}/") or "//" in path:
        return None
    try:
        segments = [unquote(s, errors="strict") for s in path[len(prefix) :].strip("/").split("/")]
        return _found(segments)
    except (UnicodeError, NotFound):
        return None


def href(prefix: str, at: Place) -> str:
    """Write the address of a resource, percent-encoded; collections end with a slash."""
    names = {LOGIN: at.login, CALENDAR: at.calendar, NAME: at.name}
    path = "/".join(segment(names.get(s, s)) for s in _WRITTEN[at.kind])
    return f"{prefix}/{path}" if at.kind is Kind.OBJECT else f"{prefix}/{path}/"


def unescaped(name: str) -> bool:
    """Tell whether a name of a copy is written as it is, in an address and in XML."""
    return _UNESCAPED.match(name) is not None


def segment(name: str) -> str:
    """Write one segment of an address, percent-encoded."""
    return quote(name, safe=SAFE)


def _found(segments: list[str]) -> Place:
    if not all(plain(s) for s in segments):
        raise NotFound
    for kind, pattern in PATTERNS.items():
        if len(pattern) == len(segments) and all(_fits(w, s) for w, s in zip(pattern, segments, strict=True)):
            told = dict(zip(pattern, segments, strict=True))
            return Place(kind, told.get(LOGIN, ""), told.get(NAME, ""), told.get(CALENDAR, ""))
    raise NotFound


def _fits(word: str, given: str) -> bool:
    return given in COMPONENTS if word == CALENDAR else word in (LOGIN, NAME, given)


def plain(name: str) -> bool:
    """Tell whether a decoded segment can be a name at all."""
    return 0 < len(name) <= 255 and name not in (".", "..") and "/" not in name and name.isprintable()
