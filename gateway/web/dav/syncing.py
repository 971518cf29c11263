"""The report that tells what changed: sync-collection (RFC 6578 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from gateway.errors import BadRequest, InvalidSyncToken
from gateway.store import objects
from gateway.store.objects import Item
from gateway.web.answers import Reply
from gateway.web.dav import forms, xml
from gateway.web.dav.answering import cut, multistatus
from gateway.web.dav.asking import Ask
from gateway.web.dav.forms import Form
from gateway.web.dav.properties import SYNC, Plan
from gateway.web.dav.queries import plan_of
from gateway.web.dav.shaping import Shaper

_LIMIT: Final = re.compile(r"\s*0*([1-9]\d{0,8})\s*\Z")


def sync(ask: Ask, root: xml.Element) -> Reply:
    """Give what changed since a token, what has gone as not found, and the token to go on from (RFC 6578 3.2-3.6)."""
    level = (root.findtext("{DAV:}sync-level") or "1").strip()
    if level != "1":
        raise BadRequest("sync-level", "only 1 is supported: a calendar has no collections inside")
    given = _token(root)
    most = ask.house.settings.max_results
    page = min(_limit(root) or most, most)
    changes = objects.since(ask.house.store, ask.entry.calendar_id, given, page)
    if changes is None:
        raise InvalidSyncToken
    responses = _changed(ask, plan_of(ask, root), changes.items, forms.form(root))
    tail = b"<D:sync-token>%s</D:sync-token>\n" % xml.text(SYNC + changes.token)
    return multistatus(ask, chain(responses, (cut(ask),)) if changes.more else responses, tail)


def _changed(ask: Ask, plan: Plan, items: Sequence[Item], asked: Form | None) -> Iterator[bytes]:
    told = plan.copies(ask)
    if asked is None:
        for item in items:
            href = ask.copy_at(item.name)
            yield xml.bare(href, xml.MISSING) if item.gone else told(href, item)
        return
    shaper = Shaper(ask, asked)
    here = [item.name for item in items if not item.gone]
    # What left between the two questions is missing here, and told as gone: the next token says so again.
    found = objects.bodies(ask.house.store, ask.entry.calendar_id, here, spans=shaper.spans)
    copies = {b.name: shaper(b) for b in found}
    for item in items:
        href = ask.copy_at(item.name)
        copy = None if item.gone else copies.get(item.name)
        yield told(href, copy) if copy else xml.bare(href, xml.MISSING)


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
