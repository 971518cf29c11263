"""Calls a WSGI application as a client would, without a server in between.

    call = caller(seeded, "BO")
    call("PROPFIND", "/dav/", depth="0").xml.findtext(".//{DAV:}href")

What comes back is read by lxml, which had no part in writing it.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway import create_app
from gateway.web.dav.xml import Element
from tests.seed import Seeded

Application = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Answered:
    """An answer: status code, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def xml(self) -> Element:
        return etree.fromstring(self.body)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def precondition(self) -> str:
        """The first element inside DAV:error."""
        assert self.xml.tag == "{DAV:}error", self.body
        return str(self.xml[0].tag)

    def hrefs(self, status: str | None = None) -> list[str]:
        """The resources of a multistatus, or those of them with a status of their own."""
        responses = self.xml.findall("{DAV:}response")
        kept = [r for r in responses if status is None or status in (r.findtext("{DAV:}status") or "")]
        return [r.findtext("{DAV:}href") or "" for r in kept]

    def prop(self, href: str, tag: str) -> Element | None:
        """A property that was found on a resource."""
        for response in self.xml.findall("{DAV:}response"):
            if response.findtext("{DAV:}href") == href:
                for stat in response.findall("{DAV:}propstat"):
                    if "200" in (stat.findtext("{DAV:}status") or ""):
                        return stat.find(f"{{DAV:}}prop/{tag}")
        return None


class Caller:
    """A client of one application; with a login and a token it shows them."""

    def __init__(self, app: Application, login: str = "", secret: str = "") -> None:
        self.app = app
        self.authorization = basic(login, secret) if secret else None

    def __call__(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> Answered:
        """Send a request; `path` is decoded already, `query` is not, and headers are written with underscores."""
        data = body.encode() if isinstance(body, str) else body
        return self.send(method, path, io.BytesIO(data), {"CONTENT_LENGTH": str(len(data))}, **headers)

    def chunked(self, method: str, path: str, pieces: Iterable[bytes], **headers: str) -> Answered:
        """Send a body whose length nobody has told."""
        more = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        return self.send(method, path, Pieces(pieces), more, **headers)

    def send(self, method: str, path: str, stream: Any, more: dict[str, Any], **headers: str) -> Answered:
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode("utf-8", "surrogateescape").decode("latin-1"),
            "QUERY_STRING": headers.pop("query", ""),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8080",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": stream,
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **more,
        }
        if self.authorization:
            environ["HTTP_AUTHORIZATION"] = self.authorization
        for name, value in headers.items():
            key = name.upper()
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        told: list[Any] = []
        pieces = self.app(environ, lambda status, given, *_: told.extend((status, given)))
        answered = b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()
        return Answered(int(told[0][:3]), {n.lower(): v for n, v in told[1]}, answered)


class Pieces:
    """A body that comes in pieces; `taken` counts what was read of it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = b""
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "nobody may ask for a whole body at once"
        if not self._rest:
            self._rest = next(self._pieces, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        self.taken += len(piece)
        return piece


def basic(login: str, secret: str) -> str:
    """The header that shows a login and a token."""
    return "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode()


def caller(seeded: Seeded, login: str = "", scope: str = "caldav") -> Caller:
    """A client of a fresh application over a seeded house; with a login it holds a token of that scope."""
    app = create_app(seeded.house.settings, seeded.house)
    return Caller(app, login, seeded.token(login, scope) if login else "")
