"""The README's tour, played: a fresh copy of the tree, `make demo` for real, each block typed, each claim read.

The copy gets a `.venv` that downloads nothing: it borrows the libraries of the running Python, and nothing else.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.strangers
ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PATIENCE = 120  # seconds
TOOLS = [tool for tool in ("make", "bash", "curl", "awk") if shutil.which(tool) is None]
CODE = ("gateway", "mappings", "samples", "docs", "tests", "Makefile", "pyproject.toml", "README.md")
DONE = "--- block ended"
BLOCK = re.compile(r"^```sh\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def tour() -> list[tuple[str, str]]:
    """The (block, text after it) pairs of the section; the texts claim what the blocks before them show."""
    section = README.read_text("utf-8").partition("## Five minutes\n")[2].partition("\n## ")[0]
    parts = BLOCK.split(section)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def plant(folder: Path) -> None:
    """Copy the tree as it is, as a clone of it would be: what is tracked, or everything where there is no Git."""
    if (ROOT / ".git").exists():
        command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        return
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)


def furnish(folder: Path) -> None:
    """Make the `.venv` that the Makefile looks for, out of what is installed already."""
    venv.create(folder / ".venv", with_pip=False, symlinks=True)
    inside = folder / ".venv" / "bin"
    (site,) = (folder / ".venv" / "lib").glob("python*/site-packages")
    borrowed = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    # The copy's own code first: an editable installation among what is borrowed leads to another tree.
    lines = [f"import sys; sys.path.insert(0, {str(folder)!r})", *borrowed]
    (site / "tour.pth").write_text("\n".join(lines) + "\n")
    script = inside / "partstat"
    script.write_text(f"#!{inside / 'python'}\nfrom gateway.cli import main\nif __name__ == '__main__':\n    main()\n")
    script.chmod(0o755)
    for stamp in (".ready", ".ready-for-tests"):
        (folder / ".venv" / stamp).touch()


@dataclass
class Shell:
    """A second terminal in the folder: one bash for the whole tour, so that what is exported stays."""

    bash: subprocess.Popen[str]

    def type(self, block: str) -> str:
        """Type a block and give what it printed, errors too."""
        assert self.bash.stdin is not None
        assert self.bash.stdout is not None
        self.bash.stdin.write(f"{block}\necho; echo '{DONE}'\n")
        self.bash.stdin.flush()
        said: list[str] = []
        for line in self.bash.stdout:
            if line.rstrip("\n") == DONE:
                return "".join(said)
            said.append(line)
        raise AssertionError("the shell ended: " + "".join(said))


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "MAKE"))}
    return kept | {"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A fresh copy with its demonstration running: the folder and its port."""
    if TOOLS:
        pytest.skip(f"{', '.join(TOOLS)} not installed")
    folder = tmp_path_factory.mktemp("clone")
    plant(folder)
    furnish(folder)
    port = free_port()
    command = ["make", "demo", f"ARGS=--port {port}", f"PYTHON={sys.executable}"]
    log = folder.parent / "said.txt"
    with log.open("w") as said, subprocess.Popen(
        command, cwd=folder, env=environment() | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, stderr=said,
        text=True, start_new_session=True,
    ) as demo:  # fmt: skip
        try:
            assert demo.stdout is not None
            first: list[str] = []
            while not any(line.startswith("Partstat serves") for line in first):
                line = demo.stdout.readline()
                assert line, "make demo ended: " + "".join(first) + log.read_text()
                first.append(line)
            yield folder, port
        finally:
            os.killpg(demo.pid, signal.SIGTERM)
            demo.wait(PATIENCE)


@pytest.fixture(scope="module")
def shell(place: tuple[Path, int]) -> Iterator[Shell]:
    command = ["bash", "--noprofile", "--norc", "-O", "expand_aliases"]
    with subprocess.Popen(
        command, cwd=place[0], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as bash:  # fmt: skip
        yield Shell(bash)
        bash.terminate()


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\n ", "").splitlines()


def feed(shell: Shell, login: str, port: int) -> list[str]:
    """All lines of somebody's feed, by a token of its own."""
    url = f"http://127.0.0.1:{port}/feeds/$(partstat token {login} --for feed).ics"
    return unfolded(shell.type(f"curl -s {url}"))


def events(lines: list[str], title: str) -> list[list[str]]:
    """The lines of every event whose title begins so."""
    found: list[list[str]] = []
    inside: list[str] = []
    for line in lines:
        inside = [] if line == "BEGIN:VEVENT" else [*inside, line]
        if line == "END:VEVENT" and any(it.startswith(f"SUMMARY:{title}") for it in inside):
            found.append(inside)
    return found


def bos(lines: list[str], title: str) -> str:
    """What the one event of a title says of Bo."""
    (event,) = events(lines, title)
    (line,) = [it for it in event if it.startswith("ATTENDEE") and "Bo Tangen" in it]
    return line


def test_every_step_of_the_tour_does_what_the_readme_says(place: tuple[Path, int], shell: Shell) -> None:
    folder, port = place
    steps = [(block.replace("127.0.0.1:8080", f"127.0.0.1:{port}"), claim) for block, claim in tour()]
    assert len(steps) == 5, "a new step of the tour needs its claims checked here"
    (settle, _), (subscribe, asked), (answer, applied), (sql, left_out), (plan, planned) = steps

    assert shell.type(settle).strip() == ""
    assert (folder / "partstat-demo.db").exists()

    said = shell.type(subscribe)
    assert int(said.split()[0]) > 10
    assert "`PARTSTAT=NEEDS-ACTION`" in asked
    assert "PARTSTAT=NEEDS-ACTION" in "".join(unfolded(said))

    said = shell.type(answer)
    assert "`APPLIED`, and `PARTSTAT=ACCEPTED`, in Bo's feed and in everybody's calendar." in applied
    assert said.startswith("APPLIED")
    assert "PARTSTAT=ACCEPTED" in "".join(unfolded(said))
    for login in ("ada", "dag", "siri"):
        assert "PARTSTAT=ACCEPTED" in bos(feed(shell, login, port), "Tasting the new blend")
    assert "Send the same mail again: `DUPLICATE`." in applied
    assert shell.type("partstat ingest --trusted samples/replies/bo-accepts.eml").startswith("DUPLICATE")
    assert "Without `--trusted` nobody vouches for the sender, and the answer is `HELD`." in " ".join(applied.split())
    assert shell.type("partstat ingest samples/replies/carla-accepts.eml").startswith("HELD")

    assert shell.type(sql).strip() == ""
    assert "Bo's feed leaves the meeting out; in Ada's calendar he has declined." in left_out
    assert events(feed(shell, "bo", port), "Tasting the new blend") == []
    assert "PARTSTAT=DECLINED" in bos(feed(shell, "ada", port), "Tasting the new blend")

    said = shell.type(plan)
    assert "invited: Labels for the perry" in said
    assert "Bo's row has a tick, `✓ accepted`, and his feed says so too." in planned
    assert [line.split("  ")[-1] for line in said.splitlines() if "Bo Tangen" in line][-1] == "✓ accepted"
    assert "PARTSTAT=ACCEPTED" in bos(feed(shell, "bo", port), "Labels for the perry")
    assert "is refused to Bo: only the owner may." in planned
    assert "only the owner" in shell.type('partstat move $NUMBER --start "+2d 10:00" --as bo')

    said = shell.type("partstat doctor; echo ended with $?")
    assert "problem" not in said
    assert "ended with 0" in said


def test_the_tour_has_no_claim_beside_code_that_the_test_does_not_know() -> None:
    claims = {claim for _, text in tour() for claim in re.findall(r"`([^`]+)`", text)}
    assert claims == {
        *("bo", "PARTSTAT=NEEDS-ACTION", "APPLIED", "PARTSTAT=ACCEPTED", "DUPLICATE", "--trusted", "HELD"),
        *("✓ accepted", "partstat move $NUMBER", "partstat doctor", "partstat-demo.db*"),
    }
