"""How a multistatus goes out: its headers, and compressed where that gains something (RFC 4918 13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.errors import TooMuch
from gateway.web import conditions
from gateway.web.answers import Reply
from gateway.web.dav import xml
from gateway.web.dav.asking import Ask

# RFC 4791's calendar access on top of WebDAV 1 and 3, with the reading side of access control. No class that is not
# here holds: nothing is locked (2), and no mail is sent for who writes (calendar-auto-schedule).
# The two of Apple's say that colleagues can be searched for, in one question and by `anyof`.
CLASSES: Final = (
    "1, 3, access-control, calendar-access, calendar-no-timezone,"
    " calendarserver-principal-property-search, calendarserver-principal-search"
)
PACKED: Final = 1_400  # bytes above which an answer is compressed: what fits one packet gains nothing
_FULL: Final = b"HTTP/1.1 507 Insufficient Storage"
_CUT: Final = b"<D:error><D:number-of-matches-within-limits/></D:error>"


def cut(ask: Ask) -> bytes:
    """Say that there was more than is told (RFC 3744 9.4, RFC 5323 3.7): for the place that was asked."""
    return xml.bare(ask.here, _FULL, _CUT)


def multistatus(ask: Ask, responses: Iterable[bytes], tail: bytes = b"") -> Reply:
    """Answer with what was found of each resource; `tail` is what follows them, as a sync token does."""
    return _answered(ask, 207, xml.multistatus(_bounded(responses, ask.house.settings.max_answer_bytes), tail))


def _bounded(responses: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Stop where an answer becomes too large: a short question may have many long answers."""
    left = most
    for response in responses:
        left -= len(response)
        if left < 0:
            raise TooMuch("bytes", most)
        yield response


def document(ask: Ask, root: str, inside: bytes) -> Reply:
    """Answer with a DAV element that is no multistatus."""
    return _answered(ask, 200, xml.document(root, inside))


def _answered(ask: Ask, status: int, body: bytes) -> Reply:
    headers = [
        ("Content-Type", "application/xml; charset=utf-8"),
        ("DAV", CLASSES),
        ("Cache-Control", "private, no-store"),
        ("Vary", "Accept-Encoding"),
    ]
    if ask.prefers_minimal:
        headers.append(("Preference-Applied", "return=minimal"))
    if len(body) > PACKED and conditions.takes_gzip(ask.header("accept-encoding")):
        body = conditions.gzipped(body)
        headers.append(("Content-Encoding", "gzip"))
    return Reply(status, [*headers, ("Content-Length", str(len(body)))], body)
