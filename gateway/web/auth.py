"""Who calls: ``Basic login:token`` or ``Bearer token`` (RFC 7617, RFC 6750); whatever cannot be read is nobody.

Works on the header as WSGI gives it (octets read as Latin-1), so that it serves Flask and the DAV tree alike.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.errors import Unauthenticated
from gateway.services import reading
from gateway.services.house import House
from gateway.store.access import Entry
from mappings.identity import DIARY

LONGEST: Final = 2_000  # characters of a header that are looked at


@dataclass(frozen=True, slots=True)
class Shown:
    """What a caller showed: a token, and the login it was shown with (None: none)."""

    secret: str
    login: str | None = None


def shown(header: str | None) -> Shown:
    """Read an Authorization header; raises Unauthenticated for one that is missing, foreign or garbage."""
    if not header or len(header) > LONGEST:
        raise Unauthenticated
    scheme, _, rest = header.strip().partition(" ")
    reader = _SCHEMES.get(scheme.lower())
    if reader is None:
        raise Unauthenticated
    try:
        return reader(rest.strip())
    except (ValueError, binascii.Error) as error:  # UnicodeError is a ValueError
        raise Unauthenticated from error


def known(house: House, header: str | None, *scopes: str, calendar: str = DIARY) -> Entry:
    """Tell who calls, and where a calendar of theirs stands, ready or not; raises as `reading.known`."""
    caller = shown(header)
    return reading.known(house, caller.secret, *scopes, login=caller.login, calendar=calendar)


def enter(house: House, header: str | None, *scopes: str, calendar: str = DIARY) -> Entry:
    """Let a caller in who wants to read; raises as `reading.enter`."""
    caller = shown(header)
    return reading.enter(house, caller.secret, *scopes, login=caller.login, calendar=calendar)


def _basic(rest: str) -> Shown:
    pair = base64.b64decode(rest.encode("ascii"), validate=True).decode("utf-8")
    login, colon, secret = pair.partition(":")
    if not colon or not secret.isascii():
        raise ValueError("no token")
    return Shown(secret, login)


def _bearer(rest: str) -> Shown:
    if not rest or not rest.isascii():
        raise ValueError("no token")
    return Shown(rest)


_SCHEMES: Final[dict[str, Callable[[str], Shown]]] = {"basic": _basic, "bearer": _bearer}
