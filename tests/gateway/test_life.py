"""Every cell of the life of a row, through the verbs and in the CRM's own tables, on both engines.

What a cell says is compared with `mappings.status` by tests/mappings/test_status.py; here it is done, and everything
that goes with it is looked at: the audit columns, the log, the counter, visibility, texts, and what must not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, Final

import pytest
from sqlalchemy import Table, insert, update

from gateway.crm import tables as crm
from gateway.crm.journal import DELETED, INSERTED, UPDATED
from gateway.errors import NotFound, UnknownPerson
from gateway.services.house import DAY, House
from gateway.services.verbs.accept import accept
from gateway.services.verbs.acknowledge import acknowledge
from gateway.services.verbs.acting import HOLDER, OWNER, Done
from gateway.services.verbs.add import add
from gateway.services.verbs.assign import assign
from gateway.services.verbs.cancel import cancel
from gateway.services.verbs.change import Changes, change
from gateway.services.verbs.complete import complete, reopen
from gateway.services.verbs.decline import decline
from gateway.services.verbs.hand_over import hand_over
from gateway.services.verbs.invite import invite
from gateway.services.verbs.move import move
from gateway.services.verbs.note import note
from gateway.services.verbs.planning import Plan, When
from gateway.services.verbs.remove import remove
from gateway.services.verbs.seen import seen
from gateway.services.verbs.tentative import tentative
from gateway.store import tables as ours
from mappings import status
from mappings.errors import RefusedAct
from mappings.model import Kind
from mappings.status import Act
from tests.copies import Fresh, copies
from tests.outside import Clock
from tests.seed import ADA, BO, CARLA, DAG, HOUR, Seeded

NOW: Final = 1_800_000_000
FIA, EVA = 14, 15  # Fia has no part in anything; Eva has retired
BARE: Final = "someone@away.example"
LOGINS: Final = {ADA: "ADA", BO: "BO", DAG: "DAG", FIA: "FIA", EVA: "EVA"}
GUESTS: Final = ("BO", f"person:{CARLA}", BARE, "TASTING ROOM", "DAG")
AUDIT: Final = ("updated", "updated_associate_id", "updatedCount")
STATUSES: Final = range(14)

# What a row under test is to the meeting: its place among the rows that `invite` makes, and what the table calls it.
KINDS: Final[dict[str, tuple[int, Kind]]] = {
    "mother": (0, Kind.OWNER),
    "invitee": (1, Kind.ASSOCIATE),
    "external": (2, Kind.EXTERNAL),
    "bare": (3, Kind.BARE),
    "room": (4, Kind.ROOM),
    "plain": (0, Kind.OWNER),
    "assigned": (0, Kind.OWNER),
}
ALONE: Final = ("plain", "assigned")


@dataclass(frozen=True)
class Verb:
    """A verb, the act it is in the table, and how it is called for a row of one of the KINDS."""

    act: Act
    call: Callable[[House, str, int, str], Done]


def _later(house: House) -> When:
    start = house.today() - house.today() % DAY + 3 * DAY
    return When(start, start + HOUR)


WORD: Final = {"mother": "BO", "invitee": "BO", "external": f"person:{CARLA}", "bare": BARE, "room": "TASTING ROOM"}
VERBS: Final[dict[str, Verb]] = {
    "seen": Verb(Act.SEEN, lambda house, who, row, _: seen(house, who, row)),
    "accept": Verb(Act.ACCEPT, lambda house, who, row, _: accept(house, who, row, "Gladly")),
    "decline": Verb(Act.DECLINE, lambda house, who, row, _: decline(house, who, row, "Ill")),
    "tentative": Verb(Act.TENTATIVE, lambda house, who, row, _: tentative(house, who, row, "Perhaps")),
    "acknowledge": Verb(Act.ACKNOWLEDGE, lambda house, who, row, _: acknowledge(house, who, row)),
    "complete": Verb(Act.COMPLETE, lambda house, who, row, _: complete(house, who, row)),
    "reopen": Verb(Act.REOPEN, lambda house, who, row, _: reopen(house, who, row)),
    "adjust": Verb(Act.ADJUST, lambda house, who, row, _: change(house, who, row, Changes(free=True, alarm=5))),
    "move": Verb(Act.MOVE, lambda house, who, row, _: move(house, who, row, _later(house))),
    "change": Verb(
        Act.CHANGE,
        lambda house, who, row, _: change(
            house,
            who,
            row,
            Changes(title="New", place="Barn", private="me", agenda="First", video="https://v.example/"),
        ),
    ),
    "remove": Verb(Act.REMOVE, lambda house, who, row, kind: remove(house, who, row, [WORD.get(kind, "BO")])),
    "cancel": Verb(Act.CANCEL, lambda house, who, row, _: cancel(house, who, row)),
    "note": Verb(Act.NOTE, lambda house, who, row, _: note(house, who, row)),
    "add": Verb(Act.INVITE, lambda house, who, row, kind: add(house, who, row, [WORD.get(kind, "DAG"), "FIA"])),
    "assign": Verb(Act.ASSIGN, lambda house, who, row, _: assign(house, who, row, "DAG")),
    "hand_over": Verb(Act.HAND_OVER, lambda house, who, row, _: hand_over(house, who, row, "FIA")),
    "stay": Verb(Act.HAND_OVER, lambda house, who, row, _: hand_over(house, who, row, "FIA", stay=True)),
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module")
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """What makes a house with two people more, and a clock that stands still."""
    url = f"sqlite:///{tmp_path_factory.mktemp('life') / 'template.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_template")
    with copies(url, _people, clock=Clock(NOW), settle_seconds=0) as made:
        yield made


def _people(seeded: Seeded) -> None:
    """Add two people, and a meeting and two single rows for each status."""
    persons = [(150, "Fia", "Holt"), (151, "Eva", "Berg")]
    with seeded.crm() as connection:
        for person, first, last in persons:
            connection.execute(insert(crm.person).values(person_id=person, firstname=first, lastname=last))
        connection.execute(insert(crm.associate).values(associate_id=FIA, name="FIA", person_id=150))
        connection.execute(insert(crm.associate).values(associate_id=EVA, name="EVA", person_id=151, deleted=1))
    start = seeded.house.today() - seeded.house.today() % DAY + DAY
    when = When(start, start + HOUR)
    for number in STATUSES:
        for title, guests in (("Tasting", GUESTS), ("Alone", ())):
            made = invite(seeded.house, "ADA", Plan(f"{title} {number}", when, guests, "All of it"))
            MADE[title, number] = made.appointment


MADE: Final[dict[tuple[str, int], int]] = {}


# --- a row at a status -----------------------------------------------------------------------------------------------


@contextmanager
def rows_at(fresh: Fresh, kind: str) -> Iterator[tuple[Seeded, dict[int, int]]]:
    """Give a house in which a row of a kind stands at each status, as if the CRM had written it: status -> row."""
    rows = {n: MADE["Alone" if kind in ALONE else "Tasting", n] + KINDS[kind][0] for n in STATUSES}
    with fresh() as seeded:
        for number, row in rows.items():
            values: dict[str, Any] = {"type": type_at(kind, number), "status": number}
            if kind == "assigned":
                values |= {"associate_id": ADA if number == 13 else BO, "assignedBy": ADA}
            values |= {"rejectReason": "Busy"} if number in {9, 13} else {}
            values |= {"done": NOW} if number == 3 else {}
            write(seeded, row, **values)
            if number == 9 and KINDS[kind][1] is not Kind.OWNER:
                write(seeded, MADE["Tasting", number], rejectCounter=1)
        seeded.publish()
        yield seeded, rows


def type_at(kind: str, number: int) -> int:
    return 1 if kind != "invitee" or number in {1, 2, 3, 13} else 6


def write(seeded: Seeded, row: int, **values: Any) -> None:
    with seeded.crm() as connection:
        where = crm.appointment.c.appointment_id == row
        connection.execute(update(crm.appointment).where(where).values(**values))


def actor(kind: str, act: Act, number: int) -> int:
    """Give who may do that, or who comes nearest to it."""
    if kind == "assigned":
        return ADA if number == 13 else BO
    if status.MAY[act] is status.By.HOLDER and kind == "invitee":
        return BO
    return ADA


def expected(kind: str, verb: str, number: int) -> status.Written | RefusedAct | str:
    """Give what the table says: what becomes of the row, or why it is refused; by another rule where it is named."""
    act, about = VERBS[verb].act, KINDS[kind][1]
    lead = number if about is Kind.OWNER else 1
    if kind == "room" and status.MAY[act] is status.By.HOLDER:
        return HOLDER
    if verb == "assign" and kind not in ALONE:
        return "a meeting with participants is handed over, not assigned"
    try:
        if status.MAY[act] is status.By.OWNER and act is not Act.NOTE:
            led = status.write(Kind.OWNER, 1, lead, act)
            if about is Kind.OWNER:
                return led
        return status.write(about, type_at(kind, number), number, act)
    except RefusedAct as refused:
        return refused


# --- what is there ---------------------------------------------------------------------------------------------------

Rows = dict[int, dict[str, Any]]
LOG: Final = crm.traveltransactionlog
CRM: Final = [t for t in crm.metadata.sorted_tables if t is not LOG]
OWN: Final = [t for t in ours.metadata.sorted_tables if t.name != "dirty"]


@dataclass(frozen=True)
class Snapshot:
    """Every table as it is: the CRM's and its log, and ours."""

    crm: dict[str, Rows]
    log: Rows
    ours: dict[str, list[Any]]

    @property
    def rows(self) -> Rows:
        return self.crm["appointment"]


def snapshot(seeded: Seeded, last: Snapshot | None = None) -> Snapshot:
    """Read everything; rows that are as they were in the `last` one are not made anew."""
    prefix = "" if seeded.house.store.sqlite else "crm."
    connection = seeded.house.store.engine.raw_connection()
    with closing(connection), closing(connection.cursor()) as cursor:

        def of(table: Table, name: str) -> list[Any]:
            cursor.execute(f'SELECT * FROM {name} ORDER BY "{next(iter(table.primary_key.columns)).name}"')
            return list(cursor.fetchall())

        def rows(table: Table) -> Rows:
            found = of(table, f'{prefix}"{table.name}"')
            names = [column[0] for column in cursor.description or ()]
            key = names.index(next(iter(table.primary_key.columns)).name)
            known = (last.log if table is LOG else last.crm[table.name]) if last else {}
            old = {k: tuple(row.values()) for k, row in known.items()}
            return {r[key]: known[r[key]] if old.get(r[key]) == r else dict(zip(names, r, strict=True)) for r in found}

        return Snapshot({t.name: rows(t) for t in CRM}, rows(LOG), {t.name: of(t, f'"{t.name}"') for t in OWN})


def check_journal(before: Snapshot, after: Snapshot, by: int) -> None:
    """Every row that differs is audited once and logged once, and no other is; nobody is touched for nothing."""
    wanted: Counter[tuple[int, int, int]] = Counter()
    for table in CRM:
        was, present, number = before.crm[table.name], after.crm[table.name], table.info["number"]
        wanted.update((number, key, INSERTED) for key in present.keys() - was.keys())
        wanted.update((number, key, DELETED) for key in was.keys() - present.keys())
        for key in was.keys() & present.keys():
            old, new = was[key], present[key]
            if old == new:
                continue
            wanted[number, key, UPDATED] += 1
            assert any(old[c] != new[c] for c in old if c not in AUDIT), (table.name, key, "touched for nothing")
            assert new["updatedCount"] == old["updatedCount"] + 1, (table.name, key)
            assert (new["updated"], new["updated_associate_id"]) == (NOW, by), (table.name, key)
    entries = [entry for key, entry in after.log.items() if key not in before.log]
    assert before.log.items() <= after.log.items()
    assert Counter((e["tablenumber"], e["record_id"], e["type"]) for e in entries) == wanted
    assert {e["associate_id"] for e in entries} <= {by}


def check_house(now: Snapshot) -> None:
    """The CRM's own laws: counter, visibility, texts, addresses, reasons."""
    for mother, row in now.rows.items():
        if row["mother_id"] == mother:
            nines = [r for r in now.rows.values() if r["mother_id"] == mother and r["status"] == 9]
            assert row["rejectCounter"] == len([r for r in nines if r is not row])
    seen_by = Counter(v["recordId"] for v in now.crm["visiblefor"].values() if v["tableId"] == 9)
    assert seen_by == Counter(dict.fromkeys(now.rows, 1))
    texts = ("text_id", "agenda_text_id", "internal_notes_text_id")
    assert {r[c] for r in now.rows.values() for c in texts} - {0} == set(now.crm["text"])
    bare = {n for n, r in now.rows.items() if not r["associate_id"] and not r["invitedPersonId"]}
    assert {e["appointment_id"] for e in now.crm["email"].values()} - {0} == bare
    assert {r["status"] for r in now.rows.values() if r["rejectReason"]} <= {9, 13}
    assert {r["status"] for r in now.rows.values() if r["done"]} <= {3}


# --- every cell ------------------------------------------------------------------------------------------------------

# Of a single row nobody can be removed.
CELLS: Final = [(kind, verb) for kind in KINDS for verb in VERBS if verb != "remove" or kind not in ALONE]


@pytest.mark.parametrize(("kind", "verb"), CELLS)
def test_every_cell_does_what_the_table_says_and_nothing_else(fresh: Fresh, kind: str, verb: str) -> None:
    with rows_at(fresh, kind) as (seeded, rows):
        before = snapshot(seeded)
        for number, row in rows.items():
            before = one_cell(seeded, before, (kind, verb, number), row)
        assert before.ours["quarantine"] == []


def one_cell(seeded: Seeded, before: Snapshot, cell: tuple[str, str, int], row: int) -> Snapshot:
    kind, verb, number = cell
    act, by = VERBS[verb].act, actor(kind, VERBS[verb].act, number)
    wanted = expected(kind, verb, number)
    call = partial(VERBS[verb].call, seeded.house, LOGINS[by], row, kind)
    if not isinstance(wanted, status.Written):
        with pytest.raises(RefusedAct) as refused:
            call()
        assert refused.value.rule == (wanted if isinstance(wanted, str) else wanted.rule), cell
        after = snapshot(seeded, before)
        assert after == before, cell
        return after
    done = call()
    after = snapshot(seeded, before)
    of_meeting = status.MAY[act] is status.By.OWNER and act is not Act.NOTE
    assert done.appointment == (row if kind in ALONE or not of_meeting else row - KINDS[kind][0])
    left = after.rows.get(row)
    assert (left is None) is wanted.gone
    if left is not None:
        assert (left["type"], left["status"]) == (wanted.type, wanted.status), cell
    check_journal(before, after, by)
    check_house(after)
    check_others(before.rows, after.rows, row, kind, verb)
    check_done(done, before, after)
    return after


def check_done(done: Done, before: Snapshot, after: Snapshot) -> None:
    """What a verb says of itself is so."""
    row = after.rows.get(done.appointment)
    assert done.gone is (row is None)
    if row is not None:
        assert (done.type, done.status) == (row["type"], row["status"])
    assert done.changed is (before.crm != after.crm or before.ours["answer"] != after.ours["answer"])


def check_others(was: Rows, present: Rows, row: int, kind: str, verb: str) -> None:
    """The other rows of the meeting: touched by what the owner does to all of them, and by nothing else."""
    act = VERBS[verb].act
    mother = was[row]["mother_id"]
    place = {mother + n: kind_ for n, kind_ in KINDS.values()} | {mother + 5: Kind.ASSOCIATE}
    for other, old in was.items():
        new = present.get(other)
        if not mother or old["mother_id"] != mother:
            assert other == row or new == old
            continue
        if other == row:
            continue
        about = place[other]
        touched = act in {Act.MOVE, Act.CANCEL} or (act is Act.REMOVE and kind == "mother" and other == mother + 1)
        if touched:
            becomes = status.write(about, old["type"], old["status"], act)
            assert (new is None) is becomes.gone
            assert new is None or (new["type"], new["status"]) == (becomes.type, becomes.status)
        else:
            assert new is not None
            assert (new["type"], new["status"]) == (old["type"], old["status"])
        if new is not None and act not in {Act.MOVE, Act.CHANGE, Act.HAND_OVER} and not touched and other != mother:
            assert new == old
        if new is not None and act is Act.MOVE:
            lead = present[mother]
            assert all(new[c] == lead[c] for c in ("do_by", "activeDate", "endDate", "alldayEvent"))


# --- who may not -----------------------------------------------------------------------------------------------------

HOLDERS: Final = [v for v, verb in VERBS.items() if status.MAY[verb.act] is status.By.HOLDER]
OWNERS: Final = [v for v, verb in VERBS.items() if status.MAY[verb.act] is status.By.OWNER]


@pytest.mark.parametrize("kind", ["invitee", "external", "assigned"])
def test_who_may_not_act_is_refused_and_changes_nothing(fresh: Fresh, kind: str) -> None:
    with rows_at(fresh, kind) as (seeded, rows):
        before = snapshot(seeded)
        for verb, number in product(VERBS.values(), (1, 5, 9, 10)):
            for login in ("EVA", "NOBODY", "TASTING ROOM", ""):
                with pytest.raises(UnknownPerson):
                    verb.call(seeded.house, login, rows[number], kind)
            for login, row in (("FIA", rows[number]), ("ADA", 999_999), ("BO", 0), ("BO", -1)):
                with pytest.raises(NotFound):
                    verb.call(seeded.house, login, row, kind)
        assert snapshot(seeded) == before


@pytest.mark.parametrize("verb", OWNERS)
def test_only_the_owner_does_what_is_the_owners(fresh: Fresh, verb: str) -> None:
    with rows_at(fresh, "invitee") as (seeded, rows):
        before = snapshot(seeded)
        for row in rows.values():
            for login, which in (("BO", row), ("DAG", row), ("BO", row - 1), ("DAG", row - 1), ("BO", row + 1)):
                with pytest.raises(RefusedAct) as refused:
                    VERBS[verb].call(seeded.house, login, which, "invitee")
                said = refused.value.rule
                assert said == OWNER or (verb == "assign" and "not assigned" in said)
        assert snapshot(seeded) == before


@pytest.mark.parametrize("verb", HOLDERS)
def test_nobody_else_answers_for_somebody_with_a_diary(fresh: Fresh, verb: str) -> None:
    with rows_at(fresh, "invitee") as (seeded, rows):
        before = snapshot(seeded)
        for row in rows.values():
            for login, which in (("DAG", row), ("ADA", row), ("BO", row - 1), ("BO", row + 1), ("BO", row + 3)):
                with pytest.raises(RefusedAct) as refused:
                    VERBS[verb].call(seeded.house, login, which, "invitee")
                assert refused.value.rule == HOLDER
        assert snapshot(seeded) == before
