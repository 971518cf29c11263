"""``/held``: messages that wait for a person, over HTTP, for whoever may vouch for senders.

``GET /held`` lists them, ``GET /held/7`` gives one as it was received, ``POST /held/7`` with
``{"decision": "release"}`` lets it in and with ``"discard"`` decides that nothing comes of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, request

from gateway.errors import BadRequest, Forbidden
from gateway.services import held as service
from gateway.services.house import House
from gateway.services.ingest import Ended
from gateway.web import conditions
from gateway.web.auth import Door
from gateway.web.refusals import UnsupportedMedia

MAX_BODY: Final = 1_024  # octets
DECISIONS: Final[dict[str, Callable[[House, int], Ended]]] = {"release": service.release, "discard": service.discard}


def held(house: House, door: Door) -> Blueprint:
    """Make the blueprint of ``/held``."""
    blueprint = Blueprint("held", __name__)

    @blueprint.before_request
    def only_who_may_vouch() -> None:
        if not door.known(request.environ, "api").vouch:
            raise Forbidden("Only a token that was made with --vouch decides about messages.")

    @blueprint.get("/held")
    def listed() -> Response:
        return _json({"held": [asdict(one) for one in service.held(house)]})

    @blueprint.get("/held/<int:number>")
    def raw(number: int) -> Response:
        response = Response(service.raw(house, number), content_type="message/rfc822")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @blueprint.post("/held/<int:number>")
    def decide(number: int) -> Response:
        ended = _decision()(house, number)
        return _json({"outcome": ended.outcome, "reason": ended.reason, "inbox": ended.inbox_id})

    return blueprint


def _decision() -> Callable[[House, int], Ended]:
    if request.mimetype != "application/json":
        raise UnsupportedMedia("application/json")
    try:
        said = json.loads(conditions.body(request.environ, MAX_BODY))
    except ValueError as error:
        raise BadRequest("body", "is not JSON") from error
    decision = said.get("decision") if isinstance(said, dict) else None
    if decision not in DECISIONS:
        raise BadRequest("decision", f"is none of {', '.join(DECISIONS)}")
    return DECISIONS[decision]


def _json(told: dict[str, Any]) -> Response:
    response = Response(json.dumps(told, ensure_ascii=False) + "\n", content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
