"""Who takes part in a meeting that another calendar owns is read from whatever that calendar left in the CRM."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings import elsewhere
from mappings.drafts import Guest
from mappings.elsewhere import MAX_NAME, MAX_PEOPLE, MAX_TEXT, organizer, read, together
from mappings.model import Kind, Participant, Person

VERA = {"EmailAddress": "vera@north.test", "Description": "Vera", "ExternallyOwnedType": "Organizer"}


def entry(**cells: Any) -> dict[str, Any]:
    return {"EmailAddress": "bo@crm.test", "Description": "Bo", **cells}


def one(**cells: Any) -> Participant:
    (found,) = read(json.dumps([entry(**cells)]))
    return found


# --- the tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name", "kind"),
    [
        (0, "Unknown", Kind.BARE),
        (1, "Organizer", Kind.CHAIR),
        (2, "Required", Kind.BARE),
        (3, "Optional", Kind.OPTIONAL),
        (4, "Resource", Kind.RESOURCE),
    ],
)
def test_a_type_is_known_by_its_name_in_any_case_and_by_its_number(number: int, name: str, kind: Kind) -> None:
    for told in (name, name.lower(), name.upper(), f" {name} ", number, str(number)):
        assert one(ExternallyOwnedType=told).kind is kind


@pytest.mark.parametrize(
    ("number", "name", "partstat"),
    [
        (0, "Unknown", "NEEDS-ACTION"),
        (1, "TentativelyAccepted", "TENTATIVE"),
        (2, "Accepted", "ACCEPTED"),
        (3, "Declined", "DECLINED"),
        (4, "NotResponded", "NEEDS-ACTION"),
    ],
)
def test_a_status_is_known_by_its_name_in_any_case_and_by_its_number(number: int, name: str, partstat: str) -> None:
    for told in (name, name.lower(), name.upper(), number, str(number)):
        assert one(ExternallyOwnedStatus=told).partstat == partstat


@pytest.mark.parametrize("told", [None, True, False, -1, 5, 2.0, "", "Chief", [], {}, 10**300])
def test_what_the_tables_do_not_know_is_a_guest_who_has_not_answered(told: Any) -> None:
    found = one(ExternallyOwnedType=told, ExternallyOwnedStatus=told)
    assert (found.kind, found.partstat) == (Kind.BARE, "NEEDS-ACTION")


# --- the shape -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([VERA]),
        json.dumps({"Participants": [VERA]}),
        json.dumps({"Version": 3, "Empty": [], "participants": [VERA], "More": None}),
        json.dumps([None, 7, "x", [], VERA]),
        json.dumps([{k.upper(): v for k, v in VERA.items()}]),
        json.dumps([{k.lower(): v for k, v in VERA.items()}]),
        "\ufeff " + json.dumps([VERA]),
    ],
)
def test_a_list_of_people_is_found_wherever_it_stands(text: str) -> None:
    assert read(text) == (Participant(0, Kind.CHAIR, "Vera", "mailto:vera@north.test", "NEEDS-ACTION"),)


@pytest.mark.parametrize("name", ["Description", "Name", "FullName"])
def test_a_name_goes_by_several_names(name: str) -> None:
    (found,) = read(json.dumps([{"EmailAddress": "V@North.Test", name: " Vera\r\nMoe "}]))
    assert (found.name, found.address) == ("Vera Moe", "mailto:v@north.test")


@pytest.mark.parametrize("mailbox", [None, "", "vera", 7, "a@b@c", "ve ra@north.test", "vera@north.test\nX:1"])
def test_who_has_no_usable_address_is_passed_over_and_the_others_are_read(mailbox: Any) -> None:
    assert [p.name for p in read(json.dumps([{**VERA, "EmailAddress": mailbox}, entry()]))] == ["Bo"]


@pytest.mark.parametrize("text", ["", " ", "null", "7", '"x"', "[", "{]", "[]", "{}", "[1]", "[[[]]]", "[" * 100_000])
def test_what_is_no_list_of_people_has_nobody(text: str) -> None:
    assert read(text) == ()


def test_what_is_read_is_bounded() -> None:
    many = [entry(EmailAddress=f"p{n}@crm.test") for n in range(MAX_PEOPLE + 1)]
    assert len(read(json.dumps(many))) == MAX_PEOPLE
    assert read(json.dumps([entry(Description="x" * MAX_TEXT)])) == ()
    assert len(one(Description="x" * 1_000).name) == MAX_NAME


def test_a_name_holds_nothing_that_a_calendar_cannot_carry() -> None:
    assert read('[{"EmailAddress": "v@north.test", "Name": "Ve\\u0000ra \\ud800"}]')[0].name == "Vera \ufffd"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NAMES = st.sampled_from(("EmailAddress", "emailaddress", "Name", "ExternallyOwnedType", "ExternallyOwnedStatus"))
PEOPLE = st.lists(st.dictionaries(NAMES, JSON | st.emails()) | JSON, max_size=5)


@settings(max_examples=200, deadline=None)
@given(st.text() | (PEOPLE | JSON | st.dictionaries(st.text(), PEOPLE)).map(json.dumps))
@example('{"a": ' * 50_000)
@example("[" + "9" * 5_000 + "]")
def test_whatever_stands_there_never_fails_and_gives_only_people_with_addresses(text: str) -> None:
    for found in read(text):
        assert found.address.startswith(("mailto:", "urn:uuid:"))
        assert found.partstat in elsewhere.STATUSES.values()
        assert (found.row, found.associate, found.mailed, found.rsvp) == (0, 0, False, False)
        found.name.encode()


# --- together with the rows here -------------------------------------------------------------------------------------

THERE = read(
    json.dumps(
        [
            VERA,
            entry(ExternallyOwnedType="Optional", ExternallyOwnedStatus="Declined"),
            {"EmailAddress": "zoe@south.test", "Name": "Zoe", "ExternallyOwnedStatus": "Accepted"},
            {"EmailAddress": "zoe@south.test", "Name": "Zoe again"},
        ]
    )
)
BO = Participant(2, Kind.ASSOCIATE, "Bo Here", "mailto:bo@crm.test", "NEEDS-ACTION", True, True, 10)


def test_the_organizer_is_whom_the_crm_names_else_whom_the_other_calendar_calls_so() -> None:
    named = Person("Max", "mailto:max@north.test")
    assert organizer(named, THERE) == named
    assert organizer(None, THERE) == Person("Vera", "mailto:vera@north.test")
    assert organizer(None, THERE[1:]) is None


def test_a_row_here_says_what_its_holder_answers_and_the_other_calendar_what_they_are_asked_for() -> None:
    bo, vera, zoe = together("mailto:vera@north.test", [BO], THERE)
    assert bo == Participant(2, Kind.OPTIONAL, "Bo Here", "mailto:bo@crm.test", "NEEDS-ACTION", True, False, 10)
    assert (vera.kind, zoe.kind, zoe.name, zoe.partstat) == (Kind.CHAIR, Kind.BARE, "Zoe", "ACCEPTED")


def test_who_sits_at_the_organizers_address_is_in_the_chair() -> None:
    assert [p.kind for p in together("mailto:bo@crm.test", [BO], ())] == [Kind.CHAIR]


@pytest.mark.parametrize("kind", [Kind.EXTERNAL, Kind.BARE])
def test_for_somebody_outside_the_other_calendar_says_what_they_answered(kind: Kind) -> None:
    zoe = Participant(3, kind, "Zoe Row", "mailto:zoe@south.test", "NEEDS-ACTION", True, True)
    found = together("mailto:vera@north.test", [zoe], THERE)[0]
    assert (found.row, found.name, found.partstat, found.rsvp, found.mailed) == (3, "Zoe Row", "ACCEPTED", False, False)


@pytest.mark.parametrize("kind", [Kind.RESOURCE, Kind.ROOM])
def test_a_room_stays_a_room_whatever_it_is_called_elsewhere(kind: Kind) -> None:
    room = Participant(4, kind, "Room 9", "mailto:zoe@south.test", "ACCEPTED", associate=41)
    assert together("mailto:zoe@south.test", [room], THERE)[0] == room


ADDRESSES = st.sampled_from([f"mailto:{name}@x.test" for name in "abcde"])
HERE = st.builds(
    Participant, st.integers(1, 9), st.sampled_from((Kind.ASSOCIATE, Kind.EXTERNAL, Kind.ROOM)), st.just("n"),
    ADDRESSES, st.just("ACCEPTED"), mailed=st.booleans(),
)  # fmt: skip
NAMED = st.builds(Participant, st.just(0), st.sampled_from(list(elsewhere.TYPES.values())), st.just("n"), ADDRESSES,
                  st.sampled_from(list(elsewhere.STATUSES.values())))  # fmt: skip


@given(ADDRESSES, st.lists(HERE, max_size=4, unique_by=lambda p: p.row), st.lists(NAMED, max_size=6))
def test_nobody_is_lost_nobody_is_mailed_and_the_order_of_the_other_calendar_says_nothing(
    chair: str, here: list[Participant], there: list[Participant]
) -> None:
    found = together(chair, here, there)
    assert [p.row for p in found[: len(here)]] == [p.row for p in here]
    rest = [p.address for p in found[len(here) :]]
    assert len(set(rest)) == len(rest)
    assert {p.address for p in found} == {p.address for p in (*here, *there)}
    assert not any(p.mailed for p in found)
    unique = list({p.address: p for p in reversed(there)}.values())
    assert found == together(chair, here, unique)


def test_what_is_written_is_read_again() -> None:
    chair = Person("Vera Nord", "vera@north.test")
    guests = [
        Guest("zoe@south.test", "Zoë", "ACCEPTED", "OPT-PARTICIPANT"),
        Guest("hall@north.test", "Hall", cutype="ROOM"),
        Guest("bo@hillside.test", "Bo", "DECLINED"),
        Guest("vera@north.test", "Vera", "ACCEPTED", "CHAIR"),
    ]
    found = [(p.kind, p.name, p.address, p.partstat) for p in elsewhere.read(elsewhere.write(chair, guests))]
    assert found == [
        (Kind.CHAIR, "Vera Nord", "mailto:vera@north.test", "ACCEPTED"),
        (Kind.OPTIONAL, "Zoë", "mailto:zoe@south.test", "ACCEPTED"),
        (Kind.RESOURCE, "Hall", "mailto:hall@north.test", "NEEDS-ACTION"),
        (Kind.BARE, "Bo", "mailto:bo@hillside.test", "DECLINED"),
    ]
