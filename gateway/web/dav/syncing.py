"""The report that tells what changed: sync-collection (RFC 6578 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.errors import BadRequest, InvalidSyncToken
from gateway.store import objects
from gateway.store.objects import Body, Item
from gateway.web.answers import Reply
from gateway.web.dav import xml
from gateway.web.dav.answering import multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.paths import Kind
from gateway.web.dav.properties import SYNC, Plan
from gateway.web.dav.queries import plan_of, wants_data

_LIMIT: Final = re.compile(r"\s*0*([1-9]\d{0,8})\s*\Z")
_FULL: Final = b"HTTP/1.1 507 Insufficient Storage"
_CUT: Final = b"<D:error><D:number-of-matches-within-limits/></D:error>"


def sync(ask: Ask, root: xml.Element) -> Reply:
    """Give what changed since a token, what has gone as not found, and the token to go on from (RFC 6578 3.2-3.6)."""
    level = (root.findtext("{DAV:}sync-level") or "1").strip()
    if level != "1":
        raise BadRequest("sync-level", "only 1 is supported: a calendar has no collections inside")
    given = _token(root)
    changes = objects.since(ask.house.store, ask.entry.calendar_id, given, _limit(root))
    if changes is None:
        raise InvalidSyncToken
    plan = plan_of(ask, root)
    responses = list(_changed(ask, plan, changes.items, data=wants_data(root)))
    if changes.more:
        responses.append(xml.bare(ask.quoted(Kind.CALENDAR), _FULL, _CUT))
    return multistatus(ask, responses, b"<D:sync-token>%s</D:sync-token>\n" % xml.text(SYNC + changes.token))


def _changed(ask: Ask, plan: Plan, items: Iterable[Item], *, data: bool) -> Iterator[bytes]:
    here = [i for i in items if not i.gone]
    copies: dict[str, Item | Body] = {i.name: i for i in here}
    if data:
        # What left between the two questions is missing here, and told as gone: the next token says so again.
        copies = {b.name: b for b in objects.bodies(ask.house.store, ask.entry.calendar_id, copies)}
    for item in items:
        href = ask.quoted(Kind.OBJECT, item.name)
        copy = None if item.gone else copies.get(item.name)
        yield plan.response(ask, href, copy) if copy else xml.bare(href, xml.MISSING)


def _token(root: xml.Element) -> str:
    element = root.find("{DAV:}sync-token")
    if element is None:
        raise BadRequest("sync-token", "is missing; an empty one begins anew")
    given = (element.text or "").strip()
    if given and not given.startswith(SYNC):
        raise InvalidSyncToken
    # An empty rest is no token of ours, while an empty element asks for everything.
    if given == SYNC:
        raise InvalidSyncToken
    return given.removeprefix(SYNC)


def _limit(root: xml.Element) -> int:
    """Give how many changes are wanted at most; 0 for no limit."""
    told = root.findtext("{DAV:}limit/{DAV:}nresults")
    if told is None:
        return 0
    number = _LIMIT.match(told)
    if number is None:
        raise BadRequest("nresults", "is not a number above 0")
    return int(number[1])
