"""VTIMEZONE for the years of an event and no more (RFC 5545 3.6.5), from the system's own zone rules.

Written here because the library's generator sets the DTSTART of a daylight observance after the jump instead of before
it, which is an hour late for whoever believes it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mappings import times
from mappings.recurrence.expanding import expand
from mappings.recurrence.pattern import WEEKDAYS
from mappings.times import zone

_HOUR, _DAY = 3_600, 86_400
FEBRUARY = 2
UNRULED = 15  # years that are told of a zone without a rule, as those that follow the moon
OPEN = 0  # instead of a last year: for ever
# Years of which nothing is known but the rule; a day of a month is on every weekday in 28 of them.
_FUTURE = range(2040, 2068)
_UTC = UTC
_UTC_ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nTZNAME:UTC\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@lru_cache(maxsize=1024)
def vtimezone(name: str, first_year: int, last_year: int = OPEN) -> bytes:
    """Give the VTIMEZONE of an IANA zone that is right from the first day of `first_year` to the last of `last_year`.

    One observance for each change of offset in those years and one for how they began; empty for UTC. Without a last
    year it holds for ever, as far as anybody knows: what changes by a rule is told by that (RRULE).
    """
    if name in ("", "UTC"):
        return b""
    rules = _rules(name) if last_year == OPEN else ()
    settled = _settled(name, first_year) if last_year == OPEN else last_year + 1
    begin = _begin(first_year) - _DAY
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    opening = datetime.fromtimestamp(begin, zone(name))
    lines += _observance(opening, _offset(opening), opening.replace(tzinfo=None))
    for moment in _changes(name, begin, _begin(settled) + (0 if last_year == OPEN else _DAY)):
        lines += _observance(*_about(name, moment))
    first = [_about(name, moment) for moment in _of_year(name, settled)] if rules else []
    for about, rule in zip(first, rules, strict=True):
        lines += _observance(*about, rule)
    lines.append("END:VTIMEZONE")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def alone(name: str, first_year: int, last_year: int = OPEN) -> bytes:
    """Give the VTIMEZONE of a zone also where that is UTC, for who wants to hear of exactly one (RFC 4791 5.2.2)."""
    return vtimezone(name, first_year, last_year) or _UTC_ZONE


def _begin(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=_UTC).timestamp())


def _about(name: str, moment: int) -> tuple[datetime, timedelta, datetime]:
    """Give what a change leads to, the offset before it, and its onset on the clock before it (RFC 5545 3.6.5)."""
    tz = zone(name)
    before = _offset(datetime.fromtimestamp(moment - 1, tz))
    onset = datetime.fromtimestamp(moment, _UTC).replace(tzinfo=None) + before
    return datetime.fromtimestamp(moment, tz), before, onset


@lru_cache(maxsize=4096)
def _of_year(name: str, year: int) -> tuple[int, ...]:
    """Find the changes whose onset is in a year, by the clock before them."""
    found = _changes(name, _begin(year) - _DAY, _begin(year + 1) + _DAY)
    return tuple(moment for moment in found if _about(name, moment)[2].year == year)


@lru_cache(maxsize=512)
def _rules(name: str) -> tuple[str, ...]:
    """Give the rules by which a zone changes every year once all that is known of single years is over.

    None where it no longer changes, or by no rule that this can say.
    """
    years = [[_about(name, moment) for moment in _of_year(name, year)] for year in _FUTURE]
    if len({len(some) for some in years}) > 1:
        return ()
    rules = tuple(_rule([about[2] for about in same]) for same in zip(*years, strict=True))
    return rules if all(rules) else ()


def _rule(onsets: Sequence[datetime]) -> str:
    """Say by which rule something happens once a year; empty where nothing says it."""
    clocks = {(o.month, o.weekday(), o.time()) for o in onsets}
    if len(clocks) > 1:
        return ""
    days = {o.day for o in onsets}
    length = monthrange(onsets[0].year, onsets[0].month)[1]
    weekday = WEEKDAYS[onsets[0].weekday()]
    every = f"FREQ=YEARLY;BYMONTH={onsets[0].month}"
    if min(days) == length - 6 and max(days) == length and onsets[0].month != FEBRUARY:
        return f"{every};BYDAY=-1{weekday}"
    if max(days) - min(days) != 6:
        return ""
    if (min(days) - 1) % 7 == 0:
        return f"{every};BYDAY={(min(days) - 1) // 7 + 1}{weekday}"
    return f"{every};BYMONTHDAY={','.join(map(str, sorted(days)))};BYDAY={weekday}"


@lru_cache(maxsize=512)
def _settled(name: str, first_year: int) -> int:
    """Give the first year, from `first_year` on, that is like all that come after it."""
    rules = _rules(name)
    if not rules:  # it no longer changes then, or in every year by itself: so far it is told
        return first_year + UNRULED if _of_year(name, _FUTURE[0]) else max(first_year, _FUTURE[0])
    year = _FUTURE[0]
    while year > first_year and _like(name, year - 1, rules):
        year -= 1
    return year


def _like(name: str, year: int, rules: Sequence[str]) -> bool:
    """Tell whether a zone changes in a year as its rules have it."""
    here, then = _form(name, year), _form(name, _FUTURE[0])
    if [f[1:] for f in here] != [f[1:] for f in then]:
        return False
    return all(_falls(rule, form[0]) for rule, form in zip(rules, here, strict=True))


def _falls(rule: str, onset: datetime) -> bool:
    """Tell whether a rule means this moment: the only one of that year."""
    start = times.wall_of(datetime.combine(datetime(onset.year, 1, 1), onset.time()))
    return expand(rule, start, last=start + 360 * _DAY, most=2, zone="UTC")[1:] == (times.wall_of(onset),)


def _form(name: str, year: int) -> list[tuple[datetime, timedelta, timedelta, str]]:
    found = []
    for moment in _of_year(name, year):
        after, before, onset = _about(name, moment)
        found.append((onset, before, _offset(after), after.tzname() or ""))
    return found


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


def _observance(after: datetime, before: timedelta, onset: datetime, rule: str = "") -> list[str]:
    kind = "DAYLIGHT" if after.dst() else "STANDARD"
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        *([f"RRULE:{rule}"] if rule else ()),
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
