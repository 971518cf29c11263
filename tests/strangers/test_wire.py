"""What no client library lets us try: requests byte by byte, against the live server."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.living import living
from tests.seed import Seeded, seed

pytestmark = pytest.mark.strangers


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    seeded = seed(f"sqlite:///{tmp_path_factory.mktemp('wire') / 'partstat.db'}")
    yield seeded
    seeded.close()


@pytest.fixture(scope="module")
def url(seeded: Seeded) -> Iterator[str]:
    with living(seeded) as url:
        yield url


def test_the_live_server_does_not_take_in_a_body_without_end(seeded: Seeded, url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"Authorization": f"Bearer {seeded.token('BO')}", "Depth": "0", "Transfer-Encoding": "chunked"}
    pieces = (b"x" * 65_536 for _ in range(1_600))
    with suppress(BrokenPipeError, ConnectionResetError):  # it stopped listening, and has said why
        connection.request("PROPFIND", "/dav/", body=pieces, headers=headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_raw_addresses_on_the_wire(url: str) -> None:
    expected = {
        "/feeds/%00.ics": 404,
        "/dav/..%2f..%2fetc%2fpasswd": 401,
        "/%ff": 404,
        "/.well-known/caldav": 301,
        "/health": 200,
    }
    for path, status in expected.items():
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.request("GET", path)
        answered = connection.getresponse()
        assert (path, answered.status) == (path, status)
        assert answered.headers["X-Content-Type-Options"] == "nosniff"
        connection.close()


@pytest.mark.parametrize("path", ["/dav/", "/.well-known/caldav", "/there-is-none"])
def test_a_refusal_waits_for_a_body_that_is_on_its_way(url: str, path: str) -> None:
    """Most clients send their headers, then the body; what came between must not cut them off."""
    for size in (1, 5_000, 65_536):
        beside = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        connection.putrequest("PROPFIND", path)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        beside.request("GET", "/health")  # a whole question and answer later the headers have long been read
        beside.getresponse().read()
        assert connection.sock is not None
        kept = connection.sock
        connection.send(b"x" * size)
        answered = connection.getresponse()
        assert answered.status in (301, 401, 404)
        answered.read()
        connection.request("GET", "/health")
        assert connection.getresponse().read()
        assert connection.sock is kept  # and goes on where it was
        connection.close()
        beside.close()


def test_who_asks_whether_to_send_a_body_is_answered_at_once(url: str) -> None:
    host, _, port = urlsplit(url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        wire.sendall(b"PROPFIND /dav/ HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
        assert wire.recv(12) == b"HTTP/1.1 401"
