"""python-caldav, a client that we did not write, against the live server: it finds a diary, reads it and follows it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from caldav.davclient import DAVClient as UntypedClient
from caldav.lib.error import AuthorizationError, DAVError

from tests.living import living
from tests.seed import BO, Seeded, seed
from tests.strangers.scores import READ_ONLY, tried

pytestmark = pytest.mark.strangers
PROGRAM = "python-caldav"
DAVClient: Any = UntypedClient  # whose types say that each answer may also be one to wait for


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    path: Path = tmp_path_factory.mktemp("caldav") / "partstat.db"
    seeded = seed(f"sqlite:///{path}")
    seeded.meeting("Orchard planning", location="Barn & <hall>")
    seeded.appointment("Count bottles", owner=BO, days=3)
    seeded.to_do("Order corks", invited=(BO,), days=2)
    seeded.to_do("Sharpen knives", owner=BO, days=5, status=3, done=seeded.house.today())
    yield seeded
    seeded.close()


@pytest.fixture(scope="module")
def url(seeded: Seeded) -> Iterator[str]:
    with living(seeded) as url:
        yield url


@pytest.fixture
def client(seeded: Seeded, url: str) -> Iterator[Any]:
    with DAVClient(url=f"{url}/dav/", username="BO", password=seeded.token("BO")) as client:
        yield client


@pytest.fixture
def diary(client: Any) -> Any:
    diary, _ = client.principal().get_calendars()
    return diary


@pytest.fixture
def tasks(client: Any) -> Any:
    _, tasks = client.principal().get_calendars()
    return tasks


def titles(diary: Any) -> list[str]:
    return titles_of(diary.get_events())


def titles_of(found: Any) -> list[str]:
    return sorted(str(o.icalendar_component["SUMMARY"]) for o in found)


@tried(PROGRAM, "finds the diary from the root")
def test_it_finds_the_diary_from_the_root(client: Any, diary: Any) -> None:
    principal = client.principal()
    assert principal.get_display_name() == "Bo Tangen"
    assert diary.get_display_name() == "Bo Tangen"
    assert str(diary.url).endswith("/dav/calendars/BO/diary/")
    assert diary.get_supported_components() == ["VEVENT"]


@pytest.mark.parametrize("path", ["", "/", "/dav", "/principals/", "/dav/principals/BO/"])
@tried(PROGRAM, "finds the diary from any address a user may type")
def test_it_finds_the_diary_wherever_it_begins(seeded: Seeded, url: str, path: str) -> None:
    with DAVClient(url=url + path, username="BO", password=seeded.token("BO")) as client:
        assert [c.get_display_name() for c in client.principal().get_calendars()] == [
            "Bo Tangen", "Bo Tangen (tasks)",
        ]  # fmt: skip


@tried(PROGRAM, "reads every event and every answer")
def test_it_reads_every_event(diary: Any) -> None:
    assert titles(diary) == ["Count bottles", "Orchard planning"]
    planned = next(e for e in diary.get_events() if e.icalendar_component["SUMMARY"] == "Orchard planning")
    assert planned.icalendar_component["LOCATION"] == "Barn & <hall>"
    spoken = {str(a).lower(): a.params["PARTSTAT"] for a in planned.icalendar_component["ATTENDEE"]}
    assert spoken["mailto:bo@hillside.example"] == "NEEDS-ACTION"


@tried(PROGRAM, "searches a range of time")
def test_it_searches_a_range(seeded: Seeded, diary: Any) -> None:
    today = datetime.fromtimestamp(seeded.house.today() // 86_400 * 86_400, UTC)  # the CRM's day
    found = diary.search(event=True, start=today + timedelta(days=2), end=today + timedelta(days=4))
    assert [str(e.icalendar_component["SUMMARY"]) for e in found] == ["Count bottles"]


@tried(PROGRAM, "fetches several events at once")
def test_it_gets_several_at_once(diary: Any) -> None:
    events = diary.get_events()
    found = list(diary.multiget([e.url for e in events]))
    assert {e.id for e in found} == {e.id for e in events}


@tried(PROGRAM, "follows a diary by sync tokens")
def test_it_follows_by_real_tokens(seeded: Seeded, diary: Any) -> None:
    first = diary.get_objects_by_sync_token(load_objects=True)
    assert first.sync_token.startswith("urn:partstat:sync:")
    assert len(list(first)) == len(titles(diary))
    mother = seeded.meeting("Pressing", days=5)
    new = diary.get_objects_by_sync_token(first.sync_token, load_objects=True)
    assert not new.sync_token.startswith("fake-")
    assert [str(o.icalendar_component["SUMMARY"]) for o in new] == ["Pressing"]
    seeded.delete(mother)
    updated, gone = first.sync()
    assert (len(updated), len(gone)) in {(0, 0), (0, 1)}  # it was never in the first collection
    assert "Pressing" not in titles(diary)


@tried(PROGRAM, "finds the to-dos in a calendar of their own")
def test_it_finds_the_to_dos_in_a_calendar_of_their_own(diary: Any, tasks: Any) -> None:
    assert tasks.get_display_name() == "Bo Tangen (tasks)"
    assert str(tasks.url).endswith("/dav/calendars/BO/tasks/")
    assert tasks.get_supported_components() == ["VTODO"]
    everything = {str(o.icalendar_component["SUMMARY"]): o for o in tasks.get_todos(include_completed=True)}
    assert {name: str(o.icalendar_component["STATUS"]) for name, o in everything.items()} == {
        "Order corks": "NEEDS-ACTION", "Sharpen knives": "COMPLETED",
    }  # fmt: skip
    assert diary.get_todos(include_completed=True) == tasks.get_events() == []


@tried(PROGRAM, "searches to-dos by their deadline")
def test_it_searches_to_dos_by_their_deadline(seeded: Seeded, tasks: Any) -> None:
    today = datetime.fromtimestamp(seeded.house.today() // 86_400 * 86_400, UTC)  # the CRM's day
    found = tasks.search(
        todo=True, include_completed=True, start=today + timedelta(days=1), end=today + timedelta(days=3)
    )
    assert [str(o.icalendar_component["SUMMARY"]) for o in found] == ["Order corks"]


@tried(PROGRAM, "lists the to-dos that wait, by its own default of three queries")
def test_it_finds_the_to_dos_that_wait(diary: Any, tasks: Any) -> None:
    """Its own default: three queries with negated texts and missing properties."""
    assert titles_of(tasks.get_todos()) == ["Order corks"]
    assert diary.get_todos() == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"summary": "orchard", "case_sensitive": False}, ["Orchard planning"]),
        ({"summary": "bottles"}, ["Count bottles"]),
        ({"location": "Barn & <hall>"}, ["Orchard planning"]),
        ({"category": "Meeting"}, ["Count bottles", "Orchard planning"]),
        ({"no_location": True}, ["Count bottles"]),
        ({"no_dtend": True}, []),
    ],
)
@tried(PROGRAM, "searches by words, categories and what is missing")
def test_it_searches_by_words(diary: Any, asked: dict[str, Any], expected: list[str]) -> None:
    searcher = diary.searcher(event=True)
    for name, value in asked.items():
        if name.startswith("no_"):
            searcher.add_property_filter(name.removeprefix("no_"), "", operator="undef")
        elif name != "case_sensitive":
            searcher.add_property_filter(name, value, case_sensitive=asked.get("case_sensitive", True))
    # Nothing is filtered again by the client, so that it is our answer that is looked at.
    assert titles_of(searcher.search(diary, post_filter=False)) == expected


@tried(PROGRAM, "follows the to-dos by tokens of their own")
def test_it_follows_the_to_dos_by_tokens_of_their_own(seeded: Seeded, diary: Any, tasks: Any) -> None:
    first, beside = (c.get_objects_by_sync_token(load_objects=True) for c in (tasks, diary))
    assert len(list(first)) == 2
    seeded.to_do("Wash crates", owner=BO, days=6)
    new = tasks.get_objects_by_sync_token(first.sync_token, load_objects=True)
    assert [str(o.icalendar_component["SUMMARY"]) for o in new] == ["Wash crates"]
    assert diary.get_objects_by_sync_token().sync_token == beside.sync_token


@tried(PROGRAM, "stores and deletes events", no=READ_ONLY)
def test_it_is_told_that_it_may_not_write(diary: Any) -> None:
    event = diary.get_events()[0]
    with pytest.raises((AuthorizationError, DAVError)):
        event.delete()
    with pytest.raises((AuthorizationError, DAVError)):
        diary.add_event(event.data.replace("UID:", "UID:other-"))


def test_a_wrong_token_is_refused(url: str) -> None:
    with DAVClient(url=f"{url}/dav/", username="BO", password="guess") as client, pytest.raises(AuthorizationError):
        client.principal()
