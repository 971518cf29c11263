"""The words that act and show, typed by people: what they print, what they leave in the rows, what they refuse."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway import cli
from gateway.cli import printing
from gateway.cli.acting import SIMPLE
from gateway.crm import tables as crm
from tests.outside import Clock, contents
from tests.seed import Seeded, seed

WEDNESDAY = 1_793_790_000  # 2026-11-04T12:00 in Oslo
Word = Callable[..., tuple[int, str, str]]


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    found = seed(database_url, clock=Clock(WEDNESDAY))
    yield found
    found.close()


@pytest.fixture
def word(seeded: Seeded, capsys: pytest.CaptureFixture[str]) -> Word:
    """Type `partstat …` in the seeded house; gives exit code, stdout and stderr."""

    def typed(*words: object) -> tuple[int, str, str]:
        code = cli.run([str(w) for w in words], seeded.house)
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def told(word: Word, *words: object) -> list[dict[str, Any]]:
    code, out, err = word(*words, "--json")
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def row(seeded: Seeded, number: int) -> dict[str, Any]:
    return contents(seeded.house, crm.appointment, appointment_id=number)[0]


INVITE = ("invite", "--as", "ada", "--title", "Orchard planning", "--start", "2026-12-01 10:00")


def invited(word: Word, *more: str) -> int:
    (it,) = told(word, *INVITE, "--with", "bo", *more)
    return int(it["appointment"])


def test_a_meeting_is_planned_answered_moved_and_cancelled_by_words(seeded: Seeded, word: Word) -> None:
    code, out, err = word(*INVITE, "--with", "bo", "--with", "Tasting Room", "--with", "carla@moreau.example")
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    mother = int(first.split()[0])
    assert first == f"{mother}  invited: Orchard planning  Tue 2026-12-01 10:00-11:00  TASTING ROOM"
    assert [line.split()[1:3] for line in rest[1:]] == [
        *(["Ada", "Lindqvist"], ["Bo", "Tangen"], ["TASTING", "ROOM"], ["Carla", "Moreau"])
    ]
    assert [line for line in rest if "✓ accepted" in line] == [rest[1], rest[3]]

    (waiting,) = told(word, "invitations", "bo")
    mine = waiting["appointment"]
    assert waiting["start"] == "2026-12-01T10:00:00+01:00"
    assert word("seen", mine, "--as", "bo")[:2] == (0, f"{mine}  seen (7 BookingSeen)\n")
    assert word("tentative", mine, "--as", "bo")[:2] == (0, f"{mine}  tentative (7 BookingSeen)\n")
    assert "👁 tentative" in word("responses", mother, "--as", "ada")[1]
    assert word("accept", mine, "--as", "bo")[:2] == (0, f"{mine}  accepted (1 NotStarted)\n")
    assert word("accept", mine, "--as", "bo")[:2] == (0, f"{mine}  no change (1 NotStarted)\n")

    assert word("move", mother, "--start", "2026-12-02 14:30", "--as", "ada")[1] == f"{mother}  moved (1 NotStarted)\n"
    assert row(seeded, mine)["status"] == 6
    assert row(seeded, mine)["endDate"] - row(seeded, mine)["do_by"] == 3_600
    assert word("decline", mine, "--as", "bo", "--reason", "Away")[1] == f"{mine}  declined (9 BookingDeclined)\n"
    (refused,) = told(word, "invitations", "ada", "--view", "response")
    assert (refused["name"], refused["reason"]) == ("Bo Tangen", "Away")
    assert word("note", mine, "--as", "ada")[1] == f"{mine}  noted (9 BookingDeclined)\n"
    assert told(word, "invitations", "ada", "--view", "response") == []

    assert word("accept", mine, "--as", "bo", "--comment", "After all")[0] == 0
    assert word("cancel", mother, "--as", "ada")[1] == f"{mother}  cancelled, and gone\n"
    assert word("acknowledge", mine, "--as", "bo")[1] == f"{mine}  acknowledged, and gone\n"
    assert contents(seeded.house, crm.appointment) == []


REFUSED = [
    (("accept", "mother", "--as", "bo"), 1, "accept: only whoever's row it is may do that"),
    (("acknowledge", "bo's", "--as", "bo"), 1, "acknowledge: nothing was cancelled here"),
    (("move", "mother", "--start", "+1d 10:00", "--as", "bo"), 1, "only the owner of the meeting may do that"),
    (("accept", "bo's", "--as", "dag"), 66, "There is no appointment"),
    (("move", "99999", "--start", "+1d 10:00", "--as", "ada"), 66, "There is no appointment 99999 that ada may see."),
    (("responses", "mother", "--as", "dag"), 77, "Only its owner and its participants"),
    (("conflicts", "mother", "--as", "bo"), 77, "Only the owner of a meeting"),
    (("accept", "bo's", "--as", "nobody"), 67, "nobody"),
    (("add", "mother", "nobody", "--as", "ada"), 64, "'nobody' is no login, room, person or address"),
    (("remove", "mother", "dag", "--as", "ada"), 64, "'dag' is not invited"),
    (("move", "mother", "--start", "noonish", "--as", "ada"), 64, "--start: 'noonish' is no time; write '2026-12-01"),
    (("diary", "bo", "--from", "today", "--to", "soon"), 64, "--to: 'soon' is no time"),
    (("change", "mother", "--as", "ada"), 64, "nothing to change"),
    (("change", "mother", "--as", "ada", "--task", "Dance"), 64, "no 'Dance'; it has: Meeting"),
    (("change", "mother", "--as", "ada", "--alarm", "soon"), 64, "--alarm: is a number of minutes, or none"),
    ((*INVITE, "--all-day"), 64, "--all-day: goes with --start as a day alone"),
    ((*INVITE, "--end", "2026-12-01"), 64, "end: is a day where the start is one"),
    ((*INVITE, "--end", "2026-12-01 11:00", "--minutes", "30"), 64, "minutes: go with"),
    ((*INVITE, "--end", "2026-12-01 09:00"), 64, "end: comes before the start"),
    ((*INVITE, "--company", "999"), 64, "company: the CRM has no company 999"),
    ((*INVITE, "--person", "999"), 64, "person: the CRM has no person 999"),
    (("activities", "--from", "today", "--to", "+3d"), 64, "name either"),
    (("free", "ada", "--from", "today", "--to", "+1d", "--minutes", "0"), 64, "minutes"),
    (("invitations", "ada", "--view", "lost"), 2, "--view"),
    (("accept", "soon", "--as", "bo"), 2, "soon"),
    (("accept", "0", "--as", "bo"), 2, "0"),
    (("accept", "bo's"), 2, "--as"),
]


def test_what_is_refused_is_one_line_with_the_rule_and_changes_nothing(seeded: Seeded, word: Word) -> None:
    mother = invited(word)
    (bos,) = told(word, "invitations", "bo")
    named = {"mother": mother, "bo's": bos["appointment"]}
    before = contents(seeded.house, crm.appointment)

    for words, code, said in REFUSED:
        left, out, err = word(*(named.get(w, w) for w in words))
        assert (left, out) == (code, ""), words
        assert said in err
        assert code == 2 or len(err.splitlines()) == 1

    assert contents(seeded.house, crm.appointment) == before


def test_everything_that_can_be_said_of_a_meeting_reaches_its_rows(seeded: Seeded, word: Word) -> None:
    said = ("--minutes", "45", "--with", "bo", "--place", "Loft", "--description", "Bring maps", "--agenda", "1. Trees")
    more = ("--video", "https://meet.example/1", "--private", "group", "--free", "--task", "MEETING", "--alarm", "15")
    (it,) = told(word, *INVITE, *said, *more, "--company", "13", "--person", "42", "--no-mail")
    mother, daughter = (r for r in contents(seeded.house, crm.appointment))

    assert mother["appointment_id"] == it["appointment"]
    wanted = {"location": "Loft", "private": 2, "freeBusy": 1, "task_idx": 8, "contact_id": 13, "person_id": 42}
    wanted |= {"join_videomeet_url": "https://meet.example/1", "SendEmail": 0}
    for found in (mother, daughter):
        assert {name: found[name] for name in wanted} == wanted
        assert found["endDate"] - found["do_by"] == 45 * 60
    assert (mother["hasAlarm"], mother["alarm"], daughter["hasAlarm"]) == (1, 15, 0)
    texts = {r["text"] for r in contents(seeded.house, crm.text)}
    assert texts == {"Orchard planning\nBring maps", "1. Trees"}

    number = it["appointment"]
    assert word("change", number, "--as", "ada", "--title", "Trees", "--task", "0", "--busy", "--alarm", "none")[0] == 0
    assert word("change", number, "--as", "ada", "--title", "Trees")[1] == f"{number}  no change (1 NotStarted)\n"
    changed = row(seeded, number)
    assert (changed["task_idx"], changed["freeBusy"], changed["hasAlarm"]) == (0, 0, 0)
    assert row(seeded, number + 1)["freeBusy"] == 1


def test_a_day_alone_is_a_whole_day_and_the_last_one_is_named(word: Word) -> None:
    plan = ("invite", "--as", "ada", "--title", "Harvest", "--all-day")
    assert "Thu 2026-11-05, all day" in word(*plan, "--start", "tomorrow")[1]
    (it,) = told(word, *plan, "--start", "2026-12-01", "--end", "2026-12-03")
    assert (it["answers"]["meeting"]["start"], it["answers"]["meeting"]["end"]) == ("2026-12-01", "2026-12-04")
    out = word("move", it["appointment"], "--as", "ada", "--start", "2026-12-08")[1]
    assert out.endswith("moved (1 NotStarted)\n")
    assert "Tue 2026-12-08 to Thu 2026-12-10, all day" in word("responses", it["appointment"])[1]
    assert word("move", it["appointment"], "--as", "ada", "--start", "2026-12-08 09:00")[0] == 0
    assert "Tue 2026-12-08 09:00-10:00" in word("responses", it["appointment"])[1]


def test_an_offset_makes_an_instant_and_the_length_outlives_a_change_of_clocks(seeded: Seeded, word: Word) -> None:
    number = invited(word)
    assert word("move", number, "--as", "ada", "--start", "2027-03-28T00:30Z")[0] == 0
    assert "Sun 2027-03-28 01:30" in word("responses", number)[1]
    assert row(seeded, number)["endDate"] - row(seeded, number)["do_by"] == 3_600


def test_a_todo_ends_with_its_deadline(seeded: Seeded, word: Word) -> None:
    plan = ("invite", "--as", "ada", "--title", "Order bottles", "--start", "2026-12-01 16:00", "--todo")
    (it,) = told(word, *plan)
    found = row(seeded, it["appointment"])
    assert (found["type"], found["do_by"]) == (2, found["endDate"])
    assert "Order bottles" not in word("diary", "ada", "--from", "2026-12-01", "--to", "2026-12-01")[1]
    out = word("diary", "ada", "--from", "2026-12-01", "--to", "2026-12-01", "--todos")[1]
    assert "Tue 2026-12-01 16:00  Order bottles" in out
    assert word("complete", it["appointment"], "--as", "ada")[1].endswith("completed (3 Completed)\n")
    assert word("reopen", it["appointment"], "--as", "ada")[1].endswith("reopened (1 NotStarted)\n")
    number = it["appointment"]
    assert word("assign", number, "--to", "bo", "--as", "ada")[1] == f"{number}  assigned to bo (11 Assignment)\n"


def test_guests_come_go_and_take_over(word: Word) -> None:
    number = invited(word)
    assert word("add", number, "dag", "person:42", "--as", "ada")[1].startswith(f"{number}  invited: Orchard")
    assert word("add", number, "dag", "--as", "ada")[1].startswith(f"{number}  no change: Orchard")
    out = word("remove", number, "dag", f"row:{number + 3}", "--as", "ada")[1]
    assert "Dag" not in out
    assert "Carla" not in out
    said = word("hand-over", number, "--to", "bo", "--stay", "--as", "ada")[1]
    assert said == f"{number}  handed over to bo (1 NotStarted)\n"
    (found,) = told(word, "responses", number)
    assert [(p["name"], p["kind"]) for p in found["people"]] == [
        *(("Bo Tangen", "owner"), ("Ada Lindqvist", "associate"))
    ]


def test_a_diary_hides_from_others_what_is_private(word: Word) -> None:
    told(word, *INVITE, "--private", "me")
    span = ("--from", "2026-12-01", "--to", "2026-12-01")
    assert "Orchard planning" in word("diary", "ada", *span)[1]
    assert "Orchard planning" in word("diary", "ada", *span, "--as", "ada")[1]
    hidden = word("diary", "ada", *span, "--as", "dag")[1]
    assert "Orchard planning" not in hidden
    assert "Busy" in hidden
    assert word("diary", "dag", *span)[1] == "Nothing stands there.\n"


def test_free_time_begins_now_and_conflicts_are_the_owners_to_see(word: Word) -> None:
    number = invited(word)
    told(word, "invite", "--as", "bo", "--title", "Press", "--start", "2026-12-01 10:30")
    out = word("conflicts", number, "--as", "ada")[1]
    assert "Bo Tangen  Tue 2026-12-01 10:30-11:30  Press" in out
    assert word("conflicts", number)[1] == out
    slots = told(word, "free", "ada", "bo", "--from", "today", "--to", "today", "--minutes", "60", "--count", "2")
    assert [s["start"] for s in slots] == ["2026-11-04T12:00:00+01:00", "2026-11-04T13:00:00+01:00"]
    out = word("free", "ada", "bo", "--from", "2026-12-01 10:00", "--to", "2026-12-01", "--minutes", "60")[1]
    assert "Tue 2026-12-01 11:30-12:30" in out


def test_a_company_sees_what_is_about_it_and_who_of_it_is_invited(word: Word) -> None:
    about = told(word, *INVITE, "--company", "13")[0]["appointment"]
    with_her = told(word, "invite", "--as", "bo", "--title", "Samples", "--start", "+5d 09:00", "--with", "person:42")
    found = told(word, "activities", "--company", "13", "--from", "today", "--to", "+60d")
    assert {it["appointment"] for it in found} == {about, with_her[0]["appointment"]}
    (hers,) = told(word, "activities", "--person", "42", "--from", "today", "--to", "+60d", "--as", "dag")
    assert hers["title"] == "Samples"
    assert word("activities", "--company", "99", "--from", "today", "--to", "+1d")[0] == 66


def test_what_strangers_write_obeys_no_terminal(word: Word) -> None:
    wicked = "Plan \x1b[31mred\x1b[0m [bold]b[/bold] \u202egnp"
    code, out, _ = word("invite", "--as", "ada", "--title", wicked, "--start", "+1d 10:00", "--with", "bo")
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]b[/bold]" in word("invitations", "bo")[1]


def test_a_pipe_gets_one_whole_line_for_each_row(word: Word, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    invited(word, "--description", "x", "--place", "The old cellar behind the new press hall " * 4)
    header, line = word("invitations", "bo")[1].splitlines()
    assert header.split()[0] == "number"
    assert line.rstrip() == line
    assert line.endswith("press hall")


@pytest.mark.parametrize("width", [24, 40, 80])
def test_a_terminal_folds_and_keeps_the_numbers_whole(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [(2_147_483_647, "Tue 2026-12-01 10:00-11:00", "A rather long title of a meeting", "Bo", "✓ accepted", "")]
    printing.say_table(["number", "when", "title", "from", "state", "place"], rows, none="")
    assert "2147483647" in screen.getvalue()
    assert "…" not in screen.getvalue()


def test_a_terminal_without_signs_has_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert [printing.clean(printing.state(n)) for n in (1, 5, 7, 8, 9)] == [
        *("accepted", "not seen", "seen", "moved, seen", "declined")
    ]


def test_every_simple_word_is_one() -> None:
    assert set(SIMPLE) <= set(cli.words.commands)
