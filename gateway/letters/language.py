"""A language: its words, and how it writes dates (CLDR, by Babel)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name

from mappings import times
from mappings.model import Instance

DEFAULT: Final = "en"
TO: Final = " \N{EN DASH} "  # between the ends of a stretch of time
# What languages are also called, by people and by the CRM.
ALSO: Final = {"no": "nb", "nn": "nb", "us": "en", "uk": "en", "ge": "de"}
_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class Language:
    """One language: its tag (RFC 5646), its locale, and its words by name."""

    tag: str
    locale: Locale
    words: dict[str, str]

    def say(self, name: str, **what: object) -> str:
        """Give a sentence with its names put in."""
        return self.words[name].format(**what)

    def when(self, it: Instance) -> str:
        """Tell when an instance takes place: on its own clock, with the zone's name."""
        start, end = times.naive(it.start), times.naive(it.end)
        if it.all_day:
            return self._days(it)
        zone = ZoneInfo(it.zone)
        name = get_timezone_name(start.replace(tzinfo=zone), width="long", locale=self.locale)
        first = f"{self._day(it.start)}, {format_time(start, 'short', locale=self.locale)}"
        if it.end <= it.start:
            return f"{first} ({name})"
        last = format_time(end, "short", locale=self.locale)
        if start.date() != end.date():
            last = f"{self._day(it.end)}, {last}"
        return f"{first}{TO}{last} ({name})"

    def _days(self, it: Instance) -> str:
        last = max(it.start, it.end - times.DAY)
        return self._day(it.start) if last == it.start else f"{self._day(it.start)}{TO}{self._day(last)}"

    def _day(self, wall: int) -> str:
        return format_date(times.day(wall), "full", locale=self.locale)

    def date(self, wall: int) -> str:
        """Tell a day in short."""
        return format_date(times.day(wall), "medium", locale=self.locale)


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """Give every language that there is a file for, by tag."""
    found = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        words = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = Language(path.stem, Locale.parse(words.pop("locale")), words)
    return found


def language(wanted: Iterable[str]) -> Language:
    """Give the first wanted language that there is; a tag may be a regional one, or one of `ALSO`."""
    known = languages()
    for tag in wanted:
        base = tag.replace("_", "-").lower().partition("-")[0]
        if (found := known.get(ALSO.get(base, base))) is not None:
            return found
    return known[DEFAULT]
