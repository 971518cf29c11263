"""An answer takes effect when it is proved whose it is; every other is held, and no forgery gets through."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dkim
import pytest

from gateway.services import proving
from gateway.services.ingest import Ended, ingest
from gateway.store import tables as t
from mappings import plus_address
from mappings.model import Outcome
from tests.outside import Clock, contents, reply
from tests.seed import BO, Seeded, seed

OURS = "mx.hillside.example"
MAILBOX = "answers@hillside.example"
CARLA = "carla@moreau.example"
NOW = 1_790_000_000
RECEIVED = b"Received: from mail.moreau.example by mx.hillside.example; Mon, 21 Sep 2026 12:00:00 +0000\r\n"

Open = Callable[..., Seeded]


@pytest.fixture
def opened(database_url: str) -> Iterator[Open]:
    made: list[Seeded] = []

    def make(**settings: Any) -> Seeded:
        chosen = {"mail_address": MAILBOX, "mail_authserv_id": OURS} | settings
        seeded = seed(database_url, clock=Clock(NOW), **chosen)
        seeded.meeting("Orchard planning", invited=(BO,), SendEmail=1)
        made.append(seeded)
        return seeded

    yield make
    for seeded in made:
        with closing(seeded):
            pass


def answer(seeded: Seeded, head: str = "", **more: Any) -> bytes:
    (event,) = contents(seeded.house, t.event)
    said = "".join(f"{line}\r\n" for line in head.split("\n") if line).encode()
    return said + RECEIVED + reply(event["uid"], CARLA, "DECLINED", **more)


def brought(seeded: Seeded, raw: bytes) -> Ended:
    return ingest(seeded.house, raw, door="lmtp", vouched=False)


def recorded(seeded: Seeded) -> list[str]:
    return [a["trust"] for a in contents(seeded.house, t.answer)]


def test_what_our_server_verified_takes_effect(opened: Open) -> None:
    seeded = opened()
    raw = answer(seeded, f"Authentication-Results: {OURS}; dmarc=pass header.from=moreau.example")
    assert brought(seeded, raw).outcome is Outcome.APPLIED
    assert recorded(seeded) == ["aligned"]


def test_26_what_nobody_verified_is_held(opened: Open) -> None:
    seeded = opened()
    assert brought(seeded, answer(seeded)).outcome is Outcome.HELD
    assert recorded(seeded) == []


def test_64_what_its_domain_wants_rejected_is_held(opened: Open) -> None:
    seeded = opened()
    said = f"Authentication-Results: {OURS}; dmarc=fail (p=reject) header.from=moreau.example; "
    said += f"spf=pass smtp.mailfrom={CARLA}"
    assert brought(seeded, answer(seeded, said)).outcome is Outcome.HELD


@pytest.mark.parametrize(("signed", "outcome"), [("pass", Outcome.APPLIED), ("fail", Outcome.HELD)])
def test_65_what_google_sends_for_somebody_is_known_by_google_s_signature(
    opened: Open, signed: str, outcome: Outcome
) -> None:
    seeded = opened()
    head = f"Authentication-Results: {OURS}; dmarc=fail header.from=moreau.example; dkim={signed} header.d=google.com\n"
    head += f"Sender: Google Calendar <calendar-notification@google.com>\nReply-To: {CARLA}"
    assert brought(seeded, answer(seeded, head)).outcome is outcome


def test_66_what_the_sender_writes_of_himself_is_not_believed(opened: Open) -> None:
    seeded = opened()
    forged = f"Authentication-Results: {OURS}; dmarc=pass header.from=moreau.example\r\n".encode()
    assert brought(seeded, answer(seeded).replace(RECEIVED, RECEIVED + forged)).outcome is Outcome.HELD


def token(seeded: Seeded, row: int = 0) -> str:
    (event,) = contents(seeded.house, t.event)
    carla = next(m["appointment_id"] for m in contents(seeded.house, t.member) if not m["associate_id"])
    written = plus_address.token(seeded.house.key, plus_address.MAIL, event["uid"], row or carla, 0)
    return plus_address.with_token(MAILBOX, written)


def to(raw: bytes, address: str) -> bytes:
    return raw.replace(b"To: calendar@hillside.example", f"To: {address}".encode())


def test_27_an_answer_to_somebody_s_own_address_is_theirs_whoever_sends_it(opened: Open) -> None:
    seeded = opened()
    raw = to(answer(seeded, sender="assistant@moreau.example"), token(seeded).upper())
    assert brought(seeded, raw).outcome is Outcome.APPLIED
    assert recorded(seeded) == ["token"]


def test_31_a_token_that_was_forwarded_answers_for_nobody_else(opened: Open) -> None:
    seeded = opened()
    (event,) = contents(seeded.house, t.event)
    raw = to(reply(event["uid"], "pia@else.example", "ACCEPTED"), token(seeded))
    assert brought(seeded, raw).outcome is Outcome.REFUSED_NOT_INVITED
    assert recorded(seeded) == []


def test_67_a_token_that_is_another_is_none(opened: Open) -> None:
    seeded = opened()
    good = token(seeded)
    local, _, domain = good.partition("@")
    altered = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    for address in (altered, token(seeded, row=1), good.replace(MAILBOX.partition("@")[0], "other")):
        assert brought(seeded, to(answer(seeded), address)).outcome is Outcome.HELD, address


def test_a_link_s_token_is_none_for_mail(opened: Open) -> None:
    seeded = opened()
    (event,) = contents(seeded.house, t.event)
    row = next(m["appointment_id"] for m in contents(seeded.house, t.member) if not m["associate_id"])
    link = plus_address.token(seeded.house.key, plus_address.LINK, event["uid"], row, 0)
    assert brought(seeded, to(answer(seeded), plus_address.with_token(MAILBOX, link))).outcome is Outcome.HELD


def test_colleagues_whom_our_server_knows_are_believed(opened: Open) -> None:
    seeded = opened()
    raw = answer(seeded, f"Authentication-Results: {OURS}; auth=pass smtp.auth={CARLA}")
    assert brought(seeded, raw).outcome is Outcome.APPLIED
    assert recorded(seeded) == ["inside"]


def test_exchange_s_own_word_counts_only_where_we_say_so(opened: Open) -> None:
    seeded = opened(mail_exchange=True)
    said = "X-MS-Exchange-Organization-AuthAs: Internal"
    twice = answer(seeded, f"{said}\nX-MS-Exchange-Organization-AuthAs: Anonymous")
    assert brought(seeded, twice).outcome is Outcome.HELD
    assert brought(seeded, answer(seeded, said)).outcome is Outcome.APPLIED


def test_without_that_setting_exchange_s_word_is_anybody_s(opened: Open) -> None:
    seeded = opened()
    assert brought(seeded, answer(seeded, "X-MS-Exchange-Organization-AuthAs: Internal")).outcome is Outcome.HELD


def test_a_deployment_may_want_more(opened: Open) -> None:
    seeded = opened(mail_trust="token, inside")
    raw = answer(seeded, f"Authentication-Results: {OURS}; dmarc=pass header.from=moreau.example")
    ended = brought(seeded, raw)
    assert ended.outcome is Outcome.HELD
    assert "aligned" in ended.reason


def test_what_is_weakly_verified_says_so(opened: Open) -> None:
    seeded = opened()
    raw = answer(seeded, f"Authentication-Results: {OURS}; spf=pass smtp.mailfrom={CARLA}")
    ended = brought(seeded, raw)
    assert (ended.outcome, "weakly verified" in ended.reason) == (Outcome.APPLIED, True)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A signing key made for this run, and its record in the DNS."""
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, "2048"], check=True, capture_output=True)
    public = subprocess.run(
        ["openssl", "rsa", "-in", path, "-pubout", "-outform", "DER"], check=True, capture_output=True
    )
    return Path(path).read_bytes(), b"v=DKIM1; k=rsa; p=" + b64encode(public.stdout)


POLICY = b"v=DMARC1; p=reject"


@pytest.mark.parametrize(
    ("tampered", "policy", "outcome", "trust"),
    [
        (False, [POLICY], Outcome.APPLIED, ["aligned"]),
        (False, [], Outcome.APPLIED, ["weak"]),
        (True, [POLICY], Outcome.HELD, []),
        (True, [], Outcome.HELD, []),
    ],
)
def test_a_signature_is_verified_here_where_no_server_of_ours_has(
    opened: Open, key: tuple[bytes, bytes], tampered: bool, policy: list[bytes], outcome: Outcome, trust: list[str]
) -> None:
    records = {"one._domainkey.moreau.example": [key[1]], "_dmarc.moreau.example": policy}
    seeded = opened(mail_authserv_id="", mail_dkim=True)
    seeded.house.dns = lambda name: records.get(name, [])
    raw = answer(seeded)[len(RECEIVED) :]
    signature = dkim.sign(raw, b"one", b"moreau.example", key[0], include_headers=[b"From", b"To", b"Subject"])
    sent = RECEIVED + signature + (raw.replace(b"DECLINED", b"ACCEPTED") if tampered else raw)
    assert brought(seeded, sent).outcome is outcome
    assert recorded(seeded) == trust


def test_a_signature_that_leaves_room_to_append_proves_nothing(opened: Open, key: tuple[bytes, bytes]) -> None:
    seeded = opened(mail_authserv_id="", mail_dkim=True)
    seeded.house.dns = lambda name: [key[1]] if name.startswith("one.") else [POLICY]
    raw = answer(seeded)[len(RECEIVED) :]
    signature = dkim.sign(raw, b"one", b"moreau.example", key[0], include_headers=[b"From"], length=True)
    assert brought(seeded, signature + raw).outcome is Outcome.HELD


def test_a_head_that_the_verifier_cannot_read_proves_nothing_and_stops_nothing(opened: Open) -> None:
    seeded = opened(mail_authserv_id="", mail_dkim=True)
    seeded.house.dns = lambda _: []
    raw = answer(seeded).replace(b"Subject:", b"Spaced Name : x\r\nSubject:")
    with pytest.raises(dkim.DKIMException):
        dkim.DKIM(raw)
    assert brought(seeded, raw).outcome is Outcome.NO_CHANGE  # a head that ends early: the rest is words


def test_a_name_of_many_parts_asks_few_questions(opened: Open) -> None:
    seeded = opened(mail_authserv_id="", mail_dkim=True)
    asked: list[str] = []

    def lookup(name: str) -> list[bytes]:
        asked.append(name)
        return []

    seeded.house.dns = lookup
    brought(seeded, answer(seeded, sender=f"carla@{'a.' * 60}moreau.example"))
    assert len(asked) == 1 + proving.ABOVE
    assert asked[-1] == "_dmarc.moreau.example"
