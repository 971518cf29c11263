"""The one table from what went wrong to how it is answered: problem document, DAV element, page, exit code.

RFC 9457 (problem details), RFC 4918 14.5 and 16 (error element, preconditions), RFC 4791 1.3 (CalDAV's preconditions),
sysexits.h (exit codes).
"""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final

import structlog

from gateway import errors as g
from gateway.web import refusals as r
from mappings import errors as m

log = structlog.get_logger()

DAV: Final = "DAV:"
CALDAV: Final = "urn:ietf:params:xml:ns:caldav"
Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Reply:
    """One HTTP answer: status code, headers, body (octets)."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    @property
    def line(self) -> str:
        """Give the status as WSGI wants it."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@dataclass(frozen=True, slots=True)
class Answer:
    """How one class of errors is answered.

    `slug` names the problem type; `element` is (namespace, name) of a DAV precondition; `leave` an exit code.
    """

    status: int
    slug: str
    element: tuple[str, str] | None = None
    leave: int = 1


ANSWERS: Final[dict[type[Exception], Answer]] = {
    g.SettingsError: Answer(500, "settings", leave=78),
    g.DatabaseBusy: Answer(503, "database-busy", leave=75),
    g.DatabaseUnreachable: Answer(503, "database-unreachable", leave=69),
    g.DatabaseUnreachable: Answer(503, "database-unreachable", leave=69),
    g.SchemaOutOfDate: Answer(503, "schema-out-of-date", leave=78),
    g.NotAdopted: Answer(503, "not-adopted", leave=75),
    g.UnknownPerson: Answer(404, "unknown-person", leave=67),
    g.Unauthenticated: Answer(401, "unauthenticated", leave=77),
    g.Forbidden: Answer(403, "forbidden", (DAV, "need-privileges"), leave=77),
    g.NotFound: Answer(404, "not-found", leave=66),
    g.TooLarge: Answer(413, "too-large", leave=65),
    g.TooMuch: Answer(403, "too-much", (DAV, "number-of-matches-within-limits"), leave=65),
    g.BadRequest: Answer(400, "bad-request", leave=64),
    g.InvalidSyncToken: Answer(403, "invalid-sync-token", (DAV, "valid-sync-token"), leave=65),
    g.UnsupportedReport: Answer(403, "unsupported-report", (DAV, "supported-report"), leave=64),
    g.PreconditionFailed: Answer(412, "precondition-failed"),
    g.MailDeferred: Answer(503, "mail-deferred", leave=75),
    g.MailRefused: Answer(502, "mail-refused", leave=69),
    g.LoadError: Answer(422, "load", leave=65),
    r.MethodNotAllowed: Answer(405, "method-not-allowed"),
    r.TooManyGuesses: Answer(429, "too-many-guesses", leave=75),
    r.UnsupportedMedia: Answer(415, "unsupported-media"),
    r.ReadOnly: Answer(403, "read-only", (DAV, "need-privileges"), leave=77),
    r.InfiniteDepth: Answer(403, "infinite-depth", (DAV, "propfind-finite-depth")),
    r.UnsupportedFilter: Answer(403, "unsupported-filter", (CALDAV, "supported-filter")),
    r.InvalidFilter: Answer(403, "invalid-filter", (CALDAV, "valid-filter")),
    r.UnsupportedCollation: Answer(403, "unsupported-collation", (CALDAV, "supported-collation")),
    r.UnknownTimeZone: Answer(403, "unknown-time-zone", (CALDAV, "valid-timezone")),
    r.UnsupportedCalendarData: Answer(403, "unsupported-calendar-data", (CALDAV, "supported-calendar-data")),
    m.NotWhole: Answer(409, "not-whole", leave=75),
    m.Unmappable: Answer(422, "unmappable", leave=65),
    m.Unreadable: Answer(422, "unreadable", (CALDAV, "valid-calendar-data"), leave=65),
    m.LimitExceeded: Answer(413, "limit-exceeded", (CALDAV, "max-resource-size"), leave=65),
    m.RefusedAct: Answer(409, "refused-act"),
}
# A class somebody adds without a row is answered as its family, until the test that walks them all is heard.
FAMILIES: Final[dict[type[Exception], Answer]] = {
    g.GatewayError: Answer(500, "gateway"),
    m.MappingError: Answer(422, "mapping", leave=65),
}
UNEXPECTED: Final = Answer(500, "unexpected", leave=70)
UNSAID: Final = "Something went wrong here that we had not thought of. It has been noted."
CHALLENGE: Final = 'Basic realm="Partstat", charset="UTF-8"'
# Members of a problem document beside RFC 9457's own: which field, which rule, which limit.
MEMBERS: Final = ("field", "rule", "what", "limit", "where", "line", "act", "login", "retry_after", "problems")


def answer(error: BaseException) -> Answer:
    """Find the row of an error's class, else that of the nearest class it derives from."""
    table = ANSWERS | FAMILIES
    return next((table[c] for c in type(error).__mro__ if c in table), UNEXPECTED)


def problem(error: BaseException) -> Reply:
    """Answer with a problem document that names the field (RFC 9457)."""
    row = answer(error)
    document: dict[str, object] = {
        "type": f"urn:partstat:problem:{row.slug}",
        "title": HTTPStatus(row.status).phrase,
        "status": row.status,
        "detail": detail(error),
    }
    if row is not UNEXPECTED:
        document |= {name: getattr(error, name) for name in MEMBERS if hasattr(error, name)}
    body = json.dumps(document, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return _reply(error, row, "application/problem+json", body)


def dav(error: BaseException) -> Reply:
    """Answer with a DAV error element that names the precondition (RFC 4918 16)."""
    row = answer(error)
    inside = b""
    if row.element is not None:
        space, name = row.element
        inside = _element(space, name, _privileges(error) or _filter(error))
    said = b"<P:detail>%s</P:detail>" % _xml(detail(error))
    body = (
        b'<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
        b' xmlns:P="urn:partstat:dav">%s%s</D:error>\n' % (inside, said)
    )
    return _reply(error, row, "application/xml; charset=utf-8", body)


def page(error: BaseException) -> Reply:
    """Answer with a plain page for people."""
    row = answer(error)
    title = HTTPStatus(row.status).phrase
    return _reply(error, row, "text/html; charset=utf-8", html(title, f"<p>{escape(detail(error))}</p>"))


def line(error: BaseException) -> tuple[int, str]:
    """Answer on a command line: the exit code and one line, or one for each problem of the settings."""
    return answer(error).leave, detail(error)


def html(title: str, inside: str) -> bytes:
    """Write a small page; `inside` is HTML, `title` is text."""
    head = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f"{head}\n<body><h1>{escape(title)}</h1>\n{inside}\n</body></html>\n".encode("utf-8", "replace")


def detail(error: BaseException) -> str:
    """Say what went wrong; of what nobody thought of, nothing is told to the outside."""
    return UNSAID if answer(error) is UNEXPECTED else str(error)


def noted(error: BaseException) -> BaseException:
    """Log an error that nobody thought of: its class and where it was, never its words, which may hold secrets."""
    if answer(error).status == 500:
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        where = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames]
        log.error("unexpected", error=type(error).__name__, at=where)
    return error


def _reply(error: BaseException, row: Answer, kind: str, body: bytes) -> Reply:
    headers = [("Content-Type", kind), ("Cache-Control", "no-store")]
    if row.status == 401:
        headers.append(("WWW-Authenticate", CHALLENGE))
    if row.status in (429, 503):
        headers.append(("Retry-After", str(getattr(error, "retry_after", 1))))
    if isinstance(error, r.MethodNotAllowed):
        headers.append(("Allow", ", ".join(error.allowed)))
    return Reply(row.status, headers, body)


def _element(space: str, name: str, inside: bytes) -> bytes:
    tag = f"{'D' if space == DAV else 'C'}:{name}".encode("ascii")
    return b"<%s>%s</%s>" % (tag, inside, tag)


def _privileges(error: BaseException) -> bytes:
    """Name the resource and the privilege that was missing (RFC 3744 7.1.1)."""
    if not isinstance(error, r.ReadOnly):
        return b""
    inside = b"<D:resource><D:href>%s</D:href><D:privilege><D:%s/></D:privilege></D:resource>"
    return inside % (_xml(error.href), error.privilege.encode("ascii"))


def _filter(error: BaseException) -> bytes:
    """Name the filter that is not supported (RFC 4791 7.8)."""
    if not isinstance(error, r.UnsupportedFilter) or not error.kind:
        return b""
    return b'<C:%s name="%s"/>' % (error.kind.encode("ascii"), _xml(error.name).replace(b'"', b"&quot;"))


def _xml(text: str) -> bytes:
    kept = "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
    return escape(kept, quote=False).encode("utf-8", "replace")
