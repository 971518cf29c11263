"""Every door of the house, and what can be asked at each: one table, so that a door that is added is tried at once.

`requests` are asked over HTTP, `views` in Python and `words` on the command line. Each question has a name; what comes
back is compared as octets. A question that is not understood, or not allowed, is one like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, product
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from gateway.diary import Diary
from gateway.services.views.invitations import View
from gateway.web.dav.properties import PROPERTIES
from tests.outside import reply

DAV: Final = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
PROPS: Final = (
    *("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "CONFERENCE", "ATTENDEE", "ORGANIZER", "COMMENT"),
    *("CLASS", "UID", "PRIORITY", "X-PARTSTAT-STATUS"),
)
COLLATIONS: Final = ("", "i;ascii-casemap", "i;octet", "i;unicode-casemap")
WRITES: Final = ("PUT", "DELETE", "PROPPATCH", "MOVE", "COPY", "ACL", "MKCOL", "LOCK", "POST")


@dataclass(frozen=True)
class Request:
    """One request: who asks (a key of the secrets), with what; headers are written with underscores."""

    who: str
    method: str
    path: str
    body: str | bytes = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.who}: {self.method} {self.path} {self.headers} {self.body!r}"


@dataclass(frozen=True)
class Known:
    """What somebody outside may have learned or guessed: names of objects, appointments, and words to look for."""

    names: Sequence[str]
    uids: Sequence[str]
    appointments: Sequence[int]
    guesses: Sequence[str]
    days: tuple[date, date]


def requests(login: str, who: str, known: Known) -> Iterator[Request]:
    """Give everything that somebody with a login can ask for over CalDAV: of their own calendars, and of others'."""
    homes = [f"/dav/calendars/{name}/" for name in (login, "ADA", "BO")]
    calendars = [home + name for home in homes for name in ("diary/", "tasks/")]
    principals = [f"/dav/principals/{name}/" for name in (login, "ADA", "BO", "nobody")]
    for path in ("/dav/", "/dav/principals/", "/dav/calendars/", *principals, *homes, *calendars):
        for depth, body in product(("0", "1", "infinity"), _propfinds()):
            yield Request(who, "PROPFIND", path, body, {"depth": depth})
        for method in ("OPTIONS", "GET", "HEAD", *WRITES):
            yield Request(who, method, path)
        # Filters look into what one holds; elsewhere one of them is as good as all.
        own = path in (calendars[0], calendars[1])
        for body in _reports(known, login) if own else _plain_reports(known, login):
            yield Request(who, "REPORT", path, body, {"depth": "1"})
    for path in [calendar + name for calendar in calendars for name in known.names]:
        yield Request(who, "PROPFIND", path, next(_propfinds()), {"depth": "0"})
        for method in ("GET", "HEAD", "OPTIONS", "REPORT", *WRITES):
            yield Request(who, method, path)
        yield Request(who, "GET", path, headers={"if_none_match": "*"})
        yield Request(who, "GET", path, headers={"accept_encoding": "gzip", "range": "bytes=0-9"})


def _propfinds() -> Iterator[str]:
    names = (name[1:].partition("}") for name in PROPERTIES)
    every = "".join(f"<x:{local} xmlns:x={quoteattr(space)}/>" for space, _, local in names)
    yield f"<propfind {DAV}><prop>{every}</prop></propfind>"
    yield f"<propfind {DAV}><propname/></propfind>"
    yield f"<propfind {DAV}><allprop/><include>{every}</include></propfind>"


def _reports(known: Known, login: str) -> Iterator[str]:
    start, end = (f"{day:%Y%m%d}T000000Z" for day in known.days)
    span = f'start="{start}" end="{end}"'
    datas = [
        "<C:calendar-data/>",
        f"<C:calendar-data><C:expand {span}/></C:calendar-data>",
        f"<C:calendar-data><C:limit-recurrence-set {span}/></C:calendar-data>",
        f"<C:calendar-data><C:limit-freebusy-set {span}/></C:calendar-data>",
        _partial("VEVENT"),
        _partial("VTODO"),
        '<C:calendar-data content-type="application/calendar+json"/>',
    ]
    for data, part in product(datas, ("VEVENT", "VTODO")):
        yield _query(part, f"<C:time-range {span}/>", data)
        yield _query(part, "", data)
    for part, inside in product(("VEVENT", "VTODO"), _filters(known.guesses, span)):
        yield _query(part, inside, "<C:calendar-data/>")
    yield from _plain_reports(known, login)


def _plain_reports(known: Known, login: str) -> Iterator[str]:
    start, end = (f"{day:%Y%m%d}T000000Z" for day in known.days)
    span = f'<C:time-range start="{start}" end="{end}"/>'
    hrefs = [f"/dav/calendars/{who}/{name}/{n}" for who in (login, "ADA") for name in ("diary", "tasks")
             for n in known.names]  # fmt: skip
    named = "".join(f"<href>{escape(href)}</href>" for href in hrefs)
    yield f"<C:calendar-multiget {DAV}><prop><getetag/><C:calendar-data/></prop>{named}</C:calendar-multiget>"
    yield f"<C:free-busy-query {DAV}>{span}</C:free-busy-query>"
    yield _query("VEVENT", f'<C:prop-filter name="SUMMARY"/>{span}', "<C:calendar-data/>")
    for limit in ("", "<limit><nresults>1</nresults></limit>"):
        yield _sync("", limit)
    yield from _of_people(known.guesses)


def _partial(part: str) -> str:
    wanted = "".join(f"<C:prop name='{name}'/>" for name in PROPS)
    inside = f"<C:comp name='{part}'>{wanted}<C:comp name='VALARM'><C:allprop/></C:comp></C:comp>"
    return f"<C:calendar-data><C:comp name='VCALENDAR'><C:allprop/>{inside}</C:comp></C:calendar-data>"


def _query(part: str, inside: str, data: str) -> str:
    outer = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{part}">{inside}</C:comp-filter></C:comp-filter>'
    return (
        f"<C:calendar-query {DAV}><prop><getetag/><C:schedule-tag/><getcontentlength/>{data}</prop>"
        f"<C:filter>{outer}</C:filter></C:calendar-query>"
    )


def _filters(guesses: Sequence[str], span: str) -> Iterator[str]:
    """Give a filter of each kind, each with the next of the words."""
    words = cycle(guesses)
    for name, collation, negated in product(PROPS, COLLATIONS, ("no", "yes")):
        told = f' collation="{collation}"' if collation else ""
        match = f'<C:text-match{told} negate-condition="{negated}">{escape(next(words))}</C:text-match>'
        yield f'<C:prop-filter name="{name}">{match}</C:prop-filter>'
        if name in ("ATTENDEE", "ORGANIZER") and not collation:
            for parameter in ("CN", "PARTSTAT"):
                inside = f'<C:param-filter name="{parameter}">{match}</C:param-filter>'
                yield f'<C:prop-filter name="{name}">{inside}</C:prop-filter>'
    for name in (*PROPS, "STATUS", "RRULE", "RDATE"):
        yield f'<C:prop-filter name="{name}"/>'
        yield f'<C:prop-filter name="{name}"><C:is-not-defined/></C:prop-filter>'
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DUE"):
        yield f'<C:prop-filter name="{name}"><C:time-range {span}/></C:prop-filter>'
    for inside in ("", "<C:is-not-defined/>", f"<C:time-range {span}/>"):
        yield f'<C:comp-filter name="VALARM">{inside}</C:comp-filter>'
    first, second = (f"<C:text-match>{escape(next(words))}</C:text-match>" for _ in range(2))
    for test in ("anyof", "allof"):
        yield (f'<C:prop-filter name="SUMMARY" test="{test}">{first}</C:prop-filter>'
               f'<C:prop-filter name="LOCATION">{second}</C:prop-filter>')  # fmt: skip


def _of_people(guesses: Sequence[str]) -> Iterator[str]:
    for guess in (*guesses[:6], "a"):
        match = f"<match>{escape(guess)}</match>"
        for name in ("<displayname/>", "<C:calendar-user-address-set/>", "<S:email-address-set/>"):
            search = f"<property-search><prop>{name}</prop>{match}</property-search>"
            yield f"<principal-property-search {DAV}>{search}<prop><displayname/></prop></principal-property-search>"
        token = f"<S:search-token>{escape(guess)}</S:search-token>"
        wanted = "<prop><displayname/><C:calendar-user-address-set/></prop>"
        yield f"<S:calendarserver-principal-search {DAV}>{token}{wanted}</S:calendarserver-principal-search>"
    yield f"<principal-match {DAV}><self/><prop><displayname/></prop></principal-match>"
    yield f"<principal-match {DAV}><principal-property><owner/></principal-property></principal-match>"
    yield f"<principal-search-property-set {DAV}/>"
    yield f"<acl-principal-prop-set {DAV}><prop><displayname/></prop></acl-principal-prop-set>"
    inside = '<property name="displayname"/><property name="owner"><property name="displayname"/></property>'
    mine = f'<property name="current-user-principal">{inside}</property>'
    yield f"<expand-property {DAV}>{inside}{mine}</expand-property>"
    yield f"<C:unheard-of {DAV}/>"


def _sync(token: str, limit: str = "") -> str:
    wanted = "<prop><getetag/><C:calendar-data/></prop>"
    inside = f"<sync-token>{token}</sync-token><sync-level>1</sync-level>{limit}{wanted}"
    return f"<sync-collection {DAV}>{inside}</sync-collection>"


def next_page(who: str, path: str, token: str, limit: int) -> Request:
    """Ask what follows a token."""
    return Request(who, "REPORT", path, _sync(escape(token), f"<limit><nresults>{limit}</nresults></limit>"))


def subscriptions(feeds: Iterable[tuple[str, str]]) -> Iterator[Request]:
    """Give what can be asked at secret addresses: (who, secret)."""
    for who, secret in feeds:
        for path in (f"/feeds/{secret}.ics", f"/feeds/{secret}/tasks.ics", f"/feeds/{secret}.ifb", f"/feeds/{secret}"):
            for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"accept_encoding": "gzip"}),
                                    ("GET", {"if_none_match": '"x"'}), ("POST", {})):  # fmt: skip
                yield Request(who, method, path, headers=headers)


def mails(who: str, known: Known, senders: Iterable[str]) -> Iterator[Request]:
    """Give what somebody who is not invited can send to a program's door; state is left behind."""
    kinds = ("REPLY", "COUNTER", "REFRESH", "REQUEST", "CANCEL", "ADD")
    for number, (uid, sender, method) in enumerate(product(known.uids, senders, kinds)):
        raw = reply(
            uid, sender, "ACCEPTED", method=method, message=f"message-{number}", organizer="ada@hillside.example"
        )
        yield Request(who, "POST", "/itip", raw, {"content_type": "message/rfc822"})
    yield Request(who, "POST", "/itip", "nothing", {"content_type": "text/calendar"})


def strangers(known: Known) -> Iterator[Request]:
    """Give what somebody unknown can ask."""
    for path in ("/", "/health", "/robots.txt", "/.well-known/caldav", "/itip", "/feeds/x.ics", "/dav/",
                 *(f"/dav/calendars/ADA/diary/{name}" for name in known.names)):  # fmt: skip
        for method in ("GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "POST"):
            yield Request("nobody", method, path)


View_ = Callable[[Diary], object]


def views(known: Known) -> Iterator[tuple[str, View_]]:
    """Give what somebody with a diary can look at, and try, in Python; trying changes nothing."""
    start, end = known.days
    for whose in ("ADA", "BO", "TASTING ROOM", ""):
        yield f"entries of {whose}", lambda d, w=whose: d.entries(start, end, of=w, todos=True)  # type: ignore[misc]
    for company in (2, 13):
        yield f"activities {company}", lambda d, c=company: d.activities(start, end, company=c)  # type: ignore[misc]
    for person in (15, 18, 42):
        yield f"activities of {person}", lambda d, p=person: d.activities(start, end, person=p)  # type: ignore[misc]
    yield "free", lambda d: d.free(["ADA", "BO", "TASTING ROOM"], start, end, 60, count=40)
    for view in View:
        yield f"invitations {view}", lambda d, v=view: d.invitations(v)  # type: ignore[misc]
    for number in known.appointments:
        yield f"responses {number}", lambda d, n=number: d.responses(n)  # type: ignore[misc]
        yield f"conflicts {number}", lambda d, n=number: d.conflicts(n)  # type: ignore[misc]
        for verb in ("accept", "decline", "tentative", "seen", "dismiss", "acknowledge", "complete", "note", "cancel"):
            yield f"{verb} {number}", lambda d, n=number, v=verb: getattr(d, v)(n)  # type: ignore[misc]
        yield f"move {number}", lambda d, n=number: d.move(n, end)  # type: ignore[misc]
        yield f"change {number}", lambda d, n=number: d.change(n, title="Mine now")  # type: ignore[misc]


def words(login: str, known: Known) -> Iterator[tuple[str, ...]]:
    """Give the same on the command line."""
    span = ("--from", str(known.days[0]), "--to", str(known.days[1]))
    for whose in ("ADA", "BO", "TASTING ROOM"):
        for more in ((), ("--todos",), ("--json",)):
            yield "diary", whose, *span, "--as", login, *more
    yield "activities", "--company", "2", *span, "--as", login, "--json"
    yield "activities", "--person", "18", *span, "--as", login
    for number in known.appointments:
        for word in ("responses", "conflicts", "accept", "seen", "cancel"):
            yield word, str(number), "--as", login


def said(look: Callable[[], Any]) -> str:
    """Give what a look shows, or what it is refused with."""
    try:
        return repr(look())
    except Exception as error:  # noqa: BLE001 - a refusal says something too
        return f"{type(error).__name__}: {error}"
