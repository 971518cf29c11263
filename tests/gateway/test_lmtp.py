"""A mail server hands messages over: it hears OK for what is on disk, and of nothing else."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from gateway.errors import DatabaseBusy
from gateway.mail import lmtp
from gateway.ports import SystemClock
from gateway.store import tables as t
from tests.outside import Clock, contents, reply
from tests.seed import BO, DAG, Seeded, seed

BO_MAIL = "bo@hillside.example"
TO = ["answers@gateway.example"]
WAIT = 20  # seconds


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url, clock=Clock(SystemClock().now()), max_mail_bytes=100_000)
    with closing(seeded):
        seeded.meeting("Orchard planning", invited=(BO, DAG), SendEmail=1)
        yield seeded


@contextmanager
def listening(seeded: Seeded, *, vouched: bool = True) -> Iterator[smtplib.LMTP]:
    """Let it listen in a thread of its own, and talk to it."""
    ports: list[int] = []
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    def heard(port: int) -> None:
        ports.append(port)
        ready.set()

    def work() -> None:
        served = lmtp.serve(seeded.house, "127.0.0.1", 0, vouched=vouched, stop=stop, on_ready=heard)
        loop.run_until_complete(served)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert ready.wait(WAIT)
        with smtplib.LMTP("127.0.0.1", ports[0], timeout=WAIT) as client:
            yield client
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(WAIT)
        assert not thread.is_alive()


def answer(seeded: Seeded, partstat: str = "ACCEPTED") -> bytes:
    (event,) = contents(seeded.house, t.event)
    return reply(str(event["uid"]), BO_MAIL, partstat)


def test_what_is_handed_over_is_stored_and_judged(seeded: Seeded) -> None:
    raw = answer(seeded)
    with listening(seeded) as client:
        assert client.sendmail("", TO, raw) == {}
        client.sendmail("bo@hillside.example", TO, raw)  # sent again, because the first OK was lost on its way
    (kept,) = contents(seeded.house, t.inbox)
    assert (kept["door"], kept["outcome"]) == ("lmtp", "APPLIED")
    assert kept["raw"].replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n")
    assert len(contents(seeded.house, t.answer)) == 1


def test_every_recipient_has_an_answer_of_its_own(seeded: Seeded) -> None:
    with listening(seeded) as client:
        client.ehlo()
        client.mail("")
        for number in range(3):
            assert client.rcpt(f"{number}@gateway.example")[0] == 250
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(answer(seeded) + b"\r\n.\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250] * 3
    assert len(contents(seeded.house, t.inbox)) == 1


def test_whom_nobody_vouches_for_waits(seeded: Seeded) -> None:
    with listening(seeded, vouched=False) as client:
        client.sendmail("", TO, answer(seeded))
    assert [row["outcome"] for row in contents(seeded.house, t.inbox)] == ["HELD"]


def test_what_is_no_mail_at_all_is_ours_all_the_same(seeded: Seeded) -> None:
    with listening(seeded) as client:
        client.sendmail("", TO, b"\xff\xfe nothing\r\n")
    assert len(contents(seeded.house, t.inbox)) == 1


def test_a_line_may_be_longer_than_it_should(seeded: Seeded) -> None:
    raw = answer(seeded).replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT\r\nX-LONG:" + b"x" * 5_000)
    with listening(seeded) as client:
        client.sendmail("", TO, raw)
    assert [row["outcome"] for row in contents(seeded.house, t.inbox)] == ["APPLIED"]


def test_what_is_too_large_is_turned_away(seeded: Seeded) -> None:
    with listening(seeded) as client:
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused)) as left:
            client.sendmail("", TO, b"Subject: x\r\n\r\n" + b"x" * 60 + b"\r\n" + (b"y" * 900 + b"\r\n") * 120)
        assert "552" in str(left.value)
    assert contents(seeded.house, t.inbox) == []


@pytest.mark.parametrize("error", [DatabaseBusy("busy"), RuntimeError("disk full")])
def test_what_cannot_be_stored_is_kept_by_the_mail_server(
    seeded: Seeded, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    with listening(seeded) as client:
        with monkeypatch.context() as patched:
            patched.setattr(lmtp, "ingest", fail)
            client.ehlo()
            client.mail("")
            client.rcpt(TO[0])
            assert client.data(answer(seeded))[0] == 451
        client.rset()
        assert client.sendmail("", TO, answer(seeded)) == {}
    assert [row["outcome"] for row in contents(seeded.house, t.inbox)] == ["APPLIED"]


def test_a_crowd_of_recipients_is_turned_away(seeded: Seeded) -> None:
    with listening(seeded) as client:
        client.ehlo()
        client.mail("")
        codes = [client.rcpt(f"{n}@gateway.example")[0] for n in range(lmtp.MOST_RECIPIENTS + 1)]
        assert (codes[-2], codes[-1]) == (250, 452)
