"""The words that act on series: which occurrence is meant, how far from there, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from typing import Any

import pytest

from gateway import cli
from gateway.crm import tables as crm
from gateway.diary import Diary, Reach
from gateway.errors import BadRequest, NotFound
from tests.outside import Clock, contents
from tests.seed import BO, Seeded, seed

WEDNESDAY = 1_793_790_000  # 2026-11-04T12:00 in Oslo
Word = Callable[..., tuple[int, str, str]]


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    with closing(seed(database_url, clock=Clock(WEDNESDAY))) as found:
        yield found


@pytest.fixture
def mothers(seeded: Seeded) -> list[int]:
    """Five Thursdays at ten, of which tomorrow is the first."""
    return seeded.series("Pruning", 5)


@pytest.fixture
def word(seeded: Seeded, capsys: pytest.CaptureFixture[str]) -> Word:
    def typed(*words: object) -> tuple[int, str, str]:
        code = cli.run([str(w) for w in words], seeded.house)
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def statuses(seeded: Seeded) -> list[int]:
    return [r["status"] for r in contents(seeded.house, crm.appointment, associate_id=BO)]


@pytest.mark.parametrize(
    ("words", "said", "left"),
    [
        ((), "accepted (1 NotStarted)", [1, 5, 5, 5, 5]),
        (("--series",), "accepted (1 NotStarted), 5 occurrences", [1, 1, 1, 1, 1]),
        (("--and-forward",), "accepted (1 NotStarted), 5 occurrences", [1, 1, 1, 1, 1]),
        (("--occurrence", "2026-11-19 10:00"), "accepted (1 NotStarted)", [5, 5, 1, 5, 5]),
        (("--occurrence", "2026-11-19", "--and-forward"), "accepted (1 NotStarted), 3 occurrences", [5, 5, 1, 1, 1]),
    ],
)
def test_an_answer_says_how_far_it_reaches(
    seeded: Seeded, mothers: list[int], word: Word, words: tuple[str, ...], said: str, left: list[int]
) -> None:
    code, out, err = word("accept", mothers[0] + 1, "--as", "bo", *words)
    assert (code, err) == (0, "")
    assert out.partition("  ")[2] == f"{said}\n"
    assert statuses(seeded) == left


def test_every_word_that_acts_knows_which_occurrence_is_meant(seeded: Seeded, mothers: list[int], word: Word) -> None:
    of_third = ("--occurrence", "2026-11-19")
    for name, *more in (
        ("seen", mothers[0] + 1, "--as", "bo", "--and-forward"),
        ("tentative", mothers[0] + 1, "--as", "bo", "--series"),
        ("decline", mothers[0] + 1, "--as", "bo", "--and-forward"),
        ("dismiss", mothers[0] + 1, "--as", "bo"),
        ("add", mothers[0], "dag", "--as", "ada", "--and-forward"),
        ("remove", mothers[0], "dag", "--as", "ada", "--series"),
        ("change", mothers[0], "--title", "Grafting", "--as", "ada", "--and-forward"),
        ("move", mothers[0], "--start", "2026-11-19 12:00", "--as", "ada", "--and-forward"),
        ("complete", mothers[2], "--as", "ada"),
        ("reopen", mothers[3], "--as", "ada"),
        ("cancel", mothers[2], "--as", "ada", "--stop"),
        ("acknowledge", mothers[4] + 1, "--as", "bo", "--occurrence", "2026-11-26"),
    ):
        place = () if "--occurrence" in more or name == "cancel" else of_third
        code, out, err = word(name, *more, *place)
        assert (code, err) == (0, ""), name
        assert out, name
    rows = contents(seeded.house, crm.appointment)
    assert {r["appointment_id"] for r in rows if r["mother_id"] == r["appointment_id"]} == set(mothers[:3])


def test_a_series_says_that_it_was_stopped(mothers: list[int], word: Word) -> None:
    code, out, _ = word("cancel", mothers[0], "--occurrence", "2026-11-19", "--stop", "--as", "ada")
    assert (code, out) == (0, f"{mothers[2]}  stopped (1 NotStarted), 2 occurrences\n")
    code, out, _ = word("cancel", mothers[0], "--series", "--as", "ada", "--json")
    told = json.loads(out)
    assert (told["appointment"], told["gone"], told["occurrences"]) == (mothers[0], True, 3)


def test_an_occurrence_that_was_moved_shows_what_was_planned(mothers: list[int], word: Word) -> None:
    word("move", mothers[1], "--start", "2026-11-13 08:00", "--as", "ada")
    out = word("responses", mothers[1], "--as", "ada")[1]
    assert out.startswith(f"{mothers[1]}  Pruning  ↻ Fri 2026-11-13 08:00-09:30, planned Thu 2026-11-12 10:00")
    lines = word("invitations", "bo")[1].splitlines()[1:]
    assert ["↻" in line for line in lines] == [True] * 5
    for then in ("2026-11-12 10:00", "2026-11-13 08:00", "2026-11-12", "2026-11-13"):
        assert word("seen", mothers[0] + 1, "--occurrence", then, "--as", "bo")[1].startswith(f"{mothers[1] + 1}  ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--occurrence", "2026-11-20"), "--occurrence: begins at no such time; near it: 2026-11-05 10:00, "),
        (("--occurrence", "2026-11-19 10:01"), "--occurrence: begins at no such time"),
        (("--occurrence", "soon"), "--occurrence: "),
        (("--series", "--and-forward"), "--series: does not go with --and-forward"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    seeded: Seeded, mothers: list[int], word: Word, words: tuple[str, ...], said: str
) -> None:
    code, out, err = word("accept", mothers[0] + 1, "--as", "bo", *words)
    assert code != 0
    assert out == ""
    assert said in err
    assert statuses(seeded) == [5] * 5


def test_only_a_cancellation_stops_and_only_a_series(seeded: Seeded, mothers: list[int], word: Word) -> None:
    assert "No such option" in word("accept", mothers[0] + 1, "--as", "bo", "--stop")[2]
    single = seeded.meeting("Single")
    assert "no series" in word("cancel", single, "--as", "ada", "--stop")[2]
    assert "does not repeat" in word("cancel", single, "--as", "ada", "--occurrence", "2026-11-05")[2]


def test_two_occurrences_of_one_day_have_to_be_told_apart(seeded: Seeded, mothers: list[int]) -> None:
    with Diary(seeded.house, "ada") as diary:
        diary.move(mothers[1], datetime(2026, 11, 19, 8))
        with pytest.raises(BadRequest, match="may be several: 2026-11-19 08:00, 2026-11-19 10:00"):
            diary.occurrence(mothers[0], date(2026, 11, 19))
        assert diary.occurrence(mothers[0], datetime(2026, 11, 19, 10)) == mothers[2]
        diary.cancel(mothers[1], reach=Reach.STOP)
    with Diary(seeded.house, "dag") as stranger, pytest.raises(NotFound):
        stranger.occurrence(mothers[0], date(2026, 11, 19))


def test_an_occurrence_of_which_somebody_else_is_still_told_is_none(seeded: Seeded, mothers: list[int]) -> None:
    with Diary(seeded.house, "ada") as diary, Diary(seeded.house, "bo") as bo:
        diary.cancel(mothers[2])
        with pytest.raises(BadRequest, match="no such time"):
            diary.occurrence(mothers[0], date(2026, 11, 19))
        assert bo.occurrence(mothers[0] + 1, date(2026, 11, 19)) == mothers[2] + 1


def test_programs_read_what_was_planned(mothers: list[int], word: Word) -> None:
    word("move", mothers[1], "--start", "2026-11-13 08:00", "--as", "ada")
    found: list[dict[str, Any]] = [json.loads(line) for line in word("invitations", "bo", "--json")[1].splitlines()]
    assert [(it["repeating"], it["planned"]) for it in found][:3] == [
        (True, None),
        (True, "2026-11-12T10:00:00+01:00"),
        (True, None),
    ]
