"""python-caldav again: the reports that few clients ask for, on a diary with a series in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from caldav.davclient import DAVClient as UntypedClient
from caldav.lib.error import DAVError

from tests.living import living
from tests.seed import BO, Seeded, seed
from tests.strangers.scores import ASKS_FOR_NOTHING, READ_ONLY, tried

pytestmark = pytest.mark.strangers
DAVClient: Any = UntypedClient  # whose types say that each answer may also be one to wait for
PROGRAM = "python-caldav"
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    seeded = seed(f"sqlite:///{tmp_path_factory.mktemp('reports') / 'partstat.db'}")
    for week in range(3):
        seeded.appointment("Every week", owner=BO, days=1 + 7 * week, recurrenceRuleId=9)
    seeded.appointment("Count bottles", owner=BO, days=3)
    seeded.appointment("Lunch, if there is time", owner=BO, days=4, freeBusy=1)
    yield seeded
    seeded.close()


@pytest.fixture(scope="module")
def client(seeded: Seeded) -> Iterator[Any]:
    with (
        living(seeded) as url,
        DAVClient(url=f"{url}/dav/", username="BO", password=seeded.token("BO")) as client,
    ):
        yield client


@pytest.fixture
def diary(client: Any) -> Any:
    diary, _ = client.principal().get_calendars()
    return diary


@pytest.fixture
def today(seeded: Seeded) -> datetime:
    return datetime.fromtimestamp(seeded.house.today() // 86_400 * 86_400, UTC)  # the CRM's day


@tried(PROGRAM, "finds the occurrences of a series, expanded by the server")
def test_a_series_comes_expanded(diary: Any, today: datetime) -> None:
    span = {"start": today, "end": today + 2 * WEEK}
    found = diary.search(event=True, expand=True, server_expand=True, post_filter=False, **span)
    weekly = [e.icalendar_component for e in found if e.icalendar_component["SUMMARY"] == "Every week"]
    starts = sorted(e["DTSTART"].dt for e in weekly)
    assert [b - a for a, b in pairwise(starts)] == [WEEK]
    assert all(e["DTSTART"].dt.utcoffset() == timedelta(0) for e in weekly)
    assert all("RRULE" not in e and "RDATE" not in e for e in weekly)


@tried(PROGRAM, "expands a series by itself, to the same occurrences")
def test_it_expands_to_the_same(diary: Any, today: datetime) -> None:
    span = {"event": True, "expand": True, "start": today, "end": today + 3 * WEEK}
    by_us, by_it = (
        sorted(e.icalendar_component["DTSTART"].dt for e in diary.search(server_expand=ours, **span))
        for ours in (True, False)
    )
    assert by_us == by_it
    assert len(by_us) == 5


@tried(PROGRAM, "asks who is busy when")
def test_free_busy(diary: Any, today: datetime) -> None:
    told = diary.freebusy_request(today, today + 3 * WEEK).icalendar_instance.walk("VFREEBUSY")[0]
    periods = told["FREEBUSY"] if isinstance(told["FREEBUSY"], list) else [told["FREEBUSY"]]
    assert sum(len(str(p.to_ical().decode()).split(",")) for p in periods) == 4  # and not the lunch
    assert "SUMMARY" not in told


@tried(PROGRAM, "finds an event by its UID")
def test_by_uid(diary: Any) -> None:
    one = diary.get_events()[0]
    found = diary.get_event_by_uid(str(one.icalendar_component["UID"]))
    assert found.url == one.url


@tried(PROGRAM, "finds principals by name", no=ASKS_FOR_NOTHING)
def test_principals(client: Any) -> None:
    answered = client.report(client.url, client._build_principal_search_query("tang"))
    assert answered.status == 207
    assert "/dav/principals/BO/" in str(answered.raw)  # we find it
    assert client.search_principals(name="tang") == []  # and it passes over what has no name


@tried(PROGRAM, "follows a diary page by page")
def test_pages(diary: Any) -> None:
    whole = diary.get_objects_by_sync_token()
    again = diary.get_objects_by_sync_token(whole.sync_token)
    assert len(list(whole)) == 3
    assert not list(again)


@tried(PROGRAM, "makes a calendar", no=READ_ONLY)
def test_it_may_not_make_a_calendar(client: Any) -> None:
    with pytest.raises(DAVError):
        client.principal().make_calendar(name="Mine", cal_id="mine")
    assert len(client.principal().get_calendars()) == 2


@tried(PROGRAM, "asks other people's free time through an outbox", no="there is no outbox: no scheduling by CalDAV yet")
def test_there_is_no_outbox(client: Any, today: datetime) -> None:
    principal = client.principal()
    assert not client.supports_scheduling()
    with pytest.raises((DAVError, AssertionError)):
        principal.freebusy_request(today, today + WEEK, ["mailto:ada@hillside.example"])
