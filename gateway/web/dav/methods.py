"""Method -> handler, and which methods a resource takes (RFC 4918 9, RFC 9110 9, RFC 4791 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NoReturn

from gateway.errors import BadRequest, NotFound, PreconditionFailed
from gateway.store import feeding, objects
from gateway.web import conditions
from gateway.web.answers import Reply
from gateway.web.dav import paths, walking, xml
from gateway.web.dav.answering import CLASSES, multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind
from gateway.web.dav.properties import LENGTH, Plan, Wanted, object_type, plan, wanted
from gateway.web.dav.reports import report
from gateway.web.dav.walking import Stop
from gateway.web.refusals import InfiniteDepth, MethodNotAllowed, ReadOnly
from mappings.ics import selecting, writing

_WAYS: Final = ("{DAV:}prop", "{DAV:}allprop", "{DAV:}propname")
SMALL: Final = 4_096  # bytes of a PROPFIND body that is worth remembering

_ALLOWED: Final[Mapping[Kind, tuple[str, ...]]] = {
    **dict.fromkeys(Kind, ("OPTIONS", "PROPFIND", "REPORT")),
    Kind.CALENDAR: ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"),
    Kind.OBJECT: ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"),
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
    if handler is None or method not in _ALLOWED[ask.place.kind]:
        raise MethodNotAllowed(_ALLOWED[ask.place.kind])
    return handler(ask)


def _refuse(ask: Ask, privilege: str) -> NoReturn:
    raise ReadOnly(paths.href(ask.prefix, ask.place), privilege)


def _options(ask: Ask) -> Reply:
    return options(ask.place.kind)


def _get(ask: Ask) -> Reply:
    """Give one copy, or a calendar as one text; If-None-Match and If-Match hold against its ETag (RFC 9110 13.1)."""
    if ask.place.kind is Kind.CALENDAR:
        return _whole(ask)
    found = objects.one(ask.house.store, ask.entry.calendar_id, ask.place.name)
    if found is None:
        raise NotFound
    headers = [("Schedule-Tag", f'"{found.schedule_tag}"'), ("Vary", "CalDAV-Timezones")]
    return _conditional(ask, found.etag, headers, lambda: _zoned(ask, found.data))


def _zoned(ask: Ask, data: bytes) -> bytes:
    return data if ask.with_zones else selecting.without_zones(data)


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
    return multistatus(ask, _told(ask, asked, depth))


def _depth(ask: Ask) -> int:
    """Give 0 or 1; no header means infinity, which is as good as 0 where nothing is inside (RFC 4918 9.1)."""
    told = (ask.header("depth") or "infinity").strip()
    if ask.place.kind in (Kind.OBJECT, Kind.PRINCIPAL, Kind.COLLEAGUE):
        return 0
    if told not in ("0", "1"):
        raise InfiniteDepth
    return int(told)


def _asked(body: bytes) -> Wanted:
    return _remembered(body) if len(body) <= SMALL else _parsed(body)


def _parsed(body: bytes) -> Wanted:
    if not body.strip():
        return Wanted()
    root = xml.read(body)
    if root.tag != "{DAV:}propfind" or not any(child.tag in _WAYS for child in root):
        raise BadRequest("propfind", "is not what was sent, or asks for nothing")
    return wanted(root)


# Clients ask the same few questions over and over.
_remembered = lru_cache(maxsize=256)(_parsed)


def _told(ask: Ask, asked: Wanted, depth: int) -> Iterator[bytes]:
    plans: dict[Kind, Plan] = {}
    for stop in _stops(ask, depth, texts=LENGTH in asked.names):
        if stop.kind not in plans:
            plans[stop.kind] = plan(stop.kind, asked, sized=True, minimal=ask.minimal)
        yield plans[stop.kind].response(stop.ask, stop.href, stop.copy)


def _stops(ask: Ask, depth: int, *, texts: bool) -> Iterator[Stop]:
    yield walking.here(ask)
    if depth:
        yield from walking.inside(ask, texts=texts)


METHODS: Final[Mapping[str, Callable[[Ask], Reply]]] = {
    "OPTIONS": _options,
    "GET": _get,
    "HEAD": _get,
    "PROPFIND": _propfind,
    "REPORT": report,
}
