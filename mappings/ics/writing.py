"""Instances -> the bytes of VEVENTs and VTODOs, and the envelope around them (RFC 5545 3.1, 3.4, 3.6; RFC 7986).

A component is written in pieces, so that what everybody sees is written once and each holder's own properties are put
in when it is served: `component` and `busy` end before STATUS; `closed` adds STATUS, the personal piece and the end.
The STATUS of a to-do is its holder's own and part of the personal piece.
Text and lines are made here, some twenty times faster than by `icalendar`, which takes a backslash and an N that
somebody typed for a line break (tests let `icalendar` read everything back). Every value is cleaned of what iCalendar
or XML cannot carry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final

from mappings import roles, times
from mappings.free_busy import Period
from mappings.ics.zones import vtimezone
from mappings.model import Header, Instance, Kind, Participant, Person, Personal, Progress
from mappings.status import DONE

PRODID: Final = "-//Partstat//Partstat//EN"
WRITING: Final = 1  # raised when the same value is written as other bytes, so that reconcile renders it anew
BUSY: Final = "Busy"
HEAD: Final = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:%s\r\nCALSCALE:GREGORIAN\r\n" % PRODID.encode("ascii")
TAIL: Final = b"END:VCALENDAR\r\n"
OCTETS: Final = 75
# How a component ends, by as much of its first line as tells it from others.
_OPENS: Final = b"BEGIN:VT"
_ENDS: Final = {b"BEGIN:VE": b"END:VEVENT\r\n", _OPENS: b"END:VTODO\r\n"}

_CONTROLS: Final = dict.fromkeys((*range(9), *range(11, 32), 127, 65534, 65535))
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_WEB: Final = re.compile(r"https?://[\x21-\x7e]{1,2000}\Z")


def clean(text: str) -> str:
    """Give text without what a calendar or its XML cannot carry: CR becomes LF, C0 controls and surrogates go."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    return _SURROGATES.sub("\ufffd", plain)


def component(header: Header, it: Instance) -> bytes:
    """Write what everybody who may read the instance sees, up to but without STATUS and END (RFC 5545 3.6.1)."""
    lines = _opening(header, it)
    lines += _line("CREATED", times.stamp(it.created)) if it.created else b""
    lines += _line("SUMMARY", _text(it.summary))
    if it.description:
        lines += _line("DESCRIPTION", _text(it.description))
    if it.location:
        lines += _line("LOCATION", _text(it.location))
    if _WEB.match(it.video):
        lines += _line("CONFERENCE;VALUE=URI;FEATURE=VIDEO", it.video)
    if it.related:
        lines += _line("RELATED-TO;RELTYPE=SIBLING", _text(it.related))
    if it.categories:
        lines += _line("CATEGORIES", ",".join(_text(c) for c in it.categories))
    lines += _line("CLASS", it.classification)
    if it.organizer is not None:
        lines += _organizer(it.organizer)
    return lines + b"".join(_attendee(p) for p in _by_address(it.participants))


def busy(header: Header, it: Instance) -> bytes:
    """Write the cloaked form: when, and *Busy*; no word of what, where or with whom (DESIGN: privacy)."""
    return _opening(header, it) + _line("SUMMARY", BUSY) + _line("CLASS", it.classification)


def cloaked_alike(one: Instance, other: Instance) -> bool:
    """Tell whether who may read neither of two instances sees the same of both."""
    nobody = Header("", 0, 0)
    return one.status == other.status and busy(nobody, one) == busy(nobody, other)


def personal(mine: Personal) -> bytes:
    """Write what only the holder sees: TRANSP, PRIORITY, the raw CRM status, and the alarm (RFC 5545 3.6.6).

    Of a series also which of its occurrences they do not take part in.

    Of a to-do their STATUS, and when it was completed, instead of TRANSP, which there is none of (RFC 5545 3.6.2).
    """
    done = mine.progress
    lines = _progress(done) if done else _line("TRANSP", "TRANSPARENT" if mine.free else "OPAQUE")
    if mine.priority:
        lines += _line("PRIORITY", str(mine.priority))
    lines += _line("X-PARTSTAT-STATUS", str(mine.crm_status))
    if mine.exdates:
        lines += _clock("EXDATE", mine.clock, mine.exdates, all_day=mine.dated)
    return lines + (_alarm(mine.alarm, at_end=bool(done and done.due_only)) if mine.alarm is not None else b"")


def closed(body: bytes, status: str, mine: bytes = b"") -> bytes:
    """Close a component, as the one that its first line begins, with its STATUS and the holder's own piece.

    An empty `status` is none: that of a to-do is in the holder's piece.
    """
    return b"".join((body, _status(status), mine, _ENDS[body[: len(_OPENS)]]))


@lru_cache(maxsize=16)
def _status(status: str) -> bytes:
    return b"STATUS:%s\r\n" % status.encode("ascii") if status else b""


def envelope(components: Iterable[bytes], zones: Iterable[tuple[str, int, int]], extra: bytes = b"") -> bytes:
    """Put components into one VCALENDAR with the VTIMEZONEs of `zones` (name, first year, last year) before them."""
    return b"".join((HEAD, extra, *(vtimezone(*z) for z in zones), *components, TAIL))


def calendar_properties(name: str, color: str, refresh_minutes: int) -> bytes:
    """Write what a subscriber asks of a feed: its name, colour, and when to come back (RFC 7986 5.1, 5.7, 5.9)."""
    lines = _line("NAME", _text(name)) + _line("X-WR-CALNAME", _text(name))
    lines += _line("COLOR", color) + _line("REFRESH-INTERVAL;VALUE=DURATION", f"PT{refresh_minutes}M")
    return lines + _line("X-PUBLISHED-TTL", f"PT{refresh_minutes}M")


def _opening(header: Header, it: Instance) -> bytes:
    stamp = times.stamp(header.dtstamp)
    lines = (
        (b"BEGIN:VTODO\r\n" if it.todo else b"BEGIN:VEVENT\r\n")
        + _line("UID", _text(header.uid))
        + _line("DTSTAMP", stamp)
    )
    lines += _line("LAST-MODIFIED", stamp) + _line("SEQUENCE", str(header.sequence))
    if it.key:
        whole_day = it.key_all_day if it.key_zone else it.all_day
        lines += _clock("RECURRENCE-ID", it.key_zone or it.zone, (it.key,), all_day=whole_day)
    lines += _begin_and_end(it)
    if it.rrule:
        lines += _line("RRULE", it.rrule)
    if it.rdates:
        lines += _when("RDATE", it, it.rdates)
    return lines + (_when("EXDATE", it, it.exdates) if it.exdates else b"")


def _begin_and_end(it: Instance) -> bytes:
    """Write DTSTART and DTEND where there is an end; a to-do has DUE, and DTSTART only where that is earlier."""
    ends = it.end > it.start
    if it.todo:
        return (_when("DTSTART", it, (it.start,)) if ends else b"") + _when("DUE", it, (it.end,))
    return _when("DTSTART", it, (it.start,)) + (_when("DTEND", it, (it.end,)) if ends else b"")


def _when(name: str, it: Instance, walls: Iterable[int]) -> bytes:
    return _clock(name, it.zone, walls, all_day=it.all_day)


def _clock(name: str, zone: str, walls: Iterable[int], *, all_day: bool) -> bytes:
    if all_day:
        return _line(f"{name};VALUE=DATE", ",".join(f"{times.day(w):%Y%m%d}" for w in walls))
    if zone == "UTC":
        return _line(name, ",".join(map(times.stamp, walls)))
    return _line(f"{name};TZID={zone}", ",".join(f"{times.naive(w):%Y%m%dT%H%M%S}" for w in walls))


def zones(it: Instance) -> set[str]:
    """Give the zones that an instance is written with."""
    written = {"" if it.all_day else it.zone, "" if it.key_all_day else it.key_zone}
    return written - {""}


def _organizer(person: Person) -> bytes:
    return _line(f"ORGANIZER{_cn(person.name)}", person.address)


@lru_cache(maxsize=65_536)
def _attendee(p: Participant) -> bytes:
    role = roles.ROLES[p.kind]
    rsvp = ";RSVP=TRUE" if p.rsvp else ""
    name = f"ATTENDEE{_cn(p.name)};CUTYPE={role.cutype};ROLE={role.role};PARTSTAT={p.partstat}{rsvp}"
    return _line(name, p.address)


def _by_address(people: tuple[Participant, ...]) -> Iterable[Participant]:
    """Make one ATTENDEE of people who share an address: the owner first, else whoever has answered."""
    chosen: dict[str, Participant] = {}
    for p in people:
        known = chosen.get(p.address)
        if known is None or (known.kind is not Kind.OWNER and known.partstat == "NEEDS-ACTION"):
            chosen[p.address] = p
    return chosen.values()


def _cn(name: str) -> str:
    """Write a CN parameter, always quoted, with RFC 6868's carets for what a quoted string cannot hold."""
    text = clean(name).replace("^", "^^").replace('"', "^'").replace("\n", "^n").strip()
    return f';CN="{text}"' if text else ""


def _text(text: str) -> str:
    """Escape a TEXT value (RFC 5545 3.3.11)."""
    plain = clean(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n")


def _progress(done: Progress) -> bytes:
    lines = _line("STATUS", done.status)
    if done.status != DONE:
        return lines
    return (
        lines
        + (_line("COMPLETED", times.stamp(done.completed)) if done.completed else b"")
        + b"PERCENT-COMPLETE:100\r\n"
    )


def _alarm(minutes: int, *, at_end: bool) -> bytes:
    """Write an alarm before the start, or before the DUE of what has no start (RFC 5545 3.8.6.3)."""
    name = "TRIGGER;RELATED=END" if at_end else "TRIGGER"
    trigger = f"{'-' if minutes > 0 else ''}PT{abs(minutes)}M" if minutes else "PT0S"
    lines = (
        b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\n",
        _line(name, trigger),
        b"END:VALARM\r\n",
    )
    return b"".join(lines)


def _line(name: str, value: str) -> bytes:
    return folded(f"{name}:{value}".encode())


def folded(data: bytes) -> bytes:
    """Fold one content line at 75 octets, never inside a character (RFC 5545 3.1)."""
    if len(data) <= OCTETS:
        return data + b"\r\n"
    pieces, start, room = [], 0, OCTETS
    while start < len(data):
        stop = min(start + room, len(data))
        while stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop -= 1
        pieces.append(data[start:stop])
        start, room = stop, OCTETS - 1
    return b"\r\n ".join(pieces) + b"\r\n"


def identified(uid: str, organizer: Person) -> bytes:
    """Write who a component is of, and its UID."""
    return _line("UID", _text(uid)) + _organizer(organizer)


def free_busy(periods: Iterable[Period], start: int, end: int, stamp: int, head: bytes = b"") -> bytes:
    """Write a VFREEBUSY of [start, end), instants, as of `stamp`; `head` is what else it says (RFC 5545 3.6.4)."""
    lines = b"BEGIN:VFREEBUSY\r\n" + head + _line("DTSTAMP", times.stamp(stamp))
    lines += _line("DTSTART", times.stamp(start)) + _line("DTEND", times.stamp(end))
    for kind, some in groupby(sorted(periods, key=lambda p: (p.type, p.start)), key=lambda p: p.type):
        lines += _line(
            f"FREEBUSY;FBTYPE={kind}", ",".join(f"{times.stamp(p.start)}/{times.stamp(p.end)}" for p in some)
        )
    return lines + b"END:VFREEBUSY\r\n"
