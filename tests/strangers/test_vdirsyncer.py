"""vdirsyncer and khal: a diary and its to-dos come into folders, follow the CRM, and are read there."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.living import living
from tests.seed import BO, Seeded, seed
from tests.strangers.scores import READ_ONLY, tried
from tests.strangers.tools import program

pytestmark = pytest.mark.strangers
SYNC = "vdirsyncer"
READER = "khal"
PATIENCE = 60  # seconds
SYNCED = """
[general]
status_path = "{folder}/status/"

[pair mine]
a = "here"
b = "there"
collections = ["from b"]
metadata = ["color", "displayname"]
conflict_resolution = "b wins"
partial_sync = "revert"

[storage here]
type = "filesystem"
path = "{folder}/calendars/"
fileext = ".ics"

[storage there]
type = "caldav"
url = "{url}/"
username = "BO"
password = "{secret}"
read_only = true
"""
READ = """
[calendars]
[[diary]]
path = {folder}/calendars/diary
[[tasks]]
path = {folder}/calendars/tasks
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""


@dataclass
class Desk:
    """Somebody's folder, with the two programs set up in it."""

    folder: Path
    seeded: Seeded

    def run(self, name: str, *words: str) -> str:
        """Run a program with the settings that are here; give what it said."""
        environment = {"PATH": os.defpath, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        command = [program(name), "-c", str(self.folder / f"{name}.conf"), *words]
        ran = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True,
            check=False, timeout=PATIENCE, input="y\ny\ny\ny\n",
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def files(self, calendar: str) -> dict[str, str]:
        """What lies in a folder: name -> text."""
        found = (self.folder / "calendars" / calendar).glob("*.ics")
        return {path.name: path.read_text("utf-8") for path in found}

    def titled(self, calendar: str, title: str) -> list[str]:
        return [name for name, text in self.files(calendar).items() if f"SUMMARY:{title}" in text]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("vdirsyncer")
    program(SYNC)  # before anything is started
    seeded = seed(f"sqlite:///{folder / 'partstat.db'}")
    seeded.meeting("Orchard planning", location="Barn & <hall>")
    seeded.appointment("Count bottles", owner=BO, days=3)
    seeded.to_do("Order corks", owner=BO, days=2)
    with living(seeded) as url:
        (folder / "vdirsyncer.conf").write_text(SYNCED.format(folder=folder, url=url, secret=seeded.token("BO")))
        (folder / "khal.conf").write_text(READ.format(folder=folder))
        (folder / "calendars").mkdir()
        desk = Desk(folder, seeded)
        desk.run(SYNC, "discover")
        desk.run(SYNC, "sync")
        yield desk
    seeded.close()


@tried(SYNC, "discovers both collections from the server's name")
def test_both_are_found(desk: Desk) -> None:
    assert {path.name for path in (desk.folder / "calendars").iterdir()} == {"diary", "tasks"}


@tried(SYNC, "fetches the diary and the to-dos")
def test_everything_comes(desk: Desk) -> None:
    assert desk.titled("diary", "Orchard planning")
    assert desk.titled("diary", "Count bottles")
    assert desk.titled("tasks", "Order corks")


@tried(SYNC, "takes over names and colours")
def test_names_and_colours_come(desk: Desk) -> None:
    desk.run(SYNC, "metasync")
    assert (desk.folder / "calendars" / "diary" / "displayname").read_text().strip() == "Bo Tangen"
    assert (desk.folder / "calendars" / "tasks" / "color").read_text().startswith("#")


@tried(SYNC, "changes nothing when nothing has changed")
def test_a_second_time_changes_nothing(desk: Desk) -> None:
    before = desk.files("diary") | desk.files("tasks")
    said = desk.run(SYNC, "sync")
    assert desk.files("diary") | desk.files("tasks") == before
    assert not any(word in said for word in ("Copying", "Deleting", "error")), said


@tried(SYNC, "fetches what is new, what was moved, and drops what was deleted in the CRM")
def test_what_happens_in_the_crm_arrives(desk: Desk) -> None:
    mother = desk.seeded.meeting("Pressing", days=5)
    desk.run(SYNC, "sync")
    (name,) = desk.titled("diary", "Pressing")
    planned = desk.files("diary")[name]
    desk.seeded.move(mother, days=6, hour=9)
    desk.run(SYNC, "sync")
    assert desk.files("diary")[name] != planned
    desk.seeded.delete(mother)
    desk.run(SYNC, "sync")
    assert desk.titled("diary", "Pressing") == []


@tried(SYNC, "stores what was changed in the folder", no=READ_ONLY)
def test_what_is_changed_here_is_not_stored(desk: Desk) -> None:
    (name,) = desk.titled("diary", "Count bottles")
    path = desk.folder / "calendars" / "diary" / name
    was = path.read_text("utf-8")
    path.write_text(was.replace("Count bottles", "Count on it"))
    for _ in range(2):  # it notes that ours is another, and then takes back what was there
        desk.run(SYNC, "sync")
    assert path.read_text("utf-8") == was


@tried(READER, "lists the events")
def test_khal_lists_the_events(desk: Desk) -> None:
    listed = desk.run(READER, "list", "-a", "diary", "--format", "{title}|{location}", "today", "8d")
    assert "Orchard planning|Barn & <hall>" in listed
    assert "Count bottles|" in listed


@tried(READER, "searches the events")
def test_khal_searches(desk: Desk) -> None:
    found = desk.run(READER, "search", "--format", "{title}", "orchard")
    assert "Orchard planning" in found
    assert "Count bottles" not in found
