"""What left a calendar long ago is forgotten, and no client is left holding it."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import delete, event, update

from gateway.crm import tables as crm
from gateway.errors import DatabaseBusy
from gateway.services import sweep
from gateway.services.house import DAY, House
from gateway.services.verbs import dismiss
from gateway.store import cursor, objects, published
from gateway.store import tables as t
from gateway.worker import Worker
from tests.calling import caller
from tests.gateway.test_dav import DIARY, sync, token
from tests.outside import Clock, Follower, calendars, contents
from tests.planned import row_of
from tests.seed import ADA, BO, DAG, Seeded, seed

NOW = 1_785_900_000


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    made = seed(database_url, clock=Clock(NOW), tombstone_days=90)
    yield made
    made.close()


def later(seeded: Seeded, days: int) -> None:
    clock = seeded.house.clock
    assert isinstance(clock, Clock)
    clock.moment += days * DAY


def everything_pruned(house: House) -> int:
    """Prune until there is no more, as the worker does."""
    return sum(iter(lambda: sweep.prune(house), 0))


def floor(seeded: Seeded, login: str = "BO") -> int:
    return int(contents(seeded.house, t.calendar, calendar_id=calendars(seeded.house)[login])[0]["floor"])


def tombstones(seeded: Seeded, login: str = "BO") -> list[int]:
    """Give the revisions at which something left a calendar that still tells so."""
    calendar = calendars(seeded.house)[login]
    gone = {o["event_id"] for o in contents(seeded.house, t.object_, calendar_id=calendar, gone=True)}
    return sorted(y["revision"] for y in contents(seeded.house, t.sync, calendar_id=calendar) if y["event_id"] in gone)


def plain(seeded: Seeded, count: int, first: int = 0) -> list[int]:
    return [seeded.appointment(f"Plain {n}", owner=BO, days=1 + n % 9) for n in range(first, first + count)]


def client(seeded: Seeded, limit: int = 0, login: str = "BO") -> Follower:
    made = Follower(seeded.house, calendars(seeded.house)[login], limit)
    made.sync()
    return made


def page(seeded: Seeded, given: str, limit: int = 2) -> objects.Changes | None:
    return objects.since(seeded.house.store, calendars(seeded.house)["BO"], given, limit)


def test_a_token_from_before_what_was_forgotten_is_refused_and_a_later_one_goes_on(seeded: Seeded) -> None:
    call = caller(seeded, "BO")
    first, second, third, *_ = plain(seeded, 4)
    before = token(call("REPORT", DIARY, sync()))
    seeded.delete(first)
    between = token(call("REPORT", DIARY, sync(before)))
    later(seeded, 60)
    seeded.delete(second)
    after = token(call("REPORT", DIARY, sync(between)))
    seeded.delete(third)
    assert len(tombstones(seeded)) == 3
    later(seeded, 31)
    assert everything_pruned(seeded.house) > 0
    assert len(tombstones(seeded)) == 2
    refused = call("REPORT", DIARY, sync(before))
    assert (refused.status, refused.precondition) == (403, "{DAV:}valid-sync-token")
    # The floor is what was forgotten, and who has heard of that goes on; had its publication been forgotten, they would
    # have to begin anew.
    assert floor(seeded) == int(between.rpartition(":")[2].partition("-")[0])
    assert len(call("REPORT", DIARY, sync(after)).hrefs("404")) == 1
    assert len(call("REPORT", DIARY, sync()).hrefs()) == 1


def test_a_token_whose_publication_was_forgotten_is_refused(seeded: Seeded) -> None:
    first, *_ = plain(seeded, 2)
    old = client(seeded).token
    seeded.delete(first)
    seeded.appointment("Another", owner=ADA)
    later(seeded, 91)
    known = {r["revision"] for r in contents(seeded.house, t.tick)}
    everything_pruned(seeded.house)
    left = {r["revision"] for r in contents(seeded.house, t.tick)}
    assert left < known
    assert max(left) == max(known)
    assert left == {r["revision"] for r in contents(seeded.house, t.sync)} | {max(known)}
    forgotten = cursor.write(min(known - left), 5)
    assert page(seeded, forgotten) is None
    assert old != ""
    seeded.appointment("After it all", owner=ADA)
    assert max(r["revision"] for r in contents(seeded.house, t.tick)) == max(known) + 1


@pytest.mark.parametrize("limit", [0, 2])
def test_the_last_that_a_calendar_tells_is_never_forgotten(seeded: Seeded, limit: int) -> None:
    """Otherwise its token would fall below its floor, and every client would begin anew each time it asks."""
    numbers = plain(seeded, 5)
    for number in (numbers[3], numbers[1]):
        seeded.delete(number)
    later(seeded, 91)
    everything_pruned(seeded.house)
    assert len(tombstones(seeded)) == 1
    assert tombstones(seeded)[0] > floor(seeded) > 0
    newcomer = client(seeded, limit)
    for _ in range(3):
        newcomer.sync()
        assert newcomer.agrees()
    assert (newcomer.refused, len(newcomer.held)) == (0, 3)


def test_a_first_listing_outlives_a_pruning_and_ends_in_what_is_there(seeded: Seeded) -> None:
    """Its pages name old changes, which lie below the floor; what left before it began is none of its business."""
    numbers = plain(seeded, 9)
    seeded.delete(numbers[8])
    first = page(seeded, "")
    assert first is not None
    assert first.more
    seeded.delete(numbers[7])
    later(seeded, 91)
    seeded.appointment("The newest", owner=BO)
    newcomer = page(seeded, "")
    assert newcomer is not None
    everything_pruned(seeded.house)
    assert page(seeded, first.token) is None, "what left since it began is forgotten"
    held, place = {i.name for i in newcomer.items}, newcomer
    assert int(place.token.partition(".")[2].partition(".")[0]) < floor(seeded)
    while place.more:
        following = page(seeded, place.token)
        assert following is not None
        assert not any(i.gone for i in following.items)
        held |= {i.name for i in following.items}
        place = following
    assert held == {i.name for i in objects.listing(seeded.house.store, calendars(seeded.house)["BO"])}
    assert page(seeded, place.token) == objects.Changes((), place.token, more=False)


def test_a_first_listing_tells_of_what_left_while_it_was_read(seeded: Seeded) -> None:
    numbers = plain(seeded, 4)
    first = page(seeded, "")
    assert first is not None
    seeded.delete(numbers[0])
    rest = page(seeded, first.token, 9)
    assert rest is not None
    assert [i.name for i in rest.items if i.gone] == [first.items[0].name]


def test_a_page_that_ends_in_the_midst_of_a_publication_is_refused_when_its_rest_is_forgotten(seeded: Seeded) -> None:
    numbers, other = plain(seeded, 5), seeded.appointment("Of the same publication", owner=DAG)
    known = client(seeded).token
    a = crm.appointment.c
    with seeded.crm() as connection:
        connection.execute(delete(crm.appointment).where(a.appointment_id.in_(numbers[:3])))
        connection.execute(update(crm.appointment).where(a.appointment_id == other).values(location="Press house"))
    seeded.publish()
    cut = page(seeded, known)
    assert cut is not None
    assert [i.gone for i in cut.items] == [True, True]
    plain(seeded, 1, first=7)
    assert page(seeded, cut.token) is not None
    later(seeded, 91)
    everything_pruned(seeded.house)
    assert floor(seeded) in {r["revision"] for r in contents(seeded.house, t.tick)}
    assert page(seeded, cut.token) is None


def test_the_last_publication_is_never_forgotten_because_the_next_counts_on_from_it(seeded: Seeded) -> None:
    plain(seeded, 2)
    with seeded.house.store.publishing() as connection:
        published.demolish(connection, seeded.house.clock.now())
    assert contents(seeded.house, t.sync) == []
    last = max(r["revision"] for r in contents(seeded.house, t.tick))
    later(seeded, 91)
    everything_pruned(seeded.house)
    assert [r["revision"] for r in contents(seeded.house, t.tick)] == [last]


def test_a_pruning_just_before_the_changes_are_read_is_not_overlooked(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = caller(seeded, "BO")
    first, *_ = plain(seeded, 3)
    before = token(call("REPORT", DIARY, sync()))
    seeded.delete(first)
    plain(seeded, 1, first=5)
    later(seeded, 91)
    follow = cursor.follow

    def overtaken(*arguments: Any) -> Any:
        everything_pruned(seeded.house)
        return follow(*arguments)

    monkeypatch.setattr(cursor, "follow", overtaken)
    assert call("REPORT", DIARY, sync(before)).status == 403


def test_what_was_dismissed_is_remembered_while_its_event_lives(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", days=300)
    dismiss.dismiss(seeded.house, "BO", row_of(seeded, mother, BO), silently=True)
    plain(seeded, 1)
    watching = client(seeded)
    later(seeded, 91)
    everything_pruned(seeded.house)
    (kept,) = contents(seeded.house, t.object_, calendar_id=watching.calendar, gone=True)
    assert kept["dismissed_sequence"] is not None
    assert tombstones(seeded) == []
    with seeded.crm() as connection:
        where = crm.appointment.c.mother_id == mother
        connection.execute(update(crm.appointment).where(where).values(location="Press house"))
    seeded.publish()
    watching.sync()
    assert len(watching.held) == 1
    seeded.move(mother, days=301, hour=9)
    seeded.answer(mother, BO, status=6)  # asked again, and so it returns
    watching.sync()
    assert watching.agrees()
    assert (len(watching.held), watching.refused) == (2, 0)


def test_what_was_dismissed_is_forgotten_when_its_event_has_long_been_gone(seeded: Seeded) -> None:
    mother = seeded.meeting("Orchard planning", days=300)
    dismiss.dismiss(seeded.house, "BO", row_of(seeded, mother, BO), silently=True)
    plain(seeded, 1)
    later(seeded, 200)
    seeded.delete(mother)
    calendar = calendars(seeded.house)["BO"]
    everything_pruned(seeded.house)
    assert len(contents(seeded.house, t.object_, calendar_id=calendar, gone=True)) == 1
    later(seeded, 91)
    everything_pruned(seeded.house)
    assert contents(seeded.house, t.object_, calendar_id=calendar, gone=True) == []


def test_a_backlog_goes_in_short_transactions_turn_by_turn(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "TOMBSTONES", 3)
    monkeypatch.setattr(sweep, "TICKS", 4)
    for number in plain(seeded, 11)[:10]:
        seeded.delete(number)
    plain(seeded, 1)
    later(seeded, 91)
    sizes: list[int] = []

    def counted(_: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("DELETE FROM object"):
            sizes.append(len(parameters) if many else 1)

    listener = ("after_cursor_execute", counted)
    event.listen(seeded.house.store.engine, *listener)
    worker = Worker(seeded.house)
    turns = sum(iter(worker.turn, False))
    event.remove(seeded.house.store.engine, *listener)
    assert sizes == [3, 3, 3, 1]
    assert turns >= 4
    assert tombstones(seeded) == []


# --- everybody at once ------------------------------------------------------------------------------------------------

WRITES = 40


class Crowd:
    """Threads that work until they are done, and what went wrong in them."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._threads: list[threading.Thread] = []
        self.written = threading.Event()

    def start(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException:  # noqa: BLE001 - whatever it was, the test is told
                self.wrong.append(traceback.format_exc())

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def join(self) -> None:
        for thread in self._threads:
            thread.join(60)
        assert self.wrong == []
        assert not [thread for thread in self._threads if thread.is_alive()]


def writer(seeded: Seeded, owner: int) -> Callable[[], None]:
    def work() -> None:
        numbers: list[int] = []
        for turn in range(WRITES):
            numbers.append(seeded.appointment(f"{owner} {turn}", owner=owner, days=1 + turn % 20))
            if turn % 3:
                seeded.delete(numbers.pop(turn % len(numbers)))
        seeded.house.store.release()

    return work


def pruner(house: House, crowd: Crowd, done: list[int]) -> Callable[[], None]:
    def work() -> None:
        while not crowd.written.wait(0.005):  # writers draw breath
            try:
                done.append(sweep.prune(house))
            except DatabaseBusy:
                continue
        house.store.release()

    return work


def reader(follower: Follower, crowd: Crowd) -> Callable[[], None]:
    def work() -> None:
        while not crowd.written.wait(0.002):
            follower.sync()
        follower.house.store.release()

    return work


def test_whoever_syncs_by_pages_while_others_write_and_one_prunes_holds_what_is_there(database_url: str) -> None:
    seeded = seed(database_url, tombstone_days=1)
    # To this one everything was long ago.
    ahead = House(seeded.house.settings, Clock(seeded.house.clock.now() + 1_000 * DAY))
    with closing(seeded.house.store), closing(ahead.store):
        for owner in (BO, DAG):
            seeded.appointment("The first", owner=owner)
        own = calendars(seeded.house)
        followers = [Follower(seeded.house, own[login], limit) for login in ("BO", "DAG") for limit in (0, 1, 4)]
        crowd, pruned = Crowd(), list[int]()
        writers = [crowd.start(writer(seeded, owner)) for owner in (BO, DAG)]
        crowd.start(pruner(ahead, crowd, pruned))
        for follower in followers:
            crowd.start(reader(follower, crowd))
        for thread in writers:
            thread.join(60)
        crowd.written.set()
        crowd.join()
        for follower in followers:
            follower.sync()
            assert follower.agrees(), follower
        print(f"{sum(pruned)} pruned; refused {[f.refused for f in followers]}")
        assert sum(pruned) > WRITES
        late = Follower(seeded.house, own["DAG"], 3)
        everything_pruned(ahead)
        assert late.sync() > 3
        assert late.agrees()
        assert late.refused == 0
