"""A real IMAP mailbox: each message is taken in once and moved to where it belongs, whatever breaks meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep
from typing import Any

import pytest

from gateway.errors import DatabaseBusy, MailDeferred
from gateway.mail import imap
from gateway.ports import SystemClock
from gateway.services.house import House
from gateway.store import tables as t
from mappings.model import Outcome
from tests.dovecot import Dovecot, dovecot
from tests.outside import Clock, contents, reply
from tests.seed import BO, DAG, Seeded, seed

BO_MAIL, DAG_MAIL = "bo@hillside.example", "dag@hillside.example"
WAIT = 30.0  # seconds


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dovecot]:
    with dovecot() as found:
        monkeypatch.setenv("SSL_CERT_FILE", found.certificate)
        yield found


@pytest.fixture
def seeded(database_url: str, server: Dovecot) -> Iterator[Seeded]:
    seeded = seed(database_url, clock=Clock(SystemClock().now()), imap_url=server.url, max_mail_bytes=100_000)
    with closing(seeded):
        seeded.meeting("Orchard planning", invited=(BO, DAG), SendEmail=1)
        yield seeded


def answer(seeded: Seeded, who: str = BO_MAIL, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    (event,) = contents(seeded.house, t.event)
    return reply(str(event["uid"]), who, partstat, **more)


def taken(seeded: Seeded) -> list[Outcome]:
    return [ended.outcome for ended in imap.take_in(seeded.house, vouched=True)]


def until(true: Callable[[], bool]) -> None:
    end = monotonic() + WAIT
    while not true():
        assert monotonic() < end, "nothing happened"
        sleep(0.05)


def test_what_stands_in_the_mailbox_is_taken_in_and_filed(seeded: Seeded, server: Dovecot) -> None:
    raw = answer(seeded)
    server.put(raw, b"Subject: lunch?\r\n\r\nno calendar\r\n", reply("else@x.test", BO_MAIL, "ACCEPTED"))
    server.put(b"Subject: x\r\n\r\n" + b"x" * 99 + b"\r\n" * 60_000)
    assert taken(seeded) == [Outcome.APPLIED, Outcome.NO_CHANGE, Outcome.REFUSED_UNKNOWN, Outcome.REFUSED_LIMIT]
    assert server.filed() == {"Processed": 2, "Ignored": 2}
    assert taken(seeded) == []
    (kept, *_) = contents(seeded.house, t.inbox)
    assert (kept["door"], kept["raw"]) == ("imap", raw)


def test_what_is_held_is_apart(seeded: Seeded, server: Dovecot) -> None:
    server.put(answer(seeded))
    assert [e.outcome for e in imap.take_in(seeded.house, vouched=False)] == [Outcome.HELD]
    assert server.filed() == {"Held": 1}


def test_48_who_dies_before_filing_files_it_the_next_time(
    seeded: Seeded, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    server.put(answer(seeded))
    with monkeypatch.context() as patched:
        patched.setattr(imap.Mailbox, "_file", die)
        with pytest.raises(Killed):
            taken(seeded)
    assert server.filed() == {"INBOX": 1}
    assert taken(seeded) == [Outcome.DUPLICATE]
    assert server.filed() == {"Processed": 1}
    assert len(contents(seeded.house, t.answer)) == 1


def test_what_cannot_be_stored_stays_and_is_taken_in_later(
    seeded: Seeded, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise DatabaseBusy("busy")

    server.put(answer(seeded))
    with monkeypatch.context() as patched:
        patched.setattr(imap, "ingest", busy)
        assert taken(seeded) == []
    assert taken(seeded) == [Outcome.APPLIED]


def test_a_mailbox_that_was_rebuilt_is_read_anew_and_changes_nothing_twice(seeded: Seeded, server: Dovecot) -> None:
    raw = answer(seeded)
    server.put(raw)
    assert taken(seeded) == [Outcome.APPLIED]
    with server.session() as client:  # somebody puts everything back: the same message, another UID
        client.select_folder("Processed")
        client.move(client.search(), "INBOX")
    assert taken(seeded) == [Outcome.DUPLICATE]
    assert server.filed() == {"Processed": 1}


def test_two_at_work_in_one_mailbox_take_each_message_once(seeded: Seeded, server: Dovecot) -> None:
    server.put(*(answer(seeded, who, p, stamp=1_000 + n) for n, p in enumerate(["ACCEPTED", "DECLINED"] * 4)
                 for who in (BO_MAIL, DAG_MAIL)))  # fmt: skip
    other = House(seeded.house.settings, seeded.house.clock)
    failed: list[BaseException] = []

    def work(house: House) -> None:
        try:
            list(imap.take_in(house, vouched=True))
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            house.store.release()

    threads = [threading.Thread(target=work, args=(house,)) for house in (seeded.house, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT)
    other.store.close()
    assert failed == []
    assert "INBOX" not in server.filed()
    assert len(contents(seeded.house, t.inbox)) == 16
    said = [(a["appointment_id"], a["dtstamp"]) for a in contents(seeded.house, t.answer)]
    assert len(said) == len(set(said))


@contextmanager
def following(seeded: Seeded) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=imap.follow, args=(seeded.house.settings, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(WAIT)
        assert not thread.is_alive()


def test_news_is_taken_in_at_once_also_after_the_server_was_away(
    seeded: Seeded, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "PAUSES", (0.1, 0.5))
    with following(seeded):
        server.put(answer(seeded))
        until(lambda: server.filed() == {"Held": 1})
        server.put(answer(seeded, DAG_MAIL))  # while it waits for news
        until(lambda: server.filed() == {"Held": 2})
        server.stop()
        sleep(0.5)
        server.start()
        server.put(answer(seeded, DAG_MAIL, "DECLINED"))
        until(lambda: server.filed() == {"Held": 3})
    assert len(contents(seeded.house, t.inbox)) == 3


def test_a_server_that_shows_a_strangers_certificate_hears_no_password(
    seeded: Seeded, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(MailDeferred, match="cannot be reached") as refused:
        taken(seeded)
    assert "secret" not in str(refused.value)


def test_a_wrong_password_is_said_without_telling_it(database_url: str, server: Dovecot) -> None:
    with closing(seed(database_url, imap_url=server.url.replace("tests", "thieves"))) as seeded:
        with pytest.raises(MailDeferred, match=r"[Aa]uth") as refused:
            taken(seeded)
        assert "thieves" not in str(refused.value)
        assert "thieves" not in repr(seeded.house.settings)
