"""One request, as handlers see it: who asks, for what, and what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import Unauthenticated
from gateway.services.house import House
from gateway.store import access, directory
from gateway.store.access import Entry
from gateway.store.directory import Principal
from gateway.web import conditions
from gateway.web.dav import paths, xml
from gateway.web.dav.paths import Kind, Place
from mappings.identity import COMPONENTS

_MINIMAL = re.compile(r"return\s*=\s*(?:minimal|\"minimal\")", re.IGNORECASE)


@dataclass
class Ask:
    """One request of somebody known for a place that they may see.

    `alias` is another address of it; `other` is whose principal it is, where that is not who asks.
    """

    house: House
    entry: Entry
    place: Place
    environ: Mapping[str, Any]
    alias: str = ""
    other: Principal | None = None

    @cached_property
    def me(self) -> Principal:
        """Give who asks, with their mailboxes; raises Unauthenticated for who has gone in this very moment."""
        found = directory.one(self.house.store, self.entry.associate_id)
        if found is None:
            raise Unauthenticated
        return found

    @cached_property
    def prefix(self) -> str:
        """Give what stands before `/dav` in the addresses that clients see."""
        return prefix(self.house)

    @cached_property
    def body(self) -> bytes:
        """Read the body; raises TooLarge."""
        return conditions.body(self.environ, self.house.settings.max_dav_bytes)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Give the names under which we are asked, as they stand in absolute addresses."""
        public = urlsplit(self.house.settings.base_url).netloc
        return frozenset({public.lower(), str(self.environ.get("HTTP_HOST", "")).lower()})

    @property
    def prefers_minimal(self) -> bool:
        """Tell whether `return=minimal` is preferred, which an answer acknowledges (RFC 7240 2, RFC 8144 2.1)."""
        preferred = (p.partition(";")[0] for p in (self.header("prefer") or "").split(","))
        return any(_MINIMAL.fullmatch(p.strip()) for p in preferred)

    @property
    def minimal(self) -> bool:
        """Tell whether properties that are missing need not be named; `Brief: t` is older than the RFC."""
        return self.prefers_minimal or (self.header("brief") or "").strip().lower() == "t"

    def header(self, name: str) -> str | None:
        """Give a request header."""
        return self.environ.get(f"HTTP_{name.upper().replace('-', '_')}")

    @property
    def component(self) -> str:
        """Give the component that the calendar asked for takes (RFC 4791 5.2.3)."""
        return COMPONENTS[self.entry.calendar]

    def beside(self, calendar: str) -> Ask:
        """Give the same question about a calendar of the one who asks."""
        entry = self.entry if calendar == self.entry.calendar else access.beside(self.house.store, self.entry, calendar)
        return replace(self, entry=entry, place=Place(Kind.CALENDAR, entry.login, calendar=calendar), alias="")

    def at(self, kind: Kind, name: str = "") -> Place:
        """Give a place of the one who asks; a calendar or a copy is that of the calendar asked for."""
        return Place(kind, self.entry.login, name, self.entry.calendar)

    def href(self, kind: Kind, name: str = "") -> str:
        """Give the address of a place of the one who asks."""
        return paths.href(self.prefix, self.at(kind, name))

    @property
    def here(self) -> bytes:
        """Give the address of the place asked for, ready for XML."""
        return xml.text(self.alias or paths.href(self.prefix, self.place))

    @cached_property
    def copies_at(self) -> str:
        """Give the address under which the copies of the calendar asked for are."""
        return self.href(Kind.CALENDAR)

    @cached_property
    def _copies_quoted(self) -> bytes:
        return xml.text(self.copies_at)

    def copy_at(self, name: str) -> bytes:
        """Give the address of a copy in the calendar asked for, ready for XML."""
        written = name.encode("ascii") if paths.unescaped(name) else xml.text(paths.segment(name))
        return self._copies_quoted + written

    @property
    def with_zones(self) -> bool:
        """Tell whether text is wanted with the definitions of its time zones (RFC 7809 4.1: CalDAV-Timezones)."""
        return (self.header("caldav-timezones") or "").strip().upper() != "F"

    def quoted(self, kind: Kind, name: str = "") -> bytes:
        """Give the same, ready for XML."""
        return xml.text(self.href(kind, name))


def prefix(house: House) -> str:
    """Give the path of the public address; empty for the root of a host."""
    return urlsplit(house.settings.base_url).path.rstrip("/")
