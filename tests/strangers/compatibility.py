"""Writes docs/compatibility.md: ``python -m tests.strangers.compatibility``.

It runs every test of this folder and writes the page from the rows that they bear, and only where all of them hold: a
*yes* is a test that passed, and so is a *no*, which tests that the program is refused as the reason says.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Final

from tests.strangers import conversing, server_tester
from tests.strangers.scores import TRIED, Row

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
PAGE: Final = ROOT / "docs" / "compatibility.md"
ITSELF: Final = "test_compatibility.py"

_HEAD: Final = """\
# What other programs find here

Written by `python -m tests.strangers.compatibility` from the tests in `tests/strangers`; do not edit it by hand.
Every line was tried against a running server, and is tried again whenever the tests run. A *yes* is a test that passed.
A *no* is one too: the program asked, was refused or found nothing, and the reason is told.

Calendars can be read and not yet written: what is planned, moved and answered comes from the CRM. Programs are told so
by the privileges and by `Allow`, so that they offer no editing, and what is sent all the same is refused with 403.
"""
_SPOKEN: Final = """\
## Calendars, as they speak

These programs do not run where the tests do. What they say was written down from their published sources and from what
is publicly known of their requests (`tests/strangers/conversations`), and is said to the server word by word; each
answer is held against what that program needs to go on.
"""
_RUN: Final = """\
## Programs and libraries, as they are

These are installed by `make test-tools` and run against the server.
"""


def spoken() -> list[Row]:
    """Give the rows of the conversations."""
    told = map(conversing.read, conversing.conversations())
    return [Row(one.client, scene.title, scene.no) for one in told for scene in one.scenes]


def run() -> list[Row]:
    """Give the rows of the tests and tools."""
    for path in sorted(HERE.glob("test_*.py")):
        if path.name != ITSELF:
            import_module(f"tests.strangers.{path.stem}")
    tested = sorted(TRIED.values(), key=lambda row: (row.program.lower(), bool(row.no)))
    return tested + server_tester.rows()


def page() -> str:
    """Give the page as the rows make it."""
    return "\n".join((_HEAD, _SPOKEN, *_tables(spoken()), _RUN, *_tables(run())))


def _tables(rows: Iterable[Row]) -> Iterable[str]:
    for program, some in groupby(rows, key=lambda row: row.program):
        yield f"### {program}\n"
        yield "| what it tried | |\n|---|---|"
        yield from (f"| {row.tried} | {f'no: {row.no}' if row.no else 'yes'} |" for row in some)
        yield ""


def main() -> int:
    """Run the tests, and write the page where they hold."""
    command = [sys.executable, "-m", "pytest", "-q", str(HERE), f"--ignore={HERE / ITSELF}"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if said.returncode or " skipped" in said.stdout:
        print(said.stdout, said.stderr, "Not all of it holds; the page stays as it was.", sep="\n", file=sys.stderr)
        return 1
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE}: {len(spoken()) + len(run())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
