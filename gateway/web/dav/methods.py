"""Method -> handler, and which methods a resource takes (RFC 4918 9, RFC 9110 9, RFC 4791 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NoReturn

from gateway.errors import NotFound, PreconditionFailed
from gateway.store import feeding, objects
from gateway.web import conditions
from gateway.web.answers import Reply
from gateway.web.dav import paths, xml
from gateway.web.dav.answering import CLASSES, multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import INSIDE, Kind
from gateway.web.dav.properties import Plan, Wanted, object_type, wanted
from gateway.web.dav.reports import report
from gateway.web.refusals import InfiniteDepth, MethodNotAllowed, ReadOnly
from mappings.ics import writing
from mappings.identity import COMPONENTS

SMALL: Final = 4_096  # bytes of a PROPFIND body that is worth remembering

_ALLOWED: Final[Mapping[Kind, tuple[str, ...]]] = {
    **dict.fromkeys(Kind, ("OPTIONS", "PROPFIND")),
    Kind.HOME: ("OPTIONS", "PROPFIND", "REPORT"),
    Kind.CALENDAR: ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"),
    Kind.OBJECT: ("OPTIONS", "GET", "HEAD", "PROPFIND"),
}
# Methods that would write, and the privilege that nobody has (RFC 3744 3.1, appendix B).
_WRITES: Final = {
    "PUT": "write-content",
    "DELETE": "unbind",
    "PROPPATCH": "write-properties",
    "MOVE": "unbind",
    "COPY": "bind",
    "MKCALENDAR": "bind",
    "MKCOL": "bind",
    "ACL": "write-acl",
}


def allowed(kind: Kind) -> tuple[str, ...]:
    """Tell which methods a kind of resource takes."""
    return _ALLOWED[kind]


def options(kind: Kind) -> Reply:
    """Say what can be done; the same to everybody, so that it tells of nobody."""
    return Reply(200, [("DAV", CLASSES), ("Allow", ", ".join(_ALLOWED[kind])), ("Content-Length", "0")])


def handle(ask: Ask, method: str) -> Reply:
    """Answer a request; raises what went wrong."""
    handler = METHODS.get(method)
    if method in _WRITES:
        _refuse(ask, _WRITES[method])
    if handler is None or (method != "REPORT" and method not in _ALLOWED[ask.place.kind]):
        raise MethodNotAllowed(_ALLOWED[ask.place.kind])
    return handler(ask)


def _refuse(ask: Ask, privilege: str) -> NoReturn:
    raise ReadOnly(ask.href(ask.place.kind, ask.place.name), privilege)


def _options(ask: Ask) -> Reply:
    return options(ask.place.kind)


def _get(ask: Ask) -> Reply:
    """Give one copy, or a calendar as one text; If-None-Match and If-Match hold against its ETag (RFC 9110 13.1)."""
    if ask.place.kind is Kind.CALENDAR:
        return _whole(ask)
    found = objects.one(ask.house.store, ask.entry.calendar_id, ask.place.name)
    if found is None:
        raise NotFound
    headers = [("Schedule-Tag", f'"{found.schedule_tag}"')]
    return _conditional(ask, found.etag, headers, lambda: found.data)


def _whole(ask: Ask) -> Reply:
    """Give every copy of a calendar in one VCALENDAR, which is nobody's to sync by; the token stands for its text."""
    name = f'attachment; filename="{ask.entry.calendar}.ics"'
    tag = f"{writing.WRITING}-{ask.entry.token}"

    def text() -> bytes:
        return writing.envelope(*feeding.whole(ask.house.store, ask.entry.calendar_id))

    return _conditional(ask, tag, [("Content-Disposition", name)], text)


def _conditional(ask: Ask, tag: str, headers: list[tuple[str, str]], text: Callable[[], bytes]) -> Reply:
    if ask.header("if-match") is not None and not conditions.matches(ask.header("if-match"), tag):
        raise PreconditionFailed
    headers = [("ETag", f'"{tag}"'), *headers, ("Cache-Control", "private, no-transform")]
    if conditions.matches(ask.header("if-none-match"), tag):
        return Reply(304, headers)
    data = text()
    headers += [("Content-Type", object_type(ask)), ("Content-Length", str(len(data)))]
    return Reply(200, headers, data)


def _propfind(ask: Ask) -> Reply:
    depth = _depth(ask)
    asked = _asked(ask.body)
    return multistatus(ask, _listed(ask, asked, depth))


def _depth(ask: Ask) -> int:
    """Give 0 or 1; no header means infinity, which is as good as 0 where nothing is inside (RFC 4918 9.1)."""
    told = (ask.header("depth") or "infinity").strip()
    if ask.place.kind in (Kind.OBJECT, Kind.PRINCIPAL):
        return 0
    if told not in ("0", "1"):
        raise InfiniteDepth
    return int(told)


def _asked(body: bytes) -> Wanted:
    return _remembered(body) if len(body) <= SMALL else _parsed(body)


def _parsed(body: bytes) -> Wanted:
    return wanted(xml.read(body)) if body.strip() else Wanted()


# Clients ask the same few questions over and over.
_remembered = lru_cache(maxsize=256)(_parsed)


def _listed(ask: Ask, asked: Wanted, depth: int) -> Iterator[bytes]:
    kind = ask.place.kind
    copy = None
    if kind is Kind.OBJECT:
        copy = objects.one(ask.house.store, ask.entry.calendar_id, ask.place.name)
        if copy is None:
            raise NotFound
    yield _plan(ask, kind, asked).response(ask, xml.text(ask.alias or paths.href(ask.prefix, ask.place)), copy)
    if depth and kind is Kind.CALENDAR:
        plan = _plan(ask, Kind.OBJECT, asked)
        for item in objects.listing(ask.house.store, ask.entry.calendar_id):
            yield plan.response(ask, ask.quoted(Kind.OBJECT, item.name), item)
    for inside in INSIDE.get(kind, ()) if depth else ():
        plan = _plan(ask, inside, asked)
        for one in map(ask.beside, COMPONENTS) if inside is Kind.CALENDAR else (ask,):
            yield plan.response(one, one.quoted(inside))


def _plan(ask: Ask, kind: Kind, asked: Wanted) -> Plan:
    return Plan(kind, asked, minimal=ask.minimal)


METHODS: Final[Mapping[str, Callable[[Ask], Reply]]] = {
    "OPTIONS": _options,
    "GET": _get,
    "HEAD": _get,
    "PROPFIND": _propfind,
    "REPORT": report,
}
