"""When somebody's time is taken, and not by what: the free-busy address (CalConnect Freebusy Read URL; RFC 5546 3.3.1).

``GET /feeds/<secret>.ifb`` takes `start` and `end`, or `start` and `period`: days (``2026-11-24``), moments
(``2026-11-24T09:00:00+01:00``, ``20261124T080000Z``) and durations (``P14D``) of RFC 5545 or ISO 8601. A day begins in
the CRM's base zone, and so does a moment without a zone. Where nothing is said it is from now on for WEEKS weeks.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import uuid5
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from gateway.errors import BadRequest
from gateway.services import free_busy
from gateway.services.house import DAY, House
from gateway.store import directory, residence
from gateway.store.access import Entry
from gateway.web.auth import Door
from gateway.web.feeds import opened
from mappings import address
from mappings.ics import writing
from mappings.ics.instances import duration
from mappings.identity import DIARY
from mappings.model import Person

WEEKS: Final = 6
LONGEST: Final = 800  # days


def addresses(house: House, door: Door) -> Blueprint:
    """Make the blueprint of ``GET|HEAD /feeds/<secret>.ifb``."""
    blueprint = Blueprint("busy", __name__)

    @blueprint.get("/feeds/<secret>.ifb")
    def taken(secret: str) -> Response:
        entry = opened(door, secret, DIARY, "feed", "busy")
        start, end = _range(house)
        data = free_busy.text(house, entry.calendar_id, start, end, head=_who(house, entry), method="PUBLISH")
        response = Response(data, content_type="text/calendar; charset=utf-8; component=VFREEBUSY; method=PUBLISH")
        response.headers["Cache-Control"] = "private, no-store, no-transform"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return blueprint


def _who(house: House, entry: Entry) -> bytes:
    """Say whose time it is (RFC 5546 3.3.1: an ORGANIZER and a UID of its own)."""
    uid = uuid5(residence.uuid(house.store), f"busy:{entry.associate_id}")
    known = directory.one(house.store, entry.associate_id)
    mailbox = known.mailboxes[0] if known and known.mailboxes else ""
    where = address.mailto(mailbox) if mailbox else f"urn:uuid:{uid}"
    return writing.identified(str(uid), Person(entry.name, where))


def _range(house: House) -> tuple[int, int]:
    zone = ZoneInfo(house.settings.timezone)
    told = {name: request.args.get(name, "") for name in ("start", "end", "period")}
    start = _moment("start", told["start"], zone) if told["start"] else house.clock.now()
    if told["end"] and told["period"]:
        raise BadRequest("period", "is told beside an end")
    end = start + WEEKS * 7 * DAY
    if told["end"]:
        end = _moment("end", told["end"], zone)
    elif told["period"]:
        end = start + (duration(told["period"].encode("utf-8", "replace")) or 0)
    if not start < end <= start + LONGEST * DAY:
        raise BadRequest("period" if told["period"] else "end", f"is not within {LONGEST} days after the start")
    return start, end


def _moment(name: str, value: str, zone: ZoneInfo) -> int:
    try:
        # In an address a plus stands for a space.
        read = datetime.fromisoformat(value.replace(" ", "+"))
        moment = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(name, "is not a day or a moment: 2026-11-24, 2026-11-24T09:00:00+01:00") from error
    return int(moment.timestamp())
