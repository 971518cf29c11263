"""The kinds of column the CRM knows, and the one MetaData its tables stand in.

All columns but clobs are NOT NULL with a default of 0 or the empty string, because the CRM writes 0 for
"none" and its SQL leaves newer columns out. A time says which clock it shows by the helper that made it, and
in `Column.info["clock"]`.

Source: the Type column of en/database/tables/*.mdx in the CRM's public documentation.
"""

from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table
from sqlalchemy import text as sql
from sqlalchemy.schema import SchemaItem

SCHEMA: Final = "crm"

metadata: Final = MetaData(schema=SCHEMA, naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})

Columns: TypeAlias = list[Column[Any]]


def _key(name: str) -> Column[Any]:
    """The primary key, not autoincremented: `ids` alone, or the CRM, gives the numbers."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def numbers(names: str) -> Columns:
    """Ids (0 = none), enums, flags, minutes and counts."""
    return [Column(name, Integer, nullable=False, server_default=sql("0")) for name in names.split()]


def wall(names: str) -> Columns:
    """The CRM's DateTime: what the wall clock of the base zone shows, as seconds since 1970; 0 = none."""
    return [_seconds(name, "base zone wall clock") for name in names.split()]


def utc(names: str) -> Columns:
    """The CRM's UtcDateTime: UTC, as seconds since 1970; 0 = never."""
    return [_seconds(name, "utc") for name in names.split()]


def _seconds(name: str, clock: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False, server_default=sql("0"), info={"clock": clock})


def words(length: int, names: str) -> Columns:
    """Strings of the CRM's length; '' = none."""
    return [Column(name, String(length), nullable=False, server_default=sql("''")) for name in names.split()]


def amounts(names: str) -> Columns:
    """Money in the base currency."""
    return [Column(name, Double, nullable=False, server_default=sql("0")) for name in names.split()]


def audit() -> Columns:
    """Who made and last changed the row, and when (UTC); no ETag exists in the CRM."""
    return [
        *utc("registered"),
        *numbers("registered_associate_id"),
        *utc("updated"),
        *numbers("updated_associate_id updatedCount"),
    ]


def table(name: str, number: int, key: str, *items: SchemaItem) -> Table:
    """A table of the CRM by its name and its number."""
    return Table(name, metadata, _key(key), *items, info={"number": number})


def on(*columns: str, unique: bool = False, name: str | None = None) -> Index:
    """An index of the table it is written in."""
    return Index(name, *columns, unique=unique)


def list_table(name: str, number: int, key: str, *items: SchemaItem) -> Table:
    """One of the lists that the CRM's administrator edits; `items` is what is particular to it."""
    named = (*words(239, "name"), *numbers("rank"), *words(254, "tooltip"), *numbers("deleted"))
    return table(name, number, key, *named, *items, *audit(), on("name", unique=True))
