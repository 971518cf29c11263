"""How Alembic runs here: on the connection it is given, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from gateway.crm.tables import metadata as theirs
from gateway.store.tables import metadata as ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[ours, theirs],
    include_schemas=True,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds every step
)
context.run_migrations()
