"""E-mail -> the scheduling message it carries (RFC 6047), as mail clients really send it.

The walk is tolerant about where the calendar part stands and how it is typed, never about what is in it: two
different objects are told apart, and what somebody merely forwarded is not taken for their own answer.
Parsing uses the standard library's older header rules: the newer ones recurse, and slow down with the square
of a hostile header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.utils import mktime_tz, parsedate_tz
from typing import Final

from mappings import address
from mappings.errors import LimitExceeded, MappingError, Unreadable
from mappings.ics import reading
from mappings.ics.lines import text_of
from mappings.model import Itip, Outcome, Sender, Verdict
from mappings.trusting import Senders

MAX_BYTES: Final = 10 << 20
MAX_LINES: Final = 250_000
MAX_CONTAINERS: Final = 40
MAX_PARTS: Final = 100
MAX_DEPTH: Final = 10
MAX_HEADER: Final = 8_192
MAX_MAILBOXES: Final = 2_000
MAX_FIELDS: Final = 500
MAX_WORDS: Final = 20_000

# The fields that tell to which of our addresses a mail was delivered.
DELIVERED: Final = frozenset({"to", "cc", "delivered-to", "x-original-to", "envelope-to"})

CALENDAR_TYPES: Final = ("text/calendar", "application/ics", "text/x-vcalendar")
SEALED_TYPES: Final = frozenset({
    "application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted", "application/pgp-encrypted",
})  # fmt: skip
WINMAIL_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
# Types under which a calendar travels when a program on the way did not know the better one.
SNIFFED_TYPES: Final = frozenset({"text/plain", "application/octet-stream"})

# "BEGIN:VCAL", in UTF-8 or UTF-16, after a signature and some white space.
_CALENDAR: Final = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]{0,100}+" + rb"\x00?".join([b"%c" % c for c in b"BEGIN:VCAL"]),
    re.IGNORECASE,
)
# What the library's decoders raise on damaged headers and encodings.
_DAMAGED: Final = (ValueError, LookupError, TypeError)
_CONTAINER: Final = re.compile(rb"multipart|message/", re.IGNORECASE)
_FILE: Final = re.compile(r"\.(?:ics|vcs)\"?\s*\Z", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)', re.DOTALL)
_ANGLED: Final = re.compile(r"<([^<>]*)>\s*\Z")
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,500}>")


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server reports of one recipient (RFC 3464 2.3): action in lower case, status code, mailbox."""

    action: str
    status: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What a received message is: who sent it, the scheduling messages in it, and what else was seen.

    `messages` holds each different object once; more than one is ambiguous. `problem` is what kept a calendar
    part from being read. `forwarded` tells of a mail within the mail, `report` of a delivery or read report,
    `winmail` of Outlook's TNEF, `sealed` of a part under S/MIME or PGP. `head` are the fields of its head as they
    stand, names in lower case; `reports` what a delivery report says; `words` the plain text of a
    mail that has nothing but words for us.
    """

    sender: Sender
    messages: tuple[Itip, ...] = ()
    problem: MappingError | None = None
    forwarded: bool = False
    report: bool = False
    winmail: bool = False
    sealed: bool = False
    head: tuple[tuple[str, str], ...] = ()
    reports: tuple[Report, ...] = ()
    words: str = ""

    @property
    def automatic(self) -> bool:
        """Tell whether a machine has sent it of its own accord (RFC 3834 5), which nobody should answer."""
        said = {name: value.lower() for name, value in self.head}
        return said.get("auto-submitted", "no") != "no" or said.get("precedence", "") in ("bulk", "junk", "list")

    @property
    def answers(self) -> tuple[str, ...]:
        """Give the Message-IDs that the mail answers."""
        fields = [value for name, value in self.head if name in ("in-reply-to", "references")]
        return tuple(dict.fromkeys(hit for value in fields for hit in _MESSAGE_ID.findall(value)))[:MAX_FIELDS]

    @property
    def senders(self) -> Senders:
        """Give who the mail says it is from, by its fields."""
        return Senders(*(self._one(name) for name in ("from", "reply-to", "sender")))

    @property
    def delivered(self) -> tuple[str, ...]:
        """Give the mailboxes that the mail was for, normalised."""
        fields = [value for name, value in self.head if name in DELIVERED]
        return tuple(dict.fromkeys(person for value in fields for person in _people(value)))

    def _one(self, field: str) -> str:
        found = [value for name, value in self.head if name == field]
        people = _people(found[0]) if len(found) == 1 else []
        return people[0] if len(people) == 1 else ""


def from_bytes(raw: bytes) -> Mail:
    """Read a mail, or a bare calendar object where the bytes begin as one; never raises.

    What is too large or unreadable is a Mail with a `problem`.
    """
    if not _CALENDAR.match(raw):
        return read_mail(raw)
    try:
        return Mail(Sender(), reading.read(raw))
    except MappingError as problem:
        return Mail(Sender(), problem=problem)


def read_mail(raw: bytes) -> Mail:
    """Read the scheduling message out of a mail (RFC 6047 2.4); never raises, see `from_bytes`."""
    try:
        return _read(raw)
    except MappingError as problem:
        return Mail(Sender(), problem=problem)


def calendar(raw: bytes) -> bytes:
    """Give the calendar object, in UTF-8, out of which `from_bytes` reads a message; empty where there is none."""
    if _CALENDAR.match(raw):
        return text_of(raw)[0].encode("utf-8")
    parts = sorted(_parts(_PARSER.parsebytes(raw.lstrip())), key=lambda part: _type(part) != CALENDAR_TYPES[0])
    for part in parts:
        with suppress(MappingError):
            data = _calendar(part)
            if data is not None and _messages(part):
                return text_of(data, _parameter(part, "charset"))[0].encode("utf-8")
    return b""


def unanswered(mail: Mail) -> Verdict | None:
    """Give what becomes of a mail that carries no single scheduling message; None where it carries one."""
    if isinstance(mail.problem, LimitExceeded):
        return Verdict(Outcome.REFUSED_LIMIT, str(mail.problem))
    if len(mail.messages) > 1:
        return Verdict(Outcome.REFUSED_AMBIGUOUS, "the message carries different calendar objects")
    if mail.messages:
        return None
    found = next((verdict for seen, verdict in _WITHOUT if getattr(mail, seen)), None)
    if found and mail.problem:
        return replace(found, reason=f"{found.reason}: {mail.problem}")
    return found or Verdict(Outcome.NO_CHANGE, "FORWARDED: only words, to be read by the organizer")


# What a mail without a readable calendar object is, the first that is true of it.
_WITHOUT: Final[tuple[tuple[str, Verdict], ...]] = (
    ("sealed", Verdict(Outcome.NEEDS_HUMAN, "the message is sealed by S/MIME or PGP")),
    ("winmail", Verdict(Outcome.NEEDS_HUMAN, "Outlook sent winmail.dat instead of a calendar object")),
    ("problem", Verdict(Outcome.REFUSED_UNREADABLE, "the calendar object cannot be read")),
    ("report", Verdict(Outcome.NO_CHANGE, "a delivery or read report")),
    ("forwarded", Verdict(Outcome.NO_CHANGE, "FORWARDED: the calendar object is within a forwarded mail")),
)


class _Bounded(policy.Compat32):
    """The old header rules, reading no more than MAX_HEADER characters of a header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_HEADER]


_PARSER: Final = BytesParser(policy=_Bounded())


def _read(raw: bytes) -> Mail:
    _within_bounds(raw)
    try:
        message = _PARSER.parsebytes(raw.lstrip())
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"no mail: {error}"[:200]) from error
    if not message.keys():
        raise Unreadable("neither a mail nor a calendar object")
    parts = list(_parts(message))
    types = {_type(part) for part in parts}
    report = "multipart/report" in types
    mail = Mail(
        sender=_sender(message),
        forwarded=any(kind.startswith("message/") for kind in types),
        report=report,
        winmail=bool(types & WINMAIL_TYPES) or "winmail.dat" in map(_name, parts),
        sealed=bool(types & SEALED_TYPES),
        head=tuple((name.lower(), " ".join(str(value).split())) for name, value in message.items()[:MAX_FIELDS]),
    )
    if report:
        mail = replace(mail, reports=tuple(_reports(parts)))
    # A report quotes what was sent; nothing in it is the word of whom it names.
    return mail if report else _with_words(_with_messages(mail, parts), parts)


def _with_words(mail: Mail, parts: list[Message]) -> Mail:
    """Add the text of a mail that carries nothing else for us: somebody may want to read it."""
    if mail.messages or mail.problem or mail.sealed or mail.winmail:
        return mail
    part = next((one for one in parts if _type(one) == "text/plain"), None)
    return replace(mail, words=_text(part)) if part is not None else mail


def _text(part: Message) -> str:
    try:
        data = _payload(part)
        charset = _parameter(part, "charset")
        return data.decode(charset or "utf-8", "replace")[:MAX_WORDS].strip()
    except (MappingError, LookupError):
        return ""


def _reports(parts: list[Message]) -> Iterator[Report]:
    """Read the blocks of a delivery report; the first is about the report itself."""
    for part in parts:
        blocks = part.get_payload() if _type(part) == "message/delivery-status" else []
        for block in blocks[:MAX_PARTS] if isinstance(blocks, list) else ():
            action = _header(block, "Action").lower() if isinstance(block, Message) else ""
            if action and isinstance(block, Message):
                recipient = _header(block, "Final-Recipient").rpartition(";")[2]
                yield Report(action[:20], _header(block, "Status")[:20], address.normalise(recipient))


def _within_bounds(raw: bytes) -> None:
    # The parser holds one matcher for each open container against each line: both numbers must stay small.
    if len(raw) > MAX_BYTES:
        raise LimitExceeded("octets of mail", MAX_BYTES)
    if max(raw.count(b"\n"), raw.count(b"\r")) > MAX_LINES:
        raise LimitExceeded("lines of mail", MAX_LINES)
    for count, _ in enumerate(_CONTAINER.finditer(raw), 1):
        if count > MAX_CONTAINERS:
            raise LimitExceeded("containers in a mail", MAX_CONTAINERS)


def _parts(message: Message) -> Iterator[Message]:
    """Give the message and its parts in order, without those of a mail within it or of an encrypted one."""
    waiting, count = [(message, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if count > MAX_PARTS:
            raise LimitExceeded("parts of a mail", MAX_PARTS)
        if depth > MAX_DEPTH:
            raise LimitExceeded("nested parts of a mail", MAX_DEPTH)
        yield part
        inside = part.get_payload()
        if _type(part).startswith("multipart/") and _type(part) not in SEALED_TYPES and isinstance(inside, list):
            waiting.extend((child, depth + 1) for child in reversed(inside) if isinstance(child, Message))


def _with_messages(mail: Mail, parts: list[Message]) -> Mail:
    found: list[Itip] = []
    problem: MappingError | None = None
    # The part typed text/calendar is the one that clients answer by; copies may have lost something (P5).
    for part in sorted(parts, key=lambda part: _type(part) != CALENDAR_TYPES[0]):
        try:
            for itip in _messages(part):
                _collect(itip, found)
        except LimitExceeded as error:
            return replace(mail, problem=error)
        except MappingError as error:
            problem = problem or error
    return replace(mail, messages=tuple(found), problem=problem)


def _messages(part: Message) -> tuple[Itip, ...]:
    data = _calendar(part)
    if data is None:
        return ()
    return reading.read(data, _parameter(part, "method"), _parameter(part, "charset"))


def _collect(itip: Itip, found: list[Itip]) -> None:
    """Put a message with those found, unless it is a copy; of a copy without METHOD the other is kept."""
    for place, known in enumerate(found):
        if _alike(itip, known):
            found[place] = known if known.method else itip
            return
    found.append(itip)


def _alike(one: Itip, other: Itip) -> bool:
    """Tell whether two messages say the same; a copy without METHOD is a copy still."""
    methods = {one.method, other.method} - {""}
    return len(methods) < 2 and one.uid == other.uid and _said(one) == _said(other)


def _said(itip: Itip) -> list[tuple[object, ...]]:
    return [
        (it.recurrence, it.this_and_future, it.sequence, it.dtstamp, {(a.address, a.partstat) for a in it.attendees})
        for it in itip.items
    ]


def _calendar(part: Message) -> bytes | None:
    """Give the bytes of a part that is a calendar by its type, its name or its beginning; else None."""
    kind = _type(part)
    if part.is_multipart() or kind.startswith(("multipart/", "message/")):
        return None
    named = kind in CALENDAR_TYPES or bool(_FILE.search(_name(part)))
    if not named and kind not in SNIFFED_TYPES:
        return None
    data = _payload(part)
    return data if named or _CALENDAR.match(data) else None


def _payload(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except _DAMAGED as error:
        raise Unreadable(f"the transfer encoding is damaged: {error}"[:200]) from error
    return data if isinstance(data, bytes) else b""


def _type(part: Message) -> str:
    try:
        return part.get_content_type()
    except _DAMAGED:
        return "application/octet-stream"


def _name(part: Message) -> str:
    try:
        return (part.get_filename() or "").strip().lower()
    except _DAMAGED:
        return ""


def _parameter(part: Message, name: str) -> str:
    try:
        value = part.get_param(name, "")
    except _DAMAGED:
        return ""
    # RFC 2231 gives (charset, language, value).
    return str(value[2] if isinstance(value, tuple) else value or "").strip()[:100]


def _sender(message: Message) -> Sender:
    people = [person for header in ("From", "Reply-To", "Sender") for person in _mailboxes(message, header)]
    return Sender(tuple(dict.fromkeys(people)), _date(_header(message, "Date")), _message_id(message))


def _header(message: Message, name: str) -> str:
    """Give the header of a name; of one that is there twice, none: nobody knows which of them was checked."""
    found = message.get_all(name, [])
    return " ".join(str(found[0]).split()) if len(found) == 1 else ""


def _mailboxes(message: Message, name: str) -> list[str]:
    """Give the normalised mailboxes of an address header; an address shown within a name is none."""
    return _people(_header(message, name))


def _people(value: str) -> list[str]:
    bare = _QUOTED.sub(" ", value[:MAX_MAILBOXES])
    found = []
    for piece in re.split(r"[,;]", bare):
        angled = _ANGLED.search(piece)
        if angled or "<" not in piece:
            found.append(address.normalise(angled[1] if angled else piece.rpartition(":")[2]))
    return [person for person in found if person]


def _date(value: str) -> int | None:
    """Give the instant of a Date header (RFC 5322 3.3), or None."""
    try:
        parsed = parsedate_tz(value)
        moment = int(mktime_tz(parsed)) if parsed else -1
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if 0 <= moment < 1 << 33 else None


def _message_id(message: Message) -> str:
    hit = _MESSAGE_ID.search(_header(message, "Message-ID"))
    return hit[0] if hit and hit[0].isprintable() else ""
