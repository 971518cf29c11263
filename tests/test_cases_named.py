"""Every one of the 75 acceptance cases of inbound and outbound mail has a test that bears its number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

TESTS = Path(__file__).parent
CASES = range(1, 76)
LEFT: Final = {
    33: "a group is never invited as such: each of its members has a row of their own, and answers like anybody",
}


def named(folder: Path) -> set[int]:
    """Give the numbers in the names of tests, ``test_13_59_…``, and first in the rows of their tables, ``(13, "…``."""
    found: set[int] = set()
    for path in folder.glob("test_*.py"):
        text = path.read_text("utf-8")
        for numbers in re.findall(r"^def test_((?:\d{1,2}_)+)", text, re.MULTILINE):
            found |= {int(number) for number in numbers.strip("_").split("_")}
        if path.stem in ("test_cases", "test_weighing"):
            found |= {int(number) for number in re.findall(r"\((\d{1,2}), \"", text)}
    return found


def test_every_case_is_tested_by_its_number() -> None:
    assert sorted(named(TESTS / "mappings") | named(TESTS / "gateway") | set(LEFT)) == list(CASES)


def test_nearly_every_case_is_tested_from_the_mail_to_the_row() -> None:
    # 51, 55: what the judgement alone decides; a whole way would only repeat it.
    assert sorted(set(CASES) - named(TESTS / "gateway") - set(LEFT)) == [51, 55]
