"""Which zone a TZID means, by its name or by its definition, and that no message's zones are another's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Final

import pytest

from mappings.ics.reading import read
from mappings.ics.zone_names import Zones, definitions, zone_name

TEN: Final = 1_794_268_800 + 10 * 3_600  # 10 November 2026, ten o'clock


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ('"America/New_York"', "America/New_York"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("romance standard time", "Europe/Paris"),
        ("/freeassociation.example/Tzfile/Europe/Berlin", "Europe/Berlin"),
        ("/right/Europe/Berlin", "Europe/Berlin"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("GMT", "UTC"),
        ("American/New_York", "America/New_York"),
        ("(GMT-08.00) Pacific Time (US & Canada)/Tijuana", "America/Los_Angeles"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(GMT+01.00) Sarajevo/Warsaw/Zagreb", "Europe/Sarajevo"),
        ("Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC-05:00) Bogota, Lima, Quito, Rio Branco", "America/Bogota"),
        ("(UTC+05:00) Berlin", "Etc/GMT-5"),
        ("GMT+0200", "Etc/GMT-2"),
        ("GMT -0500 (Standard) / GMT -0400 (Daylight)", "Etc/GMT+5"),
        ("UTC+05:30", ""),
        ("/mozilla.org/20050126_1/Europe/Oslo", "Europe/Oslo"),
        ("US/Pacific", "US/Pacific"),
        ("Customized Time Zone", ""),
        ("../../../etc/passwd", ""),
        ("Europe", ""),
        ("\x00", ""),
        ("", ""),
    ],
)
def test_a_zone_is_known_or_it_is_not(tzid: str, zone: str) -> None:
    assert zone_name(tzid) == zone


def mine(offset: str, tzid: str = "MyZone") -> bytes:
    """A reply whose zone is defined to be some hours from UTC; no `offset`: not defined at all."""
    zone = f"BEGIN:VTIMEZONE\nTZID:{tzid}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\n"
    zone += f"TZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
    return (
        f"BEGIN:VCALENDAR\nMETHOD:REPLY\n{zone if offset else ''}BEGIN:VEVENT\nUID:a@example\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:grete@north.test\n"
        f"RECURRENCE-ID;TZID={tzid}:20261110T100000\nEND:VEVENT\nEND:VCALENDAR\n"
    ).encode()


ALONE: Final = {"+0530": "Asia/Kolkata", "-0300": "America/Sao_Paulo", "": ""}


@pytest.mark.parametrize("order", list(permutations(ALONE)))
def test_one_senders_zone_shifts_nobody_elses_times(order: tuple[str, ...]) -> None:
    assert {offset: zone_of(mine(offset)) for offset in order} == ALONE
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(zone_of, map(mine, order * 8))) == [ALONE[offset] for offset in order * 8]


def zone_of(data: bytes) -> str:
    recurrence = read(data)[0].items[0].recurrence
    assert recurrence is not None
    return recurrence.zone


def test_a_known_name_counts_whatever_was_defined_for_it() -> None:
    assert zone_of(mine("+0530", "Europe/Oslo")) == "Europe/Oslo"
    assert zone_of(mine("+0530", "W. Europe Standard Time")) == "Europe/Berlin"


SUMMER: Final = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T{fall}0000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYDAY={autumn};BYMONTH={month}
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;BYDAY={spring};BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("base", "told", "zone"),
    [
        ("Europe/Oslo", ("03", "+0200", "+0100", "-1SU", 10, "-1SU"), "Europe/Oslo"),
        ("UTC", ("03", "+0200", "+0100", "-1SU", 10, "-1SU"), "Europe/Berlin"),
        ("UTC", ("02", "-0400", "-0500", "1SU", 11, "2SU"), "America/New_York"),
        ("UTC", ("04", "+0300", "+0200", "-1SU", 10, "-1SU"), "Europe/Athens"),
    ],
)
def test_what_no_name_tells_the_definition_does(base: str, told: tuple[object, ...], zone: str) -> None:
    names = ("fall", "summer", "winter", "autumn", "month", "spring")
    text = SUMMER.format(**dict(zip(names, told, strict=True)))
    zones = Zones(definitions(text), base)
    assert zones.name("Customized Time Zone", TEN) == zone
    assert zones.name("Another", TEN) == ""


def test_hostile_definitions_come_to_an_end() -> None:
    many = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0100\nRRULE:FREQ=HOURLY\nEND:STANDARD\n" * 10_000
    zones = Zones(definitions(f"BEGIN:VTIMEZONE\nTZID:Odd\n{many}END:VTIMEZONE\n"), "UTC")
    assert zones.name("Odd", TEN) in ("Africa/Lagos", "Etc/GMT-1")
