"""The how-tos of samples/howto: each script beside its SQL twin, on two databases that begin alike."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, make_url

from gateway import open_diary
from gateway.crm.tables import appointment, text, traveltransactionlog, visiblefor
from gateway.services import moving_in
from gateway.services.house import House
from gateway.settings import load_settings
from samples.howto.accept_invitation import accept
from samples.howto.create_invitation import create
from samples.howto.get_invitations import get
from samples.howto.track_responses import track
from tests.outside import contents, copied, crm_session

ROOT = Path(__file__).parents[2]
RAW, HOWTO = ROOT / "samples" / "raw-sql", ROOT / "samples" / "howto"
# What nobody can write alike: moments, the CRM's checksum, the language of a text.
UNLIKE = {"registered", "updated", "ttime", "encryptedCheck", "lcid"}
AUDIT = "registered registered_associate_id updated updated_associate_id updatedCount"
WRITTEN = {
    appointment: f"""appointment_id contact_id person_id associate_id group_idx {AUDIT} done do_by leadtime task_idx
        priority_idx type status private alarm text_id project_id mother_id document_id color_index opportunity_id
        invitedPersonId activeDate endDate lagTime source userdef_id userdef2_id activeLinks recurrenceRuleId location
        alldayEvent freeBusy rejectCounter emailId rejectReason hasAlarm assignedBy""",
    visiblefor: f"VisibleFor_id tableId recordId forAll forGroupId forAssocId encryptedCheck {AUDIT}",
    text: f"text_id type owner_id {AUDIT} text lcid seqno",
    traveltransactionlog: "ttime prev_record_id type associate_id tablenumber record_id",
}
PEOPLE_BY_ROW = ("associate_id", "invitedPersonId")  # who a row is for, whatever its number


@dataclass
class Twins:
    """Two databases with the same people: one for the scripts, one for the CRM's SQL."""

    ours: House
    crm: House

    def sql(self, house: House, *files: Path) -> list[Any]:
        found: list[Any] = []
        with crm_session(house.store.url) as session:
            for file in files:
                lines = [line for line in file.read_text().splitlines() if not line.startswith("--")]
                for statement in filter(str.strip, "\n".join(lines).split(";\n")):
                    cursor = session.execute(statement.rstrip().rstrip(";"))
                    found = cursor.fetchall() if cursor.description else found
        return found

    def invited(self) -> int:
        self.sql(self.crm, RAW / "create-invitation.sql")
        return create(_given(self.ours))


def _given(house: House) -> str:
    """The address of a database as a person writes it."""
    url = make_url(house.store.url)
    return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=False)


@pytest.fixture
def twins(database_url: str) -> Iterator[Twins]:
    first = House(load_settings(environ={}, database_url=database_url))
    moving_in.init(first)
    Twins(first, first).sql(first, RAW / "people.sql")
    with copied(first) as url:
        second = House(load_settings(environ={}, database_url=url))
        yield Twins(first, second)
        second.store.close()
    first.store.close()


def _numbers(house: House) -> dict[tuple[str, int], object]:
    """Who or what a number of one database stands for, by the column's meaning."""
    rows = contents(house, appointment)
    who = {r["appointment_id"]: tuple(r[c] for c in PEOPLE_BY_ROW) for r in rows}
    known: dict[tuple[str, int], object] = {("row", n): w for n, w in who.items()}
    known |= {("text", r["text_id"]): r["text"] for r in contents(house, text)}
    known |= {("seen", r["VisibleFor_id"]): who[r["recordId"]] for r in contents(house, visiblefor)}
    return known


TABLE_NUMBERS = {9: "row", 18: "text", 196: "seen"}
MEANINGS = {
    "appointment_id": "row",
    "mother_id": "row",
    "recordId": "row",
    "owner_id": "row",
    "text_id": "text",
    "VisibleFor_id": "seen",
}


def written(house: House, table: Table) -> list[str]:
    """The rows of a table in the columns that the CRM's SQL writes, numbers replaced by what they stand for."""
    known = _numbers(house)
    found = []
    for row in contents(house, table):
        if table is traveltransactionlog and row["tablenumber"] not in TABLE_NUMBERS:
            continue
        shown = {name: row[name] for name in WRITTEN[table].split() if name not in UNLIKE}
        for name in shown.keys() & MEANINGS.keys():
            shown[name] = known[MEANINGS[name], row[name]]
        if "record_id" in shown:
            shown["record_id"] = known[TABLE_NUMBERS[row["tablenumber"]], row["record_id"]]
        found.append(repr(sorted(shown.items())))
    return sorted(found)


def test_create_leaves_the_rows_that_the_sql_leaves(twins: Twins) -> None:
    twins.invited()

    for table in WRITTEN:
        assert written(twins.ours, table)
        assert written(twins.ours, table) == written(twins.crm, table)


def test_get_lists_what_the_select_lists(twins: Twins) -> None:
    twins.invited()

    (found,) = get(_given(twins.ours), "bo")
    ((_, start, title, owner),) = twins.sql(twins.crm, HOWTO / "get-invitations.sql")
    ours = twins.sql(twins.ours, HOWTO / "get-invitations.sql")

    assert (title, owner) == (found.title, found.owner.split()[0]) == ("Orchard planning", "Ada")
    assert found.start.isoformat() == "2006-11-30T12:15:00+01:00"
    assert ours == [(found.appointment, start, title, owner)]


def test_accept_leaves_the_rows_that_the_sql_leaves(twins: Twins) -> None:
    twins.invited()
    (mine,) = get(_given(twins.ours), "bo")
    twins.sql(twins.crm, HOWTO / "see-invitation.sql", RAW / "accept-invitation.sql")

    assert accept(_given(twins.ours), "bo", mine.appointment) == "accepted"

    for table in WRITTEN:
        assert written(twins.ours, table) == written(twins.crm, table)
    assert accept(_given(twins.ours), "bo", mine.appointment) == "it was accepted already"
    assert get(_given(twins.ours), "bo") == []
    assert twins.sql(twins.crm, HOWTO / "get-invitations.sql") == []


def test_track_tells_what_the_select_tells(twins: Twins) -> None:
    mother = twins.invited()
    (mine,) = get(_given(twins.ours), "bo")
    with open_diary("bo", _given(twins.ours)) as diary:
        diary.decline(mine.appointment, "On holiday")
    decline = (
        """UPDATE CRM."appointment" SET "status" = 9, "rejectReason" = 'On holiday' WHERE "appointment_id" = 740"""
    )
    count = """UPDATE CRM."appointment" SET "rejectCounter" = 1 WHERE "appointment_id" = 739"""
    with crm_session(twins.crm.store.url) as session:
        session.execute(decline)
        session.execute(count)

    found = track(_given(twins.ours), "ada", mother)
    rows = twins.sql(twins.crm, HOWTO / "track-responses.sql")

    assert {(number - 739, status, reason) for number, status, reason, _ in rows} == {
        *((1, 9, "On holiday"), (2, 1, ""), (3, 1, ""))
    }
    assert [(a.status, a.reason) for a in found.people[1:]] == [(status, reason) for _, status, reason, _ in rows]
    assert {declined for *_, declined in rows} == {found.declined}


def test_the_scripts_run_as_their_readme_says(tmp_path: Path) -> None:
    house = House(load_settings(environ={}, database_url=str(tmp_path / "howto.db")))
    moving_in.init(house)
    Twins(house, house).sql(house, RAW / "people.sql")
    house.store.close()

    def run(script: str, *words: str) -> str:
        command = [sys.executable, str(HOWTO / script), "howto.db", *words]
        environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        ran = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
        return ran.stdout

    said = run("create_invitation.py")
    assert "Bo Tangen NEEDS-ACTION" in said
    number, start, *rest = run("get_invitations.py", "bo").split(maxsplit=2)
    assert (start, *rest) == ("2006-11-30T12:15:00+01:00", "Orchard planning from Ada Lindqvist\n")
    assert run("accept_invitation.py", "bo", number) == "accepted\n"
    assert "Bo Tangen ACCEPTED" in run("track_responses.py", "ada", number)
