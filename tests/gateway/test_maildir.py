"""A Maildir: each message is taken in once and filed by its outcome, whoever dies or comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.mail import filing, maildir
from gateway.ports import SystemClock
from gateway.store import tables as t
from mappings.model import Outcome
from tests.outside import Clock, contents, reply
from tests.seed import BO, DAG, Seeded, seed

BO_MAIL, DAG_MAIL = "bo@hillside.example", "dag@hillside.example"


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url, clock=Clock(SystemClock().now()))
    with closing(seeded):
        seeded.meeting("Orchard planning", invited=(BO, DAG), SendEmail=1)
        yield seeded


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    return tmp_path / "Maildir"


def deliver(mail: Path, name: str, raw: bytes) -> None:
    (mail / "new" / name).write_bytes(raw)


def filed(mail: Path) -> dict[str, list[str]]:
    return {box.name: sorted(m.name for m in (box / "cur").iterdir()) for box in mail.glob(".[A-Z]*")}


def uid(seeded: Seeded) -> str:
    (event,) = contents(seeded.house, t.event)
    return str(event["uid"])


def test_every_outcome_has_a_folder() -> None:
    assert filing.FOLDERS.keys() == set(Outcome)


def test_what_is_new_is_taken_in_and_filed_in_order(seeded: Seeded, mail: Path) -> None:
    deliver(mail, "1.a", reply(uid(seeded), BO_MAIL, "ACCEPTED"))
    deliver(mail, "2.b", b"Subject: lunch?\r\n\r\nno calendar in here\r\n")
    deliver(mail, "3.c", reply("unknown@client.example", BO_MAIL, "ACCEPTED"))
    deliver(mail, "4.d", b"x" * (seeded.house.settings.max_mail_bytes + 1))
    (mail / "new" / ".hidden").touch()
    ended = [one.outcome for one in maildir.take_in(seeded.house, mail, vouched=True)]
    assert (ended[0], ended[2:]) == (Outcome.APPLIED, [Outcome.REFUSED_UNKNOWN, Outcome.REFUSED_LIMIT])
    assert filed(mail)[".Processed"][0] == "1.a:2,S"
    assert filed(mail)[".Ignored"][-2:] == ["3.c:2,S", "4.d:2,S"]
    assert sum(map(len, filed(mail).values())) == 4
    assert list(maildir.take_in(seeded.house, mail, vouched=True)) == []


def test_what_is_held_is_apart(seeded: Seeded, mail: Path) -> None:
    deliver(mail, "1.a", reply(uid(seeded), BO_MAIL, "ACCEPTED"))
    assert [one.outcome for one in maildir.take_in(seeded.house, mail, vouched=False)] == [Outcome.HELD]
    assert filed(mail) == {".Held": ["1.a:2,S"]}


@pytest.mark.parametrize("vouched", [True, False])
def test_who_dies_before_filing_files_it_the_next_time(
    seeded: Seeded, mail: Path, vouched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    deliver(mail, "1.a", reply(uid(seeded), BO_MAIL, "ACCEPTED"))
    with monkeypatch.context() as patched:
        patched.setattr(maildir, "_file", die)
        with pytest.raises(Killed):
            list(maildir.take_in(seeded.house, mail, vouched=vouched))
    assert [one.outcome for one in maildir.take_in(seeded.house, mail, vouched=vouched)] == [Outcome.DUPLICATE]
    assert filed(mail) == {".Processed" if vouched else ".Held": ["1.a:2,S"]}
    assert len(contents(seeded.house, t.answer)) == int(vouched)


def test_another_at_work_in_the_same_maildir_does_no_harm(seeded: Seeded, mail: Path) -> None:
    for number, who in enumerate((BO_MAIL, DAG_MAIL)):
        deliver(mail, f"{number}.x", reply(uid(seeded), who, "DECLINED"))
    mine, theirs = (maildir.take_in(seeded.house, mail, vouched=True) for _ in range(2))
    ended = [next(mine).outcome, *(one.outcome for one in theirs), *(one.outcome for one in mine)]
    assert ended == [Outcome.APPLIED, Outcome.APPLIED]
    assert len(contents(seeded.house, t.answer)) == 2


def test_a_folder_that_is_no_maildir_is_refused(seeded: Seeded, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no Maildir"):
        list(maildir.take_in(seeded.house, tmp_path, vouched=True))
