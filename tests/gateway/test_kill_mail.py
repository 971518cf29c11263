"""A sender that is killed at any moment loses no mail; what it sends twice is the same mail, octet for octet."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from time import sleep, time

from gateway.mail.smtp import Smtp
from gateway.services import deliver
from tests.mailing import MAILBOX, invited, opened
from tests.sink import sink

ROOT = Path(__file__).parents[2]
MAILS = 30
LIVES = 6


def test_no_kill_loses_a_mail_or_sends_another_in_its_place(database_url: str) -> None:
    with sink() as server:
        scene = opened(database_url, server)
        scene.clock.moment = int(time()) - 3_600  # settled now, by the clock that the sender goes by
        with closing(scene.seeded):
            for number in range(MAILS):
                invited(scene, f"Meeting {number}")
            scene.settle()
            for _ in range(LIVES):
                _live(database_url, server.url)
            scene.clock.moment = int(time()) + 2 * deliver.LEASE  # what the dead had claimed is anybody's again
            deliver.deliver(scene.seeded.house, Smtp(server.url), most=2 * MAILS)
            by_name: dict[str, set[bytes]] = {}
            for taken in server.taken:
                by_name.setdefault(str(taken.mail["Message-ID"]), set()).add(taken.raw)
            assert len(by_name) == MAILS
            assert all(len(same) == 1 for same in by_name.values())
            assert Counter(state for state, _ in scene.states()) == {"sent": MAILS}


def _live(database_url: str, url: str) -> None:
    """Let a sender live for a moment, and kill it."""
    command = [sys.executable, "-m", "tests.sender", database_url, url, MAILBOX]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(random.randint(1, 4)):  # that it lives, and perhaps some mails that it sent
            process.stdout.readline()
        sleep(random.uniform(0, 0.01))
        process.kill()
