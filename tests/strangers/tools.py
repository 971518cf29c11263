"""Where the programs are that `make test-tools` installs; a test whose program is missing is skipped with one line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
VENV: Final = HERE / ".venv"  # apart from ours: requests and caldav want two different libraries of one name


def program(name: str) -> str:
    """Give the path of a program in the strangers' own environment."""
    path = VENV / "bin" / name
    if not path.exists():
        pytest.skip(f"{name} not found: run 'make test-tools'")
    return str(path)


def node(module: str) -> str:
    """Give the path of Node.js, where it has a module too."""
    path = shutil.which("node")
    if path is None or not (HERE / "node_modules" / module).exists():
        pytest.skip(f"{module} not found: run 'make test-tools'")
    return path
