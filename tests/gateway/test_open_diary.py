"""The diary in Python: dates and datetimes in and out, the errors of the services, nothing loaded before it is used."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import make_url

import gateway
import mappings
from gateway import open_diary
from gateway.crm import tables as crm
from gateway.diary import NO_ALARM, Diary, View
from gateway.errors import BadRequest, NotFound, SchemaOutOfDate, SettingsError, UnknownPerson
from mappings.errors import RefusedAct
from tests.outside import contents
from tests.seed import Seeded, seed

OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    found = seed(database_url)
    yield found
    found.close()


@pytest.fixture
def url(seeded: Seeded) -> str:
    return make_url(seeded.url).render_as_string(hide_password=False)


def test_two_people_and_a_meeting(seeded: Seeded, url: str) -> None:
    with open_diary("ada", url) as ada, open_diary("bo", url) as bo:
        meeting = ada.invite("Planning", datetime(2030, 6, 3, 10), guests=["bo"], alarm=10, task="meeting")
        (waiting,) = bo.invitations()
        assert (waiting.start, waiting.end) == (
            datetime(2030, 6, 3, 10, tzinfo=OSLO),
            datetime(2030, 6, 3, 11, tzinfo=OSLO),
        )
        assert waiting.mother == meeting.appointment
        bo.accept(waiting.appointment)
        assert not bo.accept(waiting.appointment).changed
        assert [a.partstat for a in ada.responses(meeting.appointment).people] == ["ACCEPTED", "ACCEPTED"]
        assert [a.answered is not None for a in ada.responses(meeting.appointment).people] == [False, True]

        ada.move(meeting.appointment, datetime(2030, 6, 4, 6, tzinfo=UTC))
        assert [it.start for it in bo.invitations()] == [datetime(2030, 6, 4, 8, tzinfo=OSLO)]
        bo.decline(waiting.appointment, "Away")
        assert [it.reason for it in ada.invitations(View.RESPONSE)] == ["Away"]
        ada.note(waiting.appointment)
        ada.change(meeting.appointment, alarm=NO_ALARM, private="me")
        ada.cancel(meeting.appointment)
        assert bo.invitations("cancelled") == []
    assert contents(seeded.house, crm.appointment) == []


def test_times_go_round(url: str) -> None:
    with open_diary("ada", url) as diary:
        whole = diary.invite("Harvest", date(2030, 9, 2), date(2030, 9, 5)).appointment
        timed = diary.invite("Press", datetime(2030, 9, 3, 9), minutes=20).appointment
        found = {it.appointment: it for it in diary.entries(date(2030, 9, 1), date(2030, 10, 1))}
        for number in (whole, timed):
            assert not diary.move(number, found[number].start, found[number].end).changed
        assert (found[whole].start, found[whole].end, found[whole].all_day) == (
            date(2030, 9, 2),
            date(2030, 9, 5),
            True,
        )
        assert found[timed].end - found[timed].start == timedelta(minutes=20)
        assert diary.entries(date(2030, 9, 5), date(2030, 10, 1)) == []


def test_another_zone_is_the_base_zone_where_the_settings_say_so(tmp_path: Path) -> None:
    path = str(tmp_path / "london.db")
    seed(f"sqlite:///{path}", timezone="Europe/London").close()
    with open_diary("ada", path, timezone="Europe/London") as diary:
        diary.invite("Tea", datetime(2030, 1, 7, 16))
        (tea,) = diary.entries(datetime(2030, 1, 7, 16, tzinfo=UTC), datetime(2030, 1, 8))
        assert tea.start == datetime(2030, 1, 7, 16, tzinfo=UTC)
    with pytest.raises(SettingsError, match="Europe/London"):
        open_diary("ada", path)


def test_what_cannot_be_meant_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownPerson):
        open_diary("nobody", url)
    with pytest.raises(SchemaOutOfDate):
        open_diary("ada", str(tmp_path / "empty.db"))
    with open_diary("ada", url) as diary:
        wrong: list[tuple[str, date, date | None, int | None]] = [
            ("end", date(2030, 1, 1), datetime(2030, 1, 1, 10), None),
            ("end", datetime(2030, 1, 1, 10), date(2030, 1, 2), None),
            ("end", date(2030, 1, 2), date(2030, 1, 2), None),
            ("minutes", date(2030, 1, 1), None, 30),
            ("minutes", datetime(2030, 1, 1, 10), None, -1),
            ("start", datetime(9999, 12, 31, 23, 59, tzinfo=UTC), None, None),
            ("start", date(1, 1, 1), None, None),
        ]
        for field, start, end, minutes in wrong:
            with pytest.raises(BadRequest) as error:
                diary.invite("x", start, end, minutes=minutes)
            assert error.value.field == field
        with pytest.raises(BadRequest, match="pending"):
            diary.invitations("lost")
        with pytest.raises(BadRequest, match="no number"):
            diary.invite("x", date(2030, 1, 1), company=2**40)
        with pytest.raises(NotFound):
            diary.responses(99)
        number = diary.invite("x", date(2030, 1, 1)).appointment
        with pytest.raises(RefusedAct):
            diary.acknowledge(number)
        assert isinstance(diary, Diary)


def test_nothing_of_the_database_is_loaded_before_it_is_opened() -> None:
    code = "import sys, gateway; assert gateway.open_diary; print('sqlalchemy' in sys.modules, 'flask' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert ran.stdout == "False False\n"


def test_type_checkers_of_others_may_trust_the_types() -> None:
    for package in (gateway, mappings):
        assert (Path(str(package.__file__)).parent / "py.typed").exists()


def test_strict_users_find_no_fault(tmp_path: Path) -> None:
    script = tmp_path / "user.py"
    script.write_text(
        "from datetime import datetime\n"
        "from gateway import open_diary\n"
        "def mine(login: str) -> list[tuple[int, str]]:\n"
        "    with open_diary(login, 'x.db', timezone='Europe/Oslo') as diary:\n"
        "        number: int = diary.invite('x', datetime(2030, 1, 1, 10), guests=['bo']).appointment\n"
        "        diary.decline(number, 'no')\n"
        "        return [(it.appointment, it.title) for it in diary.invitations()]\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", str(tmp_path / "cache")]
    command += ["--follow-imports", "silent", str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(gateway.__file__).parents[1], check=False)
    assert ran.returncode == 0, ran.stdout
