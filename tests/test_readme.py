"""The README's tables are derived from the code. `python -m tests.test_readme` writes them anew."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway import cli
from gateway.settings import describe
from mappings import status
from mappings.model import Outcome

README = Path(__file__).parent.parent / "README.md"

MEANINGS: dict[Outcome, str] = {
    Outcome.APPLIED: "the answer stands in the CRM's row, and in every calendar",
    Outcome.NO_CHANGE: "nothing to apply: no answer in it, or what it answers is cancelled",
    Outcome.DUPLICATE: "the same message, or the same answer, came before",
    Outcome.STALE: "a newer answer of that person stands, or they answered a former time",
    Outcome.PROPOSAL: "another time is proposed: the owner accepts or declines it (`partstat proposals`)",
    Outcome.DELIVERY_FAILED: "a mail of ours did not reach somebody",
    Outcome.HELD: "would be applied, but it is not proved well enough who sent it",
    Outcome.REFUSED_UNKNOWN: "no event of ours has its UID",
    Outcome.REFUSED_NOT_INVITED: "who answers is not invited",
    Outcome.REFUSED_INSTANCE: "the series has no such occurrence",
    Outcome.REFUSED_ORGANIZER: "it answers somebody else's event",
    Outcome.REFUSED_ROLE: "only the organizer may send such a message",
    Outcome.REFUSED_AMBIGUOUS: "it says two different things",
    Outcome.REFUSED_LIMIT: "larger or deeper than we read",
    Outcome.REFUSED_UNREADABLE: "no message that could be read",
    Outcome.NEEDS_HUMAN: "a person has to look: winmail.dat, a sealed mail …",
}


def _status() -> Iterator[str]:
    yield "| status | the CRM's name | PARTSTAT | RSVP | STATUS in the invitee's feed |"
    yield "|--:|---|---|---|---|"
    for number, row in sorted(status.DAUGHTER.items()):
        partstat = row.partstat
        if not row.published:
            yield f"| {number} | {row.name} | *not published* | | |"
            continue
        if row.cancelled:
            partstat = "*a frozen copy with STATUS:CANCELLED*"
        elif number in (11, 12, 13):
            partstat = "*no ATTENDEE: a single row, handed over*"
        elif row.live:
            partstat += f", or {' or '.join(sorted(row.live, reverse=True))} while such an answer is live"
        yield f"| {number} | {row.name} | {partstat} | {'TRUE' if row.rsvp else ''} | {row.feed or '*left out*'} |"


def _outcomes() -> Iterator[str]:
    yield "| outcome | meaning |"
    yield "|---|---|"
    for outcome in Outcome:
        yield f"| `{outcome.value}` | {MEANINGS[outcome]} |"


def _settings() -> Iterator[str]:
    yield "| setting | default | meaning |"
    yield "|---|---|---|"
    for row in describe():
        default = f"`{row.default}`" if row.default else ""
        yield f"| `{row.key}` | {default} | {row.description} |"


def _life() -> Iterator[str]:
    numbers = sorted(n for n, row in status.DAUGHTER.items() if row.published and n < 11)
    yield f"| | {' | '.join(map(str, numbers))} |"
    yield f"|---|{'--:|' * len(numbers)}"
    for act, cells in status.INVITEE.items():
        yield f"| {act.value} | {' | '.join(_after(cells.get(n)) for n in numbers)} |"


def _after(step: status.Step | None) -> str:
    if step is None:
        return ""
    return "gone" if step.gone else "=" if step.status is None else str(step.status)


TABLES = {"status": _status, "life": _life, "outcomes": _outcomes, "settings": _settings}


def _filled(text: str) -> str:
    for name, lines in TABLES.items():
        inside = "\n".join(lines())
        begin, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        head, _, rest = text.partition(begin)
        text = head + begin + inside + "\n" + end + rest.partition(end)[2]
    return text


@pytest.mark.parametrize("name", TABLES)
def test_each_table_says_what_the_code_says(name: str) -> None:
    text = README.read_text("utf-8")
    found = re.search(rf"<!-- table: {name} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert found, f"README has no table {name}"
    assert found[1].splitlines() == list(TABLES[name]()), "run `python -m tests.test_readme`"


def test_every_word_of_the_command_line_is_in_the_readme() -> None:
    text = README.read_text("utf-8")
    group = cli.words
    assert isinstance(group, click.Group)
    assert [w for w in group.commands if f"`partstat {w}" not in text] == []


def test_the_readme_leads_with_the_two_commands() -> None:
    lines = README.read_text("utf-8").splitlines()
    assert lines[2].split("#")[0].strip() == "make demo"
    assert lines[3].split("#")[0].strip() == "make test"


def test_every_path_in_the_map_exists() -> None:
    root = README.parent
    named = r"^\| `((?:mappings|gateway|samples|tests|benchmarks|docs)/[\w/.]*)`"
    rooms = re.findall(named, README.read_text("utf-8"), re.MULTILINE)
    assert rooms
    assert [r for r in rooms if not (root / r).exists()] == []


if __name__ == "__main__":
    README.write_text(_filled(README.read_text("utf-8")), "utf-8")
