"""tsdav, the CalDAV client of web calendars, against the live server."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.living import living
from tests.seed import BO, Seeded, seed
from tests.strangers.scores import READ_ONLY, tried
from tests.strangers.tools import HERE, node

pytestmark = pytest.mark.strangers
PROGRAM = "tsdav"
WEEK = timedelta(days=7)


class Tsdav:
    """One run of tsdav.mjs: it logs in, and answers questions until it is left."""

    def __init__(self, url: str, secret: str) -> None:
        self._node = subprocess.Popen(
            [node("tsdav"), HERE / "tsdav.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        found = self._ask({"url": url, "username": "BO", "password": secret})
        self.account: dict[str, Any] = found["account"]
        self.diary, self.tasks = found["calendars"]

    def _ask(self, question: dict[str, Any]) -> Any:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(question) + "\n")
        self._node.stdin.flush()
        return json.loads(self._node.stdout.readline())

    def __call__(self, what: str, **question: Any) -> Any:
        return self._ask({"what": what, **question})

    def close(self) -> None:
        self._node.communicate(timeout=20)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    node("tsdav")  # before anything is started
    seeded = seed(f"sqlite:///{tmp_path_factory.mktemp('tsdav') / 'partstat.db'}")
    for week in range(3):
        seeded.appointment("Every week", owner=BO, days=1 + 7 * week, recurrenceRuleId=9)
    seeded.appointment("Count bottles", owner=BO, days=3)
    seeded.to_do("Order corks", owner=BO, days=2)
    yield seeded
    seeded.close()


@pytest.fixture(scope="module")
def tsdav(seeded: Seeded) -> Iterator[Tsdav]:
    with living(seeded) as url:
        client = Tsdav(url, seeded.token("BO"))
        yield client
        client.close()


@pytest.fixture
def weeks(seeded: Seeded) -> dict[str, str]:
    today = datetime.fromtimestamp(seeded.house.today() // 86_400 * 86_400, UTC)
    return {"start": today.isoformat(), "end": (today + 3 * WEEK).isoformat()}


@tried(PROGRAM, "logs in by discovery from the server's name")
def test_it_finds_the_account(tsdav: Tsdav) -> None:
    assert tsdav.account["principalUrl"].endswith("/dav/principals/BO/")
    assert tsdav.account["homeUrl"].endswith("/dav/calendars/BO/")


@tried(PROGRAM, "lists both calendars with their names, colours and reports")
def test_it_lists_the_calendars(tsdav: Tsdav) -> None:
    assert [c["displayName"] for c in (tsdav.diary, tsdav.tasks)] == ["Bo Tangen", "Bo Tangen (tasks)"]
    assert [c["components"] for c in (tsdav.diary, tsdav.tasks)] == [["VEVENT"], ["VTODO"]]
    assert tsdav.diary["calendarColor"].startswith("#")
    assert {"calendarMultiget", "calendarQuery", "freeBusyQuery", "syncCollection"} <= set(tsdav.diary["reports"])


@tried(PROGRAM, "fetches events, all of them and those of a range")
def test_it_fetches_events(tsdav: Tsdav, weeks: dict[str, str]) -> None:
    everything = tsdav("objects", calendar=tsdav.diary)
    assert sorted(o["data"].count("SUMMARY:Count bottles") for o in everything) == [0, 1]
    assert all(o["etag"].startswith('"') for o in everything)
    assert len(tsdav("objects", calendar=tsdav.diary, timeRange=weeks)) == 2


@tried(PROGRAM, "fetches a series expanded")
def test_it_fetches_a_series_expanded(tsdav: Tsdav, weeks: dict[str, str]) -> None:
    found = tsdav("objects", calendar=tsdav.diary, timeRange=weeks, expand=True)
    (series,) = [o["data"] for o in found if "SUMMARY:Every week" in o["data"]]
    assert series.count("BEGIN:VEVENT") == series.count("RECURRENCE-ID:") == 3
    assert "RDATE" not in series


@tried(PROGRAM, "sees by the ctag whether anything changed")
def test_it_sees_whether_anything_changed(seeded: Seeded, tsdav: Tsdav) -> None:
    assert tsdav("dirty", collection=tsdav.tasks) == {"isDirty": False, "newCtag": tsdav.tasks["ctag"]}
    planned = seeded.to_do("Wash crates", owner=BO, days=6)
    assert tsdav("dirty", collection=tsdav.tasks)["isDirty"]
    seeded.delete(planned)


@tried(PROGRAM, "follows by sync-collection")
def test_it_follows_by_tokens(seeded: Seeded, tsdav: Tsdav) -> None:
    planned = seeded.appointment("Pressing", owner=BO, days=4)
    assert [r["status"] for r in tsdav("sync", collection=tsdav.diary)] == [207]
    seeded.delete(planned)


@tried(PROGRAM, "syncs by its own choice of means, tokens or ctag, and hears of what is new, changed and gone")
@pytest.mark.parametrize("method", ["webdav", "basic"])
def test_it_syncs_smartly(seeded: Seeded, tsdav: Tsdav, method: str) -> None:
    held = {**tsdav.diary, "objects": [], "syncToken": "", "ctag": ""}

    def sync() -> dict[str, Any]:
        nonlocal held
        found = tsdav("smart", collection=held, method=method)
        assert "error" not in found, found
        changed: dict[str, Any] = found.pop("objects")
        known = {o["url"]: o for o in held["objects"]} | {
            o["url"]: o for kind in ("created", "updated") for o in changed[kind]
        }
        gone = {o["url"] for o in changed["deleted"]}
        held = {**found, "objects": [o for url, o in known.items() if url not in gone]}
        return changed

    assert len(sync()["created"]) == 2
    assert not any(sync()[kind] for kind in ("created", "updated"))
    mother = seeded.meeting("Pressing", days=5)
    (new,) = sync()["created"]
    assert "SUMMARY:Pressing" in new["data"]
    seeded.move(mother, days=6, hour=9)
    assert [o["url"] for o in sync()["updated"]] == [new["url"]]
    seeded.delete(mother)
    assert [o["url"] for o in sync()["deleted"]] == [new["url"]]


@tried(PROGRAM, "stores an event", no=READ_ONLY)
def test_it_may_not_store(tsdav: Tsdav) -> None:
    event = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//x//y//EN",
        "BEGIN:VEVENT",
        "UID:x",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    assert tsdav("create", calendar=tsdav.diary, iCalString="\r\n".join([*event, ""]), filename="x.ics") == 403
