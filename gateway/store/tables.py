"""The tables we own (DESIGN section 4), each with one sentence of why.

`revision` counts publications; `instant` columns are UTC seconds; `wall` columns are wall seconds of the zone beside
them; `key` is an instance key (mappings.model). Narrow tables that are read by range have no rowid on SQLite; tables
with wide rows keep theirs, because blobs in interior pages cost reads (measured: 7.5 ms against 3.4 for 500 bodies).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from gateway.store.columns import key as _key
from gateway.store.columns import metadata
from gateway.store.columns import number as _number

__all__ = ["metadata"]

# Marks that the triggers append: what the CRM's rows touched and nobody has projected yet. Ids are never used again,
# so that "delete exactly those marks" can never hit a newer one; no other key, because a conflict in our table would
# make the CRM's own statement fail. Lanes: 0 now, 1 later, 2 waiting for the rest of its rows.
dirty = Table(
    "gateway_dirty",
    metadata,
    _key("id", autoincrement=True),
    Column("lane", SmallInteger, nullable=False, server_default="0"),
    Column("source", String(24), nullable=False),
    Column("ref", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=True),
    Index(None, "lane", "id"),
    sqlite_autoincrement=True,
)

# One row: who this installation is, the key under which it writes tokens into addresses and links, and what of the
# CRM's rows stood there before we came.
house = Table(
    "house",
    metadata,
    _key("id", Integer, autoincrement=False),
    Column("uuid", String(36), nullable=False),
    Column("adopted", Boolean, nullable=False, server_default=false()),
    _number("adopted_below"),
    _number("sequence_floor"),
    Column("key", LargeBinary(32), nullable=True),
    Column("zone", String(64), nullable=False, server_default=""),
)

# One calendar of one associate, and `name` tells which of theirs; `adopted` is false until everything that stood in it
# before us is published.
calendar = Table(
    "calendar",
    metadata,
    _key("calendar_id", autoincrement=True),
    Column("associate_id", BigInteger, nullable=False),
    Column("name", String(24), nullable=False, server_default="diary"),
    Column("adopted", Boolean, nullable=False, server_default=false()),
    _number("cursor_date", -(2**62)),
    _number("cursor_id"),
    Column("wanted_at", BigInteger, nullable=True),
    _number("floor"),
    Index(None, "associate_id", "name", unique=True),
    Index(None, "adopted", "wanted_at"),
)

# One iCalendar event: an appointment, a meeting, a whole series. Its key is the CRM's rule (series) or its
# mother or plain row; UID, SEQUENCE and DTSTAMP are ours and never step back. `related` is the UID of the series that
# it goes on from, where a rule was ended and another begun.
event = Table(
    "event",
    metadata,
    _key("event_id", autoincrement=True),
    Column("rule_id", BigInteger, nullable=True, unique=True),
    Column("mother_id", BigInteger, nullable=True, unique=True),
    Column("uid", String(255), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    _number("sequence"),
    _number("dtstamp"),
    Column("quarantined", Boolean, nullable=False, server_default=false()),
    Column("organizers", Text, nullable=False, server_default=""),
    Column("extra", Text, nullable=True),
    Column("related", String(255), nullable=False, server_default=""),
    _number("first"),
    _number("last"),
    sqlite_autoincrement=True,
)

# How a series recurs in the words of whoever made it, by the CRM's rule: what the CRM's own rule cannot say, and until
# when it has been followed. It is told as it was written as long as the rows follow it.
written_rule = Table(
    "written_rule",
    metadata,
    _key("rule_id", BigInteger, autoincrement=False),
    Column("value", Text, nullable=False),
)

# Any CRM row we have seen, also one just deleted, finds its event; `type` and `status` are what we last saw, so that a
# row that turns to "moved" is noticed, and `reset_sequence` is the SEQUENCE at which that happened.
member = Table(
    "member",
    metadata,
    _key("appointment_id", BigInteger().with_variant(Integer, "sqlite"), autoincrement=False),
    Column("event_id", BigInteger, nullable=False),
    _number("key"),
    _number("mother_id"),
    _number("associate_id"),
    _number("type"),
    _number("status"),
    _number("reset_sequence"),
    Index(None, "event_id"),
    Index(None, "associate_id"),
)

# The rendered component of (event, instance), without the place where a holder's own properties go; `value` is what
# was rendered, so that comparing never looks at bytes; `busy` is the cloaked form; `status` is empty for a to-do, whose
# STATUS is in each holder's own piece.
part = Table(
    "part",
    metadata,
    _key("part_id", autoincrement=True),
    Column("event_id", BigInteger, nullable=False),
    _number("key"),
    Column("value", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("busy", LargeBinary, nullable=False),
    Column("status", String(12), nullable=False),
    Column("zone", String(64), nullable=False, server_default=""),
    Column("private", Boolean, nullable=False, server_default=false()),
    Index(None, "event_id", "key", unique=True),
)

# A calendar's copy of an event. `shows` lists the instances it shows (empty: all); `schedule` is its Schedule-Tag;
# `frozen` tells that its bytes lie in the table of that name; `gone` a tombstone; `dismissed_sequence` the SEQUENCE at
# which its holder deleted it, until it returns; `first`, `last`, `many` repeat the event's instants so that a time
# range begins with the calendar.
object_ = Table(
    "object",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("calendar_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(255), nullable=False),
    Column("shows", Text, nullable=False, server_default=""),
    _number("schedule"),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("frozen", Boolean, nullable=False, server_default=false()),
    Column("dismissed_sequence", BigInteger, nullable=True),
    Column("cloaked", Boolean, nullable=False, server_default=false()),
    Column("many", Boolean, nullable=False, server_default=false()),
    _number("first"),
    _number("last"),
    Index(None, "calendar_id", "name"),
    Index("ix_object_range", "calendar_id", "gone", "many", "first"),
    Index("ix_object_range_many", "calendar_id", "gone", "many", "last"),
    sqlite_with_rowid=False,
)

# The bytes of a copy at the moment it was cancelled or its holder removed, and nothing later; `spans` is its instances
# then, a JSON list of [key, first instant, last instant].
frozen = Table(
    "frozen",
    metadata,
    _key("frozen_id", autoincrement=True),
    Column("event_id", BigInteger, nullable=False),
    Column("calendar_id", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("zones", String(255), nullable=False, server_default=""),
    Column("spans", LargeBinary, nullable=True),
    Index(None, "event_id", "calendar_id", unique=True),
)

# The holder's ETag and everybody's cursor, and nothing else: an answer moves it for all holders by one UPDATE.
# `live` is false for copies that do not follow their event: frozen ones, those that are gone, and cloaked ones of which
# nothing is public (sealed), which change only when what their cloak shows does.
sync = Table(
    "sync",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("calendar_id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("live", Boolean, nullable=False, server_default=true()),
    Index(None, "calendar_id", "revision"),
    sqlite_with_rowid=False,
)

# What only the holder sees: alarms, TRANSP, PRIORITY and the raw CRM status, rendered; `feed` is the STATUS of their
# feed (empty: the feed leaves it out); `extra` is what their client sent and the CRM has no column for.
personal = Table(
    "personal",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("calendar_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("feed", String(12), nullable=False, server_default=""),
    Column("free", Boolean, nullable=False, server_default=false()),
    Column("extra", LargeBinary, nullable=True),
    sqlite_with_rowid=False,
)

# Every occurrence within the horizon, so that time ranges, free-busy and expansion are index reads.
instant = Table(
    "instant",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Index(None, "start"),
    sqlite_with_rowid=False,
)

# The complete value last told to the outside: enough to write a CANCEL when every CRM row is gone.
announced = Table(
    "announced",
    metadata,
    _key("event_id", BigInteger().with_variant(Integer, "sqlite"), autoincrement=False),
    Column("value", LargeBinary, nullable=False),
    _number("told_at"),
)

# Events whose news the outside is owed once they have been quiet for SETTLE.
announce = Table(
    "announce",
    metadata,
    _key("event_id", BigInteger().with_variant(Integer, "sqlite"), autoincrement=False),
    Column("noted_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Index(None, "due_at"),
)

# Every answer ever received, appended and never overwritten, with what it wrote and when it ended.
answer = Table(
    "answer",
    metadata,
    _key("answer_id", autoincrement=True),
    Column("event_id", BigInteger, nullable=False),
    _number("key"),
    Column("appointment_id", BigInteger, nullable=False),
    Column("partstat", String(32), nullable=False),
    Column("sequence", BigInteger, nullable=True),
    Column("dtstamp", BigInteger, nullable=True),
    Column("received", BigInteger, nullable=False),
    Column("date", BigInteger, nullable=True),
    Column("inbox_id", BigInteger, nullable=True),
    Column("door", String(12), nullable=False, server_default="mail"),
    Column("comment", Text, nullable=False, server_default=""),
    Column("proposal", Text, nullable=True),
    Column("trust", String(24), nullable=False),
    _number("reset_sequence"),
    _number("type"),
    _number("status"),
    Column("ended_at", BigInteger, nullable=True),
    Column("end_reason", String(24), nullable=True),
    Column("acknowledged_at", BigInteger, nullable=True),
    Index(None, "event_id"),
    Index(
        "ix_answer_live",
        "appointment_id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# Every message received, byte for byte, with the one named outcome under which it ended.
inbox = Table(
    "inbox",
    metadata,
    _key("inbox_id", autoincrement=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("door", String(12), nullable=False),
    Column("trust", String(24), nullable=False),
    Column("message_id", String(255), nullable=False, server_default=""),
    Column("outcome", String(24), nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("verdict", Text, nullable=True),
    Column("event_id", BigInteger, nullable=True),
    Column("judged_at", BigInteger, nullable=True),
    _number("attempts"),
    Index(
        "ix_inbox_waiting", "inbox_id", sqlite_where=text("outcome IS NULL"), postgresql_where=text("outcome IS NULL")
    ),
    Index(None, "outcome"),
)

# Every effect still owed to the outside. `withheld` effects were planned while their transport was off and are never
# sent by switching it on; `stopped` ones wait until somebody says that so many are right; `dead` ones were given up.
# `delivery` is the SCHEDULE-STATUS (RFC 6638 3.2.9) of its recipient, `message_id` and `language` what was sent.
outbox = Table(
    "outbox",
    metadata,
    _key("outbox_id", autoincrement=True),
    Column("event_id", BigInteger, nullable=False),
    Column("kind", String(12), nullable=False, server_default="mail"),
    Column("method", String(16), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("appointment_id", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False, server_default="owed"),
    Column("planned_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=True),
    _number("attempts"),
    Column("error", Text, nullable=False, server_default=""),
    Column("message_id", String(255), nullable=False, server_default=""),
    Column("language", String(16), nullable=False, server_default=""),
    Column("delivery", String(8), nullable=False, server_default="1.0"),
    Index(None, "state", "due_at"),
    Index(None, "event_id"),
)

# Other times that were proposed for a meeting (RFC 5546 3.2.7), until its owner decides; instants.
proposal = Table(
    "proposal",
    metadata,
    _key("proposal_id", autoincrement=True),
    Column("event_id", BigInteger, nullable=False),
    _number("key"),
    Column("appointment_id", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("former", Boolean, nullable=False, server_default=false()),
    Column("received", BigInteger, nullable=False),
    Column("inbox_id", BigInteger, nullable=True),
    Column("state", String(12), nullable=False, server_default="open"),
    Column("decided_at", BigInteger, nullable=True),
    Index(None, "state", "proposal_id"),
    Index(None, "event_id"),
)

# What an organizer elsewhere last said of an event to which people here are invited by mail, and what they know of our
# answers (`value`, JSON); by its UID, for it is there before the event is published.
asked = Table(
    "asked",
    metadata,
    _key("uid", String(255)),
    Column("value", LargeBinary, nullable=False),
    _number("heard_at"),
)

# Events that could not be projected: set aside one by one, their last good state stays published.
quarantine = Table(
    "quarantine",
    metadata,
    _key("quarantine_id", autoincrement=True),
    Column("rule_id", BigInteger, nullable=True, unique=True),
    Column("mother_id", BigInteger, nullable=True, unique=True),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)

# The publications: a revision and a random nonce. A token names both; a pair that is not here is refused, so that
# after any restore no token of a lost future is honoured.
tick = Table(
    "tick",
    metadata,
    _key("revision", autoincrement=False),
    Column("nonce", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Tokens, kept as SHA-256 of 256 random bits; `last_used` is flushed by the worker, never on the read path.
credential = Table(
    "credential",
    metadata,
    _key("credential_id", autoincrement=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("associate_id", BigInteger, nullable=False),
    Column("scope", String(12), nullable=False),
    Column("vouch", Boolean, nullable=False, server_default=false()),
    Column("label", String(120), nullable=False, server_default=""),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger, nullable=True),
    Column("last_used", BigInteger, nullable=True),
    Index(None, "associate_id"),
)
