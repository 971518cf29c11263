"""A few words to the owner of a meeting, of what only a person can answer.

They are told of a guest's words, of another time that is proposed, of who answers uninvited, and of answers that wait.
Nothing is sent to anybody but the owner, at the address that calendars show, and about one event no more than MOST in
an hour; the same words are told once.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gateway.services import holders
from gateway.services.house import HOUR, House
from gateway.store import outbox, published
from gateway.store.published import Stored
from gateway.store.unit import Connection
from gateway.store.values import tell
from mappings.imip import Mail
from mappings.model import Outcome, Verdict
from mappings.posting import Note

MOST: Final = 10  # notes about one event in an hour
TEXT_LENGTH: Final = 20_000  # characters of a guest's words

# What is told, by the outcome; the words are in gateway/letters.
ABOUT: Final[dict[Outcome, str]] = {
    Outcome.PROPOSAL: "proposes",
    Outcome.HELD: "held",
    Outcome.REFUSED_NOT_INVITED: "uninvited",
}
WORDS: Final = "wrote"


def note(
    house: House, connection: Connection, verdict: Verdict, mail: Mail, event_id: int | None, *, rejected: bool
) -> None:
    """Owe the owner a note about a message that they should know of.

    A message that its own domain wants rejected (`rejected`) is told to nobody.
    """
    about = ABOUT.get(verdict.outcome, WORDS if mail.words else "")
    if not about or not house.settings.mails or rejected or (mail.automatic and about == WORDS):
        return
    found = event_id if event_id is not None else _meant(house, connection, mail)
    event = published.events(connection, ids=[found]).get(found) if found is not None else None
    if event is not None:
        published.load_parts(connection, {event.event_id: event})
        _owe(house, connection, event, about, mail)


def _owe(house: House, connection: Connection, event: Stored, about: str, mail: Mail) -> None:
    it = next(iter(event.instances()), None) if event.parts else None
    if it is None or it.organizer is None or it.owned_externally or not it.organizer.address.startswith("mailto:"):
        return
    author = mail.senders.author
    text = mail.words if about == WORDS else _comment(mail)
    words = Note(about, it.organizer, house.settings.mail_address, it.summary, author, text[:TEXT_LENGTH], author)
    payload, now = tell(words), house.clock.now()
    lately = outbox.notes_since(connection, event.event_id, now - HOUR)
    if author and payload not in lately and len(lately) < MOST:
        outbox.owe_note(connection, event.event_id, it.organizer.address, payload, now)


def _comment(mail: Mail) -> str:
    items: Collection[str] = [item.comment.strip() for itip in mail.messages for item in itip.items]
    return "\n".join(filter(None, items))


def _meant(house: House, connection: Connection, mail: Mail) -> int | None:
    """Give the event that a guest's words are about: by their own address, or by the mail that they answer."""
    found = holders.event_and_row(house, connection, mail)
    return found[0] if found else outbox.event_of(connection, mail.answers)
