"""libical, asked through its C interface: where it says that calendars take place, and where rules go."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_long, c_void_p
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import pytest

EVENT: Final = 4  # ICAL_VEVENT_COMPONENT
FIRST: Final = 0  # the first moment that is asked for: nothing of ours is before 1970 in these tests
_RDATE: Final = re.compile(rb"RDATE;TZID=([^:]+):([0-9T,]+(?:\r\n [0-9T,]+)*)")


class _Time(Structure):
    """struct icaltimetype of libical 3, passed by value."""

    _fields_ = (
        *((name, c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")),
        ("zone", c_void_p),
    )


class _Span(Structure):
    _fields_ = (("start", c_long), ("end", c_long), ("is_busy", c_int))


_EACH: Final = CFUNCTYPE(None, c_void_p, POINTER(_Span), c_void_p)
_SIGNATURES: Final[dict[str, tuple[Any, ...]]] = {
    "icalrecur_expand_recurrence": (c_int, c_char_p, c_long, c_int, POINTER(c_long)),
    "icalparser_parse_string": (c_void_p, c_char_p),
    "icalcomponent_free": (None, c_void_p),
    "icalcomponent_get_first_component": (c_void_p, c_void_p, c_int),
    "icalcomponent_get_next_component": (c_void_p, c_void_p, c_int),
    "icalcomponent_get_first_property": (c_void_p, c_void_p, c_int),
    "icalcomponent_foreach_recurrence": (None, c_void_p, _Time, _Time, _EACH, c_void_p),
    "icalproperty_string_to_kind": (c_int, c_char_p),
    "icalproperty_get_datetime_with_component": (_Time, c_void_p, c_void_p),
    "icaltime_as_timet_with_zone": (c_long, _Time, c_void_p),
    "icaltime_from_timet_with_zone": (_Time, c_long, c_int, c_void_p),
}


@cache
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("ical")
    if name is None:
        pytest.skip("libical not found: run 'make test-tools'")
    library = ctypes.CDLL(name)
    for function, (result, *arguments) in _SIGNATURES.items():
        found = getattr(library, function)
        found.restype, found.argtypes = result, arguments
    return library


def follow(rrule: str, start: int, *, last: int, most: int) -> list[int]:
    """Give the occurrences of a rule from a start until `last`, all in UTC."""
    theirs = (c_long * most)()
    _library().icalrecur_expand_recurrence(rrule.encode("ascii"), start, most, theirs)
    return [wall for wall in theirs if 0 < wall <= last]


def starts(calendar: bytes, *, last: int) -> list[int]:
    """Give when the events of a calendar object begin, as instants until `last`, in order.

    When they end is left out: to all of a series it gives the seconds that the first one takes.
    """
    root = _library().icalparser_parse_string(_RDATE.sub(_in_utc, calendar) + b"\0")
    assert root, "libical cannot read it"
    try:
        parts = list(_events(root))
        odd = {moment for part in parts if (moment := _recurrence_id(part)) is not None}
        found: list[int] = []
        for part in parts:
            some = _spans(part, last)
            found += some if _recurrence_id(part) is not None else [s for s in some if s not in odd]
        return sorted(moment for moment in found if moment <= last)
    finally:
        _library().icalcomponent_free(root)


def _in_utc(line: re.Match[bytes]) -> bytes:
    """Write RDATEs in UTC, for libical 3 overlooks their TZID."""
    zone = ZoneInfo(line[1].decode())
    some = [datetime.strptime(value, "%Y%m%dT%H%M%S") for value in line[2].decode().replace("\r\n ", "").split(",")]
    moments = [f"{wall.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}" for wall in some]
    return "\r\n".join(f"RDATE:{moment}" for moment in moments).encode()


def _events(root: int) -> Iterator[int]:
    part = _library().icalcomponent_get_first_component(root, EVENT)
    while part:
        yield part
        part = _library().icalcomponent_get_next_component(root, EVENT)


def _recurrence_id(part: int) -> int | None:
    library = _library()
    kind = library.icalproperty_string_to_kind(b"RECURRENCE-ID")
    line = library.icalcomponent_get_first_property(part, kind)
    if not line:
        return None
    moment = library.icalproperty_get_datetime_with_component(line, part)
    return cast("int", library.icaltime_as_timet_with_zone(moment, moment.zone))


def _spans(part: int, last: int) -> list[int]:
    found: list[int] = []
    library = _library()
    since, until = (library.icaltime_from_timet_with_zone(moment, 0, None) for moment in (FIRST, last + 1))
    each = _EACH(lambda _component, span, _data: found.append(span.contents.start))
    library.icalcomponent_foreach_recurrence(part, since, until, each, None)
    return found
