"""Feeds: what they hold, when they are new, and that a secret nobody knows is just not there."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from icalendar import Calendar

from gateway.services import reading
from gateway.store import access
from tests.calling import Answered, Caller, caller
from tests.counting import asked
from tests.seed import ADA, BO, Seeded, seed


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    seeded.meeting("Orchard planning", location="Barn 3")
    seeded.appointment("Count bottles", owner=BO)
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded)


def address(seeded: Seeded, scope: str = "feed", login: str = "BO") -> str:
    return f"/feeds/{seeded.token(login, scope)}.ics"


def events(answered: Answered) -> dict[str, Any]:
    calendar = Calendar.from_ical(answered.body)
    assert not [e for c in calendar.walk() for e in c.errors]
    return {str(e["SUMMARY"]): e for e in calendar.walk("VEVENT")}


def test_a_feed_holds_the_personal_view_without_a_method(seeded: Seeded, call: Caller) -> None:
    answered = call("GET", address(seeded))
    assert answered.status == 200
    assert answered.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answered.body)
    assert "METHOD" not in calendar
    assert (calendar["NAME"], calendar["X-WR-CALNAME"], calendar["X-PUBLISHED-TTL"]) == (
        "Bo Tangen",
        "Bo Tangen",
        "PT15M",
    )
    assert calendar["COLOR"] == "steelblue"
    assert {name: e["STATUS"] for name, e in events(answered).items()} == {
        "Orchard planning": "TENTATIVE",
        "Count bottles": "CONFIRMED",
    }


def test_the_token_decides_that_a_feed_tells_only_busy(seeded: Seeded, call: Caller) -> None:
    answered = call("GET", address(seeded, "busy"))
    assert set(events(answered)) == {"Busy"}
    for private in (b"Orchard", b"Barn", b"ATTENDEE", b"ORGANIZER", b"ada@", b"PARTSTAT-STATUS"):
        assert private not in answered.body
    assert b"X-WR-CALNAME:Bo Tangen (busy)" in answered.body


def test_what_was_declined_is_left_out(seeded: Seeded, call: Caller) -> None:
    mother, where = seeded.meeting("Pressing"), address(seeded)
    assert "Pressing" in events(call("GET", where))
    seeded.answer(mother, BO, status=9)
    assert "Pressing" not in events(call("GET", where))


def test_headers_keep_a_secret_address_secret(seeded: Seeded, call: Caller) -> None:
    headers = call("GET", address(seeded, login="TASTING ROOM")).headers
    assert headers["content-disposition"] == 'inline; filename="TASTING-ROOM.ics"'
    assert headers["x-robots-tag"] == "noindex"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "private, no-transform, max-age=0, must-revalidate"
    assert headers["vary"] == "Accept-Encoding"


def test_an_unchanged_feed_is_not_sent_again_and_no_body_is_read_for_it(seeded: Seeded, call: Caller) -> None:
    where = address(seeded)
    tag = call("GET", where).headers["etag"]
    given = [tag, f"W/{tag}", f'"other", {tag}', "*", tag[:-1] + '-gzip"', tag[:-1] + '--gzip"', f'W/"x", W/{tag}']
    with asked(seeded.house.store) as statements:
        again = [call("GET", where, if_none_match=header) for header in given]
    assert {a.status for a in again} == {304}
    assert not [a for a in again if a.body or "etag" not in a.headers]
    assert not [s for s in statements if "part" in s.split("FROM", 1)[-1] and "body" in s]
    assert len(statements) == len(given)
    assert call("GET", where, if_none_match='"other"').status == 200


def test_a_change_gives_a_new_tag_and_another_s_answer_too(seeded: Seeded, call: Caller) -> None:
    mother, where = seeded.meeting("Pressing"), address(seeded, login="ADA")
    tag = call("GET", where).headers["etag"]
    assert call("GET", where).headers["etag"] == tag
    seeded.answer(mother, BO, status=1)
    changed = call("GET", where, if_none_match=tag)
    assert changed.status == 200
    assert changed.headers["etag"] != tag


def test_the_two_views_never_share_a_tag(seeded: Seeded, call: Caller) -> None:
    tags = {call("GET", address(seeded, scope)).headers["etag"] for scope in ("feed", "busy")}
    tags.add(call("GET", address(seeded, login="ADA")).headers["etag"])
    assert len(tags) == 3


def test_a_feed_is_compressed_where_that_is_wanted(seeded: Seeded, call: Caller) -> None:
    where = address(seeded)
    plain = call("GET", where, accept_encoding="gzip;q=0, br")
    packed = call("GET", where, accept_encoding="br, gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    assert call("GET", where, accept_encoding="gzip").body == packed.body
    kept = call("GET", where, accept_encoding="gzip", if_none_match=plain.headers["etag"])
    assert (kept.status, kept.headers["etag"]) == (304, plain.headers["etag"])


def test_head_says_the_same_without_a_body(seeded: Seeded, call: Caller) -> None:
    where = address(seeded)
    got, head = call("GET", where), call("HEAD", where)
    assert head.body == b""
    assert head.headers == got.headers


def test_what_is_no_feed_is_not_there(seeded: Seeded, call: Caller) -> None:
    revoked = seeded.token("BO", "feed")
    with seeded.crm() as connection:
        access.revoke(connection, reading.known(seeded.house, revoked).credential_id, 1)
    unknown = ["x", "x" * 10_000, "\x00", "é", "..", revoked, seeded.token("BO"), seeded.token("BO", "api")]
    answered = [call("GET", f"/feeds/{secret}.ics") for secret in unknown]
    assert {a.status for a in answered} == {404}
    assert not [a for a in answered if "www-authenticate" in a.headers]


def test_a_feed_without_a_calendar_comes_later(database_url: str) -> None:
    seeded = seed(database_url, adopted=False)
    answered = caller(seeded)("GET", address(seeded))
    assert (answered.status, answered.headers["retry-after"]) == (503, "5")
    seeded.close()


def test_a_feed_is_read_and_nothing_else(seeded: Seeded, call: Caller) -> None:
    answered = call("POST", address(seeded))
    assert answered.status == 405
    assert "GET" in answered.headers["allow"]


def to_dos(answered: Answered) -> dict[str, Any]:
    calendar = Calendar.from_ical(answered.body)
    assert not [e for c in calendar.walk() for e in c.errors]
    assert calendar.walk("VEVENT") == []
    return {str(e["SUMMARY"]): e for e in calendar.walk("VTODO")}


def test_the_same_secret_opens_the_to_dos_beside_the_diary(seeded: Seeded, call: Caller) -> None:
    shared = seeded.to_do("Order corks", invited=(BO,))
    seeded.to_do("Sharpen knives", owner=BO, status=3, done=seeded.house.today())
    seeded.to_do("Wash crates", owner=BO, status=11)
    diary = address(seeded)
    where = diary.replace(".ics", "/tasks.ics")
    answered = call("GET", where)
    assert answered.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answered.headers["content-disposition"] == 'inline; filename="BO-tasks.ics"'
    assert answered.headers["etag"] != call("GET", diary).headers["etag"]
    assert b"X-WR-CALNAME:Bo Tangen (tasks)" in answered.body
    assert {name: e["STATUS"] for name, e in to_dos(answered).items()} == {
        "Order corks": "NEEDS-ACTION", "Sharpen knives": "COMPLETED", "Wash crates": "NEEDS-ACTION",
    }  # fmt: skip
    assert answered.body.count(b"\r\nSTATUS:") == 3
    assert set(events(call("GET", diary))) == {"Orchard planning", "Count bottles"}
    assert call("GET", where, if_none_match=answered.headers["etag"]).status == 304
    with seeded.crm() as connection:
        table = "appointment" if seeded.house.store.sqlite else "crm.appointment"
        connection.exec_driver_sql(f"UPDATE {table} SET status = 9 WHERE mother_id = {shared} AND associate_id = {BO}")
    changed = call("GET", where, if_none_match=answered.headers["etag"])
    assert (changed.status, set(to_dos(changed))) == (200, {"Sharpen knives", "Wash crates"})


def test_who_may_see_only_busy_sees_no_to_do(seeded: Seeded, call: Caller) -> None:
    seeded.to_do("Order corks", owner=BO, freeBusy=0, endDate=2**40)
    where = address(seeded, "busy")
    assert call("GET", where.replace(".ics", "/tasks.ics")).status == 404
    assert len(events(call("GET", where))) == 1
    assert len(Calendar.from_ical(call("GET", where).body).walk("VEVENT")) == 2
    for path in ("/feeds/x/tasks.ics", where.replace(".ics", "/notes.ics"), f"/feeds/{'x' * 500}/tasks.ics"):
        assert call("GET", path).status == 404


def test_no_log_line_holds_a_secret(seeded: Seeded, call: Caller) -> None:
    where = address(seeded)
    with structlog.testing.capture_logs() as lines:
        call("GET", where, authorization="Bearer hidden")
    assert lines[0]["path"] == "/feeds/***.ics"
    assert lines[0]["status"] == "200"
    assert where[7:-4] not in repr(lines)
    with structlog.testing.capture_logs() as more:
        for path in (where.replace(".ics", "/tasks.ics"), where[:-4], f"{where[:-4]}/x/y", f"{where[:-4]}.ics.ics"):
            call("GET", path)
    told = [entry["path"] for entry in more]
    assert told == ["/feeds/***/tasks.ics", "/feeds/***", "/feeds/***/x/y", "/feeds/***.ics"]
    assert where[7:-4] not in repr(more)
    assert "hidden" not in repr(lines)


def test_the_owner_and_the_room_have_feeds_too(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Salaries", owner=ADA, private=1)
    assert "Salaries" in events(call("GET", address(seeded, login="ADA")))
    room = call("GET", address(seeded, login="TASTING ROOM"))
    assert b"Salaries" not in room.body
    assert len(Calendar.from_ical(room.body).walk("VEVENT")) == 2
