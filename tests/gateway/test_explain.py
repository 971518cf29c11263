"""What a message would do, told beforehand; and what becomes of one that waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from gateway.errors import NotFound, TooLarge
from gateway.ports import SystemClock
from gateway.services import held as holding
from gateway.services.explain import explain
from gateway.services.ingest import ingest
from gateway.store import tables as t
from mappings.model import Outcome
from tests.calling import caller
from tests.outside import Clock, contents, reply
from tests.seed import BO, DAG, Seeded, seed

BO_MAIL = "bo@hillside.example"


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url, clock=Clock(SystemClock().now()))
    with closing(seeded):
        seeded.meeting("Orchard planning", invited=(BO, DAG), SendEmail=1)
        yield seeded


def answer(seeded: Seeded, partstat: str = "DECLINED", who: str = BO_MAIL) -> bytes:
    (event,) = contents(seeded.house, t.event)
    return reply(str(event["uid"]), who, partstat)


def everything(seeded: Seeded) -> list[object]:
    return [contents(seeded.house, table) for table in (t.inbox, t.answer, t.sync, t.event, t.object_)]


def test_what_a_message_would_do_is_told_and_nothing_changes(seeded: Seeded) -> None:
    raw, before = answer(seeded), everything(seeded)
    found = explain(seeded.house, raw, vouched=True)
    assert (found.outcome, found.believed, found.sender) == (Outcome.APPLIED, None, (BO_MAIL,))
    (would,) = found.answers
    assert (would.partstat, would.type, would.status, would.rule) == ("DECLINED", 6, 9, "")
    assert would.title == "Orchard planning"
    assert everything(seeded) == before
    ended = ingest(seeded.house, raw, door="mail", vouched=True)
    assert (ended.outcome, ended.reason) == (found.outcome, found.reason)


def test_what_would_be_held_is_told_with_what_it_would_be_else(seeded: Seeded) -> None:
    found = explain(seeded.house, answer(seeded), vouched=False)
    assert (found.outcome, found.believed) == (Outcome.HELD, Outcome.APPLIED)
    assert [one.partstat for one in found.answers] == ["DECLINED"]


@pytest.mark.parametrize("raw", [b"", b"\x00\xff no mail", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_what_cannot_be_read_is_explained_too(seeded: Seeded, raw: bytes) -> None:
    found = explain(seeded.house, raw, vouched=True)
    assert found.outcome is not Outcome.APPLIED
    assert (found.reason != "", found.event, found.answers) == (True, 0, ())


def test_an_unknown_event_is_explained(seeded: Seeded) -> None:
    found = explain(seeded.house, reply("nobody-knows@client.example", BO_MAIL, "ACCEPTED"), vouched=True)
    assert (found.outcome, found.event, found.method) == (Outcome.REFUSED_UNKNOWN, 0, "REPLY")


def test_what_is_too_large_is_not_read(seeded: Seeded) -> None:
    with pytest.raises(TooLarge):
        explain(seeded.house, b"x" * (seeded.house.settings.max_mail_bytes + 1), vouched=True)


def test_over_http(seeded: Seeded) -> None:
    raw, before = answer(seeded), contents(seeded.house, t.inbox)
    authorization = f"Bearer {seeded.token('DAG', 'api', vouch=True)}"
    told = caller(seeded)(
        "POST", "/itip", raw, query="explain=1", authorization=authorization, content_type="message/rfc822"
    ).json
    assert (told["outcome"], told["answers"][0]["partstat"]) == ("APPLIED", "DECLINED")
    assert contents(seeded.house, t.inbox) == before


# --- what waits ------------------------------------------------------------------------------------------------------


def test_what_is_held_waits_until_somebody_lets_it_in(seeded: Seeded) -> None:
    raw = answer(seeded)
    kept = ingest(seeded.house, raw, door="mail", vouched=False)
    (one,) = holding.held(seeded.house)
    assert (one.number, one.outcome, one.sender) == (kept.inbox_id, "HELD", (BO_MAIL,))
    assert holding.raw(seeded.house, one.number) == raw
    assert holding.release(seeded.house, one.number).outcome is Outcome.APPLIED
    assert [a["partstat"] for a in contents(seeded.house, t.answer)] == ["DECLINED"]
    assert holding.held(seeded.house) == []
    with pytest.raises(NotFound):
        holding.release(seeded.house, one.number)
    assert ingest(seeded.house, raw, door="mail", vouched=False).outcome is Outcome.DUPLICATE


def test_what_is_discarded_changes_nothing_and_its_bytes_stay(seeded: Seeded) -> None:
    raw = answer(seeded)
    kept = ingest(seeded.house, raw, door="mail", vouched=False)
    assert holding.discard(seeded.house, kept.inbox_id).outcome is Outcome.NO_CHANGE
    assert (holding.held(seeded.house), contents(seeded.house, t.answer)) == ([], [])
    (row,) = contents(seeded.house, t.inbox)
    assert (row["raw"], row["outcome"]) == (raw, "NO-CHANGE")
    with pytest.raises(NotFound):
        holding.raw(seeded.house, kept.inbox_id)


def test_nobody_can_let_in_what_is_not_there(seeded: Seeded) -> None:
    for act in (holding.release, holding.discard, holding.raw):
        with pytest.raises(NotFound, match="no message 99"):
            act(seeded.house, 99)
