"""Who finds whom over CalDAV, and what of them: principals, searches, and addresses that are followed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, update

from gateway.crm import tables
from gateway.store import directory
from gateway.web.dav import properties, searching, xml
from gateway.web.dav.paths import Kind
from gateway.web.dav.reported import REPORTED
from tests.calling import Answered, Caller, caller
from tests.counting import asked
from tests.seed import ADA, BO, DAG, ROOM, Seeded, seed

ROOT, PRINCIPALS, HOME, DIARY = "/dav/", "/dav/principals/", "/dav/calendars/BO/", "/dav/calendars/BO/diary/"
ME, ADA_S, DAG_S, ROOM_S = (f"/dav/principals/{login}/" for login in ("BO", "ADA", "DAG", "TASTING%20ROOM"))
D, C, S = "{DAV:}", f"{{{xml.CALDAV}}}", f"{{{xml.SERVER}}}"
SPACES = f'xmlns="DAV:" xmlns:C="{xml.CALDAV}" xmlns:S="{xml.SERVER}"'
# All that anybody is told of a colleague.
GLANCE = {
    f"{D}resourcetype", f"{D}displayname", f"{D}principal-URL", f"{C}calendar-user-address-set",
    f"{S}email-address-set", f"{C}calendar-user-type", f"{S}first-name", f"{S}last-name", f"{S}record-type",
    f"{D}current-user-principal", f"{D}principal-collection-set", f"{D}supported-report-set",
    f"{D}alternate-URI-set", f"{D}group-member-set", f"{D}group-membership",
    f"{D}supported-privilege-set", f"{D}current-user-privilege-set",
}  # fmt: skip


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.fixture
def call(seeded: Seeded) -> Caller:
    return caller(seeded, "BO")


def add(seeded: Seeded, number: int, login: str, first: str = "", last: str = "", *boxes: str, **columns: Any) -> None:
    """Let somebody join: with a person behind the login, unless they have no name."""
    person = number if first or last else 0
    with seeded.crm() as connection:
        if person:
            connection.execute(insert(tables.person).values(person_id=person, firstname=first, lastname=last))
        row = {"associate_id": number, "name": login, "person_id": person, "type": 0, "isLocation": 0, **columns}
        connection.execute(insert(tables.associate).values(**row))
        for rank, box in enumerate(boxes, 1):
            row = {"email_id": number * 100 + rank, "person_id": person, "email_address": box, "rank": rank}
            connection.execute(insert(tables.email).values(**row))


def prop(*names: str) -> str:
    return f"<propfind {SPACES}><prop>{''.join(f'<{n}/>' for n in names)}</prop></propfind>"


def one_search(word: str, names: str = "<displayname/>", **attributes: str) -> str:
    told = "".join(f' {n}="{v}"' for n, v in attributes.items())
    return f"<property-search><prop>{names}</prop><match{told.replace('_', '-')}>{word}</match></property-search>"


def search(*inside: str, more: str = "", **attributes: str) -> str:
    told = "".join(f' {n}="{v}"' for n, v in attributes.items())
    asked = "<prop><displayname/><C:calendar-home-set/></prop>"
    return f"<principal-property-search {SPACES}{told}>{''.join(inside)}{asked}{more}</principal-property-search>"


def words(*tokens: str, more: str = "", **attributes: str) -> str:
    told = "".join(f' {n}="{v}"' for n, v in attributes.items())
    inside = "".join(f"<S:search-token>{t}</S:search-token>" for t in tokens)
    name = "S:calendarserver-principal-search"
    return f"<{name} {SPACES}{told}>{inside}<prop><displayname/></prop>{more}</{name}>"


def found(call: Caller, body: str, path: str = PRINCIPALS, **headers: str) -> list[str]:
    answered = call("REPORT", path, body, **headers)
    assert answered.status == 207, answered.body
    return answered.hrefs()


def values(answered: Answered, href: str, name: str) -> list[str]:
    element = answered.prop(href, name)
    assert element is not None, (href, name)
    return [e.text or "" for e in element]


def told(answered: Answered, href: str) -> set[str]:
    for response in answered.xml.iterfind("{DAV:}response"):
        if response.findtext("{DAV:}href") == href:
            return {
                str(e.tag)
                for s in response.iterfind("{DAV:}propstat")
                if "200" in (s.findtext("{DAV:}status") or "")
                for e in s.iterfind("{DAV:}prop/*")
            }
    raise AssertionError(href)


# --- oneself --------------------------------------------------------------------------------------------------------


def test_every_mailbox_is_told_by_rank_and_the_first_is_preferred(seeded: Seeded) -> None:
    add(seeded, 70, "EVA", "Eva", "Ås", "Eva.Second@Hillside.example", "e+a%b@hillside.example", "nonsense", "")
    with seeded.crm() as connection:
        row = {"email_id": 7099, "person_id": 70, "email_address": "eva@hillside.example", "rank": 0}
        connection.execute(insert(tables.email).values(**row))
    path = "/dav/principals/EVA/"
    answered = caller(seeded, "EVA")("PROPFIND", path, prop("C:calendar-user-address-set", "S:email-address-set"))
    assert values(answered, path, f"{C}calendar-user-address-set") == [
        "mailto:eva@hillside.example", "mailto:eva.second@hillside.example", "mailto:e+a%25b@hillside.example", path,
    ]  # fmt: skip
    assert values(answered, path, f"{S}email-address-set") == [
        "eva@hillside.example", "eva.second@hillside.example", "e+a%b@hillside.example",
    ]  # fmt: skip
    preferred = [h.get("preferred") for h in answered.xml.iter("{DAV:}href") if h.get("preferred")]
    assert preferred == ["1"]
    first = answered.prop(path, f"{C}calendar-user-address-set")
    assert first is not None
    assert first[0].get("preferred") == "1"


def test_who_has_no_mailbox_has_an_address_all_the_same(seeded: Seeded) -> None:
    answered = caller(seeded, "TASTING ROOM")("PROPFIND", "/dav/principals/TASTING ROOM/",
                                              prop("C:calendar-user-address-set", "S:email-address-set"))  # fmt: skip
    assert values(answered, ROOM_S, f"{C}calendar-user-address-set") == [ROOM_S]
    assert values(answered, ROOM_S, f"{S}email-address-set") == []


def test_people_rooms_and_things_are_told_apart(seeded: Seeded, call: Caller) -> None:
    add(seeded, 71, "PROJECTOR", type=1)
    add(seeded, 72, "CARETAKER", "Cato", "Berg", type=1)  # a resource with a person behind it is a person
    asked = prop("C:calendar-user-type", "S:record-type", "S:first-name", "S:last-name", "displayname")
    expected = {
        ME: ("INDIVIDUAL", "users", "Bo", "Tangen", "Bo Tangen"),
        ADA_S: ("INDIVIDUAL", "users", "Ada", "Lindqvist", "Ada Lindqvist"),
        ROOM_S: ("ROOM", "locations", "", "", "TASTING ROOM"),
        "/dav/principals/PROJECTOR/": ("RESOURCE", "resources", "", "", "PROJECTOR"),
        "/dav/principals/CARETAKER/": ("INDIVIDUAL", "users", "Cato", "Berg", "Cato Berg"),
    }
    for href, row in expected.items():
        answered = call("PROPFIND", href.replace("%20", " "), asked, depth="0")
        assert answered.hrefs() == [href]
        assert tuple(e.text or "" for e in answered.xml.iterfind(".//{DAV:}prop/*")) == row


# --- others ---------------------------------------------------------------------------------------------------------


def test_of_a_colleague_no_more_is_told_than_how_to_reach_them(seeded: Seeded, call: Caller) -> None:
    seeded.appointment("Salaries", owner=ADA)
    names = "".join(
        f'<x:{n[1:].partition("}")[2]} xmlns:x="{n[1:].partition("}")[0]}"/>' for n in properties.PROPERTIES
    )
    answered = call("PROPFIND", ADA_S, f"<propfind {SPACES}><prop>{names}</prop></propfind>", depth="0")
    assert told(answered, ADA_S) == GLANCE
    assert told(call("PROPFIND", ADA_S, f"<propfind {SPACES}><propname/></propfind>", depth="1"), ADA_S) == GLANCE
    assert values(answered, ADA_S, f"{C}calendar-user-address-set") == ["mailto:ada@hillside.example", ADA_S]
    assert values(answered, ADA_S, f"{D}principal-URL") == [ADA_S]
    assert values(answered, ADA_S, f"{D}current-user-principal") == [ME]
    assert b"/dav/calendars/" not in answered.body
    listed = call("PROPFIND", PRINCIPALS, prop("displayname"), depth="1")
    assert listed.hrefs() == [PRINCIPALS, ME]


def test_who_is_not_there_or_no_longer_is_not_found(seeded: Seeded, call: Caller) -> None:
    with seeded.crm() as connection:
        connection.execute(update(tables.associate).where(tables.associate.c.associate_id == DAG).values(deleted=1))
    add(seeded, 73, "OUTSIDE", "Olga", "Outside", type=4)
    nobody = call("PROPFIND", "/dav/principals/NOBODY/", prop("displayname"), depth="0")
    for path in (
        DAG_S,
        "/dav/principals/OUTSIDE/",
        "/dav/principals/Øystein/",
        "/dav/principals/%/",
        "/dav/principals/_DA/",
    ):
        answered = call("PROPFIND", path, prop("displayname"), depth="0")
        assert (answered.status, answered.body) == (404, nobody.body)
    assert found(call, search(one_search("Dag Whitfield"))) == found(call, search(one_search("Olga"))) == []


def test_a_colleague_is_found_in_any_case_beyond_ascii_too(seeded: Seeded, call: Caller) -> None:
    add(seeded, 74, "ØYVIND", "Øyvind", "Ås")
    asked = prop("displayname")
    for path in ("/dav/principals/øyvind/", "/dav/principals/ØyVinD/"):
        answered = call("PROPFIND", path, asked, depth="0")
        assert answered.hrefs() == ["/dav/principals/%C3%98YVIND/"]
        assert answered.headers["content-location"] == "/dav/principals/%C3%98YVIND/"
    assert call("PROPFIND", "/dav/principals/ada/", asked, depth="0").hrefs() == [ADA_S]


@pytest.mark.parametrize(("login", "setting"), [("BO", "self"), ("TASTING ROOM", "colleagues")])
def test_who_may_see_only_themselves_sees_nobody_else(database_url: str, login: str, setting: str) -> None:
    seeded = seed(database_url, directory=setting)
    call = caller(seeded, login)
    own = ME if login == "BO" else ROOM_S
    assert call("PROPFIND", ADA_S, prop("displayname"), depth="0").status == 404
    assert call("REPORT", ADA_S, expansion("displayname")).status == 404
    assert call("PROPFIND", f"/dav/principals/{login.lower()}/", prop("displayname"), depth="0").hrefs() == [own]
    for body in (search(one_search("an")), search(one_search("in")), search(one_search("i", match_type="contains"))):
        assert set(found(call, body)) <= {own}
    assert found(call, search(one_search("hillside", "<S:email-address-set/>"))) == ([own] if login == "BO" else [])
    assert found(call, search(one_search("ta"))) == [own]  # Tangen, or TASTING ROOM
    assert found(call, words("ta")) == [own]
    seeded.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PROPPATCH", "REPORT", "ACL", "MKCALENDAR"])
def test_nothing_else_can_be_done_with_a_colleague(seeded: Seeded, call: Caller, method: str) -> None:
    answered = call(method, ADA_S, search(one_search("ada")))
    assert answered.status in (403, 405)
    assert b"calendars" not in answered.body


def test_a_token_for_something_else_sees_nobody(seeded: Seeded) -> None:
    for scope in ("feed", "busy", "api"):
        assert caller(seeded, "BO", scope)("PROPFIND", ADA_S, prop("displayname"), depth="0").status == 403
        assert caller(seeded, "BO", scope)("REPORT", PRINCIPALS, search(one_search("ada"))).status == 403
    assert caller(seeded)("REPORT", PRINCIPALS, search(one_search("ada"))).status == 401


# --- searching by property (RFC 3744 9.4) ---------------------------------------------------------------------------


def test_a_name_is_found_by_any_part_in_any_case(seeded: Seeded, call: Caller) -> None:
    for word in ("lind", "LIND", "a l", " ada ", "Ada Lindqvist"):
        assert found(call, search(one_search(word))) == [ADA_S], word
    answered = call("REPORT", PRINCIPALS, search(one_search("an")))
    assert answered.hrefs() == [ME]
    assert told(answered, ME) == {f"{D}displayname", f"{C}calendar-home-set"}
    assert told(call("REPORT", PRINCIPALS, search(one_search("ada"))), ADA_S) == {f"{D}displayname"}


def test_letters_beyond_ascii_are_the_same_on_every_database(seeded: Seeded, call: Caller) -> None:
    add(seeded, 75, "AASE", "A\u030ase", "ØSTBY", "åse@blåbær.example")
    add(seeded, 76, "STRAUSS", "Jörg", "Strauß")
    for word in ("åse", "ÅSE", "A\u030aSE", "østby", "ØST"):
        assert found(call, search(one_search(word))) == ["/dav/principals/AASE/"], word
    for word in ("strauss", "STRAUSS", "strauß", "jÖRG"):
        assert found(call, search(one_search(word))) == ["/dav/principals/STRAUSS/"], word
    assert found(call, search(one_search("ase"))) == []


@pytest.mark.parametrize("word", ["%", "%%", "__", "_d_", "a%a", "\\\\", "'; --", "*", "**", ".*", "[a-z]"])
def test_no_letter_stands_for_others(call: Caller, word: str) -> None:
    assert found(call, search(one_search(word))) == []
    assert found(call, words(word)) == []


@pytest.mark.parametrize("word", ["", "a", " a ", "\n", "ø", "mailto:", "MAILTO:a"])
def test_a_word_that_is_too_short_finds_nobody(call: Caller, word: str) -> None:
    for test in ("allof", "anyof"):
        names = "<C:calendar-user-address-set/><S:email-address-set/>"
        assert found(call, search(one_search(word, names), test=test)) == []
    if "mailto" not in word.lower():
        assert found(call, search(one_search(word))) == found(call, words(word)) == []


def test_a_short_word_beside_a_longer_one_only_narrows(seeded: Seeded, call: Caller) -> None:
    assert found(call, search(one_search("a"), one_search("da"))) == [ADA_S, DAG_S]
    assert found(call, search(one_search("l"), one_search("da"))) == [ADA_S, DAG_S]
    assert found(call, search(one_search("q"), one_search("da"))) == [ADA_S]
    assert found(call, search(one_search("a"), one_search("lind"), test="anyof")) == [ADA_S]
    assert found(call, words("q", "da")) == [ADA_S]


@pytest.mark.parametrize(
    ("how", "word", "expected"),
    [
        ("contains", "quis", []),
        ("contains", "qvis", [ADA_S]),
        ("starts-with", "ada", [ADA_S]),
        ("starts-with", "lind", []),
        ("ends-with", "qvist", [ADA_S]),
        ("ends-with", "ada", []),
        ("equals", "ada lindqvist", [ADA_S]),
        ("equals", "ada", []),
    ],
)
def test_where_a_word_stands(call: Caller, how: str, word: str, expected: list[str]) -> None:
    assert found(call, search(one_search(word, match_type=how))) == expected


def test_conditions_are_all_met_or_any(call: Caller) -> None:
    two = one_search("ada"), one_search("bo", "<S:first-name/>")
    assert found(call, search(*two)) == found(call, search(*two, test="allof")) == []
    assert found(call, search(*two, test="anyof")) == [ADA_S, ME]
    # Two properties of one search are conditions of their own, too.
    both = one_search("bo", "<displayname/><S:email-address-set/>")
    assert found(call, search(both)) == [ME]
    assert found(call, search(one_search("tangen", "<displayname/><S:email-address-set/>"))) == []
    assert found(call, search(one_search("tangen", "<displayname/><S:email-address-set/>"), test="anyof")) == [ME]


def test_only_what_can_be_searched_is(call: Caller) -> None:
    assert found(call, search(one_search("users", "<S:record-type/>"))) == []
    assert found(call, search(one_search("principals", "<principal-URL/>"))) == []
    assert found(call, search(one_search("principals", "<C:calendar-user-address-set/>"))) == []
    assert found(call, search(one_search("Tangen", "<S:record-type/>"), one_search("Tangen"))) == []


@pytest.mark.parametrize("name", ["<C:calendar-user-address-set/>", "<S:email-address-set/>"])
def test_an_attendee_is_found_by_their_address(call: Caller, name: str) -> None:
    for word in ("mailto:ada@hillside.example", "ADA@hillside.example"):
        assert found(call, search(one_search(word, name, match_type="equals"))) == [ADA_S]
    assert found(call, search(one_search("ada@", name, match_type="starts-with"))) == [ADA_S]


def test_the_kind_of_principal_narrows(call: Caller) -> None:
    assert found(call, search(one_search("in"))) == [ADA_S, ROOM_S]
    for kind, expected in (("ROOM", [ROOM_S]), ("INDIVIDUAL", [ADA_S]), ("RESOURCE", []), ("GROUP", [])):
        assert found(call, search(one_search("in"), type=kind)) == expected


def test_where_a_search_looks(call: Caller) -> None:
    everywhere = "<apply-to-principal-collection-set/>"
    for path in (ROOT, PRINCIPALS):
        assert found(call, search(one_search("ada")), path, depth="0") == [ADA_S]
    for path in (ME, "/dav/calendars/", HOME, DIARY):
        assert found(call, search(one_search("ada")), path) == []
        assert found(call, search(one_search("ada"), more=everywhere), path) == [ADA_S]
    assert found(call, search(one_search("tangen")), ME) == [ME]
    assert found(call, search(one_search("tangen")), HOME) == []


def test_no_search_tells_of_more_than_a_hundred(seeded: Seeded, call: Caller) -> None:
    for n in range(120):
        add(seeded, 1_000 + n, f"TWIN{n:03}", "Twin", f"No{119 - n:03}")
    answered = call("REPORT", PRINCIPALS, search(one_search("twin")))
    hrefs = answered.hrefs()
    assert hrefs[:-1] == [f"/dav/principals/TWIN{n:03}/" for n in range(119, 19, -1)]  # the first by name
    last = answered.xml.findall("{DAV:}response")[-1]
    assert last.findtext("{DAV:}href") == PRINCIPALS
    assert last.findtext("{DAV:}status") == "HTTP/1.1 507 Insufficient Storage"
    assert last.find("{DAV:}error/{DAV:}number-of-matches-within-limits") is not None
    for limit in ("<S:limit><S:nresults>2</S:nresults></S:limit>", "<limit><nresults>2</nresults></limit>"):
        cut = call("REPORT", PRINCIPALS, search(one_search("twin"), more=limit))
        assert cut.hrefs() == [*hrefs[:2], PRINCIPALS]
        assert call("REPORT", PRINCIPALS, words("twin", more=limit)).hrefs() == [*hrefs[:2], PRINCIPALS]
    assert len(found(call, search(one_search("twin no11")))) == 10


def test_fewer_are_told_where_fewer_results_are_allowed(database_url: str) -> None:
    seeded = seed(database_url, max_results=1)
    assert found(caller(seeded, "BO"), search(one_search("da"))) == [ADA_S, PRINCIPALS]
    seeded.close()


def test_a_directory_that_is_too_large_is_read_to_a_bound(
    seeded: Seeded, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "_EVERYBODY", directory._EVERYBODY.limit(3))
    monkeypatch.setattr(directory, "MOST", 2)
    assert found(call, search(one_search("da"))) == [ADA_S, PRINCIPALS]  # and Dag is beyond the bound


def test_whose_login_no_address_can_hold_is_not_told_of(seeded: Seeded, call: Caller) -> None:
    add(seeded, 77, "A/B", "Slash", "Slashson")
    add(seeded, 78, "HILL\\ab &amp;", "Back", "Slashson")
    (href,) = found(call, search(one_search("slashson")))
    assert href == "/dav/principals/HILL%5Cab%20&amp%3B/".replace("%3B", ";")
    assert call("PROPFIND", "/dav/principals/HILL\\ab &amp;/", prop("displayname"), depth="0").hrefs() == [href]


@pytest.mark.parametrize(
    "body",
    [
        search(),
        search("<property-search><prop><displayname/></prop></property-search>"),
        search("<property-search><match>ada</match></property-search>"),
        search("<property-search><prop/><match>ada</match></property-search>"),
        search(one_search("ada", match_type="sounds-like")),
        search(one_search("ada"), test="someof"),
        search(*[one_search("ada")] * 101),
        search(one_search("ada"), more="<limit><nresults>0</nresults></limit>"),
        search(one_search("ada"), more="<limit><nresults>many</nresults></limit>"),
        words(*["ada"] * 101),
        words("ada", context="everything"),
    ],
)
def test_a_search_that_breaks_the_rules_is_refused(call: Caller, body: str) -> None:
    assert call("REPORT", PRINCIPALS, body).status == 400


def test_what_a_search_costs_does_not_depend_on_who_is_found(seeded: Seeded, call: Caller) -> None:
    for n in range(50):
        add(seeded, 1_000 + n, f"TWIN{n}", "Twin", f"No{n}", f"t{n}@hillside.example", f"u{n}@hillside.example")
    names = "<prop><C:calendar-user-address-set/><S:email-address-set/><C:calendar-user-type/></prop>"
    for word in ("lindqvist", "twin", "an"):
        with asked(seeded.house.store) as statements:
            found(call, search(one_search(word), more=names))
        assert len(statements) == 2
    with asked(seeded.house.store) as statements:
        call("PROPFIND", ADA_S, prop("C:calendar-user-address-set", "C:calendar-user-type", "displayname"), depth="0")
    assert len(statements) == 2


# --- Apple's searches -----------------------------------------------------------------------------------------------


def test_apple_looks_for_whom_to_invite(seeded: Seeded, call: Caller) -> None:
    names = ("<displayname/>", "<S:email-address-set/>", "<S:first-name/>", "<S:last-name/>")
    asked = "<prop><S:email-address-set/><C:calendar-user-address-set/><C:calendar-user-type/><displayname/></prop>"
    body = search(*(one_search("whit", n, match_type="starts-with") for n in names), more=asked, test="anyof")
    answered = call("REPORT", PRINCIPALS, body, depth="0")
    assert answered.hrefs() == [DAG_S]
    assert values(answered, DAG_S, f"{C}calendar-user-address-set") == ["mailto:dag@hillside.example", DAG_S]


def test_every_word_is_in_the_name_or_a_mailbox(seeded: Seeded, call: Caller) -> None:
    assert found(call, words("lind", "ad")) == [ADA_S]
    assert found(call, words("lind", "hillside.ex")) == [ADA_S]
    assert found(call, words("lind", "bo")) == []
    assert found(call, words()) == found(call, words("")) == []
    add(seeded, 71, "INPROJECTOR", type=1)
    thing = "/dav/principals/INPROJECTOR/"
    expected: dict[str, list[str]] = {
        "user": [ADA_S], "attendee": [ADA_S, thing], "location": [ROOM_S], "resource": [thing], "group": [],
    }  # fmt: skip
    for context, hrefs in expected.items():
        assert found(call, words("in", context=context)) == hrefs, context
    assert found(call, words("in")) == [ADA_S, thing, ROOM_S]


# --- what can be searched, and who is meant -------------------------------------------------------------------------


def test_what_can_be_searched_is_told(call: Caller) -> None:
    answered = call("REPORT", PRINCIPALS, '<principal-search-property-set xmlns="DAV:"/>', depth="0")
    assert (answered.status, answered.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    assert answered.xml.tag == f"{D}principal-search-property-set"
    rows = answered.xml.findall("{DAV:}principal-search-property")
    assert [str(r[0][0].tag) for r in rows] == list(searching.SEARCHED)
    assert all((r.findtext("{DAV:}description") or "").strip() for r in rows)
    for element in answered.xml.iterfind(".//{DAV:}prop/*"):
        name = str(element.tag)
        assert Kind.COLLEAGUE in properties.PROPERTIES[name]
        body = search(f'<property-search><prop><x:{name[1:].partition("}")[2]} xmlns:x="{name[1:].partition("}")[0]}"/>'
                      "</prop><match>ada</match></property-search>")  # fmt: skip
        assert found(call, body) == ([] if name == f"{S}last-name" else [ADA_S])


def matching(inside: str) -> str:
    return f"<principal-match {SPACES}>{inside}<prop><resourcetype/></prop></principal-match>"


def by(name: str) -> str:
    return matching(f"<principal-property>{name}</principal-property>")


def test_oneself_is_found_among_the_principals(call: Caller) -> None:
    for path in (ROOT, PRINCIPALS):
        assert found(call, matching("<self/>"), path, depth="0") == [ME]
    for path in (ME, HOME, DIARY):
        assert found(call, matching("<self/>"), path) == []


def test_what_is_one_s_own_is_found_at_any_depth(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    seeded.to_do("Order corks", owner=BO)
    seeded.appointment("Salaries", owner=ADA)
    (copy,), (task,) = (
        call("PROPFIND", f"{HOME}{c}/", prop("getetag"), depth="1").hrefs()[1:] for c in ("diary", "tasks")
    )
    inside_home = [DIARY, copy, f"{HOME}tasks/", task]
    assert found(call, by("<owner/>"), ROOT) == found(call, by("<owner/>"), "/dav/calendars/") == [HOME, *inside_home]
    assert found(call, by("<owner/>"), HOME) == inside_home
    assert found(call, by("<owner/>"), DIARY) == [copy]
    assert found(call, by("<owner/>"), PRINCIPALS) == []
    assert found(call, by("<principal-URL/>"), PRINCIPALS) == [ME]
    assert found(call, by("<displayname/>"), ROOT) == found(call, by("<x/>"), ROOT) == []


def test_what_is_one_s_own_is_told_to_a_bound(database_url: str) -> None:
    seeded = seed(database_url, max_results=2)
    assert found(caller(seeded, "BO"), by("<owner/>"), ROOT) == [HOME, DIARY, ROOT]
    seeded.close()


def test_a_calendar_that_is_not_ready_is_not_told_as_if_it_were(database_url: str) -> None:
    seeded = seed(database_url)
    call = caller(seeded, "BO")
    with seeded.crm() as connection:
        connection.exec_driver_sql("UPDATE calendar SET adopted = FALSE WHERE name = 'tasks'")
        connection.exec_driver_sql("UPDATE house SET adopted = FALSE")
    assert call("REPORT", ROOT, by("<owner/>")).status == 503
    assert found(call, matching("<self/>"), ROOT) == [ME]
    seeded.close()


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<self/><principal-property><owner/></principal-property>",
        "<principal-property/>",
        "<principal-property><a/><b/></principal-property>",
    ],
)
def test_a_match_is_with_oneself_or_by_one_property(call: Caller, inside: str) -> None:
    assert call("REPORT", ROOT, matching(inside)).status == 400


def test_the_principals_of_a_list_of_access(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    (copy,) = call("PROPFIND", DIARY, prop("getetag"), depth="1").hrefs()[1:]
    body = f"<acl-principal-prop-set {SPACES}><prop><displayname/></prop></acl-principal-prop-set>"
    for path in (ME, HOME, DIARY, copy):
        answered = call("REPORT", path, body)
        assert answered.hrefs() == [ME]
        assert told(answered, ME) == {f"{D}displayname"}
    for path in (ROOT, PRINCIPALS, "/dav/calendars/"):
        assert call("REPORT", path, body).hrefs() == []
    assert call("REPORT", f"{DIARY}none.ics", body).status == 404


# --- addresses that are followed (RFC 3253 3.8) ---------------------------------------------------------------------


def expansion(*names: str) -> str:
    inside = "".join(n if n.startswith("<") else f'<property name="{n}"/>' for n in names)
    return f"<expand-property {SPACES}>{inside}</expand-property>"


def follow(name: str, *inside: str, space: str = "DAV:") -> str:
    nested = expansion(*inside).partition(">")[2].rpartition("</")[0]
    return f'<property name="{name}" namespace="{space}">{nested}</property>'


def clark(name: str, *inside: str) -> str:
    space, _, local = name[1:].partition("}")
    return follow(local, *inside, space=space)


def test_addresses_are_followed_as_far_as_is_asked(seeded: Seeded, call: Caller) -> None:
    body = expansion(
        "resourcetype",
        follow("current-user-principal", "displayname", follow("calendar-home-set", "displayname", space=xml.CALDAV)),
        follow("calendar-timezone-id", space=xml.CALDAV),
    )
    answered = call("REPORT", DIARY, body)
    assert answered.status == 207
    principal = answered.prop(DIARY, f"{D}current-user-principal")
    assert principal is not None
    (inner,) = principal
    assert (inner.tag, inner.findtext("{DAV:}href")) == (f"{D}response", ME)
    assert inner.findtext(".//{DAV:}displayname") == "Bo Tangen"
    (home,) = inner.iterfind(f".//{C}calendar-home-set/{{DAV:}}response")
    assert home.findtext("{DAV:}href") == HOME
    assert home.findtext(".//{DAV:}displayname") == "Bo Tangen"
    assert answered.prop(DIARY, f"{C}calendar-timezone-id") is not None


def test_addresses_of_mail_stay_and_what_is_missing_is_told_at_every_level(call: Caller) -> None:
    body = expansion(follow("calendar-user-address-set", "displayname", "x", space=xml.CALDAV), "y")
    answered = call("REPORT", ME, body)
    addresses = answered.prop(ME, f"{C}calendar-user-address-set")
    assert addresses is not None
    mail, own = addresses
    assert (mail.tag, mail.text) == (f"{D}href", "mailto:bo@hillside.example")
    assert own.findtext("{DAV:}href") == ME
    missing = [[e.tag for e in s.iterfind("{DAV:}prop/*")] for s in answered.xml.iter("{DAV:}propstat")
               if "404" in (s.findtext("{DAV:}status") or "")]  # fmt: skip
    assert missing == [[f"{D}x"], [f"{D}y"]]
    short = call("REPORT", ME, body, prefer="return=minimal")
    assert b"404" not in short.body


def test_every_kind_of_resource_is_expanded(seeded: Seeded, call: Caller) -> None:
    seeded.meeting("Orchard planning")
    (copy,) = call("PROPFIND", DIARY, prop("getetag"), depth="1").hrefs()[1:]
    for path in (ROOT, PRINCIPALS, ME, ADA_S, "/dav/calendars/", HOME, DIARY, copy):
        answered = call("REPORT", path, expansion(follow("current-user-principal", "displayname")))
        assert answered.hrefs() == [path]
        assert answered.xml.findtext(".//{DAV:}response//{DAV:}response//{DAV:}displayname") == "Bo Tangen"
    assert call("REPORT", f"{DIARY}none.ics", expansion("owner")).status == 404
    sized = call("REPORT", DIARY, expansion("getcontentlength"), depth="1")
    length = sized.prop(copy, f"{D}getcontentlength")
    assert length is not None
    assert length.text == str(len(call("GET", copy).body))


def test_depth_one_is_what_is_inside_too(call: Caller) -> None:
    body = expansion(follow("owner", "displayname"))
    assert call("REPORT", HOME, body).hrefs() == [HOME]
    answered = call("REPORT", HOME, body, depth="1")
    assert answered.hrefs() == [HOME, DIARY, f"{HOME}tasks/"]
    assert len(answered.xml.findall(".//{DAV:}owner/{DAV:}response")) == 3


def test_of_a_colleague_nothing_more_is_found_by_following(seeded: Seeded, call: Caller) -> None:
    everything = [clark(name) for name in properties.PROPERTIES]
    for name in sorted(GLANCE):
        answered = call("REPORT", ADA_S, expansion(clark(name, *everything)))
        assert answered.status == 207
        assert b"/dav/calendars/ADA" not in answered.body
    own = call("REPORT", ADA_S, expansion(follow("principal-URL", clark(f"{C}calendar-home-set"), "displayname")))
    (inner,) = own.xml.iterfind(".//{DAV:}principal-URL/{DAV:}response")
    assert inner.findtext("{DAV:}href") == ADA_S
    assert inner.findtext(".//{DAV:}displayname") == "Ada Lindqvist"
    assert "404" in (inner.findtext("{DAV:}propstat[2]/{DAV:}status") or "")


def test_what_is_asked_of_addresses_is_bounded(seeded: Seeded, call: Caller) -> None:
    deep = expansion("displayname")
    nested = '<property name="owner"/>'
    for _ in range(10):
        nested = f'<property name="owner">{nested}</property>'
    assert call("REPORT", DIARY, expansion(nested)).status == 400
    assert call("REPORT", DIARY, expansion(*["owner"] * 101)).status == 400
    assert call("REPORT", DIARY, expansion("a" * 9_000)).status == 400
    assert call("REPORT", DIARY, deep).status == 207


@pytest.mark.parametrize(
    ("name", "space"),
    [("a b", "urn:x"), ("", "urn:x"), ("a/>&lt;b", "urn:x"), ("a:b", "urn:x"), ("a", "no &lt; uri"), ("a", "{urn:x}"),
     ("a", "http://www.w3.org/2000/xmlns/"), ("1", ""), ("a", "urn:&quot;"), ("D:a", "DAV:")],
)  # fmt: skip
def test_a_name_that_no_property_can_have_is_refused(call: Caller, name: str, space: str) -> None:
    assert call("REPORT", DIARY, expansion(f'<property name="{name}" namespace="{space}"/>')).status == 400


def test_names_that_are_only_strange_are_told_as_missing(call: Caller) -> None:
    odd = [("lang", "http://www.w3.org/XML/1998/namespace"), ("n", ""), ("ø", "urn:x?a=b&amp;c"), ("a.b-c", "urn:x")]
    answered = call("REPORT", DIARY, expansion(*(f'<property name="{n}" namespace="{s}"/>' for n, s in odd)))
    assert [str(e.tag) for e in answered.xml.iterfind(".//{DAV:}prop/*")] == [
        "{http://www.w3.org/XML/1998/namespace}lang", "n", "{urn:x?a=b&c}ø", "{urn:x}a.b-c",
    ]  # fmt: skip


def test_an_answer_that_grows_too_large_is_refused(database_url: str) -> None:
    seeded = seed(database_url, max_answer_bytes=600)
    call = caller(seeded, "BO")
    assert call("REPORT", HOME, expansion("displayname")).status == 207
    refused = call("REPORT", HOME, expansion(follow("owner", "displayname", "principal-URL")), depth="1")
    assert (refused.status, refused.precondition) == (403, f"{D}number-of-matches-within-limits")
    seeded.close()


def test_a_report_of_any_depth_is_taken_kindly(seeded: Seeded, call: Caller) -> None:
    bodies = {
        f"{D}expand-property": expansion("displayname"),
        f"{D}principal-match": matching("<self/>"),
        f"{D}principal-property-search": search(one_search("ada")),
        f"{D}principal-search-property-set": '<principal-search-property-set xmlns="DAV:"/>',
        f"{D}acl-principal-prop-set": '<acl-principal-prop-set xmlns="DAV:"/>',
        f"{S}calendarserver-principal-search": words("ada"),
    }
    places = {Kind.ROOT: ROOT, Kind.PRINCIPALS: PRINCIPALS, Kind.PRINCIPAL: ME, Kind.HOME: HOME, Kind.CALENDAR: DIARY,
              Kind.COLLEAGUE: ADA_S}  # fmt: skip
    for name, body in bodies.items():
        for kind, path in places.items():
            for headers in ({}, {"depth": "0"}, {"depth": "1"}, {"depth": "infinity"}):
                status = call("REPORT", path, body, **headers).status
                assert status == (403 if kind not in REPORTED[name] else 200 if "property-set" in name else 207)


def test_a_room_looks_itself_up(seeded: Seeded) -> None:
    call = caller(seeded, "TASTING ROOM")
    assert found(call, search(one_search("tasting"))) == [ROOM_S]
    assert found(call, matching("<self/>")) == [ROOM_S]
    assert ROOM == 41
