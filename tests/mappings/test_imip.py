"""A mail becomes the one scheduling message in it, whatever its client did to it, or says why there is none."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import imip
from mappings.errors import LimitExceeded, Unreadable
from mappings.model import Itip, Outcome

VECTORS = Path(__file__).parent.parent / "vectors"
MAILS = sorted(path for path in VECTORS.iterdir() if path.suffix == ".eml")
UID = "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f"
HEAD = b"From: grete@north.test\r\nMIME-Version: 1.0\r\n"


def mail(name: str) -> imip.Mail:
    return imip.from_bytes((VECTORS / name).read_bytes())


def only(name: str) -> Itip:
    found = mail(name)
    assert imip.unanswered(found) is None
    (itip,) = found.messages
    assert itip.uid == UID
    return itip


@pytest.mark.parametrize(
    ("name", "partstat"),
    [
        ("outlook-no-organizer.eml", "ACCEPTED"),
        ("google-two-parts.eml", "DECLINED"),
        ("apple-nested.eml", "ACCEPTED"),
        ("root-calendar.eml", "ACCEPTED"),
        ("android-no-charset.eml", "ACCEPTED"),
        ("raw-line-feeds.eml", "ACCEPTED"),
        ("qp-twice.eml", "ACCEPTED"),
        ("octet-stream-named.eml", "ACCEPTED"),
        ("sniffed-text.eml", "ACCEPTED"),
        ("method-outside-only.eml", "ACCEPTED"),
        ("signed.eml", "ACCEPTED"),
        ("two-attendees.eml", "ACCEPTED"),
    ],
)
def test_the_answer_is_found(name: str, partstat: str) -> None:
    itip = only(name)
    assert itip.method == "REPLY"
    assert (itip.items[0].attendees[0].address, itip.items[0].attendees[0].partstat) == ("grete@north.test", partstat)


@pytest.mark.parametrize(
    ("name", "outcome", "reason"),
    [
        ("winmail.eml", Outcome.NEEDS_HUMAN, "winmail.dat"),
        ("sealed.eml", Outcome.NEEDS_HUMAN, "sealed"),
        ("forwarded.eml", Outcome.NO_CHANGE, "FORWARDED"),
        ("words-only.eml", Outcome.NO_CHANGE, "FORWARDED"),
        ("bounced.eml", Outcome.NO_CHANGE, "report"),
        ("two-different.eml", Outcome.REFUSED_AMBIGUOUS, "different"),
        ("truncated.ics", Outcome.REFUSED_UNREADABLE, "does not end"),
    ],
)
def test_what_carries_no_answer_says_why(name: str, outcome: Outcome, reason: str) -> None:
    verdict = imip.unanswered(mail(name))
    assert verdict
    assert verdict.outcome is outcome
    assert reason in verdict.reason
    assert verdict.answers == ()


def test_the_method_inside_wins_and_the_mismatch_is_journalled() -> None:
    itip = only("reply-outside-counter-inside.eml")
    assert itip.method == "COUNTER"
    assert itip.damage == ("METHOD:COUNTER inside, method=REPLY outside",)


CALENDAR = (VECTORS / "yahoo-status-twice.ics").read_bytes()


def mixed(*parts: tuple[bytes, bytes], kind: bytes = b"mixed") -> imip.Mail:
    body = b"".join(b"--b\r\nContent-Type: %s\r\n\r\n%s\r\n" % part for part in parts)
    return imip.from_bytes(HEAD + b"Content-Type: multipart/%s; boundary=b\r\n\r\n%s--b--\r\n" % (kind, body))


def test_02_a_copy_may_have_lost_its_method() -> None:
    bare = CALENDAR.replace(b"METHOD:REPLY\r\n", b"")
    for inline, attached in ((CALENDAR, bare), (bare, CALENDAR)):
        (itip,) = mixed((b"text/calendar", inline), (b"application/ics", attached)).messages
        assert itip.method == "REPLY"


def test_02_of_two_copies_the_one_that_clients_answer_by_is_read() -> None:
    commented = CALENDAR.replace(b"STATUS:CONFIRMED", b"COMMENT:yes", 1)
    (itip,) = mixed((b"application/ics", CALENDAR), (b"text/calendar", commented)).messages
    assert itip.items[0].comment == "yes"


def test_69_a_report_that_quotes_an_answer_is_none() -> None:
    report = mixed((b"text/plain", b"failed"), (b"text/calendar; method=REPLY", CALENDAR), kind=b"report")
    assert report.report
    assert report.messages == ()


def test_quoted_printable_is_undone_as_often_as_it_was_done() -> None:
    itip = only("qp-twice.eml")
    assert itip.items[0].attendees[0].name == "Grete Hølm"
    assert itip.damage == ("quoted-printable undone once more",)


def test_raw_line_feeds_are_journalled() -> None:
    assert len(only("raw-line-feeds.eml").damage) == 4


def test_the_sender_is_every_mailbox_that_a_header_names() -> None:
    sender = mail("google-two-parts.eml").sender
    assert sender.addresses == ("grete@north.test", "calendar-notification@mailer.test")
    assert (sender.date, sender.message_id) == (1_793_610_005, "<a1@north.test>")


@pytest.mark.parametrize(
    ("header", "addresses"),
    [
        ('"grete@north.test" <mallory@else.test>', ("mallory@else.test",)),
        ("grete@north.test <mallory@else.test>", ("mallory@else.test",)),
        ("(grete@north.test) mallory@else.test", ("mallory@else.test",)),
        ("<grete@north.test> mallory@else.test", ()),
        ("=?utf-8?Q?grete=40north.test?= <mallory@else.test>", ("mallory@else.test",)),
        ('"Holm, Grete" <GRETE@north.test>', ("grete@north.test",)),
        ("a@x.test, b@x.test", ("a@x.test", "b@x.test")),
        ("undisclosed:;", ()),
        ("Grete", ()),
    ],
)
def test_a_name_that_shows_an_address_is_not_its_sender(header: str, addresses: tuple[str, ...]) -> None:
    assert imip.from_bytes(f"From: {header}\r\n\r\nhello".encode()).sender.addresses == addresses


def test_two_from_headers_are_none() -> None:
    assert imip.from_bytes(b"From: a@x.test\r\nFrom: b@x.test\r\n\r\n").sender.addresses == ()


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 99999999 10:00", "1 " * 500])
def test_a_date_that_is_none_is_unknown(date: str) -> None:
    assert imip.from_bytes(f"From: a@x.test\r\nDate: {date}\r\n\r\n".encode()).sender.date is None


def test_a_bare_object_needs_no_envelope() -> None:
    found = imip.from_bytes(b"\xef\xbb\xbf\r\n" + (VECTORS / "yahoo-status-twice.ics").read_bytes())
    assert found.messages[0].uid == UID
    assert found.sender.addresses == ()


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 50, b"no header at all", b"\r\n\r\n"])
def test_noise_is_unreadable(raw: bytes) -> None:
    found = imip.from_bytes(raw)
    assert isinstance(found.problem, Unreadable)
    verdict = imip.unanswered(found)
    assert verdict
    assert verdict.outcome is Outcome.REFUSED_UNREADABLE


def nested(levels: int) -> bytes:
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )


def large_calendar() -> bytes:
    text = b"BEGIN:VCALENDAR\r\n" + (b"X-A:" + b"x" * 1_000 + b"\r\n") * 2_100
    return HEAD + b"Content-Type: text/calendar; method=REPLY\r\n\r\n" + text


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"\r\n" + b"x" * imip.MAX_BYTES,
        HEAD + b"\n" * (imip.MAX_LINES + 1),
        nested(imip.MAX_DEPTH + 2),
        nested(2_000),
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 200,
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 50,
        large_calendar(),
    ],
    ids=["octets", "lines", "depth", "containers", "parts", "mails in mails", "calendar"],
)
def test_22_too_much_is_refused(raw: bytes) -> None:
    found = imip.from_bytes(raw)
    assert isinstance(found.problem, LimitExceeded)
    verdict = imip.unanswered(found)
    assert verdict
    assert verdict.outcome is Outcome.REFUSED_LIMIT


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: multipart/mixed; " + b'a="' * 200_000,
        b"Content-Type: text/calendar; " + b"a;" * 200_000,
        b"From: " + b'"(' * 200_000,
        b"From: " + b'"\\' * 200_000,
        b"Date: " + b"1 " * 200_000,
        b"Content-Disposition: attachment" + b"; filename*0*=%41" * 20_000,
    ],
)
def test_hostile_headers_take_linear_time(header: bytes) -> None:
    imip.unanswered(imip.from_bytes(header + b"\r\n\r\nhello"))


@settings(max_examples=150, deadline=None)
@given(
    source=st.sampled_from(MAILS),
    cuts=st.lists(st.tuples(st.integers(0, 2_500), st.integers(0, 60), st.binary(max_size=12)), max_size=6),
)
def test_whatever_comes_is_a_mail_or_a_refusal(source: Path, cuts: list[tuple[int, int, bytes]]) -> None:
    raw = source.read_bytes()
    for place, length, instead in cuts:
        raw = raw[:place] + instead + raw[place + length :]
    found = imip.from_bytes(raw)
    verdict = imip.unanswered(found)
    assert (verdict is None) == (len(found.messages) == 1 and not isinstance(found.problem, LimitExceeded))


def test_the_calendar_object_of_a_mail_is_given_in_utf_8() -> None:
    event = "BEGIN:VEVENT\r\nUID:u-1\r\nSUMMARY:Grüße\r\nEND:VEVENT\r\n"
    said = f"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n{event}END:VCALENDAR\r\n"
    mail = (
        b"From: vera@north.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nWords.\r\n"
        b"--b\r\nContent-Type: text/calendar; method=REQUEST; charset=ISO-8859-1\r\n\r\n"
        + said.encode("iso-8859-1")
        + b"--b--\r\n"
    )
    assert imip.calendar(mail).decode("utf-8").strip() == said.strip()
    assert imip.calendar(said.encode("utf-8")).decode("utf-8") == said
    assert imip.calendar(b"From: vera@north.test\r\n\r\nWords.\r\n") == b""
