"""The firm in samples/ is what it promises, its ready replies apply, and nobody is owed a mail for having loaded it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, select

from gateway.crm import tables as crm
from gateway.services import moving_in, publish
from gateway.services.house import House
from gateway.services.ingest import ingest
from gateway.services.load import load
from gateway.settings import load_settings
from gateway.store import objects
from gateway.store import tables as own
from gateway.store.marks import Lane
from mappings.identity import DIARY, TASKS
from tests.outside import calendars, held

SAMPLES = Path(__file__).parents[2] / "samples"
COMPANY = SAMPLES / "company.json"


@pytest.fixture
def firm(database_url: str) -> Iterator[House]:
    made = House(load_settings(environ={}, database_url=database_url))
    moving_in.init(made)
    load(made, COMPANY.read_bytes())
    yield made
    made.store.close()


def number(firm: House, statement: Select[Any]) -> int:
    return len(firm.store.rows(statement))


def test_the_firm_is_what_it_promises(firm: House) -> None:
    a, s = crm.appointment.c, crm.associate.c
    daughters = select(a.status).where(a.mother_id.not_in([0, a.appointment_id])).distinct()
    statuses = {r.status for r in firm.store.rows(daughters)}

    assert statuses == {1, 2, 3, 5, 6, 7, 8, 9, 10}
    assert number(firm, select(s.name).where(s.type == 0)) == 12
    assert number(firm, select(s.name).where(s.type == 1, s.isLocation == 1)) == 3
    assert number(firm, select(s.name).where(s.type == 1, s.isLocation == 0)) == 1
    assert number(firm, select(a.appointment_id).where(a.mother_id == a.appointment_id)) == 42
    assert number(firm, select(a.invitedPersonId).where(a.associate_id == 0, a.invitedPersonId != 0).distinct()) == 6
    assert number(firm, select(a.appointment_id).where(a.associate_id == 0, a.invitedPersonId == 0)) == 1
    assert number(firm, select(a.appointment_id).where(a.status == 11)) == 2
    assert number(firm, select(own.quarantine.c.reason)) == 0
    assert number(firm, select(own.dirty.c.id).where(own.dirty.c.lane != int(Lane.LATER))) == 0


def test_the_firm_has_things_to_do(firm: House) -> None:
    statuses = {}
    for login in ("ada", "bo", "dag"):
        texts = held(firm, calendars(firm, TASKS)[login]).values()
        assert all("BEGIN:VTODO" in text and "BEGIN:VEVENT" not in text for text in texts)
        statuses[login] = sorted(re.findall(r"^STATUS:(.*)\r", "".join(texts), re.MULTILINE))

    assert statuses == {
        "ada": ["COMPLETED", "IN-PROCESS", "NEEDS-ACTION", "NEEDS-ACTION"],
        "bo": ["IN-PROCESS", "NEEDS-ACTION", "NEEDS-ACTION", "NEEDS-ACTION"],
        "dag": ["COMPLETED"],
    }
    assert not [text for text in held(firm, calendars(firm)["ada"]).values() if "VTODO" in text]


def test_the_firm_owes_nobody_a_mail(firm: House) -> None:
    publish.catch_up(firm)
    publish.catch_up(firm, Lane.LATER)

    assert (number(firm, select(own.announce)), number(firm, select(own.outbox))) == (0, 0)


def test_every_line_of_the_firm_is_one_row() -> None:
    lines = COMPANY.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("  ") and not line.rstrip(",").endswith("}")] == []


@pytest.mark.parametrize(
    ("name", "login", "partstat"),
    [
        ("bo-accepts", "Bo Tangen", "ACCEPTED"),
        ("bo-declines", "Bo Tangen", "DECLINED"),
        ("bo-is-not-sure", "Bo Tangen", "TENTATIVE"),
        ("carla-accepts", "Carla Moreau", "ACCEPTED"),
    ],
)
def test_ready_replies_apply(firm: House, name: str, login: str, partstat: str) -> None:
    ended = ingest(firm, (SAMPLES / "replies" / f"{name}.eml").read_bytes(), door="http", vouched=True)

    assert (ended.outcome.value, ended.reason) == ("APPLIED", partstat)
    diary = select(own.calendar.c.calendar_id).where(own.calendar.c.associate_id == 7, own.calendar.c.name == DIARY)
    (ada,) = (row.calendar_id for row in firm.store.rows(diary))
    shown = objects.one(firm.store, ada, "new-blend@hillside.example.ics")
    assert shown is not None
    tasting = shown.data.decode().replace("\r\n ", "")
    assert f'ATTENDEE;CN="{login}";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat}' in tasting


def test_ready_replies_apply_in_any_order(firm: House) -> None:
    for name in ("bo-declines", "bo-is-not-sure", "bo-accepts"):
        ended = ingest(firm, (SAMPLES / "replies" / f"{name}.eml").read_bytes(), door="http", vouched=True)
        assert ended.outcome.value == "APPLIED"

    assert number(firm, select(own.answer.c.answer_id)) == 3
