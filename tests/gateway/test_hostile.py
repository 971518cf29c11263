"""What means harm gets a plain refusal: soon, in bounded memory, and never a 500."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.calling import Answered, Caller, Pieces, basic, caller
from tests.gateway.test_dav import DIARY, multiget, sync
from tests.seed import Seeded, seed

MEGABYTE = 1024 * 1024
SOON = 5.0  # seconds, on a machine that is busy with other tests


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url, max_mail_bytes=2 * MEGABYTE)
    seeded.meeting("Orchard planning")
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded, "BO")


@contextmanager
def soon() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_a_body_without_end_is_left_unread(call: Caller, method: str) -> None:
    stream = Pieces(b"x" * 65_536 for _ in range(1_600))
    tracemalloc.start()
    with soon():
        more = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        answered = call.send(method, DIARY, stream, more, depth="0")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answered.status == 413
    assert stream.taken <= MEGABYTE + 1
    assert peak < 8 * MEGABYTE


def test_a_mail_without_end_is_left_unread(seeded: Seeded) -> None:
    program = caller(seeded)
    stream = Pieces(b"x" * 65_536 for _ in range(1_600))
    headers = {"authorization": f"Bearer {seeded.token('BO', 'api')}", "content_type": "message/rfc822"}
    with soon():
        answered = program.send("POST", "/itip", stream, {"HTTP_TRANSFER_ENCODING": "chunked"}, **headers)
    assert (answered.status, answered.json["limit"]) == (413, 2 * MEGABYTE)
    assert stream.taken <= 2 * MEGABYTE + 1


def test_a_body_that_says_it_is_too_long_is_not_read_at_all(seeded: Seeded, call: Caller) -> None:
    stream = Pieces(iter([b"x"]))
    assert call.send("PROPFIND", DIARY, stream, {"CONTENT_LENGTH": "100000000"}, depth="0").status == 413
    program = {"authorization": f"Bearer {seeded.token('BO', 'api')}", "content_type": "text/calendar"}
    assert call.send("POST", "/itip", stream, {"CONTENT_LENGTH": "100000000"}, **program).status == 413
    assert stream.taken == 0


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "9" * 40, "12 34"])
def test_a_length_that_is_none(call: Caller, length: str) -> None:
    assert call.send("PROPFIND", DIARY, Pieces([b"x"]), {"CONTENT_LENGTH": length}, depth="0").status == 400


def test_a_body_that_ends_early(call: Caller) -> None:
    assert call.send("PROPFIND", DIARY, Pieces([b"x"]), {"CONTENT_LENGTH": "10"}, depth="0").status == 400


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SECRET = '<propfind xmlns="DAV:"><prop><x>&e;</x></prop></propfind>'
BODIES = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>{SECRET.replace("&e;", "&l9;")}',
    "quadratic": f'<!DOCTYPE x [<!ENTITY e "{"a" * 50_000}">]>{SECRET.replace("&e;", "&e;" * 5_000)}',
    "external file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{SECRET}',
    "external host": f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>{SECRET}',
    "parameter entity": f'<!DOCTYPE x [<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;]>{SECRET.replace("&e;", "")}',
    "foreign DTD": f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{SECRET.replace("&e;", "")}',
    "empty doctype": '<!DOCTYPE propfind><propfind xmlns="DAV:"><allprop/></propfind>',
    "10,000 deep": "<a>" * 10_000 + "</a>" * 10_000,
    "33 deep": "<a>" * 33 + "</a>" * 33,
    "never closed": "<a>" * 100_000,
    "attributes": "<propfind " + " ".join(f"a{n}=''" for n in range(60_000)) + "/><",
    "namespaces": "<propfind " + " ".join(f"xmlns:a{n}='{n}'" for n in range(20_000)) + "/><",
    "not XML": "{}",
    "nothing but space": " <",
    "undefined entity": SECRET,
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_xml_that_means_harm(call: Caller, name: str, method: str) -> None:
    with soon():
        answered = call(method, DIARY, BODIES[name], depth="0")
    assert answered.status == 400
    assert b"root:" not in answered.body


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7"])
def test_a_doctype_hides_in_no_encoding(call: Caller, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>' + BODIES["external file"]
    assert call("PROPFIND", DIARY, body.encode(encoding), depth="0").status == 400


def test_bytes_that_are_no_xml(call: Caller) -> None:
    for body in (b"\x00", b"\xff\xfe", b"<a>\xff</a>", b"<a>\x00</a>", b"\xef\xbb\xbf"):
        assert call("REPORT", DIARY, body).status == 400


def test_a_deep_filter_and_many_addresses_end_soon(call: Caller) -> None:
    with soon():
        assert call("REPORT", DIARY, multiget(*["%41" * 300] * 900)).status == 207
        many = "".join("<href>/</href>" for _ in range(60_000))
        assert call("REPORT", DIARY, multiget().replace("</C:cal", f"{many}</C:cal")).status == 403


PATHS = [
    "/dav/calendars/BO/diary/\x00.ics",
    "/dav/calendars/BO\x00/diary/",
    "/dav/calendars/BO/diary/../../../../etc/passwd",
    "/dav/calendars/BO/diary//",
    "/dav//calendars/BO/",
    "/dav/" + "x" * 100_000,
    "/dav/" + "/".join("x" * 900),
    "/dav/calendars/BO/diary/" + "x" * 300,
    "/dav/calendars/BO/diary/\u202e",
    "/dav/calendars/BO/diary/\udcff",
    "/dav/calendars/BO/diary/a\r\nX-Evil: 1",
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_paths_that_lead_nowhere(call: Caller, path: str) -> None:
    for method in ("GET", "PROPFIND", "REPORT", "PUT", "OPTIONS"):
        answered = call(method, path, sync(), depth="0")
        assert answered.status == 404, (method, answered)
        assert not [v for v in answered.headers.values() if "\n" in v]


def test_names_that_only_look_like_paths(call: Caller) -> None:
    for name in ("%2e%2e%2f", "..\\x", "%00", "..%2f..%2fetc%2fpasswd"):
        for method in ("GET", "PROPFIND"):
            assert call(method, DIARY + name).status == 404


def test_paths_that_lead_nowhere_beside_the_tree(seeded: Seeded) -> None:
    stranger = caller(seeded)
    for path in (
        "/\x00",
        "/feeds/\x00.ics",
        "/feeds/../x.ics",
        "/\udcff",
        "/feeds/\udcff.ics",
        "/davx",
        "/" + "x" * 99_999,
    ):
        assert stranger("GET", path).status == 404


@pytest.mark.parametrize("name", ["authorization", "depth", "if_none_match", "if_match", "accept_encoding", "prefer"])
def test_headers_of_any_bytes(call: Caller, name: str) -> None:
    for value in ("\xff\xfe\x80", '"' * 50_000, ",;=" * 50_000, "W/" * 50_000, "\u00e9" * 10):
        for method in ("PROPFIND", "GET", "REPORT"):
            with soon():
                answered = call(method, f"{DIARY}x.ics", **{name: value})
            assert 400 <= answered.status < 500


def test_feeds_take_headers_of_any_bytes_too(seeded: Seeded) -> None:
    where = f"/feeds/{seeded.token('BO', 'feed')}.ics"
    for name in ("if_none_match", "accept_encoding", "authorization", "range"):
        for value in ("\xff\xfe\x80", '"' * 50_000, ",;=" * 50_000, "W/" * 50_000):
            assert caller(seeded)("GET", where, **{name: value}).status == 200


def test_a_token_is_of_no_use_beside_its_own_door(seeded: Seeded) -> None:
    for scope in ("feed", "busy", "api", "caldav"):
        secret = seeded.token("BO", scope)
        stranger = caller(seeded)
        doors: dict[str, Answered] = {
            "caldav": stranger("PROPFIND", "/dav/", authorization=basic("BO", secret), depth="0"),
            "feed": stranger("GET", f"/feeds/{secret}.ics"),
            "api": stranger("POST", "/itip", b"x", authorization=f"Bearer {secret}", content_type="text/calendar"),
        }
        opened = {door for door, answered in doors.items() if answered.status < 300}
        assert opened == {"feed" if scope == "busy" else scope}
