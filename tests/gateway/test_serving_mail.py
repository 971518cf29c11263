"""While serving, mail leaves and comes by itself: the background worker opens the doors that are set."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from contextlib import closing
from time import monotonic, sleep

import pytest

from gateway.crm.tables import appointment
from gateway.ports import SystemClock
from gateway.web.serving import free_port
from tests.dovecot import dovecot
from tests.living import living
from tests.mailing import MAILBOX, answered
from tests.outside import contents
from tests.seed import BO, CARLA, Seeded, seed
from tests.sink import sink

WAIT = 60.0  # seconds


def until(true: Callable[[], object], what: str) -> None:
    end = monotonic() + WAIT
    while not true():
        assert monotonic() < end, what
        sleep(0.1)


def status(seeded: Seeded) -> int:
    (row,) = contents(seeded.house, appointment, invitedPersonId=CARLA)
    return int(row["status"])


@pytest.mark.parametrize("door", ["imap", "lmtp"])
def test_serving_sends_invitations_and_takes_answers_in(
    database_url: str, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sink() as out, dovecot() as box, closing(seed(database_url, clock=SystemClock())) as seeded:
        monkeypatch.setenv("SSL_CERT_FILE", box.certificate)
        port = free_port("127.0.0.1", 0)
        way = {"imap_url": box.url} if door == "imap" else {"lmtp_listen": f"127.0.0.1:{port}"}
        with living(seeded, mail_address=MAILBOX, smtp_url=out.url, organizer_tokens=True, **way):
            seeded.meeting("Orchard planning", invited=(BO,), SendEmail=1)
            until(lambda: out.taken, "no invitation was sent")
            raw = re.sub(rb"\r?\n", b"\r\n", answered(out.taken[0], "DECLINED"))
            if door == "imap":
                box.put(raw)
            else:
                with smtplib.LMTP("127.0.0.1", port, timeout=WAIT) as client:
                    assert client.sendmail("", [MAILBOX], raw) == {}
            until(lambda: status(seeded) == 9, "the answer did not reach the row")
        assert [taken.recipients for taken in out.taken] == [["carla@moreau.example"]]
