"""The report that tells when somebody's time is taken: free-busy-query (RFC 4791 7.10)."""

from __future__ import annotations

from typing import Final

from gateway.errors import BadRequest
from gateway.services import free_busy
from gateway.web.answers import Reply
from gateway.web.dav import ranges, xml
from gateway.web.dav.asking import Ask

_TYPE: Final = "text/calendar; charset=utf-8; component=VFREEBUSY"


def query(ask: Ask, root: xml.Element) -> Reply:
    """Answer with one VFREEBUSY; what takes no time, was declined or cancelled is left out."""
    spans = root.findall(f"{{{xml.CALDAV}}}time-range")
    if len(spans) != 1:
        raise BadRequest("time-range", "is there once")
    try:
        start, end = ranges.read(spans[0], whole=True)
    except ValueError as error:
        raise BadRequest("time-range", str(error)) from error
    data = free_busy.text(ask.house, ask.entry.calendar_id, start, end)
    headers = [("Content-Type", _TYPE), ("Cache-Control", "private, no-store"), ("Content-Length", str(len(data)))]
    return Reply(200, headers, data)
