"""The diary of an associate or a resource, as they and as others see it, and what a company is involved in."""

from collections.abc import Iterator
from dataclasses import astuple
from itertools import product
from typing import Any

import pytest
from sqlalchemy import delete, insert

from gateway.crm import tables
from gateway.errors import BadRequest, NotFound, UnknownPerson
from gateway.services.views import entries
from gateway.services.views.activities import activities
from gateway.services.views.diary import diary
from mappings import times
from mappings.entry import Entry
from tests.planned import (
    GROUP,
    HOUR,
    MIDNIGHT,
    NEW_YORK,
    OSLO,
    OTHER_GROUP,
    assigned,
    at,
    change,
    planned,
    row_of,
    series,
    visible_to,
)
from tests.seed import ADA, BO, CARLA, DAG, Seeded

_a = tables.appointment.c
WEEK = at(0), at(7)


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = planned(database_url)
    yield seeded
    seeded.close()


def titles(seeded: Seeded, login: str, start: int = WEEK[0], end: int = WEEK[1], **more: Any) -> list[str]:
    return [it.title for it in diary(seeded.house, login, start, end, **more)]


def only(shown: list[Entry]) -> Entry:
    (it,) = shown
    return it


# --- what stands in a diary ------------------------------------------------------------------------------------------


def test_own_rows_and_pending_ones_in_order(seeded: Seeded) -> None:
    seeded.appointment("Later", days=3, owner=BO)
    seeded.meeting("Pressing", days=1)
    series(seeded, "Daily", 2, hour=8)
    assigned(seeded, "Handed over", BO, days=2, hour=15)
    shown = diary(seeded.house, "bo", *WEEK)
    assert [it.title for it in shown] == ["Daily", "Pressing", "Daily", "Handed over", "Later"]
    assert [it.status for it in shown] == [5, 5, 5, 11, 1]
    assert [it.assigned_by for it in shown] == ["", "", "", "ADA", ""]


def test_what_is_declined_cancelled_or_hidden_is_shown_on_demand(seeded: Seeded) -> None:
    row = row_of(seeded, seeded.meeting("Pressing"), BO)
    for status in (*range(14), 99):
        change(seeded, row, status=status)
        assert bool(titles(seeded, "BO")) is (status not in {0, 4, 9, 10, 99})
        assert titles(seeded, "BO", everything=True) == ["Pressing"]


def test_a_hidden_mother_hides_her_daughters(seeded: Seeded) -> None:
    change(seeded, seeded.meeting("Pressing"), status=4)
    assert titles(seeded, "BO") == []
    assert titles(seeded, "BO", everything=True) == ["Pressing"]


def test_to_dos_and_post_its_are_shown_on_demand_and_documents_never(seeded: Seeded) -> None:
    for type_, status, title in ((2, 1, "To-do"), (7, 5, "Asked to do"), (3, 0, "Post-it"), (4, 1, "Document")):
        seeded.appointment(title, type=type_, status=status, owner=BO)
    assert titles(seeded, "BO") == []
    shown = diary(seeded.house, "BO", *WEEK, todos=True)
    assert [(it.title, it.todo) for it in shown] == [("To-do", True), ("Asked to do", True)]
    assert titles(seeded, "BO", everything=True) == ["Post-it"]


def test_two_instants_are_half_open(seeded: Seeded) -> None:
    seeded.meeting("Pressing")  # 10:00 to 11:30
    for start, end, shown in (
        (at(1, 10), at(1, 11), True),
        (at(1, 11.5), at(1, 12), False),
        (at(1, 9), at(1, 10), False),
        (at(1, 11.5) - 1, at(1, 11.5), True),
        (at(1, 10.5), at(1, 10.5) + 1, True),
        (at(-300), at(300), True),
    ):
        assert bool(titles(seeded, "BO", start, end)) is shown


def test_a_moment_without_length_is_in_the_time_that_it_begins(seeded: Seeded) -> None:
    seeded.appointment("Ring the bell", hour=12, minutes=0)
    assert titles(seeded, "ADA", at(1, 12), at(1, 13)) == ["Ring the bell"]
    assert titles(seeded, "ADA", at(1, 11), at(1, 12)) == []


def test_a_long_event_is_found_from_within(seeded: Seeded) -> None:
    seeded.appointment("Leave", days=-30, minutes=60 * 24 * 60)
    assert titles(seeded, "ADA", at(0), at(0, 1)) == ["Leave"]


def test_all_day_events_are_days_of_the_base_zone(seeded: Seeded) -> None:
    seeded.appointment("Harvest", hour=0, minutes=1_439, alldayEvent=1, preferredTZLocation=NEW_YORK)
    it = only(diary(seeded.house, "ADA", at(2) - 1, at(2)))
    assert (it.begins, it.ends, it.zone, it.all_day) == (at(1), at(2), OSLO, True)
    assert it.end - it.start == 24 * HOUR
    assert titles(seeded, "ADA", at(2), at(3)) == []


def test_base_zone_walls_are_not_instants(database_url: str) -> None:
    seeded = planned(database_url)
    seeded.appointment("Early", hour=1, minutes=30)  # 23:00 UTC of the day before
    shown = diary(seeded.house, "ADA", at(1, 1), at(1, 1.5))
    assert [it.begins for it in shown] == [MIDNIGHT + 23 * HOUR]
    assert titles(seeded, "ADA", at(1, 3), at(1, 4)) == []
    seeded.close()


def test_who_is_unknown_and_what_is_no_time_is_refused(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    for login, viewer in (("FAY", ""), ("nobody", ""), ("BO", "nobody")):
        with pytest.raises(UnknownPerson):
            diary(seeded.house, login, *WEEK, viewer=viewer)
    for start, end in ((at(1), at(1)), (at(2), at(1)), (-(2**60), at(1)), (at(1), 2**60)):
        with pytest.raises(BadRequest):
            diary(seeded.house, "BO", start, end)
    for n in range(4):
        seeded.appointment(f"Hour {n}", hour=9 + n)
    monkeypatch.setattr("gateway.services.views.diary.MOST", 4)
    assert len(diary(seeded.house, "ADA", *WEEK)) == 4
    monkeypatch.setattr("gateway.services.views.diary.MOST", 3)
    monkeypatch.setattr(entries.bounded, "__defaults__", (3,))
    with pytest.raises(BadRequest, match="more than 3 rows"):
        diary(seeded.house, "ADA", *WEEK)


# --- seen by others --------------------------------------------------------------------------------------------------


def privates(seeded: Seeded) -> dict[str, int]:
    """Let Ada, of one group, invite Bo and the tasting room to meetings of every privacy."""
    made = {}
    for hour, (title, says) in enumerate(
        {
            "Public": {"everyone": 1},
            "Mine": {"associate": ADA, "private": 1},
            "Of my group": {"group": GROUP, "private": 2},
            "Of their group": {"group": OTHER_GROUP, "private": 2},
            "For Dag": {"associate": DAG, "private": 1},
        }.items()
    ):
        made[title] = seeded.meeting(
            title, hour=9 + hour, minutes=30, location="Cellar", rejectReason="Private words",
            preferredTZLocation=NEW_YORK,
        )  # fmt: skip
        visible_to(seeded, made[title], **says)
    for hour, (title, private) in enumerate((("Old public", 0), ("Old mine", 1), ("Old group", 2)), start=15):
        made[title] = seeded.meeting(title, hour=hour, minutes=30, private=private, group_idx=GROUP, location="Cellar")
    return made


READS = {
    "": {"Public", "Mine", "Of my group", "Of their group", "For Dag", "Old public", "Old mine", "Old group"},
    "ADA": {"Public", "Mine", "Of my group", "Of their group", "For Dag", "Old public", "Old mine", "Old group"},
    "BO": {"Public", "Mine", "Of my group", "Of their group", "For Dag", "Old public", "Old mine", "Old group"},
    "DAG": {"Public", "Of their group", "For Dag", "Old public"},
    "EVA.MOEN": {"Public", "Of my group", "Old public", "Old group"},
    "TASTING ROOM": set(),
}


def test_who_may_not_read_sees_when_and_busy(seeded: Seeded) -> None:
    made = privates(seeded)
    private_words = ("Cellar", "Private", "Ada", "New_York", "Meeting", *made)
    for login, viewer in product(("ADA", "BO", "TASTING ROOM"), READS):
        shown = diary(seeded.house, login, *WEEK, viewer=viewer)
        assert {it.title for it in shown if not it.cloaked} == READS[viewer], (login, viewer)
        assert [it.begins for it in shown] == [at(1, 9 + n) for n in range(5)] + [at(1, 15 + n) for n in range(3)]
        for it in (one for one in shown if one.cloaked):
            said = " ".join(str(value) for value in astuple(it))
            assert not [word for word in private_words if word in said]
            assert (it.title, it.free, it.row, it.owner_login, it.zone) == ("Busy", False, 0, "", OSLO)


def test_legacy_group_without_a_number_is_the_owners(seeded: Seeded) -> None:
    seeded.meeting("Old group", private=2)
    assert titles(seeded, "BO", viewer="Eva.Moen") == ["Old group"]
    assert titles(seeded, "BO", viewer="DAG") == ["Busy"]


def test_what_is_free_stays_free_under_the_cloak(seeded: Seeded) -> None:
    seeded.meeting("Reminder", private=1, freeBusy=1)
    seeded.appointment("To-do", private=1, type=2, hour=16)
    shown = diary(seeded.house, "ADA", *WEEK, viewer="DAG", todos=True)
    assert [(it.title, it.free, it.todo) for it in shown] == [("Busy", True, False)] * 2


def test_a_participant_of_one_meeting_reads_no_other(seeded: Seeded) -> None:
    seeded.meeting("With Dag", invited=(BO, DAG), private=1)
    seeded.meeting("Without", invited=(BO,), private=1, hour=14)
    removed = seeded.meeting("Dag was removed", invited=(BO, DAG), private=1, hour=16)
    seeded.answer(removed, DAG, status=10)
    assert titles(seeded, "BO", viewer="DAG") == ["With Dag", "Busy", "Busy"]
    own = diary(seeded.house, "DAG", *WEEK, viewer="DAG", everything=True)
    assert [it.title for it in own] == ["With Dag", "Dag was removed"]


def test_a_resources_diary(seeded: Seeded) -> None:
    seeded.meeting("Pressing")
    it = only(diary(seeded.house, "Tasting Room", *WEEK))
    assert (it.title, it.owner_login, it.status, it.status_name) == ("Pressing", "ADA", 1, "NotStarted")


# --- activities ------------------------------------------------------------------------------------------------------


def involved(seeded: Seeded, **whom: Any) -> list[str]:
    return [it.title for it in activities(seeded.house, start=WEEK[0], end=WEEK[1], **whom)]


def test_a_company_is_involved_in_what_is_about_it_and_what_its_people_attend(seeded: Seeded) -> None:
    with seeded.crm() as connection:
        also = {"person_id": 43, "contact_id": 13, "firstname": "Claude", "lastname": "Moreau"}
        connection.execute(insert(tables.person).values(**also))
    about = seeded.meeting("About", contact_id=13, person_id=43, external=(), hour=8)
    seeded.meeting("Attended", external=(CARLA, 43), hour=9)
    seeded.meeting("Both", contact_id=13, person_id=CARLA, external=(CARLA,), hour=10)
    seeded.appointment("Noted", contact_id=13, hour=11)
    seeded.appointment("To do", contact_id=13, type=2, hour=12)
    seeded.appointment("Letter", contact_id=13, type=4, hour=13)
    seeded.appointment("Hidden", contact_id=13, status=4, hour=14)
    seeded.meeting("Elsewhere", external=(), hour=15)
    seeded.meeting("Much later", contact_id=13, days=9)
    assert involved(seeded, contact=13) == ["About", "Attended", "Both", "Noted", "To do"]
    assert involved(seeded, person=43) == ["About", "Attended"]
    assert involved(seeded, person=CARLA) == ["Attended", "Both"]
    shown = activities(seeded.house, contact=13, start=WEEK[0], end=WEEK[1])
    assert (shown[0].row, shown[0].mother, shown[0].owner_login) == (
        about,
        about,
        "ADA",
    )  # the mother, never a daughter


def test_a_company_is_not_involved_by_associates_of_its_own(seeded: Seeded) -> None:
    seeded.meeting("Pressing", invited=(BO, DAG))
    assert involved(seeded, contact=2) == []
    assert involved(seeded, person=18) == []


def test_activities_are_cloaked_for_who_may_not_read_them(seeded: Seeded) -> None:
    seeded.meeting("Secret", private=1)
    series(seeded, "Daily", 2)
    assert involved(seeded, contact=13, viewer="BO") == ["Secret", "Daily", "Daily"]
    assert involved(seeded, contact=13, viewer="Dag") == ["Busy", "Daily", "Daily"]
    assert involved(seeded, contact=13) == ["Secret", "Daily", "Daily"]


def test_an_outsider_without_a_mother_shows_nothing(seeded: Seeded) -> None:
    mother = seeded.meeting("Pressing")
    with seeded.crm() as connection:
        connection.execute(delete(tables.appointment).where(_a.appointment_id == mother))
    assert involved(seeded, person=CARLA) == []


def test_activities_are_of_one_that_there_is(seeded: Seeded) -> None:
    for whom in ({}, {"contact": 13, "person": 42}):
        with pytest.raises(BadRequest):
            involved(seeded, **whom)
    for whom in ({"contact": 999}, {"person": 999}, {"person": -1}):
        with pytest.raises(NotFound):
            involved(seeded, **whom)
    with pytest.raises(UnknownPerson):
        involved(seeded, contact=13, viewer="nobody")


def test_a_row_that_no_calendar_can_show_is_left_out(seeded: Seeded) -> None:
    seeded.appointment("Endless", contact_id=13)
    change(seeded, seeded.appointment("Broken", contact_id=13), endDate=times.LATEST + 1)
    assert involved(seeded, contact=13) == titles(seeded, "ADA") == ["Endless"]
