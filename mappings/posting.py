"""Notice -> the e-mail that carries it (RFC 6047), in the one shape that every mail client shows buttons for.

    multipart/mixed
        multipart/alternative
            text/plain, text/html
            text/calendar; method=REQUEST        what a client acts on: the last alternative, no attachment
        application/ics                          the same octets, for programs that look for a file

The same values give the same octets, boundaries included: a mail that is sent again after a crash is the same mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from mappings import times
from mappings.errors import Unmappable
from mappings.ics import writing
from mappings.model import Header, Instance, Kind, Notice, Participant, Person
from mappings.notices import CANCEL, REPLY
from mappings.recurrence.expanding import endless
from mappings.recurrence.occurring import starts

SUBJECT_LENGTH: Final = 200  # characters
NAME_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person reads: the subject, the text twice, and its language (RFC 5646)."""

    subject: str
    plain: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Note:
    """A few words owed to the owner of an event: what about, whose words (a mailbox to reply to), and what they are."""

    about: str
    to: Person
    mailbox: str
    title: str
    who: str
    text: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a mail: its Message-ID, what it follows on from (oldest first), and its Date, an instant.

    `sender` and `to` are people with `mailto:` addresses; `reply_to` is a mailbox, where that is another than the
    sender's.
    """

    message_id: str
    follows: tuple[str, ...]
    date: int
    sender: Person
    to: Person
    reply_to: str = ""


def calendar(notice: Notice, organizer: Person, stamp: int, *, guests: bool) -> bytes:
    """Write the iTIP object of a notice as its recipient gets it (RFC 5546 3.2.2, 3.2.5); `stamp` is its DTSTAMP.

    `organizer` is where answers go. A CANCEL names nobody but who gets it; with `guests` a REQUEST names everybody who
    has an address.
    """
    header = Header(notice.uid, notice.sequence, stamp)
    components, zones = [], []
    for it in notice.instances:
        people = tuple(_named(notice, it, guests=guests))
        seen = replace(it, organizer=organizer, participants=people)
        components.append(writing.closed(writing.component(header, seen), _status(notice, it), _microsoft(notice, it)))
        zones += [(name, *_years(it)) for name in sorted(writing.zones(it))]
    method = b"METHOD:%s\r\n" % notice.method.encode("ascii")
    return writing.envelope(components, zones, extra=method)


def reply(notice: Notice, stamp: int) -> bytes:
    """Write the iTIP object of a reply to an organizer elsewhere (RFC 5546 3.2.3): who answers is its one ATTENDEE."""
    header = Header(notice.uid, notice.sequence, stamp)
    components, zones = [], []
    for it in notice.instances:
        own = answering(notice, it)
        seen = replace(it, participants=(replace(own, rsvp=False),), description="", video="", rrule="", rdates=(),
                       exdates=())  # fmt: skip
        components.append(writing.closed(writing.component(header, seen), it.status, b""))
        zones += [(name, *_years(seen)) for name in sorted(writing.zones(seen))]
    return writing.envelope(components, zones, extra=b"METHOD:REPLY\r\n")


def answering(notice: Notice, it: Instance) -> Participant:
    """Give who answers in a reply, as they take part in an instance of it."""
    first = next(p for one in notice.instances for p in one.participants if p.row == notice.row)
    return next((p for p in it.participants if p.address == first.address), first)


def _named(notice: Notice, it: Instance, *, guests: bool) -> Iterator[Participant]:
    """Give who is an ATTENDEE: who gets it, and the others, but not the owner, who is the ORGANIZER."""
    for p in it.participants:
        mine = p.address == notice.to.address or p.row == notice.row
        if mine:
            yield replace(p, rsvp=notice.method != CANCEL)
        elif guests and notice.method != CANCEL and p.kind is not Kind.OWNER and p.address.startswith("mailto:"):
            yield replace(p, rsvp=False)


def _status(notice: Notice, it: Instance) -> str:
    if notice.method == CANCEL:
        return "CANCELLED"
    return "NEEDS-ACTION" if it.todo else it.status


def _microsoft(notice: Notice, it: Instance) -> bytes:
    """Write how Outlook is to show it (MS-OXCICAL); what is called off keeps nobody busy."""
    if it.todo:
        return b""
    busy = b"FREE" if notice.method == CANCEL else b"BUSY"
    transparent = b"TRANSPARENT" if notice.method == CANCEL else b"OPAQUE"
    whole_day = b"TRUE" if it.all_day else b"FALSE"
    return b"TRANSP:%s\r\nX-MICROSOFT-CDO-BUSYSTATUS:%s\r\nX-MICROSOFT-CDO-ALLDAYEVENT:%s\r\n" % (
        transparent, busy, whole_day,
    )  # fmt: skip


def _years(it: Instance) -> tuple[int, int]:
    """Give the years for which the zones of an instance have to be told."""
    walls = [it.start, it.end, it.key or it.start]
    if not it.key and not (it.rrule and endless(it.rrule)):
        walls += [start + it.end - it.start for start in starts(it)[-1:]]
    return times.naive(min(walls)).year, times.naive(max(walls)).year


def compose(heading: Heading, letter: Letter, method: str, body: bytes) -> bytes:
    """Put a letter and its iTIP object into one mail; raises Unmappable for an address that no mail can be sent to."""
    mail = _headed(heading, letter)
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    part = EmailMessage(policy=_POLICY)
    part.set_content(body, "text", "calendar", cte="base64", params={"charset": "UTF-8", "method": method})
    mail.attach(part)
    name = _FILES.get(method, "invite.ics")
    mail.add_attachment(body, "application", "ics", cte="base64", filename=name)
    return _octets(mail, letter.language)


def compose_words(heading: Heading, letter: Letter) -> bytes:
    """Make a mail of words alone; raises Unmappable as `compose`."""
    mail = _headed(heading, letter)
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return _octets(mail, letter.language)


_POLICY: Final = policy.SMTP
_FILES: Final = {CANCEL: "cancel.ics", REPLY: "reply.ics"}


def _headed(heading: Heading, letter: Letter) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _mailbox(heading.sender)
    mail["To"] = _mailbox(heading.to)
    if heading.reply_to:
        mail["Reply-To"] = _mailbox(Person("", heading.reply_to))
    mail["Subject"] = one_line(letter.subject)[:SUBJECT_LENGTH]
    mail["Date"] = format_datetime(datetime.fromtimestamp(heading.date, UTC))
    mail["Message-ID"] = heading.message_id
    if heading.follows:
        mail["In-Reply-To"] = heading.follows[-1]
        mail["References"] = " ".join(heading.follows)
    mail["Auto-Submitted"] = "auto-generated"
    # Not "All", which would keep Exchange from telling what could not be delivered.
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail.set_content(letter.plain, cte="quoted-printable")
    return mail


def _octets(mail: EmailMessage, language: str) -> bytes:
    digest = hashlib.sha256(str(mail["Message-ID"]).encode("utf-8")).hexdigest()[:24]
    containers = [part for part in mail.walk() if part.is_multipart()]
    for part in list(mail.walk())[1:]:
        del part["MIME-Version"]  # it is said once, at the head (RFC 2045 4)
    # Not earlier: what a mail says of its content goes into its first part when it gets others.
    mail["Content-Language"] = language
    for number, part in enumerate(containers):
        part.set_boundary(f"=_{digest}_{number}")
    return mail.as_bytes(policy=_POLICY)


def _mailbox(person: Person) -> Address:
    """Give an address as it stands in a header; a domain of other letters in its ASCII form (RFC 5890)."""
    plain = ascii_address(person.address)
    return Address(one_line(person.name)[:NAME_LENGTH], addr_spec=plain)


def ascii_address(address: str) -> str:
    """Give a mailbox as SMTP takes it (RFC 5321 4.1.2); raises Unmappable where it cannot."""
    local, at, domain = address.removeprefix("mailto:").rpartition("@")
    try:
        plain = f"{local}{at}{domain.encode('idna').decode('ascii')}"
        Address(addr_spec=plain)
    except (UnicodeError, ValueError, IndexError) as error:
        raise Unmappable("address", "is none that mail can be sent to") from error
    if not at or not local or not plain.isascii() or any(c.isspace() or not c.isprintable() for c in plain):
        raise Unmappable("address", "is none that mail can be sent to")
    return plain


def one_line(text: str) -> str:
    """Give text as a header can carry it: without line breaks, control characters, and white space in rows."""
    return " ".join("".join(c if c.isprintable() else " " for c in writing.clean(text)).split())
