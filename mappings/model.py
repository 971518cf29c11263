"""The values that the mappings speak of: who, what, when, what was answered, and what follows from it.

Times: *wall* is seconds since 1970-01-01T00:00 read on the wall clock of a named zone, as the CRM keeps its
``DateTime`` columns; *instant* is UTC seconds since the epoch. An *instance key* is 0 for an event that happens
once and for the series as a whole, else the wall time at which the occurrence was first planned (RECURRENCE-ID).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a participant is to the CRM (RFC 5545 3.2.3 CUTYPE, 3.2.16 ROLE; CRM: associate, person, email).

    `CHAIR` and `OPTIONAL` are parts in a meeting that another calendar owns, whose OWNER is nobody here.
    """

    OWNER = "owner"
    ASSOCIATE = "associate"
    EXTERNAL = "external"
    BARE = "bare"
    RESOURCE = "resource"
    ROOM = "room"
    CHAIR = "chair"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Person:
    """A name and a calendar-user address (``mailto:`` or ``urn:uuid:``, RFC 5545 3.3.3)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Participant:
    """One participant as everybody sees them.

    `row` is their CRM appointment_id, by which people are compared; it is 0 for whom only another calendar has named,
    in a meeting of its own. `associate` is 0 for who has no diary; `mailed` tells that we mail them.
    """

    row: int
    kind: Kind
    name: str
    address: str
    partstat: str
    rsvp: bool = False
    mailed: bool = False
    associate: int = 0


@dataclass(frozen=True, slots=True)
class Instance:
    """One VEVENT or VTODO (`todo`) as everybody who may read it sees it: an event, a series' master, or an override.

    `start` and `end` are wall seconds in `zone` (an IANA name); for an all-day instance they are midnights and
    `end` is exclusive. Both are the deadline of a to-do that is due once; in a series, where RFC 5545 wants a DTSTART,
    `start` is the deadline and `end` a little later. `status` is empty for a to-do, for each holder has their own.
    `rrule` (RFC 5545 3.3.10), `rdates` and `exdates`, wall seconds in `zone`, are on a master only. `created` is an
    instant. `key` is the instance key of the module docstring, read on the clock of the series: `key_zone`, or whole
    days where `key_all_day` (RFC 5545 3.8.4.4: RECURRENCE-ID has the value type of the master's DTSTART).
    `owned_externally` tells that another calendar owns the meeting: its organizer is nobody here. `related` is the UID
    of the series that this one goes on from, on a master only.
    """

    key: int
    start: int
    end: int
    zone: str
    all_day: bool
    summary: str
    description: str = ""
    location: str = ""
    video: str = ""
    categories: tuple[str, ...] = ()
    classification: str = "PUBLIC"
    status: str = "CONFIRMED"
    created: int = 0
    organizer: Person | None = None
    participants: tuple[Participant, ...] = ()
    rdates: tuple[int, ...] = ()
    exdates: tuple[int, ...] = ()
    key_zone: str = ""
    key_all_day: bool = False
    todo: bool = False
    owned_externally: bool = False
    rrule: str = ""
    related: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the holder of a to-do has come with it: their own STATUS (RFC 5545 3.8.1.11).

    `completed` is the instant at which they were done, 0 where nobody knows; `due_only` tells that the to-do has a DUE
    and no DTSTART, so that an alarm counts from its end.
    """

    status: str
    completed: int = 0
    due_only: bool = True


@dataclass(frozen=True, slots=True)
class Personal:
    """What only the holder of a calendar copy sees of an instance.

    `alarm` is minutes before the start (a to-do's deadline), or None; `feed_status` is the STATUS of the personal feed
    and empty where the feed leaves the instance out; `crm_status` is the CRM's raw number of the holder's own row;
    `progress` is there for a to-do, and only there. `exdates` are the occurrences of a series that its holder does not
    take part in: wall seconds on the `clock` of the series (a zone), or days where it is `dated`.
    """

    free: bool
    priority: int
    alarm: int | None
    crm_status: int
    feed_status: str
    progress: Progress | None = None
    exdates: tuple[int, ...] = ()
    clock: str = ""
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What all components of one event share: UID, SEQUENCE, and DTSTAMP as an instant."""

    uid: str
    sequence: int
    dtstamp: int


@dataclass(frozen=True, slots=True)
class Event:
    """One iCalendar event in full: its header and its instances, the master first, then by key."""

    header: Header
    instances: tuple[Instance, ...]


# --- what comes in -----------------------------------------------------------------------------------------------


class Trust(StrEnum):
    """How sure we are that a message comes from whom it speaks for, best first."""

    VOUCHED = "vouched"  # somebody here says so
    TOKEN = "token"  # noqa: S105 - a kind of proof, and none itself: it came to the address that only this person was told
    INSIDE = "inside"  # our own server knows who sent it
    ALIGNED = "aligned"  # DMARC passes for the address it comes from
    ON_BEHALF = "on-behalf"  # Google's calendar sent it for this person
    WEAK = "weak"  # SPF or DKIM passes, but its domain says nothing of DMARC
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is known of who sent a message, before it is known for whom it speaks: mailboxes, normalised, or empty.

    `vouched` tells that somebody here vouches for it; `token` is the row whose token it came under, 0 for none;
    `inside`, `aligned`, `behalf` and `weak` are whom the trust of that name is in; `rejected` tells that the domain
    it claims to be from wants such mail refused.
    """

    vouched: bool = False
    token: int = 0
    inside: str = ""
    aligned: str = ""
    behalf: str = ""
    weak: str = ""
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date or time of a foreign message before it is resolved against a series.

    `wall` is wall seconds as written; `zone` is an IANA name, ``UTC``, or empty for floating or unknown zones;
    `date_only` tells a DATE value (then `wall` is its midnight).
    """

    wall: int
    zone: str
    date_only: bool


@dataclass(frozen=True, slots=True)
class Attendee:
    """One ATTENDEE of a foreign message: normalised address, raw upper-cased PARTSTAT, name, SENT-BY address."""

    address: str
    partstat: str
    name: str = ""
    sent_by: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One VEVENT of a foreign message, reduced to what an answer may say (RFC 5546 3.2.3).

    `sequence` and `dtstamp` (an instant) are None where the message has none: unknown is not 0. `proposed` is the
    start that iOS proposes within a REPLY.
    """

    recurrence: Stamp | None
    this_and_future: bool
    attendees: tuple[Attendee, ...]
    sequence: int | None
    dtstamp: int | None
    organizer: str
    comment: str
    start: Stamp | None
    end: Stamp | None = None
    proposed: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Itip:
    """One scheduling message: METHOD (upper case), UID, its items in order, and what had to be mended to read it."""

    method: str
    uid: str
    items: tuple[Item, ...]
    damage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """The mailbox addresses a message came from (From, Reply-To, Sender; normalised) and its Date as an instant."""

    addresses: tuple[str, ...] = ()
    date: int | None = None
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Invitee:
    """A participant as the weighing sees them: every address of that person, and where their answer stands.

    `crm_status` is the raw status of their row; `answerable` is false for the owner and for resources.
    `reset_sequence` is the SEQUENCE at which an answer was last asked for again.
    """

    row: int
    kind: Kind
    addresses: frozenset[str]
    crm_status: int
    answerable: bool
    reset_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One answerable occurrence of an event: its instance key, start as an instant, its invitees, its seconds."""

    key: int
    start: int
    zone: str
    all_day: bool
    invitees: tuple[Invitee, ...]
    cancelled: bool = False
    length: int = 0


@dataclass(frozen=True, slots=True)
class Invitation:
    """An event as the weighing sees it: its SEQUENCE, every address its organizer ever had, its occurrences.

    `owned_externally` tells that another calendar owns it, and takes the answers to it.
    """

    uid: str
    sequence: int
    organizers: frozenset[str]
    occurrences: tuple[Occurrence, ...]
    owned_externally: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person answered for one instance, as it came: raw PARTSTAT, reply SEQUENCE and DTSTAMP.

    `received` is an instant; `date` the message's own Date. `comment` is trimmed text.
    """

    key: int
    row: int
    partstat: str
    sequence: int | None
    dtstamp: int | None
    received: int
    date: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time that somebody proposes for an instance: from `start` to `end`, instants (RFC 5546 3.2.7).

    `former` tells that they had a version before them that is another by now.
    """

    key: int
    row: int
    start: int
    end: int
    comment: str = ""
    former: bool = False


class Outcome(StrEnum):
    """The one name under which an inbound message ends, or in which it waits."""

    APPLIED = "APPLIED"
    NO_CHANGE = "NO-CHANGE"
    DUPLICATE = "DUPLICATE"
    STALE = "STALE"
    PROPOSAL = "PROPOSAL"
    DELIVERY_FAILED = "DELIVERY-FAILED"
    HELD = "HELD"
    REFUSED_UNKNOWN = "REFUSED-UNKNOWN"
    REFUSED_NOT_INVITED = "REFUSED-NOT-INVITED"
    REFUSED_INSTANCE = "REFUSED-INSTANCE"
    REFUSED_ORGANIZER = "REFUSED-ORGANIZER"
    REFUSED_ROLE = "REFUSED-ROLE"
    REFUSED_AMBIGUOUS = "REFUSED-AMBIGUOUS"
    REFUSED_LIMIT = "REFUSED-LIMIT"
    REFUSED_UNREADABLE = "REFUSED-UNREADABLE"
    NEEDS_HUMAN = "NEEDS-HUMAN"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a message: its outcome, the reason in one sentence, and the answers to apply.

    `answers` is empty unless the outcome is APPLIED or PROPOSAL; they are applied together or not at all, and
    `proposals` with them. `trust` is how sure we are of whom they are from. `again` is the row of who asks to be sent
    the invitation once more, 0 for nobody.
    """

    outcome: Outcome
    reason: str
    answers: tuple[Answer, ...] = ()
    trust: Trust = Trust.NONE
    proposals: tuple[Proposal, ...] = ()
    again: int = 0


# --- what goes out -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Organizer:
    """The ORGANIZER of an event in mail: our mailbox, and whether each guest sees it with a token of their own.

    It is chosen by the event's first mail and stays: another address would look like another organizer.
    """

    mailbox: str
    tokens: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One message owed to one person outside: METHOD, who, the SEQUENCE to send, and which instances it speaks of.

    `organizer` says where answers to the event go.
    """

    method: str
    row: int
    to: Person
    uid: str
    sequence: int
    instances: tuple[Instance, ...]
    organizer: Organizer | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """The complete value that the outside was last told: the event, and the rows of those who know of it.

    `organizer` is the one that mails about it name; None where none was sent.
    """

    event: Event
    told: tuple[int, ...] = ()
    organizer: Organizer | None = None
