"""caldav-server-tester, run against the live server; each of its scores is the one that we tell."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.living import living
from tests.seed import BO, seed
from tests.strangers.server_tester import NO, STOPS, YES, is_there, reason

pytestmark = pytest.mark.strangers
PROGRAM = "from caldav_server_tester.caldav_server_tester import check_server_compatibility as main; main()"
PATIENCE = 120  # seconds


def run(*words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_its_scores_are_those_we_tell(tmp_path: Path) -> None:
    seeded = seed(f"sqlite:///{tmp_path / 'partstat.db'}")
    seeded.meeting("Orchard planning", location="Barn & <hall>")
    seeded.appointment("Count bottles", owner=BO, days=3)
    checks = [word for name in run("--list-checks").split() if name != STOPS for word in ("--run-checks", name)]
    with living(seeded) as url:
        # It asks for the well-known address only where the host does not look like this machine.
        where = url.replace("127.0.0.1", "127.1") + "/dav/"
        who = ("--caldav-url", where, "--caldav-username", "BO", "--caldav-password", seeded.token("BO"))
        said = run(*who, "--caldav-calendar", "Bo Tangen", "--format", "hints", *checks)
    seeded.close()
    found = ast.literal_eval(said[said.index("{") :])
    there = {name for name, score in found.items() if is_there(score)}
    assert there == YES
    assert [name for name in found if name not in there and reason(name) is None] == []
    told = {f for features in NO.values() for f in features}
    assert {f for f in told if not any(n == f or (f.endswith(".") and n.startswith(f)) for n in found)} == set()
