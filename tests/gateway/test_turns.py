"""Two at once: one after the other, in one of the two orders, and never a mixture."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import combinations
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from gateway.crm import tables as crm
from gateway.errors import DatabaseBusy, NotFound
from gateway.services import publish
from gateway.services.house import DAY, House
from gateway.services.ingest import ingest
from gateway.services.reconcile import reconcile
from gateway.services.verbs.accept import accept
from gateway.services.verbs.acting import Done
from gateway.services.verbs.add import add
from gateway.services.verbs.cancel import cancel
from gateway.services.verbs.decline import decline
from gateway.services.verbs.invite import invite
from gateway.services.verbs.move import move
from gateway.services.verbs.planning import Plan, When
from gateway.services.verbs.remove import remove
from gateway.store import tables as t
from gateway.store.tables import metadata as ours
from mappings.errors import RefusedAct
from mappings.model import Outcome
from mappings.reach import Reach
from tests.copies import Fresh, copies
from tests.outside import contents, crm_session, reply, shown
from tests.seed import ADA, BO, DAG, HOUR, MAILBOXES, ROOM, Seeded

ROUNDS = 12
GUESTS = ("BO", "DAG", "person:42", "TASTING ROOM")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module")
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    url = f"sqlite:///{tmp_path_factory.mktemp('turns') / 'template.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_template")
    with copies(url, settle_seconds=0) as made:
        yield made


@pytest.fixture
def company(fresh: Fresh) -> Iterator[Company]:
    with Company.opened(fresh) as made:
        yield made


class Company:
    """One database and two processes beside each other, as far as locks inside a process go."""

    def __init__(self, seeded: Seeded, other: House, sql: Any) -> None:
        self.seeded, self.other, self.sql = seeded, other, sql
        self.house = seeded.house
        self.houses = (self.house, other)

    @classmethod
    @contextmanager
    def opened(cls, fresh: Fresh) -> Iterator[Company]:
        with ExitStack() as stack:
            seeded = stack.enter_context(fresh())
            other = House(seeded.house.settings)
            stack.enter_context(closing(other.store))
            yield cls(seeded, other, stack.enter_context(crm_session(seeded.url)).execute)

    def meeting(self, guests: tuple[str, ...] = GUESTS) -> int:
        return invite(self.house, "ADA", Plan("Tasting", self.when(1), guests)).appointment

    def when(self, days: int) -> When:
        start = self.house.today() - self.house.today() % DAY + days * DAY
        return When(start, start + HOUR)

    def rows(self, mother: int) -> dict[int, dict[str, Any]]:
        """Give the rows of a meeting by whose they are, outsiders under 0."""
        return {r["associate_id"]: r for r in contents(self.house, crm.appointment, mother_id=mother)}

    def number(self, mother: int, associate: int) -> int:
        return int(self.rows(mother)[associate]["appointment_id"])

    def waited_for(self) -> None:
        """Return once somebody waits for a lock that the CRM holds; on SQLite nobody can tell."""
        end = monotonic() + 30
        while not self.house.store.sqlite and not self._anybody_waits():
            assert monotonic() < end, "nobody ever waited"

    def _anybody_waits(self) -> bool:
        waiting = text("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1")
        return bool(self.house.store.rows(waiting))

    def settled(self) -> None:
        """Publish the rest, and see that it is what the rows say."""
        self.seeded.publish()
        before = self.ours()
        assert reconcile(self.house).changed == 0
        assert self.ours() == before
        assert contents(self.house, t.dirty) == []
        rows = contents(self.house, crm.appointment)
        seen_by = Counter(v["recordId"] for v in contents(self.house, crm.visiblefor))
        assert seen_by == Counter(dict.fromkeys((r["appointment_id"] for r in rows), 1))
        for mother in (r for r in rows if r["mother_id"] == r["appointment_id"]):
            nines = [r for r in rows if r["mother_id"] == mother["appointment_id"] and r["status"] == 9]
            assert mother["rejectCounter"] == len(nines)

    def ours(self) -> dict[str, list[dict[str, Any]]]:
        return {table.name: contents(self.house, table) for table in ours.sorted_tables if table is not t.dirty}

    def at_once(self, *acts: Callable[[], object]) -> list[object]:
        """Do all of it at one moment, each in a thread; gives what came of each, a refusal as the error it is."""
        came: list[object] = [None] * len(acts)
        gate = threading.Barrier(len(acts))

        def run(place: int, act: Callable[[], object]) -> None:
            gate.wait()
            try:
                came[place] = act()
            except Exception as error:  # noqa: BLE001 - whatever it was, the test looks at it
                came[place] = error
            finally:
                for house in self.houses:
                    house.store.release()

        threads = [threading.Thread(target=run, args=(place, act), daemon=True) for place, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not [thread for thread in threads if thread.is_alive()]
        return came


def mailed(house: House, raw: bytes) -> Outcome:
    return ingest(house, raw, door="mail", vouched=True).outcome


def state(row: dict[str, Any]) -> tuple[int, int]:
    return row["type"], row["status"]


def test_two_declines_at_once_count_two(company: Company) -> None:
    for _ in range(ROUNDS):
        mother = company.meeting()
        bo, dag = company.number(mother, BO), company.number(mother, DAG)
        came = company.at_once(partial(decline, company.house, "BO", bo), partial(decline, company.other, "DAG", dag))
        assert [done.status for done in came if isinstance(done, Done)] == [9, 9]
        assert company.rows(mother)[ADA]["rejectCounter"] == 2
    company.settled()


def test_two_declines_at_once_by_mail_count_two_too(company: Company) -> None:
    for number in range(ROUNDS):
        mother = company.meeting()
        (uid,) = (e["uid"] for e in contents(company.house, t.event, mother_id=mother))
        some = [(h, reply(uid, MAILBOXES[who], "DECLINED", message=f"{number}-{who}"))
                for h, who in ((company.house, BO), (company.other, DAG))]  # fmt: skip
        came = company.at_once(
            *(lambda h=h, raw=raw: ingest(h, raw, door="mail", vouched=True).outcome for h, raw in some)
        )
        assert came == [Outcome.APPLIED, Outcome.APPLIED]
        assert company.rows(mother)[ADA]["rejectCounter"] == 2
    company.settled()


def test_the_same_mail_twice_at_once_is_one_answer(company: Company) -> None:
    for number in range(ROUNDS):
        mother = company.meeting()
        (uid,) = (e["uid"] for e in contents(company.house, t.event, mother_id=mother))
        raw = reply(uid, MAILBOXES[BO], "DECLINED", message=str(number))
        came = company.at_once(*(partial(mailed, house, raw) for house in company.houses))
        assert Outcome.APPLIED in came
        assert set(came) <= {Outcome.APPLIED, Outcome.DUPLICATE}
        assert len(contents(company.house, t.answer, appointment_id=company.number(mother, BO))) == 1
        assert company.rows(mother)[BO]["updatedCount"] == 1
    company.settled()


@pytest.mark.parametrize("verb", [accept, decline])
def test_an_answer_and_a_move_at_once_end_in_one_of_the_two_orders(company: Company, verb: Callable[..., Done]) -> None:
    answered = (1, 1) if verb is accept else (6, 9)
    for _ in range(ROUNDS):
        mother = company.meeting()
        bo = company.number(mother, BO)
        came = company.at_once(
            partial(verb, company.house, "BO", bo),
            partial(move, company.other, "ADA", mother, company.when(3)),
        )
        assert [type(one) for one in came] == [Done, Done]
        company.seeded.publish()
        rows = company.rows(mother)
        assert {(r["do_by"], r["endDate"]) for r in rows.values()} == {(company.when(3).start, company.when(3).end)}
        assert state(rows[BO]) in {answered, (6, 6)}
        assert rows[BO]["updatedCount"] == 2
        live = [a for a in contents(company.house, t.answer, appointment_id=bo) if a["ended_at"] is None]
        said = "NEEDS-ACTION" if state(rows[BO]) == (6, 6) else {1: "ACCEPTED", 9: "DECLINED"}[answered[1]]
        assert [a["partstat"] for a in live] == ([] if said == "NEEDS-ACTION" else [said])
        assert partstat(company, mother, BO) == said
    company.settled()


def partstat(company: Company, mother: int, associate: int) -> str:
    """Give what is published of somebody's answer to a meeting, read from the owner's calendar."""
    (event,) = contents(company.house, t.event, mother_id=mother)
    text = shown(company.house)["ADA"][event["name"]]
    (line,) = (ln for ln in text.splitlines() if ln.startswith("ATTENDEE") and MAILBOXES[associate] in ln)
    return line.partition("PARTSTAT=")[2].partition(";")[0].partition(":")[0]


def test_a_cancellation_and_an_answer_at_once_leave_a_cancelled_row(company: Company) -> None:
    for _ in range(ROUNDS):
        mother = company.meeting()
        bo = company.number(mother, BO)
        came = company.at_once(
            partial(accept, company.house, "BO", bo),
            partial(cancel, company.other, "ADA", mother),
        )
        assert isinstance(came[1], Done)
        assert isinstance(came[0], (Done, RefusedAct))
        rows = company.rows(mother)
        assert set(rows) == {BO, DAG}
        assert state(rows[BO]) == ((1, 10) if isinstance(came[0], Done) else (6, 10))
        company.seeded.publish()
        assert [a for a in contents(company.house, t.answer, appointment_id=bo) if a["ended_at"] is None] == []
    company.settled()


def test_a_cancellation_and_a_decline_at_once_leave_a_cancelled_row_or_none(company: Company) -> None:
    for _ in range(ROUNDS):
        mother = company.meeting()
        bo = company.number(mother, BO)
        came = company.at_once(
            partial(decline, company.house, "BO", bo),
            partial(cancel, company.other, "ADA", mother),
        )
        assert isinstance(came[1], Done)
        rows = company.rows(mother)
        assert set(rows) == ({DAG} if isinstance(came[0], Done) else {BO, DAG})
    company.settled()


def test_a_removal_and_an_answer_at_once_leave_a_cancelled_row(company: Company) -> None:
    for _ in range(ROUNDS):
        mother = company.meeting()
        bo = company.number(mother, BO)
        came = company.at_once(
            partial(accept, company.house, "BO", bo),
            partial(remove, company.other, "ADA", mother, ["BO"]),
        )
        assert isinstance(came[1], Done)
        assert isinstance(came[0], (Done, RefusedAct))
        assert state(company.rows(mother)[BO]) == ((1, 10) if isinstance(came[0], Done) else (6, 10))
    company.settled()


def test_a_removal_of_an_outsider_and_their_answer_at_once_leave_no_row_and_no_live_answer(company: Company) -> None:
    for _ in range(ROUNDS):
        mother = company.meeting()
        carla = company.number(mother, 0)
        came = company.at_once(
            partial(decline, company.house, "ADA", carla),
            partial(remove, company.other, "ADA", mother, ["person:42"]),
        )
        assert isinstance(came[1], Done)
        assert isinstance(came[0], (Done, NotFound)), came[0]
        assert set(company.rows(mother)) == {ADA, BO, DAG, ROOM}
        company.seeded.publish()
        assert [a for a in contents(company.house, t.answer, appointment_id=carla) if a["ended_at"] is None] == []
    company.settled()


@pytest.mark.parametrize("guests", [("BO",), ()], ids=["a meeting", "a plain appointment"])
@pytest.mark.parametrize("word", ["DAG", "person:42", "someone@away.example", "TASTING ROOM"])
def test_who_is_invited_twice_at_once_is_invited_once(company: Company, guests: tuple[str, ...], word: str) -> None:
    for _ in range(ROUNDS // 3):
        mother = company.meeting(guests)
        came = company.at_once(*(partial(add, house, "ADA", mother, [word]) for house in company.houses))
        assert sorted(done.changed for done in came if isinstance(done, Done)) == [False, True]
        assert len(contents(company.house, crm.appointment, mother_id=mother)) == len(guests) + 2
    company.settled()


VERBS: dict[str, Callable[[Company, int, int], Done]] = {
    "accept": lambda company, _, bo: accept(company.house, "BO", bo),
    "decline": lambda company, _, bo: decline(company.house, "BO", bo),
    "move": lambda company, mother, _: move(company.house, "ADA", mother, company.when(5)),
    "remove": lambda company, mother, _: remove(company.house, "ADA", mother, ["BO", "person:42"]),
    "cancel": lambda company, mother, _: cancel(company.house, "ADA", mother),
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_crm_writing_many_rows_at_once_loses_nothing_and_leaves_nothing_half_done(
    company: Company, verb: str
) -> None:
    """Rows that the CRM locks in another order than a verb: one of them waits, or is told that it is busy."""
    for number in range(ROUNDS):
        mother = company.meeting()
        bo, before = company.number(mother, BO), company.rows(mother)
        said = f'UPDATE CRM."appointment" SET "location" = \'Barn {number}\' WHERE "mother_id" = {mother}'
        came = company.at_once(partial(VERBS[verb], company, mother, bo), partial(company.sql, said))
        assert isinstance(came[0], (Done, DatabaseBusy)), came[0]
        after = company.rows(mother)
        if isinstance(came[0], DatabaseBusy):
            assert {n: state(r) for n, r in after.items()} == {n: state(r) for n, r in before.items()}
        deadlocked = isinstance(came[1], Exception)
        assert not deadlocked or "deadlock" in str(came[1]), came[1]
        assert {r["location"] for r in after.values()} <= {"TASTING ROOM" if deadlocked else f"Barn {number}"}
    company.settled()


@pytest.mark.parametrize("verb", VERBS)
def test_the_crm_holding_a_daughter_when_it_wants_the_mother_costs_one_of_the_two_its_turn(
    company: Company, verb: str
) -> None:
    """Verbs lock the mother first; the CRM here the daughter first. PostgreSQL ends one of them, whole."""
    mother = company.meeting()
    bo, before = company.number(mother, BO), company.rows(mother)
    place = 'UPDATE CRM."appointment" SET "location" = \'Barn\' WHERE "appointment_id" = {}'
    company.sql("BEGIN" if not company.house.store.sqlite else "BEGIN IMMEDIATE")
    company.sql(place.format(bo))

    def crm_goes_on() -> None:
        company.waited_for()
        company.sql(place.format(mother))
        company.sql("COMMIT")

    done, failed = company.at_once(partial(VERBS[verb], company, mother, bo), crm_goes_on)
    after = company.rows(mother)
    if failed is None:
        assert isinstance(done, (Done, DatabaseBusy)), done
    else:
        assert "deadlock detected" in str(failed)
        company.sql("ROLLBACK")
        assert isinstance(done, Done)
    if isinstance(done, DatabaseBusy):
        assert {n: state(r) for n, r in after.items()} == {n: state(r) for n, r in before.items()}
        assert [a for a in contents(company.house, t.answer) if a["appointment_id"] == bo] == []
    assert {r["location"] for n, r in after.items() if n in {ADA, BO}} <= {"TASTING ROOM" if failed else "Barn"}
    company.settled()


def test_verbs_of_all_kinds_at_once_on_one_meeting_never_end_in_a_mixture(company: Company) -> None:
    for first, second in combinations(VERBS, 2):
        mother = company.meeting()
        bo = company.number(mother, BO)
        other = Company(company.seeded, company.house, company.sql)
        other.house = company.other
        came = company.at_once(partial(VERBS[first], company, mother, bo), partial(VERBS[second], other, mother, bo))
        assert any(isinstance(one, Done) for one in came), (first, second, came)
        assert all(isinstance(one, (Done, RefusedAct, NotFound)) for one in came), (first, second, came)
        publish.catch_up(company.house)
    company.settled()


# --- series ----------------------------------------------------------------------------------------------------------

WEEKS = 5
FORWARD, SERIES, STOP = Reach.THIS_AND_FORWARD, Reach.SERIES, Reach.STOP


def shifted(company: Company, mothers: list[int]) -> list[int]:
    """Give by how many hours each occurrence of a series is later than it was planned at first; -1: it is gone."""
    rows = {r["appointment_id"]: r for r in contents(company.house, crm.appointment)}
    first = company.house.today() - company.house.today() % DAY + DAY + 10 * HOUR
    return [(rows[m]["do_by"] - first - n * 7 * DAY) // HOUR if m in rows else -1 for n, m in enumerate(mothers)]


def at(company: Company, n: int, hours: int) -> When:
    start = company.house.today() - company.house.today() % DAY + (1 + 7 * n) * DAY + (10 + hours) * HOUR
    return When(start, start + 5400)


def test_two_who_move_a_series_at_once_take_turns(company: Company) -> None:
    for _ in range(ROUNDS):
        mothers = company.seeded.series("Pruning", WEEKS)
        came = company.at_once(
            partial(move, company.house, "ADA", mothers[1], at(company, 1, 1), reach=SERIES),
            partial(move, company.other, "ADA", mothers[3], at(company, 3, 4), reach=FORWARD),
        )
        assert [type(one) for one in came] == [Done, Done], came
        # The whole first, then the part; or the part first, and the whole is what is left of it.
        assert shifted(company, mothers) == [1, 1, 1, 4, 4]
        company.seeded.publish()
    company.settled()


def test_two_who_part_a_series_at_once_make_three(company: Company) -> None:
    for _ in range(ROUNDS):
        mothers = company.seeded.series("Pruning", WEEKS)
        came = company.at_once(
            partial(move, company.house, "ADA", mothers[1], at(company, 1, 1), reach=FORWARD),
            partial(move, company.other, "ADA", mothers[3], at(company, 3, 4), reach=FORWARD),
        )
        assert [type(one) for one in came] == [Done, Done], came
        assert shifted(company, mothers) == [0, 1, 1, 4, 4]
        company.seeded.publish()
    company.settled()


@pytest.mark.parametrize("reach", [Reach.ONLY_THIS, SERIES])
def test_an_answer_and_a_stop_at_once_end_in_one_of_the_two_orders(company: Company, reach: Reach) -> None:
    for _ in range(ROUNDS):
        mothers = company.seeded.series("Pruning", WEEKS)
        came = company.at_once(
            partial(accept, company.house, "BO", mothers[3] + 1, reach=reach),
            partial(cancel, company.other, "ADA", mothers[2], reach=STOP),
        )
        assert isinstance(came[1], Done), came
        assert isinstance(came[0], (Done, RefusedAct)), came
        rows = {r["appointment_id"]: r for r in contents(company.house, crm.appointment)}
        assert [m in rows for m in mothers] == [True, True, True, False, False]
        answered = {n for n, m in enumerate(mothers) if rows[m + 1]["type"] == 1}
        assert answered in ([{3}, set()] if reach is Reach.ONLY_THIS else [set(range(5)), {0, 1, 2}])
        assert [rows[m + 1]["status"] == 10 for m in mothers] == [False, False, False, True, True]
        company.seeded.publish()
    company.settled()


def test_who_is_invited_to_a_series_twice_at_once_is_invited_once(company: Company) -> None:
    for _ in range(ROUNDS // 3):
        mothers = company.seeded.series("Pruning", WEEKS)
        came = company.at_once(
            *(partial(add, house, "ADA", mothers[0], ["DAG"], reach=SERIES) for house in company.houses)
        )
        assert sorted(done.changed for done in came if isinstance(done, Done)) == [False, True]
        dag = [r["mother_id"] for r in contents(company.house, crm.appointment, associate_id=DAG)]
        assert sorted(set(dag) & set(mothers)) == sorted(m for m in dag if m in mothers) == mothers
    company.settled()
