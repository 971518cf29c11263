"""Another owner: the same meeting under the same UID, in other hands; nobody is asked again."""

from collections.abc import Iterator

import pytest

from gateway.crm import tables as crm
from gateway.services.verbs.hand_over import hand_over
from gateway.store import tables as t
from tests.outside import contents, shown
from tests.seed import ADA, BO, DAG, Seeded, seed


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.mark.parametrize("stay", [True, False])
def test_the_new_owner_leads_and_the_former_one_stays_or_leaves(seeded: Seeded, stay: bool) -> None:
    mother = seeded.meeting("Orchard planning", invited=(BO, DAG))
    seeded.answer(mother, DAG, status=1)
    (before,) = contents(seeded.house, t.event)

    assert hand_over(seeded.house, "ada", mother, "bo", stay=stay).changed

    rows = {r["associate_id"]: r for r in contents(seeded.house, crm.appointment, mother_id=mother)}
    assert rows[BO]["appointment_id"] == mother
    assert {r["mother_associate_id"] for r in rows.values()} == {BO}
    assert (ADA in rows) is stay
    assert (rows[DAG]["type"], rows[DAG]["status"]) == (1, 1)
    (after,) = contents(seeded.house, t.event)
    assert (after["uid"], after["sequence"]) == (before["uid"], before["sequence"] + 1)
    calendars = shown(seeded.house)
    assert bool(calendars["ADA"]) is stay
    (text,) = calendars["BO"].values()
    assert 'ORGANIZER;CN="Bo Tangen":mailto:bo@hillside.example' in text
    assert 'ATTENDEE;CN="Bo Tangen";CUTYPE=INDIVIDUAL;ROLE=CHAIR;PARTSTAT=ACCEPTED:' in text
    assert ("ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:ada@" in text) is stay
    assert "ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:dag@" in text


def test_once_more_is_no_change(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", invited=(BO,))
    hand_over(seeded.house, "ada", mother, "bo")
    before = contents(seeded.house, crm.appointment)
    assert not hand_over(seeded.house, "bo", mother, "BO").changed
    assert contents(seeded.house, crm.appointment) == before
