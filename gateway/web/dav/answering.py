"""How a multistatus goes out: its headers, and compressed where that gains something (RFC 4918 13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.web import conditions
from gateway.web.answers import Reply
from gateway.web.dav import xml
from gateway.web.dav.asking import Ask

# RFC 4791's calendar access on top of WebDAV 1 and 3, with the reading side of access control. No class that is not
# here holds: nothing is locked (2), and no mail is sent for who writes (calendar-auto-schedule).
CLASSES: Final = "1, 3, access-control, calendar-access"
PACKED: Final = 1_400  # bytes above which an answer is compressed: what fits one packet gains nothing


def multistatus(ask: Ask, responses: Iterable[bytes], tail: bytes = b"") -> Reply:
    """Answer with what was found of each resource; `tail` is what follows them, as a sync token does."""
    body = xml.multistatus(responses, tail)
    headers = [
        ("Content-Type", "application/xml; charset=utf-8"),
        ("DAV", CLASSES),
        ("Cache-Control", "private, no-store"),
        ("Vary", "Accept-Encoding"),
    ]
    if ask.minimal:
        headers.append(("Preference-Applied", "return=minimal"))
    if len(body) > PACKED and conditions.takes_gzip(ask.header("accept-encoding")):
        body = conditions.gzipped(body)
        headers.append(("Content-Encoding", "gzip"))
    return Reply(207, [*headers, ("Content-Length", str(len(body)))], body)
