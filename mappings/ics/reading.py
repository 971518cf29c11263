"""Bytes of a foreign VCALENDAR -> scheduling messages, tolerantly and within bounds (RFC 5546 3.2).

Nothing here hands foreign text to `icalendar`: its zones are kept for the whole process (see `lines`). What
had to be mended is named in `Itip.damage`; what could be mistaken for another answer is refused.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from typing import Final

from mappings import address, times
from mappings.errors import Unreadable
from mappings.ics.components import Component, Damage, components
from mappings.ics.lines import Line, text_of, unescape
from mappings.ics.zone_names import Zones, definitions
from mappings.model import Attendee, Item, Itip, Stamp

MAX_UID: Final = 1_000
MAX_COMMENT: Final = 2_000

_STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?\Z", re.ASCII | re.IGNORECASE)
# DTSTART:20261111T083000Z, or DTSTART;TZID=Europe/Berlin:20261111T093000
_PROPOSED: Final = re.compile(
    r"\bDTSTART(?:;[^:]*?\bTZID=(?P<zone>[^:;]+))?[^:]*:(?P<value>\d{8}T\d{6}Z?)", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"[A-Z-]{1,40}\Z")
_SEQUENCE: Final = re.compile(r"\d{1,9}\Z", re.ASCII)
_MAILTO: Final = re.compile(r"mailto:[^\s;:,\"<>]{3,320}", re.IGNORECASE)
_PARTSTAT: Final = re.compile(r"PARTSTAT=(?:3D)?\"?([A-Z-]{1,40})", re.IGNORECASE)


def read(data: bytes, method_hint: str = "", charset: str = "") -> tuple[Itip, ...]:
    """Read the scheduling messages of one calendar object, one for each METHOD and UID, in order.

    `method_hint` and `charset` are the Content-Type's parameters; a METHOD inside wins over the hint, and
    without either the method is empty. Raises LimitExceeded, or Unreadable naming the line.
    """
    text, mended = text_of(data, charset)
    damage = Damage(mended)
    zones = Zones(definitions(text))
    groups: dict[tuple[str, str], list[Item]] = {}
    for component in components(text, damage):
        method = _method(component.methods, method_hint, damage)
        items = groups.setdefault((method, _uid(component)), [])
        item = _item(component, damage, zones)
        if item not in items:
            items.append(item)
    entries = tuple(dict.fromkeys(damage.entries))
    return tuple(Itip(method, uid, tuple(items), entries) for (method, uid), items in groups.items())


def _method(methods: list[str], hint: str, damage: Damage) -> str:
    said = set(methods)
    if len(said) > 1:
        raise Unreadable(f"several METHODs: {', '.join(sorted(said))}"[:200])
    inside, hinted = "".join(said), hint.strip().upper()
    if inside and hinted and inside != hinted:
        damage.note(f"METHOD:{inside} inside, method={hinted[:40]} outside")
    method = inside or hinted
    return method if _TOKEN.match(method) else ""


def _uid(component: Component) -> str:
    said = {unescape(line.value).strip() for line in component.all("UID")}
    uid = said.pop() if len(said) == 1 else ""
    if not 0 < len(uid) <= MAX_UID:
        raise Unreadable("needs one UID", component.number)
    return uid


def _item(component: Component, damage: Damage, zones: Zones) -> Item:
    recurrence, ranged = _recurrence(component, damage, zones)
    organizer = component.first("ORGANIZER", damage)
    return Item(
        recurrence=recurrence,
        this_and_future=ranged,
        attendees=_attendees(component, damage),
        sequence=_sequence(component, damage),
        dtstamp=_instant(_stamp(component.first("DTSTAMP", damage), damage, zones)),
        organizer=_person(organizer) if organizer else "",
        comment=_comment(component),
        start=_stamp(component.first("DTSTART", damage), damage, zones),
        end=_stamp(component.first("DTEND", damage), damage, zones),
        proposed=_proposed(component, zones),
    )


def _proposed(component: Component, zones: Zones) -> Stamp | None:
    """Give the start that iOS proposes: a property within a parameter of ATTENDEE."""
    for line in component.all("ATTENDEE"):
        hit = _PROPOSED.search(line.get("TO-ALL-PROPOSED-NEW-TIME"))
        if hit:
            zone = (("TZID", hit["zone"]),) if hit["zone"] else ()
            return _parsed(Line(line.number, "DTSTART", zone, hit["value"]), zones)
    return None


def _recurrence(component: Component, damage: Damage, zones: Zones) -> tuple[Stamp | None, bool]:
    """Read RECURRENCE-ID and RANGE; raises Unreadable, since an instance must never pass for the series."""
    found = component.all("RECURRENCE-ID")
    if not found:
        return None, False
    line = found[0]
    stamp = _stamp(line, damage, zones)
    if stamp is None or len({other.value for other in found}) > 1:
        raise Unreadable("RECURRENCE-ID is not one date", line.number)
    span = line.get("RANGE").upper()
    # RFC 2445 knew THISANDPRIOR, and some senders wrote the bare word where RANGE= belongs.
    if line.has("THISANDPRIOR") or span not in ("", "THISANDFUTURE"):
        raise Unreadable("RANGE is not THISANDFUTURE", line.number)
    return stamp, bool(span) or line.has("THISANDFUTURE")


def _sequence(component: Component, damage: Damage) -> int | None:
    line = component.first("SEQUENCE", damage) or component.first("X-MICROSOFT-CDO-APPT-SEQUENCE", damage)
    if line is None:
        return None
    if not _SEQUENCE.match(line.value.strip()):
        damage.note("SEQUENCE is no number", line.number)
        return None
    return int(line.value)


def _stamp(line: Line | None, damage: Damage, zones: Zones) -> Stamp | None:
    if line is None:
        return None
    stamp = _parsed(line, zones)
    if stamp is None:
        damage.note(f"{line.name} is no date", line.number)
    elif line.get("TZID") and not stamp.zone and not stamp.date_only:
        damage.note(f"unknown time zone {line.get('TZID')[:80]!r}", line.number)
    return stamp


def _parsed(line: Line, zones: Zones) -> Stamp | None:
    # An unquoted TZID with a colon in it (tzone://…) leaves its tail before the date.
    hit = _STAMP.match(line.value.strip().rpartition(":")[2])
    if not hit:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in hit.groups()[:6])
    if not 1900 <= year < 2200 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    wall = calendar.timegm((year, month, day, hour, minute, min(second, 59)))
    if hit[4] is None:
        return Stamp(wall, "", date_only=True)
    return Stamp(wall, "UTC" if hit[7] else zones.name(line.get("TZID"), wall), date_only=False)


def _instant(stamp: Stamp | None) -> int | None:
    if stamp is None:
        return None
    # DTSTAMP is UTC by RFC 5545 3.8.7.2; one that forgot its Z means the same.
    return times.instant(stamp.wall, stamp.zone) if stamp.zone else stamp.wall


def _attendees(component: Component, damage: Damage) -> tuple[Attendee, ...]:
    found = [_attendee(line, damage) for line in component.all("ATTENDEE")]
    found += [Attendee(_mailbox_in(text), _partstat_in(text)) for text in component.broken]
    return tuple(one for one in dict.fromkeys(found) if one.address)


def _attendee(line: Line, damage: Damage) -> Attendee:
    person = _person(line)
    if not person:
        damage.note("ATTENDEE has no usable address", line.number)
        person = _mailbox_in(line.value)
    said = {value.strip('" ').upper()[:40] for name, value in line.parameters if name == "PARTSTAT"}
    if len(said) > 1:
        damage.note("ATTENDEE has several PARTSTATs", line.number)
    partstat = said.pop() if len(said) == 1 else ""
    return Attendee(person, partstat, line.get("CN").strip('"')[:400], address.normalise(line.get("SENT-BY")))


def _person(line: Line) -> str:
    """Give who a line names; where its value is no mailbox, EMAIL= may tell (RFC 7986 6.2)."""
    named = address.normalise(line.value)
    if not named or named.startswith("urn:"):
        return address.normalise(line.get("EMAIL")) or named
    return named


def _mailbox_in(text: str) -> str:
    hit = _MAILTO.search(text)
    return address.normalise(hit[0]) if hit else ""


def _partstat_in(text: str) -> str:
    said = {hit.upper() for hit in _PARTSTAT.findall(text)}
    return said.pop() if len(said) == 1 else ""


def _comment(component: Component) -> str:
    return _words(component.all("COMMENT")) or _words(component.all("X-CALENDARSERVER-PRIVATE-COMMENT"))


def _words(lines: Iterable[Line]) -> str:
    said = dict.fromkeys(unescape(line.value[: 2 * MAX_COMMENT]).strip() for line in lines)
    return "\n".join(filter(None, said))[:MAX_COMMENT].strip()
