"""The whole way of an invitation by mail: out by SMTP, answered, back over IMAP, into the CRM's row."""

from __future__ import annotations

from contextlib import closing
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from gateway.crm.tables import appointment
from gateway.mail import imap
from gateway.ports import SystemClock
from gateway.worker import Worker
from tests.dovecot import dovecot
from tests.mailing import MAILBOX, answered
from tests.outside import contents
from tests.seed import BO, CARLA, Seeded, seed
from tests.sink import sink

WAIT = 30.0  # seconds


def status(seeded: Seeded) -> int:
    (row,) = contents(seeded.house, appointment, invitedPersonId=CARLA)
    return int(row["status"])


def test_an_invitation_goes_out_and_its_answer_comes_back(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with sink() as out, dovecot() as box:
        monkeypatch.setenv("SSL_CERT_FILE", box.certificate)
        with closing(
            seed(
                database_url, clock=SystemClock(), settle_seconds=0, mail_address=MAILBOX, smtp_url=out.url,
                imap_url=box.url, organizer_tokens=True,
            )
        ) as seeded:  # fmt: skip
            stop = Event()
            follower = Thread(target=imap.follow, args=(seeded.house.settings, stop))
            follower.start()
            try:
                seeded.meeting("Orchard planning", invited=(BO,), SendEmail=1)
                worker, end = Worker(seeded.house), monotonic() + WAIT
                while not out.taken:
                    worker.turn()
                    assert monotonic() < end, "no invitation was sent"
                    sleep(0.05)
                box.put(answered(out.taken[0], "DECLINED"))
                while status(seeded) != 9:
                    assert monotonic() < end, "the answer did not come back"
                    sleep(0.05)
            finally:
                stop.set()
                follower.join(WAIT)
            assert box.filed() == {"Processed": 1}
