"""How far an act on one occurrence of a series reaches: rows, rule and calendars, on both engines.

The series is weekly, on Mondays at ten, and the second of five occurrences is today unless a test says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final

import pytest
from sqlalchemy import insert, update

from gateway.crm import tables as crm
from gateway.errors import BadRequest, NotFound
from gateway.services import publish
from gateway.services.house import DAY
from gateway.services.reconcile import reconcile
from gateway.services.verbs.accept import accept
from gateway.services.verbs.acknowledge import acknowledge
from gateway.services.verbs.acting import Done
from gateway.services.verbs.add import add
from gateway.services.verbs.cancel import cancel
from gateway.services.verbs.change import Changes, change
from gateway.services.verbs.decline import decline
from gateway.services.verbs.dismiss import dismiss
from gateway.services.verbs.move import move
from gateway.services.verbs.planning import When
from gateway.services.verbs.remove import remove
from gateway.services.verbs.seen import seen
from gateway.services.verbs.tentative import tentative
from gateway.store import tables as t
from gateway.store import written_rules
from mappings.errors import RefusedAct
from mappings.reach import Reach
from mappings.recurrence import kept
from mappings.recurrence.kept import Kept
from mappings.times import instant
from tests.outside import Clock, contents, shown, timeless
from tests.seed import BO, CARLA, DAG, HOUR, Seeded, seed

OSLO: Final = "Europe/Oslo"
MONDAY: Final = 1_792_368_000  # 19 October 2026, midnight on the wall; the clocks go back on the 25th
TEN: Final = 10 * HOUR
WEEK: Final = 7 * DAY
FORWARD, SERIES, STOP, ONLY = Reach.THIS_AND_FORWARD, Reach.SERIES, Reach.STOP, Reach.ONLY_THIS


class Series:
    """Five Mondays, and what becomes of them."""

    def __init__(self, seeded: Seeded, **more: Any) -> None:
        self.seeded, self.house = seeded, seeded.house
        self.mothers = seeded.series("Orchard walk", 5, days=-7, **more)
        self.rule = self.row(self.mothers[0])["recurrenceRuleId"]

    def rows(self) -> dict[int, dict[str, Any]]:
        return {r["appointment_id"]: r for r in contents(self.house, crm.appointment)}

    def row(self, number: int) -> dict[str, Any]:
        return self.rows()[number]

    def of(self, n: int, *, associate: int = 0, person: int = 0) -> int:
        """Give the row of somebody at the nth occurrence."""
        found = [r for r in self.rows().values() if r["mother_id"] == self.mothers[n] != r["appointment_id"]]
        return next(int(r["appointment_id"]) for r in found
                    if (r["associate_id"], r["invitedPersonId"]) == (associate, person))  # fmt: skip

    def states(self, associate: int = BO) -> list[tuple[int, int]]:
        """Give (type, status) of an associate's rows, in the order of the occurrences."""
        mine = [r for r in self.rows().values() if r["associate_id"] == associate]
        return [(r["type"], r["status"]) for r in sorted(mine, key=lambda r: r["appointment_id"])]

    def starts(self) -> list[int]:
        """Give when the occurrences begin: hours after their own Monday at ten."""
        rows = self.rows()
        return [(rows[m]["do_by"] - MONDAY - TEN - n * WEEK) // HOUR if m in rows else -1
                for n, m in enumerate(self.mothers, -1)]  # fmt: skip

    def rules(self) -> list[dict[str, Any]]:
        return contents(self.house, crm.recurrencerule)

    def when(self, n: int, hours: int, minutes: int = 90) -> When:
        """Give a time so many hours after the nth Monday at ten."""
        start = MONDAY + (n - 1) * WEEK + TEN + hours * HOUR
        return When(start, start + minutes * 60)

    def texts(self) -> list[str]:
        """Give the title of each occurrence."""
        texts = {r["text_id"]: r["text"] for r in contents(self.house, crm.text)}
        return [texts[self.row(m)["text_id"]] for m in self.mothers]

    def sequences(self) -> list[int]:
        return [e["sequence"] for e in contents(self.house, t.event) if e["rule_id"] or e["mother_id"]]


@pytest.fixture
def series(database_url: str) -> Iterator[Series]:
    clock = Clock(instant(MONDAY + 8 * HOUR, OSLO))
    with closing(seed(database_url, clock=clock, timezone=OSLO)) as seeded:
        yield Series(seeded)


@pytest.fixture
def as_published(series: Series) -> Iterator[None]:
    """See at the end that what is published is what the rows say, and that it would be made so anew."""
    yield
    assert contents(series.house, t.quarantine) == []
    assert reconcile(series.house).changed == 0
    before = {who: texts for who, texts in timeless(shown(series.house)).items() if texts}
    reconcile(series.house, rebuild=True)
    assert {who: texts for who, texts in timeless(shown(series.house)).items() if texts} == before


pytestmark = pytest.mark.usefixtures("as_published")
ASKED, ACCEPTED, DECLINED, MOVED, SEEN, GONE = (6, 5), (1, 1), (6, 9), (6, 6), (6, 7), (6, 10)


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reach", "answered"), [(ONLY, {2}), (FORWARD, {2, 3, 4}), (SERIES, {1, 2, 3, 4})])
@pytest.mark.parametrize(("verb", "state"), [(accept, ACCEPTED), (decline, DECLINED), (tentative, SEEN), (seen, SEEN)])
def test_an_answer_reaches_what_is_not_over(
    series: Series, reach: Reach, answered: set[int], verb: Callable[..., Done], state: tuple[int, int]
) -> None:
    done = verb(series.house, "BO", series.of(2, associate=BO), reach=reach)

    assert series.states() == [state if n in answered else ASKED for n in range(5)]
    assert (done.changed, done.occurrences) == (True, len(answered))
    again = verb(series.house, "BO", series.of(2, associate=BO), reach=reach)
    assert (again.changed, again.occurrences) == (False, 0)
    if verb is not seen:
        kept = contents(series.house, t.answer)
        assert {a["appointment_id"] for a in kept} == {series.of(n, associate=BO) for n in answered}
        assert len({a["key"] for a in kept}) == len(answered)
        assert series.sequences() == [0]


def test_this_and_later_ones_begin_with_this_one_though_it_is_over(series: Series) -> None:
    accept(series.house, "BO", series.of(0, associate=BO), reach=FORWARD)
    assert series.states() == [ACCEPTED] * 5


def test_nobody_answers_for_what_is_over_altogether(series: Series) -> None:
    series.seeded.house.clock.moment += 5 * WEEK  # type: ignore[attr-defined]
    with pytest.raises(RefusedAct, match="over"):
        accept(series.house, "BO", series.of(1, associate=BO), reach=SERIES)
    accept(series.house, "BO", series.of(1, associate=BO))
    assert series.states() == [ASKED, ACCEPTED, ASKED, ASKED, ASKED]


def test_rows_that_cannot_be_answered_are_passed_over_unless_there_is_no_other(series: Series) -> None:
    row = series.of(2, associate=BO)
    remove(series.house, "ADA", series.mothers[2], ["BO"])
    done = accept(series.house, "BO", row, reach=SERIES)
    assert series.states() == [ASKED, ACCEPTED, GONE, ACCEPTED, ACCEPTED]
    assert (done.changed, done.status, done.occurrences) == (True, 10, 3)

    remove(series.house, "ADA", series.mothers[2], ["BO"], reach=FORWARD)
    with pytest.raises(RefusedAct, match="the meeting is cancelled"):
        accept(series.house, "BO", row, reach=FORWARD)


def test_the_owner_answers_for_one_person_outside_and_for_nobody_else(series: Series) -> None:
    add(series.house, "ADA", series.mothers[2], ["someone@away.example", "other@away.example"], reach=FORWARD)
    bare = {r["appointment_id"]: r["email_address"] for r in contents(series.house, crm.email) if r["appointment_id"]}
    other = next(row for row, address in bare.items() if address == "other@away.example")

    decline(series.house, "ADA", other, "Snow", reach=FORWARD)
    decline(series.house, "ADA", series.of(3, person=CARLA), reach=SERIES)

    rows = series.rows()
    declined = {row for row, r in rows.items() if r["status"] == 9}
    assert {bare[row] for row in declined if row in bare} == {"other@away.example"}
    assert len([row for row in declined if row in bare]) == 3
    assert {row for row in declined if row not in bare} == {series.of(n, person=CARLA) for n in range(1, 5)}
    assert [rows[m]["rejectCounter"] for m in series.mothers] == [0, 1, 2, 2, 2]


def test_a_refused_answer_changes_nothing_at_any_occurrence(series: Series) -> None:
    before = series.rows()
    for who, row, error in (("DAG", series.of(2, associate=BO), NotFound), ("ADA", series.mothers[2], RefusedAct)):
        with pytest.raises(error):
            accept(series.house, who, row, reach=SERIES)
    assert series.rows() == before


# --- moving ----------------------------------------------------------------------------------------------------------


def test_a_whole_series_moves_with_its_rule_and_asks_for_what_is_to_come(series: Series) -> None:
    accept(series.house, "BO", series.of(0, associate=BO))
    accept(series.house, "BO", series.of(2, associate=BO), reach=SERIES)
    move(series.house, "ADA", series.mothers[2], series.when(2, 25), reach=SERIES)

    assert series.starts() == [25] * 5  # also across the end of summer time
    assert series.states() == [ACCEPTED, MOVED, MOVED, MOVED, MOVED]
    assert [(r["weekdays"], r["startDate"], r["endDate"]) for r in series.rules()] == [
        (2, MONDAY - WEEK + TEN + 25 * HOUR, MONDAY + 3 * WEEK + TEN + 25 * HOUR)
    ]
    assert {r["recurrenceRuleId"] for r in series.rows().values()} == {series.rule}
    assert {r["original_start_date"] for r in series.rows().values()} == {0}
    assert series.sequences() == [1]
    assert not move(series.house, "ADA", series.mothers[2], series.when(2, 25), reach=SERIES).changed


def test_a_part_that_moves_is_a_series_of_its_own(series: Series) -> None:
    accept(series.house, "BO", series.of(2, associate=BO), reach=SERIES)
    done = move(series.house, "ADA", series.mothers[2], series.when(2, 24, minutes=60), reach=FORWARD)

    assert done.occurrences == 3
    assert series.starts() == [0, 0, 24, 24, 24]
    assert series.states() == [ASKED, ACCEPTED, MOVED, MOVED, MOVED]
    old, new = series.rules()
    assert (old["weekdays"], old["endDate"]) == (1, MONDAY + TEN)
    assert (new["pattern"], new["weekdays"], new["cyclicWeek"]) == (2, 2, 1)
    assert (new["startDate"], new["endDate"]) == tuple(MONDAY + n * WEEK + TEN + DAY for n in (1, 3))
    rows = series.rows()
    assert [rows[m]["recurrenceRuleId"] for m in series.mothers] == [old["RecurrenceRule_id"]] * 2 + [
        new["RecurrenceRule_id"]
    ] * 3
    assert {r["recurrenceRuleId"] for r in rows.values() if r["mother_id"] == series.mothers[3]} == {
        new["RecurrenceRule_id"]
    }
    assert [rows[m]["endDate"] - rows[m]["do_by"] for m in series.mothers] == [5400, 5400, 3600, 3600, 3600]
    events = contents(series.house, t.event)
    assert [e["sequence"] for e in events] == [1, 1]


def test_what_was_moved_by_itself_keeps_its_time_while_its_place_moves(series: Series) -> None:
    move(series.house, "ADA", series.mothers[3], series.when(3, 3))
    accept(series.house, "BO", series.of(3, associate=BO))
    done = move(series.house, "ADA", series.mothers[2], series.when(2, 1), reach=FORWARD)

    assert series.starts() == [0, 0, 1, 3, 1]
    assert series.row(series.of(3, associate=BO))["original_start_date"] == MONDAY + 2 * WEEK + TEN + HOUR
    assert series.states() == [ASKED, ASKED, MOVED, ACCEPTED, MOVED]
    assert done.occurrences == 3
    tentative(series.house, "BO", series.of(3, associate=BO))  # an answer counts in the new series too
    assert series.states()[3] == (6, 7)


def test_the_occurrence_that_was_moved_before_can_move_the_others(series: Series) -> None:
    move(series.house, "ADA", series.mothers[2], series.when(2, 3))
    move(series.house, "ADA", series.mothers[2], series.when(2, 5), reach=SERIES)
    assert series.starts() == [2, 2, 5, 2, 2]
    assert series.row(series.mothers[2])["original_start_date"] == MONDAY + WEEK + TEN + 2 * HOUR


def test_to_move_the_first_and_later_ones_is_to_move_the_series(series: Series) -> None:
    move(series.house, "ADA", series.mothers[0], series.when(0, 1), reach=FORWARD)
    assert series.starts() == [1] * 5
    assert [r["RecurrenceRule_id"] for r in series.rules()] == [series.rule]


@pytest.mark.parametrize(("verb", "status"), [(accept, 1), (decline, 9)])
def test_an_answer_from_outside_ends_with_the_time_it_was_for_but_for_what_is_over(
    series: Series, verb: Callable[..., Done], status: int
) -> None:
    for n in range(5):
        verb(series.house, "ADA", series.of(n, person=CARLA), "Away")
    move(series.house, "ADA", series.mothers[2], series.when(2, 2), reach=SERIES)

    ended = {a["appointment_id"]: a["ended_at"] for a in contents(series.house, t.answer)}
    assert [ended[series.of(n, person=CARLA)] is None for n in range(5)] == [True, False, False, False, False]
    assert [series.row(series.of(n, person=CARLA))["status"] for n in range(5)] == [status, 1, 1, 1, 1]


def test_who_had_been_asked_again_is_asked_for_the_newest_time(series: Series) -> None:
    row = series.of(3, associate=BO)
    for hours in (1, 2, 3):
        move(series.house, "ADA", series.mothers[3], series.when(3, hours), reach=SERIES)
    (event,) = contents(series.house, t.event)
    (member,) = [m for m in contents(series.house, t.member) if m["appointment_id"] == row]
    assert event["sequence"] == member["reset_sequence"] == 3


def test_a_part_of_a_series_knows_no_sequence_that_it_has_not_reached(series: Series) -> None:
    for hours in (1, 2, 3):
        move(series.house, "ADA", series.mothers[3], series.when(3, hours))
    move(series.house, "ADA", series.mothers[2], series.when(2, 1), reach=FORWARD)
    sequences = {e["event_id"]: e["sequence"] for e in contents(series.house, t.event)}
    members = contents(series.house, t.member)
    assert [m for m in members if m["reset_sequence"] > sequences[m["event_id"]]] == []


def test_a_completed_occurrence_stays_where_it_is(series: Series) -> None:
    with series.seeded.crm() as connection:
        where = crm.appointment.c.appointment_id == series.mothers[3]
        connection.execute(update(crm.appointment).where(where).values(status=3))
    move(series.house, "ADA", series.mothers[3], series.when(3, 1), reach=SERIES)
    assert series.starts() == [1, 1, 1, 0, 1]


def test_whole_days_move_by_days(series: Series) -> None:
    days = When(MONDAY + WEEK + DAY, MONDAY + WEEK + 3 * DAY, all_day=True)
    move(series.house, "ADA", series.mothers[2], days, reach=SERIES)
    rows = series.rows()
    for n, mother in enumerate(series.mothers, -1):
        first = MONDAY + n * WEEK + DAY
        assert (rows[mother]["do_by"], rows[mother]["endDate"]) == (first, first + 2 * DAY - 60)
        assert rows[mother]["alldayEvent"] == 1


def test_only_the_owner_moves_and_a_guest_is_refused(series: Series) -> None:
    with pytest.raises(RefusedAct):
        move(series.house, "BO", series.of(2, associate=BO), series.when(2, 1), reach=SERIES)
    assert series.starts() == [0] * 5


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "renamed", "texts"), [(ONLY, {2}, 2), (FORWARD, {2, 3, 4}, 2), (SERIES, set(range(5)), 1)]
)
def test_words_change_in_reach_alone(series: Series, reach: Reach, renamed: set[int], texts: int) -> None:
    done = change(series.house, "ADA", series.mothers[2], Changes(title="Cellar walk", place="Cellar"), reach=reach)

    assert series.texts() == ["Cellar walk" if n in renamed else "Orchard walk" for n in range(5)]
    assert [series.row(m)["location"] for m in series.mothers] == ["Cellar" if n in renamed else "" for n in range(5)]
    assert len(contents(series.house, crm.text)) == texts
    rows = series.rows()
    assert all(r["text_id"] == rows[r["mother_id"]]["text_id"] for r in rows.values())
    assert len(series.rules()) == 1
    assert done.occurrences == len(renamed)
    assert not change(series.house, "ADA", series.mothers[2], Changes(title="Cellar walk"), reach=reach).changed


def test_a_new_title_for_all_leaves_what_each_says_beside_it(series: Series) -> None:
    change(series.house, "ADA", series.mothers[1], Changes(description="Bring boots"))
    change(series.house, "ADA", series.mothers[2], Changes(title="Cellar walk", agenda="Barrels"), reach=SERIES)
    assert series.texts() == ["Cellar walk", "Cellar walk\nBring boots", *["Cellar walk"] * 3]
    assert len({series.row(m)["agenda_text_id"] for m in series.mothers}) == 1


def test_what_is_of_ones_own_row_reaches_ones_own_rows(series: Series) -> None:
    change(series.house, "BO", series.of(3, associate=BO), Changes(alarm=15, free=True), reach=FORWARD)
    alarms = {r["appointment_id"]: r["alarm"] for r in series.rows().values() if r["alarm"] or r["freeBusy"]}
    assert alarms == {series.of(n, associate=BO): 15 for n in (3, 4)}


def test_who_may_read_it_changes_in_reach(series: Series) -> None:
    change(series.house, "ADA", series.mothers[3], Changes(private="me"), reach=FORWARD)
    assert [series.row(m)["private"] for m in series.mothers] == [0, 0, 0, 1, 1]


# --- guests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reach", "there"), [(ONLY, {2}), (FORWARD, {2, 3, 4}), (SERIES, {1, 2, 3, 4})])
def test_guests_are_invited_to_what_is_not_over(series: Series, reach: Reach, there: set[int]) -> None:
    done = add(series.house, "ADA", series.mothers[2], ["DAG", "BO", "new@away.example"], reach=reach)

    rows = [r for r in series.rows().values() if r["associate_id"] == DAG]
    assert {r["mother_id"] for r in rows} == {series.mothers[n] for n in there}
    assert {(r["type"], r["status"], r["recurrenceRuleId"]) for r in rows} == {(*ASKED, series.rule)}
    addresses = [e for e in contents(series.house, crm.email) if e["email_address"] == "new@away.example"]
    assert len(addresses) == done.occurrences == len(there)
    assert not add(series.house, "ADA", series.mothers[2], ["DAG"], reach=reach).changed


@pytest.mark.parametrize(("reach", "left"), [(ONLY, {0, 1, 3, 4}), (FORWARD, {0, 1}), (SERIES, set[int]())])
def test_guests_are_uninvited_in_reach(series: Series, reach: Reach, left: set[int]) -> None:
    words = [f"row:{series.of(2, associate=BO)}", f"person:{CARLA}"]
    remove(series.house, "ADA", series.mothers[2], words, reach=reach)

    assert series.states() == [ASKED if n in left else GONE for n in range(5)]
    carla = {r["mother_id"] for r in series.rows().values() if r["invitedPersonId"] == CARLA}
    assert carla == {series.mothers[n] for n in left}
    assert series.sequences() == [1]
    with pytest.raises(BadRequest, match="not invited"):
        remove(series.house, "ADA", series.mothers[2], ["DAG"], reach=reach)


def test_who_was_uninvited_is_invited_anew_in_reach(series: Series) -> None:
    remove(series.house, "ADA", series.mothers[3], ["BO"], reach=FORWARD)
    move(series.house, "ADA", series.mothers[2], series.when(2, 1), reach=FORWARD)
    add(series.house, "ADA", series.mothers[4], ["BO"], reach=SERIES)
    assert series.states() == [ASKED, ASKED, MOVED, ASKED, ASKED]
    assert {r["recurrenceRuleId"] for r in series.rows().values() if r["mother_id"] in series.mothers[2:]} == {
        series.row(series.mothers[2])["recurrenceRuleId"]
    }


def test_who_was_uninvited_stays_with_what_they_were_told_of(series: Series) -> None:
    remove(series.house, "ADA", series.mothers[3], ["BO"])
    move(series.house, "ADA", series.mothers[2], series.when(2, 1), reach=FORWARD)
    told = series.row(series.of(3, associate=BO))
    assert (told["status"], told["recurrenceRuleId"]) == (10, series.rule)
    assert told["do_by"] == MONDAY + 2 * WEEK + TEN


def test_of_two_rows_of_one_person_the_one_that_stands_is_meant(series: Series) -> None:
    remove(series.house, "ADA", series.mothers[3], ["BO"])
    former = series.row(series.of(3, associate=BO))
    number = max(series.rows()) + 1
    with series.seeded.crm() as connection:
        again = former | {"appointment_id": number, "status": 5}
        connection.execute(insert(crm.appointment).values(**again))
    accept(series.house, "BO", series.of(2, associate=BO), reach=FORWARD)
    assert (series.row(former["appointment_id"])["status"], series.row(number)["status"]) == (10, 1)


def test_plain_occurrences_become_meetings(series: Series) -> None:
    plain = Series(series.seeded, invited=(), external=(), rooms=())
    add(plain.house, "ADA", plain.mothers[1], ["DAG"], reach=FORWARD)
    rows = plain.rows()
    assert [rows[m]["mother_id"] for m in plain.mothers] == [0, *plain.mothers[1:]]
    assert len(plain.states(DAG)) == 4


# --- the end ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "left", "end"), [(FORWARD, [0, 1], 1), (STOP, [0, 1, 2], 2), (ONLY, [0, 1, 3, 4], 4)]
)
def test_what_is_left_of_a_series_ends_with_its_last_occurrence(
    series: Series, reach: Reach, left: list[int], end: int
) -> None:
    cancel(series.house, "ADA", series.mothers[2], reach=reach)

    assert [n for n, m in enumerate(series.mothers) if m in series.rows()] == left
    assert series.states() == [ASKED if n in left else GONE for n in range(5)]
    assert [r["endDate"] for r in series.rules()] == [MONDAY + (end - 1) * WEEK + TEN]
    assert series.sequences() == [1]


def test_to_stop_at_the_last_occurrence_is_no_change(series: Series) -> None:
    before = series.rows(), series.rules()
    assert not cancel(series.house, "ADA", series.mothers[4], reach=STOP).changed
    assert (series.rows(), series.rules()) == before


def test_a_cancelled_series_takes_its_rule_along_when_nobody_is_told_of_it_any_more(series: Series) -> None:
    cancel(series.house, "ADA", series.mothers[2], reach=SERIES)
    assert series.states() == [GONE] * 5
    assert len(series.rows()) == 5
    assert len(series.rules()) == 1

    assert acknowledge(series.house, "BO", min(series.rows())).occurrences == 1
    assert len(series.rows()) == 4
    done = acknowledge(series.house, "BO", max(series.rows()), reach=SERIES)
    assert (done.gone, done.occurrences) == (True, 4)
    assert series.rows() == {}
    assert series.rules() == []


@pytest.mark.parametrize("reach", [SERIES, FORWARD])
def test_a_cancelled_series_that_nobody_is_told_of_takes_its_rule_along(series: Series, reach: Reach) -> None:
    plain = Series(series.seeded, invited=(), external=(), rooms=())
    cancel(series.house, "ADA", plain.mothers[0], reach=reach)
    assert [r["RecurrenceRule_id"] for r in series.rules()] == [series.rule]
    for mother in series.mothers:
        remove(series.house, "ADA", mother, ["BO"])
        acknowledge(series.house, "BO", max(n for n, r in series.rows().items() if r["status"] == 10))
        cancel(series.house, "ADA", mother)
    assert series.rules() == []


@pytest.mark.parametrize("declined", [True, False])
def test_a_series_stopped_at_its_first_occurrence_is_single_and_keeps_its_uid(series: Series, declined: bool) -> None:
    (before,) = contents(series.house, t.event)
    if declined:  # then nobody is left to be told
        for n in range(5):
            decline(series.house, "BO", series.of(n, associate=BO))
    done = cancel(series.house, "ADA", series.mothers[0], reach=STOP)

    assert done.appointment == series.mothers[0]
    first = [r for r in series.rows().values() if r["mother_id"] == series.mothers[0]]
    assert len(first) == 4
    assert {r["recurrenceRuleId"] for r in first} == {0}
    assert len(series.rules()) == (0 if declined else 1)
    events = {e["mother_id"]: e for e in contents(series.house, t.event) if e["mother_id"] or e["rule_id"]}
    assert events[series.mothers[0]]["uid"] == before["uid"]


def test_a_meeting_that_is_no_series_cannot_be_stopped(series: Series) -> None:
    single = series.seeded.meeting("Single")
    with pytest.raises(RefusedAct, match="no series"):
        cancel(series.house, "ADA", single, reach=STOP)
    with pytest.raises(NotFound):
        cancel(series.house, "DAG", single, reach=STOP)
    with pytest.raises(RefusedAct, match="does not reach"):
        accept(series.house, "BO", series.of(2, associate=BO), reach=STOP)
    cancel(series.house, "ADA", single, reach=SERIES)
    assert single not in series.rows()
    assert len([m for m in series.mothers if m in series.rows()]) == 5


def test_only_the_owner_stops(series: Series) -> None:
    with pytest.raises(RefusedAct):
        cancel(series.house, "BO", series.of(2, associate=BO), reach=STOP)
    assert len([m for m in series.mothers if m in series.rows()]) == 5


# --- one's own copy --------------------------------------------------------------------------------------------------


def _copies(series: Series, who: str = "BO") -> int:
    return len(shown(series.house)[who])


def test_a_series_is_dismissed_whole_and_an_occurrence_is_declined(series: Series) -> None:
    dismiss(series.house, "BO", series.of(2, associate=BO))
    assert series.states() == [ASKED, ASKED, DECLINED, ASKED, ASKED]
    assert _copies(series) == 1
    with pytest.raises(RefusedAct, match="other occurrences"):
        dismiss(series.house, "BO", series.of(3, associate=BO), silently=True)

    dismiss(series.house, "BO", series.of(3, associate=BO), reach=SERIES)
    assert series.states() == [ASKED, DECLINED, DECLINED, DECLINED, DECLINED]
    assert _copies(series) == 0

    move(series.house, "ADA", series.mothers[3], series.when(3, 1))
    assert _copies(series) == 1


def test_a_series_is_dismissed_silently(series: Series) -> None:
    assert dismiss(series.house, "BO", series.of(2, associate=BO), silently=True, reach=SERIES).changed
    assert series.states() == [ASKED] * 5
    assert _copies(series) == 0


# --- one change to the outside ---------------------------------------------------------------------------------------


ACTS: Final[dict[str, Callable[[Series], Done]]] = {
    "answer": lambda s: accept(s.house, "BO", s.of(2, associate=BO), reach=SERIES),
    "move": lambda s: move(s.house, "ADA", s.mothers[2], s.when(2, 1), reach=SERIES),
    "change": lambda s: change(s.house, "ADA", s.mothers[2], Changes(title="New", place="Hall"), reach=SERIES),
    "add": lambda s: add(s.house, "ADA", s.mothers[2], ["DAG"], reach=FORWARD),
    "part": lambda s: move(s.house, "ADA", s.mothers[2], s.when(2, 3), reach=FORWARD),
    "stop": lambda s: cancel(s.house, "ADA", s.mothers[3], reach=STOP),
    "remove": lambda s: remove(s.house, "ADA", s.mothers[2], ["DAG"], reach=FORWARD),
    "cancel": lambda s: cancel(s.house, "ADA", s.mothers[2], reach=SERIES),
}


def test_each_act_is_one_change_to_the_outside(series: Series) -> None:
    for verb in ACTS.values():
        before = contents(series.house, t.tick)[-1]["revision"], max(series.sequences())
        verb(series)
        assert contents(series.house, t.tick)[-1]["revision"] == before[0] + 1
        assert max(series.sequences()) <= before[1] + 1
        assert publish.catch_up(series.house).looked == 0


# --- a rule in its maker's own words ---------------------------------------------------------------------------------


def _written(series: Series) -> dict[int, Kept]:
    with series.seeded.crm() as connection:
        rules = [r["RecurrenceRule_id"] for r in contents(series.house, crm.recurrencerule)] + [series.rule]
        return {n: kept.from_json(text) for n, text in written_rules.of_rules(connection, rules).items()}


@pytest.fixture
def endless(series: Series) -> Series:
    """A series of which somebody wrote that it never ends; rows were made of it for five weeks."""
    words = Kept("FREQ=WEEKLY", MONDAY - WEEK + TEN, OSLO, horizon=MONDAY + 3 * WEEK + TEN)
    with series.seeded.crm() as connection:
        written_rules.keep(connection, series.rule, kept.to_json(words))
    change(series.house, "ADA", series.mothers[0], Changes(place="Hall"), reach=SERIES)
    assert "RRULE:FREQ=WEEKLY\r\n" in shown(series.house)["BO"].popitem()[1]
    return series


def test_the_words_of_a_series_move_and_part_with_it(endless: Series) -> None:
    move(endless.house, "ADA", endless.mothers[2], endless.when(2, 1), reach=SERIES)
    start, horizon = MONDAY - WEEK + TEN + HOUR, MONDAY + 3 * WEEK + TEN + HOUR
    assert _written(endless) == {endless.rule: Kept("FREQ=WEEKLY", start, OSLO, horizon=horizon)}

    move(endless.house, "ADA", endless.mothers[2], endless.when(2, 2), reach=FORWARD)
    old, new = sorted(_written(endless).items())
    assert old[1] == Kept("FREQ=WEEKLY;UNTIL=20261019T090000Z", start, OSLO)
    assert new[1] == Kept("FREQ=WEEKLY", start + 2 * WEEK + HOUR, OSLO, horizon=horizon + HOUR)
    # Zones have rules of their own.
    assert sorted(re.findall(r"RRULE:(FREQ=WEEKLY.*?)\r", "".join(shown(endless.house)["BO"].values()))) == [
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;UNTIL=20261019T090000Z",
    ]


def test_the_words_of_a_series_end_with_it(endless: Series) -> None:
    cancel(endless.house, "ADA", endless.mothers[2], reach=STOP)
    assert _written(endless)[endless.rule].rrule == "FREQ=WEEKLY;UNTIL=20261026T090000Z"
    for n in range(5):  # then nobody is left to be told
        decline(endless.house, "BO", endless.of(min(n, 2), associate=BO))
    cancel(endless.house, "ADA", endless.mothers[2], reach=SERIES)
    acknowledge(endless.house, "BO", max(endless.rows()), reach=SERIES)
    assert _written(endless) == {}


def test_a_series_with_a_room_is_told_by_one_rule(series: Series) -> None:
    move(series.house, "ADA", series.mothers[3], series.when(3, 1))
    (text,) = shown(series.house)["BO"].values()
    assert text.count("BEGIN:VEVENT") == 2
