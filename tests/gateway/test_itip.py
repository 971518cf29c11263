"""Answers that come over HTTP: each ends with one named outcome, however often it is sent."""

from collections.abc import Iterator

import pytest
from icalendar import Calendar

from gateway.services import ingest
from tests.calling import Answered, Caller, caller
from tests.seed import BO, MAILBOXES, Seeded, seed


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    seeded.meeting("Orchard planning")
    yield seeded
    seeded.close()


def reply(seeded: Seeded, partstat: str) -> bytes:
    """What Bo's calendar program answers to the only meeting there is."""
    call = caller(seeded)
    feed = call("GET", f"/feeds/{seeded.token('BO', 'feed')}.ics").body
    (event,) = Calendar.from_ical(feed).walk("VEVENT")
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Somebody//EN",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{event['UID']}",
        "SEQUENCE:0",
        "DTSTAMP:20991231T120000Z",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{MAILBOXES[BO]}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines).encode()


def post(seeded: Seeded, call: Caller, body: bytes, kind: str = "text/calendar", *, vouch: bool = True) -> Answered:
    token = seeded.token("DAG", "api", vouch=vouch)
    return call("POST", "/itip", body, authorization=f"Bearer {token}", content_type=kind)


def test_an_answer_that_is_vouched_for_is_applied_once(seeded: Seeded) -> None:
    call, raw = caller(seeded), reply(seeded, "ACCEPTED")
    first, again = (post(seeded, call, raw, "text/calendar; charset=utf-8; method=REPLY") for _ in range(2))
    assert (first.status, first.headers["content-type"]) == (200, "application/json")
    assert first.json["outcome"] == "APPLIED"
    assert (again.status, again.json["outcome"], again.json["inbox"]) == (200, "DUPLICATE", first.json["inbox"])
    feed = call("GET", f"/feeds/{seeded.token('BO', 'feed')}.ics").body
    assert b"STATUS:CONFIRMED" in feed


def test_who_does_not_vouch_says_so(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.web import itip  # noqa: PLC0415 - the door itself, to see what it passes on

    told: list[bool] = []
    real = ingest.ingest

    def spy(house: object, raw: bytes, *, door: str, vouched: bool) -> object:
        assert door == "http"
        told.append(vouched)
        return real(seeded.house, raw, door=door, vouched=vouched)

    monkeypatch.setattr(itip, "ingest", spy)
    for vouch in (False, True):
        assert post(seeded, caller(seeded), reply(seeded, "DECLINED"), vouch=vouch).status == 200
    assert told == [False, True]


def test_what_cannot_be_read_has_an_outcome_too(seeded: Seeded) -> None:
    for kind, body in (("message/rfc822", b""), ("message/rfc822", b"\xff\x00"), ("text/calendar", b"BEGIN:NONSENSE")):
        answered = post(seeded, caller(seeded), body, kind)
        assert answered.status == 200
        assert answered.json["outcome"]
        assert answered.json["inbox"] > 0


def test_other_kinds_are_not_taken(seeded: Seeded) -> None:
    for kind in ("", "application/json", "multipart/form-data", "text/calendarx", "message/rfc822x"):
        answered = post(seeded, caller(seeded), b"x", kind)
        assert (answered.status, answered.headers["content-type"]) == (415, "application/problem+json")


def test_only_a_token_for_programs_opens(seeded: Seeded) -> None:
    call = caller(seeded)
    assert call("POST", "/itip", b"x", content_type="text/calendar").status == 401
    token = seeded.token("BO", "caldav")
    refused = call("POST", "/itip", b"x", authorization=f"Bearer {token}", content_type="text/calendar")
    assert (refused.status, refused.json["type"]) == (403, "urn:partstat:problem:forbidden")
    assert call("GET", "/itip").status == 405
