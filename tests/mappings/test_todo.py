"""A to-do of the CRM becomes a VTODO: its deadline, and how far each holder has come with it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from mappings import identity, notices, projection, status, times
from mappings.errors import Unmappable
from mappings.ics import writing
from mappings.model import Header, Instance, Kind, Personal, Progress
from mappings.projection import Row, mine, orphan, participant, project, published
from tests.mappings.test_projection import (
    BO,
    DAY,
    HOUR,
    LIVE,
    MIDNIGHT,
    PLAIN,
    SEEN,
    START,
    WEEK,
    daughter,
    guests,
    mother,
)  # fmt: skip
from tests.mappings.test_writing import HEADER, INSTANCES, expected_names, lines, names, typed, wall_and_form, whole

NO_ANSWERS: Mapping[int, str] = {}
ALONE = replace(PLAIN, type=2, end=0)
DONE_AT = int(datetime(2026, 11, 9, 16, 30, tzinfo=UTC).timestamp())


def asked(row: int, number: int, associate: int = BO, **changes: Any) -> Row:
    return replace(daughter(row, number, associate, **changes), type=2 if number in {1, 2, 3} else 7)


def one(*rows: Row) -> Instance:
    (it,) = project(rows, NO_ANSWERS).instances
    return it


# --- which rows, and when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lead", "todo"), [(1, False), (2, True), (6, False), (7, True)])
@pytest.mark.parametrize("guest", [1, 2, 6, 7])
def test_the_row_that_leads_says_what_kind_of_event_it_is_whatever_the_others_are(
    lead: int, todo: bool, guest: int
) -> None:
    found = project([mother(type=lead), replace(daughter(2, 5), type=guest)], NO_ANSWERS)
    assert (found.todo, found.instances[0].todo) == (todo, todo)
    assert len(found.instances[0].participants) == 2
    assert (found.holdings[BO].personal[0].progress is not None) is todo
    assert identity.COMPONENTS[identity.calendar_of(todo=found.todo)] == ("VTODO" if todo else "VEVENT")


def test_a_single_to_do_is_its_deadline_and_nothing_else() -> None:
    it = one(ALONE)
    assert (it.start, it.end, it.status) == (START, START, "")
    assert one(replace(ALONE, end=START + HOUR)) == one(replace(ALONE, end=START - WEEK)) == it
    whole_day = one(replace(ALONE, all_day=True, end=START + 3 * DAY))
    assert (whole_day.start, whole_day.end, whole_day.all_day) == (MIDNIGHT, MIDNIGHT, True)
    assert (ALONE.last, replace(ALONE, type=1).last) == (START, 0)


def test_a_deadline_that_no_calendar_can_show_is_refused() -> None:
    for row in (replace(ALONE, start=10**15), replace(ALONE, rule=7, end=10**15)):
        with pytest.raises(Unmappable):
            project([row], NO_ANSWERS)
    assert one(replace(ALONE, end=10**15)).start == START  # nobody looks at the end of what is only due


@pytest.mark.parametrize(
    ("all_day", "end", "length"), [(False, HOUR, HOUR), (False, -WEEK, 60), (False, 0, 60), (True, HOUR, DAY)]
)
def test_a_recurring_to_do_starts_at_its_deadline_because_a_series_has_to_start(
    all_day: bool, end: int, length: int
) -> None:
    begin = MIDNIGHT if all_day else START
    weeks = [
        mother(100 + n, type=2, rule=7, start=begin + n * WEEK, end=begin + n * WEEK + end, original=begin + n * WEEK,
               all_day=all_day)
        for n in range(3)
    ]  # fmt: skip
    (master,) = project(weeks, NO_ANSWERS).instances
    assert (master.start, master.end) == (begin, begin + length)
    assert master.rdates == (begin + WEEK, begin + 2 * WEEK)
    body = lines(writing.component(HEADER, master))
    assert [name for line in body if (name := line.partition(";")[0]) in {"DTSTART", "DUE", "RDATE", "DTEND"}] == [
        "DTSTART", "DUE", "RDATE",
    ]  # fmt: skip


def test_one_occurrence_that_became_something_else_does_not_split_the_series() -> None:
    weeks = [mother(100 + n, type=2, rule=7, start=START + n * WEEK, original=START + n * WEEK) for n in range(3)]
    found = project([weeks[0], replace(weeks[1], type=1), weeks[2]], NO_ANSWERS)
    assert found.todo
    assert {i.todo for i in found.instances} == {True}


def test_what_is_left_of_a_cancelled_to_do_is_a_to_do() -> None:
    left = asked(2, 10)
    found = project([left], NO_ANSWERS)
    assert (found.todo, found.instances, found.holdings[BO].cancelled) == (True, (), True)
    assert orphan(left).todo
    assert (orphan(left).start, orphan(left).end) == (START, START)


def test_another_kind_of_event_raises_sequence_and_is_news_to_who_is_mailed() -> None:
    before, now = one(mother(end=START)), one(mother(type=2, end=START))
    assert (before.start, before.end) == (now.start, now.end)
    assert notices.significant((before,), (now,))
    assert notices.significant((now,), (before,))
    assert not notices.significant((now,), (now,))


# --- whose STATUS ----------------------------------------------------------------------------------------------------


def test_every_status_that_is_published_has_a_status_of_a_to_do() -> None:
    assert set(status.TODO) == {n for n, row in status.DAUGHTER.items() if row.published}
    assert set(status.TODO.values()) == {"NEEDS-ACTION", "IN-PROCESS", "COMPLETED", "CANCELLED"}


@pytest.mark.parametrize(
    ("number", "own", "feed"),
    [
        (1, "NEEDS-ACTION", "NEEDS-ACTION"),
        (2, "IN-PROCESS", "IN-PROCESS"),
        (3, "COMPLETED", "COMPLETED"),
        (5, "NEEDS-ACTION", "NEEDS-ACTION"),
        (6, "NEEDS-ACTION", "NEEDS-ACTION"),
        (7, "NEEDS-ACTION", "NEEDS-ACTION"),
        (8, "NEEDS-ACTION", "NEEDS-ACTION"),
        (9, "NEEDS-ACTION", ""),
        (11, "NEEDS-ACTION", "NEEDS-ACTION"),
        (12, "NEEDS-ACTION", "NEEDS-ACTION"),
        (13, "NEEDS-ACTION", "NEEDS-ACTION"),
    ],
)
def test_the_status_of_a_to_do_is_its_holder_s_own(number: int, own: str, feed: str) -> None:
    found = project([mother(type=2, status=2), asked(2, number), asked(3, 3, 3, done=DONE_AT)], NO_ANSWERS)
    assert found.holdings[BO].personal == {0: Personal(True, 0, None, number, feed, Progress(own))}
    assert found.holdings[1].personal[0].progress == Progress("IN-PROCESS")
    assert found.holdings[3].personal[0].progress == Progress("COMPLETED", DONE_AT)


@pytest.mark.parametrize("number", [11, 12])
def test_an_assigned_to_do_needs_action_and_names_nobody(number: int) -> None:
    found = project([replace(ALONE, status=number)], NO_ANSWERS)
    assert (found.instances[0].organizer, found.instances[0].participants) == (None, ())
    assert found.holdings[1].personal[0].feed_status == "NEEDS-ACTION"


def test_when_a_to_do_was_done_counts_only_while_it_is() -> None:
    assert mine(replace(ALONE, status=1, done=DONE_AT), todo=True).progress == Progress("NEEDS-ACTION")
    assert mine(replace(ALONE, status=3), todo=True).progress == Progress("COMPLETED", 0)


@given(st.sampled_from(sorted(status.TODO)), st.booleans(), st.booleans())
def test_a_to_do_takes_nobody_s_time(number: int, free: bool, leads: bool) -> None:
    row = replace(ALONE, status=number, free=free, mother=0 if leads else 9, kind=Kind.OWNER if leads else Kind.BARE)
    assert published(row)
    assert mine(row, todo=True).free
    assert (mine(row, todo=True).feed_status == "") is (number == 9 and not leads)


@settings(max_examples=60, deadline=None)
@given(guests(), st.data())
def test_a_guest_s_own_change_is_the_same_put_into_the_to_do_as_projecting_all_anew(
    some: list[Row], data: st.DataObject
) -> None:
    rows = [
        mother(type=2, status=data.draw(SEEN)),
        *(replace(r, status=data.draw(SEEN)) for r in some),
        asked(40, data.draw(SEEN), 6),
    ]
    row = data.draw(st.sampled_from(rows[1:]))
    now = replace(row, status=data.draw(SEEN), done=data.draw(st.just(0) | st.just(DONE_AT)), alarm=5)
    answers = {now.row: data.draw(LIVE | st.just(""))}
    (it,) = project(rows, NO_ANSWERS).instances
    people = tuple(participant(now, answers) if p.row == now.row else p for p in it.participants)
    full = project([now if r.row == now.row else r for r in rows], answers)
    assert full.instances == (replace(it, participants=people),)
    if now.associate:
        assert full.holdings[now.associate].personal == {0: mine(now, todo=it.todo)}


# --- as text ---------------------------------------------------------------------------------------------------------

TODOS = st.builds(
    lambda it, once: replace(it, todo=True, status="", end=it.start if once else max(it.end, it.start + DAY)),
    INSTANCES.map(lambda it: replace(it, exdates=())),
    st.booleans(),
).map(lambda it: replace(it, rdates=(), key=0) if it.end == it.start else it)
PROGRESS = st.builds(
    Progress,
    st.sampled_from(sorted(set(status.TODO.values()))),
    st.just(0) | st.integers(0, 4_102_444_800),
    st.booleans(),
)


def read(body: bytes, mine: bytes = b"", told: str = "") -> Any:
    calendar: Any = Calendar.from_ical(whole(writing.closed(body, told, mine)))
    assert calendar.walk("VEVENT") == []
    (todo,) = calendar.walk("VTODO")
    assert not todo.errors
    return todo


@settings(max_examples=60, deadline=None)
@given(TODOS)
def test_a_to_do_holds_exactly_its_properties_and_none_of_an_event(it: Instance) -> None:
    plain = expected_names(replace(it, end=it.start))
    due = {"DTSTART": ["DUE"] if it.end == it.start else ["DTSTART", "DUE"]}
    assert names(writing.component(HEADER, it)) == [name for n in plain for name in due.get(n, [n])]
    cloaked = {"BEGIN", "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "RECURRENCE-ID", "DTSTART", "DUE", "RDATE",
               "SUMMARY", "CLASS"}  # fmt: skip
    assert set(names(writing.busy(HEADER, it))) <= cloaked
    assert b"SUMMARY:Busy\r\n" in writing.busy(HEADER, it)


@settings(max_examples=60, deadline=None)
@given(TODOS)
def test_icalendar_reads_a_to_do_s_words_and_deadline_as_they_were_meant(it: Instance) -> None:
    todo = read(writing.component(HEADER, it))
    assert todo["UID"] == HEADER.uid
    assert todo["SEQUENCE"] == HEADER.sequence
    assert todo["SUMMARY"] == writing.clean(it.summary)
    assert todo.get("DESCRIPTION", "") == writing.clean(it.description)
    assert wall_and_form(todo["DUE"].dt, dict(todo["DUE"].params)) == (it.end, typed(it))
    assert ("DTSTART" in todo) is (it.end > it.start)
    if it.end > it.start:
        assert wall_and_form(todo["DTSTART"].dt, dict(todo["DTSTART"].params)) == (it.start, typed(it))
    assert "STATUS" not in todo


@settings(max_examples=80)
@given(PROGRESS, st.integers(0, 9), st.none() | st.integers(-1_000, 100_000), st.sampled_from(sorted(status.TODO)))
def test_how_far_a_holder_has_come_is_read_back(
    progress: Progress, priority: int, alarm: int | None, number: int
) -> None:
    piece = writing.personal(Personal(True, priority, alarm, number, progress.status, progress))
    todo = read(writing.component(HEADER, one(ALONE)), piece)
    done = progress.status == "COMPLETED"
    assert todo["STATUS"] == progress.status
    assert todo.get("PERCENT-COMPLETE") == (100 if done else None)
    assert ("COMPLETED" in todo) is (done and bool(progress.completed))
    if "COMPLETED" in todo:
        assert todo["COMPLETED"].dt == datetime.fromtimestamp(progress.completed, UTC)
    assert "TRANSP" not in todo
    assert todo.get("PRIORITY", 0) == priority
    assert todo["X-PARTSTAT-STATUS"] == str(number)
    alarms = todo.walk("VALARM")
    assert [a["TRIGGER"].dt for a in alarms] == ([] if alarm is None else [timedelta(minutes=-alarm)])
    assert [a["TRIGGER"].params.get("RELATED") for a in alarms] == (
        [] if alarm is None else ["END"] if progress.due_only else [None]
    )


@pytest.mark.parametrize(("rule", "related"), [(0, ["END"]), (7, [None])])
def test_an_alarm_counts_from_the_deadline_however_that_is_written(rule: int, related: list[str | None]) -> None:
    row = replace(ALONE, rule=rule, alarm=15)
    todo = read(
        writing.component(HEADER, project([row], NO_ANSWERS).instances[0]), writing.personal(mine(row, todo=True))
    )
    assert [a["TRIGGER"].params.get("RELATED") for a in todo.walk("VALARM")] == related
    assert (todo["DTSTART"] if rule else todo["DUE"]).dt.replace(tzinfo=None) == times.naive(START)


@pytest.mark.parametrize("todo", [False, True])
def test_a_component_is_closed_as_what_it_was_opened(todo: bool) -> None:
    it = replace(one(ALONE), todo=todo)
    cancelled = projection.cancelled(todo=todo)
    text = writing.closed(writing.component(HEADER, it), "" if todo else "CANCELLED", writing.personal(cancelled))
    name = b"VTODO" if todo else b"VEVENT"
    assert text.startswith(b"BEGIN:%s\r\n" % name)
    assert text.endswith(b"END:%s\r\n" % name)
    assert text.count(b"STATUS:CANCELLED\r\n") == 1
    assert (b"TRANSP:" in text) is not todo


def test_a_component_of_a_header_with_any_uid_is_closed_by_its_first_line() -> None:
    body = writing.component(Header("END:VEVENT\nBEGIN:VEVENT", 0, 0), one(ALONE))
    assert writing.closed(body, "").endswith(b"END:VTODO\r\n")
