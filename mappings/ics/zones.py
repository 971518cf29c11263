"""VTIMEZONE for the years of an event and no more (RFC 5545 3.6.5), from the system's own zone rules.

Written here because the library's generator sets the DTSTART of a daylight observance after the jump instead of before
it, which is an hour late for whoever believes it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mappings.times import zone

_HOUR = 3_600
_UTC = UTC
_UTC_ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nTZNAME:UTC\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@lru_cache(maxsize=1024)
def vtimezone(name: str, first_year: int, last_year: int) -> bytes:
    """Give the VTIMEZONE of an IANA zone that is right from the first day of `first_year` to the last of `last_year`.

    One observance for each change of offset in those years and one for how they began; empty for UTC.
    """
    if name in ("", "UTC"):
        return b""
    tz = zone(name)
    begin = int(datetime(first_year, 1, 1, tzinfo=_UTC).timestamp()) - 86_400
    finish = int(datetime(last_year + 1, 1, 1, tzinfo=_UTC).timestamp()) + 86_400
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    opening = datetime.fromtimestamp(begin, tz)
    lines += _observance(opening, _offset(opening), opening.replace(tzinfo=None))
    for moment in _changes(name, begin, finish):
        before = datetime.fromtimestamp(moment - 1, tz)
        after = datetime.fromtimestamp(moment, tz)
        onset = datetime.fromtimestamp(moment, _UTC).replace(tzinfo=None) + _offset(before)
        lines += _observance(after, _offset(before), onset)
    lines.append("END:VTIMEZONE")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def alone(name: str, first_year: int, last_year: int) -> bytes:
    """Give the VTIMEZONE of a zone also where that is UTC, for who wants to hear of exactly one (RFC 4791 5.2.2)."""
    return vtimezone(name, first_year, last_year) or _UTC_ZONE


def _changes(name: str, begin: int, finish: int) -> list[int]:
    """Find the instants in [begin, finish) at which the offset or the name changes, by days, then by halving."""
    tz = zone(name)
    found: list[int] = []
    low, state = begin, _state(datetime.fromtimestamp(begin, tz))
    while low < finish:
        high = low + 24 * _HOUR
        after = _state(datetime.fromtimestamp(high, tz))
        if after != state:
            left, right = low, high
            while right - left > 1:
                middle = (left + right) // 2
                if _state(datetime.fromtimestamp(middle, tz)) == state:
                    left = middle
                else:
                    right = middle
            found.append(right)
            state = after
        low = high
    return found


def _state(moment: datetime) -> tuple[timedelta, str]:
    return _offset(moment), moment.tzname() or ""


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _observance(after: datetime, before: timedelta, onset: datetime) -> list[str]:
    kind = "DAYLIGHT" if after.dst() else "STANDARD"
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{_signed(before)}",
        f"TZOFFSETTO:{_signed(_offset(after))}",
        f"TZNAME:{after.tzname()}",
        f"END:{kind}",
    ]


def _signed(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), _HOUR)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02d}{minutes:02d}" + (f"{seconds:02d}" if seconds else "")
