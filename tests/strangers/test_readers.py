"""Everything we publish, read by two libraries that we did not write; they must find the same in it, and no fault."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from icalendar import Calendar

from gateway.services import reading
from gateway.store import objects
from mappings.ics import writing
from mappings.identity import DIARY, TASKS
from tests.calling import caller
from tests.outside import crm_session, statements
from tests.seed import ADA, BO, DAG, Seeded, seed
from tests.strangers.scores import tried
from tests.strangers.tools import HERE, node

pytestmark = pytest.mark.strangers

ODD = 'Æpler, 4; \\n "x" ^ 🍏 ' + "lang " * 60


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    seeded = seed(f"sqlite:///{tmp_path_factory.mktemp('readers') / 'partstat.db'}")
    mother = seeded.meeting(ODD, invited=(BO, DAG), location="Barn; 3, \\ <b>")
    seeded.answer(mother, BO, status=1)
    seeded.answer(mother, DAG, status=9, reason="no, thanks")
    seeded.meeting("All day", owner=BO, invited=(ADA,), hour=0, minutes=1_439, alldayEvent=1)
    seeded.meeting("Alarmed", hasAlarm=1, alarm=15, freeBusy=1, priority_idx=2)
    seeded.meeting("Secret", private=1)
    seeded.delete(seeded.meeting("Gone"))
    seeded.appointment("No text", text_id=0)
    shared = seeded.to_do(f"To do: {ODD}", invited=(BO, DAG), hasAlarm=1, alarm=15)
    seeded.answer(shared, DAG, status=9)
    seeded.to_do("All day to do", owner=BO, alldayEvent=1, status=3, done=seeded.house.today())
    for week in range(3):
        seeded.to_do("Every week", owner=BO, days=1 + 7 * week, recurrenceRuleId=9, private=1)
    seeded.delete(seeded.to_do("Gone too", invited=(BO,)))
    yield seeded
    seeded.close()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """The rows of the CRM's own documented SQL, old as they are."""
    url = f"sqlite:///{tmp_path_factory.mktemp('samples') / 'partstat.db'}"
    samples = seed(url, history_days=36_500, people=False)
    with crm_session(url) as crm:
        for name in ("people.sql", "create-appointment.sql", "create-invitation.sql", "accept-invitation.sql"):
            for statement in statements(name):
                crm.execute(statement)
    samples.publish()
    yield samples
    samples.close()


def everything(seeded: Seeded) -> list[str]:
    """Every copy in every calendar, and every feed."""
    found: list[bytes] = []
    call = caller(seeded)
    for login in ("ADA", "BO", "DAG", "TASTING ROOM"):
        for name in (DIARY, TASKS):
            entry = reading.enter(seeded.house, seeded.token(login), calendar=name)
            found += [b.data for b in objects.everything(seeded.house.store, entry.calendar_id)]
        found.append(call("GET", f"/feeds/{seeded.token(login, 'feed')}/tasks.ics").body)
        found += [call("GET", f"/feeds/{seeded.token(login, scope)}.ics").body for scope in ("feed", "busy")]
    assert len(found) > 8
    return [data.decode("utf-8") for data in found]


def read(text: str) -> list[dict[str, Any]]:
    """What icalendar finds, in the words of read.mjs."""
    calendar = Calendar.from_ical(text)
    assert not [e for c in calendar.walk() for e in c.errors]
    assert text.endswith("\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    return [_event(e) for name in ("VEVENT", "VTODO") for e in calendar.walk(name)]


def _event(event: Any) -> dict[str, Any]:
    attendees = event.get("ATTENDEE", [])
    listed = attendees if isinstance(attendees, list) else [attendees]
    start = event["DTSTART" if "DTSTART" in event else "DUE"].dt
    return {
        "uid": str(event["UID"]),
        "summary": str(event["SUMMARY"]),
        "start": int(start.timestamp()) if hasattr(start, "hour") else None,
        "answers": {str(a): a.params["PARTSTAT"] for a in listed},
    }


@tried("icalendar", "reads every copy and every feed, and finds no fault")
@pytest.mark.parametrize("which", ["seeded", "samples"])
def test_icalendar_finds_no_fault(request: pytest.FixtureRequest, which: str) -> None:
    found = [event for text in everything(request.getfixturevalue(which)) for event in read(text)]
    assert writing.BUSY in {e["summary"] for e in found}
    if which == "seeded":
        assert {ODD.strip(), f"To do: {ODD}".strip()} <= {e["summary"].strip() for e in found}


@tried("ical.js", "reads every copy and every feed, and finds the same in them")
@pytest.mark.parametrize("which", ["seeded", "samples"])
def test_ical_js_finds_the_same(request: pytest.FixtureRequest, which: str) -> None:
    command = [node("ical.js"), str(HERE / "read.mjs")]
    texts = everything(request.getfixturevalue(which))
    run = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    for text, found in zip(texts, json.loads(run.stdout), strict=True):
        for ours, theirs in zip(read(text), found, strict=True):
            if ours["start"] is None:  # a date is no instant, and ical.js makes one of it in the machine's zone
                theirs["start"] = None
            assert theirs == ours
