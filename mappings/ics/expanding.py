"""Components of a copy -> one component for each occurrence, its times in UTC (RFC 4791 9.6.5: expand).

The writer puts all lines that tell of time one after another, so that an occurrence is made by cutting those out and
putting its own in: no text is parsed, and no rule is followed, because every occurrence is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from mappings import times

Span = tuple[int, int, int]  # instance key, first and last instant

_TIMES: Final = re.compile(
    rb"^(?:(?:RECURRENCE-ID|DTSTART|DTEND|DUE|DURATION|RRULE|RDATE|EXDATE|EXRULE)"
    rb"[;:][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)+",
    re.MULTILINE,
)
_PLANNED: Final = re.compile(rb"RECURRENCE-ID(?:;VALUE=(DATE))?(?:;TZID=([^:\r\n]+))?:(\d{8}(?:T\d{6}Z?)?)\r\n")
_COMPONENT: Final = re.compile(rb"BEGIN:(VEVENT|VTODO)\r\n.*?^END:\1\r\n", re.DOTALL | re.MULTILINE)


class _Cut(NamedTuple):
    """A component without its lines of time, and what they said of its form."""

    before: bytes
    after: bytes
    planned: bytes  # its RECURRENCE-ID in UTC; empty for a master, or for what happens once
    dated: bool
    recurs: bool
    todo: bool
    starts: bool


def components(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Take apart what was kept as one text: instance key and text of each VEVENT or VTODO."""
    for found in _COMPONENT.finditer(text):
        planned = _PLANNED.search(found[0])
        yield (_wall(planned[3]) if planned else 0), found[0]


def expanded(some: Iterable[tuple[int, bytes]], spans: Sequence[Span], start: int, end: int) -> list[bytes]:
    """Give one component for each instance that overlaps [start, end), in order of time.

    `some` are instance keys and texts of components, each whole; `spans` are all instances of the copy.
    """
    cuts: dict[int, _Cut] = {key: _cut(text) for key, text in some}
    inside = sorted((s for s in spans if overlaps(s[1], s[2], start, end)), key=lambda s: (s[1], s[0]))
    return [_occurrence(cut, *span[1:]) for span in inside if (cut := _of(cuts, span[0])) is not None]


def overlaps(first: int, last: int, start: int, end: int) -> bool:
    """Tell whether an instance overlaps [start, end); one without length does where it lies inside (RFC 4791 9.9)."""
    return first < end and (last > start or (first == last and first >= start))


def _of(cuts: Mapping[int, _Cut], key: int) -> _Cut | None:
    """Give the component that stands for an occurrence: its own, else the master."""
    return cuts.get(key) or cuts.get(0)


def _cut(text: bytes) -> _Cut:
    found = _TIMES.search(text)
    if found is None:
        return _Cut(text, b"", b"", dated=False, recurs=False, todo=False, starts=False)
    lines = found[0]
    planned = _PLANNED.match(lines)
    recurs = planned is not None or b"\r\nRDATE" in lines or b"\r\nRRULE" in lines
    return _Cut(
        text[: found.start()],
        text[found.end() :],
        _in_utc(planned) if planned else b"",
        dated=b";VALUE=DATE:" in lines,
        recurs=recurs,
        todo=text.startswith(b"BEGIN:VTODO"),
        starts=b"DTSTART" in lines,
    )


def _occurrence(cut: _Cut, first: int, last: int) -> bytes:
    written = _day if cut.dated else _moment
    lines = [cut.before]
    if cut.recurs:
        lines.append(b"RECURRENCE-ID" + (cut.planned or written(first)))
    if cut.starts:
        lines.append(b"DTSTART" + written(first))
    if cut.todo:
        lines.append(b"DUE" + written(last))
    elif last > first:
        lines.append(b"DTEND" + written(last))
    lines.append(cut.after)
    return b"".join(lines)


@lru_cache(maxsize=16_384)
def _moment(instant: int) -> bytes:
    return f":{times.stamp(instant)}\r\n".encode("ascii")


def _day(instant: int) -> bytes:
    return f";VALUE=DATE:{times.day(instant):%Y%m%d}\r\n".encode("ascii")


def _in_utc(planned: re.Match[bytes]) -> bytes:
    if planned[1]:
        return b";VALUE=DATE:" + planned[3] + b"\r\n"
    wall = _wall(planned[3])
    return _moment(times.instant(wall, planned[2].decode("ascii")) if planned[2] else wall)


def _wall(value: bytes) -> int:
    """Give the wall seconds of a DATE or DATE-TIME value that we wrote."""
    text = value.decode("ascii").rstrip("Z")
    clock = text[9:] or "000000"
    date, time = (int(text[:4]), int(text[4:6]), int(text[6:8])), (int(clock[:2]), int(clock[2:4]), int(clock[4:6]))
    return times.wall_of(datetime(*date, *time))
