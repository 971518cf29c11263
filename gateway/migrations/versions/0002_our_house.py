"""The tables we own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "announce",
        sa.Column(
            "event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_announce")),
    )
    op.create_index(op.f("ix_announce_due_at"), "announce", ["due_at"], unique=False)
    op.create_table(
        "announced",
        sa.Column(
            "event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_announced")),
    )
    op.create_table(
        "answer",
        sa.Column(
            "answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("partstat", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("dtstamp", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=True),
        sa.Column("inbox_id", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.String(length=12), server_default="mail", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("trust", sa.String(length=24), nullable=False),
        sa.Column("reset_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("type", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_event_id"), "answer", ["event_id"], unique=False)
    op.create_index(
        "ix_answer_live",
        "answer",
        ["appointment_id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "calendar",
        sa.Column(
            "calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=24), server_default="diary", nullable=False),
        sa.Column("adopted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("cursor_date", sa.BigInteger(), server_default="-4611686018427387904", nullable=False),
        sa.Column("cursor_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), nullable=True),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", name=op.f("pk_calendar")),
    )
    op.create_index(op.f("ix_calendar_adopted_wanted_at"), "calendar", ["adopted", "wanted_at"], unique=False)
    op.create_index(op.f("ix_calendar_associate_id_name"), "calendar", ["associate_id", "name"], unique=True)
    op.create_table(
        "credential",
        sa.Column(
            "credential_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("vouch", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("label", sa.String(length=120), server_default="", nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_credential")),
        sa.UniqueConstraint("digest", name=op.f("uq_credential_digest")),
    )
    op.create_index(op.f("ix_credential_associate_id"), "credential", ["associate_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("mother_id", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("dtstamp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("quarantined", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("organizers", sa.Text(), server_default="", nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("first", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event")),
        sa.UniqueConstraint("mother_id", name=op.f("uq_event_mother_id")),
        sa.UniqueConstraint("rule_id", name=op.f("uq_event_rule_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_event_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "frozen",
        sa.Column(
            "frozen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("zones", sa.String(length=255), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("frozen_id", name=op.f("pk_frozen")),
    )
    op.create_index(op.f("ix_frozen_event_id_calendar_id"), "frozen", ["event_id", "calendar_id"], unique=True)
    op.create_table(
        "gateway_dirty",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lane", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_dirty")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gateway_dirty_lane_id"), "gateway_dirty", ["lane", "id"], unique=False)
    op.create_table(
        "house",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("adopted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("adopted_below", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sequence_floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("zone", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house")),
    )
    op.create_table(
        "inbox",
        sa.Column("inbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(length=12), nullable=False),
        sa.Column("trust", sa.String(length=24), nullable=False),
        sa.Column("message_id", sa.String(length=255), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("judged_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("digest", name=op.f("uq_inbox_digest")),
    )
    op.create_index(op.f("ix_inbox_outcome"), "inbox", ["outcome"], unique=False)
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["inbox_id"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "instant",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "key", name=op.f("pk_instant")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_instant_start"), "instant", ["start"], unique=False)
    op.create_table(
        "member",
        sa.Column(
            "appointment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mother_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("associate_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("type", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reset_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_associate_id"), "member", ["associate_id"], unique=False)
    op.create_index(op.f("ix_member_event_id"), "member", ["event_id"], unique=False)
    op.create_table(
        "object",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("shows", sa.Text(), server_default="", nullable=False),
        sa.Column("schedule", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("frozen", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("dismissed_sequence", sa.BigInteger(), nullable=True),
        sa.Column("cloaked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("many", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("first", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("event_id", "calendar_id", name=op.f("pk_object")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_object_calendar_id_name"), "object", ["calendar_id", "name"], unique=False)
    op.create_index("ix_object_range", "object", ["calendar_id", "gone", "many", "first"], unique=False)
    op.create_index("ix_object_range_many", "object", ["calendar_id", "gone", "many", "last"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), server_default="mail", nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="owed", nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_event_id"), "outbox", ["event_id"], unique=False)
    op.create_index(op.f("ix_outbox_state_due_at"), "outbox", ["state", "due_at"], unique=False)
    op.create_table(
        "part",
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("busy", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("zone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("part_id", name=op.f("pk_part")),
    )
    op.create_index(op.f("ix_part_event_id_key"), "part", ["event_id", "key"], unique=True)
    op.create_table(
        "personal",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("feed", sa.String(length=12), server_default="", nullable=False),
        sa.Column("free", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("extra", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "calendar_id", "key", name=op.f("pk_personal")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quarantine",
        sa.Column(
            "quarantine_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("mother_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("mother_id", name=op.f("uq_quarantine_mother_id")),
        sa.UniqueConstraint("rule_id", name=op.f("uq_quarantine_rule_id")),
    )
    op.create_table(
        "sync",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "calendar_id", name=op.f("pk_sync")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sync_calendar_id_revision"), "sync", ["calendar_id", "revision"], unique=False)
    op.create_table(
        "tick",
        sa.Column(
            "revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_tick")),
    )
