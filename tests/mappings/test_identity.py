"""A UID and a resource name are for life, and safe wherever they stand."""

from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings import identity

HOUSE = UUID("5d2a7c10-3b1e-4f60-8a9b-0c1d2e3f4a5b")
OTHER = UUID("5d2a7c10-3b1e-4f60-8a9b-0c1d2e3f4a5c")
KINDS = ("mother", "rule")
ANY = st.text(max_size=300)
# What stands in a path as it is, apart from the percent sign, which nothing may need.
SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-")


def test_an_event_gets_the_same_uid_after_its_published_form_was_lost() -> None:
    assert identity.uid_of(HOUSE, "mother", 4711) == "53905380-92f1-57b6-a33d-78683f8e5ee5"


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2**31)), unique=True, max_size=20))
def test_each_event_has_a_uid_of_its_own_in_each_house(keys: list[tuple[str, int]]) -> None:
    uids = {identity.uid_of(house, *key) for house in (HOUSE, OTHER) for key in keys}
    assert len(uids) == 2 * len(keys)


@given(st.sampled_from(KINDS), st.integers(0, 2**31))
def test_a_uid_names_no_host_and_no_number(kind: str, number: int) -> None:
    uid = identity.uid_of(HOUSE, kind, number)
    assert str(UUID(uid)) == uid
    assert identity.usable(uid)
    assert identity.resource_name(uid) == f"{uid}.ics"


@pytest.mark.parametrize(
    ("uid", "usable"),
    [
        ("", False),
        ("a", True),
        ("x" * 255, True),
        ("x" * 256, False),
        ("two words", True),
        ("040000008200E00074C5B7101A82E008", True),
        ("line\nfeed", False),
        ("nul\x00", False),
        ("tab\t", False),
        ("sep\u2028", False),
        ("\ud800", False),
        ("rtl\u202e", False),
        ("ünï", True),
    ],
)
def test_a_foreign_uid_is_taken_when_it_is_short_and_printable(uid: str, usable: bool) -> None:
    assert identity.usable(uid) is usable


@pytest.mark.parametrize(
    "uid",
    ["", "/", "..", ".", "../../etc/passwd", "a/b", "a\\b", "\x00", "a\x00", "\U0001f600", "a b", "a%2Fb", "a?b", "a#b",
     "a\n", "a\r\nb", "x" * 182, ".hidden", "-rf", "ä", "\ud800", "a;b", "a:b", "\u202egpj"],
)  # fmt: skip
def test_a_uid_that_is_no_plain_word_is_named_by_its_digest(uid: str) -> None:
    name = identity.resource_name(uid)
    assert name.startswith("x-")
    assert len(name) == 46


@given(ANY | st.text(alphabet="./\\%\x00 ab", max_size=12))
@example("a" * 181)
def test_a_resource_name_is_safe_for_any_uid(uid: str) -> None:
    name = identity.resource_name(uid)
    assert name.endswith(".ics")
    assert set(name) <= SAFE
    assert name[0].isalnum()
    assert len(name) <= 185


@given(st.sets(ANY, min_size=2, max_size=8))
def test_distinct_uids_have_distinct_resource_names(uids: set[str]) -> None:
    assert len({identity.resource_name(uid) for uid in uids}) == len(uids)


@pytest.mark.parametrize(("one", "other"), [("A B", "a b"), ("plain", "PLAIN"), ("ä", "Ä"), ("a/b", "a\\b")])
def test_uids_that_look_alike_have_distinct_resource_names(one: str, other: str) -> None:
    assert identity.resource_name(one) != identity.resource_name(other)


def test_a_row_without_a_mailbox_has_an_address_of_its_own() -> None:
    one, other = identity.row_address(HOUSE, 12), identity.row_address(HOUSE, 13)
    assert one != other
    assert one == identity.row_address(HOUSE, 12) != identity.row_address(OTHER, 12)
    assert str(UUID(one)) == one.removeprefix("urn:uuid:")


def test_a_row_and_an_event_of_one_number_are_not_the_same() -> None:
    assert identity.row_address(HOUSE, 12).removeprefix("urn:uuid:") not in {
        identity.uid_of(HOUSE, kind, 12) for kind in KINDS
    }


def test_who_has_no_mailbox_is_the_same_at_every_occurrence_of_one_series_alone() -> None:
    addresses = {
        identity.seat_address(house, rule, kind, number)
        for house in (HOUSE, OTHER)
        for rule in (1, 2)
        for kind in ("associate", "person")
        for number in (1, 2)
    }
    assert len(addresses) == 16
    assert identity.row_address(HOUSE, 1) not in addresses
    assert identity.seat_address(HOUSE, 1, "person", 2) == identity.seat_address(HOUSE, 1, "person", 2)
