"""The command line: `partstat WORD`, for people by default and, with --json, one JSON object a line for programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from gateway.cli import acting, mailing, running, viewing
from gateway.cli.group import words
from gateway.errors import GatewayError
from gateway.services.house import House
from gateway.web import answers
from mappings.errors import MappingError

__all__ = ["acting", "mailing", "main", "run", "running", "viewing", "words"]


def main() -> NoReturn:
    """Run a word of the command line; what goes wrong is one line on stderr and an exit code of its own."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter of somebody's name shows a question mark, and not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str], house: House | None = None) -> int:
    """Run a word and give its exit code; with a house the word works there, else in that of the settings."""
    try:
        words.main(list(args), prog_name="partstat", obj=house, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except SystemExit as left:
        return int(left.code or 0)
    except (GatewayError, MappingError) as error:
        code, line = answers.line(error)
        print(f"partstat: {line}", file=sys.stderr)
        return code
    return 0
