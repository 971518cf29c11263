"""``POST /itip``: an answer that somebody else's mail server or program received (RFC 5546, RFC 6047).

Every message that could be read this far ends with 200 and its one named outcome; sending it again is harmless.
``?explain=1`` only tells what would become of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, request

from gateway.services.explain import explain
from gateway.services.house import House
from gateway.services.ingest import ingest
from gateway.web import conditions
from gateway.web.auth import Door
from gateway.web.refusals import UnsupportedMedia

TAKEN: Final = ("message/rfc822", "text/calendar")


def itip(house: House, door: Door) -> Blueprint:
    """Make the blueprint of ``POST /itip``."""
    blueprint = Blueprint("itip", __name__)

    @blueprint.post("/itip")
    def receive() -> Response:
        return _receive(house, door)

    return blueprint


def _receive(house: House, door: Door) -> Response:
    entry = door.known(request.environ, "api")
    if request.mimetype not in TAKEN:
        raise UnsupportedMedia(" or ".join(TAKEN))
    raw = conditions.body(request.environ, house.settings.max_mail_bytes)
    response = Response(status=200, content_type="application/json")
    if request.args.get("explain") == "1":
        response.set_data(_json(asdict(explain(house, raw, vouched=entry.vouch))))
    else:
        ended = ingest(house, raw, door="http", vouched=entry.vouch)
        response.set_data(_json({"outcome": ended.outcome, "reason": ended.reason, "inbox": ended.inbox_id}))
    response.headers["Cache-Control"] = "no-store"
    return response


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False) + "\n"
