"""Settings: where they come from, which one wins, and what is said about a wrong one."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.errors import SettingsError
from gateway.settings import Settings, describe, load_settings, mask_password


def problem(cwd: Path, environ: dict[str, str] | None = None, **overrides: object) -> str:
    """What is said when settings that must not load are loaded."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ or {}, cwd, **overrides)
    return str(caught.value)


def toml(cwd: Path, text: str) -> None:
    (cwd / "partstat.toml").write_text(text)


# --- where a value comes from -----------------------------------------------------------------------------


def test_nothing_given_gives_the_defaults(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/partstat.db"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.timezone == "Europe/Oslo"
    assert settings.crm_embedded is True
    assert settings.outbound == "external"
    assert settings.settle_seconds == 20
    assert settings.history_days == 365
    assert settings.feed_refresh_minutes == 15
    assert settings.max_mail_bytes == 10 * 1024 * 1024
    assert settings.max_dav_bytes == settings.max_calendar_bytes == 1024 * 1024
    assert (settings.read_catch_up_ms, settings.read_catch_up_events, settings.writer_wait_ms) == (
        250,
        200,
        100,
    )
    assert settings.log_level == "info"


def test_the_real_environment_and_folder_are_read_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTSTAT_TIMEZONE", "Europe/Berlin")
    toml(tmp_path, "settle_seconds = 5")
    settings = load_settings()
    assert settings.timezone == "Europe/Berlin"
    assert settings.settle_seconds == 5
    assert settings.database_url == f"sqlite:///{tmp_path}/partstat.db"


def test_each_source_wins_over_the_next(tmp_path: Path) -> None:
    toml(tmp_path, 'timezone = "Europe/Paris"')
    (tmp_path / "zone").write_text("Europe/Rome\n")
    file = {"PARTSTAT_TIMEZONE_FILE": "zone"}
    environment = {**file, "PARTSTAT_TIMEZONE": "Europe/Berlin"}
    assert load_settings({}, tmp_path).timezone == "Europe/Paris"
    assert load_settings(file, tmp_path).timezone == "Europe/Rome"
    assert load_settings(environment, tmp_path).timezone == "Europe/Berlin"
    assert load_settings(environment, tmp_path, timezone="Europe/Madrid").timezone == "Europe/Madrid"


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    toml(tmp_path, 'timezone = "Europe/Paris"')
    environ = {"PARTSTAT_TIMEZONE": "", "PARTSTAT_TIMEZONE_FILE": "", "PARTSTAT_CONFIG": ""}
    assert load_settings(environ, tmp_path).timezone == "Europe/Paris"


def test_an_override_that_is_none_is_not_given(tmp_path: Path) -> None:
    assert load_settings({"PARTSTAT_LOG_LEVEL": "debug"}, tmp_path, log_level=None).log_level == "debug"


def test_another_toml_file_can_be_named(tmp_path: Path) -> None:
    toml(tmp_path, 'timezone = "Europe/Paris"')
    (tmp_path / "other.toml").write_text('timezone = "Europe/Rome"\ncrm_embedded = false')
    settings = load_settings({"PARTSTAT_CONFIG": "other.toml"}, tmp_path)
    assert (settings.timezone, settings.crm_embedded) == ("Europe/Rome", False)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_the_line_break_at_the_end_of_a_file_is_no_part_of_the_secret(tmp_path: Path, ending: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://u: p @db/crm" + ending, newline="")
    settings = load_settings({"PARTSTAT_DATABASE_URL_FILE": str(secret)}, tmp_path)
    assert settings.database_url == "postgresql+psycopg://u: p @db/crm"


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    assert load_settings({"TIMEZONE": "Mars/Olympus", "XPARTSTAT_TIMEZONE": "x"}, tmp_path).timezone == "Europe/Oslo"


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings({}, tmp_path).timezone = "Europe/Paris"


# --- good values and what becomes of them -----------------------------------------------------------------


@pytest.mark.parametrize("written", ["sqlite:///data/crm.db", "data/crm.db", "./data/crm.db", "SQLite:///data/crm.db"])
def test_a_relative_sqlite_file_is_pinned_to_the_folder_of_the_start(tmp_path: Path, written: str) -> None:
    assert load_settings({}, tmp_path, database_url=written).database_url == f"sqlite:///{tmp_path}/data/crm.db"


@pytest.mark.parametrize("written", ["sqlite:////srv/crm.db", "/srv/crm.db"])
def test_an_absolute_sqlite_file_stays(tmp_path: Path, written: str) -> None:
    assert load_settings({}, tmp_path, database_url=written).database_url == "sqlite:////srv/crm.db"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert load_settings({}, tmp_path, database_url="~/crm.db").database_url == "sqlite:////somewhere/crm.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "PostgreSQL"])
def test_every_spelling_of_postgresql_means_psycopg_3(tmp_path: Path, scheme: str) -> None:
    settings = load_settings({}, tmp_path, database_url=f"{scheme}://crm:pw@db:5432/crm?sslmode=require")
    assert settings.database_url == "postgresql+psycopg://crm:pw@db:5432/crm?sslmode=require"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://cal.example.com", "https://cal.example.com"),
        ("https://cal.example.com/", "https://cal.example.com"),
        ("https://example.com/cal/", "https://example.com/cal"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_base_url_ends_without_a_slash(tmp_path: Path, written: str, kept: str) -> None:
    assert load_settings({}, tmp_path, base_url=written).base_url == kept


@pytest.mark.parametrize(("embedded", "outbound"), [("yes", "external"), ("0", "off"), ("false", "off")])
def test_who_owns_the_tables_decides_who_mails(tmp_path: Path, embedded: str, outbound: str) -> None:
    assert load_settings({"PARTSTAT_CRM_EMBEDDED": embedded}, tmp_path).outbound == outbound


def test_who_mails_can_be_chosen(tmp_path: Path) -> None:
    environ = {"PARTSTAT_CRM_EMBEDDED": "false", "PARTSTAT_OUTBOUND": "ALL", "PARTSTAT_LOG_LEVEL": " Debug "}
    settings = load_settings(environ, tmp_path)
    assert (settings.outbound, settings.log_level) == ("all", "debug")


@pytest.mark.parametrize("zone", ["Europe/Oslo", "UTC", "America/Argentina/Ushuaia"])
def test_iana_zones_are_taken(tmp_path: Path, zone: str) -> None:
    assert load_settings({}, tmp_path, timezone=zone).timezone == zone


# --- wrong values and what is said about them -------------------------------------------------------------

NOT_ALONE = "has more than scheme, host, port and path"
NO_HOST = "is not an http:// or https:// URL with a host"
IN_MEMORY = "names no file: a database in memory would be forgotten between two requests"


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("TIMEZONE", "Mars/Olympus", "is not an IANA time zone"),
        ("TIMEZONE", "Europe", "is not an IANA time zone"),
        ("TIMEZONE", "../etc/passwd", "is not an IANA time zone"),
        ("TIMEZONE", "W. Europe Standard Time", "is not an IANA time zone"),
        ("DATABASE_URL", "mysql://db/crm", "is neither a file name nor a sqlite:// or postgresql:// URL"),
        (
            "DATABASE_URL",
            "postgresql+asyncpg://db/crm",
            "is neither a file name nor a sqlite:// or postgresql:// URL",
        ),
        ("DATABASE_URL", "sqlite://", IN_MEMORY),
        ("DATABASE_URL", "sqlite:///:memory:", IN_MEMORY),
        ("DATABASE_URL", ":memory:", IN_MEMORY),
        (
            "DATABASE_URL",
            "a.db?mode=ro",
            "has a '?': a SQLite file takes no options and its name cannot hold one",
        ),
        ("BASE_URL", "cal.example.com", NO_HOST),
        ("BASE_URL", "ftp://cal.example.com", NO_HOST),
        ("BASE_URL", "https:///calendars", NO_HOST),
        ("BASE_URL", "http://cal.example.com:port", "is not a URL"),
        ("BASE_URL", "http://[::1", "is not a URL"),
        ("BASE_URL", "https://cal.example.com/?a=1", NOT_ALONE),
        ("BASE_URL", "https://cal.example.com/#top", NOT_ALONE),
        ("BASE_URL", "https://me@cal.example.com", NOT_ALONE),
        ("OUTBOUND", "everybody", "is not one of 'off', 'external' or 'all'"),
        ("LOG_LEVEL", "loud", "is not one of 'debug', 'info', 'warning' or 'error'"),
        ("CRM_EMBEDDED", "perhaps", "is not true or false"),
        ("SETTLE_SECONDS", "soon", "is not a whole number"),
        ("SETTLE_SECONDS", "1.5", "is not a whole number"),
        ("SETTLE_SECONDS", "-1", "is less than 0"),
        ("HISTORY_DAYS", "0", "is less than 1"),
        ("MAX_MAIL_BYTES", "10 MB", "is not a whole number"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable_and_rule(tmp_path: Path, key: str, value: str, rule: str) -> None:
    said = problem(tmp_path, {f"PARTSTAT_{key}": value})
    assert said == f"PARTSTAT_{key}: '{value}' {rule} (from the environment)"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('timezone = "Mars/Olympus"', "timezone: 'Mars/Olympus' is not an IANA time zone"),
        ("timezone = 1", "timezone: 1 is not text"),
        ("settle_seconds = 2.5", "settle_seconds: 2.5 is not a whole number"),
        ("settle_seconds = []", "settle_seconds: [] is not a whole number"),
        ("crm_embedded = []", "crm_embedded: [] is not true or false"),
        ("log_level = true", "log_level: true is not one of 'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_value_in_the_toml_file_is_named_as_written_there(tmp_path: Path, line: str, said: str) -> None:
    toml(tmp_path, line)
    assert problem(tmp_path) == f"{said} (in {tmp_path}/partstat.toml)"


def test_a_wrong_value_in_a_secret_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("Mars/Olympus\n")
    said = problem(tmp_path, {"PARTSTAT_TIMEZONE_FILE": "zone"})
    assert said == f"PARTSTAT_TIMEZONE_FILE: 'Mars/Olympus' is not an IANA time zone (in {tmp_path}/zone)"


def test_a_wrong_value_from_the_caller_is_named_too(tmp_path: Path) -> None:
    said = problem(tmp_path, timezone="Mars/Olympus")
    assert said == "timezone: 'Mars/Olympus' is not an IANA time zone (given directly)"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    toml(tmp_path, 'log_level = "loud"\ncolour = "red"')
    said = problem(tmp_path, {"PARTSTAT_TIMEZONE": "Mars/Olympus", "PARTSTAT_COLOUR": "red"})
    assert [line.split(":")[0] for line in said.splitlines()] == [
        "colour",
        "PARTSTAT_COLOUR",
        "PARTSTAT_TIMEZONE",
        "log_level",
    ]


# --- names that nobody reads ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("PARTSTAT_TIMEZNOE", "; did you mean PARTSTAT_TIMEZONE?"),
        ("PARTSTAT_timezone", "; did you mean PARTSTAT_TIMEZONE?"),
        ("PARTSTAT_DATABASE_URL_FIEL", "; did you mean PARTSTAT_DATABASE_URL_FILE?"),
        ("PARTSTAT_CONFIGURATION", "; did you mean PARTSTAT_CONFIG?"),
        ("PARTSTAT_X", ""),
    ],
)
def test_an_unknown_variable_is_an_error(tmp_path: Path, variable: str, hint: str) -> None:
    said = problem(tmp_path, {variable: "x"})
    assert said == f"{variable}: there is no such setting{hint} (from the environment)"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("settle = 3", "settle: there is no such setting; did you mean settle_seconds?"),
        ('TIMEZONE = "UTC"', "TIMEZONE: there is no such setting; did you mean timezone?"),
        ("[partstat]\n", "partstat: there is no such setting"),
    ],
)
def test_an_unknown_key_in_the_toml_file_is_an_error(tmp_path: Path, line: str, said: str) -> None:
    toml(tmp_path, line)
    assert problem(tmp_path) == f"{said} (in {tmp_path}/partstat.toml)"


def test_an_unknown_override_is_an_error(tmp_path: Path) -> None:
    said = problem(tmp_path, timezon="UTC")
    assert said == "timezon: there is no such setting; did you mean timezone? (given directly)"


# --- files that cannot be read ----------------------------------------------------------------------------


def test_a_secret_file_that_is_missing(tmp_path: Path) -> None:
    said = problem(tmp_path, {"PARTSTAT_DATABASE_URL_FILE": "/nowhere/url"})
    rule = "cannot read '/nowhere/url': No such file or directory"
    assert said == f"PARTSTAT_DATABASE_URL_FILE: {rule} (from the environment)"


def test_a_secret_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "url").write_bytes(b"\xff\xfe")
    said = problem(tmp_path, {"PARTSTAT_DATABASE_URL_FILE": "url"})
    assert said.endswith(f"cannot read '{tmp_path}/url': it is not UTF-8 text (from the environment)")


def test_a_named_toml_file_must_exist(tmp_path: Path) -> None:
    said = problem(tmp_path, {"PARTSTAT_CONFIG": "other.toml"})
    assert said == f"PARTSTAT_CONFIG: cannot read '{tmp_path}/other.toml': No such file or directory"


def test_the_usual_toml_file_must_be_readable_when_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "partstat.toml").mkdir()
    assert problem(tmp_path) == f"partstat.toml: cannot read '{tmp_path}/partstat.toml': Is a directory"


@pytest.mark.parametrize("content", [b"timezone = Europe/Oslo", b'timezone = "\xff"'])
def test_a_toml_file_that_is_not_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "partstat.toml").write_bytes(content)
    assert problem(tmp_path).startswith(f"{tmp_path}/partstat.toml: is not valid TOML: ")


# --- secrets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://crm:s3cret@db/crm", "postgresql://crm:***@db/crm"),
        ("postgresql://crm:s3@cret@db/crm", "postgresql://crm:***@db/crm"),
        ("postgresql://crm@db/crm", "postgresql://crm@db/crm"),
        ("postgresql://db/crm?user=crm&password=s3cret", "postgresql://db/crm?user=crm&password=***"),
        ("sqlite:////srv/crm.db", "sqlite:////srv/crm.db"),
        ("crm.db", "crm.db"),
    ],
)
def test_a_password_is_masked(url: str, masked: str) -> None:
    assert mask_password(url) == masked


def test_no_password_is_ever_shown(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path, database_url="postgresql://crm:s3cret@db/crm")
    assert "s3cret" in settings.database_url
    for shown in (repr(settings), str(settings), f"{settings}"):
        assert "s3cret" not in shown
        assert "postgresql+psycopg://crm:***@db/crm" in shown
    assert "s3cret" not in problem(tmp_path, {"PARTSTAT_DATABASE_URL": "mysql://crm:s3cret@db/crm"})
    with pytest.raises(ValidationError) as caught:
        Settings(database_url="mysql://crm:s3cret@db/crm")
    assert "s3cret" not in str(caught.value)


# --- the table for the README -----------------------------------------------------------------------------


def test_every_setting_is_described_in_one_sentence() -> None:
    rows = list(describe())
    assert [row.key for row in rows] == [f"PARTSTAT_{name.upper()}" for name in Settings.model_fields]
    for row in rows:
        assert row.description.endswith(".")
        assert ". " not in row.description
        assert "\n" not in row.description


def test_defaults_are_told_as_an_operator_would_write_them() -> None:
    defaults = {row.key: row.default for row in describe()}
    assert defaults["PARTSTAT_DATABASE_URL"] == "sqlite:///partstat.db"
    assert defaults["PARTSTAT_CRM_EMBEDDED"] == "true"
    assert defaults["PARTSTAT_MAX_MAIL_BYTES"] == "10485760"
    assert defaults["PARTSTAT_OUTBOUND"] == "external; off when crm_embedded is false"


def test_every_told_default_is_a_valid_value(tmp_path: Path) -> None:
    environ = {row.key: row.default for row in describe() if ";" not in row.default}
    assert load_settings(environ, tmp_path) == load_settings({}, tmp_path)
