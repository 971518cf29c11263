"""The subscription feeds: a personal calendar and the to-dos beside it, behind a secret address.

RFC 7986, RFC 5545, RFC 9110 8.8 and 13.1. What the token was granted for decides what is seen: everything, or *busy*
and nothing else, and so no to-do, which takes nobody's time. No METHOD, because a PUBLISH may not carry ATTENDEE
(RFC 5546 3.2.1). An unchanged feed is answered by the gate alone. The tag of a busy feed is one of what it shows: that
of where the calendar stands would tell each time that something changed beneath.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from typing import Final, TypeAlias

from flask import Blueprint, Response, request

from gateway.errors import Forbidden, NotFound, Unauthenticated
from gateway.services.house import House
from gateway.store import feeding
from gateway.store.access import Entry
from gateway.web import colours, conditions
from gateway.web.auth import Door
from mappings.ics import writing
from mappings.identity import DIARY, TASKS

LONGEST: Final = 200  # characters of a secret
CACHE: Final = "private, no-transform, max-age=0, must-revalidate"
REMEMBERED: Final = 2_000  # busy feeds whose tag is known without writing them again
# Where a calendar stands, as a tag -> the tag of what its busy feed shows.
Shown: TypeAlias = OrderedDict[str, str]
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def feeds(house: House, door: Door) -> Blueprint:
    """Make the blueprint of ``GET|HEAD /feeds/<secret>.ics`` and of ``/feeds/<secret>/tasks.ics``."""
    blueprint = Blueprint("feeds", __name__)
    shown: Shown = OrderedDict()

    @blueprint.get("/feeds/<secret>.ics")
    def feed(secret: str) -> Response:
        return _feed(house, shown, _entry(door, secret, DIARY, "feed", "busy"))

    @blueprint.get(f"/feeds/<secret>/{TASKS}.ics")
    def tasks(secret: str) -> Response:
        return _feed(house, shown, _entry(door, secret, TASKS, "feed"))

    return blueprint


def _feed(house: House, shown: Shown, entry: Entry) -> Response:
    busy = entry.scope == "busy"
    properties = _properties(house, entry, busy=busy)
    standing = _tag(entry, properties)
    plain, data = shown.get(standing, "") if busy else standing, b""
    if not plain:
        plain, data = _written(house, shown, entry, properties)
    packed = conditions.takes_gzip(request.headers.get("Accept-Encoding"))
    given = request.headers.get("If-None-Match")
    if conditions.matches(given, plain):
        # Both forms hold the same: the client hears the tag that it has.
        had = conditions.tags(given) or []
        packed = f"{plain}-gzip" in had or (packed and plain not in had)
        return _answer(Response(status=304), entry, f"{plain}-gzip" if packed else plain)
    if not data:
        plain, data = _written(house, shown, entry, properties)
    response = Response(conditions.gzipped(data) if packed else data, content_type="text/calendar; charset=utf-8")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return _answer(response, entry, f"{plain}-gzip" if packed else plain)


def _written(house: House, shown: Shown, entry: Entry, properties: bytes) -> tuple[str, bytes]:
    """Give a feed's tag and its text; that of a busy one is made of its text, and remembered."""
    busy, standing = entry.scope == "busy", _tag(entry, properties)
    components, zones = feeding.feed(house.store, entry.calendar_id, busy=busy)
    data = writing.envelope(components, zones, properties)
    if not busy:
        return standing, data
    shown[standing] = tag = hashlib.sha256(data).hexdigest()[:32]
    if len(shown) > REMEMBERED:
        shown.popitem(last=False)
    return tag, data


def _entry(door: Door, secret: str, calendar: str, *scopes: str) -> Entry:
    """Let the holder of a secret in; what is wrong with any other is nobody's business, so it is just not there."""
    if len(secret) > LONGEST:
        raise NotFound
    try:
        return door.opened(request.environ, secret, *scopes, calendar=calendar)
    except (Unauthenticated, Forbidden):
        raise NotFound from None


def _properties(house: House, entry: Entry, *, busy: bool) -> bytes:
    told = writing.BUSY.lower() if busy else entry.calendar if entry.calendar != DIARY else ""
    name = f"{entry.name} ({told})" if told else entry.name
    minutes = house.settings.feed_refresh_minutes
    return writing.calendar_properties(name, colours.name(entry.associate_id), minutes)


def _tag(entry: Entry, properties: bytes) -> str:
    """Give the strong ETag: where the calendar stands, which form, and what else the bytes are made of."""
    made = hashlib.sha256(b"%d\n%s\n%s" % (writing.WRITING, entry.scope.encode("ascii"), properties))
    return f"{entry.calendar_id}-{entry.token}-{made.hexdigest()[:12]}"


def _answer(response: Response, entry: Entry, tag: str) -> Response:
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Robots-Tag"] = "noindex"
    name = _UNSAFE.sub("-", entry.login).strip("-.") or "calendar"
    name += f"-{entry.calendar}" if entry.calendar != DIARY else ""
    response.headers["Content-Disposition"] = f'inline; filename="{name}.ics"'
    return response
