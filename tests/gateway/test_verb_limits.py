"""What no database keeps is refused by name, and what hangs on a row goes with it: visibility and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from gateway.crm import tables as crm
from gateway.errors import BadRequest, NotFound, UnknownPerson
from gateway.services.house import DAY, House
from gateway.services.verbs.accept import accept
from gateway.services.verbs.acknowledge import acknowledge
from gateway.services.verbs.add import add
from gateway.services.verbs.assign import assign
from gateway.services.verbs.cancel import cancel
from gateway.services.verbs.change import Changes, change
from gateway.services.verbs.decline import decline
from gateway.services.verbs.hand_over import hand_over
from gateway.services.verbs.invite import invite
from gateway.services.verbs.move import move
from gateway.services.verbs.planning import Plan, When
from gateway.services.verbs.remove import remove
from gateway.services.verbs.tentative import tentative
from gateway.store import tables as t
from tests.outside import contents
from tests.seed import ADA, BO, HOUR, Seeded, seed

UNKEPT = ("a\x00b", "\ud800", "\x00")
TOO_LARGE = (-1, 2**31, 2**63, 2**70)


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    with closing(seed(database_url, settle_seconds=0)) as made:
        yield made


def when(house: House, days: int = 1) -> When:
    start = house.today() - house.today() % DAY + days * DAY
    return When(start, start + HOUR)


def meeting(seeded: Seeded, *guests: str, **more: Any) -> int:
    plan = Plan("Tasting", when(seeded.house), guests, "All of it", "First", **more)
    return invite(seeded.house, "ADA", plan).appointment


def rows(seeded: Seeded) -> dict[int, dict[str, Any]]:
    return {r["appointment_id"]: r for r in contents(seeded.house, crm.appointment)}


@pytest.mark.parametrize("word", UNKEPT)
def test_words_that_no_database_keeps_are_refused_by_name(seeded: Seeded, word: str) -> None:
    house, mother = seeded.house, meeting(seeded, "BO")
    before = rows(seeded)
    for login in (word, f"ADA{word}"):
        with pytest.raises(UnknownPerson):
            accept(house, login, mother)
    for field, call in _worded(house, mother, word).items():
        with pytest.raises((BadRequest, UnknownPerson)) as refused:
            call()
        assert getattr(refused.value, "field", "to") == field
    assert rows(seeded) == before
    assert contents(house, t.answer) == []


def _worded(house: House, mother: int, word: str) -> dict[str, Callable[[], object]]:
    fields = ("title", "description", "agenda", "place", "video", "private")
    plans = {
        f: lambda f=f: invite(house, "ADA", Plan(**{"title": "T", "when": when(house)} | {f: word})) for f in fields
    }
    return {
        **plans,
        "with": lambda: add(house, "ADA", mother, [word]),
        "to": lambda: hand_over(house, "ADA", mother, word),
        "comment": lambda: decline(house, "BO", mother + 1, word),
    }


@pytest.mark.parametrize("answer", [accept, decline, tentative])
def test_a_comment_longer_than_the_crm_keeps_is_kept_whole_beside_the_row(
    seeded: Seeded, answer: Callable[..., object]
) -> None:
    mother = meeting(seeded, "BO")
    answer(seeded.house, "BO", mother + 1, "x" * 4_000)
    reason = rows(seeded)[mother + 1]["rejectReason"]
    assert reason == ("x" * 254 if answer is decline else "")
    assert [a["comment"] for a in contents(seeded.house, t.answer)] == ["x" * 4_000]
    with pytest.raises(BadRequest, match="comment"):
        answer(seeded.house, "BO", mother + 1, "x" * 4_001)


def with_number(value: Any, field: str, number: int) -> Any:
    return replace(value, **{field: number})


@pytest.mark.parametrize("number", TOO_LARGE)
def test_numbers_that_no_column_keeps_are_refused_by_name(seeded: Seeded, number: int) -> None:
    house, mother = seeded.house, meeting(seeded, "BO")
    before = rows(seeded)
    for verb in (accept, decline, cancel, acknowledge):
        with pytest.raises(NotFound):
            verb(house, "ADA", number)
    with pytest.raises(NotFound):
        change(house, "ADA", number, Changes(place="Barn"))
    for field in ("task", "priority", "contact", "person"):
        with pytest.raises(BadRequest, match=field):
            invite(house, "ADA", with_number(Plan("T", when(house)), field, number))
    for field in ("task", "priority"):
        with pytest.raises(BadRequest, match=field):
            change(house, "ADA", mother, with_number(Changes(), field, number))
    for word in (f"person:{number}", f"associate:{number}", f"row:{number}"):
        with pytest.raises(BadRequest):
            add(house, "ADA", mother, [word])
        with pytest.raises(BadRequest):
            remove(house, "ADA", mother, [word])
    with pytest.raises(BadRequest):
        move(house, "ADA", mother, When(number * 2**34, number * 2**34 + HOUR))
    assert rows(seeded) == before


def shown_to(seeded: Seeded, row: int) -> tuple[int, int, int]:
    (seen,) = contents(seeded.house, crm.visiblefor, recordId=row)
    return seen["forAll"], seen["forGroupId"], seen["forAssocId"]


@pytest.mark.parametrize("guests", [("BO",), ()], ids=["a meeting", "a plain row"])
def test_what_only_its_owner_sees_the_next_owner_sees(seeded: Seeded, guests: tuple[str, ...]) -> None:
    mother = meeting(seeded, *guests, private="me")
    assert shown_to(seeded, mother) == (0, 0, ADA)
    hand_over(seeded.house, "ADA", mother, "BO", stay=bool(guests))
    assert shown_to(seeded, mother) == (0, 0, BO)
    for row in rows(seeded).values():
        assert shown_to(seeded, row["appointment_id"]) == (0, 0, row["associate_id"])


def test_what_is_assigned_is_seen_by_whoever_has_it(seeded: Seeded) -> None:
    row = meeting(seeded, private="me")
    assign(seeded.house, "ADA", row, "BO")
    assert rows(seeded)[row]["associate_id"] == BO
    assert shown_to(seeded, row) == (0, 0, BO)
    decline(seeded.house, "BO", row)
    assert rows(seeded)[row]["associate_id"] == ADA
    assert shown_to(seeded, row) == (0, 0, ADA)


def test_texts_go_with_the_last_row_that_shows_them_and_not_before(seeded: Seeded) -> None:
    mother = meeting(seeded, "BO", "DAG")
    assert len(contents(seeded.house, crm.text)) == 2
    cancel(seeded.house, "ADA", mother)
    acknowledge(seeded.house, "BO", mother + 1)
    assert len(contents(seeded.house, crm.text)) == 2
    acknowledge(seeded.house, "DAG", mother + 2)
    assert contents(seeded.house, crm.text) == []
    assert contents(seeded.house, crm.visiblefor) == []
    assert rows(seeded) == {}
