"""The CRM's rows of one event become what every calendar shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import projection, times
from mappings.errors import NotWhole, Unmappable
from mappings.model import Instance, Kind, Participant, Person, Personal
from mappings.projection import Row, mine, orphan, participant, project, published

BERLIN = "Europe/Berlin"
HOUR, DAY, WEEK = 3_600, times.DAY, 7 * times.DAY
START = times.wall_of(datetime(2026, 11, 10, 10))
MIDNIGHT = START - START % DAY
ANNA, BO, CLEO, ROOM_9 = 1, 2, 3, 9  # associates
NO_ANSWERS: Mapping[int, str] = {}

PLAIN = Row(
    row=1, mother=0, rule=0, associate=ANNA, kind=Kind.OWNER, name="Anna", address="mailto:anna@crm.test", type=1,
    status=1, start=START, end=START + HOUR, original=0, zone=BERLIN, all_day=False, free=False, priority=0, private=0,
    alarm=None, asked=False, mailed=False, summary="Review", description="", location="", video="", category="",
    created=0,
)  # fmt: skip


def mother(row: int = 1, **changes: Any) -> Row:
    return replace(PLAIN, row=row, mother=row, **changes)


def daughter(row: int, status: int, associate: int = BO, **changes: Any) -> Row:
    one = replace(
        PLAIN, row=row, mother=1, associate=associate, kind=Kind.ASSOCIATE, name=f"Guest {associate}",
        address=f"mailto:guest{associate}@crm.test", type=1 if status in {1, 2, 3} else 6, status=status,
    )  # fmt: skip
    return replace(one, **changes)


def external(row: int, status: int = 1, *, asked: bool = True, kind: Kind = Kind.EXTERNAL, of: int = 1) -> Row:
    one = daughter(row, status, 0, mother=of, kind=kind, name="Ed", address="mailto:ed@north.test")
    return replace(one, type=1, asked=asked, mailed=asked)


def room(row: int, status: int = 1, of: int = 1) -> Row:
    return daughter(row, status, ROOM_9, mother=of, kind=Kind.ROOM, name="Room 9", address="urn:uuid:room")


def series(weeks: int = 3, *guests: Row, rule: int = 7) -> list[Row]:
    """A weekly series: mothers 101, 201 and so on, and of each guest a row beside each mother."""
    rows: list[Row] = []
    when: dict[str, Any]
    for week in range(weeks):
        lead, base = 100 * (week + 1) + 1, 100 * (week + 1)
        when = {"start": START + week * WEEK, "end": START + week * WEEK + HOUR, "original": START + week * WEEK}
        rows.append(mother(lead, rule=rule, **when))
        rows += [replace(g, row=base + g.row, mother=lead, rule=rule, **when) for g in guests]
    return rows


def changed(rows: Sequence[Row], row: int, **changes: Any) -> list[Row]:
    return [replace(r, **changes) if r.row == row else r for r in rows]


def one(rows: Sequence[Row], answers: Mapping[int, str] = NO_ANSWERS) -> Instance:
    (it,) = project(rows, answers).instances
    return it


def partstats(it: Instance) -> dict[int, str]:
    return {p.row: p.partstat for p in it.participants}


# --- one meeting -----------------------------------------------------------------------------------------------------


def test_a_meeting_shows_its_mothers_words_and_times_and_everybodys_answer() -> None:
    rows = [
        mother(description="Bring figures", location="Room 9", video="https://v.test/1", category="Meeting", private=1,
               created=99),
        daughter(2, 5), daughter(3, 9, CLEO), external(4), external(5, asked=False, kind=Kind.BARE), room(6),
    ]  # fmt: skip
    it = one(rows)
    assert (it.key, it.start, it.end, it.zone, it.all_day) == (0, START, START + HOUR, BERLIN, False)
    assert (it.summary, it.description, it.location) == ("Review", "Bring figures", "Room 9")
    assert (it.video, it.categories, it.classification, it.created) == ("https://v.test/1", ("Meeting",), "PRIVATE", 99)
    assert (it.status, it.organizer) == ("CONFIRMED", Person("Anna", "mailto:anna@crm.test"))
    assert [(p.row, p.kind, p.partstat, p.rsvp, p.mailed, p.associate) for p in it.participants] == [
        (1, Kind.OWNER, "ACCEPTED", False, False, ANNA),
        (2, Kind.ASSOCIATE, "NEEDS-ACTION", True, False, BO),
        (3, Kind.ASSOCIATE, "DECLINED", False, False, CLEO),
        (4, Kind.EXTERNAL, "NEEDS-ACTION", True, True, 0),
        (5, Kind.BARE, "ACCEPTED", False, False, 0),
        (6, Kind.ROOM, "ACCEPTED", False, False, ROOM_9),
    ]


def test_daughters_with_times_and_words_of_their_own_do_not_change_the_meeting() -> None:
    stray = daughter(
        2, 1, start=START + 5 * HOUR, end=START + 6 * HOUR, summary="Else", location="Elsewhere", private=2
    )
    it = one([mother(), stray])
    assert (it.start, it.summary, it.location, it.classification) == (START, "Review", "", "PUBLIC")


@pytest.mark.parametrize(
    ("status", "partstat", "free", "feed"),
    [
        (1, "ACCEPTED", False, "CONFIRMED"),
        (2, "ACCEPTED", False, "CONFIRMED"),
        (3, "ACCEPTED", False, "CONFIRMED"),
        (5, "NEEDS-ACTION", False, "TENTATIVE"),
        (6, "NEEDS-ACTION", False, "TENTATIVE"),
        (7, "NEEDS-ACTION", False, "TENTATIVE"),
        (8, "NEEDS-ACTION", False, "TENTATIVE"),
        (9, "DECLINED", True, ""),
    ],
)
def test_a_daughters_status_decides_her_answer_her_busy_time_and_her_feed(
    status: int, partstat: str, free: bool, feed: str
) -> None:
    found = project([mother(), daughter(2, status)], NO_ANSWERS)
    assert partstats(found.instances[0])[2] == partstat
    assert found.holdings[BO].personal == {0: Personal(free, 0, None, status, feed)}


@pytest.mark.parametrize(
    ("status", "spoken"), [(7, "TENTATIVE"), (8, "TENTATIVE"), (5, "NEEDS-ACTION"), (1, "ACCEPTED")]
)
def test_a_live_answer_is_shown_only_where_the_row_is_undecided(status: int, spoken: str) -> None:
    assert partstats(one([mother(), daughter(2, status)], {2: "TENTATIVE"}))[2] == spoken


def test_each_associate_holds_a_copy_and_nobody_else_does() -> None:
    found = project([mother(), daughter(2, 1), external(3), room(4)], NO_ANSWERS)
    assert set(found.holdings) == {ANNA, BO, ROOM_9}
    assert {h.shows for h in found.holdings.values()} == {(0,)}
    assert found.keys == {1: 0, 2: 0, 3: 0, 4: 0}
    assert found.spans == {0: (times.instant(START, BERLIN), times.instant(START + HOUR, BERLIN))}


@pytest.mark.parametrize("kind", [Kind.ROOM, Kind.RESOURCE])
def test_only_a_resources_copy_is_cloaked(kind: Kind) -> None:
    found = project([mother(), daughter(2, 1), replace(room(4), kind=kind)], NO_ANSWERS)
    assert {a for a, h in found.holdings.items() if h.cloaked} == {ROOM_9}
    assert found.holdings[ROOM_9].personal[0].feed_status == "CONFIRMED"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (daughter(2, 7, free=True, priority=3, alarm=15), Personal(True, 1, 15, 7, "TENTATIVE")),
        (daughter(2, 1, priority=1, alarm=0), Personal(False, 9, 0, 1, "CONFIRMED")),
        (daughter(2, 9, free=False), Personal(True, 0, None, 9, "")),
        (mother(free=True, priority=2), Personal(True, 5, None, 1, "CONFIRMED")),
        (replace(PLAIN, status=12), Personal(False, 0, None, 12, "TENTATIVE")),
        (room(4), Personal(False, 0, None, 1, "CONFIRMED")),
    ],
)
def test_what_is_personal_comes_from_the_holders_own_row(row: Row, expected: Personal) -> None:
    assert mine(row) == expected


def test_an_appointment_with_nobody_invited_has_neither_organizer_nor_attendee() -> None:
    it = one([PLAIN])
    assert (it.organizer, it.participants, it.status) == (None, (), "CONFIRMED")


@pytest.mark.parametrize("status", [11, 12])
def test_an_assignment_is_tentative_and_names_nobody(status: int) -> None:
    found = project([replace(PLAIN, status=status)], NO_ANSWERS)
    (it,) = found.instances
    assert (it.status, it.organizer, it.participants) == ("TENTATIVE", None, ())
    assert found.holdings[ANNA].personal[0].feed_status == "TENTATIVE"


def test_a_declined_assignment_is_a_plain_event_again() -> None:
    found = project([replace(PLAIN, status=13)], NO_ANSWERS)
    assert found.instances[0].status == "CONFIRMED"
    assert found.holdings[ANNA].personal[0].feed_status == "CONFIRMED"


def test_an_all_day_row_is_whole_days_without_a_zone() -> None:
    found = project([replace(PLAIN, all_day=True, start=MIDNIGHT, end=MIDNIGHT + DAY - 60)], NO_ANSWERS)
    assert (found.instances[0].start, found.instances[0].end) == (MIDNIGHT, MIDNIGHT + DAY)
    assert found.spans == {0: (MIDNIGHT, MIDNIGHT + DAY)}


def test_an_end_before_the_start_is_the_start() -> None:
    assert one([replace(PLAIN, end=START - HOUR)]).end == START


# --- what is not there -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 4, 14, 99, -1])
def test_a_hidden_row_is_in_no_calendar(status: int) -> None:
    assert project([replace(PLAIN, status=status)], NO_ANSWERS) == projection.Projection((), {}, {}, {})
    found = project([mother(), daughter(2, status)], NO_ANSWERS)
    assert partstats(found.instances[0]) == {1: "ACCEPTED"}
    assert set(found.holdings) == {ANNA}


@pytest.mark.parametrize("type_", [0, 3, 4, 5, 8, 9, 77])
def test_other_types_than_appointments_to_dos_and_bookings_are_in_no_calendar(type_: int) -> None:
    assert project([replace(PLAIN, type=type_)], NO_ANSWERS).instances == ()
    assert not published(replace(PLAIN, type=type_))


@pytest.mark.parametrize("hide", [{"status": 4}, {"status": 0}, {"type": 3}])
def test_a_hidden_mother_hides_the_meeting_from_all(hide: dict[str, int]) -> None:
    found = project([mother(**hide), daughter(2, 1), external(3)], NO_ANSWERS)
    assert (found.instances, found.holdings) == ((), {})


def test_nothing_projects_to_nothing() -> None:
    assert project([], NO_ANSWERS) == projection.Projection((), {}, {}, {})


def test_a_daughter_without_her_mother_is_not_whole() -> None:
    with pytest.raises(NotWhole, match="appointment 2 waits for its mother 1"):
        project([daughter(2, 5), external(3)], NO_ANSWERS)


def test_a_meeting_without_its_text_is_not_whole() -> None:
    with pytest.raises(NotWhole, match="appointment 1 waits for its text"):
        project([mother(summary=None), daughter(2, 5)], NO_ANSWERS)


def test_only_the_mothers_text_counts_and_an_empty_title_is_a_title() -> None:
    assert one([mother(summary=""), daughter(2, 5, summary=None)]).summary == ""


@pytest.mark.parametrize("changes", [{"start": -(10**12)}, {"end": 10**12}, {"zone": "Nowhere/Land"}])
def test_what_no_calendar_can_show_says_so(changes: dict[str, Any]) -> None:
    with pytest.raises(Unmappable):
        project([mother(**changes)], NO_ANSWERS)


def test_a_series_has_a_bound() -> None:
    rows = [mother(n, rule=7, start=START + n * DAY, end=START + n * DAY) for n in range(1, 1_002)]
    with pytest.raises(Unmappable, match="1000"):
        project(rows, NO_ANSWERS)
    assert len(project(rows[:-1], NO_ANSWERS).instances[0].rdates) == 999


# --- cancelled -------------------------------------------------------------------------------------------------------


def test_a_cancelled_daughter_keeps_a_cancelled_copy_and_is_no_participant() -> None:
    found = project([mother(), daughter(2, 10), daughter(3, 1, CLEO)], NO_ANSWERS)
    assert partstats(found.instances[0]) == {1: "ACCEPTED", 3: "ACCEPTED"}
    assert found.holdings[BO] == projection.Holding(BO, (), {}, cancelled=True)
    assert not found.holdings[CLEO].cancelled
    assert found.keys == {1: 0, 2: 0, 3: 0}


def test_of_a_deleted_meeting_only_the_cancelled_copies_are_left() -> None:
    found = project([daughter(2, 10), daughter(3, 10, CLEO)], NO_ANSWERS)
    assert found.instances == ()
    assert {a for a, h in found.holdings.items() if h.cancelled} == {BO, CLEO}


def test_a_cancelled_outsider_has_no_copy() -> None:
    found = project([mother(), external(2, 10)], NO_ANSWERS)
    assert set(found.holdings) == {ANNA}
    assert partstats(found.instances[0]) == {1: "ACCEPTED"}


def test_who_is_still_in_part_of_a_series_is_not_cancelled() -> None:
    rows = changed(series(3, daughter(2, 1)), 202, status=10, type=6)
    found = project(rows, NO_ANSWERS)
    assert not found.holdings[BO].cancelled
    assert (found.holdings[BO].shows, found.holdings[BO].without) == ((0,), (START + WEEK,))
    assert found.holdings[BO].personal[0].exdates == (START + WEEK,)


def test_the_last_of_a_cancelled_row_names_nobody() -> None:
    it = orphan(daughter(2, 10))
    assert (it.summary, it.start, it.organizer, it.participants) == ("Review", START, None, ())


# --- series ----------------------------------------------------------------------------------------------------------


def test_a_series_is_one_master_with_its_further_dates() -> None:
    found = project(series(3, daughter(2, 1), external(3)), NO_ANSWERS)
    (master,) = found.instances
    assert (master.key, master.start, master.end) == (0, START, START + HOUR)
    assert master.rdates == (START + WEEK, START + 2 * WEEK)
    assert {h.shows for h in found.holdings.values()} == {(0,)}
    assert found.keys == {100 * n + g: START + (n - 1) * WEEK for n in (1, 2, 3) for g in (1, 2, 3)}
    assert set(found.spans) == {START, START + WEEK, START + 2 * WEEK}


@pytest.mark.parametrize("answered", [1, 2, 3])
def test_an_occurrence_answered_differently_is_an_override(answered: int) -> None:
    rows = changed(series(3, daughter(2, 1)), 100 * answered + 2, status=9, type=6)
    found = project(rows, NO_ANSWERS)
    odd = (answered - 1) * WEEK + START
    master, *overrides = found.instances
    shown = {it.key: partstats(it)[row] for it in found.instances[1:] for row in partstats(it) if row % 100 == 2}
    assert master.rdates == (START + WEEK, START + 2 * WEEK)
    assert shown == {odd: "DECLINED"}  # the master is like most of them
    assert "DECLINED" not in partstats(master).values()
    assert found.holdings[BO].personal[odd].feed_status == ""
    assert found.holdings[BO].personal[0].feed_status == "CONFIRMED"
    assert all(it.start == it.key for it in overrides)
    assert {h.shows for h in found.holdings.values()} == {tuple(i.key for i in found.instances)}


@pytest.mark.parametrize(
    "change",
    [
        {"start": START + WEEK + 2 * HOUR, "end": START + WEEK + 3 * HOUR},
        {"end": START + WEEK + 2 * HOUR},
        {"summary": "Special"},
        {"location": "Elsewhere"},
        {"private": 1},
    ],
)
def test_an_occurrence_moved_or_reworded_is_an_override_at_its_first_place(change: dict[str, Any]) -> None:
    rows = changed(series(3, daughter(2, 1)), 201, **change)
    found = project(rows, NO_ANSWERS)
    assert [i.key for i in found.instances] == [0, START + WEEK]
    override = found.instances[1]
    assert override.start == change.get("start", START + WEEK)
    assert override.summary == change.get("summary", "Review")
    assert override.rdates == ()
    assert found.instances[0].rdates == (START + WEEK, START + 2 * WEEK)
    assert found.holdings[BO].shows == (0, START + WEEK)


def test_a_series_begins_with_its_earliest_occurrence_whichever_row_came_first() -> None:
    rows = [replace(r, row=900 - r.row, mother=900 - r.mother) for r in series(3, daughter(2, 1))]
    master = project(rows, NO_ANSWERS).instances[0]
    assert (master.start, master.rdates) == (START, (START + WEEK, START + 2 * WEEK))
    assert master.participants[0].row == 799


def test_a_first_occurrence_that_moved_leaves_the_series_where_it_began() -> None:
    rows = changed(series(3), 101, start=START + HOUR, end=START + 2 * HOUR)
    master, first = project(rows, NO_ANSWERS).instances
    assert (master.start, master.end, master.rdates) == (START, START + HOUR, (START + WEEK, START + 2 * WEEK))
    assert (first.key, first.start) == (START, START + HOUR)


def test_who_is_invited_to_one_occurrence_holds_that_one_alone() -> None:
    guest = daughter(205, 5, CLEO, mother=201, rule=7, start=START + WEEK, end=START + WEEK + HOUR)
    found = project([*series(3, daughter(2, 1)), guest], NO_ANSWERS)
    assert found.holdings[CLEO].shows == (START + WEEK,)
    assert found.holdings[BO].shows == (0, START + WEEK)
    written = {i.key: partstats(i) for i in found.instances}
    assert written[START + WEEK] == {201: "ACCEPTED", 202: "ACCEPTED", 205: "NEEDS-ACTION"}
    assert set(written) == {0, START + WEEK}


def test_who_is_invited_to_the_first_occurrence_alone_is_shown_it_written_out() -> None:
    guest = daughter(105, 5, CLEO, mother=101, rule=7)
    found = project([*series(2), guest], NO_ANSWERS)
    assert found.holdings[CLEO].shows == (START,)
    assert START in {i.key for i in found.instances}
    assert found.holdings[ANNA].shows == (0, START + WEEK)


def test_an_all_day_series_is_keyed_by_its_days() -> None:
    rows = [
        replace(r, all_day=True, start=r.start - 9 * HOUR, end=r.start + 12 * HOUR, original=r.original - 9 * HOUR)
        for r in series(3)
    ]
    (master,) = project(rows, NO_ANSWERS).instances
    assert (master.start, master.end) == (MIDNIGHT, MIDNIGHT + DAY)
    assert master.rdates == (MIDNIGHT + WEEK, MIDNIGHT + 2 * WEEK)


def test_two_occurrences_planned_for_one_moment_are_both_kept() -> None:
    rows = changed(series(2), 201, original=START)
    found = project(rows, NO_ANSWERS)
    assert set(found.spans) == {START, START + 1}


# --- laws ------------------------------------------------------------------------------------------------------------

STATUS = st.sampled_from((1, 1, 1, 2, 3, 5, 6, 7, 8, 9, 10, 0, 4, 11, 14))
LIVE = st.sampled_from(("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"))


@st.composite
def guests(draw: st.DrawFn) -> list[Row]:
    """The daughters of one mother, of every kind."""
    rows = [daughter(10 + a, draw(STATUS), a) for a in draw(st.sets(st.integers(2, 5)))]
    rows += [
        external(20 + n, draw(st.sampled_from((1, 9, 10))), asked=draw(st.booleans()))
        for n in range(draw(st.integers(0, 2)))
    ]
    if draw(st.booleans()):
        rows.append(room(30, draw(STATUS)))
    return [replace(r, free=draw(st.booleans()), alarm=draw(st.none() | st.integers(0, 60))) for r in rows]


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[Row], dict[int, str]]:
    """One meeting, or a series of up to four, with answers beside some rows."""
    if draw(st.booleans()):
        rows = [mother(status=draw(st.sampled_from((1, 2, 3)))), *draw(guests())]
    else:
        always, rows = draw(guests()), []
        for base in [r for r in series(draw(st.integers(1, 4)), *always) if r.leads]:
            lead = draw(
                st.sampled_from((base, base, replace(base, start=base.start + HOUR), replace(base, summary="Odd")))
            )
            rows.append(lead)
            here = always if draw(st.booleans()) else draw(guests())
            rows += [replace(g, row=lead.row - 1 + g.row, mother=lead.row, rule=7, start=lead.start) for g in here]
    return rows, draw(st.dictionaries(st.sampled_from([r.row for r in rows]), LIVE, max_size=4))


GROUPS = groups()


@settings(max_examples=80, deadline=None)
@given(GROUPS, st.randoms(use_true_random=False))
def test_rows_in_any_order_are_the_same_event(group: tuple[list[Row], dict[int, str]], random: Random) -> None:
    rows, answers = group
    mixed = list(rows)
    random.shuffle(mixed)
    assert project(mixed, answers) == project(rows, answers)


@settings(max_examples=80, deadline=None)
@given(GROUPS)
def test_every_instance_that_a_copy_shows_is_written(group: tuple[list[Row], dict[int, str]]) -> None:
    found = project(*group)
    written = [i.key for i in found.instances]
    assert written == sorted(set(written))
    for holding in found.holdings.values():
        assert set(holding.shows) <= set(written)
        assert {*holding.shows, *holding.without} == set(holding.personal)
        assert set(holding.personal[0].exdates if 0 in holding.shows else ()) == set(holding.without)
        assert bool(holding.shows) is not holding.cancelled


@settings(max_examples=80, deadline=None)
@given(GROUPS)
def test_who_is_shown_is_who_takes_part(group: tuple[list[Row], dict[int, str]]) -> None:
    rows, answers = group
    found = project(rows, answers)
    alive = {r.row: r for r in rows if published(r) and (r.leads or r.status != 10)}
    shown = {p.row for i in found.instances for p in i.participants}
    assert shown <= set(alive)
    assert {r.associate for r in alive.values()} - {0} == {a for a, h in found.holdings.items() if not h.cancelled}
    assert {r.row for r in rows if published(r)} == set(found.keys)
    for it in found.instances:
        assert it.participants[0].kind is Kind.OWNER
        for p in it.participants:
            assert p == participant(alive[p.row], answers)


@settings(max_examples=80, deadline=None)
@given(GROUPS)
def test_every_occurrence_is_shown_by_the_master_or_by_an_override(group: tuple[list[Row], dict[int, str]]) -> None:
    found = project(*group)
    master = found.instances[0]
    alone = {i.key: i for i in found.instances[1:]}
    assert master.key == 0
    if set(found.spans) != {0}:
        assert {master.start, *master.rdates} == set(found.spans)
    for key, span in found.spans.items():
        length = master.end - master.start
        it = alone.get(key) or replace(master, start=key or master.start, end=(key or master.start) + length)
        assert span == (times.instant(it.start, it.zone), times.instant(it.end, it.zone))


SEEN = st.sampled_from((1, 2, 3, 5, 6, 7, 8, 9))


@settings(max_examples=80, deadline=None)
@given(guests(), st.data())
def test_one_changed_row_put_into_its_instance_is_the_same_as_projecting_all_anew(
    some: list[Row], data: st.DataObject
) -> None:
    rows = [mother(), *(replace(r, status=data.draw(SEEN)) for r in some), daughter(40, data.draw(SEEN), 6)]
    spoken = data.draw(st.dictionaries(st.sampled_from([r.row for r in rows]), LIVE))
    row = data.draw(st.sampled_from(rows[1:]))
    now = replace(row, status=data.draw(SEEN), name=data.draw(st.sampled_from((row.name, "Renamed"))), alarm=5)
    answers = {**spoken, now.row: data.draw(LIVE | st.just(""))}
    before = project(rows, spoken)
    (it,) = before.instances
    light = replace(
        it, participants=tuple(participant(now, answers) if p.row == now.row else p for p in it.participants)
    )
    full = project([now if r.row == now.row else r for r in rows], answers)
    assert full.instances == (light,)
    if now.associate:
        assert full.holdings[now.associate].personal == {0: mine(now)}
    assert {a: h for a, h in full.holdings.items() if a != now.associate} == {
        a: h for a, h in before.holdings.items() if a != now.associate
    }


# --- meetings that another calendar owns -----------------------------------------------------------------------------

VERA = Person("Vera", "mailto:vera@north.test")
ZOE = Participant(0, Kind.BARE, "Zoe", "mailto:zoe@south.test", "TENTATIVE")


def owned(row: int = 1, status: int = 1, **changes: Any) -> Row:
    """Anna's row of a meeting that Vera owns in another calendar."""
    ours = replace(PLAIN, row=row, kind=Kind.ASSOCIATE, status=status, type=1 if status < 5 else 6)
    return replace(ours, **{"owned_externally": True, "organizer": VERA, "elsewhere": (ZOE,), **changes})


@pytest.mark.parametrize("mother", [0, 1])
@pytest.mark.parametrize(
    ("status", "partstat", "rsvp", "feed", "free"),
    [
        (1, "ACCEPTED", False, "CONFIRMED", False),
        (2, "ACCEPTED", False, "CONFIRMED", False),
        (3, "ACCEPTED", False, "CONFIRMED", False),
        (5, "NEEDS-ACTION", True, "TENTATIVE", False),
        (6, "NEEDS-ACTION", True, "TENTATIVE", False),
        (7, "NEEDS-ACTION", True, "TENTATIVE", False),
        (8, "NEEDS-ACTION", True, "TENTATIVE", False),
        (9, "DECLINED", False, "", True),
    ],
)
def test_whoever_leads_a_row_here_is_a_guest_of_a_meeting_that_another_calendar_owns(
    mother: int, status: int, partstat: str, rsvp: bool, feed: str, free: bool
) -> None:
    it = one([owned(status=status, mother=mother)])
    anna = Participant(1, Kind.ASSOCIATE, "Anna", "mailto:anna@crm.test", partstat, rsvp, associate=ANNA)
    assert (it.organizer, it.participants, it.owned_externally) == (VERA, (anna, ZOE), True)
    seen = mine(owned(status=status, mother=mother))
    assert (seen.feed_status, seen.free, seen.crm_status) == (feed, free, status)


def test_daughters_are_guests_beside_their_mother_and_nobody_is_mailed() -> None:
    rows = [owned(mother=1), daughter(2, 5, mailed=True, asked=True), external(3), room(4)]
    it = one(rows)
    assert [(p.row, p.kind, p.partstat) for p in it.participants] == [
        (1, Kind.ASSOCIATE, "ACCEPTED"),
        (2, Kind.ASSOCIATE, "NEEDS-ACTION"),
        (3, Kind.EXTERNAL, "NEEDS-ACTION"),
        (4, Kind.ROOM, "ACCEPTED"),
        (0, Kind.BARE, "TENTATIVE"),
    ]
    assert not any(p.mailed for p in it.participants)


def test_without_the_crms_word_the_other_calendars_organizer_is_the_organizer() -> None:
    chair = Participant(0, Kind.CHAIR, "Vera", VERA.address, "ACCEPTED")
    assert one([owned(organizer=None, elsewhere=(ZOE, chair))]).organizer == VERA


def test_where_nobody_is_known_to_ask_nobody_is_shown_as_asked() -> None:
    it = one([owned(organizer=None, mother=1), daughter(2, 5)])
    assert (it.organizer, it.participants, it.owned_externally) == (None, (), True)
    assert set(project([owned(organizer=None, mother=1), daughter(2, 5)], NO_ANSWERS).holdings) == {ANNA, BO}


def test_a_live_answer_speaks_for_a_row_that_leads_here_as_for_any_guest() -> None:
    assert partstats(one([owned(status=7)], {1: "TENTATIVE"}))[1] == "TENTATIVE"


def test_what_was_called_off_for_whoever_leads_here_is_cancelled_for_them_alone() -> None:
    rows = [owned(status=10, mother=1), daughter(2, 5)]
    found = project(rows, NO_ANSWERS)
    assert [p.row for p in found.instances[0].participants] == [2, 0]
    assert {a: h.cancelled for a, h in found.holdings.items()} == {ANNA: True, BO: False}
    alone = project([owned(status=10)], NO_ANSWERS)
    assert alone.instances == ()
    assert {a: h.cancelled for a, h in alone.holdings.items()} == {ANNA: True}
    assert project([owned(status=10, mother=1), daughter(2, 10)], NO_ANSWERS).instances == ()


def test_a_row_that_leads_in_our_own_calendar_is_never_called_off_for_its_owner() -> None:
    assert not project([mother(status=10)], NO_ANSWERS).holdings[ANNA].cancelled


def test_a_series_that_another_calendar_owns_is_one_event_with_its_guests() -> None:
    rows = [
        replace(owned(r.row), mother=r.row, rule=7, start=r.start, end=r.end, original=r.original) for r in series()
    ]
    (master,) = project(rows, NO_ANSWERS).instances
    assert (len(master.rdates), master.organizer, master.owned_externally) == (2, VERA, True)
    apart = project(changed(rows, 201, status=9, type=6), NO_ANSWERS)
    assert [(i.key, i.participants[0].partstat) for i in apart.instances] == [
        (0, "ACCEPTED"),
        (START + WEEK, "DECLINED"),
    ]
    assert apart.holdings[ANNA].personal[START + WEEK].feed_status == ""
