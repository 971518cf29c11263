"""How text is compared: the collations of a text-match, one table (RFC 4790 9, RFC 5051, RFC 4791 7.5).

A collation folds octets of UTF-8; one text contains another where its folded octets do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

DEFAULT: Final = "i;ascii-casemap"
UNICODE: Final = "i;unicode-casemap"

Fold = Callable[[bytes], bytes]


def _octet(text: bytes) -> bytes:
    return text


def _ascii_casemap(text: bytes) -> bytes:
    return text.upper()  # of octets, so of ASCII letters and nothing else


def _unicode_casemap(text: bytes) -> bytes:
    if text.isascii():
        return text.upper()
    return "".join(map(_titled, text.decode("utf-8", "replace"))).encode("utf-8", "replace")


@lru_cache(maxsize=4_096)
def _titled(letter: str) -> str:
    """Give the title case of one character, taken apart (RFC 5051 2).

    The rule asks for the simple mapping: a letter whose title case would be two letters keeps its own.
    """
    title = letter.title()
    return unicodedata.normalize("NFKD", title if len(title) == 1 else letter)


COLLATIONS: Final[Mapping[str, Fold]] = {
    DEFAULT: _ascii_casemap,
    "i;octet": _octet,
    UNICODE: _unicode_casemap,
}
