"""Every folder of samples/ with numbered files is a conversation, and here it is held: a new folder is a new test.

What a file does follows from its name: rows to load (`.json`), SQL by a stranger (`.sql`), a mail that arrives
(`.eml`); `run.txt` names SQL files beside it, `clock.txt` sets the clock, `outcome.txt` is how the last mail ended;
`commands.txt` is typed into the command line, without the word partstat, and `says.txt` is what that printed.
`bo.ics` is all that Bo's calendar then shows, `appointment.csv` cells of that table of the CRM.
"""

import csv
import io
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, make_url, select, update

from gateway import cli
from gateway.crm.tables import associate
from gateway.services import moving_in, publish
from gateway.services.house import House
from gateway.services.ingest import Ended, ingest
from gateway.services.load import load
from gateway.settings import load_settings
from gateway.store import objects
from gateway.store.tables import announce, calendar, house, outbox

SAMPLES = Path(__file__).parents[2] / "samples"
STORIES = sorted({step.parent for step in SAMPLES.glob("*/[0-9][0-9]-*")})
ACTING = ("[0-9][0-9]-*.sql", "[0-9][0-9]-run.txt", "[0-9][0-9]-commands.txt")
QUIET = [f for f in STORIES if not any(step for kind in ACTING for step in f.glob(kind))]
START = "2026-11-02T08:00:00+00:00"
HOUSE = "00000000-0000-4000-8000-000000000001"  # so that UIDs and urn:uuid: addresses are the same in every run
STAMP = re.compile(r"^(DTSTAMP|LAST-MODIFIED):.*", re.MULTILINE)
ZONES = re.compile(r"^BEGIN:VTIMEZONE\n.*?^END:VTIMEZONE\n", re.MULTILINE | re.DOTALL)


@dataclass
class StoryClock:
    """A clock that goes on by a minute with every step of a story."""

    moment: int

    def now(self) -> int:
        return self.moment

    def ticks(self) -> float:
        return float(self.moment)

    def set(self, text: str) -> None:
        self.moment = int(datetime.fromisoformat(text.strip()).timestamp())


@dataclass
class Story:
    """A story while it is told: the house it happens in, how the last mail ended, what the last commands printed."""

    house: House
    clock: StoryClock
    url: str
    ended: list[Ended] = field(default_factory=list)
    said: str = ""

    def tell(self, step: Path) -> None:
        """Do what one file says, or see that it has come true."""
        self.clock.moment += 60
        name = step.name.partition("-")[2]
        teller = TEXTS[name] if name in TEXTS else KINDS[step.suffix]
        teller(self, step)

    def rows(self, step: Path) -> None:
        load(self.house, step.read_bytes())

    def mail(self, step: Path) -> None:
        self.ended.append(ingest(self.house, step.read_bytes(), door="mail", vouched=True))

    def outcome(self, step: Path) -> None:
        last = self.ended[-1]
        expected = step.read_text().splitlines()
        assert [last.outcome.value, last.reason][: len(expected)] == expected

    def sql(self, step: Path) -> None:
        script = re.sub(r"^--.*\n", "", step.read_text(), flags=re.MULTILINE)
        with closing(stranger(self.url)) as connection:
            for statement in filter(str.strip, script.split(";\n")):
                connection.execute(statement)

    def run(self, step: Path) -> None:
        for name in step.read_text().split():
            self.sql(step.with_name(name))

    def time(self, step: Path) -> None:
        self.clock.set(step.read_text())

    def commands(self, step: Path) -> None:
        """Type the lines of a file; what goes wrong is printed as everything else is."""
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            for line in step.read_text("utf-8").splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    cli.run(words, self.house)
        self.said = printed.getvalue()

    def says(self, step: Path) -> None:
        assert self.said.splitlines() == step.read_text("utf-8").splitlines()

    def shows(self, step: Path) -> None:
        """See that a calendar shows exactly what the file holds, but for time stamps and the rules of zones."""
        publish.catch_up(self.house)
        login = step.stem.partition("-")[2]
        wanted = select(calendar.c.calendar_id).join(associate, associate.c.associate_id == calendar.c.associate_id)
        found = self.house.store.row(wanted.where(func.lower(associate.c.name) == login))
        assert found is not None
        everything = objects.everything(self.house.store, found["calendar_id"])
        shown = "".join(body.data.decode() for body in everything)
        assert plain(shown) == plain(step.read_bytes().decode())

    def cells(self, step: Path) -> None:
        """See that rows of the CRM, found by the first column, hold the words and numbers of the file."""
        table = step.stem.partition("-")[2]
        with closing(stranger(self.url)) as connection, step.open() as lines:
            for row in csv.DictReader(lines):
                key = next(iter(row))
                columns = ", ".join(f'"{column}"' for column in row)
                found = connection.execute(f'SELECT {columns} FROM CRM."{table}" WHERE "{key}" = {row[key]}').fetchone()
                assert dict(zip(row, map(str, found), strict=True)) == row


KINDS: dict[str, Callable[[Story, Path], None]] = {
    ".json": Story.rows,
    ".eml": Story.mail,
    ".sql": Story.sql,
    ".ics": Story.shows,
    ".csv": Story.cells,
}
TEXTS: dict[str, Callable[[Story, Path], None]] = {
    "outcome.txt": Story.outcome,
    "run.txt": Story.run,
    "clock.txt": Story.time,
    "commands.txt": Story.commands,
    "says.txt": Story.says,
}


def plain(text: str) -> str:
    return ZONES.sub("", STAMP.sub(r"\1:20000101T000000Z", text.replace("\r\n", "\n")))


def stranger(url: str) -> Any:
    """Connect as a program that is not ours, in autocommit, and finds the CRM's tables under the name CRM."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute("ATTACH ? AS CRM", (make_url(url).database,))
        return connection
    return psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    )


@pytest.fixture
def story(database_url: str) -> Iterator[Story]:
    clock = StoryClock(0)
    clock.set(START)
    home = House(load_settings(environ={}, database_url=database_url), clock=clock)
    moving_in.init(home)
    with home.store.writing() as connection:
        connection.execute(update(house).values(uuid=HOUSE))
    yield Story(home, clock, database_url)
    home.store.close()


@pytest.mark.parametrize("folder", STORIES, ids=lambda folder: folder.name)
def test_story(folder: Path, story: Story) -> None:
    steps = sorted(folder.glob("[0-9][0-9]-*"))
    assert (folder / "README.md").exists()

    for step in steps:
        story.tell(step)


@pytest.mark.parametrize("folder", QUIET, ids=lambda folder: folder.name)
def test_loading_and_answering_owes_nobody_a_mail(folder: Path, story: Story) -> None:
    for step in sorted(folder.glob("[0-9][0-9]-*")):
        story.tell(step)

    for table in (announce, outbox):
        assert story.house.store.rows(select(table)) == []


def test_every_numbered_file_has_a_reading() -> None:
    steps = [step for folder in STORIES for step in folder.glob("[0-9][0-9]-*")]

    assert len(STORIES) >= 4
    assert [s for s in steps if s.suffix not in KINDS and s.name.partition("-")[2] not in TEXTS] == []
