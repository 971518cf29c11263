"""What each kind of resource says of itself: every property, and every way to ask for it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from sqlalchemy import insert, update

from gateway.crm import tables
from gateway.web.dav import properties, xml
from gateway.web.dav.paths import Kind
from gateway.web.dav.reported import taken
from mappings.times import zone
from tests.calling import Answered, Caller, caller
from tests.counting import asked
from tests.seed import ADA, BO, Seeded, seed

ROOT, PRINCIPALS, HOMES = "/dav/", "/dav/principals/", "/dav/calendars/"
PRINCIPAL, HOME = "/dav/principals/BO/", "/dav/calendars/BO/"
DIARY, TASKS = f"{HOME}diary/", f"{HOME}tasks/"
D, C, S, A = "{DAV:}", f"{{{xml.CALDAV}}}", f"{{{xml.SERVER}}}", f"{{{xml.APPLE}}}"
SPACES = f'xmlns="DAV:" xmlns:C="{xml.CALDAV}" xmlns:S="{xml.SERVER}" xmlns:A="{xml.APPLE}"'
PLACES = {
    ROOT: Kind.ROOT, PRINCIPALS: Kind.PRINCIPALS, PRINCIPAL: Kind.PRINCIPAL, "/dav/principals/ADA/": Kind.COLLEAGUE,
    HOMES: Kind.HOMES, HOME: Kind.HOME, DIARY: Kind.CALENDAR, TASKS: Kind.CALENDAR,
}  # fmt: skip


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded, "BO")


def propfind(inside: str) -> str:
    return f"<propfind {SPACES}>{inside}</propfind>"


def prop(*names: str) -> str:
    return propfind("<prop>" + "".join(f"<{n}/>" for n in names) + "</prop>")


def named(*names: str) -> str:
    """A question by Clark names, as a library would write it."""
    inside = "".join(f'<x:{n[1:].partition("}")[2]} xmlns:x="{n[1:].partition("}")[0]}"/>' for n in names)
    return propfind(f"<prop>{inside}</prop>")


def value(call: Caller, path: str, name: str) -> xml.Element:
    """One property that has to be there."""
    answered = call("PROPFIND", path, named(name), depth="0")
    assert answered.status == 207
    found = answered.prop(path, name)
    assert found is not None, (path, name)
    return found


def hrefs(element: xml.Element) -> list[str]:
    return [e.text or "" for e in element.iterfind("{DAV:}href")]


def tags(element: xml.Element) -> list[str]:
    return [str(e.tag) for e in element]


def told(answered: Answered) -> dict[str, set[str]]:
    """Which properties each resource was found to have."""
    return {
        r.findtext("{DAV:}href") or "": {
            str(e.tag)
            for stat in r.iterfind("{DAV:}propstat")
            if "200" in (stat.findtext("{DAV:}status") or "")
            for e in stat.iterfind("{DAV:}prop/*")
        }
        for r in answered.xml.iterfind("{DAV:}response")
    }


# --- calendars ------------------------------------------------------------------------------------------------------


def test_each_calendar_says_what_it_holds_and_for_whom(call: Caller) -> None:
    for path, component, name in ((DIARY, "VEVENT", "Bo Tangen"), (TASKS, "VTODO", "Bo Tangen (tasks)")):
        assert tags(value(call, path, f"{D}resourcetype")) == [f"{D}collection", f"{C}calendar"]
        assert value(call, path, f"{D}displayname").text == name
        comps = value(call, path, f"{C}supported-calendar-component-set")
        assert [(e.tag, e.get("name")) for e in comps] == [(f"{C}comp", component)]
        assert hrefs(value(call, path, f"{D}owner")) == [PRINCIPAL]
        assert tags(value(call, path, f"{D}group")) == []
    assert value(call, DIARY, f"{C}calendar-description").text == "The diary of Bo Tangen"
    assert value(call, TASKS, f"{C}calendar-description").text == "The to-dos of Bo Tangen"


def test_only_the_diary_makes_somebody_busy_and_it_comes_first(call: Caller) -> None:
    assert tags(value(call, DIARY, f"{C}schedule-calendar-transp")) == [f"{C}opaque"]
    assert tags(value(call, TASKS, f"{C}schedule-calendar-transp")) == [f"{C}transparent"]
    assert [value(call, p, f"{A}calendar-order").text for p in (DIARY, TASKS)] == ["1", "2"]
    assert value(call, DIARY, f"{A}calendar-color").text == "#4682B4FF"


def test_a_calendar_knows_its_time_zone_by_name_and_by_rules(call: Caller) -> None:
    assert value(call, DIARY, f"{C}calendar-timezone-id").text == "Europe/Oslo"
    text = value(call, DIARY, f"{C}calendar-timezone").text or ""
    assert "\r\n" in text
    components = Calendar.from_ical(text).subcomponents
    assert [c.name for c in components] == ["VTIMEZONE"]
    assert str(components[0]["TZID"]) == "Europe/Oslo"
    read = components[0].to_tz()  # type: ignore[attr-defined]
    for year in (-1, 0, 5):
        for month in (1, 7):
            moment = datetime(datetime.now(UTC).year + year, month, 15, 12)
            assert read.utcoffset(moment) == zone("Europe/Oslo").utcoffset(moment)


@pytest.mark.parametrize("name", ["UTC", "Asia/Kolkata"])
def test_a_zone_without_changes_is_exactly_one_all_the_same(database_url: str, name: str) -> None:
    seeded = seed(database_url, timezone=name)
    text = value(caller(seeded, "BO"), DIARY, f"{C}calendar-timezone").text or ""
    (found,) = Calendar.from_ical(text).walk("VTIMEZONE")
    assert str(found["TZID"]) == name
    assert [c.name for c in found.subcomponents] == ["STANDARD"]
    seeded.close()


def test_what_can_be_asked_of_a_calendar(call: Caller) -> None:
    data = value(call, DIARY, f"{C}supported-calendar-data")
    assert [(e.tag, e.get("content-type"), e.get("version")) for e in data] == [
        (f"{C}calendar-data", "text/calendar", "2.0")
    ]
    collations = value(call, DIARY, f"{C}supported-collation-set")
    assert [e.text for e in collations.iterfind(f"{C}supported-collation")] == [
        "i;ascii-casemap", "i;octet", "i;unicode-casemap",
    ]  # fmt: skip
    reports = value(call, DIARY, f"{D}supported-report-set").findall("{DAV:}supported-report/{DAV:}report/*")
    assert {str(r.tag) for r in reports} == set(taken(Kind.CALENDAR))
    assert value(call, DIARY, f"{C}max-resource-size").text == "1048576"


def test_a_calendar_reaches_back_as_far_as_it_is_published(seeded: Seeded, call: Caller) -> None:
    first = datetime.strptime(value(call, DIARY, f"{C}min-date-time").text or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    now = seeded.house.clock.now()
    assert 0 <= now - 365 * 86_400 - first.timestamp() < 86_400


def test_tokens_of_a_calendar_are_one(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    tag = value(call, DIARY, f"{S}getctag").text
    assert value(call, DIARY, f"{D}sync-token").text == f"urn:partstat:sync:{tag}"
    assert value(call, TASKS, f"{S}getctag").text != tag


@pytest.mark.parametrize(
    "name",
    [
        f"{C}max-date-time", f"{C}max-attendees-per-instance", f"{C}max-instances", f"{D}getlastmodified",
        f"{D}creationdate", f"{C}schedule-inbox-URL", f"{D}quota-used-bytes", f"{D}lockdiscovery", f"{S}me-card",
    ],
)  # fmt: skip
def test_what_would_not_hold_is_not_said(call: Caller, name: str) -> None:
    for path in PLACES:
        answered = call("PROPFIND", path, named(name), depth="0")
        assert [s.findtext("{DAV:}status") for s in answered.xml.iterfind(".//{DAV:}propstat")] == [
            "HTTP/1.1 404 Not Found"
        ]


# --- copies ---------------------------------------------------------------------------------------------------------


def test_a_copy_tells_its_length_at_every_depth(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    seeded.appointment("Blåbær", owner=BO, days=2)
    listed = call("PROPFIND", DIARY, prop("getcontentlength", "getetag"), depth="1")
    copies = listed.hrefs()[1:]
    assert len(copies) == 2
    for href in copies:
        got = call("GET", href)
        alone = value(call, href, f"{D}getcontentlength").text
        inside = listed.prop(href, f"{D}getcontentlength")
        assert inside is not None
        assert alone == inside.text == got.headers["content-length"] == str(len(got.body))
    assert listed.prop(DIARY, f"{D}getcontentlength") is None


def test_a_copy_says_what_it_is(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    seeded.to_do("Order corks", owner=BO)
    for path, component in ((DIARY, "VEVENT"), (TASKS, "VTODO")):
        (href,) = call("PROPFIND", path, prop("getetag"), depth="1").hrefs()[1:]
        got = call("GET", href)
        assert value(call, href, f"{D}getcontenttype").text == f"text/calendar; charset=utf-8; component={component}"
        assert value(call, href, f"{D}getetag").text == got.headers["etag"]
        assert value(call, href, f"{C}schedule-tag").text == got.headers["schedule-tag"]
        assert tags(value(call, href, f"{D}resourcetype")) == []
        assert hrefs(value(call, href, f"{D}owner")) == [PRINCIPAL]


# --- who may do what ------------------------------------------------------------------------------------------------


def granted(entry: xml.Element) -> list[str]:
    return [str(p[0].tag).rpartition("}")[2] for p in entry.iterfind("{DAV:}grant/{DAV:}privilege")]


def test_everything_can_be_read_and_nothing_written(call: Caller) -> None:
    plain = ["read", "read-acl", "read-current-user-privilege-set"]
    glance = ["read", "read-current-user-privilege-set"]
    calendar = ["read", "read-free-busy", *plain[1:]]
    for path, kind in PLACES.items():
        element = value(call, path, f"{D}current-user-privilege-set")
        mine = [str(p[0].tag).rpartition("}")[2] for p in element]
        assert mine == {Kind.CALENDAR: calendar, Kind.COLLEAGUE: glance}.get(kind, plain), path


def test_what_is_granted_is_among_what_there_is_and_so_is_what_is_refused(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    for path in PLACES:
        tree = value(call, path, f"{D}supported-privilege-set")
        (top,) = tree
        assert top.find("{DAV:}privilege/{DAV:}all") is not None
        assert top.find("{DAV:}abstract") is not None
        known = [str(p[0].tag) for p in tree.iter("{DAV:}privilege")]
        assert len(known) == len(set(known))
        assert all(d.get("{http://www.w3.org/XML/1998/namespace}lang") == "en" for d in tree.iter("{DAV:}description"))
        mine = {str(p[0].tag) for p in value(call, path, f"{D}current-user-privilege-set")}
        assert mine <= set(known)
        for method in ("PUT", "DELETE", "PROPPATCH", "MOVE", "COPY", "MKCALENDAR", "ACL"):
            refused = call(method, path)
            assert (refused.status, refused.precondition) == (403, f"{D}need-privileges")
            assert refused.xml.findtext(".//{DAV:}href") == path
            (missing,) = refused.xml.iter("{DAV:}privilege")
            assert str(missing[0].tag) in set(known) - mine
    read = value(call, DIARY, f"{D}supported-privilege-set")[0].find("{DAV:}supported-privilege")
    assert read is not None
    assert [str(p[0].tag) for p in read.iter("{DAV:}privilege")] == [f"{D}read", f"{C}read-free-busy"]


def test_the_list_of_access_says_the_same_and_cannot_be_changed(call: Caller) -> None:
    for path in (HOME, DIARY, TASKS):
        (entry,) = value(call, path, f"{D}acl")
        assert entry.find("{DAV:}principal/{DAV:}property/{DAV:}owner") is not None
        mine = [str(p[0].tag).rpartition("}")[2] for p in value(call, path, f"{D}current-user-privilege-set")]
        assert granted(entry) == mine
        assert entry.find("{DAV:}protected") is not None
    for path in (ROOT, PRINCIPALS, HOMES):
        (entry,) = value(call, path, f"{D}acl")
        assert entry.find("{DAV:}principal/{DAV:}authenticated") is not None
    mine_alone, others = value(call, PRINCIPAL, f"{D}acl")
    assert mine_alone.findtext("{DAV:}principal/{DAV:}href") == PRINCIPAL
    assert granted(mine_alone) == ["read", "read-acl", "read-current-user-privilege-set"]
    assert others.find("{DAV:}principal/{DAV:}authenticated") is not None
    assert granted(others) == ["read", "read-current-user-privilege-set"]
    for path in (*PLACES.keys() - {"/dav/principals/ADA/"},):
        assert tags(value(call, path, f"{D}acl-restrictions")) == [f"{D}grant-only", f"{D}no-invert"]
        assert tags(value(call, path, f"{D}inherited-acl-set")) == []


def test_where_colleagues_are_not_shown_their_lists_of_access_do_not_name_anybody(database_url: str) -> None:
    seeded = seed(database_url, directory="self")
    (entry,) = value(caller(seeded, "BO"), PRINCIPAL, f"{D}acl")
    assert entry.findtext("{DAV:}principal/{DAV:}href") == PRINCIPAL
    seeded.close()


# --- ways to ask ----------------------------------------------------------------------------------------------------


def test_everything_that_is_told_of_is_there_at_every_place(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    (copy,) = call("PROPFIND", DIARY, prop("getetag"), depth="1").hrefs()[1:]
    for path, kind in {**PLACES, copy: Kind.OBJECT}.items():
        listed = call("PROPFIND", path, propfind("<propname/>"), depth="0")
        names = sorted(told(listed)[path])
        assert set(names) == set(properties.READERS[kind])
        assert not [e for e in listed.xml.iterfind(".//{DAV:}prop/*") if e.text or len(e)]
        assert told(call("PROPFIND", path, named(*names), depth="0"))[path] == set(names)


@pytest.mark.parametrize(
    "body", ["", propfind("<allprop/>"), propfind(f"<allprop/><include><C:x {SPACES}/></include>")]
)
def test_all_properties_are_webdav_s_own(seeded: Seeded, call: Caller, body: str) -> None:
    seeded.meeting("Orchard planning")
    answered = call("PROPFIND", DIARY, body, depth="1")
    _, copy = answered.hrefs()
    own = {f"{D}resourcetype", f"{D}getetag", f"{D}getcontenttype", f"{D}getcontentlength"}
    assert told(answered) == {DIARY: {f"{D}resourcetype", f"{D}displayname"}, copy: own}
    missing = [e.tag for e in answered.xml.iterfind(".//{DAV:}propstat[{DAV:}status='HTTP/1.1 404 Not Found']//{*}x")]
    assert missing == ([f"{C}x"] * 2 if "include" in body else [])


def test_all_properties_and_more(call: Caller) -> None:
    body = propfind("<allprop/><include><C:calendar-description/><sync-token/></include>")
    assert told(call("PROPFIND", DIARY, body, depth="0"))[DIARY] == {
        f"{D}resourcetype", f"{D}displayname", f"{C}calendar-description", f"{D}sync-token",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body", ["<x/>", "<prop xmlns='DAV:'><getetag/></prop>", "<propfind xmlns='DAV:'/>", "<x", "no"]
)
def test_what_asks_for_nothing_is_refused(call: Caller, body: str) -> None:
    assert call("PROPFIND", DIARY, body, depth="0").status == 400


@pytest.mark.parametrize(
    ("headers", "short", "applied"),
    [
        ({"prefer": "return=minimal"}, True, True),
        ({"prefer": 'respond-async, Return = "minimal"; x=y'}, True, True),
        ({"prefer": "return=representation"}, False, False),
        ({"prefer": "no-return=minimal"}, False, False),
        ({"brief": "t"}, True, False),
        ({"brief": "T"}, True, False),
        ({"brief": "f"}, False, False),
        ({}, False, False),
    ],
)
def test_what_is_missing_is_left_out_where_that_is_wanted(
    call: Caller, headers: dict[str, str], short: bool, applied: bool
) -> None:
    for names, found in ((("displayname", "x"), {f"{D}displayname"}), (("x", "S:y"), set())):
        answered = call("PROPFIND", DIARY, prop(*names), depth="0", **headers)
        assert told(answered)[DIARY] == found
        statuses = [s.findtext("{DAV:}status") or "" for s in answered.xml.iterfind(".//{DAV:}propstat")]
        assert statuses  # a response without a propstat would be none
        assert any("404" in s for s in statuses) is not short
        assert answered.headers.get("preference-applied") == ("return=minimal" if applied else None)


def test_depth_counts_only_where_something_is_inside(call: Caller) -> None:
    for path in (PRINCIPAL, "/dav/principals/ADA/"):
        for headers in ({}, {"depth": "1"}, {"depth": "infinity"}):
            assert call("PROPFIND", path, prop("displayname"), **headers).hrefs() == [path]
    for path in (ROOT, PRINCIPALS, HOMES, HOME, DIARY):
        for headers in ({}, {"depth": "infinity"}, {"depth": "2"}):
            refused = call("PROPFIND", path, prop("displayname"), **headers)
            assert (refused.status, refused.precondition) == (403, f"{D}propfind-finite-depth")


def test_each_collection_lists_what_is_one_s_own(call: Caller) -> None:
    inside = {
        ROOT: [ROOT, PRINCIPALS, HOMES], PRINCIPALS: [PRINCIPALS, PRINCIPAL], HOMES: [HOMES, HOME],
        HOME: [HOME, DIARY, TASKS], DIARY: [DIARY],
    }  # fmt: skip
    for path, expected in inside.items():
        assert call("PROPFIND", path, prop("resourcetype"), depth="1").hrefs() == expected


@pytest.mark.parametrize("path", [PRINCIPAL, HOME, DIARY])
def test_a_login_is_written_in_any_case_and_answered_in_one(call: Caller, path: str) -> None:
    answered = call("PROPFIND", path.replace("BO", "bO"), prop("displayname"), depth="0")
    assert answered.hrefs() == [path]
    assert answered.headers["content-location"] == path
    assert "content-location" not in call("PROPFIND", path, prop("displayname"), depth="0").headers


def test_of_two_logins_that_differ_in_case_each_has_its_own(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    with seeded.crm() as connection:
        row = {"associate_id": 71, "name": "bo", "person_id": 0, "type": 0, "isLocation": 0}
        connection.execute(insert(tables.associate), [row])
    seeded.publish()
    assert call("PROPFIND", DIARY.replace("BO", "bo"), prop("displayname"), depth="1").status == 404
    other = call("PROPFIND", "/dav/principals/bo/", prop("displayname", "C:calendar-home-set"), depth="0")
    assert told(other) == {"/dav/principals/bo/": {f"{D}displayname"}}
    assert call("PROPFIND", "/dav/principals/Bo/", prop("C:calendar-home-set"), depth="0").hrefs() == [PRINCIPAL]


def test_names_of_any_kind_are_answered_with_xml(seeded: Seeded, call: Caller) -> None:
    with seeded.crm() as connection:
        named_so = {"firstname": "<Bo>\x01\ufffe&", "lastname": "]]>\r\n\"'" + "ø" * 80}
        connection.execute(update(tables.person).where(tables.person.c.person_id == 18).values(**named_so))
    assert value(call, PRINCIPAL, f"{D}displayname").text == "<Bo>& ]]>\r\n\"'" + "ø" * 80
    odd = "<prop><xml:lang/><n xmlns=''/><x:a.b-c xmlns:x='urn:x?a&amp;b=c'/><ø xmlns='urn:x'/></prop>"
    answered = call("PROPFIND", PRINCIPAL, propfind(odd), depth="0")
    names = ["{http://www.w3.org/XML/1998/namespace}lang", "n", "{urn:x?a&b=c}a.b-c", "{urn:x}ø"]
    assert [e.tag for e in answered.xml.iterfind(".//{DAV:}prop/*")] == names


# --- what it costs --------------------------------------------------------------------------------------------------


def test_asking_for_everything_costs_no_more_than_asking_for_something(seeded: Seeded, call: Caller) -> None:
    for day in range(1, 4):
        seeded.appointment(f"Day {day}", owner=BO, days=day)
    everything = named(*properties.PROPERTIES)
    expected = {ROOT: ("1", 1), PRINCIPALS: ("1", 2), PRINCIPAL: ("0", 2), HOME: ("1", 2), DIARY: ("1", 2)}
    for path, (depth, count) in expected.items():
        with asked(seeded.house.store) as statements:
            assert call("PROPFIND", path, everything, depth=depth).status == 207
        assert len(statements) == count, (path, statements)


def test_who_one_is_is_known_from_the_token(seeded: Seeded, call: Caller) -> None:
    with asked(seeded.house.store) as statements:
        call("PROPFIND", PRINCIPAL, prop("current-user-principal", "C:calendar-home-set", "displayname"), depth="0")
    assert len(statements) == 1


# --- how clients begin ----------------------------------------------------------------------------------------------

APPLE = prop("C:calendar-home-set", "C:calendar-user-address-set", "current-user-principal", "displayname",
             "S:dropbox-home-URL", "S:email-address-set", "C:max-attendees-per-instance", "S:notification-URL",
             "principal-collection-set", "principal-URL", "resource-id", "C:schedule-inbox-URL",
             "C:schedule-outbox-URL", "supported-report-set")  # fmt: skip
APPLE_HOME = prop("add-member", "S:allowed-sharing-modes", "A:calendar-color", "C:calendar-description",
                  "C:calendar-free-busy-set", "A:calendar-order", "C:calendar-timezone", "current-user-privilege-set",
                  "C:default-alarm-vevent-date", "displayname", "S:getctag", "owner", "S:pre-publish-url",
                  "quota-available-bytes", "A:refreshrate", "resource-id", "resourcetype",
                  "C:schedule-calendar-transp", "supported-report-set", "sync-token",
                  "C:supported-calendar-component-set", "C:supported-calendar-component-sets")  # fmt: skip
DAVX5 = prop("resourcetype", "displayname", "current-user-principal", "C:calendar-home-set", "group-membership",
             "C:calendar-user-address-set", "S:calendar-proxy-read-for", "S:calendar-proxy-write-for")  # fmt: skip
DAVX5_HOME = prop("resourcetype", "displayname", "owner", "current-user-privilege-set", "C:calendar-description",
                  "A:calendar-color", "C:calendar-timezone", "C:calendar-timezone-id", "S:source",
                  "C:supported-calendar-component-set", "S:getctag", "sync-token", "supported-report-set")  # fmt: skip
THUNDERBIRD = prop("resourcetype", "owner", "current-user-principal", "current-user-privilege-set",
                   "supported-report-set", "C:supported-calendar-component-set", "S:getctag")  # fmt: skip
EVOLUTION = prop("resourcetype", "displayname", "C:calendar-home-set", "C:calendar-user-address-set",
                 "current-user-principal", "principal-URL", "C:schedule-outbox-URL", "current-user-privilege-set",
                 "A:calendar-color", "A:calendar-order", "C:calendar-description")  # fmt: skip


def test_apple_finds_its_way(seeded: Seeded, call: Caller) -> None:
    assert call("PROPFIND", "/.well-known/caldav", APPLE, depth="0").status == 301
    for path in ("/", "/principals/", ROOT):
        found = call("PROPFIND", path, APPLE, depth="0").prop(path, f"{D}current-user-principal")
        assert found is not None
        assert hrefs(found) == [PRINCIPAL]
    assert "calendar-access" in call("OPTIONS", PRINCIPAL).headers["dav"]
    answered = call("PROPFIND", PRINCIPAL, APPLE, depth="0", brief="t")
    assert told(answered)[PRINCIPAL] == {
        f"{C}calendar-home-set", f"{C}calendar-user-address-set", f"{D}current-user-principal", f"{D}displayname",
        f"{S}email-address-set", f"{D}principal-collection-set", f"{D}principal-URL", f"{D}supported-report-set",
    }  # fmt: skip
    listed = call("PROPFIND", HOME, APPLE_HOME, depth="1", brief="t")
    assert listed.status == 207
    for path in (DIARY, TASKS):
        assert told(listed)[path] == {
            f"{A}calendar-color", f"{C}calendar-description", f"{A}calendar-order", f"{C}calendar-timezone",
            f"{D}current-user-privilege-set", f"{D}displayname", f"{S}getctag", f"{D}owner", f"{D}resourcetype",
            f"{C}schedule-calendar-transp", f"{D}supported-report-set", f"{D}sync-token",
            f"{C}supported-calendar-component-set",
        }  # fmt: skip


@pytest.mark.parametrize("first", [DAVX5, THUNDERBIRD, EVOLUTION])
def test_others_find_theirs(call: Caller, first: str) -> None:
    for path, depth in ((ROOT, "0"), (PRINCIPAL, "0"), (HOME, "1"), (HOME, "0"), (DIARY, "0"), (TASKS, "0")):
        assert call("PROPFIND", path, first, depth=depth).status == 207
    principal = call("PROPFIND", ROOT, first, depth="0").prop(ROOT, f"{D}current-user-principal")
    assert principal is not None
    assert hrefs(principal) == [PRINCIPAL]


def test_davx5_sees_two_calendars_that_it_may_not_write(call: Caller) -> None:
    listed = call("PROPFIND", HOME, DAVX5_HOME, depth="1")
    for path in (DIARY, TASKS):
        rights = listed.prop(path, f"{D}current-user-privilege-set")
        assert rights is not None
        assert {f"{D}write", f"{D}write-content", f"{D}bind", f"{D}all"}.isdisjoint(p[0].tag for p in rights)
        owner = listed.prop(path, f"{D}owner")
        assert owner is not None
        assert hrefs(owner) == [PRINCIPAL]


def test_the_home_of_somebody_else_is_not_there_in_any_spelling(seeded: Seeded, call: Caller) -> None:
    seeded.appointment("Salaries", owner=ADA)
    for path in (
        "/dav/calendars/ADA/",
        "/dav/calendars/ada/",
        "/dav/calendars/ADA/diary/",
        "/dav/calendars/ada/tasks/x",
    ):
        for method in ("PROPFIND", "REPORT", "GET", "PUT", "DELETE", "ACL"):
            assert call(method, path, prop("displayname"), depth="0").status == 404
