"""A load file is taken whole, or refused at one named place; what it brings is published in silence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.sql import FromClause

from gateway.crm import tables as crm
from gateway.errors import LoadError, SchemaOutOfDate
from gateway.services import load as loading
from gateway.services import moving_in, publish
from gateway.services.house import House
from gateway.services.load import load
from gateway.settings import load_settings
from gateway.store import objects
from gateway.store import tables as own
from gateway.store.marks import Lane
from mappings import times
from mappings.moments import Calendar

NOW = times.instant(times.wall_of(times.EPOCH.replace(year=2026, month=11, day=5, hour=23, minute=30)), "Europe/Oslo")
TODAY = times.wall_of(times.EPOCH.replace(year=2026, month=11, day=5))  # a Thursday
HOUR = 3600


class Clock:
    def now(self) -> int:
        return NOW

    def ticks(self) -> float:
        return 0.0


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    made = House(load_settings(environ={}, database_url=database_url), clock=Clock())
    moving_in.init(made)
    yield made
    made.store.close()


def file(**tables: list[dict[str, Any]]) -> bytes:
    return json.dumps({"about": "a test", "tables": tables}).encode()


def meeting(**changes: Any) -> dict[str, list[dict[str, Any]]]:
    times_ = {"text_id": 1, "do_by": "+1w mon 10:00", "endDate": "+1w mon 11:00"}
    return {
        "associate": [{"associate_id": 7, "name": "ada"}, {"associate_id": 10, "name": "bo"}],
        "text": [{"text_id": 1, "type": 4, "owner_id": 100, "text": "Cork or crown cap?"}],
        "appointment": [
            {"appointment_id": 100, "mother_id": 100, "associate_id": 7, "type": 1, "status": 1, **times_},
            {"appointment_id": 101, "mother_id": 100, "associate_id": 10, "type": 6, "status": 5, **times_} | changes,
        ],
    }


def count(house: House, table: FromClause) -> int:
    found = house.store.row(select(func.count().label("count")).select_from(table))
    assert found is not None
    return int(found["count"])


def cell(house: House, name: str, row: int = 101) -> Any:
    found = house.store.row(select(crm.appointment.c[name]).where(crm.appointment.c.appointment_id == row))
    assert found is not None
    return found[name]


def shown(house: House, login: str) -> str:
    c = own.calendar.c
    wanted = select(c.calendar_id).join(crm.associate, crm.associate.c.associate_id == c.associate_id)
    found = house.store.row(wanted.where(crm.associate.c.name == login, c.name == "diary"))
    assert found is not None
    everything = objects.everything(house.store, found["calendar_id"])
    return "".join(body.data.decode() for body in everything).replace("\r\n ", "")


def test_a_meeting_is_loaded_and_published(house: House) -> None:
    said: list[str] = []

    loaded = load(house, file(**meeting()), said.append)

    assert loaded.rows == {"associate": 2, "text": 1, "appointment": 2, "visiblefor": 2}
    assert "appointment: 2" in said
    assert said[-1] == "published: 4 of 4"  # a diary and tasks for each of two people
    assert "SUMMARY:Cork or crown cap?" in shown(house, "bo")
    assert count(house, own.dirty.select().where(own.dirty.c.lane == int(Lane.NOW)).subquery()) == 0


def test_what_the_file_leaves_out(house: House) -> None:
    load(house, file(**meeting(private=1)))

    assert cell(house, "activeDate") == cell(house, "do_by") == TODAY + 4 * times.DAY + 10 * HOUR
    assert cell(house, "registered") == NOW
    assert (cell(house, "location"), cell(house, "alarm"), cell(house, "external_participants")) == ("", 0, None)
    v = crm.visiblefor.c
    columns = (v.VisibleFor_id, v.tableId, v.recordId, v.appointmentId, v.forAll, v.forGroupId, v.forAssocId)
    assert [tuple(r) for r in house.store.rows(select(*columns).order_by(v.VisibleFor_id))] == [
        (1, 9, 100, 100, 1, 0, 0),
        (2, 9, 101, 101, 0, 0, 10),
    ]


def test_who_may_see_it_is_taken_from_the_file(house: House) -> None:
    for_group = {"VisibleFor_id": 5, "tableId": 9, "recordId": 100, "forGroupId": 4}

    loaded = load(house, file(**meeting(), visiblefor=[for_group]))

    assert loaded.rows["visiblefor"] == 2
    assert "CLASS:CONFIDENTIAL" in shown(house, "ada")


@pytest.mark.parametrize(
    ("words", "wall"),
    [
        (12345, 12345),
        ("2026-11-24T10:00", TODAY + 19 * times.DAY + 10 * HOUR),
        ("0d 14:00", TODAY + 14 * HOUR),
        ("+3d 10:30", TODAY + 3 * times.DAY + 10 * HOUR + 1800),
        ("-2d 09:00", TODAY - 2 * times.DAY + 9 * HOUR),
        ("0w mon 00:00", TODAY - 3 * times.DAY),
        ("0w sun 23:59", TODAY + 3 * times.DAY + 24 * HOUR - 60),
        ("+1w mon 10:00", TODAY + 4 * times.DAY + 10 * HOUR),
        ("-1w thu 10:00", TODAY - 7 * times.DAY + 10 * HOUR),
    ],
)
def test_times_in_words(words: object, wall: int) -> None:
    calendar = Calendar(TODAY + 23 * HOUR, "Europe/Oslo")
    rows = loading.read(file(appointment=[{"appointment_id": 1, "do_by": words, "registered": words}]), calendar)

    assert rows["appointment"][0]["do_by"] == wall
    assert rows["appointment"][0]["registered"] == (wall if wall == words else times.instant(wall, "Europe/Oslo"))


WHEN = "has to be a number of seconds"
BAD_CELLS = [
    ("do_by", "tomorrow", WHEN),
    ("do_by", "+3d 24:00", WHEN),
    ("do_by", "+1w foo 10:00", WHEN),
    ("do_by", "٣d 10:00", WHEN),
    ("do_by", 1.5, WHEN),
    ("do_by", True, WHEN),
    ("do_by", "2026-02-30T10:00", "2026-02-30 is no day of any calendar"),
    ("do_by", "0001-01-01T10:00", "lies outside the years 1900 to 2199"),
    ("registered", 2**40, "lies outside the years 1900 to 2199"),
    ("status", "5", "has to be a whole number"),
    ("status", 2**31, f"lies outside -{2**31} to {2**31 - 1}"),
    ("location", 5, "has to be words"),
    ("location", "x" * 255, "is longer than 254 characters"),
    ("location", "a\x00b", "holds a character that no database keeps"),
    ("location", "\ud83c", "holds a character that no database keeps"),
    ("Status", 5, "is no name that is known here; did you mean status?"),
    ("appointment_id", 0, "has to be given"),
    ("appointment_id", 100, "100 is already in appointment[0]"),
    ("mother_id", 900, "points at 900, and no such row is in this file"),
    ("text_id", 900, "points at 900, and no such row is in this file"),
    ("recurrenceRuleId", 900, "points at 900, and no such row is in this file"),
    ("associate_id", 900, "points at 900, and no such row is in this file or the database"),
    ("emailId", 900, "points at 900, and no such row is in this file or the database"),
]


@pytest.mark.parametrize(("column", "value", "rule"), BAD_CELLS)
def test_a_bad_cell_is_named_and_nothing_is_loaded(house: House, column: str, value: object, rule: str) -> None:
    with pytest.raises(LoadError) as refused:
        load(house, file(**meeting(**{column: value})))

    assert refused.value.where == f"tables.appointment[1].{column}"
    assert refused.value.rule.startswith(rule)
    assert [count(house, t) for t in (crm.associate, crm.text, crm.appointment)] == [0, 0, 0]


BAD_FILES: list[tuple[bytes, str, str]] = [
    (b"{", "line 1, column 2", "is not JSON"),
    (b"", "line 1, column 1", "is not JSON"),
    (b"\xff", "the file", "is not UTF-8 at byte 0"),
    (b"[]", "the file", "has to be one JSON object"),
    (b"[" * 200_000, "the file", "is nested deeper"),
    (b'{"about": "", "tables": {}, "tables": {}}', "the file", "has 'tables' twice"),
    (b'{"about": "", "table": {}}', "table", "is no name that is known here; did you mean tables?"),
    (b'{"tables": []}', "tables", "has to be an object"),
    (b'{"tables": {"appointments": []}}', "tables.appointments", "is no name that is known here; did you mean"),
    (b'{"tables": {"text": {}}}', "tables.text", "has to be a list of rows"),
    (b'{"tables": {"text": [5]}}', "tables.text[0]", "has to be a row"),
    (b'{"tables": {"text": [{}]}}', "tables.text[0].text_id", "has to be given"),
    (b'{"tables": {"text": [{"text_id": ' + b"9" * 5000 + b"}]}}", "the file", "has a number beyond all limits"),
    (
        b'{"tables": {"contact": [{"contact_id": 1, "revenueBasecurrency": 1e999}]}}',
        "tables.contact[0].revenue",
        "has to",
    ),
]


@pytest.mark.parametrize(("content", "where", "rule"), BAD_FILES)
def test_a_bad_file_is_refused(house: House, content: bytes, where: str, rule: str) -> None:
    with pytest.raises(LoadError) as refused:
        load(house, content)

    assert refused.value.where.startswith(where)
    assert refused.value.rule.startswith(rule)


def test_a_file_that_is_too_large(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_BYTES", 10)

    with pytest.raises(LoadError, match="is larger than"):
        load(house, file())


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"visiblefor": [{"VisibleFor_id": 1, "tableId": 9, "recordId": 900}]}, "tables.visiblefor[0].recordId"),
        (
            {"visiblefor": [{"VisibleFor_id": n, "tableId": 9, "recordId": 100} for n in (1, 2)]},
            "tables.visiblefor[1].recordId",
        ),
        ({"invitation": [{"invitation_id": 1, "appointment_id": 900}]}, "tables.invitation[0].appointment_id"),
        ({"task": [{"Task_id": n, "name": "Meeting"} for n in (1, 2)]}, "tables.task[1].name"),
    ],
)
def test_rows_about_others(house: House, more: dict[str, list[dict[str, Any]]], where: str) -> None:
    with pytest.raises(LoadError) as refused:
        load(house, file(**meeting(), **more))

    assert refused.value.where == where
    assert count(house, crm.appointment) == 0


def test_what_is_there_is_neither_overwritten_nor_added_to(house: House) -> None:
    load(house, file(**meeting()))
    again = {"associate": [{"associate_id": 8, "name": "ada"}]}
    late = {"appointment": [{"appointment_id": 102, "mother_id": 100, "associate_id": 10, "type": 6, "status": 10}]}

    for content, where in (
        (meeting(), "tables.associate[0].associate_id"),
        (again, "tables.associate[0].name"),
        (late, "tables.appointment[0].mother_id"),
    ):
        with pytest.raises(LoadError) as refused:
            load(house, file(**content))
        assert refused.value.where == where

    assert count(house, crm.appointment) == 2


def test_who_was_cancelled_outlives_the_mother(house: House) -> None:
    rows = meeting(status=10)
    del rows["appointment"][0]

    load(house, file(**rows))

    assert "STATUS:CANCELLED" in shown(house, "bo")


def test_a_second_file_joins_the_first(house: House) -> None:
    load(house, file(**meeting()))
    text_ = {"text_id": 2, "text": "A second meeting"}
    plain = {"appointment_id": 200, "associate_id": 10, "type": 1, "status": 1, "text_id": 2, "do_by": "0d 10:00"}

    load(house, file(text=[text_], appointment=[plain]))

    assert shown(house, "bo").count("BEGIN:VEVENT") == 2


def test_what_changes_after_loading_is_news(house: House) -> None:
    rows = meeting()
    rows["appointment"].append(
        rows["appointment"][1] | {"appointment_id": 102, "associate_id": 0, "type": 1, "status": 1, "SendEmail": 1}
    )
    rows["email"] = [{"email_id": 1, "appointment_id": 102, "email_address": "carla@moreau.example"}]
    load(house, file(**rows))
    assert count(house, own.announce) == 0

    with house.store.writing() as connection:
        connection.execute(crm.appointment.update().values(do_by=crm.appointment.c.do_by + HOUR))
    publish.catch_up(house)

    assert count(house, own.announce) == 1


def test_only_where_the_tables_are_ours(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'partstat.db'}"
    beside = House(load_settings(environ={}, database_url=url, crm_embedded=False))

    with pytest.raises(LoadError, match="only it makes rows"):
        load(beside, file())


def test_only_where_somebody_has_moved_in(tmp_path: Path) -> None:
    empty = House(load_settings(environ={}, database_url=f"sqlite:///{tmp_path / 'partstat.db'}"))

    with pytest.raises(SchemaOutOfDate):
        load(empty, file())
