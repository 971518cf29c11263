"""A lost update: the CRM wrote over an answer that it had not read. Its value is shown, and the answer is kept."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from gateway.crm import tables as crm
from gateway.errors import NotFound
from gateway.services import doctor
from gateway.services.ingest import ingest
from gateway.services.verbs.accept import accept
from gateway.services.verbs.reapply import reapply
from gateway.store import tables as t
from mappings.errors import RefusedAct
from mappings.model import Outcome
from tests.outside import calendars, contents, held, reply
from tests.seed import BO, DAG, Seeded, seed

a = crm.appointment.c


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


def row_of(seeded: Seeded, mother: int, associate: int = BO) -> int:
    found = seeded.house.store.row(select(a.appointment_id).where(a.mother_id == mother, a.associate_id == associate))
    assert found is not None
    return int(found["appointment_id"])


def crm_writes(seeded: Seeded, row: int, type_: int, status: int, **more: int) -> None:
    with seeded.crm() as connection:
        where = a.appointment_id == row
        connection.execute(update(crm.appointment).where(where).values(type=type_, status=status, **more))
    seeded.publish()


def bos(seeded: Seeded) -> str:
    (text,) = held(seeded.house, calendars(seeded.house)["BO"]).values()
    return text


def complaints(seeded: Seeded) -> list[str]:
    return [f.detail for f in doctor.examine(seeded.house) if f.what == "lost answer"]


def accepted(seeded: Seeded, mother: int, comment: str = "") -> int:
    """Let Bo accept by mail, and give his row."""
    uid = next(e["uid"] for e in contents(seeded.house, t.event) if e["mother_id"] == mother)
    mail = reply(uid, "bo@hillside.example", "ACCEPTED", sequence=None, comment=comment)
    assert ingest(seeded.house, mail, door="mail", vouched=True).outcome is Outcome.APPLIED
    return row_of(seeded, mother)


@pytest.mark.parametrize("stale", [5, 7, 8])
def test_an_answer_written_over_unread_is_listed_and_applied_again_in_one_step(seeded: Seeded, stale: int) -> None:
    row = accepted(seeded, seeded.meeting("Orchard planning"), "Gladly")

    crm_writes(seeded, row, 6, stale)

    assert "PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bo@" in bos(seeded)
    (said,) = complaints(seeded)
    assert said.startswith(f"ACCEPTED of appointment {row} ")
    assert f"`partstat reapply {row}`" in said

    done = reapply(seeded.house, row)

    assert (done.changed, done.type, done.status) == (True, 1, 1)
    assert "PARTSTAT=ACCEPTED:mailto:bo@" in bos(seeded)
    assert [x["comment"] for x in contents(seeded.house, t.answer)] == ["Gladly", "Gladly"]
    assert complaints(seeded) == []
    with pytest.raises(NotFound, match="was lost"):
        reapply(seeded.house, row)


def test_the_owner_may_apply_it_again_and_another_guest_may_not(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", invited=(BO, DAG))
    row = accepted(seeded, mother)
    crm_writes(seeded, row, 6, 5)

    with pytest.raises(RefusedAct, match="only the owner"):
        reapply(seeded.house, row, "dag")
    assert complaints(seeded) != []
    assert reapply(seeded.house, row, "ada").status == 1


@pytest.mark.parametrize(("type_", "status"), [(6, 9), (1, 3), (1, 2), (6, 6), (6, 10)])
def test_what_a_rows_life_leads_to_loses_nothing(seeded: Seeded, type_: int, status: int) -> None:
    row = accepted(seeded, seeded.meeting("Orchard planning"))

    crm_writes(seeded, row, type_, status)

    assert [x["end_reason"] for x in contents(seeded.house, t.answer)] == ["changed"]
    assert complaints(seeded) == []


def test_a_move_that_the_guest_has_seen_already_loses_nothing(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning")
    row = accepted(seeded, mother)

    with seeded.crm() as connection:
        connection.execute(update(crm.appointment).where(a.mother_id == mother).values(do_by=a.do_by + 3600,
                           endDate=a.endDate + 3600))  # fmt: skip
        connection.execute(update(crm.appointment).where(a.appointment_id == row).values(type=6, status=8))
    seeded.publish()

    assert [x["end_reason"] for x in contents(seeded.house, t.answer)] == ["changed"]
    assert complaints(seeded) == []


def test_a_newer_answer_or_none_to_give_ends_the_complaint(seeded: Seeded) -> None:
    first = accepted(seeded, seeded.meeting("Orchard planning"))
    crm_writes(seeded, first, 6, 5)
    assert len(complaints(seeded)) == 1
    accept(seeded.house, "bo", first)
    assert complaints(seeded) == []

    crm_writes(seeded, first, 6, 5)
    assert len(complaints(seeded)) == 1
    crm_writes(seeded, first, 6, 9)  # the CRM knows an answer now
    assert complaints(seeded) == []
