"""Plays over HTTP what a client is known to say, and holds the answers against what that client needs to go on.

A conversation is a text file:

    client: Somebody's Calendar         whose words these are
    always: User-Agent: Somebody/1.0    a header of each request
    # a remark
    == finds its way                    a scene, which is a row of docs/compatibility.md
    no: the reason                      only where the client does not get what it asks for
    *** plan Pressing                   something happens in the CRM: plan, move or delete
    >>> PROPFIND /{place}               a request; {names} are what was kept before
    Depth: 0                            its headers; `Authorization: none` leaves ours out
                                        an empty line and the body, if there is one
    <<<                                 what must be in the answer:
    status 207                          the status, or several: 200|207
    header DAV has calendar-access      a word of a header; `lacks` for the opposite, `is` for a whole value
    holds //D:response/D:href           an XPath that finds something, or is true
    keep home = //C:calendar-home-set   the text of the first element found, or `header Name`
    body has BEGIN:VEVENT               words of the body; `lacks` for the opposite
    offers no editing                   privileges are told, and none of them lets write
"""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree

from gateway.web.dav.xml import Element
from tests.calling import basic
from tests.seed import BO, Seeded

CONVERSATIONS: Final = Path(__file__).parent / "conversations"
NAMESPACES: Final = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "CS": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
}
# What a reader may be given (RFC 3744 3, RFC 4791 6.1.1); every other privilege makes some client offer editing.
READING: Final = frozenset(
    {"{DAV:}read", "{DAV:}read-acl", "{DAV:}read-current-user-privilege-set", f"{{{NAMESPACES['C']}}}read-free-busy"}
)
PATIENCE: Final = 20  # seconds
LOGIN: Final = "BO"
_NAME: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Request:
    """One thing that a client says, and what must be in the answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Happening:
    """Something that happens in the CRM between two requests."""

    what: str
    title: str


@dataclass
class Scene:
    """What a client wants, as it says it."""

    title: str
    no: str = ""
    acts: list[Request | Happening] = field(default_factory=list)


@dataclass(frozen=True)
class Conversation:
    """All that one client says, in its order."""

    client: str
    always: dict[str, str]
    scenes: tuple[Scene, ...]


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def xml(self) -> Element:
        return etree.fromstring(self.body)


def conversations() -> list[Path]:
    """Give the files, in the order of their names."""
    return sorted(CONVERSATIONS.glob("*.txt"))


def read(path: Path) -> Conversation:
    """Read a conversation; a line that means nothing fails."""
    lines = iter(path.read_text("utf-8").splitlines())
    client, always, scenes = "", {}, list[Scene]()
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "client:":
            client = rest.strip()
        elif word == "always:":
            name, _, value = rest.partition(":")
            always[name.strip()] = value.strip()
        elif word == "==":
            scenes.append(Scene(rest.strip()))
        elif word == "no:":
            scenes[-1].no = rest.strip()
        elif word == "***":
            what, _, title = rest.partition(" ")
            scenes[-1].acts.append(Happening(what, title))
        elif word == ">>>":
            scenes[-1].acts.append(_request(rest, lines))
        else:
            assert word in _NEEDS, f"{path.name}: {line}"
            before = scenes[-1].acts.pop()
            assert isinstance(before, Request), f"{path.name}: {line}"
            scenes[-1].acts.append(_needing(before, line))
    assert client, path
    assert all(scene.acts for scene in scenes), path
    return Conversation(client, always, tuple(scenes))


def _request(first: str, lines: Iterator[str]) -> Request:
    method, _, path = first.partition(" ")
    headers: dict[str, str] = {}
    for line in lines:
        if line == "<<<":
            return Request(method, path, headers, "", ())
        if not line:
            break
        name, _, value = line.partition(":")
        headers[name] = value.strip()
    body: list[str] = []
    for line in lines:
        if line == "<<<":
            break
        body.append(line)
    return Request(method, path, headers, "\n".join(body), ())


def _needing(request: Request, need: str) -> Request:
    return Request(request.method, request.path, request.headers, request.body, (*request.needs, need))


class Stage:
    """Where a conversation is played: a live server, the CRM behind it, and what the client has learnt so far."""

    def __init__(self, seeded: Seeded, url: str, **known: str) -> None:
        self.seeded = seeded
        self.known = {"login": LOGIN, **known}
        self._authorization = basic(LOGIN, seeded.token(LOGIN))
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
        self._planned: dict[str, int] = {}

    def close(self) -> None:
        """Hang up, and take away what was planned."""
        self._connection.close()
        for planned in self._planned.values():
            self.seeded.delete(planned)

    def play(self, conversation: Conversation) -> None:
        """Play every scene; what fails says in which one, at which request, and why."""
        for scene in conversation.scenes:
            for act in scene.acts:
                if isinstance(act, Happening):
                    self._let_happen(act)
                    continue
                answer = self.send(act, conversation.always)
                for need in act.needs:
                    where = f"{conversation.client}: {scene.title}: {act.method} {self.filled(act.path)}"
                    assert self._met(answer, need), f"{where}\n{need}\n{answer.status} {answer.body[:4_000]!r}"

    def send(self, request: Request, always: dict[str, str]) -> Answer:
        """Send a request as it is written, and nothing that is not."""
        headers = {"Authorization": self._authorization, **always, **request.headers}
        headers = {n: self.filled(v) for n, v in headers.items() if v != "none"}
        body = self.filled(request.body).encode()
        connection = self._connection
        connection.putrequest(request.method, self.filled(request.path), skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answered = connection.getresponse()
        data = answered.read()
        if answered.headers.get("Content-Encoding") == "gzip":
            assert "gzip" in headers.get("Accept-Encoding", ""), "nobody asked for gzip"
            data = gzip.decompress(data)
        return Answer(answered.status, answered.headers, data)

    def filled(self, text: str) -> str:
        """Put in what is known by name."""
        return _NAME.sub(lambda m: self.known[m[1]], text)

    def _let_happen(self, it: Happening) -> None:
        if it.what == "plan":
            self._planned[it.title] = self.seeded.appointment(it.title, owner=BO, days=4)
        elif it.what == "invite":
            self._planned[it.title] = self.seeded.meeting(it.title, days=5)
        elif it.what == "move":
            self.seeded.move(self._planned[it.title], days=6, hour=9)
        else:
            assert it.what == "delete", it
            self.seeded.delete(self._planned.pop(it.title))

    def _met(self, answer: Answer, need: str) -> bool:
        word, _, rest = need.partition(" ")
        if word == "keep":
            name, _, where = rest.partition(" = ")
            self.known[name] = _kept(answer, self.filled(where.strip()))
            return bool(self.known[name])
        return _NEEDS[word](answer, self.filled(rest))


def _kept(answer: Answer, where: str) -> str:
    if where.startswith("header "):
        value = answer.headers.get(where.removeprefix("header "), "")
        # A Location may be told whole; clients go on with its path on the same connection.
        return urlsplit(value).path if value.startswith("http") else value
    found = answer.xml.xpath(where, namespaces=NAMESPACES)
    if not isinstance(found, list):
        return str(found)
    first: Any = found[0] if found else ""
    return str(first).strip() if isinstance(first, str) else "".join(first.itertext()).strip()


def _status(answer: Answer, rest: str) -> bool:
    return str(answer.status) in rest.split("|")


def _header(answer: Answer, rest: str) -> bool:
    name, how, value = rest.split(" ", 2)
    told = answer.headers.get(name, "")
    if how == "is":
        return bool(told == value)
    words = {w.strip() for w in told.split(",")}
    return (value in words) == (how == "has")


def _holds(answer: Answer, rest: str) -> bool:
    return bool(answer.xml.xpath(rest, namespaces=NAMESPACES))


def _body(answer: Answer, rest: str) -> bool:
    how, _, words = rest.partition(" ")
    return (words.encode() in answer.body) == (how == "has")


def _offers(answer: Answer, rest: str) -> bool:
    assert rest == "no editing", rest
    sets = answer.xml.findall(".//{DAV:}current-user-privilege-set")
    told = {str(right.tag) for one in sets for right in one.iterfind("{DAV:}privilege/*")}
    return bool(told) and told <= READING


_NEEDS: Final[dict[str, Callable[[Answer, str], bool]]] = {
    "status": _status,
    "header": _header,
    "holds": _holds,
    "body": _body,
    "offers": _offers,
    "keep": lambda _answer, _rest: True,  # the stage keeps it
}
