"""The demonstration, as a newcomer starts it: a process, its first line, and what the addresses in it open."""

import base64
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.strangers
ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds


@contextmanager
def demo(folder: Path, *words: str) -> Iterator[dict[str, Any]]:
    """Run `partstat demo --json` and give its first line."""
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "demo", "--json", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=said)
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()
                process.communicate()


def fetch(url: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE) as answer:
        body: bytes = answer.read()
        return body


def test_the_first_line_tells_a_program_all_it_needs(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "18080") as told:
        people = {p["login"]: p for p in told["people"]}
        bo = people["bo"]
        feed = fetch(bo["feed_url"])
        assert feed.startswith(b"BEGIN:VCALENDAR\r\n")
        assert feed.count(b"BEGIN:VEVENT") > 10
        login = base64.b64encode(f"bo:{bo['secret']}".encode()).decode()
        request = urllib.request.Request(
            bo["calendar_url"], headers={"Authorization": f"Basic {login}", "Depth": "1"}, method="PROPFIND"
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 207
        assert fetch(bo["feed_url"].replace(".ics", "/tasks.ics")).count(b"BEGIN:VTODO") == 4
        assert bo["tasks_url"] == bo["calendar_url"].replace("/diary/", "/tasks/")
        assert told["base_url"] == bo["calendar_url"].partition("/dav/")[0]


def test_a_second_run_makes_new_secrets_and_takes_the_next_free_port(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "18180") as first, demo(tmp_path, "--port", "18180") as second:
        assert first["base_url"] != second["base_url"]
        assert not {p["secret"] for p in first["people"]} & {p["secret"] for p in second["people"]}
        # One company, two servers: what the first run gave opens the second's doors too.
        ada = next(p for p in first["people"] if p["login"] == "ada")
        assert fetch(ada["feed_url"].replace(first["base_url"], second["base_url"])).count(b"BEGIN:VEVENT") > 10


def test_no_secret_is_in_what_the_server_says(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "18280") as told:
        for person in told["people"][:3]:
            fetch(person["feed_url"])
        secrets = [p["secret"] for p in told["people"]] + [p["feed_url"].rpartition("/")[2] for p in told["people"]]
    said = (tmp_path / "said").read_text("utf-8")
    assert "/feeds/***.ics" in said
    assert [s for s in secrets if s.removesuffix(".ics") in said] == []
