"""Cloaked copies of which nothing is public follow no longer what changes beneath their cloak."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

object_ = sa.table(
    "object",
    *(sa.column(name) for name in ("event_id", "calendar_id")),
    *(sa.column(name, sa.Boolean()) for name in ("gone", "frozen", "cloaked")),
)
part = sa.table("part", sa.column("event_id"), sa.column("private", sa.Boolean()))
sync = sa.table("sync", sa.column("event_id"), sa.column("calendar_id"), sa.column("live", sa.Boolean()))


def upgrade() -> None:
    """Let those that stand here stop following; what they show stays as it is."""
    mine = (object_.c.event_id == sync.c.event_id) & (object_.c.calendar_id == sync.c.calendar_id)
    cloaked = sa.exists().where(mine, object_.c.cloaked, ~object_.c.gone, ~object_.c.frozen)
    public = sa.exists().where(part.c.event_id == sync.c.event_id, ~part.c.private)
    op.get_bind().execute(sa.update(sync).where(sync.c.live, cloaked, ~public).values(live=False))
