"""What all tests share: a clean environment, the two database engines, and no skip that goes unseen."""

import os
from pathlib import Path

import pytest

from tests.postgres import postgres_server, postgres_template, postgres_url

__all__ = ["database_url", "postgres_server", "postgres_template", "postgres_url"]

NO_SKIPS = "PARTSTAT_NO_SKIPS"
no_skips = pytest.StashKey[bool]()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database; a test that asks for it runs on both engines."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'partstat.db'}"
    return str(request.getfixturevalue("postgres_url"))


def pytest_configure(config: pytest.Config) -> None:
    """Take away what the environment would say to the code under test; workers inherit the clean one."""
    config.stash[no_skips] = os.environ.get(NO_SKIPS, "") not in ("", "0")
    for variable in list(os.environ):
        if variable.startswith(("PARTSTAT_", "PG")):
            del os.environ[variable]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped something, where PARTSTAT_NO_SKIPS=1 asks for that."""
    # Under xdist only the controller hears of every test, and only it still knows of the variable.
    asked, green = session.config.stash[no_skips], session.exitstatus == pytest.ExitCode.OK
    if asked and green and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what was skipped when a skip is a failure."""
    skipped = _skipped(config)
    if config.stash[no_skips] and skipped:
        terminalreporter.section(f"skips are failures here ({NO_SKIPS}=1)", red=True, bold=True)
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {_reason(report)}")


def _skipped(config: pytest.Config) -> list[pytest.TestReport | pytest.CollectReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    # A skip's report holds (file, line, "Skipped: the reason").
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
