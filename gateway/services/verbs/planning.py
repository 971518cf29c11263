"""What a meeting or a to-do is made of, as whoever plans it says it, checked before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import BadRequest
from mappings import times

HIGHEST: Final = 2**31 - 1  # of the CRM's columns
LONGEST: Final = 366 * times.DAY  # seconds
TITLE: Final = 254  # characters
TEXT: Final = 4_000  # characters of the CRM's text column
PLACE: Final = 254
LINK: Final = 2_000
PRIVATE: Final = {"no": 0, "me": 1, "group": 2}  # CRM: AppointmentPrivate


@dataclass(frozen=True, slots=True)
class When:
    """A time as the CRM keeps it: wall seconds of the base zone.

    All-day: the first midnight and the midnight after the last day. A to-do has its deadline in `start`.
    """

    start: int
    end: int
    all_day: bool = False

    def columns(self) -> dict[str, int]:
        """Give the CRM's columns; raises BadRequest where the times break a rule."""
        for name, moment in (("start", self.start), ("end", self.end)):
            if not times.EARLIEST <= moment < times.LATEST:
                raise BadRequest(name, "lies outside the years 1900 to 2199")
        if self.end < self.start or (self.all_day and self.end == self.start):
            raise BadRequest("end", "comes before the start")
        if self.end - self.start > LONGEST:
            raise BadRequest("end", "is more than a year after the start")
        # The CRM shows the day of endDate as the last one.
        end = self.end - 60 if self.all_day else self.end
        return {"do_by": self.start, "activeDate": self.start, "endDate": end, "alldayEvent": int(self.all_day)}


@dataclass(frozen=True, slots=True)
class Plan:
    """A new appointment, meeting or to-do.

    `contact` and `person` are the company and person it is *about*, `task` the kind of follow-up, all by the CRM's
    numbers, 0 for none; `alarm` is minutes before the start, for the owner; `private` is ``no``, ``me`` or ``group``.
    `rrule` says how it recurs (RFC 5545 3.3.10).
    Without a `place` it is that of the first room invited; an empty one is none at all.
    """

    title: str
    when: When
    guests: tuple[str, ...] = ()
    description: str = ""
    agenda: str = ""
    place: str | None = None
    video: str = ""
    private: str = "no"
    free: bool = False
    todo: bool = False
    task: int = 0
    priority: int = 0
    alarm: int | None = None
    contact: int = 0
    person: int = 0
    mail: bool = True
    rrule: str = ""


def words(title: str, description: str) -> str:
    """Give the CRM's text of a title and a description; raises BadRequest where they break a rule."""
    first = title.strip()
    if not first:
        raise BadRequest("title", "is empty")
    if "\n" in first or "\r" in first:
        raise BadRequest("title", "has more than one line")
    within("title", first, TITLE)
    rest = description.strip("\n").rstrip()
    whole = f"{first}\n{rest}" if rest else first
    return within("description", whole, TEXT)


def within(name: str, value: str, limit: int) -> str:
    """Give words that the CRM's column can keep; raises BadRequest, naming the field, for others."""
    if len(value) > limit:
        raise BadRequest(name, f"is longer than {limit} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequest(name, "holds half of a surrogate pair") from None
    if "\x00" in value:
        raise BadRequest(name, "holds a character that no database keeps")
    return value


def privacy(value: str) -> int:
    """Give the CRM's number for who may see it; raises BadRequest."""
    if value not in PRIVATE:
        raise BadRequest("private", f"is one of {', '.join(PRIVATE)}")
    return PRIVATE[value]


def number(name: str, value: int) -> int:
    """Give one of the CRM's numbers (0 for none); raises BadRequest for what its columns cannot keep."""
    if not 0 <= value <= HIGHEST:
        raise BadRequest(name, f"lies outside 0 to {HIGHEST}")
    return value


def minutes(name: str, value: int) -> int:
    """Give minutes that the CRM's column can keep; raises BadRequest."""
    if not 0 <= value < 65_536:
        raise BadRequest(name, "lies outside 0 to 65535 minutes")
    return value
