"""Fill a new database with a folder of .ics files as rows of the CRM, so that a CalDAV benchmark can read them.

    python -m benchmarks.fill FOLDER DATABASE [--login bench]      # prints the secret of a token for that login

Each file becomes a meeting that the login owns: the mother and one row a guest, all of them persons outside; each
occurrence of a series gets rows of its own, as the CRM keeps them; and an `invitation` row keeps the file's UID. A
meeting that its owner's calendar calls cancelled, which the CRM has no place for, takes no time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr
from sqlalchemy import Table, insert

from gateway.crm import tables as t
from gateway.services import moving_in, publish, tokens
from gateway.services.house import House
from gateway.settings import load_settings
from gateway.store.marks import Lane

ME = 1  # the associate and the person of the login
ROWS = 5_000  # rows written at once
STATUS = {"DECLINED": 9}  # of a guest outside; everything else is 1 (accepted, or nobody knows)


@dataclass
class Filling:
    """Rows to be written, by table, and the numbers drawn so far."""

    zone: ZoneInfo
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def draw(self, what: str) -> int:
        """Draw the next number of a kind."""
        self.drawn[what] = self.drawn.get(what, ME) + 1
        return self.drawn[what]

    def add(self, table: Table, **values: Any) -> None:
        """Note one row."""
        self.rows.setdefault(table, []).append(values)

    def wall(self, moment: datetime | date) -> int:
        """Give the CRM's wall seconds of a moment; a day's are its midnight's."""
        if not isinstance(moment, datetime):
            return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())
        told = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(self.zone)
        return int(told.replace(tzinfo=UTC).timestamp())

    def person(self, address: str, name: str) -> int:
        """Give the person of an address, a new one where nobody has it."""
        if address not in self.people:
            number = self.people[address] = self.draw("person")
            self.add(t.person, person_id=number, contact_id=1, firstname=name, lastname="")
            self.add(t.email, email_id=number, person_id=number, email_address=address, rank=1)
        return self.people[address]


def take(filling: Filling, calendar: icalendar.Calendar) -> None:
    """Turn one file into rows."""
    events = calendar.walk("VEVENT")
    master = next(e for e in events if "RECURRENCE-ID" not in e)
    moved = {filling.wall(e["RECURRENCE-ID"].dt): e for e in events if "RECURRENCE-ID" in e}
    rule = filling.draw("rule") if "RRULE" in master else 0
    text = _text(filling, master)
    for i, (planned, event) in enumerate(_occurrences(filling, master, moved)):
        words = _text(filling, event) if event is not master else text
        mother = _meeting(filling, event, planned, rule=rule, text=words)
        if i == 0:
            identity = {"event_uid": str(master["UID"]), "appointment_id": mother}
            filling.add(t.invitation, invitation_id=filling.draw("invitation"), **identity)


def _occurrences(filling: Filling, master: Any, moved: dict[int, Any]) -> Iterator[tuple[int, Any]]:
    start = master["DTSTART"].dt
    if "RRULE" not in master:
        yield filling.wall(start), master
        return
    left_out = master.get("EXDATE", [])
    gone = {filling.wall(d.dt) for e in (left_out if isinstance(left_out, list) else [left_out]) for d in e.dts}
    for moment in rrulestr(master["RRULE"].to_ical().decode(), dtstart=start):
        planned = filling.wall(moment)
        if planned not in gone:
            yield planned, moved.get(planned, master)


def _meeting(filling: Filling, event: Any, planned: int, *, rule: int, text: int) -> int:
    length = event["DTEND"].dt - event["DTSTART"].dt
    whole = not isinstance(event["DTSTART"].dt, datetime)
    start = filling.wall(event["DTSTART"].dt) if "RECURRENCE-ID" in event else planned
    seconds = int(length.total_seconds()) - (60 if whole else 0)
    free = str(event.get("TRANSP", "")) == "TRANSPARENT" or str(event.get("STATUS", "")) == "CANCELLED"
    shared = {
        "text_id": text,
        "do_by": start,
        "activeDate": start,
        "endDate": start + seconds,
        "original_start_date": planned,
        "recurrenceRuleId": rule,
        "alldayEvent": int(whole),
        "freeBusy": int(free),
        "location": str(event["LOCATION"]),
        "registered": filling.wall(event["CREATED"].dt),
    }
    mother = filling.draw("appointment")
    filling.add(t.appointment, appointment_id=mother, mother_id=mother, associate_id=ME, invitedPersonId=ME,
                type=1, status=1, **shared)  # fmt: skip
    for guest in event["ATTENDEE"]:
        who = filling.person(str(guest).removeprefix("mailto:"), str(guest.params.get("CN", "")))
        status = STATUS.get(str(guest.params.get("PARTSTAT", "")), 1)
        filling.add(t.appointment, appointment_id=filling.draw("appointment"), mother_id=mother, associate_id=0,
                    invitedPersonId=who, type=1, status=status, **shared)  # fmt: skip
    return mother


def _text(filling: Filling, event: Any) -> int:
    number = filling.draw("text")
    words = f"{event['SUMMARY']}\n{event['DESCRIPTION']}"
    filling.add(t.text, text_id=number, type=4, owner_id=0, text=words)
    return number


def write(house: House, filling: Filling) -> None:
    """Write every row, and publish."""
    with house.store.writing(durable=False) as connection:
        for table, rows in filling.rows.items():
            for start in range(0, len(rows), ROWS):
                connection.execute(insert(table), rows[start : start + ROWS])
    for lane in (Lane.NOW, Lane.LATER, Lane.NOW):
        publish.catch_up(house, lane)


def main() -> None:
    """Read the folder, fill the database, and print the secret."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", type=Path)
    ask.add_argument("database")
    ask.add_argument("--login", default="bench")
    given = ask.parse_args()
    house = House(load_settings(database_url=given.database, history_days=36_500))
    moving_in.init(house)
    filling = Filling(ZoneInfo(house.settings.timezone))
    filling.add(t.contact, contact_id=1, name="Bench")
    filling.add(t.person, person_id=ME, contact_id=1, firstname="Bench", lastname="User")
    filling.add(t.email, email_id=ME, person_id=ME, email_address="associate@corp.example.org", rank=1)
    filling.add(t.associate, associate_id=ME, name=given.login, person_id=ME, type=0)
    for path in sorted(given.folder.glob("*.ics")):
        take(filling, icalendar.Calendar.from_ical(path.read_bytes()))  # type: ignore[arg-type]
    write(house, filling)
    print(tokens.grant(house, given.login, "caldav"))


if __name__ == "__main__":
    main()
