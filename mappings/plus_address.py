"""The address under which one person's answers and bounces come back: a token in front of the gateway's own mailbox.

    answers+1f4.mfrggzdfmztwq2lk@gateway.example

The token names a participant's row and proves that whoever has it was written to: an HMAC over the event's UID, the
row and whose it is, under a key of this installation. Nothing is kept of it; lower case only, because mail servers
change the case of what stands before the @.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

MAIL: Final = "mail"  # what rides in envelope senders and in ORGANIZER
LINK: Final = "link"  # what leads to the page on which somebody answers
PROOF_OCTETS: Final = 10
LOCAL_LENGTH: Final = 30  # characters of a mailbox's local part that leave room for a token within RFC 5321's 64

_TOKEN: Final = re.compile(r"([0-9a-f]{1,16})\.([a-z2-7]{16})\Z")


class Token(NamedTuple):
    """The row that a token names, and its proof, unproved as yet."""

    row: int
    proof: str


def token(key: bytes, purpose: str, uid: str, row: int, associate: int) -> str:
    """Write the token of a participant's row in an event, for one purpose."""
    return f"{row:x}.{_proof(key, purpose, uid, row, associate)}"


def proved(key: bytes, purpose: str, uid: str, given: Token, associate: int) -> bool:
    """Tell, in constant time, whether a token is the one of its row in this event."""
    return hmac.compare_digest(given.proof, _proof(key, purpose, uid, given.row, associate))


def _proof(key: bytes, purpose: str, uid: str, row: int, associate: int) -> str:
    said = "\x00".join((purpose, uid, str(row), str(associate))).encode("utf-8", "replace")
    digest = hmac.new(key, said, hashlib.sha256).digest()
    return base64.b32encode(digest[:PROOF_OCTETS]).decode("ascii").lower()


def with_token(mailbox: str, written: str) -> str:
    """Put a token into a mailbox's address (RFC 5233 subaddressing)."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{written}@{domain}"


def read(text: str) -> Token | None:
    """Read a token as it is written; None for what is none."""
    hit = _TOKEN.match(text.strip().lower())
    return Token(int(hit[1], 16), hit[2]) if hit else None


def token_in(address: str, mailbox: str) -> Token | None:
    """Give the token in an address of the gateway's mailbox; None where there is none, or the mailbox is another."""
    local, _, domain = address.strip().lower().removeprefix("mailto:").rpartition("@")
    name, plus, written = local.partition("+")
    return read(written) if plus and f"{name}@{domain}" == mailbox.lower() else None


def tokens_in(addresses: Iterable[str], mailbox: str) -> list[Token]:
    """Give the tokens in those of some addresses that are of the gateway's mailbox, in order."""
    found = (token_in(one, mailbox) for one in addresses)
    return [token for token in found if token]
