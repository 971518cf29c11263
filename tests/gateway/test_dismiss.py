"""Deleting a copy from one's calendar: a decline that takes the copy away, until its holder is asked anew."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from gateway.crm import tables as crm
from gateway.errors import NotFound
from gateway.services.verbs.accept import accept
from gateway.services.verbs.dismiss import dismiss
from gateway.store import tables as t
from mappings.errors import RefusedAct
from tests.outside import Follower, calendars, contents
from tests.seed import BO, Seeded, seed

a = crm.appointment.c


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


@pytest.fixture
def bos(seeded: Seeded) -> Follower:
    seeded.token("BO")  # which makes a calendar
    return Follower(seeded.house, calendars(seeded.house)["BO"])


def row_of(seeded: Seeded, mother: int, associate: int = BO) -> int:
    found = seeded.house.store.row(select(a.appointment_id).where(a.mother_id == mother, a.associate_id == associate))
    assert found is not None
    return int(found["appointment_id"])


def state(seeded: Seeded, row: int) -> tuple[int, int] | None:
    found = seeded.house.store.row(select(a.type, a.status).where(a.appointment_id == row))
    return (found["type"], found["status"]) if found else None


def crm_says(seeded: Seeded, row: int, status: int) -> None:
    with seeded.crm() as connection:
        type_ = 1 if status in (1, 2, 3) else 6
        connection.execute(update(crm.appointment).where(a.appointment_id == row).values(type=type_, status=status))
    seeded.publish()


@pytest.mark.parametrize("before", [1, 2, 3, 5, 6, 7, 8, 9])
def test_deleting_a_copy_declines_and_it_stays_away(seeded: Seeded, bos: Follower, before: int) -> None:
    mother = seeded.meeting("Orchard planning")
    row = row_of(seeded, mother)
    crm_says(seeded, row, before)
    bos.sync()
    assert len(bos.held) == 1

    done = dismiss(seeded.house, "bo", row)

    assert done.changed
    assert state(seeded, row) == (6, 9)
    bos.sync()
    assert (bos.held, bos.agrees()) == ({}, True)
    counted = contents(seeded.house, crm.appointment, appointment_id=mother)[0]["rejectCounter"]
    assert counted == (before != 9)  # what the CRM did not count by itself is not ours to mend
    assert not dismiss(seeded.house, "bo", row).changed

    seeded.move(mother, days=2, hour=12)  # the CRM moves without asking anew
    bos.sync()
    assert bos.held == {}


@pytest.mark.parametrize("before", [1, 5, 7, 9])
def test_without_a_reply_the_answer_stays_as_it_was(seeded: Seeded, bos: Follower, before: int) -> None:
    row = row_of(seeded, seeded.meeting("Orchard planning"))
    crm_says(seeded, row, before)
    was = state(seeded, row)

    assert dismiss(seeded.house, "bo", row, silently=True).changed

    assert state(seeded, row) == was
    bos.sync()
    assert bos.held == {}
    assert contents(seeded.house, t.answer) == []


@pytest.mark.parametrize("silently", [True, False])
def test_deleting_a_cancelled_copy_takes_note_of_it(seeded: Seeded, bos: Follower, silently: bool) -> None:
    row = row_of(seeded, seeded.meeting("Orchard planning"))
    crm_says(seeded, row, 10)
    bos.sync()
    assert "STATUS:CANCELLED" in next(iter(bos.texts.values()))

    assert dismiss(seeded.house, "bo", row, silently=silently).gone

    assert state(seeded, row) is None
    bos.sync()
    assert bos.held == {}


def test_who_is_asked_anew_or_changes_their_mind_has_the_copy_again(seeded: Seeded, bos: Follower) -> None:
    row = row_of(seeded, seeded.meeting("Orchard planning"))
    dismiss(seeded.house, "bo", row)
    crm_says(seeded, row, 6)
    bos.sync()
    assert len(bos.held) == 1

    dismiss(seeded.house, "bo", row)
    bos.sync()
    assert bos.held == {}
    accept(seeded.house, "bo", row)
    bos.sync()
    assert len(bos.held) == 1


def test_nobody_dismisses_what_is_theirs_or_anothers(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning")
    row = row_of(seeded, mother)
    with pytest.raises(RefusedAct, match="cancel it"):
        dismiss(seeded.house, "ada", mother)
    with pytest.raises(RefusedAct, match="whoever's row"):
        dismiss(seeded.house, "ada", row)
    with pytest.raises(NotFound):
        dismiss(seeded.house, "dag", row)
    assert state(seeded, row) == (6, 5)
