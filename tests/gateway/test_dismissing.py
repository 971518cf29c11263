"""A copy that its holder deleted vanishes for them alone, and stays away until they are asked again or take it up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from gateway.crm import tables as crm
from gateway.services import publish
from gateway.services.ingest import ingest
from gateway.services.load import load
from gateway.services.reconcile import reconcile
from gateway.store import feeding, marks
from gateway.store import tables as t
from gateway.store.dismissing import dismiss
from gateway.store.marks import Lane, Mark
from mappings.model import Outcome
from tests.outside import Follower, calendars, contents, held, reply
from tests.seed import ADA, BO, DAG, Seeded, seed

_a = crm.appointment.c


@dataclass
class Scene:
    """A meeting of Ada's with Bo and Dag, and Bo's client, which follows his calendar by tokens."""

    seeded: Seeded
    mother: int
    client: Follower
    everybody: dict[str, Follower] = field(default_factory=dict)

    def write(self, who: int = BO, *, published: bool = True, **columns: Any) -> None:
        """Let the CRM change somebody's rows of the meeting."""
        with self.seeded.crm() as connection:
            where = (_a.mother_id == self.mother) & (_a.associate_id == who)
            connection.execute(update(crm.appointment).where(where).values(**columns))
        if published:
            self.seeded.publish()

    def dismiss(self, status: int | None = None, *, published: bool = True) -> bool:
        """Let Bo delete his copy: his row gets a status, or stays as it is, in the same transaction."""
        (event,) = contents(self.seeded.house, t.event, mother_id=self.mother) or contents(self.seeded.house, t.event)
        with self.seeded.crm() as connection:
            if status is not None:
                where = (_a.mother_id == self.mother) & (_a.associate_id == BO)
                connection.execute(update(crm.appointment).where(where).values(status=status, type=6))
            done = dismiss(connection, event["event_id"], self.client.calendar, event["sequence"])
            marks.add(connection, Lane.NOW, [Mark("event", event["event_id"])])
        if published:
            publish.catch_up(self.seeded.house)
        return done

    def holds(self) -> int:
        """Give how many copies Bo's client holds after asking what changed; everybody's clients agree with us."""
        for follower in (self.client, *self.everybody.values()):
            follower.sync()
            assert follower.agrees()
        fed, _ = feeding.feed(self.seeded.house.store, self.client.calendar, busy=False)
        assert len(fed) <= len(self.client.held)
        return len(self.client.held)

    def dismissed(self) -> list[int | None]:
        rows = contents(self.seeded.house, t.object_, calendar_id=self.client.calendar)
        return [r["dismissed_sequence"] for r in rows]

    def others(self) -> dict[str, dict[str, str]]:
        house = self.seeded.house
        return {login: held(house, c) for login, c in calendars(house).items() if c != self.client.calendar}


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    seeded = seed(database_url)
    with closing(seeded.house.store):
        mother = seeded.meeting("Orchard planning", invited=(BO, DAG))
        by_login = calendars(seeded.house)
        found = Scene(seeded, mother, Follower(seeded.house, by_login["BO"]))
        found.everybody = {login: Follower(seeded.house, c) for login, c in by_login.items() if login != "BO"}
        assert found.holds() == 1
        yield found


# --- going away ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, 9])
def test_a_dismissed_copy_vanishes_from_its_holders_calendar_and_from_no_other(
    scene: Scene, status: int | None
) -> None:
    before = scene.others()
    assert scene.dismiss(status)
    assert scene.holds() == 0
    assert scene.client.refused == 0
    assert scene.dismissed() == [0]
    after = scene.others()
    assert set(after["ADA"]) == set(before["ADA"])
    if status is None:
        assert after == before


def test_what_is_not_shown_cannot_be_dismissed(scene: Scene) -> None:
    scene.dismiss()
    assert not scene.dismiss()
    assert scene.dismissed() == [0]


def test_nothing_that_others_do_brings_it_back(scene: Scene) -> None:
    scene.dismiss(9)
    steps: list[Callable[[], Any]] = [
        lambda: scene.seeded.answer(scene.mother, DAG, status=9),
        lambda: scene.write(ADA, location="Barn"),
        lambda: scene.seeded.move(scene.mother, days=3, hour=9),  # times alone ask nobody who has declined
        lambda: scene.write(DAG, status=10),
    ]
    sequences = []
    for step in steps:
        step()
        assert scene.holds() == 0
        sequences.append(contents(scene.seeded.house, t.event)[0]["sequence"])
    assert sequences[-1] > sequences[0]
    assert scene.dismissed() == [0]


@pytest.mark.parametrize(("status", "later"), [(None, 7), (None, 9), (9, 9), (9, 10), (None, 10)], ids=str)
def test_what_leaves_its_holder_as_far_from_it_as_before_leaves_it_away(
    scene: Scene, status: int | None, later: int
) -> None:
    scene.dismiss(status)
    scene.write(status=later)
    assert scene.holds() == 0
    assert scene.dismissed() == [0]


def test_a_cancelled_meeting_stays_away_and_when_the_row_goes_nothing_more_is_shown(scene: Scene) -> None:
    scene.dismiss(9)
    with scene.seeded.crm() as connection:
        connection.execute(update(crm.appointment).where(_a.mother_id == scene.mother).values(status=10))
        connection.execute(delete(crm.appointment).where(_a.appointment_id == scene.mother))
    scene.seeded.publish()
    assert scene.holds() == 0
    (cancelled,) = scene.others()["DAG"].values()
    assert "STATUS:CANCELLED" in cancelled
    scene.seeded.delete(scene.mother)
    assert scene.holds() == 0


def test_a_cancelled_copy_can_be_dismissed_while_its_row_stands(scene: Scene) -> None:
    scene.write(status=10)
    assert scene.holds() == 1
    scene.dismiss()
    assert scene.holds() == 0
    assert contents(scene.seeded.house, t.frozen) == []
    scene.write(DAG, status=1, type=1)
    assert scene.holds() == 0


# --- coming back -----------------------------------------------------------------------------------------------------


def test_it_returns_when_the_row_is_moved_and_the_dismissal_is_over(scene: Scene) -> None:
    scene.dismiss(9)
    scene.write(status=6, type=6)
    assert scene.holds() == 1
    assert scene.dismissed() == [None]
    scene.seeded.answer(scene.mother, BO, status=9)
    assert scene.holds() == 1


def test_a_pending_row_that_was_dismissed_is_asked_again_by_another_time(scene: Scene) -> None:
    scene.dismiss()
    scene.seeded.move(scene.mother, days=2, hour=14)
    assert scene.holds() == 1
    assert "T140000" in "".join(scene.client.texts.values())


def test_a_move_that_was_itself_dismissed_does_not_bring_it_back_but_the_next_one_does(scene: Scene) -> None:
    scene.write(status=6, type=6)
    assert scene.holds() == 1
    scene.dismiss()
    scene.write(DAG, status=1, type=1)
    scene.write(ADA, location="Barn")
    assert scene.holds() == 0
    scene.seeded.move(scene.mother, days=2, hour=14)
    assert scene.holds() == 1


def test_an_invitation_anew_brings_it_back_in_the_same_row_and_in_another(scene: Scene) -> None:
    scene.dismiss()
    scene.write(status=10)
    assert scene.holds() == 0
    scene.write(status=5)
    assert scene.holds() == 1
    scene.dismiss(9)
    assert scene.holds() == 0
    with scene.seeded.crm() as connection:
        where = (_a.mother_id == scene.mother) & (_a.associate_id == BO)
        (row,) = (r for r in contents(scene.seeded.house, crm.appointment) if r["associate_id"] == BO)
        connection.execute(delete(crm.appointment).where(where))
        again = row | {"appointment_id": 9_000, "status": 5, "type": 6}
        connection.execute(insert(crm.appointment).values(**again))
    scene.seeded.publish()
    assert scene.holds() == 1


def test_a_row_handed_to_who_dismissed_the_meeting_invites_them_anew(scene: Scene) -> None:
    scene.dismiss(9)
    with scene.seeded.crm() as connection:
        where = (_a.mother_id == scene.mother) & (_a.associate_id == BO)
        connection.execute(delete(crm.appointment).where(where))
        dag = (_a.mother_id == scene.mother) & (_a.associate_id == DAG)
        connection.execute(update(crm.appointment).where(dag).values(associate_id=BO))
    scene.seeded.publish()
    assert scene.holds() == 1


@pytest.mark.parametrize("door", ["crm", "mail"])
@pytest.mark.parametrize("status", [None, 9])
def test_who_accepts_after_all_has_it_in_their_calendar_again(scene: Scene, door: str, status: int | None) -> None:
    scene.dismiss(status)
    assert scene.holds() == 0
    if door == "crm":
        scene.seeded.answer(scene.mother, BO, status=1)
    else:
        (event,) = contents(scene.seeded.house, t.event)
        accepted = reply(event["uid"], "bo@hillside.example", "ACCEPTED")
        assert ingest(scene.seeded.house, accepted, door="mail", vouched=True).outcome is Outcome.APPLIED
    assert scene.holds() == 1
    assert scene.dismissed() == [None]
    assert "bo@hillside.example" in "".join(scene.client.texts.values())


def test_a_row_that_no_calendar_shows_brings_nothing_back(scene: Scene) -> None:
    scene.dismiss(9)
    (row,) = (r for r in contents(scene.seeded.house, crm.appointment) if r["associate_id"] == BO)
    with scene.seeded.crm() as connection:
        note = row | {"appointment_id": 9_000, "type": 3, "status": 1}
        connection.execute(insert(crm.appointment).values(**note))
    scene.seeded.publish()
    assert scene.holds() == 0


def test_an_acceptance_that_was_dismissed_stays_away_whatever_becomes_of_it(scene: Scene) -> None:
    scene.seeded.answer(scene.mother, BO, status=1)
    scene.dismiss()
    scene.write(status=3)
    scene.write(status=1)
    assert scene.holds() == 0


def test_a_copy_asked_about_again_before_its_vanishing_was_published_never_vanishes(scene: Scene) -> None:
    scene.dismiss(9, published=False)
    scene.write(status=6, type=6)
    assert scene.holds() == 1
    assert scene.dismissed() == [None]


# --- what looks at everything again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, 9])
@pytest.mark.parametrize("rebuild", [False, True])
@pytest.mark.parametrize("published", [False, True])
def test_looking_at_everything_again_leaves_it_away(
    scene: Scene, status: int | None, rebuild: bool, published: bool
) -> None:
    scene.dismiss(status, published=published)
    for _ in range(2):
        reconcile(scene.seeded.house, rebuild=rebuild)
        assert scene.holds() == 0
        assert scene.dismissed() == [0]
    scene.seeded.answer(scene.mother, BO, status=1)
    assert scene.holds() == 1


def test_an_acceptance_that_nobody_saw_before_a_rebuild_still_brings_it_back(scene: Scene) -> None:
    scene.dismiss(9)
    scene.write(status=1, type=1, published=False)
    reconcile(scene.seeded.house, rebuild=True)
    assert scene.holds() == 1


def test_loading_more_leaves_it_away(scene: Scene) -> None:
    scene.dismiss(9)
    row = {"appointment_id": 800, "associate_id": BO, "type": 1, "status": 1, "text_id": 900,
           "do_by": "+2d 10:00", "endDate": "+2d 11:00"}  # fmt: skip
    text = {"text_id": 900, "type": 4, "owner_id": 800, "text": "Cork"}
    associates = [{"associate_id": 99, "name": "new"}]
    file = {"tables": {"associate": associates, "text": [text], "appointment": [row]}}
    load(scene.seeded.house, json.dumps(file).encode())
    assert scene.holds() == 1
    assert "Cork" in "".join(scene.client.texts.values())


def test_a_new_uid_of_the_crms_does_not_bring_it_back_but_the_next_question_does(scene: Scene) -> None:
    scene.dismiss(9)
    with scene.seeded.crm() as connection:
        identity = {"invitation_id": 1, "appointment_id": scene.mother, "event_uid": "the-crms-own"}
        connection.execute(insert(crm.invitation).values(**identity))
    scene.seeded.publish()
    assert scene.holds() == 0
    assert list(scene.others()["ADA"]) == ["the-crms-own.ics"]
    scene.write(status=6, type=6)
    assert scene.holds() == 1
    assert list(scene.client.held) == ["the-crms-own.ics"]


def test_a_meeting_that_becomes_a_series_stays_away_until_another_occurrence_asks(scene: Scene) -> None:
    scene.dismiss(9)
    with scene.seeded.crm() as connection:
        connection.execute(update(crm.appointment).where(_a.mother_id == scene.mother).values(recurrenceRuleId=3))
    scene.seeded.publish()
    assert scene.holds() == 0
    scene.seeded.meeting("Orchard planning", invited=(DAG,), days=8, recurrenceRuleId=3)
    assert scene.holds() == 0
    scene.seeded.meeting("Orchard planning", invited=(BO, DAG), days=15, recurrenceRuleId=3)
    assert scene.holds() == 1
