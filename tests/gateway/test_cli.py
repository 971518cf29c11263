"""The words of the command line, as a person or a program types them."""

import io
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway import cli

SAMPLES = Path(__file__).parent.parent.parent / "samples"
Word = Callable[..., tuple[int, str, str]]


@pytest.fixture
def word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Word:
    """Type `partstat …` in an empty folder; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def typed(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["partstat", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return typed


@pytest.fixture
def company(word: Word) -> Word:
    assert word("load", str(SAMPLES / "company.json"))[0] == 0
    return word


def _json(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_init_moves_in_once_and_is_harmless_again(word: Word) -> None:
    assert word("init")[1] == "Moved in.\n"
    assert word("init", "--json") == (0, '{"first": false}\n', "")


def test_a_word_before_moving_in_says_what_to_do(word: Word) -> None:
    code, out, err = word("catch-up")
    assert (code, out) == (78, "")
    assert "partstat init" in err
    assert len(err.splitlines()) == 1


def test_a_wrong_setting_is_named_by_its_key(word: Word, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTSTAT_TIMEZONE", "Mars/Olympus")
    code, _, err = word("init")
    assert code == 78
    assert "PARTSTAT_TIMEZONE" in err
    assert "Mars/Olympus" in err


def test_a_token_prints_the_secret_alone(company: Word) -> None:
    code, out, err = company("token", "bo", "--for", "feed")
    assert (code, err) == (0, "")
    assert len(out.split()) == 1
    assert len(out.strip()) >= 43


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("token", "nobody", "--for", "feed"), 67),
        (("token", "bo", "--for", "caldav", "--busy"), 64),
        (("token", "bo", "--for", "feed", "--vouch"), 64),
        (("token", "bo"), 2),
        (("load", "no-such-file.json"), 2),
        (("dance",), 2),
    ],
)
def test_what_cannot_be_done_has_a_code_and_a_line(company: Word, words: tuple[str, ...], code: int) -> None:
    left, out, err = company(*words)
    assert left == code
    assert out == ""
    assert err.strip()


def test_ingest_says_the_outcome_first_and_takes_a_pipe(company: Word) -> None:
    reply = SAMPLES / "replies" / "bo-accepts.eml"
    assert company("ingest", "-", stdin=reply.read_bytes())[1].split()[0] == "HELD"
    assert company("ingest", "--trusted", str(reply))[1].split()[0] == "APPLIED"
    (again,) = _json(company("ingest", str(reply), "--json")[1])
    assert again["outcome"] == "DUPLICATE"
    assert company("ingest", "-", stdin=b"\x00\xff no mail")[1].split()[0] == "REFUSED-UNREADABLE"


def test_a_message_is_explained_held_and_decided_about(company: Word) -> None:
    reply = SAMPLES / "replies" / "bo-accepts.eml"
    told = company("explain", str(reply))[1].splitlines()
    assert told[0].split()[0] == "HELD"
    assert "APPLIED" in told[1]
    assert any("ACCEPTED" in line and "type 1 status 1" in line for line in told)
    assert company("held")[1] == ""
    company("ingest", str(reply))
    (one,) = _json(company("held", "--json")[1])
    number = str(one["number"])
    assert company("held", "--release", number)[1].split()[0] == "APPLIED"
    assert company("held", "--discard", number)[0] == 66
    assert company("held", "--discard", number, "--show", number)[0] == 2


def test_a_message_too_large_is_refused_before_it_is_stored(company: Word, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTSTAT_MAX_MAIL_BYTES", "1000")
    code, out, err = company("ingest", "-", stdin=b"x" * 1001)
    assert (code, out) == (65, "")
    assert "1000" in err
    assert "empty" in company("doctor")[1]


def test_a_broken_file_loads_nothing_and_names_the_place(company: Word, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"tables": {"appointment": [{"appointment_id": 900001, "do_by": "noonish"}]}}')
    code, _, err = company("load", str(broken))
    assert code == 65
    assert "tables.appointment[0].do_by" in err


def test_publishing_again_changes_nothing(company: Word) -> None:
    (caught,) = _json(company("catch-up", "--json")[1])
    assert caught["changed"] == 0
    (compared,) = _json(company("reconcile", "--json")[1])
    assert compared["looked"] > 40
    assert compared["changed"] == 0
    assert _json(company("adopt", "--json")[1]) == [{"calendars": 0, "events": 0}]


def test_a_rebuilt_house_shows_everything_again(company: Word) -> None:
    (rebuilt,) = _json(company("reconcile", "--rebuild", "--json")[1])
    assert rebuilt["changed"] > 40
    (compared,) = _json(company("reconcile", "--json")[1])
    assert compared["changed"] == 0


def test_the_doctor_finds_nothing_wrong_and_says_so_to_programs_too(company: Word) -> None:
    code, out, _ = company("doctor", "--json")
    assert code == 0
    found = {f["what"]: f for f in _json(out)}
    assert found["schema"]["level"] == "ok"
    assert found["adoption"]["detail"] == "complete"
    assert found["outbox"]["detail"] == "empty"


def test_the_doctor_ends_with_one_where_a_trigger_is_missing(company: Word, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "partstat.db")) as crm:
        (name,) = crm.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1").fetchone()
        crm.execute(f'DROP TRIGGER "{name}"')
        crm.commit()
    code, out, _ = company("doctor")
    assert code == 1
    assert name in out
    assert company("init")[0] == 0
    assert company("doctor")[0] == 0


def test_after_a_restore_every_event_is_lifted(company: Word) -> None:
    (lifted,) = _json(company("restored", "--json")[1])
    assert lifted["events"] > 40


@pytest.mark.parametrize("name", sorted(cli.words.commands))
def test_every_word_explains_itself(word: Word, name: str) -> None:
    code, out, _ = word(name, "--help")
    assert code == 0
    assert "--json" in out


def test_a_database_that_cannot_be_opened_is_said_in_one_line(word: Word, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTSTAT_DATABASE_URL", "no/such/folder/partstat.db")
    for words in (("init",), ("doctor",), ("token", "bo", "--for", "feed")):
        code, out, err = word(*words)
        assert (code, out) == (69, "")
        assert "cannot be opened" in err
        assert len(err.splitlines()) == 1


def test_another_base_zone_is_noticed_and_init_moves_every_time(company: Word, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTSTAT_TIMEZONE", "Europe/London")
    code, out, _ = company("doctor")
    assert code == 1
    assert "PARTSTAT_TIMEZONE" in out
    assert "Europe/Oslo" in out
    assert company("init")[0] == 0
    (caught,) = _json(company("catch-up", "--json")[1])
    assert caught["changed"] > 40
    assert company("doctor")[0] == 0


def test_a_token_is_listed_without_its_secret_and_ends_when_it_is_revoked(company: Word) -> None:
    secret = company("token", "bo", "--for", "api", "--vouch", "--label", "mail robot")[1].strip()
    out = company("tokens", "bo", "--json")[1]
    (listed,) = _json(out)
    assert (listed["scope"], listed["vouch"], listed["label"], listed["last_used"]) == ("api", True, "mail robot", None)
    assert secret not in out
    assert "mail robot" in company("tokens", "bo")[1]
    assert company("revoke", str(listed["number"]))[0] == 0
    assert company("tokens", "bo")[1] == ""
    assert company("revoke", str(listed["number"]))[0] == 66
    assert company("tokens", "nobody")[0] == 67
