"""Who calls: ``Basic login:token`` or ``Bearer token`` (RFC 7617, RFC 6750); whatever cannot be read is nobody.

Works on the header as WSGI gives it (octets read as Latin-1), so that it serves Flask and the DAV tree alike. Everybody
comes in by one `Door`, which keeps those waiting who guess (`guessing`). A login that nobody has and a wrong token cost
the same one question and get the same answer: it is the token that is looked up, and the login only compared.
"""

from __future__ import annotations

import base64
import binascii
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import Unauthenticated
from gateway.services import reading
from gateway.services.house import House
from gateway.store.access import Entry
from gateway.web.guessing import Guess, Guesses
from gateway.web.networks import network
from gateway.web.refusals import TooManyGuesses
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


class Door:
    """The one door of a process: who calls, and whether they have guessed too often to be looked at.

    `environ` is a request as WSGI gives it. Every way in raises TooManyGuesses without a question to the database.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._guesses = Guesses(house.settings.guesses_allowed, secrets.token_bytes(32))

    def known(self, environ: Mapping[str, Any], *scopes: str, calendar: str = DIARY) -> Entry:
        """Tell who calls, and where a calendar of theirs stands, ready or not; raises as `reading.known`."""
        caller = shown(environ.get("HTTP_AUTHORIZATION"))
        return self._looked_at(environ, caller, reading.known, scopes, calendar)

    def enter(self, environ: Mapping[str, Any], *scopes: str, calendar: str = DIARY) -> Entry:
        """Let a caller in who wants to read; raises as `reading.enter`."""
        caller = shown(environ.get("HTTP_AUTHORIZATION"))
        return self._looked_at(environ, caller, reading.enter, scopes, calendar)

    def opened(self, environ: Mapping[str, Any], secret: str, *scopes: str, calendar: str = DIARY) -> Entry:
        """Let a caller in who names no login but a secret address; raises as `reading.enter`."""
        return self._looked_at(environ, Shown(secret), reading.enter, scopes, calendar)

    def _looked_at(
        self, environ: Mapping[str, Any], caller: Shown, look: _Look, scopes: tuple[str, ...], calendar: str
    ) -> Entry:
        guess = None if self._guesses.quiet else self._waited(environ, caller)
        try:
            entry = look(self._house, caller.secret, *scopes, login=caller.login, calendar=calendar)
        except Unauthenticated:
            self._guesses.wrong(guess or self._guess(environ, caller), self._house.clock.ticks())
            raise
        if guess is not None:
            self._guesses.right(guess, self._house.clock.ticks())
        return entry

    def _waited(self, environ: Mapping[str, Any], caller: Shown) -> Guess:
        """Raise TooManyGuesses for who has to wait; what they had shown before is still just wrong."""
        guess = self._guess(environ, caller)
        seconds = self._guesses.wait(guess, self._house.clock.ticks())
        if seconds <= 0:
            return guess
        if self._guesses.shown_before(guess):
            raise Unauthenticated
        raise TooManyGuesses(math.ceil(seconds))

    def _guess(self, environ: Mapping[str, Any], caller: Shown) -> Guess:
        place = network(environ, self._house.settings.trusted_proxies)
        return self._guesses.guess(caller.login, place, caller.secret)


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


_Look = Callable[..., Entry]
_SCHEMES: Final[dict[str, Callable[[str], Shown]]] = {"basic": _basic, "bearer": _bearer}
