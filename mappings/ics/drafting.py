"""The bytes of a calendar object that somebody wrote -> a draft of one event (RFC 5545 3.6.1, RFC 4791 4.1).

What recurs without a clear rule is refused; what is only ill written is mended and said.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from mappings import address, times
from mappings.drafts import Draft, Guest, Override, Sheet
from mappings.errors import LimitExceeded, Unmappable, Unreadable
from mappings.ics import tree
from mappings.ics.components import Damage
from mappings.ics.instances import duration
from mappings.ics.lines import Line, text_of, unescape
from mappings.ics.tree import Branch
from mappings.ics.zone_names import Zones, definitions
from mappings.recurrence.expanding import endless, expand
from mappings.recurrence.pattern import checked

MAX_UID: Final = 255
MAX_DATES: Final = 2_000  # RDATEs and EXDATEs of one series
MAX_RULES: Final = 10  # RRULEs and EXRULEs of one series
MAX_GUESTS: Final = 500
MAX_TEXT: Final = 100_000  # characters
MAX_ALARM: Final = 65_535  # minutes; the CRM's column holds no more
_STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?\Z", re.ASCII | re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Z-]{1,40}\Z")
_VIDEO: Final = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "URL")
_WEB: Final = re.compile(r"https?://[\x21-\x7e]{1,1900}\Z", re.IGNORECASE)
_REPEATS: Final = ("RRULE", "RDATE", "RECURRENCE-ID")

When = tuple[int, str, bool]  # wall seconds, zone, and whether it is a DATE


def draft(data: bytes, base: str) -> Draft:
    """Read the one event of a calendar object; what floats is on the clock of the `base` zone (IANA).

    Raises Unreadable naming the line, Unmappable naming the property, and LimitExceeded.
    """
    damage = Damage()
    root = tree.read(data, damage)
    some = [b for b in root.inner if b.name in ("VEVENT", "VTODO")]
    if not some:
        raise Unreadable("neither VEVENT nor VTODO", root.number)
    uids = {_uid(b, damage) for b in some}
    if len(uids) > 1 or len({b.name for b in some}) > 1:
        raise Unreadable("more than one event", some[1].number)
    reader = _Reader(base, damage, Zones(definitions(text_of(data)[0]), base))
    masters = [b for b in some if not b.all("RECURRENCE-ID")]
    if len(masters) > 1:
        raise Unreadable("more than one component without RECURRENCE-ID", masters[1].number)
    overrides = tuple(reader.override(b) for b in some if b.all("RECURRENCE-ID"))
    if len({(o.planned, o.zone) for o in overrides}) < len(overrides):
        raise Unreadable("two components have the same RECURRENCE-ID", some[-1].number)
    todo = some[0].name == "VTODO"
    if not masters:
        return Draft(uids.pop(), todo, None, overrides, damage=tuple(damage.entries))
    (master,) = masters
    sheet = reader.sheet(master)
    rrule, more, gone = reader.rules(master, sheet)
    rdates = tuple(sorted(more.union(reader.dates(master, "RDATE", sheet))))
    exdates = tuple(sorted(gone.union(reader.dates(master, "EXDATE", sheet))))
    spoken_for = {on_clock(o.planned, o.zone, sheet, dated=o.dated) for o in overrides}
    overrides += tuple(o for o in reader.periods(master, sheet) if o.planned not in spoken_for | set(exdates))
    return Draft(uids.pop(), todo, sheet, overrides, rrule, rdates, exdates, tuple(damage.entries))


class _Reader:
    def __init__(self, base: str, damage: Damage, zones: Zones) -> None:
        self._base, self._damage, self._zones = base, damage, zones

    def override(self, it: Branch) -> Override:
        (line, *more) = it.all("RECURRENCE-ID")
        if more:
            raise Unreadable("RECURRENCE-ID is there more than once", more[0].number)
        wall, zone, dated = self.when(line)
        span = line.get("RANGE").upper()
        if span not in ("", "THISANDFUTURE"):
            raise Unreadable("RANGE is not THISANDFUTURE", line.number)
        return Override(wall, zone, dated, bool(span) or line.has("THISANDFUTURE"), self.sheet(it))

    def sheet(self, it: Branch) -> Sheet:
        start, end, zone, all_day = self._times(it)
        organizer = it.first("ORGANIZER", self._damage)
        return Sheet(
            start=start,
            end=end,
            zone=zone,
            all_day=all_day,
            summary=self._text(it, "SUMMARY"),
            description=self._text(it, "DESCRIPTION"),
            location=self._text(it, "LOCATION"),
            video=_video(it),
            classification=self._word(it, "CLASS", "PUBLIC"),
            free=self._word(it, "TRANSP", "OPAQUE") == "TRANSPARENT",
            priority=self._priority(it),
            status=self._word(it, "STATUS", ""),
            alarm=self._alarm(it.below("VALARM")),
            organizer=address.normalise(organizer.value) if organizer else "",
            guests=self._guests(it),
        )

    def rules(self, it: Branch, master: Sheet) -> tuple[str, set[int], set[int]]:
        """Give the one rule that is followed, the dates that others add, and those that EXRULEs take out (RFC 2445).

        A series has one rule, and EXRULE is no longer part of the standard (RFC 5545 A.3): dates say the same of what
        ends.
        """
        rules = list(dict.fromkeys(checked(line.value) for line in it.all("RRULE")))
        less = list(dict.fromkeys(checked(line.value) for line in it.all("EXRULE")))
        if len(rules) + len(less) > MAX_RULES:
            raise LimitExceeded("rules", MAX_RULES)
        rules.sort(key=endless, reverse=True)
        if any(endless(rule) for rule in rules[1:]):
            raise Unmappable("RRULE", "is there more than once without an end")
        if not rules:
            return "", set(), set()
        if less and endless(rules[0]):
            raise Unmappable("EXRULE", "takes dates out of a series that never ends")
        more = {wall for rule in rules[1:] for wall in _dates(rule, master, times.LATEST - 1)}
        last = max(more | set(_dates(rules[0], master, times.LATEST - 1))) if less else 0
        gone = {wall for rule in less for wall in _dates(rule, master, last)}
        return rules[0], more, gone - {master.start}

    def dates(self, it: Branch, name: str, master: Sheet) -> set[int]:
        """Give RDATEs or EXDATEs on the clock of the master; of a period its start."""
        found: set[int] = set()
        for line, value in self._values(it, name):
            try:
                wall, zone, dated = self._stamp(line, value.partition("/")[0])
            except Unmappable as error:
                if name == "RDATE":
                    raise
                self._damage.note(f"{name} {error.rule}", line.number)  # what is never there need not be left out
                continue
            found.add(on_clock(wall, zone, master, dated=dated))
        return found

    def periods(self, it: Branch, master: Sheet) -> Iterator[Override]:
        """Give the RDATEs that are periods of another length than the master (RFC 5545 3.8.5.2)."""
        for line, value in self._values(it, "RDATE"):
            begins, slash, ends = value.partition("/")
            if not slash or master.all_day:
                continue
            start = on_clock(*self._stamp(line, begins)[:2], master, dated=False)
            lasts = duration(ends.strip().encode("utf-8"))
            end = on_clock(*self._stamp(line, ends)[:2], master, dated=False) if lasts is None else start + lasts
            if end - start != master.end - master.start and end >= start:
                sheet = replace(master, start=start, end=end)
                yield Override(start, master.zone, dated=False, forward=False, sheet=sheet)

    def _values(self, it: Branch, name: str) -> Iterator[tuple[Line, str]]:
        count = 0
        for line in it.all(name):
            values = line.value.split(",", MAX_DATES + 1)
            count += len(values)
            if count > MAX_DATES:
                raise LimitExceeded(f"{name}s", MAX_DATES)
            yield from ((line, value) for value in values)

    def when(self, line: Line) -> When:
        """Read a DATE or a DATE-TIME; raises Unreadable."""
        return self._stamp(line, line.value)

    def _stamp(self, line: Line, value: str) -> When:
        hit = _STAMP.match(value.strip().rpartition(":")[2])
        if hit is None:
            raise Unreadable(f"{line.name} is no date", line.number)
        year, month, day, hour, minute, second = (int(part or 0) for part in hit.groups()[:6])
        if not 1 <= month <= 12 or not 1 <= day <= (calendar.monthrange(year, month)[1] if year else 0) or hour > 23:
            raise Unreadable(f"{line.name} is no date", line.number)
        if minute > 59 or second > 60:
            raise Unreadable(f"{line.name} is no date", line.number)
        wall = calendar.timegm((year, month, day, hour, minute, min(second, 59)))
        if not times.EARLIEST <= wall < times.LATEST:
            raise Unmappable(line.name, "lies outside the years 1900 to 2199")
        if hit[4] is None:
            return wall, "", True
        return wall, "UTC" if hit[7] else self._zone(line, wall), False

    def _zone(self, line: Line, wall: int) -> str:
        told = line.get("TZID")
        if not told:
            return self._base
        zone = self._zones.name(told, wall)
        if not zone:
            self._damage.note(f"unknown time zone {told[:80]!r}", line.number)
        return zone or self._base

    def _times(self, it: Branch) -> tuple[int, int, str, bool]:
        begins = it.first("DTSTART", self._damage)
        ends = it.first("DTEND", self._damage) or it.first("DUE", self._damage)
        if begins is None and (it.name == "VEVENT" or ends is None):
            raise Unreadable(f"{it.name} has no {'DTSTART' if it.name == 'VEVENT' else 'DUE'}", it.number)
        start, zone, dated = self.when(begins or ends)  # type: ignore[arg-type]
        zone = zone or self._base
        end = start + (self._lasts(it, ends, start, zone, dated=dated) if begins else 0)
        if end < start:
            self._damage.note("ends before it starts", it.number)
        if it.name == "VEVENT":
            return start, max(start, end), zone, dated
        if any(it.all(name) for name in _REPEATS):  # its rule tells when it begins
            return start, max(end, start + times.DAY if dated else start), zone, dated
        due, zone, dated = self.when(ends) if ends else (max(start, end), zone, dated)
        return due, due + (times.DAY if dated else 0), zone or self._base, dated

    def _lasts(self, it: Branch, ends: Line | None, start: int, zone: str, *, dated: bool) -> int:
        """Give how many wall seconds an event takes; a day, where it is one and says no more (RFC 5545 3.6.1)."""
        if ends is not None:
            wall, there, date_only = self.when(ends)
            wall = wall if date_only or there == zone else times.rezone(wall, there, zone)
            return max(wall - start, times.DAY) if dated else wall - start
        lasts = it.first("DURATION", self._damage)
        seconds = duration(lasts.value.encode("utf-8")) if lasts else None
        if lasts and seconds is None:
            raise Unreadable("DURATION is none", lasts.number)
        if dated and it.name == "VTODO":
            return -(-(seconds or 0) // times.DAY) * times.DAY
        if dated:
            return max(times.DAY, -(-(seconds or 0) // times.DAY) * times.DAY)
        return max(0, seconds or 0)

    def _text(self, it: Branch, name: str) -> str:
        line = it.first(name, self._damage)
        return unescape(line.value[:MAX_TEXT]).strip() if line else ""

    def _word(self, it: Branch, name: str, default: str) -> str:
        line = it.first(name, self._damage)
        word = line.value.strip().upper() if line else ""
        return word if _WORD.match(word) else default

    def _priority(self, it: Branch) -> int:
        line = it.first("PRIORITY", self._damage)
        told = line.value.strip() if line else ""
        return int(told) if told.isascii() and told.isdigit() and len(told) == 1 else 0

    def _alarm(self, alarms: Iterable[Branch]) -> int | None:
        """Give the minutes before the start of the first alarm that has any, rounded down; one after it is then."""
        for it in alarms:
            for line in it.all("TRIGGER"):
                seconds = duration(line.value.encode("utf-8")) if line.get("RELATED").upper() != "END" else None
                minutes = None if seconds is None else max(0, -seconds // 60)
                if minutes is not None and minutes <= MAX_ALARM:
                    return minutes
                self._damage.note("an alarm that the CRM cannot keep", line.number)
        return None

    def _guests(self, it: Branch) -> tuple[Guest, ...]:
        lines = it.all("ATTENDEE")
        if len(lines) > MAX_GUESTS:
            raise LimitExceeded("attendees", MAX_GUESTS)
        found: dict[str, Guest] = {}
        for line in lines:
            who = address.normalise(line.value)
            who = address.normalise(line.get("EMAIL")) or who if not who or who.startswith("urn:") else who
            if not who:
                self._damage.note("ATTENDEE has no usable address", line.number)
                continue
            found.setdefault(who, _guest(line, who))
        return tuple(found.values())


def on_clock(wall: int, zone: str, master: Sheet, *, dated: bool) -> int:
    """Read a moment on the clock of a series; one that is only a day of a series with times means that day's."""
    if master.all_day:
        wall = wall if dated or zone == master.zone else times.rezone(wall, zone, master.zone)
        return wall - wall % times.DAY
    if dated:
        return wall + master.start % times.DAY
    return times.rezone(wall, zone, master.zone)


def _dates(rrule: str, master: Sheet, last: int) -> tuple[int, ...]:
    found = expand(rrule, master.start, last=last, most=MAX_DATES, zone="UTC" if master.all_day else master.zone)
    if len(found) > MAX_DATES:
        raise LimitExceeded("dates of a rule", MAX_DATES)
    return found


def _guest(line: Line, who: str) -> Guest:
    def word(name: str, default: str) -> str:
        told = line.get(name).strip().upper()
        return told if _WORD.match(told) else default

    return Guest(
        who,
        line.get("CN").strip('"')[:400],
        word("PARTSTAT", "NEEDS-ACTION"),
        word("ROLE", "REQ-PARTICIPANT"),
        word("CUTYPE", "INDIVIDUAL"),
        rsvp=word("RSVP", "FALSE") == "TRUE",
    )


def _video(it: Branch) -> str:
    """Give the first address of a video meeting, or of a page, that a browser could open."""
    some = (line.value.strip() for name in _VIDEO for line in it.all(name))
    return next((value for value in some if _WEB.match(value)), "")


def _uid(it: Branch, damage: Damage) -> str:
    line = it.first("UID", damage)
    uid = unescape(line.value).strip() if line else ""
    if not 0 < len(uid) <= MAX_UID:
        raise Unreadable("needs one UID", it.number)
    return uid
