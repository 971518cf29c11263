"""Who may read an appointment, and that nothing private is left of it for anybody else."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import times
from mappings.entry import Entry, cloak
from mappings.free_time import blocks
from mappings.privacy import Viewer, Visible, may_read, privacy

OWNER, FRIEND, COLLEAGUE, STRANGER = Viewer(7, 4), Viewer(8, 5), Viewer(9, 4), Viewer(10, 5)
ROOM = Viewer(41, 4, resource=True)
ALL, TO_FRIEND, TO_GROUP, TO_NOBODY = (
    Visible(True, 0, 0),
    Visible(False, 0, 8),
    Visible(False, 4, 0),
    Visible(False, 0, 0),
)
VIEWERS = st.builds(Viewer, st.integers(0, 5), st.integers(0, 5), st.booleans())
VISIBLE = st.lists(st.builds(Visible, st.booleans(), st.integers(0, 5), st.integers(0, 5)))
WORDS = st.text(st.characters(codec="utf-8"), min_size=1)
NUMBERS = st.integers(2, 2**31)


@pytest.mark.parametrize(
    ("rows", "legacy", "private", "readers"),
    [
        ([ALL], 1, 0, {FRIEND, COLLEAGUE, STRANGER}),
        ([TO_FRIEND], 0, 1, {FRIEND}),
        ([TO_GROUP], 0, 2, {COLLEAGUE}),
        ([TO_NOBODY], 0, 1, set()),
        ([TO_FRIEND, TO_GROUP], 0, 2, {FRIEND, COLLEAGUE}),
        ([], 0, 0, {FRIEND, COLLEAGUE, STRANGER}),
        ([], 1, 1, set()),
        ([], 2, 2, {COLLEAGUE}),
        ([], 3, 1, set()),
    ],
)
def test_visiblefor_decides_and_the_legacy_number_only_where_it_is_missing(
    rows: list[Visible], legacy: int, private: int, readers: set[Viewer]
) -> None:
    open_to = privacy(rows, legacy, OWNER.group)
    assert open_to.private == private
    assert {v for v in (FRIEND, COLLEAGUE, STRANGER, ROOM) if may_read(open_to, v, takes_part=False)} == readers
    assert may_read(open_to, OWNER, takes_part=True)
    assert may_read(open_to, STRANGER, takes_part=True)


@given(VISIBLE, st.integers(), st.integers(0, 5), st.booleans())
def test_a_resource_reads_nothing(rows: list[Visible], legacy: int, group: int, takes_part: bool) -> None:
    assert not may_read(privacy(rows, legacy, group), ROOM, takes_part=takes_part)


@given(VISIBLE, st.integers(-1, 4), st.integers(0, 5), VIEWERS)
def test_who_takes_part_reads_at_least_what_others_read(
    rows: list[Visible], legacy: int, group: int, viewer: Viewer
) -> None:
    open_to = privacy(rows, legacy, group)
    assert may_read(open_to, viewer, takes_part=True) >= may_read(open_to, viewer, takes_part=False)
    assert may_read(open_to, viewer, takes_part=True) is not viewer.resource


@given(VISIBLE, st.integers(1, 4))
def test_who_has_no_group_is_in_none(rows: list[Visible], legacy: int) -> None:
    named = any(v.everyone or v.associate == STRANGER.associate for v in rows)
    assert may_read(privacy(rows, legacy, 0), replace(STRANGER, group=0), takes_part=False) is named


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    zone, base = draw(st.sampled_from(("America/New_York", "Asia/Kathmandu", "Europe/Oslo"))), "Europe/Oslo"
    all_day = draw(st.booleans())
    start = draw(st.integers(0, 2**31))
    if all_day:
        start, zone = start - start % times.DAY, base
    end = start + draw(st.integers(0, 5)) * times.DAY
    texts = [f"\u2021{draw(WORDS)}" for _ in range(10)]  # a mark that no word of ours has
    return Entry(
        row=draw(NUMBERS), mother=draw(NUMBERS), rule=draw(NUMBERS), todo=draw(st.booleans()), title=texts[0],
        description=texts[1], location=texts[2], start=start, end=end, zone=zone, all_day=all_day,
        begins=times.instant(start, zone), ends=times.instant(end, zone), type=draw(st.sampled_from((1, 2, 6, 7))),
        status=draw(st.integers(0, 13)), status_name=texts[3], free=draw(st.booleans()), private=2, owner=texts[4],
        owner_login=texts[5], assigned_by=texts[6], reason=texts[7], category=texts[8],
        name=texts[9],
    )  # fmt: skip


TIME = {"start", "end", "zone", "all_day", "begins", "ends"}


@given(entries())
def test_no_private_word_survives_the_cloak(it: Entry) -> None:
    seen = cloak(it, "Europe/Oslo")
    told = {f.name: getattr(seen, f.name) for f in fields(seen)}
    assert not [name for name, value in told.items() if "\u2021" in str(value)]
    assert (seen.begins, seen.ends, seen.all_day) == (it.begins, it.ends, it.all_day)
    assert seen.free is not blocks(it.type, it.status, free=it.free)
    assert times.wall(it.begins, "Europe/Oslo") == seen.start
    # What is left is the same for every private appointment at that time.
    others = {name: value for name, value in told.items() if name not in TIME | {"free"}}
    assert others == {
        "title": "Busy", "cloaked": True, "todo": False, "private": 1,
        **dict.fromkeys(("row", "mother", "rule", "planned", "type", "status"), 0), **dict.fromkeys(
            ("description", "location", "status_name", "owner", "owner_login", "assigned_by", "reason", "category"), ""
        ),
        "name": "",
    }  # fmt: skip
    assert seen.zone == "Europe/Oslo"
