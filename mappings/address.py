"""Calendar-user addresses (RFC 5545 3.3.3, RFC 6068): the only place where two people are compared.

Equality only, never a part of an address. Case and IDNA spelling are the only differences that one person's
address may have: no other folding is done, so that look-alike characters stay different people.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

MAX_ADDRESS: Final = 320  # RFC 5321 4.5.3.1: 64 octets of local part, "@", 255 of domain
MAX_LABEL: Final = 63

_PLAIN_IN_URI: Final = "!$'*+-._~"
_SCHEME: Final = re.compile(r"\s*(?:mailto:\s*)+", re.IGNORECASE)
_UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_LOCAL: Final = re.compile(r"(?!/)[^@\s\"(),:;<>\[\]\\]+\Z")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\Z")


@lru_cache(maxsize=4096)
def normalise(value: str) -> str:
    """Give the one spelling of an address: ``local@domain`` in lower case with A-labels, or ``urn:uuid:…``.

    `value` may carry ``mailto:`` in any case, percent-encoding behind it, ``?headers`` and angle brackets.
    Empty for no usable address: none or two ``@``, control, space or invisible characters, too long.
    """
    if len(value) > 3 * MAX_ADDRESS:
        return ""
    text = value.strip(" \t\r\n").removeprefix("<").removesuffix(">")
    if _UUID.match(text.lower()):
        return text.lower()
    scheme = _SCHEME.match(text)
    if scheme:
        # Only a URI is percent-encoded; in a bare mailbox a percent sign is a letter like any other.
        try:
            text = unquote(text[scheme.end() :].partition("?")[0], errors="strict")
        except UnicodeDecodeError:
            return ""
    return _mailbox(text.strip(" \t").removeprefix("<").removesuffix(">"))


def mailto(address: str) -> str:
    """Give the address as a URI: ``urn:uuid:`` as it is, or ``mailto:`` encoded as RFC 6068 section 2 asks.

    Empty for no usable address.
    """
    known = normalise(address)
    if not known or known.startswith("urn:"):
        return known
    local, _, domain = known.rpartition("@")
    return f"mailto:{quote(local, safe=_PLAIN_IN_URI)}@{domain}"


def same(one: str, other: str) -> bool:
    """Tell whether two addresses are one person's; an unusable address is nobody's, not even its own."""
    known = normalise(one)
    return bool(known) and known == normalise(other)


def tagless(address: str) -> str:
    """Give the address without its plus-tag, to be held only against the invitee's own known address."""
    known = normalise(address)
    local, at, domain = known.rpartition("@")
    bare = local.partition("+")[0]
    return f"{bare}{at}{domain}" if bare else known


def _mailbox(text: str) -> str:
    if len(text) > MAX_ADDRESS or not _visible(text):
        return ""
    local, _, domain = text.rpartition("@")
    domain = _domain(_fold(domain))
    if not domain or not _LOCAL.match(local):
        return ""
    return f"{unicodedata.normalize('NFC', _fold(local))}@{domain}"


def _visible(text: str) -> bool:
    """Tell whether no character is a control, a space, invisible, or made ASCII by NFC."""
    if text.isascii():
        return text.isprintable()
    return not any(
        unicodedata.category(char)[0] in "CZ" or (char > "\x7f" and unicodedata.normalize("NFC", char).isascii())
        for char in text
    )


def _fold(text: str) -> str:
    """Lower each character by itself: full case folding would make ß and ss, two people, one."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _domain(text: str) -> str:
    """Give a domain with A-labels (RFC 5890 2.3.2.1); empty where it is none."""
    labels = text.removesuffix(".").split(".")
    spelt = [_label(label) for label in labels]
    return ".".join(spelt) if all(spelt) else ""


def _label(label: str) -> str:
    if not label.isascii():
        # Plain punycode and not the standard library's "idna" codec: that one is IDNA 2003, which folds ß to
        # ss and full-width letters to ASCII, and so makes two registrable domains one.
        label = "xn--" + unicodedata.normalize("NFC", label).encode("punycode").decode("ascii")
    return label if len(label) <= MAX_LABEL and _LABEL.match(label) else ""
