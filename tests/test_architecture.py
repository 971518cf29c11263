"""The rules of the house that a machine can check: sizes, names, direction, purity, nothing private."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
# A migration is written once, as long as the tables are, and never read as code again.
HISTORY = ROOT / "gateway" / "migrations" / "versions"
CODE = sorted(
    path
    for package in ("gateway", "mappings")
    for path in (ROOT / package).rglob("*.py")
    if not path.is_relative_to(HISTORY)
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
# A name that says nothing gathers everything.
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
# What mappings may import beside itself and the standard library.
LIBRARIES_OF_MEANING = {"icalendar", "dateutil"}
READS_THE_CLOCK = {"now", "utcnow", "today"}
each_file = pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def imported(tree: ast.Module) -> Iterator[str]:
    """The top-level packages that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@each_file
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@each_file
def test_a_function_fits_on_a_screen(path: Path) -> None:
    sizes = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in definitions(parsed(path))
        if not isinstance(node, ast.ClassDef)
    }
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FUNCTION} == {}


@each_file
def test_what_others_may_use_says_what_it_is(path: Path) -> None:
    if "versions" in path.parts:
        # A migration says what it does at its head; upgrade and downgrade are Alembic's words.
        assert ast.get_docstring(parsed(path))
        return
    public = [
        node
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@each_file
def test_a_name_says_what_is_inside(path: Path) -> None:
    assert not {path.stem, *path.relative_to(ROOT).parts} & SAYS_NOTHING


@pytest.mark.parametrize(
    "path", [path for path in CODE if path.is_relative_to(ROOT / "mappings")], ids=lambda path: path.name
)
def test_meaning_needs_no_clock_and_few_libraries(path: Path) -> None:
    tree = parsed(path)
    assert set(imported(tree)) <= {"mappings", *LIBRARIES_OF_MEANING, *sys.stdlib_module_names}
    called = [
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert READS_THE_CLOCK.isdisjoint(called)


def test_everything_points_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [*sys.path])  # it puts the working directory there
    broken = lint_imports(no_cache=True, no_logo=True)
    assert broken == 0, capsys.readouterr().out


def tracked_files() -> list[Path]:
    """The files in version control; none in an unpacked archive, where there is nothing left to prevent."""
    if not (ROOT / ".git").exists():
        return []
    # Git refuses a folder that belongs to somebody else unless it is told that this one is meant.
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_tells_of_the_machine_it_was_written_on() -> None:
    # In pieces, so that this file does not find itself.
    private = [f"{ROOT}/", "/" + "root/", "/" + "Users/", "/" + "home/"]
    found = [
        f"{path.relative_to(ROOT)} holds {place}"
        for path in tracked_files()
        for place in private
        if place.encode() in path.read_bytes()
    ]
    assert found == []
