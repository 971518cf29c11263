"""What a participant, a privacy, a priority is called in a calendar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import roles
from mappings.model import Kind


@pytest.mark.parametrize(
    ("kind", "cutype", "role"),
    [
        (Kind.OWNER, "INDIVIDUAL", "CHAIR"),
        (Kind.ASSOCIATE, "INDIVIDUAL", "REQ-PARTICIPANT"),
        (Kind.EXTERNAL, "INDIVIDUAL", "REQ-PARTICIPANT"),
        (Kind.BARE, "INDIVIDUAL", "REQ-PARTICIPANT"),
        (Kind.RESOURCE, "RESOURCE", "NON-PARTICIPANT"),
        (Kind.ROOM, "ROOM", "NON-PARTICIPANT"),
        (Kind.CHAIR, "INDIVIDUAL", "CHAIR"),
        (Kind.OPTIONAL, "INDIVIDUAL", "OPT-PARTICIPANT"),
    ],
)
def test_a_kind_of_participant_has_its_cutype_and_role(kind: Kind, cutype: str, role: str) -> None:
    assert roles.ROLES[kind] == (cutype, role)


def test_every_kind_of_participant_has_a_role() -> None:
    assert set(roles.ROLES) == set(Kind)


@pytest.mark.parametrize(("private", "classification"), [(0, "PUBLIC"), (1, "PRIVATE"), (2, "CONFIDENTIAL")])
def test_a_privacy_has_its_class(private: int, classification: str) -> None:
    assert roles.classification(private) == classification


@pytest.mark.parametrize(("number", "priority"), [(0, 0), (1, 9), (2, 5), (3, 1)])
def test_low_medium_and_high_count_downwards_in_a_calendar(number: int, priority: int) -> None:
    assert roles.priority(number) == priority


@given(st.integers().filter(lambda n: n not in {0, 1, 2}))
def test_an_undocumented_privacy_is_never_public(private: int) -> None:
    assert roles.classification(private) == "PRIVATE"


@given(st.integers().filter(lambda n: n not in {1, 2, 3}))
def test_an_undocumented_priority_is_undefined(number: int) -> None:
    assert roles.priority(number) == 0


def test_transparency_priority_alarm_and_raw_status_are_the_holders_own() -> None:
    assert {"TRANSP", "PRIORITY", "VALARM", "X-PARTSTAT-STATUS"} == roles.PERSONAL
