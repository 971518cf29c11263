"""The schema's history: Alembic from the first table on, for both databases; triggers are re-made after each run."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.crm import watch
from gateway.errors import SchemaOutOfDate

HERE = Path(__file__).parent


def upgrade(connection: Connection, *, embedded: bool, to: str = "head") -> None:
    """Bring the schema up to a revision and re-make the triggers, in the caller's transaction.

    `embedded`: the CRM's own tables are ours to make; otherwise they are only watched.
    """
    command.upgrade(_config(connection, embedded=embedded), to)
    watch.install(connection)


def check(connection: Connection) -> None:
    """Raise SchemaOutOfDate unless the schema is of this version and every trigger stands as it should."""
    head = ScriptDirectory.from_config(_config(connection, embedded=True)).get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise SchemaOutOfDate(f"The database is at revision {current or 'none'}, not {head}: run `partstat init`.")
    lacking = watch.missing(connection)
    if lacking:
        raise SchemaOutOfDate(f"Triggers are missing or altered ({', '.join(lacking)}): run `partstat init`.")


def _config(connection: Connection, *, embedded: bool) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["embedded"] = embedded
    return config
