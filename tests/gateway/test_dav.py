"""The CalDAV tree, question by question; what a whole client makes of it is in tests/strangers."""

import gzip
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from icalendar import Calendar
from lxml import etree

from gateway.web.dav import paths, properties, xml
from gateway.web.dav.methods import METHODS
from gateway.web.dav.paths import Kind
from gateway.web.dav.reported import REPORTED, taken
from gateway.web.dav.reports import HANDLERS
from tests.calling import Answered, Caller, caller
from tests.counting import asked
from tests.seed import ADA, BO, Seeded, seed

HOME = "/dav/calendars/BO/"
DIARY = f"{HOME}diary/"
TASKS = f"{HOME}tasks/"
PRINCIPAL = "/dav/principals/BO/"
C = "{urn:ietf:params:xml:ns:caldav}"
NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded, "BO")


def prop(*names: str) -> str:
    return f"<propfind {NAMES}><prop>{''.join(f'<{n}/>' for n in names)}</prop></propfind>"


def sync(token: str = "", limit: int | str = "", names: str = "<getetag/>") -> str:
    told = f"<limit><nresults>{limit}</nresults></limit>" if limit != "" else ""
    return (
        f"<sync-collection {NAMES}><sync-token>{token}</sync-token><sync-level>1</sync-level>{told}"
        f"<prop>{names}</prop></sync-collection>"
    )


def query(inside: str, names: str = "<getetag/>") -> str:
    return f"<C:calendar-query {NAMES}><prop>{names}</prop><C:filter>{inside}</C:filter></C:calendar-query>"


def comp(name: str, inside: str = "") -> str:
    return f'<C:comp-filter name="{name}">{inside}</C:comp-filter>'


def multiget(*hrefs: str) -> str:
    listed = "".join(f"<href>{h}</href>" for h in hrefs)
    return f"<C:calendar-multiget {NAMES}><prop><getetag/><C:calendar-data/></prop>{listed}</C:calendar-multiget>"


def objects(call: Caller, calendar: str = DIARY) -> list[str]:
    answered = call("PROPFIND", calendar, prop("getetag"), depth="1")
    assert answered.status == 207
    return answered.hrefs()[1:]


def hidden_name(seeded: Seeded) -> str:
    """The resource name of the only event that Ada has."""
    answered = caller(seeded, "ADA")("PROPFIND", DIARY.replace("BO", "ADA"), prop("getetag"), depth="1")
    return answered.hrefs()[1].rpartition("/")[2]


def token(answered: Answered) -> str:
    return answered.xml.findtext("{DAV:}sync-token") or ""


def text(answered: Answered) -> str:
    return "".join(str(t) for t in answered.xml.itertext())


# --- finding the way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "OPTIONS", "REPORT", "HEAD"])
def test_signposts_lead_to_the_tree_whoever_asks_however(seeded: Seeded, method: str) -> None:
    answered = caller(seeded)(method, "/.well-known/caldav")
    assert (answered.status, answered.headers["location"]) == (301, "/dav/")


@pytest.mark.parametrize("path", ["/", "/principals", "/principals/"])
def test_who_looks_for_the_tree_where_it_is_not_finds_its_root(seeded: Seeded, call: Caller, path: str) -> None:
    assert caller(seeded)("PROPFIND", path).status == 401
    answered = call("PROPFIND", path, prop("current-user-principal"), depth="0")
    assert answered.hrefs() == [path]
    element = answered.prop(path, "{DAV:}current-user-principal")
    assert element is not None
    assert element.findtext("{DAV:}href") == PRINCIPAL


def test_a_browser_sees_a_page(seeded: Seeded) -> None:
    stranger = caller(seeded)
    assert b"<h1>Partstat" in stranger("GET", "/").body
    assert stranger("GET", "/health").json == {"status": "ok"}


def test_every_place_but_a_signpost_asks_who_is_there(seeded: Seeded) -> None:
    for method in ("GET", "PROPFIND", "PUT", "REPORT", "BREW"):
        for path in ("/dav/", PRINCIPAL, DIARY, "/dav/nothing", f"{DIARY}x.ics"):
            assert caller(seeded)(method, path).status == 401


def test_options_are_told_to_anybody_and_tell_of_nobody(seeded: Seeded) -> None:
    stranger = caller(seeded)
    known, unknown = stranger("OPTIONS", DIARY), stranger("OPTIONS", "/dav/calendars/NOBODY/diary/")
    assert known.headers["dav"] == (
        "1, 3, access-control, calendar-access, calendar-no-timezone,"
        " calendarserver-principal-property-search, calendarserver-principal-search"
    )
    assert known.headers["allow"] == "OPTIONS, GET, HEAD, PROPFIND, REPORT"
    assert stranger("OPTIONS", HOME).headers["allow"] == "OPTIONS, PROPFIND, REPORT"
    assert (known.status, known.headers) == (unknown.status, unknown.headers)
    assert stranger("OPTIONS", f"{DIARY}x.ics").headers["allow"] == "OPTIONS, GET, HEAD, PROPFIND, REPORT"


def test_from_the_root_to_the_calendars(call: Caller) -> None:
    asked = prop("current-user-principal")
    first = call("PROPFIND", "/dav/", asked, depth="0").prop("/dav/", "{DAV:}current-user-principal")
    assert first is not None
    assert first.findtext("{DAV:}href") == PRINCIPAL
    home = call("PROPFIND", PRINCIPAL, prop("C:calendar-home-set"), depth="0").prop(PRINCIPAL, f"{C}calendar-home-set")
    assert home is not None
    assert home.findtext("{DAV:}href") == HOME
    listed = call("PROPFIND", HOME, prop("resourcetype", "displayname"), depth="1")
    assert listed.hrefs() == [HOME, DIARY, TASKS]
    for href, name in ((DIARY, "Bo Tangen"), (TASKS, "Bo Tangen (tasks)")):
        kind, shown = listed.prop(href, "{DAV:}resourcetype"), listed.prop(href, "{DAV:}displayname")
        assert kind is not None
        assert shown is not None
        assert [e.tag for e in kind] == ["{DAV:}collection", f"{C}calendar"]
        assert shown.text == name


def test_slashes_at_the_end_do_not_matter(call: Caller) -> None:
    for path in ("/dav", PRINCIPAL[:-1], HOME[:-1], DIARY[:-1]):
        answered = call("PROPFIND", path, prop("resourcetype"), depth="0")
        assert answered.hrefs() == [f"{path}/"]


def test_what_belongs_to_others_is_not_there(seeded: Seeded, call: Caller) -> None:
    seeded.appointment("Salaries", owner=ADA)
    name = hidden_name(seeded)
    foreign = ["/dav/calendars/ADA/", "/dav/calendars/ADA/diary/"]
    foreign += [f"/dav/calendars/ADA/diary/{name}", f"{DIARY}{name}"]
    nowhere = ["/dav/principals/NOBODY/", "/dav/calendars/BO/notes/", f"{DIARY}x.ics", f"{DIARY}x/y", "/dav/x"]
    for method in METHODS:
        if method != "OPTIONS":
            answers = {(a.status, a.body) for p in foreign + nowhere if (a := call(method, p, depth="0")).status == 404}
            assert len(answers) <= 1
    for path in foreign + nowhere:
        assert call("PROPFIND", path, depth="0").status == 404, path
    assert call("REPORT", "/dav/calendars/ADA/diary/", sync()).status == 404


# --- properties -----------------------------------------------------------------------------------------------------


def test_a_diary_says_what_it_is_and_what_may_be_done(seeded: Seeded, call: Caller) -> None:
    names = [n for n, readers in properties.PROPERTIES.items() if Kind.CALENDAR in readers]
    asked = "".join(xml.empty(n).decode() for n in names)
    body = f'<D:propfind xmlns:D="DAV:" xmlns:C="{xml.CALDAV}" xmlns:S="{xml.SERVER}" xmlns:A="{xml.APPLE}"><D:prop>'
    answered = call("PROPFIND", DIARY, f"{body}{asked}</D:prop></D:propfind>", depth="0")
    found = {n: answered.prop(DIARY, n) for n in names}
    assert not [n for n, e in found.items() if e is None]
    values = {n: e.text for n, e in found.items() if e is not None and e.text}
    assert values["{DAV:}displayname"] == "Bo Tangen"
    assert values["{DAV:}sync-token"] == f"urn:partstat:sync:{values[f'{{{xml.SERVER}}}getctag']}"
    assert values[f"{C}max-resource-size"] == "1048576"
    assert values[f"{C}min-date-time"].endswith("T000000Z")
    assert values[f"{{{xml.APPLE}}}calendar-color"] == "#4682B4FF"
    privileges = answered.xml.findall(".//{DAV:}current-user-privilege-set/{DAV:}privilege/*")
    assert [p.tag for p in privileges] == [
        "{DAV:}read", f"{C}read-free-busy", "{DAV:}read-acl", "{DAV:}read-current-user-privilege-set",
    ]  # fmt: skip
    reports = answered.xml.findall(".//{DAV:}supported-report/{DAV:}report/*")
    assert {r.tag for r in reports} == set(taken(Kind.CALENDAR))


def test_every_report_that_is_told_of_has_a_handler() -> None:
    assert HANDLERS.keys() == REPORTED.keys()


def test_what_is_missing_is_named_unless_a_client_wants_it_short(seeded: Seeded, call: Caller) -> None:
    body = '<propfind xmlns="DAV:"><prop><getetag/><x:y xmlns:x="urn:a&amp;b"/><displayname/></prop></propfind>'
    stats = call("PROPFIND", DIARY, body, depth="0").xml.findall(".//{DAV:}propstat")
    assert [s.findtext("{DAV:}status") for s in stats] == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]
    assert [e.tag for e in stats[1].findall("{DAV:}prop/*")] == ["{DAV:}getetag", "{urn:a&b}y"]
    short = call("PROPFIND", DIARY, body, depth="0", prefer="return=minimal")
    assert len(short.xml.findall(".//{DAV:}propstat")) == 1
    assert short.headers["preference-applied"] == "return=minimal"


@pytest.mark.parametrize("body", ["", "<propfind xmlns='DAV:'><allprop/></propfind>"])
def test_all_properties_are_those_that_there_are(call: Caller, body: str) -> None:
    answered = call("PROPFIND", PRINCIPAL, body, depth="0")
    assert [e.tag for e in answered.xml.findall(".//{DAV:}prop/*")] == ["{DAV:}resourcetype", "{DAV:}displayname"]


def test_property_names_without_values(call: Caller) -> None:
    answered = call("PROPFIND", DIARY, "<propfind xmlns='DAV:'><propname/></propfind>", depth="0")
    told = answered.xml.findall(".//{DAV:}prop/*")
    assert {e.tag for e in told} == {n for n, readers in properties.PROPERTIES.items() if Kind.CALENDAR in readers}
    assert not [e for e in told if e.text or len(e)]


def test_a_tree_is_not_listed_at_once(call: Caller) -> None:
    for depth in ({}, {"depth": "infinity"}, {"depth": "2"}):
        answered = call("PROPFIND", DIARY, prop("getetag"), **depth)
        assert (answered.status, answered.precondition) == (403, "{DAV:}propfind-finite-depth")


def test_more_properties_than_anybody_needs_are_refused(call: Caller) -> None:
    assert call("PROPFIND", DIARY, prop(*(f"a{n}" for n in range(101))), depth="0").status == 400
    assert call("PROPFIND", DIARY, prop("a" * 9_000), depth="0").status == 400


# --- copies ---------------------------------------------------------------------------------------------------------


def test_a_copy_is_read_with_its_tags(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard & <planning>")
    (href,) = objects(call)
    answered = call("GET", href)
    assert answered.status == 200
    assert answered.headers["content-type"] == "text/calendar; charset=utf-8; component=VEVENT"
    assert answered.headers["cache-control"] == "private, no-transform"
    (found,) = Calendar.from_ical(answered.body).walk("VEVENT")
    assert found["SUMMARY"] == "Orchard & <planning>"
    listed = call("PROPFIND", href, prop("getetag", "C:schedule-tag", "getcontenttype", "resourcetype"), depth="0")
    for tag, header in (("{DAV:}getetag", "etag"), (f"{C}schedule-tag", "schedule-tag")):
        element = listed.prop(href, tag)
        assert element is not None
        assert element.text == answered.headers[header]
    head = call("HEAD", href)
    assert (head.body, head.headers) == (b"", answered.headers)


def test_conditions_hold_against_the_etag(seeded: Seeded, call: Caller) -> None:
    mother = seeded.meeting("Orchard planning")
    (href,) = objects(call)
    tag = call("GET", href).headers["etag"]
    unchanged = call("GET", href, if_none_match=f'"x", W/{tag}')
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", tag)
    assert call("GET", href, if_match=tag[:-1] + '-gzip"').status == 200
    seeded.answer(mother, BO, status=1)
    assert call("GET", href, if_none_match=tag).status == 200
    assert call("GET", href, if_match=tag).status == 412


def test_the_schedule_tag_is_deaf_to_what_others_answer(seeded: Seeded, call: Caller) -> None:
    mother = seeded.meeting("Orchard planning", invited=(BO, 13))
    (href,) = objects(call)
    before = call("GET", href).headers
    seeded.answer(mother, 13, status=1)
    after = call("GET", href).headers
    assert after["etag"] != before["etag"]
    assert after["schedule-tag"] == before["schedule-tag"]


def test_a_home_has_no_text_of_its_own(call: Caller) -> None:
    answered = call("GET", HOME)
    assert (answered.status, answered.headers["allow"]) == (405, "OPTIONS, PROPFIND, REPORT")


def test_who_knows_the_time_zones_gets_none(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    (href,) = objects(call)
    bare = call("GET", href, caldav_timezones="F")
    assert b"TZID=Europe/Oslo" in bare.body
    assert b"BEGIN:VTIMEZONE" not in bare.body
    assert b"BEGIN:VTIMEZONE" in call("GET", href, caldav_timezones="T").body
    for report in (multiget(href), query(comp("VCALENDAR"), "<C:calendar-data/>")):
        assert b"BEGIN:VTIMEZONE" in call("REPORT", DIARY, report).body
        assert b"BEGIN:VTIMEZONE" not in call("REPORT", DIARY, report, caldav_timezones="F").body


@pytest.mark.parametrize(("zone", "status"), [("Asia/Tokyo", 207), ("Europe/Atlantis", 403), ("../etc", 403)])
def test_a_zone_that_nobody_knows_is_refused(call: Caller, zone: str, status: int) -> None:
    asked = query(comp("VCALENDAR")).replace("</C:filter>", f"</C:filter><C:timezone-id>{zone}</C:timezone-id>")
    answered = call("REPORT", DIARY, asked)
    assert (answered.status, b"valid-timezone" in answered.body) == (status, status == 403)


def test_a_calendar_is_one_text_until_it_changes(seeded: Seeded, call: Caller) -> None:
    mother = seeded.meeting("Orchard planning")
    seeded.appointment("Count bottles", owner=BO, days=3)
    whole = call("GET", DIARY)
    assert whole.headers["content-disposition"] == 'attachment; filename="diary.ics"'
    read = Calendar.from_ical(whole.body.decode())
    assert sorted(str(e["SUMMARY"]) for e in read.walk("VEVENT")) == ["Count bottles", "Orchard planning"]
    assert len(read.walk("VTIMEZONE")) == 1
    assert call("GET", DIARY, if_none_match=whole.headers["etag"]).status == 304
    assert call("HEAD", DIARY).headers["content-length"] == str(len(whole.body))
    seeded.answer(mother, BO, status=9)
    later = call("GET", DIARY, if_none_match=whole.headers["etag"])
    assert later.status == 200
    assert b"PARTSTAT=DECLINED" in later.body.replace(b"\r\n ", b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPPATCH", "MOVE", "COPY", "MKCALENDAR", "MKCOL", "ACL"])
def test_what_would_write_lacks_a_privilege(seeded: Seeded, call: Caller, method: str) -> None:
    seeded.meeting("Orchard planning")
    (href,) = objects(call)
    body = call("GET", href).body
    for path in (href, f"{DIARY}new.ics", DIARY):
        answered = call(method, path, body)
        assert (answered.status, answered.precondition) == (403, "{DAV:}need-privileges")
        assert answered.xml.findtext(".//{DAV:}href") == path
    assert call("GET", href).body == body


@pytest.mark.parametrize("method", ["POST", "LOCK", "UNLOCK", "PATCH", "BREW"])
def test_other_methods_are_not_taken(call: Caller, method: str) -> None:
    assert call(method, DIARY).status == 405


# --- multiget and query ---------------------------------------------------------------------------------------------


def test_multiget_answers_each_address_by_itself(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    seeded.appointment("Count bottles", owner=BO)
    one, two = objects(call)
    name = one.rpartition("/")[2]
    good = [one, f"http://127.0.0.1:8080{two}"]
    bad = [
        f"{DIARY}none.ics",
        f"/dav/calendars/ADA/diary/{name}",
        f"http://elsewhere.example{one}",
        f"{DIARY}..%2f{name}",
        f"{DIARY}%252e/{name}",
        f"/dav/calendars/BO%2fdiary/{name}",
        f"{DIARY}../diary/{name}",
        f"{DIARY}%00{name}",
        f"{DIARY}%ff",
        "",
        "//",
        "http://[",
        PRINCIPAL,
        one + "?x",
        "x" * 5_000,
    ]
    answered = call("REPORT", DIARY, multiget(*good, *bad))
    assert answered.status == 207
    assert answered.hrefs("404") == bad
    assert sorted(set(answered.hrefs()) - set(bad)) == [one, two]
    for href in (one, two):
        data = answered.prop(href, f"{C}calendar-data")
        tag = answered.prop(href, "{DAV:}getetag")
        assert data is not None
        assert tag is not None
        got = call("GET", href)
        # Inside XML a line ends in LF, which stands for CRLF (RFC 4791 9.6).
        assert ((data.text or "").encode(), tag.text) == (got.body.replace(b"\r\n", b"\n"), got.headers["etag"])


def test_an_encoded_address_is_decoded_once(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    (one,) = objects(call)
    encoded = DIARY + "".join(f"%{ord(c):02X}" for c in one.removeprefix(DIARY))
    assert call("REPORT", DIARY, multiget(encoded)).hrefs("404") == []
    assert call("REPORT", DIARY, multiget(quote(encoded))).hrefs("404") == [quote(encoded)]


def test_a_login_with_a_space_has_an_encoded_address(seeded: Seeded) -> None:
    seeded.meeting("Orchard planning")
    room = caller(seeded, "TASTING ROOM")
    answered = room("PROPFIND", "/dav/calendars/TASTING ROOM/diary/", prop("getetag"), depth="1")
    assert answered.hrefs()[0] == "/dav/calendars/TASTING%20ROOM/diary/"
    got = room("REPORT", "/dav/calendars/TASTING ROOM/diary/", multiget(answered.hrefs()[1]))
    assert got.hrefs("404") == []


def test_more_addresses_than_are_given_at_once_are_refused(seeded: Seeded, call: Caller) -> None:
    answered = call("REPORT", DIARY, multiget(*(f"{DIARY}{n}" for n in range(seeded.house.settings.max_hrefs + 1))))
    assert (answered.status, answered.precondition) == (403, "{DAV:}number-of-matches-within-limits")


def test_a_query_gives_everything_or_a_range(seeded: Seeded, call: Caller) -> None:
    for day in (1, 2, 3):
        seeded.appointment(f"Day {day}", owner=BO, days=day)
    everything = set(objects(call))
    for inside in (comp("VCALENDAR"), comp("VCALENDAR", comp("VEVENT"))):
        for names in ("<getetag/>", "<getetag/><C:calendar-data/>"):
            assert set(call("REPORT", DIARY, query(inside, names), depth="1").hrefs()) == everything
    today = seeded.house.today() // 86_400 * 86_400  # the day it is for the CRM, which UTC may not have reached

    def between(start: int | None, end: int | None) -> list[str]:
        told = "".join(
            f' {n}="{_utc(today + d * 86_400)}"' for n, d in (("start", start), ("end", end)) if d is not None
        )
        span = f"<C:time-range{told}/>"
        answered = call("REPORT", DIARY, query(comp("VCALENDAR", comp("VEVENT", span)), "<C:calendar-data/>"))
        data = answered.xml.iterfind(f".//{C}calendar-data")
        return sorted(str(Calendar.from_ical(d.text or "").walk("VEVENT")[0]["SUMMARY"]) for d in data)

    assert between(2, 3) == ["Day 2"]
    assert between(2, None) == ["Day 2", "Day 3"]
    assert between(None, 2) == ["Day 1"]
    assert between(9, 10) == []


def _utc(moment: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))


@pytest.mark.parametrize("path", [DIARY, PRINCIPAL, "/dav/"])
def test_other_reports_are_refused_by_name(call: Caller, path: str) -> None:
    answered = call("REPORT", path, '<version-tree xmlns="DAV:"/>')
    assert (answered.status, answered.precondition) == (403, "{DAV:}supported-report")
    if path != DIARY:
        assert call("REPORT", path, sync()).precondition == "{DAV:}supported-report"


# --- following ------------------------------------------------------------------------------------------------------


def test_a_client_follows_by_tokens(seeded: Seeded, call: Caller) -> None:
    first = call("REPORT", DIARY, sync())
    assert first.hrefs() == []
    mother = seeded.meeting("Orchard planning")
    new = call("REPORT", DIARY, sync(token(first), names="<getetag/><C:calendar-data/>"), depth="0")
    assert new.hrefs() == objects(call)
    assert "Orchard planning" in text(new)
    assert call("REPORT", DIARY, sync(token(new))).hrefs() == []
    assert token(call("REPORT", DIARY, sync(token(new)))) == token(new)
    seeded.delete(mother)
    gone = call("REPORT", DIARY, sync(token(new), names="<getetag/><C:calendar-data/>"))
    assert gone.hrefs("404") == new.hrefs()
    assert call("REPORT", DIARY, sync()).hrefs() == []


def test_the_token_of_a_diary_is_one_to_follow_from(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    element = call("PROPFIND", DIARY, prop("sync-token"), depth="0").prop(DIARY, "{DAV:}sync-token")
    assert element is not None
    assert call("REPORT", DIARY, sync(element.text or "x")).hrefs() == []


def test_a_long_answer_comes_in_pieces_that_join(seeded: Seeded, call: Caller) -> None:
    for day in range(1, 6):
        seeded.appointment(f"Day {day}", owner=BO, days=day)
    got: list[str] = []
    answered = call("REPORT", DIARY, sync(limit=2))
    while answered.hrefs("507"):
        assert answered.hrefs("507") == [DIARY]
        assert answered.xml.find(".//{DAV:}error/{DAV:}number-of-matches-within-limits") is not None
        assert len(answered.hrefs()) == 3
        got += answered.hrefs()[:-1]
        answered = call("REPORT", DIARY, sync(token(answered), limit=2))
    assert sorted(got + answered.hrefs()) == objects(call)


@pytest.mark.parametrize(
    "given", ["x", "urn:partstat:sync:", "urn:partstat:sync:1-1", "urn:partstat:sync:-1-x", "data:,1", "9" * 400]
)
def test_a_token_of_somebody_else_s_is_refused_by_name(seeded: Seeded, call: Caller, given: str) -> None:
    seeded.meeting("Orchard planning")
    answered = call("REPORT", DIARY, sync(given))
    assert (answered.status, answered.precondition) == (403, "{DAV:}valid-sync-token")


def test_a_sync_that_breaks_the_rules_is_refused(call: Caller) -> None:
    assert call("REPORT", DIARY, f"<sync-collection {NAMES}><prop/></sync-collection>").status == 400
    assert call("REPORT", DIARY, sync().replace(">1<", ">infinite<")).status == 400
    assert {call("REPORT", DIARY, sync(limit=n)).status for n in ("0", "-1", "x", "9" * 30)} == {400}


def test_a_change_is_seen_by_the_very_next_question(seeded: Seeded, call: Caller) -> None:
    mother = seeded.meeting("Orchard planning")
    before = token(call("REPORT", DIARY, sync()))
    table = "appointment" if seeded.house.store.sqlite else "crm.appointment"
    with seeded.crm() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET location = 'Cellar' WHERE mother_id = {mother}")
    answered = call("REPORT", DIARY, sync(before, names="<C:calendar-data/>"))
    assert "LOCATION:Cellar" in text(answered)


# --- to-dos ---------------------------------------------------------------------------------------------------------


def test_the_tasks_say_what_they_are(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    names = ("displayname", "C:supported-calendar-component-set", "C:calendar-description", "C:min-date-time",
             "sync-token", "S:getctag")  # fmt: skip
    found = {href: call("PROPFIND", href, prop(*names), depth="0") for href in (DIARY, TASKS)}
    comps = [found[href].xml.find(f".//{C}comp") for href in (DIARY, TASKS)]
    assert [c.get("name") for c in comps if c is not None] == ["VEVENT", "VTODO"]
    descriptions = [found[href].xml.findtext(f".//{C}calendar-description") for href in (DIARY, TASKS)]
    assert descriptions == ["The diary of Bo Tangen", "The to-dos of Bo Tangen"]
    assert (found[TASKS].xml.findtext(f".//{C}min-date-time") or "").endswith("T000000Z")
    assert found[TASKS].xml.findtext(".//{DAV:}sync-token") == "urn:partstat:sync:0-0"
    assert found[DIARY].xml.findtext(".//{DAV:}sync-token") != "urn:partstat:sync:0-0"
    # The home says of both what each says of itself.
    listed = call("PROPFIND", HOME, prop(*names), depth="1")
    for href in (DIARY, TASKS):
        for tag in ("{DAV:}displayname", "{DAV:}sync-token", "{http://calendarserver.org/ns/}getctag"):
            there = listed.prop(href, tag)
            assert there is not None
            assert there.text == found[href].xml.findtext(f".//{tag}")


def test_a_to_do_is_read_where_it_is_and_nowhere_else(seeded: Seeded, call: Caller) -> None:
    seeded.to_do("Order corks", owner=BO)
    (href,) = objects(call, TASKS)
    assert href.startswith(TASKS)
    assert objects(call) == []
    answered = call("GET", href)
    assert answered.headers["content-type"] == "text/calendar; charset=utf-8; component=VTODO"
    (found,) = Calendar.from_ical(answered.body).walk("VTODO")
    assert (found["SUMMARY"], found["STATUS"]) == ("Order corks", "NEEDS-ACTION")
    element = call("PROPFIND", href, prop("getcontenttype"), depth="0").prop(href, "{DAV:}getcontenttype")
    assert element is not None
    assert element.text == answered.headers["content-type"]
    elsewhere = href.replace(TASKS, DIARY)
    assert call("GET", elsewhere).status == 404
    got = call("REPORT", TASKS, multiget(href, elsewhere))
    assert got.hrefs("404") == [elsewhere]
    assert "Order corks" in text(got)
    assert call("REPORT", DIARY, multiget(elsewhere, href)).hrefs("404") == [elsewhere, href]
    refused = call("PUT", href, answered.body)
    assert refused.xml.findtext(".//{DAV:}href") == href


def test_a_query_for_the_other_component_finds_nothing(seeded: Seeded, call: Caller) -> None:
    seeded.to_do("Order corks", owner=BO)
    seeded.appointment("Count bottles", owner=BO)
    span = '<C:time-range start="20000101T000000Z" end="22000101T000000Z"/>'
    for path, own, other in ((DIARY, "VEVENT", "VTODO"), (TASKS, "VTODO", "VEVENT")):
        for inside in ("", span):
            for names in ("<getetag/>", "<getetag/><C:calendar-data/>"):
                assert len(call("REPORT", path, query(comp("VCALENDAR", comp(own, inside)), names)).hrefs()) == 1
                nothing = call("REPORT", path, query(comp("VCALENDAR", comp(other, inside)), names))
                assert (nothing.status, nothing.hrefs()) == (207, [])
        assert len(call("REPORT", path, query(comp("VCALENDAR"))).hrefs()) == 1
        assert call("REPORT", path, query(comp("VCALENDAR", comp("VJOURNAL")))).hrefs() == []


def test_a_range_of_to_dos_is_one_of_deadlines(seeded: Seeded, call: Caller) -> None:
    for day in (1, 2, 3):
        seeded.to_do(f"Day {day}", owner=BO, days=day, endDate=2**40)
    today = seeded.house.today() // 86_400 * 86_400

    def between(start: int, end: int) -> list[str]:
        span = f'<C:time-range start="{_utc(today + start * 86_400)}" end="{_utc(today + end * 86_400)}"/>'
        answered = call("REPORT", TASKS, query(comp("VCALENDAR", comp("VTODO", span)), "<C:calendar-data/>"))
        data = answered.xml.iterfind(f".//{C}calendar-data")
        return sorted(str(Calendar.from_ical(d.text or "").walk("VTODO")[0]["SUMMARY"]) for d in data)

    assert between(2, 3) == ["Day 2"]
    assert between(0, 9) == ["Day 1", "Day 2", "Day 3"]
    assert between(4, 9) == []


def test_a_client_follows_both_calendars_by_tokens_of_their_own(seeded: Seeded, call: Caller) -> None:
    number = seeded.to_do("Order corks", owner=BO)
    diary, tasks = call("REPORT", DIARY, sync()), call("REPORT", TASKS, sync())
    assert (diary.hrefs(), tasks.hrefs()) == ([], objects(call, TASKS))
    table = "appointment" if seeded.house.store.sqlite else "crm.appointment"
    with seeded.crm() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET type = 1 WHERE appointment_id = {number}")
    came, went = call("REPORT", DIARY, sync(token(diary))), call("REPORT", TASKS, sync(token(tasks)))
    assert came.hrefs() == objects(call)
    assert went.hrefs("404") == tasks.hrefs()
    assert came.hrefs()[0].rpartition("/")[2] == tasks.hrefs()[0].rpartition("/")[2]
    assert call("REPORT", TASKS, sync(token(went))).hrefs() == []


def test_a_read_of_the_tasks_costs_a_gate_and_a_fetch(seeded: Seeded, call: Caller) -> None:
    for day in range(1, 4):
        seeded.to_do(f"Day {day}", owner=BO, days=day)
    (href, *_) = objects(call, TASKS)
    questions = [
        ("GET", href, "", {}),
        ("PROPFIND", TASKS, prop("getetag"), {"depth": "1"}),
        ("PROPFIND", HOME, prop("sync-token"), {"depth": "1"}),
        ("REPORT", TASKS, query(comp("VCALENDAR", comp("VTODO")), "<C:calendar-data/>"), {}),
    ]
    for method, path, body, headers in questions:
        with asked(seeded.house.store) as statements:
            assert call(method, path, body, **headers).status in (200, 207)
        assert len(statements) == 2, path


def test_the_diary_and_the_home_wait_for_no_tasks(database_url: str) -> None:
    seeded = seed(database_url)
    call = caller(seeded, "BO")
    with seeded.crm() as connection:
        connection.exec_driver_sql("UPDATE calendar SET adopted = FALSE WHERE name = 'tasks'")
        connection.exec_driver_sql("UPDATE house SET adopted = FALSE")
    assert call("PROPFIND", TASKS, prop("getetag"), depth="1").status == 503
    assert call("PROPFIND", DIARY, prop("getetag"), depth="1").status == 207
    assert call("PROPFIND", HOME, prop("sync-token"), depth="1").hrefs() == [HOME, DIARY, TASKS]
    seeded.close()


# --- the outside of it ----------------------------------------------------------------------------------------------


def test_a_long_answer_is_compressed_where_that_is_wanted(seeded: Seeded, call: Caller) -> None:
    for day in range(1, 9):
        seeded.appointment(f"Day {day}", owner=BO, days=day)
    plain = call("PROPFIND", DIARY, prop("getetag"), depth="1")
    packed = call("PROPFIND", DIARY, prop("getetag"), depth="1", accept_encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["vary"] == "Accept-Encoding"


def test_behind_a_path_every_address_begins_with_it(database_url: str) -> None:
    seeded = seed(database_url, base_url="https://hillside.example/partstat")
    seeded.meeting("Orchard planning")
    call = caller(seeded, "BO")
    assert call("PROPFIND", "/.well-known/caldav").headers["location"] == "/partstat/dav/"
    (href,) = call("PROPFIND", DIARY, prop("getetag"), depth="1").hrefs()[1:]
    assert href.startswith(f"/partstat{DIARY}")
    found = call("REPORT", DIARY, multiget(href, f"https://hillside.example{href}"))
    assert found.hrefs("404") == []
    seeded.close()


def test_only_a_pattern_s_own_places_have_addresses() -> None:
    for kind, pattern in paths.PATTERNS.items():
        place = paths.place(
            "/"
            + "/".join(
                s.replace("<login>", "Ødegård/x"[:7]).replace("<name>", "a b").replace("<calendar>", "tasks")
                for s in pattern
            )
        )
        assert place.kind is kind
        assert place.calendar == ("tasks" if kind in (Kind.CALENDAR, Kind.OBJECT) else "")
        href = paths.href("/pre", place)
        assert href.isascii()
        assert paths.from_href(href, "/pre", frozenset()) == place


def test_text_survives_xml_whatever_it_holds() -> None:
    text = "a<b>&amp;\r\n\"'\x00\x1f\ufffe\U0001f346]]>"
    written = b"<x>%s</x>" % xml.text(text)
    assert etree.fromstring(written).text == "a<b>&amp;\r\n\"'\U0001f346]]>"
