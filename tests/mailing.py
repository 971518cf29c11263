"""A house whose mail leaves to a sink, for tests: what is sent is seen, and answered as a mail program would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import icalendar

from gateway.crm.tables import appointment
from gateway.mail import smtp
from gateway.services import deliver
from gateway.services.announce import announce
from gateway.store import tables as t
from tests.outside import Clock, contents
from tests.seed import BO, Seeded, seed
from tests.sink import Sink, Taken

MAILBOX = "answers@gateway.example"
CARLA_MAIL = "carla@moreau.example"
NOW = 1_790_000_000


@dataclass
class Scene:
    """A house whose mail leaves to a sink, and a clock that is turned on by an hour between two acts."""

    seeded: Seeded
    clock: Clock
    server: Sink

    def settle(self, seconds: int = 3_600) -> None:
        self.clock.moment += seconds
        self.seeded.publish()
        announce(self.seeded.house)

    def send(self) -> list[Taken]:
        """Send what is owed; give what arrived."""
        before = len(self.server.taken)
        transport = smtp.transport(self.seeded.house.settings)
        assert transport is not None
        deliver.deliver(self.seeded.house, transport)
        return self.server.taken[before:]

    def told(self) -> list[Taken]:
        self.settle()
        return self.send()

    def states(self) -> list[tuple[str, str]]:
        return [(o["state"], o["delivery"]) for o in contents(self.seeded.house, t.outbox)]

    def row_of(self, person: int) -> dict[str, Any]:
        (row,) = contents(self.seeded.house, appointment, invitedPersonId=person)
        return row


def opened(database_url: str, server: Sink, **settings: Any) -> Scene:
    clock = Clock(NOW)
    chosen = {"mail_address": MAILBOX, "smtp_url": server.url} | settings
    return Scene(seed(database_url, clock=clock, **chosen), clock, server)


def invited(scene: Scene, title: str = "Orchard planning", **columns: Any) -> int:
    return scene.seeded.meeting(title, invited=(BO,), SendEmail=1, **columns)


def component(taken: Taken) -> Any:
    (found,) = icalendar.Calendar.from_ical(taken.calendar).walk("VEVENT")
    return found


def answered(taken: Taken, partstat: str) -> bytes:
    """Answer as Outlook does: to the organizer, without naming them in the calendar, and with the answer alone."""
    uid, sequence = (re.search(rf"^{name}:(.*?)\r?$", taken.calendar, re.MULTILINE) for name in ("UID", "SEQUENCE"))
    organizer = re.search(r"^ORGANIZER.*mailto:(\S+)", taken.calendar, re.MULTILINE)
    assert uid
    assert sequence
    assert organizer
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CARLA_MAIL, organizer[1], "Accepted: Orchard planning"
    mail["Message-ID"], mail["In-Reply-To"] = "<answer@moreau.example>", taken.mail["Message-ID"]
    mail.set_content("Gladly.")
    lines = ["BEGIN:VCALENDAR", "METHOD:REPLY", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", "BEGIN:VEVENT"]
    lines += [f"ATTENDEE;PARTSTAT={partstat};CN=Carla:MAILTO:{CARLA_MAIL}", f"UID:{uid[1]}", f"SEQUENCE:{sequence[1]}"]
    lines += ["DTSTAMP:20260921T140000Z", "END:VEVENT", "END:VCALENDAR", ""]
    mail.add_alternative("\r\n".join(lines).encode(), "text", "calendar", params={"method": "REPLY"})
    return bytes(mail)
