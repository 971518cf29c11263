"""The DAV tree as a WSGI application (PEP 3333): who asks, for which place, how; errors by the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from gateway.errors import NotFound
from gateway.services.house import House
from gateway.store.access import Entry
from gateway.web import answers
from gateway.web.answers import Reply
from gateway.web.auth import Door
from gateway.web.dav import asking, methods, paths, principals
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind, Place
from mappings.identity import DIARY

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

# Where clients look for CalDAV before they know better (RFC 6764 5). Probes are answered on the spot: some
# clients follow no redirect, or believe no answer about another address than they asked for.
WELL_KNOWN: Final = "/.well-known/caldav"
PROBED: Final = ("/", "/principals", "/principals/")
# Places that show what is published; all others only say where things are, and need no calendar to be prepared.
_SHOWING: Final = (Kind.HOME, Kind.CALENDAR, Kind.OBJECT)


class Dav:
    """The tree under `/dav/`, and the signposts to it."""

    def __init__(self, house: House, door: Door | None = None) -> None:
        self.house = house
        self._door = door or Door(house)
        self._root = paths.href(asking.prefix(house), Place(Kind.ROOT))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            reply = self._answer(environ)
        except Exception as error:  # noqa: BLE001 - the outermost door: whatever it was, the client gets an answer
            reply = answers.dav(answers.noted(error))
        if not any(name == "Content-Length" for name, _ in reply.headers) and reply.status != 304:
            reply.headers.append(("Content-Length", str(len(reply.body))))
        start_response(reply.line, reply.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]

    def _answer(self, environ: Environ) -> Reply:
        method = environ["REQUEST_METHOD"]
        if is_signpost(environ):
            return Reply(301, [("Location", self._root), ("Cache-Control", "public, max-age=3600")])
        place = _place(environ)
        if method == "OPTIONS" and place is not None:
            return methods.options(place.kind)
        entry = self._entry(environ, place)
        if place is None:
            raise NotFound
        alias = asking.prefix(self.house) + environ["PATH_INFO"] if is_probed(environ) else ""
        # A place of somebody else that is not theirs to see is answered like one that there is not.
        ask = principals.resolved(Ask(self.house, entry, place, environ, alias))
        reply = methods.handle(ask, method)
        if ask.place.login != place.login:  # another spelling of it (RFC 4918 5.2)
            reply.headers.append(("Content-Location", paths.href(ask.prefix, ask.place)))
        return reply

    def _entry(self, environ: Environ, place: Place | None) -> Entry:
        come_in = self._door.enter if place is not None and place.kind in _SHOWING else self._door.known
        calendar = place.calendar if place is not None else ""
        return come_in(environ, "caldav", calendar=calendar or DIARY)


def is_mine(environ: Environ) -> bool:
    """Tell whether a request is for the DAV tree."""
    path = environ.get("PATH_INFO", "")
    return path == "/dav" or path.startswith("/dav/") or is_signpost(environ) or is_probed(environ)


def is_signpost(environ: Environ) -> bool:
    """Tell whether a request is for the place that only says where the tree is."""
    path: str = environ.get("PATH_INFO", "")
    return path.rstrip("/") == WELL_KNOWN


def is_probed(environ: Environ) -> bool:
    """Tell whether a request looks for the tree where it is not; its root answers, under the address asked for."""
    return environ["REQUEST_METHOD"] == "PROPFIND" and environ.get("PATH_INFO", "") in PROBED


def _place(environ: Environ) -> Place | None:
    if is_probed(environ):
        return Place(Kind.ROOT)
    try:
        return paths.from_wsgi(environ.get("PATH_INFO", ""))
    except NotFound:
        return None
