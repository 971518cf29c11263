"""Messages that wait for a person, over HTTP: only who may vouch sees them and decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway import create_app
from gateway.ports import SystemClock
from gateway.services import tokens
from gateway.services.ingest import ingest
from gateway.store import tables as t
from tests.outside import Clock, contents, reply
from tests.seed import BO, Seeded, seed

BO_MAIL = "bo@hillside.example"


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url, clock=Clock(SystemClock().now()))
    with closing(seeded):
        seeded.meeting("Orchard planning", invited=(BO,), SendEmail=1)
        yield seeded


@pytest.fixture
def client(seeded: Seeded) -> FlaskClient:
    return create_app(seeded.house.settings, seeded.house).test_client()


def bearer(seeded: Seeded, *, vouch: bool) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.grant(seeded.house, 'ada', 'api', vouch=vouch, label='')}"}


def asked(response: TestResponse) -> dict[str, Any]:
    found = response.json
    assert isinstance(found, dict)
    return found


def held(seeded: Seeded) -> bytes:
    (event,) = contents(seeded.house, t.event)
    raw = reply(str(event["uid"]), BO_MAIL, "ACCEPTED")
    ingest(seeded.house, raw, door="lmtp", vouched=False)
    return raw


def test_who_may_vouch_reads_and_lets_in(seeded: Seeded, client: FlaskClient) -> None:
    raw, head = held(seeded), bearer(seeded, vouch=True)
    (one,) = asked(client.get("/held", headers=head))["held"]
    assert (one["outcome"], one["sender"]) == ("HELD", [BO_MAIL])
    shown = client.get(f"/held/{one['number']}", headers=head)
    assert (shown.data, shown.mimetype) == (raw, "message/rfc822")
    done = client.post(f"/held/{one['number']}", json={"decision": "release"}, headers=head)
    assert (done.status_code, asked(done)["outcome"]) == (200, "APPLIED")
    assert client.get("/held", headers=head).json == {"held": []}
    assert client.post(f"/held/{one['number']}", json={"decision": "discard"}, headers=head).status_code == 404


def test_one_that_is_discarded_changes_nothing(seeded: Seeded, client: FlaskClient) -> None:
    held(seeded)
    head = bearer(seeded, vouch=True)
    done = client.post("/held/1", json={"decision": "discard"}, headers=head)
    assert (asked(done)["outcome"], contents(seeded.house, t.answer)) == ("NO-CHANGE", [])


def test_nobody_else_sees_or_decides(seeded: Seeded, client: FlaskClient) -> None:
    held(seeded)
    for method, path in (("GET", "/held"), ("GET", "/held/1"), ("POST", "/held/1")):
        assert client.open(path, method=method, json={"decision": "release"}).status_code == 401
        plain = client.open(path, method=method, json={"decision": "release"}, headers=bearer(seeded, vouch=False))
        assert plain.status_code == 403
    assert contents(seeded.house, t.answer) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"decision": "maybe"}', b"\xff"])
def test_a_decision_that_is_none_is_refused_by_name(seeded: Seeded, client: FlaskClient, body: bytes) -> None:
    held(seeded)
    head = bearer(seeded, vouch=True) | {"Content-Type": "application/json"}
    refused = client.post("/held/1", data=body, headers=head)
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert client.post("/held/1", data=body, headers=bearer(seeded, vouch=True)).status_code == 415
