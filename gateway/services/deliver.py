"""Mails that are owed leave: claimed one by one, sent, tried again with patience, or given up and listed.

A mail is composed of what stands in the outbox, of settings and of the language that the CRM names, so that one sent
again after a crash is the same mail under the same Message-ID. What was claimed and never ended is taken up again when
its lease ends.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.crm import identities
from gateway.errors import MailDeferred, MailRefused
from gateway.letters import invitation, notes
from gateway.letters.language import language
from gateway.ports import MailTransport
from gateway.services import holders
from gateway.services.house import House
from gateway.store import outbox
from gateway.store.outbox import Owed
from gateway.store.values import note as read_note
from gateway.store.values import notice as read_notice
from mappings import address, plus_address, posting
from mappings.errors import MappingError
from mappings.model import Notice, Person
from mappings.notices import REPLY
from mappings.posting import Heading

MOST: Final = 50  # mails in one turn
LEASE: Final = 600  # seconds for which a mail is somebody's
ATTEMPTS: Final = 25  # a little more than three days
FIRST_PAUSE: Final = 60  # seconds before the second attempt; four times as long before each further one
LONGEST_PAUSE: Final = 4 * 3_600

# SCHEDULE-STATUS of who was to be told (RFC 6638 3.2.9, RFC 5546 3.6).
SENT: Final = "1.1"
UNDELIVERED: Final = "5.1"
BAD_ADDRESS: Final = "3.7"

log = structlog.get_logger("partstat.deliver")


def deliver(house: House, transport: MailTransport, most: int = MOST) -> int:
    """Send what is owed and due, at most `most` mails; gives how many were tried."""
    tried = 0
    with transport:
        while tried < most and (owed := _claim(house)) is not None:
            _deliver(house, transport, owed)
            tried += 1
    return tried


def _claim(house: House) -> Owed | None:
    with house.store.writing() as connection:
        return outbox.claim(connection, house.clock.now(), LEASE)


def _deliver(house: House, transport: MailTransport, owed: Owed) -> None:
    if owed.last is not None and owed.last < house.clock.now():
        _end(house, owed, outbox.WITHHELD, "1.0", error="the event was over before it could be sent")
        return
    if owed.attempts > ATTEMPTS:  # whoever tried before did not live to say what became of it
        _end(house, owed, outbox.DEAD, UNDELIVERED, error=owed.error or "nobody who tried to send it came to an end")
        return
    try:
        ready = _note(house, owed) if owed.kind == outbox.NOTE else _notice(house, owed)
        transport.send(ready.sender, ready.recipient, ready.raw)
    except MailDeferred as error:
        _again(house, owed, str(error))
    except MailRefused as error:
        _end(house, owed, outbox.DEAD, UNDELIVERED, error=str(error))
    except MappingError as error:
        _end(house, owed, outbox.DEAD, BAD_ADDRESS, error=str(error))
    else:
        _end(house, owed, outbox.SENT, SENT, message_id=ready.message_id, language=ready.language)


@dataclass(frozen=True, slots=True)
class Ready:
    """One mail as it leaves: its envelope, its octets, and what is remembered of it."""

    sender: str
    recipient: str
    raw: bytes
    message_id: str
    language: str


def _notice(house: House, owed: Owed) -> Ready:
    """Compose a notice; raises Unmappable for an address that no mail can be sent to."""
    notice = read_notice(owed.payload)
    assert notice.organizer is not None
    if notice.method == REPLY:
        return _reply(house, owed, notice, notice.organizer.mailbox)
    with house.store.reading() as connection:
        thread = outbox.thread(connection, owed.event_id, notice.row, owed.outbox_id)
        wanted = identities.language(connection, notice.uid)
    tongue = language((wanted, thread.language, house.settings.mail_language))
    mailbox, guests = notice.organizer.mailbox, house.settings.show_guests
    own = plus_address.with_token(mailbox, token(house, notice, plus_address.MAIL))
    lead = notice.instances[0]
    organizer = Person(
        lead.organizer.name if lead.organizer else "", f"mailto:{own if notice.organizer.tokens else mailbox}"
    )
    body = posting.calendar(notice, organizer, owed.planned_at, guests=guests)
    link = f"{house.settings.base_url}/rsvp/{token(house, notice, plus_address.LINK)}"
    words = invitation.letter(notice, tongue, first=not thread.message_ids, guests=guests, link=link)
    name = _message_id(house, owed, mailbox)
    heading = Heading(name, thread.message_ids, owed.planned_at, organizer, notice.to)
    raw = posting.compose(heading, words, notice.method, body)
    return Ready(own, posting.ascii_address(notice.to.address), raw, name, tongue.tag)


def _reply(house: House, owed: Owed, notice: Notice, mailbox: str) -> Ready:
    """Compose an answer to an organizer elsewhere: from who answers, where their domain is ours to speak for."""
    lead = notice.instances[0]
    own = posting.answering(notice, lead)
    theirs = address.normalise(own.address)
    with house.store.reading() as connection:
        thread = outbox.thread(connection, owed.event_id, notice.row, owed.outbox_id)
    tongue = language((thread.language, house.settings.mail_language))
    same = theirs.rpartition("@")[2] == mailbox.rpartition("@")[2]
    sender = Person(own.name, own.address if same else f"mailto:{mailbox}")
    name = _message_id(house, owed, mailbox)
    heading = Heading(name, thread.message_ids, owed.planned_at, sender, notice.to, "" if same else theirs)
    body = posting.reply(notice, owed.planned_at)
    raw = posting.compose(heading, invitation.reply(notice, own, tongue), notice.method, body)
    return Ready(mailbox, posting.ascii_address(notice.to.address), raw, name, tongue.tag)


def _note(house: House, owed: Owed) -> Ready:
    """Compose a few words to the owner; raises Unmappable as above. A bounce of them goes nowhere (RFC 3834 3.3)."""
    note = read_note(owed.payload)
    tongue = language((house.settings.mail_language,))
    name = _message_id(house, owed, note.mailbox)
    sender = Person("Partstat", f"mailto:{note.mailbox}")
    heading = Heading(name, (), owed.planned_at, sender, note.to, note.reply_to)
    raw = posting.compose_words(heading, notes.letter(note, tongue))
    return Ready("", posting.ascii_address(note.to.address), raw, name, tongue.tag)


def token(house: House, notice: Notice, purpose: str) -> str:
    """Write the token of whoever gets a notice."""
    return plus_address.token(house.key, purpose, notice.uid, notice.row, holders.associate(notice))


def _message_id(house: House, owed: Owed, mailbox: str) -> str:
    said = b"%b %d %d" % (house.key, owed.outbox_id, owed.planned_at)
    name = base64.b32encode(hashlib.sha256(said).digest()[:15]).decode("ascii").lower()
    return f"<{name}@{mailbox.rpartition('@')[2]}>"


def _again(house: House, owed: Owed, error: str) -> None:
    if owed.attempts >= ATTEMPTS:
        _end(house, owed, outbox.DEAD, UNDELIVERED, error=f"given up after {owed.attempts} attempts: {error}")
        return
    pause = min(FIRST_PAUSE * 4 ** min(owed.attempts - 1, 10), LONGEST_PAUSE)
    log.info("mail put off", mail=owed.outbox_id, seconds=pause, error=error)
    with house.store.writing() as connection:
        outbox.postpone(connection, owed.outbox_id, house.clock.now() + pause, error)


def _end(house: House, owed: Owed, state: str, delivery: str, **more: str) -> None:
    if state == outbox.DEAD:
        log.warning("mail given up", mail=owed.outbox_id, **more)
    with house.store.writing() as connection:
        outbox.ended(connection, owed.outbox_id, state, house.clock.now(), delivery, **more)
